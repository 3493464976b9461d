"""CSV reads back, has every photo, and holds nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from provenance.report.csv_report import COLUMNS, report_csv

DANGEROUS = "=+-@\t\r\n＝＋－＠"
"""As OWASP lists them under CSV injection."""


def rows(report):
    """Return the rows as a spreadsheet reads them."""
    written = report_csv(report)
    assert written.startswith("\ufeff")
    assert written.endswith('"\r\n')
    written.encode()
    return list(csv.DictReader(io.StringIO(written.removeprefix("\ufeff"), newline=""), strict=True))


def test_it_is_as_it_was(mixed, snapshot):
    snapshot("report.csv", report_csv(mixed))


def test_there_is_a_row_for_each_photo_and_match_and_for_each_skipped_photo(mixed):
    told = rows(mixed)
    assert [(row["path"].split("/")[-1], row["verdict"], row["match"], row["fails"]) for row in told] == [
        ("clean.jpg", "nothing found", "", "no"),
        ("warned.jpg", "worth a look", "", "no"),
        ("fails, 100%.jpg", "flagged", "1", "yes"),
        ("fails, 100%.jpg", "flagged", "2", "yes"),
        ("let-pass.jpg", "flagged", "1", "no"),
        ("unsettled.jpg", "inconclusive", "1", "no"),
        ("accepted.jpg", "flagged", "1", "no"),
        ("c.jpg", "skipped", "", ""),
    ]
    assert told[2]["first_seen"] == "2016-12"
    assert told[2]["first_seen_latest"] == "2016-12-31"
    assert told[2]["changed_regions"] == "replaced 30x40 at 10 20 | bar 900x40 at 0 560"
    assert told[-1]["skipped_reason"] == "0 bytes: fetch the file again"


def test_every_column_is_documented():
    documented = (Path(__file__).parents[2] / "docs" / "reports.md").read_text()
    assert [name for name in COLUMNS if f"`{name}`" not in documented] == []


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("  @SUM(A1)", "  '@SUM(A1)"),
        ('"=1', "\"'=1"),
        ("＝1+1", "'＝1+1"),
        ("\t=1", "\\t=1"),
        ("a;=cmd|' /C calc'!A0", "a;'=cmd|' /C calc'!A0"),
        ("2016-12-13, up - and down", "2016-12-13, up - and down"),
        ("https://example.org/?a=b", "https://example.org/?a=b"),
    ],
)
def test_a_formula_becomes_text_and_other_text_stays(saying, text, cell):
    assert rows(saying(text))[2]["caption"] == cell


@given(
    text=st.text(
        st.sampled_from("=+-@\t\r\n＝＋－＠;,|\"' ax\u200c\u3000") | st.characters(exclude_categories=())
    )
)
@example(text=";;=1")
@example(text="x" * 10_000)
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_strangers_wrote_no_cell_begins_as_a_formula_however_a_locale_divides_the_line(saying, text):
    told = rows(saying(text))
    assert len(told) == 8
    for row in told:
        assert None not in row
        for column, cell in row.items():
            if column == "score":
                continue
            for part in re.split(r"[;,|\t]", cell):
                assert not re.sub(r'^[\s"\u200c\u200d]+', "", part).startswith(tuple(DANGEROUS)), (
                    column,
                    cell,
                )
