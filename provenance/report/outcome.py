"""What several forms of report need to know of a result: what fails, what is worst, where it was first seen."""

from __future__ import annotations

import enum
from datetime import date
from typing import TYPE_CHECKING

from provenance.model import CATALOGUE, Level, Verdict
from provenance.report.terminal import VERDICTS, heading

if TYPE_CHECKING:
    from collections.abc import Iterable

    from provenance.model import Finding, Match, Report, Result, Sighting


class Standing(enum.IntEnum):
    """What a photo means to an unattended run, worst first."""

    FAILS = 0
    FLAGGED = 1
    """An error that the policy in force lets pass."""
    INCONCLUSIVE = 2
    WARNED = 3
    CLEAN = 4
    """Nothing, or only what is a note or accepted."""


def fails(finding: Finding) -> bool:
    """Return whether a run fails for it: the policy says so, and nobody has accepted it."""
    return finding.fails and finding.accepted is None


def standing(result: Result) -> Standing:
    """Return where a photo stands. That something was inconclusive can be accepted like any warning."""
    opened = [f for f in result.findings if f.accepted is None]
    levels = {f.level for f in opened}
    settled = len(opened) < len(result.findings) and Level.WARNING not in levels
    if any(map(fails, opened)):
        return Standing.FAILS
    if Level.ERROR in levels:
        return Standing.FLAGGED
    if result.verdict is Verdict.INCONCLUSIVE and not settled:
        return Standing.INCONCLUSIVE
    return Standing.WARNED if Level.WARNING in levels else Standing.CLEAN


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings, failing ones first, then by level, accepted ones last."""
    levels = list(Level)
    return sorted(findings, key=lambda f: (f.accepted is not None, not fails(f), levels.index(f.level)))


def open_findings(result: Result) -> list[Finding]:
    """Return what a run has to tell of a photo, worst first: no note that does not fail, nothing accepted."""
    told = worst_first(f for f in result.findings if f.accepted is None)
    return [f for f in told if fails(f) or f.level is not Level.NOTE]


def worst_photos_first(report: Report) -> list[Result]:
    """Return the results, worst first, else in their order."""
    return sorted(report.results, key=standing)


def title(finding: Finding) -> str:
    """Return the finding's id and, where it is known, what its rule is about."""
    known = CATALOGUE.get(finding.id)
    return f"{finding.id} {known.title}" if known else finding.id


def acceptance(finding: Finding) -> str:
    """Return who accepted a finding, why and until when, in a sentence; nothing where nobody did."""
    accepted = finding.accepted
    if accepted is None:
        return ""
    until = f" until {accepted.expires}" if accepted.expires else ""
    return f"Accepted{until} by {accepted.author} ({accepted.source}): {accepted.reason}"


def copies(result: Result) -> list[Match]:
    """Return the matches that are copies, best first."""
    return [m for m in result.matches if m.kind.is_copy]


def first_seen(result: Result, *, fact_checks: bool = True) -> Sighting | None:
    """Return the earliest dated sighting of any copy, on request not one by a fact-check."""
    dated = [
        s for m in copies(result) for s in m.sightings if s.datings and (fact_checks or s.rating is None)
    ]
    return min(dated, key=lambda s: s.datings[0].when.latest or date.max, default=None)


def match_words(match: Match) -> str:
    """Return in a line, raw, what a match says."""
    return f"{match.reference.path}: the query {match.kind.relation}, score {match.score:.1f}"


def link(sighting: Sighting) -> str | None:
    """Return where to look at it, raw: the page that showed it, or else the picture's own address."""
    return sighting.page or sighting.url


def sighting_words(sighting: Sighting) -> str:
    """Return in a line, raw, when, by whom, where and with what words it was seen."""
    when = str(next(iter(sighting.datings), "undated"))
    caption = sighting.caption and f"“{sighting.caption}”"
    rating = sighting.rating and f"rated “{sighting.rating}”"
    moment = sighting.moment and f"frame at {sighting.moment}"
    desk = sighting.desk and f"as {sighting.desk} says"
    said = [
        when,
        sighting.outlet,
        sighting.place,
        caption,
        rating,
        moment,
        link(sighting) or sighting.path,
        desk,
    ]
    return ", ".join(part for part in said if part)


def verdict_words(result: Result) -> str:
    """Return what a photo is headed with, in small letters."""
    return heading(result.verdict, result.findings)[0].lower()


def counts(report: Report) -> str:
    """Return how many photos came to what, in a sentence without full stop."""
    photos = len(report.results)
    each = [
        f"{sum(r.verdict is verdict for r in report.results)} {word.lower()}"
        for verdict, (word, _) in VERDICTS.items()
    ]
    return f"{photos} photo{'' if photos == 1 else 's'}: {', '.join(each)}, {len(report.skipped)} skipped"
