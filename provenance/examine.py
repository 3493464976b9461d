"""What happens to one photo in a child process: bytes -> Photo -> fingerprints, and query against candidates.

The children import what they need themselves; this module stays light, so that the first child can start
before the rest of the program has been imported.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.model import ImageRecord
from provenance.photo.limits import DEFAULT, PREVIEW_SIDE

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from provenance.compare.alignment import Shortlisted
    from provenance.model import (
        FileFacts,
        FileState,
        Fingerprint,
        LocalFeatures,
        Match,
        Photo,
        QueryCode,
        QueryFeatures,
        Reference,
        Submission,
        Variant,
    )
    from provenance.photo.limits import Limits

THUMBNAIL = replace(DEFAULT, preview_side=120, preview_quality=70)
"""Some 3 KB: an index of a thousand photos stays a page that opens at once."""

QUERY = replace(DEFAULT, working_side=800)
"""A query is searched for small copies inside it, so it is looked at more closely than what is archived."""


@dataclass(frozen=True, slots=True)
class ReferenceExam:
    """What a child learns of a photo that is to be archived."""

    image: ImageRecord
    file: FileState | None = None
    """The file as it was read, where it need not be read again while it stays so."""
    held: bool = False
    """Whether the archive holds all of it, so that it was not examined."""


@dataclass(frozen=True, slots=True, eq=False)
class LocalExam:
    """A query's local features, and its picture in grey, uint8 (height, width), in whose pixels they are."""

    algorithm: tuple[str, int]
    """Name and version, as archives have it."""
    features: QueryFeatures
    grey: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class QueryExam:
    """What a child learns of a photo that is to be checked; `local` is missing if only hashes are asked for."""

    sha256: str
    size: tuple[int, int]
    codes: tuple[QueryCode, ...]
    flat: bool
    local: LocalExam | None = None
    embedding: tuple[QueryCode, ...] = ()
    """Codes of the user's own model, if one is set; they only propose."""
    facts: FileFacts | None = None
    """What the file says of itself: metadata, structure, credentials, name. Pixels and thumbnails are for `inspect`."""
    preview: bytes = b""
    """A small JPEG, if it was asked for."""
    thumbnail: bytes = b""
    """A smaller one, likewise."""


@dataclass(frozen=True, slots=True)
class Candidacy:
    """A reference to compare a query with, in one variant: what the archive holds of it, perhaps no preview."""

    reference: Reference
    variant: Variant
    features: bytes
    preview: bytes


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """A query with all that it is to be compared with; `images` is the size of the archive."""

    size: tuple[int, int]
    local: LocalExam
    candidates: tuple[Candidacy, ...]
    images: int


def examine_reference(
    submission: Submission, *, embedding_model: str = "", keep_original: bool = False
) -> ReferenceExam:
    """Decode and fingerprint an earlier photo. Raises PhotoError; SettingsError, as `embedder` does.

    With `keep_original` the bytes come along that were decoded and digested, whatever happens to the file meanwhile.
    """
    from provenance.evidence.statements import stated
    from provenance.fingerprint import fingerprints, sha256
    from provenance.fingerprint.local import local_code
    from provenance.photo.decode import decode
    from provenance.photo.preview import preview

    data, file = _read(submission, DEFAULT)
    photo = decode(data, DEFAULT)
    image = ImageRecord(
        sha256=sha256(data),
        format=photo.format,
        width=photo.width,
        height=photo.height,
        byte_count=len(data),
        frame_count=photo.frame_count,
        fingerprints=fingerprints(photo) + _embedded(photo, embedding_model),
        local=local_code(photo),
        preview=preview(photo),
        original=data if keep_original else b"",
        stated=stated(data),
    )
    return ReferenceExam(image, file)


def _embedded(photo: Photo, model: str) -> tuple[Fingerprint, ...]:
    if not model:
        return ()
    from provenance.fingerprint.embedding import embedder

    return embedder(model).fingerprints(photo.frames[0])


def examine_query(
    submission: Submission,
    *,
    local: bool,
    embedding_model: str = "",
    trust_anchors: str = "",
    previews: bool = False,
) -> QueryExam:
    """Decode a photo and make what is to be looked up. Raises PhotoError; SettingsError, as `embedder` does.

    Embeddings propose what local features confirm: without `local` there are none.
    """
    from provenance.evidence.file_facts import read_facts
    from provenance.fingerprint import query_codes, sha256

    data, photo = _decoded(submission, DEFAULT)
    query = query_codes(photo)
    facts = read_facts(data, submission.file.name, photo.format, trust_anchors).facts
    exam = QueryExam(sha256(data), (photo.width, photo.height), query.codes, query.flat, facts=facts)
    if previews:
        exam = _with_previews(exam, photo)
    if not local:
        return exam
    return replace(exam, local=_local(photo, data), embedding=_query_embedding(photo, embedding_model))


def _with_previews(exam: QueryExam, photo: Photo) -> QueryExam:
    from provenance.photo.preview import preview

    return replace(exam, preview=preview(photo), thumbnail=preview(photo, THUMBNAIL))


def _query_embedding(photo: Photo, model: str) -> tuple[QueryCode, ...]:
    if not model:
        return ()
    from provenance.fingerprint.embedding import embedder

    return embedder(model).query_codes(photo.frames[0])


def _local(photo: Photo, data: bytes) -> LocalExam:
    """Examine a larger picture than hashes are made of: theirs must be as they were when it was archived."""
    from provenance.fingerprint.local import ALGORITHM, QUERY_SIDE, query_features
    from provenance.fingerprint.sift import grey
    from provenance.photo.decode import decode

    if photo.frames[0].shape[:2] != (photo.height, photo.width):
        photo = decode(data, QUERY)
    return LocalExam(ALGORITHM, query_features(photo), grey(photo.frames[0], QUERY_SIDE))


def compare_candidates(task: Comparison | None) -> tuple[Match, ...]:
    """Compare a query with its candidates; return those that hold, copies and others of the same scene."""
    if task is None:
        return ()
    from provenance.compare.kinds import match_of
    from provenance.compare.local import alignments

    references = {c.reference.id: c.reference for c in task.candidates}
    return tuple(
        match_of(alignment, references[alignment.candidate.image_id], task.size, task.images)
        for alignment in alignments(variants(task), task.local.grey, shortlist(task))
    )


def variants(task: Comparison) -> dict[Variant, LocalFeatures]:
    """Return the query's features in each variant in which there are candidates."""
    from provenance.fingerprint.variants import as_variant

    wanted = dict.fromkeys(c.variant for c in task.candidates)
    return {variant: as_variant(task.local.features, variant) for variant in wanted}


def shortlist(task: Comparison) -> Iterator[Shortlisted]:
    """Yield the candidates, ready to be compared."""
    from provenance.compare.alignment import Shortlisted
    from provenance.fingerprint.local_code import decode_local
    from provenance.photo.preview import grey_preview

    previews = {c.reference.id: c.preview for c in task.candidates}

    @cache
    def preview(image_id: int) -> NDArray[np.uint8]:
        return grey_preview(previews[image_id])

    for c in task.candidates:
        yield Shortlisted(
            c.reference.id,
            c.variant,
            decode_local(c.features),
            partial(preview, c.reference.id) if c.preview else None,
        )


def _decoded(submission: Submission, limits: Limits) -> tuple[bytes, Photo]:
    from provenance.photo.decode import decode

    data, _ = _read(submission, limits)
    return data, decode(data, limits)


def _read(submission: Submission, limits: Limits) -> tuple[bytes, FileState | None]:
    from provenance.photo.reading import read_settled

    if submission.content:
        return submission.content, None
    return read_settled(submission.file, limits.bytes)


def check_trust(trust_anchors: str) -> None:
    """Raise SettingsError where the trust list that is set cannot be used."""
    if trust_anchors:
        from provenance.evidence.credentials import trust_list_from

        trust_list_from(Path(trust_anchors))


def align(query: Photo, reference: Photo) -> Match | None:
    """Return how `query` matches `reference`, by local features in both tones and mirrorings, or None.

    The first frames are compared, at whatever size they were decoded; `transform` maps pixels of the full pictures.
    """
    from provenance.compare.alignment import Shortlisted
    from provenance.compare.kinds import match_of
    from provenance.compare.local import alignments
    from provenance.fingerprint.local import QUERY_SIDE, local_code, query_features
    from provenance.fingerprint.local_code import decode_local
    from provenance.fingerprint.sift import grey
    from provenance.fingerprint.variants import VARIANTS, as_variant
    from provenance.model import Reference

    features, held = query_features(query), decode_local(local_code(reference).features)
    picture = grey(reference.frames[0], PREVIEW_SIDE)
    found = alignments(
        {variant: as_variant(features, variant) for variant in VARIANTS},
        grey(query.frames[0], QUERY_SIDE),
        [Shortlisted(0, variant, held, lambda: picture) for variant in VARIANTS],
    )
    named = Reference(0, "", "", reference.width, reference.height)
    return match_of(found[0], named, (query.width, query.height), images=1) if found else None
