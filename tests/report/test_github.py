"""Annotations reach the right photo, worst first, and no name or caption can make a command of its own."""

from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from provenance.model import Skipped
from provenance.model.clean import clean
from provenance.report.github import LONGEST, report_github

COMMAND = re.compile(r"::(error|warning|notice) (?:file=([^,:]*),)?title=([^,:]*)::(.*)")


def commands(report):
    """Return the commands as the runner reads them: (kind, file, title, message)."""
    lines = report_github(report).split("\n")
    assert lines.pop() == ""
    return [unescaped(*COMMAND.fullmatch(line).groups()) for line in lines]


def unescaped(kind, *texts):
    def read(text):
        for mark, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
            text = text.replace(mark, character)
        return text

    return kind, *(text and read(text) for text in texts)


def test_it_is_as_it_was(mixed, snapshot):
    snapshot("github.txt", report_github(mixed))


def test_a_photo_has_one_annotation_by_the_worst_it_has_and_clean_ones_have_none(mixed):
    told = commands(mixed)
    assert [(kind, file) for kind, file, _, _ in told] == [
        ("error", "uploads/fails, 100%.jpg"),
        ("error", "posts/c.jpg"),
        ("warning", "uploads/let-pass.jpg"),
        ("warning", "uploads/unsettled.jpg"),
        ("warning", "uploads/warned.jpg"),
        ("notice", None),
    ]
    assert told[0][2] == "flagged: PR101, PR201, PR203"
    assert (
        told[0][3]
        .split("\n")[0]
        .startswith("PR101 Seen before the claimed date. Seen before the claimed date 2024")
    )
    assert told[-1][3] == "6 photos: 3 flagged, 2 nothing found, 1 inconclusive, 1 skipped."


def test_properties_and_messages_are_escaped_as_the_toolkit_does_it(mixed):
    assert report_github(mixed).startswith(
        "::error file=uploads/fails%2C 100%25.jpg,title=flagged%3A PR101%2C PR201%2C PR203::PR101 Seen before"
    )


def test_what_github_would_drop_is_counted_in_the_notice(mixed):
    many = replace(
        mixed,
        results=mixed.results[2:3] * 8 + mixed.results[1:2] * 11,
        skipped=tuple(Skipped(f"{n}.jpg", "empty") for n in range(5)),
    )
    told = commands(many)
    assert [kind for kind, *_ in told] == ["error"] * 10 + ["warning"] * 10 + ["notice"]
    assert [file for _, file, _, _ in told[8:10]] == ["0.jpg", "1.jpg"]
    assert "3 more errors and 1 more warning not shown here" in told[-1][3]


@given(text=st.text(st.characters(exclude_categories=()), min_size=1, max_size=60))
@example(text="a.jpg\n::error::b")
@example(text="%0A::stop-commands::x,line=7::\u2028\x85")
@example(text="x" * 10_000)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_strangers_wrote_makes_no_other_command(saying, text):
    told = commands(saying(text))
    assert [kind for kind, *_ in told] == ["error"] * 2 + ["warning"] * 3 + ["notice"]
    assert all(len(message) <= LONGEST for *_, message in told)
    assert told[1][3] == (clean(text) if len(clean(text)) <= LONGEST else clean(text)[: LONGEST - 1] + "…")
