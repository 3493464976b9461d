"""Annotations on a run of GitHub Actions: workflow commands on standard output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.model import Skipped
from provenance.model.clean import clean
from provenance.report.escaping import portable
from provenance.report.outcome import (
    Standing,
    counts,
    open_findings,
    standing,
    title,
    verdict_words,
    worst_photos_first,
)

if TYPE_CHECKING:
    from provenance.model import Report, Result

MOST_SHOWN = 10
"""Annotations of one kind that GitHub shows of one step; it drops the others without a word."""

LONGEST = 2_000
"""Characters of a message."""


def report_github(report: Report) -> str:
    """Return one command a photo that is not clean, worst first, and a notice that counts.

    What fails and what was skipped is an error, all else a warning. Notes and what was accepted are left out.
    """
    photos = worst_photos_first(report)
    failing = [r for r in photos if standing(r) is Standing.FAILS]
    errors: list[Result | Skipped] = [*failing, *report.skipped]
    warnings = [r for r in photos[len(failing) :] if standing(r) is not Standing.CLEAN]
    lines = [
        *(_skipped(e) if isinstance(e, Skipped) else _photo("error", e) for e in errors[:MOST_SHOWN]),
        *(_photo("warning", r) for r in warnings[:MOST_SHOWN]),
        _summary(report, len(errors), len(warnings)),
    ]
    return "".join(f"{line}\n" for line in lines)


def _skipped(skipped: Skipped) -> str:
    return _command("error", clean(skipped.reason), file=skipped.path, title="not checked")


def _photo(command: str, result: Result) -> str:
    told = open_findings(result)
    lines = [f"{title(f)}. {clean(f.message)} {clean(f.settle)}".rstrip() for f in told]
    heading = f"{verdict_words(result)}: {', '.join(f.id for f in told) or 'nothing follows'}"
    return _command(command, "\n".join(lines) or heading, file=result.path, title=heading)


def _summary(report: Report, errors: int, warnings: int) -> str:
    hidden = [
        f"{count - MOST_SHOWN} more {kind}{'s' if count - MOST_SHOWN > 1 else ''}"
        for count, kind in ((errors, "error"), (warnings, "warning"))
        if count > MOST_SHOWN
    ]
    left_out = (
        f" {' and '.join(hidden)} not shown here; the other forms of report have all." if hidden else ""
    )
    return _command("notice", f"{counts(report)}.{left_out}", title="provenance")


def _command(command: str, message: str, *, title: str, file: str = "") -> str:
    """Return `::error file=…,title=…::…`, escaped as GitHub's toolkit does it."""
    properties = [f"file={_property(clean(portable(file)))}"] if file else []
    properties.append(f"title={_property(clean(title))}")
    text = message if len(message) <= LONGEST else f"{message[: LONGEST - 1]}…"
    return f"::{command} {','.join(properties)}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
