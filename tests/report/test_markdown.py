"""The summary shows what is not clean, stays within bounds, and renders what strangers wrote as plain code."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from provenance.model import Finding, Level, Skipped
from provenance.report.markdown import ROWS_SHOWN, report_markdown

LIMIT = 1024 * 1024
"""Bytes of a step's summary, beyond which GitHub shows none of it."""

ALLOWED = {
    "heading_open", "heading_close", "paragraph_open", "paragraph_close", "inline", "table_open", "table_close",
    "thead_open", "thead_close", "tbody_open", "tbody_close", "tr_open", "tr_close", "th_open", "th_close", "td_open",
    "td_close", "text", "code_inline", "strong_open", "strong_close", "html_inline",
}  # fmt: skip
"""What the summary is made of; no link, image, block of HTML, list or other heading."""


def rendered(report):
    """Return what a renderer with GitHub's extensions makes of it: all tokens, and the table's rows of cells."""
    markdown = MarkdownIt("gfm-like", {"html": True})
    flat, table = [], []
    for token in markdown.parse(report_markdown(report)):
        flat.append(token)
        flat.extend(token.children or ())
        if token.type == "tr_open":
            table.append([])
        elif token.type == "inline" and table and token.level > 2:
            table[-1].append("".join(child.content for child in token.children))
    return flat, table


def test_it_is_as_it_was(mixed, snapshot):
    snapshot("summary.md", report_markdown(mixed))


def test_photos_that_are_not_clean_are_listed_worst_first(mixed):
    _, table = rendered(mixed)
    assert [row[:2] for row in table[1:]] == [
        ["uploads/fails, 100%.jpg", "flagged"],
        ["posts/c.jpg", "not checked"],
        ["uploads/let-pass.jpg", "flagged"],
        ["uploads/unsettled.jpg", "inconclusive"],
        ["uploads/warned.jpg", "worth a look"],
    ]
    assert "1 fail this run; 1 finding accepted." in report_markdown(mixed)


def test_nothing_to_list_is_no_table_and_still_does_not_read_as_authentic(mixed):
    _, table = rendered(replace(mixed, results=mixed.results[:1], skipped=()))
    assert table == []
    assert "never that it is authentic" in report_markdown(mixed)


def test_the_longest_summary_stays_below_githubs_limit(saying):
    report = saying("🏰" * 10_000)
    loud = tuple(Finding("PR304", Level.WARNING, "🏰" * 10_000, fails=True) for _ in range(20))
    results = tuple(replace(r, findings=loud) for r in report.results)
    skipped = tuple(Skipped("🏰" * 10_000, "🏰" * 10_000) for _ in range(500))
    many = replace(report, results=results * 200, skipped=skipped)
    assert len(report_markdown(many).encode()) < LIMIT
    assert len(rendered(many)[1]) == 1 + ROWS_SHOWN
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
    tokens, table = rendered(report)
    assert {token.type for token in tokens} <= ALLOWED
    assert {token.content for token in tokens if token.type == "html_inline"} <= {"<br>"}
    assert [len(row) for row in table] == [3] * 6
    ours = "".join(token.content for token in tokens if token.type == "text")
    assert not set(ours) & set("`|\\<[]#@$")
