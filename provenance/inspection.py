"""What happens in a child process to one file that is inspected: bytes -> what they say -> what the pixels say of it.

The children import what they need themselves, as those of `examine` do. A file whose picture cannot be decoded may
still say much: it is decoded last, and that it could not be is a value.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from provenance.examine import check_trust
from provenance.model import CredentialState, FactSource, ThumbnailOutcome
from provenance.photo.limits import DEFAULT
from provenance.photo.pool import Pool

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from provenance.evidence.file_facts import ReadFacts
    from provenance.model import FileFacts, Hint, Photo, Submission, ThumbnailComparison
    from provenance.model.changes import Box

    Pixels = NDArray[np.uint8]

THUMBNAIL = replace(DEFAULT, bytes=16 * 2**20, pixels=20_000_000)
"""Thumbnails have some kilobytes; what makers store beside them as previews, some megabytes."""

OF_ITSELF = frozenset(FactSource) - {FactSource.FILE_NAME, FactSource.STRUCTURE}
"""What makes a file worth telling of though it cannot be decoded: any file has a name and is built somehow."""

TURNED = (2, 3, 4, 5, 6, 7, 8)

BACK = {6: 8, 8: 6}
"""Orientations that another one undoes; the rest undo themselves."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """What a child learns of a file that is inspected."""

    sha256: str
    format: str | None
    """Pillow's name of it, None where the content is of no known format."""
    size: tuple[int, int] | None
    """Width and height as displayed, None where the picture cannot be decoded."""
    facts: FileFacts
    unreadable: str = ""
    """Why it cannot be decoded, as a clause without full stop."""
    error_levels: bytes = b""
    """A PNG, if it was asked for."""


def inspect_file(
    submission: Submission, *, hints: bool, error_levels: bool = False, trust_anchors: str = ""
) -> Inspected:
    """Return what a file says of itself; with `hints` also what its pixels hint at, in full size.

    Raises:
        PhotoError: the file cannot be read, or it can neither be decoded nor says anything of itself.
    """
    from provenance.errors import PhotoError
    from provenance.evidence.file_facts import read_facts, tried
    from provenance.fingerprint import sha256
    from provenance.photo.decode import decode
    from provenance.photo.reading import read_bytes

    data = read_bytes(submission.file, DEFAULT.bytes)
    name = _format(data)
    read = read_facts(data, submission.file.name, name, trust_anchors)
    digest = sha256(data)
    faults = list(read.facts.faults)
    try:
        photo = _decoded(data, faults, full=hints or error_levels)
    except PhotoError as error:
        if not _says_something(read.facts):
            raise
        why = f"{error.message}; {error.advice}" if error.advice else error.message
        return Inspected(digest, name, None, read.facts, why)
    whole = photo.frames[0].shape[:2] == (photo.height, photo.width)
    # Whatever else is asked, it is held against the same reduced picture.
    shown = decode(data) if (hints or error_levels) and read.thumbnail else photo
    thumbnail = tried("embedded thumbnail", lambda: _thumbnail(read, shown), faults)
    hinted = (
        tried("pixels", lambda: _hints(data, photo, read.orientation), faults) if hints and whole else None
    )
    drawn = tried("error levels", lambda: _error_levels(photo), faults) if error_levels and whole else None
    facts = replace(read.facts, thumbnail=thumbnail, hints=hinted, faults=tuple(faults))
    return Inspected(digest, name, (photo.width, photo.height), facts, error_levels=drawn or b"")


def _decoded(data: bytes, faults: list[str], *, full: bool) -> Photo:
    """Decode a picture; one that is too large for its own pixels in reduced ones, which is a fault.

    Raises:
        PhotoError: it cannot be decoded at all.
    """
    from provenance.errors import PhotoError
    from provenance.photo.decode import decode

    if full:
        try:
            return decode(data, full=True)
        except PhotoError as error:
            # What is broken, and not too large, raises again here.
            photo = decode(data)
            faults.append(f"its pixels were not looked at: {error.message}")
            return photo
    return decode(data)


def _format(data: bytes) -> str | None:
    from provenance.errors import PhotoError
    from provenance.photo.formats import identify

    try:
        return identify(data)
    except PhotoError:
        return None


def _says_something(facts: FileFacts) -> bool:
    signed = facts.credentials is not None and facts.credentials.state is not CredentialState.ABSENT
    return signed or any(f.source in OF_ITSELF for f in facts.facts) or bool(facts.positions)


def _thumbnail(read: ReadFacts, photo: Photo) -> ThumbnailComparison | None:
    """Return how the embedded thumbnail compares with the picture. Raises PhotoError where it cannot be decoded."""
    from provenance.photo.decode import decode

    if read.thumbnail is None:
        return None
    return _compared(decode(read.thumbnail, THUMBNAIL).frames[0], read.orientation, photo)


def _compared(small: Pixels, orientation: int, photo: Photo) -> ThumbnailComparison:
    """Compare a thumbnail turned as the picture is; if that shows another picture, as it lies.

    Programs that turn a picture upright and say so need not turn its thumbnail, and the other way round.
    """
    from provenance.compare.thumbnails import compare_thumbnail

    picture = photo.frames[0]
    found = compare_thumbnail(upright(small, orientation), picture)
    if found.outcome is ThumbnailOutcome.OTHER and orientation in TURNED:
        as_stored = compare_thumbnail(small, picture)
        found = found if as_stored.outcome is ThumbnailOutcome.OTHER else as_stored
    return replace(found, regions=_enlarged(found.regions, photo))


def upright(stored: Pixels, orientation: int) -> Pixels:
    """Return pixels, (height, width, 3), turned as their EXIF orientation, 1 to 8, asks for."""
    import numpy as np

    turned = stored.transpose(1, 0, 2) if orientation in {5, 6, 7, 8} else stored
    across = orientation in {2, 3, 6, 7}
    down = orientation in {3, 4, 7, 8}
    return np.ascontiguousarray(turned[:: -1 if down else 1, :: -1 if across else 1])


def _enlarged(regions: tuple[Box, ...], photo: Photo) -> tuple[Box, ...]:
    """Return boxes of the decoded pixels as boxes of the full picture."""
    height, width = photo.frames[0].shape[:2]
    right, down = photo.width / width, photo.height / height
    boxes = []
    for x, y, w, h in regions:
        left, top = math.floor(x * right), math.floor(y * down)
        boxes.append((left, top, math.ceil((x + w) * right) - left, math.ceil((y + h) * down) - top))
    return tuple(boxes)


def _hints(data: bytes, photo: Photo, orientation: int) -> tuple[Hint, ...]:
    """Return what the pixels hint at: as they are stored, since compression works on them so."""
    from provenance.evidence.pixels import pixel_hints

    stored = upright(photo.frames[0], BACK.get(orientation, orientation))
    found = pixel_hints(data, stored)
    size = stored.shape[1], stored.shape[0]
    return tuple(
        replace(hint, regions=tuple(upright_box(box, size, orientation) for box in hint.regions))
        for hint in found
    )


def upright_box(box: Box, size: tuple[int, int], orientation: int) -> Box:
    """Return a box of stored pixels, of a picture of `size`, (width, height), in the picture as displayed."""
    (x, y, w, h), (width, height) = box, size
    if orientation in {5, 6, 7, 8}:
        x, y, w, h, width, height = y, x, h, w, height, width
    left = width - x - w if orientation in {2, 3, 6, 7} else x
    top = height - y - h if orientation in {3, 4, 7, 8} else y
    return left, top, w, h


def _error_levels(photo: Photo) -> bytes:
    from provenance.report.error_levels import error_levels

    return error_levels(photo.frames[0])


def load_tools(*, hints: bool, trust_anchors: str = "") -> None:
    """Import what inspecting needs; a child does so while the parent still looks for photos.

    Raises:
        SettingsError: `trust_anchors` cannot be used.
    """
    import_module("provenance.fingerprint.digest")
    import_module("provenance.photo.decode")
    import_module("provenance.evidence.file_facts")
    import_module("provenance.evidence.metadata")
    import_module("provenance.evidence.structure")
    import_module("provenance.evidence.credentials")
    import_module("provenance.compare.thumbnails")
    if hints:
        import_module("provenance.evidence.pixels")
    check_trust(trust_anchors)


def inspecting_pool(
    *, hints: bool, error_levels: bool = False, trust_anchors: str = ""
) -> Pool[Submission, Inspected]:
    """Return the children that inspect files."""
    return Pool(
        partial(inspect_file, hints=hints, error_levels=error_levels, trust_anchors=trust_anchors),
        warm=partial(load_tools, hints=hints, trust_anchors=trust_anchors),
        weigh=_drawn_bytes,
    )


def _drawn_bytes(inspected: Inspected) -> int:
    return len(inspected.error_levels)
