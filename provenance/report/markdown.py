"""A summary in Markdown for a job's page or a comment: counts, then the photos that are not clean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.model import Skipped
from provenance.model.clean import clean
from provenance.report.outcome import (
    Standing,
    counts,
    fails,
    first_seen,
    open_findings,
    sighting_words,
    standing,
    title,
    verdict_words,
    worst_photos_first,
)

if TYPE_CHECKING:
    from provenance.model import Finding, Report, Result

ROWS_SHOWN = 100
FINDINGS_SHOWN = 3
LONGEST = 300
"""Characters of anything that strangers wrote. With the other two bounds the page stays below GitHub's 1 MiB."""

MEANING = (
    "“Nothing found” says that this archive does not know the picture, never that it is authentic. "
    "The other forms of report have everything."
)


def report_markdown(report: Report) -> str:
    """Return the summary. What strangers wrote stands in code spans, where nothing is a link, a tag or a mention."""
    photos = [r for r in worst_photos_first(report) if standing(r) is not Standing.CLEAN]
    failing = sum(standing(r) is Standing.FAILS for r in photos)
    listed: list[Result | Skipped] = [*photos[:failing], *report.skipped, *photos[failing:]]
    accepted = sum(f.accepted is not None for r in report.results for f in r.findings)
    archive = report.archive
    told = [
        "### Provenance of photos",
        f"**{counts(report)}.** {failing} fail this run; {accepted} finding{'' if accepted == 1 else 's'} "
        f"accepted. Against {archive.images:,} images with {archive.sightings:,} sightings in "
        f"{_code(archive.location)}.",
    ]
    if listed:
        told.append(
            "\n".join(["| photo | | what was found |", "|---|---|---|", *map(_row, listed[:ROWS_SHOWN])])
        )
    if len(listed) > ROWS_SHOWN:
        told.append(f"And {len(listed) - ROWS_SHOWN} more that are not shown here.")
    return "\n\n".join([*told, MEANING]) + "\n"


def _row(listed: Result | Skipped) -> str:
    if isinstance(listed, Skipped):
        return f"| {_code(listed.path)} | **not checked** | {_code(listed.reason)} |"
    return f"| {_code(listed.path)} | **{verdict_words(listed)}** | {_reasons(listed)} |"


def _reasons(result: Result) -> str:
    found = open_findings(result)
    lines = [_finding(f) for f in found[:FINDINGS_SHOWN]]
    if len(found) > FINDINGS_SHOWN:
        lines.append(f"and {len(found) - FINDINGS_SHOWN} more")
    first = first_seen(result)
    if first:
        lines.append(f"First seen: {_code(sighting_words(first))}")
    return "<br>".join(lines)


def _finding(finding: Finding) -> str:
    mark = "**fails:** " if fails(finding) else ""
    return f"{mark}{title(finding)}: {_code(finding.message)}"


def _code(text: str) -> str:
    """Return text as a code span that fits a table's cell: no backtick ends it, no bar divides it."""
    # Cleaning only lengthens a text.
    safe = clean(text[: LONGEST + 1]).replace("`", "'").replace("|", "¦")
    if len(safe) > LONGEST:
        safe = f"{safe[: LONGEST - 1]}…"
    return f"`{safe}`" if safe.strip() else "(empty)"
