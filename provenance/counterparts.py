"""What happens to two photos in a child process: both are decoded, laid on each other, and what differs is told.

The children import what they need themselves, as those of `examine` do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from provenance.model import Against, Alteration, Kind, Match, Overlap, Reference
from provenance.photo.limits import DEFAULT
from provenance.photo.pool import Pool

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from provenance.compare.changes import Changes
    from provenance.compare.geometry import Floats
    from provenance.model import ChangedRegion, GlobalChanges, Photo
    from provenance.model.changes import Box

LIMITS = replace(DEFAULT, working_side=4_000)
"""Whole pictures up to 8,000 pixels a side are compared in their own pixels; larger ones are reduced."""


@dataclass(frozen=True, slots=True)
class Counterpart:
    """A reference to hold a photo against: the match with it, and what may be had of its pixels."""

    match: Match
    files: tuple[Path, ...]
    """Where its original may lie; used only if its bytes are those archived."""
    kept: bytes
    """The original itself, if the archive keeps it."""
    preview: bytes


@dataclass(frozen=True, slots=True)
class Confrontation:
    """A photo and the references that it is held against."""

    query: Path
    sha256: str
    counterparts: tuple[Counterpart, ...]


@dataclass(frozen=True, slots=True)
class Confronted:
    """What differs from one reference, and its pictures by file name, if they were asked for."""

    alteration: Alteration
    pictures: Mapping[str, bytes]


def confront(task: Confrontation | None, *, pictures: bool = False) -> tuple[Confronted, ...]:
    """Compare a photo with each counterpart, in their order. Raises PhotoError: the photo is not what it was."""
    if task is None:
        return ()
    from provenance.errors import PhotoError
    from provenance.fingerprint import sha256
    from provenance.photo.decode import decode
    from provenance.photo.reading import read_bytes

    data = read_bytes(task.query, LIMITS.bytes)
    if sha256(data) != task.sha256:
        raise PhotoError("the file has changed since it was checked", "check it again")
    query = decode(data, LIMITS)
    return tuple(_confronted(query, counterpart, pictures=pictures) for counterpart in task.counterparts)


def _confronted(query: Photo, counterpart: Counterpart, *, pictures: bool) -> Confronted:
    reference, against = _reference(counterpart)
    return altered(query, reference, counterpart.match, against, pictures=pictures)


def _reference(counterpart: Counterpart) -> tuple[Photo, Against]:
    """Return the reference's pixels: of its original wherever that can be had, else of the preview."""
    from provenance.errors import PhotoError
    from provenance.fingerprint import sha256
    from provenance.photo.decode import decode
    from provenance.photo.reading import read_bytes

    if counterpart.kept:
        return decode(counterpart.kept, LIMITS), Against.ORIGINAL
    for file in counterpart.files:
        try:
            data = read_bytes(file, LIMITS.bytes)
            if sha256(data) == counterpart.match.reference.sha256:
                return decode(data, LIMITS), Against.ORIGINAL
        except PhotoError:
            continue
    return decode(counterpart.preview, full=True), Against.PREVIEW


def altered(query: Photo, reference: Photo, match: Match, against: Against, *, pictures: bool) -> Confronted:
    """Return what differs between two photos that `match` lays on each other; their first frames are compared."""
    import numpy as np

    from provenance.compare.changes import find_changes
    from provenance.compare.content import content_gone
    from provenance.report.pictures import pictures as draw

    into = _enlarging(query, (query.width, query.height))
    out = _enlarging(reference, (match.reference.width, match.reference.height))
    matrix = np.linalg.inv(out) @ np.array(match.transform).reshape(3, 3) @ into
    (ours, *_), (theirs, *_) = query.frames, reference.frames
    changes = find_changes(ours, theirs, matrix, tables=query.quantisation or None, inverted=match.inverted)
    alteration = Alteration(
        outcome=changes.outcome,
        against=against,
        regions=tuple(_enlarged(region, into, out) for region in changes.regions),
        area=round(float(changes.mask.mean()), 6),
        overall=_overall(changes, into, out),
        same_pixels=against is Against.ORIGINAL and np.array_equal(ours, theirs),
        content_gone=round(content_gone(theirs, changes.matrix, ours.shape), 4) if changes.matrix is not None else 0.0,
    )
    drawn = draw(ours, theirs, changes.matrix, changes.regions, changes.mask, changes.heat) if pictures else {}
    return Confronted(alteration, drawn)


def _enlarging(photo: Photo, size: tuple[int, int]) -> Floats:
    """Return the map of the first frame's pixels onto those of a picture of `size`, (width, height); float64 (3, 3)."""
    import numpy as np

    height, width = photo.frames[0].shape[:2]
    return np.diag([size[0] / width, size[1] / height, 1.0])


def _enlarged(region: ChangedRegion, query: Floats, reference: Floats) -> ChangedRegion:
    return replace(
        region,
        query=_box(region.query, query),
        reference=None if region.reference is None else _box(region.reference, reference),
    )


def _box(box: Box, scale: Floats) -> Box:
    x, y, width, height = box
    across, down = float(scale[0, 0]), float(scale[1, 1])
    left, top = math.floor(x * across), math.floor(y * down)
    return left, top, math.ceil((x + width) * across) - left, math.ceil((y + height) * down) - top


def _overall(changes: Changes, query: Floats, reference: Floats) -> GlobalChanges | None:
    """Return what happened to the whole picture, its scale in pixels of the full pictures."""
    if changes.overall is None:
        return None
    return replace(
        changes.overall, scale=round(changes.overall.scale * float(query[0, 0] / reference[0, 0]), 4)
    )


@dataclass(frozen=True, slots=True)
class Paired:
    """What two files say of each other: `match` is of the first, the query, with the second; None if there is none."""

    sha256: str
    match: Match | None
    pictures: Mapping[str, bytes]


def pair(files: tuple[Submission, Submission], *, pictures: bool = False) -> Paired:
    """Compare two files. Raises PhotoError, which names the file."""
    import numpy as np

    from provenance.examine import align
    from provenance.report.pictures import pictures as draw

    (query, ours), (reference, theirs) = (_opened(each) for each in files)
    held = Reference(0, files[1].path, theirs, reference.width, reference.height)
    match = _identical(held) if ours == theirs else align(query, reference)
    if match is None:
        nothing = np.zeros(query.frames[0].shape[:2])
        drawn = draw(query.frames[0], reference.frames[0], None, (), nothing > 0, nothing) if pictures else {}
        return Paired(ours, None, drawn)
    match = replace(match, reference=held)
    told = altered(query, reference, match, Against.ORIGINAL, pictures=pictures)
    return Paired(ours, replace(match, alteration=told.alteration), told.pictures)


def _opened(submission: Submission) -> tuple[Photo, str]:
    from provenance.errors import PhotoError
    from provenance.fingerprint import sha256
    from provenance.photo.decode import decode
    from provenance.photo.reading import read_bytes

    try:
        data = read_bytes(submission.file, LIMITS.bytes)
        return decode(data, LIMITS), sha256(data)
    except PhotoError as error:
        raise PhotoError(f"{submission.path}: {error}") from error
