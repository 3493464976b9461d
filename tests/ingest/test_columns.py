"""Tables name columns their own way, and have more than ours: both can be told."""

from __future__ import annotations

import csv

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provenance.errors import TableError
from provenance.evidence.dates import parse_edtf
from provenance.ingest.sightings import COLUMNS, SightingList
from provenance.ingest.table import rows


@pytest.fixture
def table(tmp_path):
    def write(name, text):
        (tmp_path / "a.jpg").touch()
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return write


def read(path, names=None, *, ignore_others=False):
    return [row.values for row in rows(path, COLUMNS, ("path",), names, ignore_others)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.csv", "File,Date_Online\na.jpg,2016\n"),
        ("t.tsv", "File\tDate_Online\na.jpg\t2016\n"),
        ("t.jsonl", '{"File": "a.jpg", "Date_Online": 2016}\n'),
    ],
)
def test_columns_are_found_by_the_tables_own_names_whatever_their_case(table, name, text):
    assert read(table(name, text), {"path": "file", "published": "date_online"}) == [
        {"path": "a.jpg", "published": "2016"}
    ]


def test_a_column_of_our_name_gives_way_to_the_one_that_was_mapped(table):
    """Content systems have a `published` that says yes or no."""
    path = table("t.csv", "path,published,online\na.jpg,yes,2016-12-13\n")
    names = {"published": "online"}
    assert read(path, names, ignore_others=True) == [{"path": "a.jpg", "published": "2016-12-13"}]
    with pytest.raises(TableError, match="no column 'published'"):
        read(path, names)


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl"])
def test_a_mapped_column_that_is_not_there_is_told_with_those_that_are(table, name):
    text = (
        "path,outlet\na.jpg,W\n"
        if name == "t.csv"
        else '{"path": "a.jpg"}\n{"path": "a.jpg", "outlet": "W"}\n'
    )
    with pytest.raises(TableError, match="no column 'outlets', which is to be 'credit'") as error:
        read(table(name, text), {"credit": "outlets"})
    assert error.value.advice == "Did you mean 'outlet'? The table has: path, outlet."


def test_a_record_need_not_have_a_mapped_column_that_others_have(table):
    path = table("t.jsonl", '{"path": "a.jpg"}\n{"path": "a.jpg", "day": "2016"}\n')
    assert read(path, {"published": "day"}) == [{"path": "a.jpg"}, {"path": "a.jpg", "published": "2016"}]


def test_an_unknown_column_stops_the_run_and_says_how_to_go_on(table):
    with pytest.raises(TableError, match="no column 'author'") as error:
        read(table("t.csv", "path,author\na.jpg,A\n"))
    assert "--map OURS=THEIRS" in error.value.advice
    assert "--ignore-other-columns" in error.value.advice


def test_other_columns_can_be_left_alone_even_nameless_and_repeated_ones(table):
    path = table("t.csv", "path,id,id,,\na.jpg,1,2,3,4\n")
    assert read(path, ignore_others=True) == [{"path": "a.jpg"}]


def test_without_the_column_that_names_the_photo_nothing_is_ignored(table):
    with pytest.raises(TableError, match="no column 'path'") as error:
        read(table("t.csv", "datei,titel\na.jpg,x\n"), ignore_others=True)
    assert "--map path=NAME" in error.value.advice
    assert "The table has: datei, titel." in error.value.advice


def test_every_column_reaches_the_sighting(table):
    values = {
        "path": "a.jpg", "url": "https://example.org/i.jpg", "outlet": "Wire", "published": "2016-12-13",
        "place": "Aleppo", "caption": "The gate", "credit": "A. Person", "licence": "CC BY", "note": "from a CD",
        "page": "https://example.org/1", "archived": "2017-01", "rating": "Miscaptioned",
    }  # fmt: skip
    path = table("t.csv", "")
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([COLUMNS, [values[name] for name in COLUMNS]])
    (item,) = SightingList(path, parse_edtf).collect()
    said = {name: getattr(item.sighting, name) for name in COLUMNS if name != "path"}
    dates = {name: said.pop(name).text for name in ("published", "archived")}
    assert {**said, **dates, "path": "a.jpg"} == values


names = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=8).filter(
    lambda name: name.lower() not in COLUMNS and name == name.strip() and len(name.lower()) == len(name)
)


@given(st.lists(names, min_size=1, max_size=len(COLUMNS), unique_by=str.lower), st.randoms())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_map_undoes_any_renaming(tmp_path, theirs, random):
    ours = ["path", *random.sample([c for c in COLUMNS if c != "path"], len(theirs) - 1)]
    with (tmp_path / "t.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([theirs, [f"value of {name}" for name in ours]])
    assert read(tmp_path / "t.csv", dict(zip(ours, theirs, strict=True))) == [
        {name: f"value of {name}" for name in ours}
    ]
