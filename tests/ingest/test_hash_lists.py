"""Lists of hashes become images without pictures, in every form in which partners hand them on."""

from __future__ import annotations

import csv
import hashlib
import json
import pickle

import pytest
from contract import Made, SourceContract
from hypothesis import given
from hypothesis import strategies as st

from provenance.errors import UsageError
from provenance.evidence.dates import parse_edtf
from provenance.ingest.hash_list import HashList, is_hash_list
from provenance.ingest.interface import Reading
from provenance.ingest.registry import kind_of
from provenance.model import Skipped, Submission

READING = Reading(parse_edtf, lambda _file, _name: iter(()))
ONE = "acecf3355e3125c8e24e2f30e0d4ec4f8482b878b3c34cdbdf063278db275992"
TWO = "e875634b9df48df5bd7f1695c796287e8a0ec0603c0c478170fc9d0f81ea60f4"
"""Of ThreatExchange's published samples."""

THREATEXCHANGE = f"""collab,signal_type,signal_str,category,tags
Sample Signals,pdq,{ONE},WORTH_INVESTIGATING,
Sample Signals,pdq,{TWO.upper()},POSITIVE_CLASS,first second
Sample Signals,video_md5,0123456789abcdef0123456789abcdef,POSITIVE_CLASS,
Sample Signals,pdq,{ONE},NEGATIVE_CLASS,
"""
SAMPLES = f"{ONE},2880742865368386,2020-07-31T18:47:52+0000,disputed media_type_photo\n{TWO},1,2020,x\n"
HASHER = f"{ONE},100,bridge.jpg\n{TWO},49,sky.jpg\n"
OWN = f"""pdq,quality,note,desk,outlet,published,place,url
{ONE},88,known fake,Desk B,Example Wire,2016-12~,Aleppo,https://example.org/1
{TWO},,,,,,,
"""


@pytest.fixture
def listed(tmp_path):
    def write(content, name="list.csv"):
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        return path

    return write


class TestHashList(SourceContract):
    @pytest.fixture
    def made(self, listed, tmp_path):
        return Made(HashList(listed(THREATEXCHANGE), parse_edtf), tmp_path, photos=2, skipped=2)


def collected(path):
    return list(HashList(path, parse_edtf).collect())


def taken(items):
    return [item for item in items if isinstance(item, Submission)]


def skipped(items):
    return [item for item in items if isinstance(item, Skipped)]


@pytest.mark.parametrize(
    ("content", "codes", "notes", "reasons"),
    [
        (THREATEXCHANGE, [ONE, TWO],
         ["category WORTH_INVESTIGATING", "category POSITIVE_CLASS; tags first second"],
         ["its hash is of the kind 'video_md5'", "the list says that it is no match: category NEGATIVE_CLASS"]),
        (SAMPLES, [ONE, TWO],
         ["tags disputed media_type_photo; id 2880742865368386; added_on 2020-07-31T18:47:52+0000",
          "tags x; id 1; added_on 2020"], []),
        (HASHER, [ONE], ["file bridge.jpg"], ["its quality is below 50"]),
        (OWN, [ONE, TWO], ["known fake", None], []),
        (f"hash;notes\n{ONE};a;\n".replace("a;", "a"), [ONE], ["a"], []),
        (f"raw_indicator,type,status,tags\n{ONE},HASH_PDQ,MALICIOUS,t\n{TWO},HASH_PDQ,NON_MALICIOUS,t\n", [ONE],
         ["status MALICIOUS; tags t"], ["the list says that it is no match: status NON_MALICIOUS"]),
    ],
)  # fmt: skip
def test_each_known_form_is_recognised_and_read(listed, content, codes, notes, reasons):
    path = listed(content)
    assert is_hash_list(path)
    items = list(kind_of(path).open(path, READING).collect())
    assert [s.record.fingerprints[0].code.hex() for s in taken(items)] == codes
    assert [s.sighting.note for s in taken(items)] == notes
    assert [s.reason[: len(reason)] for s, reason in zip(skipped(items), reasons, strict=True)] == reasons


def test_a_row_is_an_image_known_by_its_hash_only_and_searchable(listed):
    first, second = taken(collected(listed(OWN)))
    record, said = first.record, first.sighting
    assert (record.sha256, record.width, record.height, record.preview, record.local) == (
        f"pdq:{ONE}",
        0,
        0,
        b"",
        None,
    )
    assert [(f.algorithm, f.version, f.quality, f.searchable) for f in record.fingerprints] == [
        ("pdq", 1, 88, True)
    ]
    assert (said.outlet, said.place, said.url, said.published.text) == (
        "Example Wire", "Aleppo", "https://example.org/1", "2016-12~",
    )  # fmt: skip
    assert second.record.fingerprints[0].quality is None
    assert second.record.fingerprints[0].searchable
    assert second.sighting.desk is None


def test_a_list_cannot_speak_in_the_name_of_a_desk_that_signs(listed):
    assert taken(collected(listed(OWN)))[0].sighting.desk == "Desk B (in list.csv)"
    assert taken(collected(listed(THREATEXCHANGE)))[0].sighting.desk == "Sample Signals (in list.csv)"


def test_json_lines_are_read_too(listed):
    rows = [{"pdq": ONE, "note": "a", "published": "2016"}, {"pdq": TWO, "tags": None}]
    path = listed("".join(json.dumps(row) + "\n" for row in rows), "list.jsonl")
    assert is_hash_list(path)
    assert [s.sighting.note for s in taken(collected(path))] == ["a", None]


@pytest.mark.parametrize(
    "row", ["", "xyz", ONE[:-1], ONE + "0", "0" * 64, "f" * 64, "g" * 64, "٠" * 64, "0" * 62 + "ff"]
)
def test_what_is_no_hash_of_a_picture_with_texture_is_skipped_with_its_line(listed, row):
    items = collected(listed(f"pdq,note\n{ONE},a\n{row},b\n"))
    assert [type(item) for item in items] == [Submission, Skipped]
    assert items[1].path.endswith("list.csv:3")


@pytest.mark.parametrize("quality", ["-1", "101", "high", "1e1", "²"])
def test_a_quality_that_is_none_is_skipped(listed, quality):
    (item,) = collected(listed(f"pdq,quality\n{ONE},{quality}\n"))
    assert "not a number from 0 to 100" in item.reason


def test_a_date_that_is_none_is_skipped_with_the_reason(listed):
    (item,) = collected(listed(f"pdq,published\n{ONE},yesterday\n"))
    assert "yesterday" in item.reason


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("path,hash\na.jpg,b\n", "list.csv"),
        ("path,outlet\na.jpg,b\n", "list.csv"),
        (f"hash,something_else\n{ONE},b\n", "list.csv"),
        (f"{ONE}\n", "list.txt"),
        ("", "list.csv"),
        ("[" * 100_000, "list.jsonl"),
        ("[1]\n", "list.jsonl"),
    ],
)
def test_other_tables_are_left_to_others(listed, content, name):
    assert not is_hash_list(listed(content, name))


def test_where_a_hash_came_from_is_no_file_that_could_be_opened(listed):
    (item,) = taken(collected(listed(f"pdq\n{ONE}\n")))
    assert item.sighting.location.endswith(f"list.csv#pdq={ONE}")
    assert item.sighting.path == item.path
    assert item.file.is_file()


def test_collecting_twice_gives_the_same_and_it_can_be_sent_to_another_process(listed):
    path = listed(THREATEXCHANGE)
    items = collected(path)
    assert collected(path) == items == pickle.loads(pickle.dumps(items))


@given(
    st.binary(max_size=300) | st.text(max_size=300).map(str.encode),
    st.sampled_from(["a.csv", "a.jsonl", "a.tsv"]),
)
def test_hostile_lists_are_refused_or_skipped_and_never_anything_else(tmp_path_factory, content, name):
    path = tmp_path_factory.mktemp("hostile") / name
    path.write_bytes(content)
    is_hash_list(path)
    try:
        items = collected(path)
    except UsageError:
        return
    assert all(item.record if isinstance(item, Submission) else item.reason for item in items)


BALANCED = st.binary(min_size=16, max_size=16).map(lambda half: half + bytes(byte ^ 0xFF for byte in half))
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=20)


@given(st.lists(st.tuples(BALANCED, st.none() | st.integers(50, 100), TEXT), min_size=1, max_size=5))
def test_every_row_that_is_written_is_read_back(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("written") / "list.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["pdq", "quality", "note"])
        writer.writerows(
            [code.hex(), "" if quality is None else quality, note] for code, quality, note in rows
        )
    read = [
        (s.record.fingerprints[0].code, s.record.fingerprints[0].quality, s.sighting.note)
        for s in taken(collected(path))
    ]
    assert read == [(code, quality, note.strip() or None) for code, quality, note in rows]


def test_a_list_of_digests_is_no_list_of_hashes(listed):
    assert not is_hash_list(listed(f"sha256\n{hashlib.sha256(b'a').hexdigest()}\n"))
