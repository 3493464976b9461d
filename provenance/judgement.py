"""From what was found to what is said of it: matches, file and claim -> Case -> Findings -> Verdict."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from provenance.model import Inspection, Result, Verdict
from provenance.verdict.case import Case, by_first_appearance
from provenance.verdict.decide import decide, findings, ratings
from provenance.verdict.file_words import file_evidence
from provenance.verdict.pairs import PAIR
from provenance.verdict.rules import INSPECTION
from provenance.verdict.versions import versions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from provenance.archive.interface import Archive
    from provenance.counterparts import Paired
    from provenance.examine import QueryExam
    from provenance.inspection import Inspected
    from provenance.model import Claim, FileFacts, Match, Metadata, PlaceComparison, Position


def judged(
    path: str,
    exam: QueryExam,
    matches: tuple[Match, ...],
    images: int,
    claim: Claim | None,
    *,
    required: tuple[Metadata, ...] = (),
) -> Result:
    """Return what a photo's matches and its file say of what is claimed, and whether they say what is required.

    `images` is the archive's size.
    """
    copies = tuple(m for m in matches if m.kind.is_copy)
    scenes = tuple(m for m in matches if not m.kind.is_copy)
    facts = exam.facts
    case = Case(
        copies,
        images,
        claim,
        flat=exam.flat,
        places=_places(claim, copies),
        scenes=scenes,
        facts=facts,
        positions=_positions(claim, facts),
        checked=datetime.now(UTC),
        required=required,
    )
    told = findings(case)
    return Result(
        path=path,
        sha256=exam.sha256,
        verdict=decide(told),
        findings=told,
        matches=matches,
        claim=claim,
        ratings=ratings(told),
        evidence=file_evidence(facts),
        size=exam.size,
        versions=versions(exam.size, copies),
    )


def compared(path: str, paired: Paired) -> Result:
    """Return what two files say of each other; `path` is the query's."""
    match = paired.match
    copies = (match,) if match and match.kind.is_copy else ()
    told = findings(Case(copies, 1, scenes=(match,) if match and not copies else ()), PAIR)
    return Result(path, paired.sha256, decide(told), told, (match,) if match else (), ratings=ratings(told))


def inspected_alone(
    path: str, inspected: Inspected, claim: Claim | None, *, required: tuple[Metadata, ...] = ()
) -> Inspection:
    """Return what a file says of what is claimed, without an archive."""
    facts = inspected.facts
    case = Case(
        (),
        0,
        claim,
        facts=facts,
        positions=_positions(claim, facts),
        checked=datetime.now(UTC),
        required=required,
    )
    told = findings(case, INSPECTION)
    verdict = decide(told)
    return Inspection(
        path=path,
        sha256=inspected.sha256,
        # What could not be looked at must not read as if nothing had been found in it.
        verdict=Verdict.INCONCLUSIVE
        if inspected.unreadable and verdict is Verdict.NOTHING_FOUND
        else verdict,
        findings=told,
        facts=facts,
        format=inspected.format,
        size=inspected.size,
        unreadable=inspected.unreadable,
        claim=claim,
    )


def with_sightings(match: Match, archive: Archive) -> Match:
    """Return a match with all sightings of its reference, earliest first."""
    return replace(
        match, sightings=tuple(sorted(archive.sightings(match.reference.id), key=by_first_appearance))
    )


def _places(claim: Claim | None, matches: Iterable[Match]) -> Mapping[str, PlaceComparison]:
    """Return how the claimed place relates to each place seen; the gazetteer is loaded only for that."""
    seen = {s.place for match in matches for s in match.sightings if s.place}
    if claim is None or claim.place is None or not seen:
        return {}
    from provenance.evidence.places import compare, load_gazetteer

    gazetteer = load_gazetteer()
    return {place: compare(gazetteer, claim.place, place) for place in seen}


def _positions(claim: Claim | None, facts: FileFacts | None) -> Mapping[Position, PlaceComparison]:
    """Return how the claimed place relates to each position that the file states, likewise."""
    if claim is None or claim.place is None or facts is None or not facts.positions:
        return {}
    from provenance.evidence.places import load_gazetteer
    from provenance.evidence.positions import compare_position

    gazetteer = load_gazetteer()
    return {position: compare_position(gazetteer, claim.place, position) for position in facts.positions}
