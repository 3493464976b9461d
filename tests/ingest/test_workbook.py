"""Workbooks are read as other lists are; formulas, errors, bombs and damage are told or refused."""

from __future__ import annotations

import contextlib
import sys
import zipfile
from datetime import date, datetime

import openpyxl
import pytest
from contract import DAMAGES, damaged
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provenance.errors import TableError
from provenance.ingest import workbook as room
from provenance.ingest.sightings import COLUMNS
from provenance.ingest.table import rows


@pytest.fixture
def workbook(tmp_path):
    def write(*sheets):
        made = openpyxl.Workbook()
        made.remove(made.active)
        for number, lines in enumerate(sheets):
            sheet = made.create_sheet(f"S{number}")
            for line in lines:
                sheet.append(line)
        made.save(tmp_path / "list.xlsx")
        return tmp_path / "list.xlsx"

    return write


def read(path, names=None, *, ignore_others=False):
    return [(row.line, row.values) for row in rows(path, COLUMNS, ("path",), names, ignore_others)]


def test_dates_and_numbers_become_what_lists_write(workbook):
    path = workbook(
        [["Path", "published", "caption"]]
        + [
            ["a.jpg", when, 7.0]
            for when in (datetime.fromisoformat("2016-12-13"), date(2016, 12, 14), 2016, "2016-12~")
        ]
        + [["b.jpg", datetime.fromisoformat("2016-12-13 10:11"), True]]
    )
    assert [values["published"] for _, values in read(path)] == [
        "2016-12-13", "2016-12-14", "2016", "2016-12~", "2016-12-13 10:11:00",
    ]  # fmt: skip
    assert read(path)[0] == (2, {"path": "a.jpg", "published": "2016-12-13", "caption": "7"})


def test_empty_rows_are_left_out_and_row_numbers_are_those_of_the_sheet(workbook):
    path = workbook([[], ["path", "place"], [None, None], ["a.jpg", " "], [], ["b.jpg", "حلب"]])
    assert read(path) == [(4, {"path": "a.jpg"}), (6, {"path": "b.jpg", "place": "حلب"})]


def test_the_sheet_with_the_list_is_found_wherever_it_is(workbook):
    assert read(workbook([["Notes"], ["x"]], [["File"], ["a.jpg"]]), {"path": "file"}) == [
        (2, {"path": "a.jpg"})
    ]


def test_two_sheets_that_look_like_the_list_stop_the_run(workbook):
    with pytest.raises(TableError, match="'S0' and 'S1' both look like the list"):
        read(workbook([["path"], ["a.jpg"]], [["path"], ["b.jpg"]]))


def test_a_formula_is_never_evaluated(workbook):
    """Nothing but a spreadsheet program stores a value for it."""
    assert read(workbook([["path", "place"], ["a.jpg", '="Al" & "eppo"']])) == [(2, {"path": "a.jpg"})]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([["path", "place"], ["a.jpg", "#REF!"]], "row 2: the cell of 'place' holds the error #REF!"),
        ([["path"], ["a.jpg", "stray"]], "row 2: a cell stands in a column without a name"),
        ([["path", "author"], ["a.jpg", "A"]], "no column 'author'"),
        ([["author"], ["A"]], "no column 'author'"),
        ([["path", "Path"], ["a.jpg", "b.jpg"]], "named twice"),
        ([[]], "is empty"),
    ],
)
def test_a_wrong_sheet_stops_the_run_and_says_where(workbook, lines, told):
    with pytest.raises(TableError, match=told):
        read(workbook(lines))


def test_other_columns_can_be_left_alone(workbook):
    path = workbook([["id", "path", None, "id"], [1, "a.jpg", "stray", 2, "more"]])
    assert read(path, ignore_others=True) == [(2, {"path": "a.jpg"})]


def test_a_date_that_no_calendar_has_is_an_error_of_its_cell(workbook):
    path = workbook([["path", "published"], ["a.jpg", datetime.fromisoformat("2016-01-01")]])
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    assert b"<v>42370</v>" in parts[sheet]
    parts[sheet] = parts[sheet].replace(b"<v>42370</v>", b"<v>99999999999</v>")
    with zipfile.ZipFile(path, "w") as new:
        for name, content in parts.items():
            new.writestr(name, content)
    with pytest.raises(TableError, match="row 2: the cell of 'published' holds the error"):
        read(path)


@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"])
def test_what_unpacks_to_too_much_is_refused_unread(workbook, monkeypatch, part):
    path = workbook([["path"], ["a.jpg"]])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr(part.replace(".xml", "9.xml"), b" " * 3_000_000)
    monkeypatch.setattr(room, "MOST_PART", 1_000_000)
    monkeypatch.setattr(room, "MOST_UNPACKED", 2_000_000)
    assert path.stat().st_size < 20_000
    with pytest.raises(TableError, match="unpacks to more than is read"):
        read(path)


def test_without_openpyxl_the_user_is_told_what_to_install(workbook, monkeypatch):
    path = workbook([["path"], ["a.jpg"]])
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(TableError, match="openpyxl") as error:
        read(path)
    assert "provenance[xlsx]" in error.value.advice


@given(DAMAGES)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_damage_is_a_table_error(workbook, damage):
    path = workbook([["path", "place"], ["a.jpg", "Aleppo"], ["b.jpg", 2]])
    path.write_bytes(damaged(path.read_bytes(), damage))
    with contextlib.suppress(TableError):
        read(path)


cells = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=20).filter(
    lambda text: not text.startswith(("=", "#")) and text == text.strip()
)


@given(st.lists(st.tuples(cells, cells), max_size=5))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_survives_a_workbook(workbook, written):
    path = workbook([["path", "place"], *map(list, written)])
    assert [tuple(values.values()) for _, values in read(path)] == written
