"""What lies beside a photo is told as that file's word, and never as a publication that it does not state."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provenance.evidence.dates import parse_edtf
from provenance.evidence.statements import stated_beside
from provenance.ingest.folder import FolderSource
from provenance.ingest.interface import Reading
from provenance.ingest.sidecars import Sidecars, sidecar_names
from provenance.model import Skipped, Submission

XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 photoshop:DateCreated="2016-12-13T23:30:00+03:00" xmp:CreateDate="2020-01-01" photoshop:City="Aleppo"
 photoshop:Country="Syria" photoshop:Credit="Example Wire">
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">The gate</rdf:li></rdf:Alt></dc:description>
</rdf:Description></rdf:RDF></x:xmpmeta>"""


@pytest.fixture
def collect(tmp_path):
    """Return what a folder with one photo, `name`, and these files beside it gives."""

    def call(files, name="a.jpg", **reading):
        (tmp_path / name).touch()
        for beside, content in files.items():
            text = content if isinstance(content, str) else json.dumps(content)
            (tmp_path / beside).write_text(text, encoding="utf-8")
        beside = Sidecars(Reading(parse_edtf, read_xmp=stated_beside, **reading))
        return list(FolderSource(tmp_path, beside.told).collect())

    return call


@pytest.mark.parametrize("name", ["a.jpg.xmp", "a.xmp"])
def test_xmp_says_when_it_was_taken_and_where_but_never_when_it_was_published(collect, name):
    (item,) = collect({name: XMP})
    said = item.sighting
    assert (said.captured.text, said.published) == ("2016-12-13", None)
    assert (said.caption, said.credit, said.place) == ("The gate", "Example Wire", "Aleppo, Syria")
    assert said.note == f"captured, caption, credit, place: as {name} says"


def test_json_with_our_names_says_what_a_row_of_a_list_would(collect):
    (item,) = collect(
        {"a.json": {"published": "2016-12", "outlet": "Wire", "note": "by mail", "archived": None}}
    )
    assert (item.sighting.published.text, item.sighting.outlet) == ("2016-12", "Wire")
    assert item.sighting.note == "by mail; outlet, published: as a.json says"


def test_the_file_that_names_the_photo_exactly_counts_and_json_fills_before_xmp(collect):
    (item,) = collect({"a.jpg.json": {"place": "Homs"}, "a.json": {"place": "Hama"}, "a.xmp": XMP})
    assert (item.sighting.place, item.sighting.caption) == ("Homs", "The gate")
    assert item.sighting.note == "place: as a.jpg.json says; captured, caption, credit: as a.xmp says"


def test_takeout_says_the_days_on_which_it_can_have_been_taken(collect):
    """1481673600 is midnight in London: the 13th or the 14th, wherever it was."""
    taken = {
        "photoTakenTime": {"timestamp": "1481673600"},
        "description": "our street",
        "geoData": {"latitude": 1},
    }
    (item,) = collect({"a.jpg.supplemental-metadata.json": taken})
    said = item.sighting
    assert (said.captured.earliest, said.captured.latest) == (date(2016, 12, 13), date(2016, 12, 14))
    assert parse_edtf(said.captured.text) == said.captured
    assert (said.caption, said.place, said.published) == ("our street", None, None)


@pytest.mark.parametrize(
    "seconds", ["0", "", "soon", "99999999999999999999", "-99999999999", "4102444800", None]
)
def test_a_time_that_cannot_be_one_of_capture_is_none(collect, seconds):
    (item,) = collect({"a.jpg.json": {"photoTakenTime": {"timestamp": seconds}}})
    assert item.sighting.captured is None


@pytest.mark.parametrize(
    ("photo", "name"),
    [
        ("a.jpg", "a.jpg.supplemental-metadata.json"),
        ("a(1).jpg", "a.jpg(1).json"),
        ("a(1).jpg", "a.jpg.supplemental-metadata(1).json"),
        ("Screenshot_20161213-101112_A_Browser.jpg", "Screenshot_20161213-101112_A_Browser.jpg.suppl.json"),
        ("x" * 60 + ".jpg", "x" * 46 + ".json"),
    ],
)
def test_googles_shortened_names_are_found(photo, name):
    assert name in sidecar_names(photo)


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"a.json": "{"}, "it is not JSON"),
        ({"a.json": "[" * 100_000}, "it is not JSON"),
        ({"a.json": {"place": "Homs", "publised": "2016"}}, "Did you mean 'published'?"),
        ({"a.json": {"published": "13/12/2016"}}, "13/12/2016"),
        ({"a.xmp": "<x:xmpmeta"}, "XMP packet was not read to its end"),
        ({"a.json": " " * (4 * 2**20 + 1)}, "larger than 4,194,304 bytes"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_and_the_photo_is_taken_without_it(collect, files, told):
    skipped, item = collect(files)
    assert isinstance(skipped, Skipped)
    assert skipped.path.endswith(next(iter(files)))
    assert "the photo is taken without it" in skipped.reason
    assert told in skipped.reason
    assert isinstance(item, Submission)
    assert item.sighting.note is None


def test_columns_are_mapped_and_others_ignored_as_in_lists(collect):
    files = {"a.json": {"ort": "Homs", "id": 7}}
    (item,) = collect(files, columns={"place": "ort"}, ignore_other_columns=True)
    assert item.sighting.place == "Homs"


@pytest.mark.parametrize("content", [{"exif": {"Make": "X"}}, ["place"], "7", {}])
def test_another_programs_json_is_left_alone(collect, content):
    (item,) = collect({"a.json": content})
    assert item.sighting.note is None


@given(st.dictionaries(st.sampled_from(["place", "published", "photoTakenTime", "x"]), st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=9), lambda inner: st.lists(inner, max_size=2)
    | st.dictionaries(st.sampled_from(["timestamp", "y"]), inner, max_size=2), max_leaves=4)))  # fmt: skip
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_sidecar_says_its_photo_is_taken(collect, content):
    *skipped, item = collect({"a.json": content})
    assert isinstance(item, Submission)
    assert all(isinstance(one, Skipped) for one in skipped)
