"""Lists and claims are read strictly: a wrong table stops the run, a wrong row is told and the rest goes on."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provenance.errors import DateError, TableError
from provenance.ingest.claims import read_claims
from provenance.ingest.sightings import SightingList
from provenance.ingest.table import rows
from provenance.model import DateRange, Skipped


def parse_date(text):
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise DateError(f"{text!r} is no date.", "Write 2016-12-13.") from None
    return DateRange(text, day, day)


@pytest.fixture
def table(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    (tmp_path / "a.jpg").touch()
    (tmp_path / "b.jpg").touch()
    return write


def sightings(path):
    return list(SightingList(path, parse_date).collect())


QUOTED = '"before, the ""gate"""'


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("l.csv", f"path,published,place,caption\na.jpg,2016-12-13,حلب,{QUOTED}\n"),
        ("l.csv", f"\ufeffpath;published;place;caption\r\na.jpg;2016-12-13;حلب;{QUOTED}\r\n"),
        ("l.tsv", f"path\tpublished\tplace\tcaption\na.jpg\t2016-12-13\tحلب\t{QUOTED}\n"),
        (
            "l.jsonl",
            json.dumps(
                {"path": "a.jpg", "published": "2016-12-13", "place": "حلب", "caption": 'before, the "gate"'}
            ),
        ),
    ],
)
def test_the_same_sighting_is_read_from_every_form(table, name, text):
    (item,) = sightings(table(name, text))
    assert item.sighting.published == DateRange("2016-12-13", date(2016, 12, 13), date(2016, 12, 13))
    assert (item.sighting.place, item.sighting.caption) == ("حلب", 'before, the "gate"')
    assert item.sighting.outlet is None


def test_a_row_that_cannot_be_taken_is_told_with_its_line_and_the_rest_goes_on(table):
    path = table("l.csv", "path,published\na.jpg,soon\nmissing.jpg,\n,2016-01-01\n\nb.jpg,2016-12-13\n")
    *skipped, last = sightings(path)
    assert [(item.path.rsplit(":", 1)[1], item.reason.split(".")[0]) for item in skipped] == [
        ("2", "'soon' is no date"),
        ("3", "no such file: missing"),
        ("4", "the row names no photo: its path is empty"),
    ]
    assert all(isinstance(item, Skipped) for item in skipped)
    assert last.file.name == "b.jpg"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("l.csv", "path,publisched\n", "no column 'publisched'"),
        ("l.csv", "outlet\nWire\n", "no column 'path'"),
        ("l.csv", "path,path\n", "named twice"),
        ("l.csv", "", "is empty"),
        ("l.csv", b"path\n\xff\xfe.jpg\n", "not UTF-8"),
        ("l.csv", "path,outlet\na.jpg,b,c\n", "line 2: 3 cells for 2 columns"),
        ("l.csv", 'path\n"a.jpg\n', "line 2"),
        ("l.jsonl", "{", "line 1: not JSON"),
        ("l.jsonl", "[" * 100_000, "line 1: not JSON"),
        ("l.jsonl", "[]", "line 1: not a JSON object"),
        ("l.jsonl", '{"file": "a.jpg"}', "no column 'file'"),
    ],
)
def test_a_wrong_table_stops_the_run_and_says_where(table, name, text, told):
    with pytest.raises(TableError, match=told):
        sightings(table(name, text))


def test_a_row_with_a_nul_names_no_file(table):
    """Python 3.11 reads NUL as a character, earlier and later ones refuse it."""
    try:
        (item,) = sightings(table("l.csv", b"path\na\x00b\n"))
    except TableError:
        return
    assert isinstance(item, Skipped)


def test_a_misspelt_column_gets_a_suggestion(table):
    with pytest.raises(TableError) as error:
        sightings(table("l.csv", "path,publised\n"))
    assert "Did you mean 'published'?" in error.value.advice


@given(
    st.lists(
        st.fixed_dictionaries({"path": st.just("a"), "place": st.text(min_size=1, max_size=30)}), max_size=5
    )
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_survives_csv_and_jsonl(tmp_path, written):
    clean = [r for r in written if r["place"].isprintable() and r["place"].strip()]
    sheet = io.StringIO()
    writer = csv.DictWriter(sheet, ["path", "place"])
    writer.writeheader()
    writer.writerows(clean)
    (tmp_path / "t.csv").write_text(sheet.getvalue(), encoding="utf-8", newline="")
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, clean)), encoding="utf-8")
    expected = [r["place"].strip() for r in clean]
    for name in ("t.csv", "t.jsonl") if clean else ("t.csv",):
        read = rows(tmp_path / name, ("path", "place"), ("path",))
        assert [row.values["place"] for row in read] == expected


@given(st.binary(max_size=200))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_a_table_or_a_table_error(tmp_path, content):
    for name in ("t.csv", "t.jsonl"):
        (tmp_path / name).write_bytes(content)
        with contextlib.suppress(TableError):
            list(rows(tmp_path / name, ("path",), ("path",)))


def test_claims_are_found_by_path_and_a_digest_says_more(table):
    claims = read_claims(
        table("c.csv", f"path,sha256,date,place\na.jpg,,2024-11-29,Aleppo\n,{'F' * 64},2024-11-30,\n"),
        parse_date,
    )
    folder = claims_folder = table("x", "").parent
    assert claims.of(folder / "a.jpg", "0" * 64).place == "Aleppo"
    assert claims.of(claims_folder / "a.jpg", "f" * 64).date.text == "2024-11-30"
    assert claims.of(folder / "b.jpg", "0" * 64) is None


def test_a_claim_about_a_photo_that_is_not_there_is_told(table):
    text = f"path,sha256,date\ngone.jpg,,2024-11-29\na\0b,,2024-11-29\ngone.jpg,{'a' * 64},2024-11-30\n"
    claims = read_claims(table("c.jsonl", "\n".join(
        json.dumps(dict(zip(("path", "sha256", "date"), line.split(","), strict=True)))
        for line in text.splitlines()[1:]
    )), parse_date)  # fmt: skip
    assert [skipped.path.rsplit(":", 1)[1] for skipped in claims.skipped] == ["1", "2"]
    assert list(claims.by_digest) == ["a" * 64]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("path,dates\n", "no column 'dates'"),
        ("date\n2024-11-29\n", "no column 'path' or 'sha256'"),
        ("path,date\na.jpg,29/11/2024\n", "line 2: '29/11/2024' is no date"),
        ("path,date\na.jpg,2024-11-29\na.jpg,2024-11-28\n", "line 3: a second, different claim"),
        ("path,sha256,date\n,,2024-11-29\n", "line 2: the row names no photo"),
    ],
)
def test_a_claim_that_cannot_be_read_stops_the_run(table, text, told):
    with pytest.raises(TableError, match=told):
        read_claims(table("c.csv", text), parse_date)
