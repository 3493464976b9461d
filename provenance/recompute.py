"""Images examined anew from what is left of them: the original that is kept, or the file where it was seen."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.archive.maintenance import image_record
from provenance.archive.reindexing import complete, incomplete
from provenance.archive.verification import Problem, is_there
from provenance.index.keys import distance
from provenance.model import Sighting, Skipped, Submission
from provenance.photo.pool import Failure
from provenance.resuming import whole_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from provenance.archive.sqlite import SqliteArchive
    from provenance.examine import ReferenceExam
    from provenance.model import ImageRecord, Reference
    from provenance.photo.pool import Pool
    from provenance.settings import Settings

    Children = Pool[Submission, ReferenceExam]

NOWHERE = Failure(
    "neither does the archive keep its original, nor is there a file of these bytes where it was seen; "
    "the preview is too small to start from"
)
OTHERWISE = (
    "A few bits: another version of a decoder rounds otherwise. More: remove the image, then add its file again "
    "with --restore."
)


def examined_anew(
    pool: Children, archive: SqliteArchive, references: Iterable[Reference], workers: int
) -> Iterator[tuple[Reference, ReferenceExam | Failure]]:
    """Yield each image with what its bytes give now, or why there is nothing, in the order given."""
    held, wanted = itertools.tee(references)
    submissions = (_submission(archive, reference) for reference in wanted)
    exams = pool.map(submissions, workers=workers, known=lambda s: None if s.file.name else NOWHERE)
    for reference, (_, exam) in zip(held, exams, strict=True):
        if not isinstance(exam, Failure) and exam.image.sha256 != reference.sha256:
            yield reference, Failure("the file was changed while it was read")
        else:
            yield reference, exam


def _submission(archive: SqliteArchive, reference: Reference) -> Submission:
    """Return what the image can be read from; a file without a name where there is nothing."""
    file, content = Path(), archive.originals([reference.id]).get(reference.id, b"")
    if content:
        file = Path(reference.path or reference.sha256)
    else:
        byte_count = image_record(archive, reference.id).byte_count
        for location in dict.fromkeys(s.location for s in archive.sightings(reference.id)):
            if is_there(location, reference.sha256, byte_count):
                file = Path(location)
                break
    return Submission(file, reference.path, Sighting(reference.path, str(file)), content)


def reindex(
    pool: Children, archive: SqliteArchive, *, settings: Settings, on_image: Callable[[], None] = lambda: None
) -> Iterator[tuple[int, tuple[Skipped, ...]]]:
    """Give images what the algorithms of this version make of them; yield how many, and which not, a batch each.

    A batch is a transaction, and what is done is not done again: an interruption costs the batch in flight. What
    earlier versions stored stays beside it, and is found by who asks for it.
    """
    ids = incomplete(archive, whole_parts(settings))
    lacking = (reference for i in ids for reference in archive.references([i]).values())
    exams = examined_anew(pool, archive, lacking, settings.worker_count)
    while batch := list(itertools.islice(exams, settings.batch)):
        images = [exam.image for _, exam in batch if not isinstance(exam, Failure)]
        skipped = tuple(Skipped(r.path, exam.reason) for r, exam in batch if isinstance(exam, Failure))
        for _ in batch:
            on_image()
        yield complete(archive, images), skipped


def recomputed(
    pool: Children, archive: SqliteArchive, *, settings: Settings, on_image: Callable[[], None] = lambda: None
) -> Iterator[Problem | Skipped]:
    """Yield how what is stored of images differs from what their bytes give now, and what cannot be compared.

    What others told of images stays their word: those without a picture are left out.
    """
    pictured = (reference for reference in archive.every() if reference.pictured)
    for reference, exam in examined_anew(pool, archive, pictured, settings.worker_count):
        if isinstance(exam, Failure):
            yield Skipped(reference.path, exam.reason)
        else:
            for what in differences(image_record(archive, reference.id), exam.image):
                yield Problem(f"image {reference.id}", what, OTHERWISE)
        on_image()


def differences(stored: ImageRecord, made: ImageRecord) -> Iterator[str]:
    """Yield how fingerprints and local features that both have, of one algorithm and version, differ."""
    held = {(f.algorithm, f.version, f.frame): f for f in stored.fingerprints}
    now = {(f.algorithm, f.version, f.frame): f for f in made.fingerprints}
    both = {key[:2] for key in held} & {key[:2] for key in now}
    for key in sorted({key for key in {*held, *now} if key[:2] in both}):
        told = f"its {key[0]} of frame {key[2]}"
        if key not in held or key not in now:
            yield f"{told} is {'missing' if key not in held else 'not what its bytes give'}"
        elif held[key].code != now[key].code:
            yield f"{told} differs in {distance(held[key].code, now[key].code)} of 256 bits from what its bytes give"
        elif held[key] != now[key]:
            yield f"{told} has another quality, or is otherwise searchable, than its bytes give"
    one, other = stored.local, made.local
    if one and other and (one.algorithm, one.version) == (other.algorithm, other.version) and one != other:
        yield "its local features are not those that its bytes give"
