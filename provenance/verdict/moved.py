"""What moved between two checks of the same photos, and why: pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from provenance.model.replays import Cause, Difference, Move, Moved, PhotoReplay, Replay

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import datetime

    from provenance.model import ArchiveInfo, Finding, Match, Report, Result, Sighting
    from provenance.model.circumstances import Circumstances

BY_ARCHIVE = frozenset({"PR0", "PR1", "PR2"})
"""Beginnings of the ids of rules that look at matches; all others look at the file alone."""

BY_DAY = frozenset({"PR302", "PR4"})
"""Likewise, of rules that know the day, by themselves or by a certificate's end."""

EVERYWHERE = frozenset({Cause.VERSIONS, Cause.SETTINGS})
"""What may move anything."""


@dataclass(frozen=True, slots=True)
class Past:
    """A check that was made, as its bundle tells it."""

    report: Report
    circumstances: Circumstances
    checked: datetime


def replayed(past: Past, now: Report, today: Circumstances, at: datetime, held: Collection[str]) -> Replay:
    """Return what moved since a check, photo by photo, and why.

    `now` is the report on the same photos, made at `at` (UTC); a photo that could not be checked is in `skipped` there
    and has no result. `held` are the digests of those references of the earlier matches that the archive still holds.
    """
    differences = tuple(_differences(past, now.archive, today, at))
    why = _Why(past, now.archive, frozenset(d.cause for d in differences), held)
    photos = tuple(_photo(before, after, why) for before, after in _paired(past.report.results, now.results))
    return Replay(past.checked, past.report.archive, now.archive, differences, photos, now.skipped)


def _paired(before: Iterable[Result], after: Iterable[Result]) -> Iterator[tuple[Result, Result]]:
    """Yield each photo's two results. Both come in one order; some of the second may be missing."""
    left = list(after)
    for result in before:
        if left and (left[0].path, left[0].sha256) == (result.path, result.sha256):
            yield result, left.pop(0)


def _differences(
    past: Past, archive: ArchiveInfo, today: Circumstances, at: datetime
) -> Iterator[Difference]:
    """Yield in which ways what two checks rest on differs."""
    then, it = past.report.archive, past.circumstances
    if then.identity != archive.identity:
        sizes = f"{then.images:,} images then, {archive.images:,} now"
        yield Difference(Cause.ANOTHER_ARCHIVE, f"This is another archive: {sizes}.")
    elif then.generation != archive.generation:
        yield Difference(
            Cause.ARCHIVE_CHANGED,
            f"The archive went from generation {then.generation:,} to {archive.generation:,}: "
            f"{then.images:,} to {archive.images:,} images, {then.sightings:,} to {archive.sightings:,} sightings.",
        )
    versions = {"provenance": it.tool, "Python": it.python, "platform": it.platform, **it.libraries}
    current = {
        "provenance": today.tool,
        "Python": today.python,
        "platform": today.platform,
        **today.libraries,
    }
    if words := _changed(versions, current):
        yield Difference(Cause.VERSIONS, f"Versions differ: {words}.")
    settings = {**it.settings, "fast": it.fast, "embedding_model": it.embedding_model}
    set_now = {**today.settings, "fast": today.fast, "embedding_model": today.embedding_model}
    if words := _changed(settings, set_now):
        yield Difference(Cause.SETTINGS, f"Settings differ: {words}.")
    if it.trust_list != today.trust_list:
        yield Difference(Cause.TRUST_LIST, f"The trust list was {it.trust_list}; it is {today.trust_list}.")
    if past.checked.date() != at.date():
        yield Difference(Cause.DAY, f"The check was made on {past.checked.date()}, this one on {at.date()}.")


def _changed(before: Mapping[str, object], after: Mapping[str, object]) -> str:
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return "; ".join(
        f"{name} {_or_none(before.get(name))} then, {_or_none(after.get(name))} now" for name in names
    )


def _or_none(value: object) -> str:
    return "none" if value is None or value == "" else str(value)


@dataclass(frozen=True, slots=True)
class _Why:
    """What is known of why things move."""

    past: Past
    archive: ArchiveInfo
    differing: frozenset[Cause]
    held: Collection[str]

    def among(self, *causes: Cause) -> tuple[Cause, ...]:
        """Return which of these, and of what may move anything, differ; in the order of `Cause`."""
        found = self.differing & ({*causes} | EVERYWHERE)
        return tuple(cause for cause in Cause if cause in found)

    @property
    def same_archive(self) -> bool:
        return Cause.ANOTHER_ARCHIVE not in self.differing

    def is_later(self, sightings: Iterable[Sighting]) -> bool:
        """Whether the archive recorded all of these after the check."""
        # Archives tell whole seconds.
        checked = self.past.checked.replace(microsecond=0)
        recorded = [s.recorded for s in sightings if s.recorded]
        return bool(recorded) and min(recorded) >= checked

    def match_added(self, match: Match) -> tuple[Cause, ...]:
        if self.same_archive and self.is_later(match.sightings):
            return (Cause.REFERENCE_ADDED,)
        return self.among(Cause.ANOTHER_ARCHIVE, Cause.ARCHIVE_CHANGED)

    def match_gone(self, match: Match) -> tuple[Cause, ...]:
        if self.same_archive and match.reference.sha256 not in self.held:
            return (Cause.REFERENCE_REMOVED,)
        return self.among(Cause.ANOTHER_ARCHIVE, Cause.ARCHIVE_CHANGED)

    def sighting_added(self, sighting: Sighting) -> tuple[Cause, ...]:
        if self.same_archive and self.is_later([sighting]):
            return (Cause.SIGHTING_ADDED,)
        return self.among(Cause.ANOTHER_ARCHIVE, Cause.ARCHIVE_CHANGED)

    def sighting_gone(self) -> tuple[Cause, ...]:
        return (Cause.SIGHTING_REMOVED,) if self.same_archive else (Cause.ANOTHER_ARCHIVE,)


def _photo(before: Result, after: Result, why: _Why) -> PhotoReplay:
    under = [*_matches(before, after, why)]
    moves = [*_findings(before.findings, after.findings, under, why)]
    if before.verdict is not after.verdict:
        causes = _united(moves) or _united(under) or why.among(Cause.ANOTHER_ARCHIVE, Cause.ARCHIVE_CHANGED)
        moves.insert(0, Move(Moved.VERDICT, "verdict", before.verdict.value, after.verdict.value, causes))
    told = tuple(
        move if move.causes else replace(move, causes=(Cause.UNEXPLAINED,)) for move in (*moves, *under)
    )
    return PhotoReplay(before.path, before.sha256, before.verdict, after.verdict, told)


def _united(moves: Iterable[Move]) -> tuple[Cause, ...]:
    found = {cause for move in moves for cause in move.causes}
    return tuple(cause for cause in Cause if cause in found)


def _findings(
    before: Iterable[Finding], after: Iterable[Finding], under: Iterable[Move], why: _Why
) -> Iterator[Move]:
    """Yield how findings differ: by level and words. Each rule tells one at most."""
    old, new = {f.id: f for f in before}, {f.id: f for f in after}
    for name in sorted({*old, *new}):
        was, is_now = old.get(name), new.get(name)
        told = [(f.level, f.message) if f else None for f in (was, is_now)]
        if told[0] == told[1]:
            continue
        kind = Moved.FINDING_ADDED if not was else Moved.FINDING_GONE if not is_now else Moved.FINDING_CHANGED
        yield Move(kind, name, _said(was), _said(is_now), _finding_causes(name, under, why))


def _finding_causes(name: str, under: Iterable[Move], why: _Why) -> tuple[Cause, ...]:
    if name[:3] in BY_ARCHIVE:
        return _united(under) or why.among(Cause.ANOTHER_ARCHIVE, Cause.ARCHIVE_CHANGED)
    if name == "PR310":  # a date of the file against the sightings
        return _united(under) or why.among()
    by_day = (Cause.DAY,) if name in BY_DAY or name[:3] in BY_DAY else ()
    by_list = (Cause.TRUST_LIST,) if name.startswith("PR4") else ()
    return why.among(*by_day, *by_list)


def _said(finding: Finding | None) -> str:
    return f"{finding.level.value}: {finding.message}" if finding else ""


def _matches(before: Result, after: Result, why: _Why) -> Iterator[Move]:
    """Yield how matches and their sightings differ; references are the same where their bytes are."""
    old = {match.reference.sha256: match for match in before.matches}
    new = {match.reference.sha256: match for match in after.matches}
    for digest in [*old, *(digest for digest in new if digest not in old)]:
        was, is_now = old.get(digest), new.get(digest)
        if was is None and is_now is not None:
            yield Move(
                Moved.MATCH_ADDED, is_now.reference.path, "", _match_said(is_now), why.match_added(is_now)
            )
        elif was is not None and is_now is None:
            yield Move(Moved.MATCH_GONE, was.reference.path, _match_said(was), "", why.match_gone(was))
        elif was is not None and is_now is not None:
            if _match_said(was) != _match_said(is_now):
                causes = why.among(Cause.ANOTHER_ARCHIVE, Cause.ARCHIVE_CHANGED)
                path = is_now.reference.path
                yield Move(Moved.MATCH_CHANGED, path, _match_said(was), _match_said(is_now), causes)
            yield from _sightings(was, is_now, why)


def _match_said(match: Match) -> str:
    return f"the query {match.kind.relation}, score {match.score:.1f}"


def _sightings(before: Match, after: Match, why: _Why) -> Iterator[Move]:
    old, new = ({replace(s, location=""): s for s in match.sightings} for match in (before, after))
    for sighting in new:
        if sighting not in old:
            causes = why.sighting_added(sighting)
            yield Move(Moved.SIGHTING_ADDED, sighting.path, "", _seen(sighting), causes)
    for sighting in old:
        if sighting not in new:
            yield Move(Moved.SIGHTING_GONE, sighting.path, _seen(sighting), "", why.sighting_gone())


def _seen(sighting: Sighting) -> str:
    when = str(next(iter(sighting.datings), "undated"))
    return ", ".join(part for part in (when, sighting.outlet, sighting.place, sighting.url) if part)
