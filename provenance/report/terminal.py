"""The report a person reads: the verdict in a line, the reasons, the matches, earliest sighting first."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from provenance.model import Level, Verdict
from provenance.model.clean import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from provenance.model import (
        ChangedRegion,
        Finding,
        Inspection,
        Match,
        Reference,
        Report,
        Result,
        Sighting,
    )

    Span = tuple[str, str]
    """Text and its style in rich's words; empty for none."""
    Line = tuple[Span, ...]

VERDICTS = {
    Verdict.FLAGGED: ("FLAGGED", "bold red"),
    Verdict.NOTHING_FOUND: ("NOTHING FOUND", "bold"),
    Verdict.INCONCLUSIVE: ("INCONCLUSIVE", "bold yellow"),
}
WORTH_A_LOOK = ("WORTH A LOOK", "bold yellow")
"""Nothing flags, but something warns: "nothing found" would read as if there were nothing."""

LEVELS = {Level.ERROR: "red", Level.WARNING: "yellow", Level.NOTE: "cyan"}

MANY = 20
"""Photos beyond which only those that someone must look at are listed, with what matters most of each."""

MATCHES_SHOWN = 5
SCENES_SHOWN = 2
SIGHTINGS_SHOWN = 5
REGIONS_SHOWN = 5


def report_text(report: Report) -> str:
    """Return the report as plain text."""
    return plain(line for block in blocks(report) for line in block)


def pair_text(result: Result, reference: Reference) -> str:
    """Return what two files say of each other as plain text."""
    return plain(_pair(result, reference))


def pair_styled(result: Result, reference: Reference, *, width: int) -> str:
    """Return the same for a terminal of `width` columns: in colours, wrapped."""
    return styled(_pair(result, reference), width)


def report_styled(report: Report, *, width: int, picture: Callable[[int], str] = lambda _number: "") -> str:
    """Return the report for a terminal of `width` columns: in colours, wrapped.

    `picture` gives what draws a photo, by its place in the results, to stand before what is said of it.
    """
    told = list(blocks(report))
    drawn = [picture(number) if block else "" for number, block in enumerate(told[:-1])]
    return "".join(before + styled(block, width) for before, block in zip([*drawn, ""], told, strict=True))


def plain(told: Iterable[Line]) -> str:
    """Return lines as plain text."""
    return "".join("".join(text for text, _ in line) + "\n" for line in told)


def styled(told: Iterable[Line], width: int) -> str:
    """Return lines for a terminal of `width` columns: in colours, wrapped."""
    from rich.console import Console  # noqa: PLC0415 - plain text must not wait for it
    from rich.text import Text  # noqa: PLC0415

    written = io.StringIO()
    console = Console(file=written, force_terminal=True, width=width, highlight=False)
    for line in told:
        console.print(Text.assemble(*line))
    return written.getvalue()


def blocks(report: Report) -> Iterator[Sequence[Line]]:
    """Yield the lines of each photo in turn, none for one that is counted only, then those of the run."""
    compact = len(report.results) > MANY
    for result in report.results:
        yield [] if compact and _unremarkable(result) else list(_result(result, compact=compact))
    yield list(_run(report, compact=compact))


def _unremarkable(result: Result) -> bool:
    return result.verdict is Verdict.NOTHING_FOUND and all(f.level is Level.NOTE for f in result.findings)


def _run(report: Report, *, compact: bool) -> Iterator[Line]:
    for skipped in report.skipped:
        yield ("SKIPPED", "bold magenta"), (f"  {clean(skipped.path)}: {clean(skipped.reason)}", "")
    unlisted = sum(map(_unremarkable, report.results))
    if compact and unlisted:
        yield (
            (f"{unlisted:,} photos with nothing against them are not listed (--format json has all).", ""),
        )
    yield from _summary(report)


def heading(verdict: Verdict, findings: Iterable[Finding]) -> Span:
    """Return what a photo's lines begin with."""
    warned = any(finding.level is Level.WARNING for finding in findings)
    return WORTH_A_LOOK if warned and verdict is Verdict.NOTHING_FOUND else VERDICTS[verdict]


def _pair(result: Result, reference: Reference) -> Iterator[Line]:
    against = f"  against {clean(reference.path)}"
    yield heading(result.verdict, result.findings), ("  ", ""), (clean(result.path), "bold"), (against, "")
    for finding in result.findings:
        yield from finding_lines(finding)
    for match in result.matches:
        yield from _match(match, "match" if match.kind.is_copy else "scene")
    yield (
        (
            "“Nothing found” would say that what differs is explained by compression, scaling or tone, never that "
            "either picture is authentic.",
            "dim",
        ),
    )


def _result(result: Result, *, compact: bool) -> Iterator[Line]:
    word, style = heading(result.verdict, result.findings)
    copies = [m for m in result.matches if m.kind.is_copy]
    scenes = [m for m in result.matches if not m.kind.is_copy]
    if copies and word == VERDICTS[Verdict.NOTHING_FOUND][0]:
        word = "NOTHING AGAINST THE CLAIM"
    yield (word, style), ("  ", ""), (clean(result.path), "bold")
    for finding in result.findings:
        if not compact or finding.level is not Level.NOTE:
            yield from finding_lines(finding)
    yield from _listed(copies, "match", "matches", 1 if compact else MATCHES_SHOWN)
    yield from _listed(scenes, "scene", "of the scene", 0 if compact else SCENES_SHOWN)


def _listed(matches: Sequence[Match], word: str, several: str, shown: int) -> Iterator[Line]:
    for match in matches[:shown]:
        yield from _match(match, word)
    if len(matches) > shown:
        yield ((f"  and {len(matches) - shown} more {several} (--format json has all)", ""),)


def finding_lines(finding: Finding) -> Iterator[Line]:
    """Yield a finding, and what would settle it."""
    yield (
        ("  ", ""),
        (finding.id, LEVELS[finding.level]),
        (f" {finding.level.value:<7} ", "dim"),
        (clean(finding.message), ""),
    )
    if finding.fails and finding.level is not Level.ERROR and not finding.accepted:
        yield (" " * 16, ""), ("The policy fails a run for this.", "red")
    if finding.accepted:
        accepted = finding.accepted
        until = f" until {accepted.expires}" if accepted.expires else ""
        yield (
            (" " * 16, ""),
            (f"accepted by {clean(accepted.author)}{until}: ", "green"),
            (clean(accepted.reason), ""),
        )
    if finding.settle:
        yield (" " * 16, ""), ("What would settle it: ", "dim"), (clean(finding.settle), "")


def accepted_of(results: Iterable[Result | Inspection]) -> str:
    """Return how many findings are accepted, as the end of a list; nothing if none is."""
    count = sum(finding.accepted is not None for result in results for finding in result.findings)
    return f", {count} finding{'' if count == 1 else 's'} accepted" if count else ""


def _match(match: Match, word: str) -> Iterator[Line]:
    told = [f"the query {match.kind.relation}", f"score {match.score:.1f}"]
    if match.inliers is not None:
        told.append(f"{match.inliers} details agree")
    if match.distance is not None:
        told.append(f"{match.distance} of 256 bits differ")
    told += ["mirrored"] * match.mirrored + [f"rotated {match.rotation} degrees"] * bool(match.rotation)
    told += ["tones inverted"] * match.inverted
    told += ["by what others shared: no picture of it is here"] * (not match.confirmed)
    path = clean(match.reference.path)
    yield ("  ", ""), (word, "green"), (f" {path}", ""), (f"  {', '.join(told)}", "dim")
    regions = match.alteration.regions if match.alteration else ()
    for region in regions[:REGIONS_SHOWN]:
        yield _region(region)
    if len(regions) > REGIONS_SHOWN:
        yield ((f"    and {len(regions) - REGIONS_SHOWN} more regions (--format json has all)", ""),)
    for sighting in match.sightings[:SIGHTINGS_SHOWN]:
        yield _sighting(sighting)
    if len(match.sightings) > SIGHTINGS_SHOWN:
        yield ((f"    and {len(match.sightings) - SIGHTINGS_SHOWN} more sightings", ""),)


def _region(region: ChangedRegion) -> Line:
    x, y, width, height = region.query
    place = f"{width} x {height} pixels at {x}, {y}"
    return (
        ("    ", ""),
        (region.kind.value, "yellow"),
        (f"  {place}", ""),
        (f"  score {region.score:.1f}", "dim"),
    )


def _sighting(sighting: Sighting) -> Line:
    when = str(next(iter(sighting.datings), "undated"))
    caption = sighting.caption and f"“{sighting.caption}”"
    moment = sighting.moment and f"frame at {sighting.moment}"
    rating = sighting.rating and f"rated “{sighting.rating}”"
    desk = sighting.desk and f"as {sighting.desk} says"
    where = sighting.page or sighting.url or sighting.path
    said = [sighting.outlet, sighting.place, caption, rating, moment, where, sighting.note, desk]
    return ("    ", ""), (clean(when), "bold"), ("".join(f"  {clean(part)}" for part in said if part), "")


def _summary(report: Report) -> Iterator[Line]:
    counts = {verdict: sum(r.verdict is verdict for r in report.results) for verdict in Verdict}
    told = ", ".join(f"{counts[verdict]} {word.lower()}" for verdict, (word, _) in VERDICTS.items())
    archive = report.archive
    photos = len(report.results)
    yield (
        (
            f"{photos} photo{'' if photos == 1 else 's'}: {told}, {len(report.skipped)} skipped"
            f"{accepted_of(report.results)}; against "
            f"{archive.images:,} images with {archive.sightings:,} sightings in {clean(archive.location)}.",
            "",
        ),
    )
    yield (
        (
            f"Matches are told from score {report.match_score:g}: at most one accidental match is expected in "
            f"{10**report.match_score:,.0f} checks.{_in_folders(report)} “Nothing found” says that this archive does "
            "not know the picture, not that it is authentic.",
            "dim",
        ),
    )


def _in_folders(report: Report) -> str:
    scores = ", ".join(f"from {score:g} in {clean(path)}" for path, score in report.folder_scores)
    return f" The policy has them told {scores}." if scores else ""
