"""The whole flow on one page: earlier photos into an archive, a circulating photo against it.

    add:    Submission -> Photo -> Fingerprints, preview -> Archive
    compare: two Submissions -> Photos -> Match -> Alteration -> Findings -> Verdict -> Result
    inspect: Submission -> FileFacts -> Findings -> Verdict -> Inspection
    check:  Submission -> Photo -> hashes, local features -> Candidates -> Comparison -> Matches
            -> Alterations -> Findings -> Verdict -> Result

Stages never import each other; only this module, `examine`, `counterparts` and `inspection` for what runs in the
children, and `judgement` for what is said of it, know their order.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from provenance.archive.interface import Added, Entry
from provenance.compare.budget import candidates
from provenance.compare.ranking import merged
from provenance.compare.whole import as_told, near_duplicate, same_bytes
from provenance.counterparts import Confrontation, Confronted, Counterpart
from provenance.examine import Candidacy, Comparison, ReferenceExam
from provenance.judgement import inspected_alone, judged, with_sightings
from provenance.model import Kind, Skipped, Stated, Variant
from provenance.photo.pool import Failure
from provenance.recording import with_statements
from provenance.resuming import Resuming

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from provenance.archive.interface import Archive
    from provenance.examine import QueryExam
    from provenance.ingest.claims import Claims
    from provenance.inspection import Inspected
    from provenance.model import Candidate, Inspection, Match, Result, Submission
    from provenance.photo.pool import Pool
    from provenance.settings import Settings

    Outcome = tuple[Submission, ReferenceExam | Failure]

Task = TypeVar("Task")
Value = TypeVar("Value")

BATCH_BYTES = 64 * 2**20
"""Bytes of originals at which `add` commits a batch early. 256 photos of a camera, 10 MB each, would fill 2.5 GB."""

MOST_WHOLE = 20
"""Candidates of the global fingerprints that are compared by their local features too."""

MOST_EMBEDDED = 10
"""Candidates of a user's own embedding model, if one is set: where a copy is near at all, it is among the first."""

MOST_CONFRONTED = 3
"""Matches, best first, that a photo is compared with for changes, which takes up to some seconds each."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one committed batch of `add` came to."""

    added: Added
    skipped: tuple[Skipped, ...]
    undecoded: int = 0
    """Photos that were not decoded, since the archive holds all of them."""


def add(
    pool: Pool[Submission, ReferenceExam],
    submissions: Iterable[Submission],
    archive: Archive,
    *,
    settings: Settings,
    keep_originals: bool = False,
    restore: bool = False,
    on_photo: Callable[[], None] = lambda: None,
) -> Iterator[Batch]:
    """Put photos and their sightings into the archive, a transaction a batch; yield after each commit.

    A batch is `settings.batch` photos, or as many as bring `BATCH_BYTES` of originals. Every submission ends in
    the archive or in some batch's `skipped`. An interruption costs the batch in flight and nothing else: the same
    call goes on where it stopped, since what the archive holds all of is not decoded again. Images that were removed
    are skipped, unless they are to be restored. `keep_originals` must be what the pool's children were told.
    """
    resuming = Resuming(archive, settings, keep_originals=keep_originals, restore=restore)
    examined = pool.map(submissions, workers=settings.worker_count, known=lambda s: _told(s) or resuming(s))
    # Nothing here holds on to a batch's photos: their originals are freed before the next ones are gathered.
    while batch := _stored(_taken(examined, settings.batch, on_photo), archive, restore=restore):
        yield batch


def _told(submission: Submission) -> ReferenceExam | None:
    """Return what is known of a photo whose picture is not at hand."""
    return None if submission.record is None else ReferenceExam(submission.record, None)


def _taken(examined: Iterator[Outcome], most: int, on_photo: Callable[[], None]) -> list[Outcome]:
    """Take the photos of one batch; none if there are no more."""
    taken: list[Outcome] = []
    held = 0
    for submission, exam in itertools.islice(examined, most):
        on_photo()
        # What a photo was read from is not needed again, and a batch of it would be too much.
        taken.append((replace(submission, content=b""), exam))
        if not isinstance(exam, Failure):
            held += len(exam.image.original)
        if held >= BATCH_BYTES:
            break
    return taken


def _stored(taken: Sequence[Outcome], archive: Archive, *, restore: bool) -> Batch | None:
    if not taken:
        return None
    entries = [
        Entry(
            exam.image,
            with_statements(submission.sighting, exam.image.stated or Stated()),
            exam.file,
            exam.held,
        )
        for submission, exam in taken
        if not isinstance(exam, Failure)
    ]
    skipped = tuple(Skipped(s.path, exam.reason) for s, exam in taken if isinstance(exam, Failure))
    added = archive.add(entries, restore=restore)
    return Batch(added, skipped + added.refused, sum(e.held for e in entries))


@dataclass(frozen=True, slots=True)
class Examined:
    """A photo between its first two children: what the first made of it, and what the second is to compare."""

    submission: Submission
    exam: QueryExam
    whole: tuple[Match, ...]
    comparison: Comparison | None


@dataclass(frozen=True, slots=True)
class Matched:
    """A photo with all matches that are told, best first, and with those that it is to be held against."""

    examined: Examined
    matches: tuple[Match, ...]
    confrontation: Confrontation | None


@dataclass(frozen=True, slots=True)
class Pictured:
    """A result and all pictures that were asked for: two small ones of the photo, and those of what differs."""

    submission: Submission
    result: Result
    preview: bytes
    thumbnail: bytes
    confronted: tuple[Confronted, ...]


class Children(NamedTuple):
    """What runs in child processes, one pool a stage; a stage without children is left out."""

    examining: Pool[Submission, QueryExam]
    comparing: Pool[Comparison | None, tuple[Match, ...]] | None = None
    confronting: Pool[Confrontation | None, tuple[Confronted, ...]] | None = None


def check(
    children: Children,
    submissions: Iterable[Submission],
    archive: Archive,
    *,
    claims: Claims,
    settings: Settings,
    on_pictures: Callable[[Pictured], None] = lambda _pictured: None,
) -> Iterator[Result | Skipped]:
    """Check photos against the archive, in the order given: each yields a `Result` or a `Skipped`.

    One that could not be compared in detail, or not for changes, yields a `Skipped`, and a `Result` too if
    something was found. Without `children.comparing` the global fingerprints are compared only, without
    `children.confronting` nothing is compared for changes. `on_pictures` is called before each result is yielded.
    """
    images = archive.info().images
    matched = _matched(children, submissions, archive, images, settings)
    held, tasks = itertools.tee(matched)
    confronted = _in_turn(
        children.confronting, (m.confrontation if isinstance(m, Matched) else None for m in tasks), settings
    )
    for item, told in zip(held, confronted, strict=True):
        if isinstance(item, Skipped):
            yield item
            continue
        path = item.examined.submission.path
        differing = () if isinstance(told, Failure) else told
        if isinstance(told, Failure):
            yield Skipped(path, f"it could not be compared for changes: {told.reason}")
        altered = {c.match.reference.id: c.match for c in differing}
        matches = tuple(altered.get(m.reference.id, m) for m in item.matches)
        submission, exam = item.examined.submission, item.examined.exam
        claim = claims.of(submission.file, exam.sha256)
        required = settings.policy.of(path).require
        result = judged(path, exam, matches, images, claim, required=required)
        on_pictures(Pictured(submission, result, exam.preview, exam.thumbnail, differing))
        yield result


def _in_turn(
    pool: Pool[Task | None, tuple[Value, ...]] | None, tasks: Iterable[Task | None], settings: Settings
) -> Iterator[tuple[Value, ...] | Failure]:
    """Yield what the pool makes of each task, in their order; nothing where there is no task, or no pool."""
    if pool is None:
        return (() for _ in tasks)
    done = pool.map(tasks, workers=settings.worker_count, known=lambda task: () if task is None else None)
    return (value for _, value in done)


def _matched(
    children: Children, submissions: Iterable[Submission], archive: Archive, images: int, settings: Settings
) -> Iterator[Matched | Skipped]:
    """Yield each photo with its matches; one that could not be compared in detail also, or only, as skipped."""
    held, tasks = itertools.tee(_examined(children.examining, submissions, archive, images, settings))
    compared = _in_turn(
        children.comparing, (e.comparison if isinstance(e, Examined) else None for e in tasks), settings
    )
    for item, local in zip(held, compared, strict=True):
        if isinstance(item, Skipped):
            yield item
            continue
        least = settings.least_score(item.submission.path)
        if isinstance(local, Failure):
            yield Skipped(item.submission.path, f"it could not be compared in detail: {local.reason}")
            # What hashes found stands; that they found nothing would not say enough.
            if not any(m.score >= least for m in item.whole):
                continue
        found = merged(item.whole, () if isinstance(local, Failure) else local)
        told = (as_told(m) for m in found if m.score >= least)
        matches = tuple(with_sightings(m, archive) for m in told)
        asked = children.confronting is not None
        yield Matched(item, matches, _confrontation(item, matches, archive) if asked else None)


def _confrontation(item: Examined, matches: Sequence[Match], archive: Archive) -> Confrontation | None:
    """Return what the photo is to be held against: its best copies, but not the file itself."""
    wanted = [m for m in matches if m.kind.is_copy and m.kind is not Kind.IDENTICAL and m.reference.pictured][
        :MOST_CONFRONTED
    ]
    ids = [m.reference.id for m in wanted]
    originals, previews = archive.originals(ids), archive.previews(ids)
    counterparts = tuple(
        Counterpart(
            match,
            originals.get(match.reference.id),
            tuple(dict.fromkeys(Path(s.location) for s in match.sightings if s.desk is None)),
            previews.get(match.reference.id, b""),
        )
        for match in wanted
    )
    return Confrontation(item.submission.file, item.exam.sha256, counterparts) if counterparts else None


def _examined(
    pool: Pool[Submission, QueryExam],
    submissions: Iterable[Submission],
    archive: Archive,
    images: int,
    settings: Settings,
) -> Iterator[Examined | Skipped]:
    for submission, outcome in pool.map(submissions, workers=settings.worker_count):
        if isinstance(outcome, Failure):
            yield Skipped(submission.path, outcome.reason)
            continue
        found = archive.candidates(outcome.codes, settings.search_radius)
        whole = tuple(_whole_matches(outcome, found, archive, images))
        yield Examined(submission, outcome, whole, comparison(outcome, found, archive, images))


def _whole_matches(
    exam: QueryExam, found: Sequence[Candidate], archive: Archive, images: int
) -> Iterator[Match]:
    """Yield the matches of the whole picture: the same bytes, and every candidate of the global fingerprints."""
    same = archive.by_digest(exam.sha256)
    if same:
        yield same_bytes(same, images)
    references = archive.references(c.image_id for c in found)
    for candidate in found:
        if candidate.image_id in references and not (same and candidate.image_id == same.id):
            reference = references[candidate.image_id]
            yield near_duplicate(candidate, reference, exam.size, images=images, codes=len(exam.codes))


def comparison(
    exam: QueryExam, found: Sequence[Candidate], archive: Archive, images: int
) -> Comparison | None:
    """Return what is to be compared in detail: what any look-up proposes; `found` is what hashes did."""
    if exam.local is None or not exam.local.features.lookup:
        return None
    features = exam.local.features
    wanted = dict.fromkeys(
        (c.image_id, Variant(c.query.orientation.mirrored, c.query.inverted)) for c in found[:MOST_WHOLE]
    )
    most = candidates(len(features.xy))
    for proposed in archive.local_candidates(features.lookup, exam.local.algorithm, most):
        wanted.setdefault((proposed.image_id, proposed.variant))
    for near in archive.nearest(exam.embedding, MOST_EMBEDDED):
        wanted.setdefault((near.image_id, Variant(near.query.orientation.mirrored, near.query.inverted)))
    ids = sorted({image_id for image_id, _ in wanted})
    references, previews = archive.references(ids), archive.previews(ids)
    codes = archive.local_features(ids, exam.local.algorithm)
    return Comparison(
        exam.size,
        exam.local,
        tuple(
            Candidacy(references[image_id], variant, codes[image_id], previews.get(image_id, b""))
            for image_id, variant in wanted
            if image_id in references and image_id in codes
        ),
        images,
    )


def inspect(
    pool: Pool[Submission, Inspected],
    submissions: Iterable[Submission],
    *,
    claims: Claims,
    settings: Settings,
    on_picture: Callable[[str, bytes], None] = lambda _path, _picture: None,
) -> Iterator[Inspection | Skipped]:
    """Say what files say of themselves, in the order given: each yields an `Inspection` or a `Skipped`.

    One whose picture cannot be decoded, but whose metadata can be read, yields both. `on_picture` is called with the
    picture that was asked for, before the inspection is.
    """
    for submission, outcome in pool.map(submissions, workers=settings.worker_count):
        if isinstance(outcome, Failure):
            yield Skipped(submission.path, outcome.reason)
            continue
        if outcome.unreadable:
            yield Skipped(submission.path, f"the picture cannot be decoded: {outcome.unreadable}")
        if outcome.error_levels:
            on_picture(submission.path, outcome.error_levels)
        claim = claims.of(submission.file, outcome.sha256)
        required = settings.policy.of(submission.path).require
        yield inspected_alone(submission.path, outcome, claim, required=required)
