"""An embedded thumbnail held against the picture it came with.

    reduce -> lay (rotation, bars, crop, then a fit) -> do they agree at all -> what remains -> areas, score

Editors that change a picture do not always make its thumbnail anew. Turning, bars, and cutting to another shape are no
difference: a thumbnail is often made so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from provenance.compare.filters import brightness
from provenance.compare.thumbnail_frames import (
    Laid,
    agreement,
    correlation,
    detail,
    lay_part,
    lay_thumbnail,
)
from provenance.compare.thumbnail_residual import remainder
from provenance.model import ThumbnailComparison, ThumbnailOutcome

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from provenance.compare.filters import Image
    from provenance.compare.thumbnail_frames import Agreement
    from provenance.model.changes import Box

    Pixels = NDArray[np.uint8]
    Found = tuple[Laid, Image, NDArray[np.bool_]]

WORKING_SIDE = 160
"""Pixels of a thumbnail's longer side at most: what Exif thumbnails have, and what the null was measured at."""

LEAST_SIDE, LEAST_SHORT_SIDE = 96, 40
"""Pixels of a thumbnail's longer side, and of the shorter side of what the picture covers of it, at least."""

DENSER = 2
"""Pixels of the reduced picture along one of the thumbnail."""

LEAST_BLOCKS = 8
"""Blocks that show something, from which it can be told whether the two show the same."""

SAME_FRAME, OTHER_PICTURE = 0.45, 0.25
"""Share of these blocks that agree, from which on the two show the same frame, and below which they show nothing in
common. Of 211 honest thumbnails it was 0.94 or more, of as many of other pictures 0.21 or less."""

WHOLE_SIDE = 0.9
"""Share of the thumbnail's width or height that a picture covers at least along one of them: else it is a part of what
the thumbnail shows, and not only of another shape."""

LEAST_BEYOND = 4
"""Blocks with something to show beyond the picture's edges, for the thumbnail to show more."""

START, SLOPE = -1.11, 1.04
"""Honest thumbnails exceed `Remainder.excess` x at a rate of 10 ** -(0.3 + (x - START) / SLOPE), no less
(docs/file-structure.md)."""

TOLD = 2.3
"""Score from which a difference is told."""

LEVEL = START + SLOPE * (TOLD - 0.3)
"""Excess from which a difference is told."""

SAME_DETAIL = 0.75
"""Correlation of an area's details from which it shows the same: of replaced areas 0.45 was the most seen."""

RECOLOURED = START + SLOPE * (4.0 - 0.3)
"""Excess from which an area is told although its details are the same."""

FAINTER = 1.0
"""By how much less the excess of a pixel may be that belongs to a region."""

MOST_SCORE = 10.0
"""Scores are told up to this: the tail was read from some hundred thumbnails."""

MOST_SEEN = 256
"""Areas that are looked at."""

MOST_REGIONS = 8
"""Regions are told up to this number, the strongest first."""

SHOWS_MORE = TOLD
"""Score of a thumbnail that shows more than the picture on all sides: no honest one was read so."""


def compare_thumbnail(thumbnail: Pixels, picture: Pixels) -> ThumbnailComparison:
    """Compare an embedded thumbnail, uint8 (height, width, 3), with the picture, likewise, as displayed.

    The thumbnail may be turned by quarters, have bars or be cut to another shape. Regions are of the picture's pixels.
    DIFFERS without a region says that the picture is a part of what the thumbnail shows.
    """
    size = (thumbnail.shape[1], thumbnail.shape[0])
    cannot = ThumbnailComparison(ThumbnailOutcome.CANNOT_TELL, size)
    side = min(WORKING_SIDE, max(thumbnail.shape[:2]), max(picture.shape[:2]))
    if side < LEAST_SIDE or min(*thumbnail.shape[:2], *picture.shape[:2]) < LEAST_SHORT_SIDE:
        return cannot
    small, large = _reduced(thumbnail, side), _reduced(picture, side * DENSER)
    found = lay_thumbnail(small, large)
    agreeing = None if found is None else _agreement(small, found)
    if agreeing is None or not _same_frame(agreeing):
        part = lay_part(small, large)
        if part is not None and _same_frame(of_part := _agreement(small, part)):
            found, agreeing = part, of_part
    if found is None or agreeing is None or agreeing.blocks < LEAST_BLOCKS:
        return cannot
    if agreeing.share < OTHER_PICTURE:
        return ThumbnailComparison(ThumbnailOutcome.OTHER, size, score=TOLD)
    if not _same_frame(agreeing) or min(_extent(found[2])) < LEAST_SHORT_SIDE:
        return cannot
    return _compared(small, found, agreeing, picture, size)


def _compared(
    small: Image, found: Found, agreeing: Agreement, picture: Pixels, size: tuple[int, int]
) -> ThumbnailComparison:
    where, laid, inside = found
    details = detail(brightness(small), inside), detail(brightness(laid), inside)
    first = remainder(small, laid, inside)
    areas = _areas(first.excess, first.excess > LEVEL - FAINTER, details)
    if areas:
        # What was replaced bent the tones: fitted without it, only it remains.
        changed = np.logical_or.reduce([area.mask for area in areas])
        again = remainder(small, laid, inside, changed)
        # The narrow window shows where, the wide one how surely.
        seen = (again.narrow > LEVEL - FAINTER) | (again.excess > LEVEL)
        told = _areas(again.excess, seen, details) or areas
        boxes = tuple(
            _in_picture(area.box, where, small.shape, picture.shape) for area in told[:MOST_REGIONS]
        )
        return ThumbnailComparison(ThumbnailOutcome.DIFFERS, size, boxes, round(score_of(areas[0].peak), 2))
    covers = [extent / side for extent, side in zip(_extent(inside), inside.shape[::-1], strict=True)]
    if max(covers) < WHOLE_SIDE and agreeing.beyond >= LEAST_BEYOND:
        return ThumbnailComparison(ThumbnailOutcome.DIFFERS, size, score=SHOWS_MORE)
    score = min(score_of(float(first.excess.max())), TOLD)
    return ThumbnailComparison(ThumbnailOutcome.SAME, size, score=round(score, 2))


@dataclass(frozen=True, slots=True, eq=False)
class _Area:
    """Connected pixels, (height, width) of the working thumbnail, that differ: their largest excess and their box."""

    peak: float
    mask: NDArray[np.bool_]
    box: Box


def _areas(excess: Image, seen: NDArray[np.bool_], details: tuple[Image, Image]) -> list[_Area]:
    """Return what differs in content, the strongest first.

    Where the details are the same, the fit of tones failed, and only a strong difference is one: another colour.
    """
    import cv2  # noqa: PLC0415 - slow to import

    count, labels, stats, _ = cv2.connectedComponentsWithStats(seen.astype(np.uint8))
    found = []
    for k in range(1, min(count, MOST_SEEN)):
        mask = labels == k
        peak = float(excess[mask].max())
        if peak >= RECOLOURED or (peak >= LEVEL and correlation(*details, mask) < SAME_DETAIL):
            x, y, w, h = (int(value) for value in stats[k][:4])
            found.append(_Area(peak, mask, (x, y, w, h)))
    return sorted(found, key=lambda area: (-area.peak, area.box))


def score_of(excess: float) -> float:
    """Return -log10 of the share of honest thumbnails whose largest excess is this or more."""
    return min(MOST_SCORE, max(0.0, 0.3 + (excess - START) / SLOPE))


def _same_frame(agreeing: Agreement) -> bool:
    return agreeing.blocks >= LEAST_BLOCKS and agreeing.share >= SAME_FRAME


def _agreement(small: Image, found: Found) -> Agreement:
    _, laid, inside = found
    return agreement(brightness(small), brightness(laid), inside)


def _in_picture(box: Box, where: Laid, shape: tuple[int, ...], picture: tuple[int, ...]) -> Box:
    """Return a box of the working thumbnail's pixels in those of the picture as displayed."""
    x, y, w, h = box
    height, width = picture[:2]
    side = min(WORKING_SIDE, max(shape[:2])) * DENSER
    zoom = max(1.0, max(height, width) / side)
    across, down = (width, height) if where.turns % 2 == 0 else (height, width)
    left, right = (
        np.clip(((x, x + w)[k] * where.scale[0] + where.shift[0]) * zoom, 0, across) for k in (0, 1)
    )
    top, bottom = (np.clip(((y, y + h)[k] * where.scale[1] + where.shift[1]) * zoom, 0, down) for k in (0, 1))
    # numpy's quarter turns are counter-clockwise; each takes a turned pixel (x, y) back to (width - y, x).
    for _ in range(where.turns):
        left, right, top, bottom = down - bottom, down - top, left, right
        across, down = down, across
    x, y = min(int(left), width - 1), min(int(top), height - 1)
    return x, y, max(1, int(np.ceil(right)) - x), max(1, int(np.ceil(bottom)) - y)


def _extent(inside: NDArray[np.bool_]) -> tuple[int, int]:
    return int(np.count_nonzero(inside.any(axis=0))), int(np.count_nonzero(inside.any(axis=1)))


def _reduced(picture: Pixels, side: int) -> Image:
    """Return a picture whose longer side has at most so many pixels."""
    import cv2  # noqa: PLC0415 - slow to import

    height, width = picture.shape[:2]
    factor = side / max(height, width)
    if factor >= 1:
        return picture.astype(np.float32)
    size = max(1, round(width * factor)), max(1, round(height * factor))
    reduced = cv2.resize(np.ascontiguousarray(picture), size, interpolation=cv2.INTER_AREA)
    return np.asarray(reduced, np.float32)
