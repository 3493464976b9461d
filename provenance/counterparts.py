"""What happens to two photos in a child process: both are decoded, laid on each other, and what differs is told.

The children import what they need themselves, as those of `examine` do.
"""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from provenance.model import Against, Alteration, Match, Reference
from provenance.photo.limits import DEFAULT
from provenance.photo.pool import Pool

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from provenance.compare.changes import Changes
    from provenance.compare.geometry import Floats
    from provenance.model import ChangedRegion, MatchPictures, Photo, Submission
    from provenance.model.changes import Box
    from provenance.report.canvas import Pixels

LIMITS = replace(DEFAULT, working_side=4_000)
"""Pictures of less than 8,000 pixels a side are compared in their own pixels; larger ones are reduced."""


class Drawn(enum.Flag):
    """Which pictures of what differs are asked for."""

    NOTHING = 0
    FILES = enum.auto()
    """Those of `report.pictures`, in full size, to be written as files."""
    PAGES = enum.auto()
    """Those of `report.page_pictures`, small, to be shown in a page."""


@dataclass(frozen=True, slots=True)
class Counterpart:
    """A reference to hold a photo against: the match with it, and where its pixels may be had."""

    match: Match
    kept: bytes | None
    """Its original, if the archive keeps it."""
    files: tuple[Path, ...]
    """Where else that may lie; used only if its bytes are those archived."""
    preview: bytes


@dataclass(frozen=True, slots=True)
class Confrontation:
    """A photo and the references that it is held against; its file must have this digest still."""

    query: Path
    sha256: str
    counterparts: tuple[Counterpart, ...]


@dataclass(frozen=True, slots=True)
class Confronted:
    """What differs from one reference, and pictures of it, if they were asked for: by file name, and for a page."""

    match: Match
    pictures: Mapping[str, bytes]
    shown: MatchPictures | None = None


@dataclass(frozen=True, slots=True)
class Paired:
    """What two files say of each other: the match of the first, the query, with the second, if there is one."""

    sha256: str
    reference: Reference
    match: Match | None
    pictures: Mapping[str, bytes]


def confront(task: Confrontation | None, *, drawn: Drawn = Drawn.NOTHING) -> tuple[Confronted, ...]:
    """Compare a photo with each counterpart, in their order.

    Raises:
        PhotoError: the photo cannot be read as it was.
    """
    if task is None:
        return ()
    from provenance.errors import PhotoError

    query, digest = _opened(task.query)
    if digest != task.sha256:
        raise PhotoError("the file has changed since it was checked", "check it again")
    return tuple(
        _told(query, *_reference(counterpart), counterpart.match, drawn=drawn)
        for counterpart in task.counterparts
    )


def pair(files: tuple[Submission, Submission], *, pictures: bool = False) -> Paired:
    """Compare two files, the first as the query.

    Raises:
        PhotoError: one of them, which it names, cannot be read.
    """
    from provenance.compare.whole import as_told, same_bytes
    from provenance.errors import PhotoError
    from provenance.examine import align

    opened = []
    for each in files:
        try:
            opened.append(_opened(each.file))
        except PhotoError as error:
            raise PhotoError(f"{each.path}: {error.message}", error.advice) from error
    (query, sha256), (reference, digest) = opened
    held = Reference(0, files[1].path, digest, reference.width, reference.height)
    found = same_bytes(held, 1) if sha256 == digest else align(query, reference)
    match = found and as_told(found)
    if match is None or not match.kind.is_copy:
        named = match and replace(match, reference=held)
        return Paired(sha256, held, named, _unaligned(query, reference) if pictures else {})
    drawn = Drawn.FILES if pictures else Drawn.NOTHING
    told = _told(query, reference, Against.ORIGINAL, replace(match, reference=held), drawn=drawn)
    return Paired(sha256, held, told.match, told.pictures)


def _opened(file: Path) -> tuple[Photo, str]:
    from provenance.fingerprint import sha256
    from provenance.photo.decode import decode
    from provenance.photo.reading import read_bytes

    data = read_bytes(file, LIMITS.bytes)
    return decode(data, LIMITS), sha256(data)


def _reference(counterpart: Counterpart) -> tuple[Photo, Against]:
    """Return the reference's pixels: of its original wherever that can still be had, else of the preview."""
    from provenance.errors import PhotoError
    from provenance.fingerprint import sha256
    from provenance.photo.decode import decode
    from provenance.photo.reading import read_bytes

    if counterpart.kept is not None:
        return decode(counterpart.kept, LIMITS), Against.ORIGINAL
    for file in counterpart.files:
        try:
            data = read_bytes(file, LIMITS.bytes)
            # Whatever else lies there by now need not be decoded.
            if sha256(data) == counterpart.match.reference.sha256:
                return decode(data, LIMITS), Against.ORIGINAL
        except PhotoError:
            continue
    return decode(counterpart.preview, full=True), Against.PREVIEW


def _told(query: Photo, reference: Photo, against: Against, match: Match, *, drawn: Drawn) -> Confronted:
    """Return what differs between two photos that `match` lays on each other; their first frames are compared."""
    import numpy as np

    from provenance.compare.changes import find_changes
    from provenance.compare.content import content_gone

    into = _enlarging(query, (query.width, query.height))
    out = _enlarging(reference, (match.reference.width, match.reference.height))
    matrix = np.linalg.inv(out) @ np.array(match.transform).reshape(3, 3) @ into
    ours, theirs = query.frames[0], reference.frames[0]
    changes = find_changes(
        ours,
        theirs,
        matrix,
        tables=query.quantisation or None,
        inverted=match.inverted,
        reference_tables=reference.quantisation if against is Against.PREVIEW else None,
    )
    height, width = ours.shape[:2]
    gone = None if changes.matrix is None else content_gone(theirs, changes.matrix, (width, height))
    alteration = Alteration(
        outcome=changes.outcome,
        against=against,
        regions=tuple(_enlarged(region, into, out) for region in changes.regions),
        area=round(float(changes.mask.mean()), 6),
        # Its scale is in pixels of what was compared; the report's is in those of the full pictures.
        overall=changes.overall
        and replace(changes.overall, scale=round(changes.overall.scale * float(into[0, 0] / out[0, 0]), 4)),
        same_pixels=against is Against.ORIGINAL and np.array_equal(ours, theirs),
        content_gone=round(gone or 0.0, 4),
    )
    told = replace(match, alteration=alteration)
    if changes.matrix is None:
        return Confronted(told, _unaligned(query, reference) if drawn & Drawn.FILES else {})
    return _drawn(told, ours, theirs, changes, drawn)


def _drawn(match: Match, query: Pixels, reference: Pixels, changes: Changes, drawn: Drawn) -> Confronted:
    if not drawn or changes.matrix is None:
        return Confronted(match, {})
    from provenance.report import pictures
    from provenance.report.page_pictures import page_pictures

    layers = pictures.layers(query, reference, changes.matrix, changes.regions, changes.mask, changes.heat)
    return Confronted(
        match,
        pictures.drawn(layers) if drawn & Drawn.FILES else {},
        page_pictures(layers) if drawn & Drawn.PAGES else None,
    )


def _unaligned(query: Photo, reference: Photo) -> dict[str, bytes]:
    from provenance.report.pictures import unaligned

    return unaligned(query.frames[0], reference.frames[0])


def _enlarging(photo: Photo, size: tuple[int, int]) -> Floats:
    """Return the map of the first frame's pixels onto those of a picture of `size`, (width, height); (3, 3)."""
    import numpy as np

    height, width = photo.frames[0].shape[:2]
    return np.diag([size[0] / width, size[1] / height, 1.0])


def _enlarged(region: ChangedRegion, query: Floats, reference: Floats) -> ChangedRegion:
    there = None if region.reference is None else _box(region.reference, reference)
    return replace(region, query=_box(region.query, query), reference=there)


def _box(box: Box, scale: Floats) -> Box:
    x, y, width, height = box
    across, down = float(scale[0, 0]), float(scale[1, 1])
    left, top = math.floor(x * across), math.floor(y * down)
    return left, top, math.ceil((x + width) * across) - left, math.ceil((y + height) * down) - top


def load_tools(*, pictures: bool = False) -> None:
    """Import what comparing needs; a child does so while others still look for matches."""
    import_module("provenance.compare.changes")
    import_module("provenance.photo.decode")
    import_module("cv2")
    if pictures:
        import_module("provenance.report.pictures")


def confronting_pool(drawn: Drawn = Drawn.NOTHING) -> Pool[Confrontation | None, tuple[Confronted, ...]]:
    """Return the children that compare photos with their matches; none starts before there is a match."""
    return Pool(partial(confront, drawn=drawn), warm=partial(load_tools, pictures=bool(drawn)), eager=False)


def pairing_pool(*, pictures: bool) -> Pool[tuple[Submission, Submission], Paired]:
    """Return the children that compare two files."""
    return Pool(partial(pair, pictures=pictures), warm=partial(load_tools, pictures=pictures))
