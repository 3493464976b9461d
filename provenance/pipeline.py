"""The whole flow on one page: earlier photos into an archive, a circulating photo against it.

    add:    Submission -> Photo -> Fingerprints, preview -> Archive
    check:  Submission -> Photo -> query codes -> Candidates -> Matches -> Findings -> Verdict -> Result

Stages never import each other; only this module, and `examine` for what runs in the decoding children, know
their order.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from provenance.archive.interface import Added, Entry
from provenance.compare.whole import near_duplicate, same_bytes
from provenance.model import Result, Skipped
from provenance.photo.pool import Failure
from provenance.verdict.case import Case, by_first_appearance
from provenance.verdict.decide import decide, findings, ratings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from provenance.archive.interface import Archive
    from provenance.examine import QueryExam, ReferenceExam
    from provenance.ingest.claims import Claims
    from provenance.model import Claim, Match, PlaceComparison, Submission
    from provenance.photo.pool import Pool
    from provenance.settings import Settings

    Outcome = tuple[Submission, ReferenceExam | Failure]


@dataclass(frozen=True, slots=True)
class Batch:
    """What one committed batch of `add` came to."""

    added: Added
    skipped: tuple[Skipped, ...]


def add(
    pool: Pool[Submission, ReferenceExam],
    submissions: Iterable[Submission],
    archive: Archive,
    *,
    settings: Settings,
    on_photo: Callable[[], None] = lambda: None,
) -> Iterator[Batch]:
    """Put photos and their sightings into the archive, a transaction a batch; yield after each commit.

    Every submission ends in the archive or in some batch's `skipped`. An interruption costs the batch in
    flight and nothing else.
    """
    examined = pool.map(submissions, workers=settings.worker_count)
    while taken := list(_told(itertools.islice(examined, settings.batch), on_photo)):
        entries = [
            Entry(exam.image, replace(submission.sighting, captured=exam.captured))
            for submission, exam in taken
            if not isinstance(exam, Failure)
        ]
        skipped = tuple(Skipped(s.path, exam.reason) for s, exam in taken if isinstance(exam, Failure))
        yield Batch(archive.add(entries), skipped)


def _told(outcomes: Iterable[Outcome], on_photo: Callable[[], None]) -> Iterator[Outcome]:
    for outcome in outcomes:
        on_photo()
        yield outcome


def check(
    pool: Pool[Submission, QueryExam],
    submissions: Iterable[Submission],
    archive: Archive,
    *,
    claims: Claims,
    settings: Settings,
) -> Iterator[Result | Skipped]:
    """Check photos against the archive, in the order given: each yields a `Result` or a `Skipped`."""
    images = archive.info().images
    for submission, outcome in pool.map(submissions, workers=settings.worker_count):
        if isinstance(outcome, Failure):
            yield Skipped(submission.path, outcome.reason)
            continue
        matches = tuple(_matches(outcome, archive, images, settings))
        claim = claims.of(submission.file, outcome.sha256)
        case = Case(matches, images, claim, flat=outcome.flat, places=_places(claim, matches))
        found = findings(case)
        yield Result(
            path=submission.path,
            sha256=outcome.sha256,
            verdict=decide(found),
            findings=found,
            matches=matches,
            claim=claim,
            ratings=ratings(found),
        )


def _matches(exam: QueryExam, archive: Archive, images: int, settings: Settings) -> Iterator[Match]:
    """Yield the matches that are better than accident, best first, each with its sightings."""
    same = archive.by_digest(exam.sha256)
    if same:
        yield _with_sightings(same_bytes(same, images), archive)
    candidates = archive.candidates(exam.codes, settings.search_radius)
    references = archive.references(c.image_id for c in candidates)
    for candidate in candidates:
        if candidate.image_id not in references or (same and candidate.image_id == same.id):
            continue
        reference = references[candidate.image_id]
        match = near_duplicate(candidate, reference, exam.size, images=images, codes=len(exam.codes))
        if match.score >= settings.match_score:
            yield _with_sightings(match, archive)


def _with_sightings(match: Match, archive: Archive) -> Match:
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
