"""The summary shows what is not clean, stays within bounds, and renders what strangers wrote as plain code."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from cmarkgfm import github_flavored_markdown_to_html
from cmarkgfm.cmark import Options
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from provenance.model import Finding, Level, Skipped
from provenance.report.markdown import ROWS_SHOWN, report_markdown

LIMIT = 1024 * 1024
"""Bytes of a step's summary, beyond which GitHub shows none of it."""

ALLOWED = {"h3", "p", "strong", "code", "br", "table", "thead", "tbody", "tr", "th", "td"}
"""What the summary is made of; no link, image, list, other heading or tag of somebody's own."""


class Page(HTMLParser):
    """What GitHub's own renderer makes of the summary: its tags, the table's cells, and text outside of code."""

    def __init__(self, report):
        super().__init__()
        self.tags, self.table, self.ours, self.in_code = [], [], "", False
        self.feed(github_flavored_markdown_to_html(report_markdown(report), options=Options.CMARK_OPT_UNSAFE))

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, *attributes))
        self.in_code = tag == "code" or self.in_code
        if tag == "tr":
            self.table.append([])
        elif tag in {"th", "td"}:
            self.table[-1].append("")

    def handle_endtag(self, tag):
        self.in_code = self.in_code and tag != "code"

    def handle_data(self, data):
        if not self.in_code:
            self.ours += data
        if self.table and self.table[-1]:
            self.table[-1][-1] += data.strip("\n")


def test_it_is_as_it_was(mixed, snapshot):
    snapshot("summary.md", report_markdown(mixed))


def test_photos_that_are_not_clean_are_listed_worst_first(mixed):
    assert [row[:2] for row in Page(mixed).table[1:]] == [
        ["uploads/fails, 100%.jpg", "flagged"],
        ["posts/c.jpg", "not checked"],
        ["uploads/let-pass.jpg", "flagged"],
        ["uploads/unsettled.jpg", "inconclusive"],
        ["uploads/warned.jpg", "worth a look"],
    ]
    assert "1 fail this run; 1 finding accepted." in report_markdown(mixed)


def test_nothing_to_list_is_no_table_and_still_does_not_read_as_authentic(mixed):
    assert Page(replace(mixed, results=mixed.results[:1], skipped=())).table == []
    assert "never that it is authentic" in report_markdown(mixed)


def test_the_longest_summary_stays_below_githubs_limit(saying):
    report = saying("🏰" * 10_000)
    loud = tuple(Finding("PR304", Level.WARNING, "🏰" * 10_000, fails=True) for _ in range(20))
    results = tuple(replace(r, findings=loud) for r in report.results)
    skipped = tuple(Skipped("🏰" * 10_000, "🏰" * 10_000) for _ in range(500))
    many = replace(report, results=results * 200, skipped=skipped)
    assert len(report_markdown(many).encode()) < LIMIT
    assert len(Page(many).table) == 1 + ROWS_SHOWN
    assert f"And {1700 - ROWS_SHOWN} more" in report_markdown(many)


@pytest.mark.parametrize(
    "hostile",
    ["a|b", "a\\|b", "`` ` ``", "<script>alert(1)</script>", "[x](javascript:alert(1))", "![x](https://example.org/x.png)",
     "https://example.org", "www.example.org", "@everyone", "#1", "\n# heading", "$x$", "\\`", "| - | - |",
     "-->", "&lt;"],
)  # fmt: skip
def test_hostile_text_is_shown_as_code_and_nothing_else(saying, hostile):
    assert_inert(saying(hostile))


@given(
    text=st.text(st.sampled_from("`|\\<>[]()!*_~#@ \n") | st.characters(exclude_categories=()), max_size=40)
)
@example(text=" ")
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_strangers_wrote_is_shown_as_code_and_nothing_else(saying, text):
    assert_inert(saying(text))


def assert_inert(report):
    page = Page(report)
    assert set(page.tags) <= {(tag,) for tag in ALLOWED}
    assert [len(row) for row in page.table] == [3] * 6
    assert not set(page.ours) & set("`|\\<[]#@$")
