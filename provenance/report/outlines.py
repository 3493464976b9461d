"""Changed regions outlined and numbered on a picture, without hiding what is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from provenance.report.canvas import LEAST_TEXT, text_width, written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from provenance.report.canvas import Pixels

    Rectangle = tuple[float, float, float, float]
    """x, y, width, height in pixels of the picture that is drawn on."""
    Floats = NDArray[np.float32]

LIGHT = (255, 214, 0)
DARK = (16, 16, 16)
"""A pair: on any ground, one of them stands out, in print without colours too."""

LINES_A_SIDE = 450
"""Widths of one of the two lines along the longer side of a picture."""

TEXTS_A_SIDE = 44
"""Heights of the numbers along the longer side."""


def outlined(picture: Pixels, mask: NDArray[np.bool_], boxes: Sequence[Rectangle]) -> Pixels:
    """Return `picture`, uint8 (height, width, 3), with what `mask`, bool (height, width), holds outlined.

    A light line runs around it, a dark one around that, both outside; only where a region meets the edge of the
    picture they run along that edge, inside. Each of `boxes` has its number, counted from 1, beside it where there
    is room, and always inside the picture; a picture in which a number has no room is left without it.
    """
    if not mask.any():
        return picture
    line = max(1, round(max(picture.shape) / LINES_A_SIDE))
    region = _closed(mask, line)
    away = _distance(region)
    return _numbered(_lined(picture, region, away, line), region, away, boxes, line)


def _closed(mask: NDArray[np.bool_], line: int) -> NDArray[np.bool_]:
    """Return the mask without gaps so narrow that the lines around them would fill them."""
    import cv2  # noqa: PLC0415 - slow to import

    # Room around it: else what lies near the edge would be drawn to it.
    room = 4 * line
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * room + 1, 2 * room + 1))
    padded = np.pad(mask.astype(np.uint8), room)
    closed = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, disc)
    return np.asarray(closed[room:-room, room:-room] > 0)


def _distance(region: NDArray[np.bool_]) -> Floats:
    """Return how far, in pixels, each pixel is from the region: 0 in it, 1 beside it."""
    import cv2  # noqa: PLC0415 - slow to import

    outside = (~region).astype(np.uint8)
    return np.asarray(cv2.distanceTransform(outside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE), np.float32)


def _lined(picture: Pixels, region: NDArray[np.bool_], away: Floats, line: int) -> Pixels:
    height, width = region.shape
    rows, columns = np.arange(height)[:, None], np.arange(width)
    edge = np.minimum(np.minimum(rows, height - 1 - rows), np.minimum(columns, width - 1 - columns)).astype(
        np.float32
    )
    place = np.where(region, np.where(edge < 2 * line, 2 * line - edge, np.inf), away)
    drawn = place < 2 * line + 1
    covers = np.clip(2 * line + 1 - place[drawn], 0, 1)[:, None]
    lighter = np.clip(line + 1 - place[drawn], 0, 1)[:, None]
    colour = lighter * np.array(LIGHT) + (1 - lighter) * np.array(DARK)
    result = picture.copy()
    result[drawn] = np.rint(covers * colour + (1 - covers) * picture[drawn]).astype(np.uint8)
    return result


def _numbered(
    picture: Pixels, region: NDArray[np.bool_], away: Floats, boxes: Sequence[Rectangle], line: int
) -> Pixels:
    size = max(LEAST_TEXT, round(max(picture.shape) / TEXTS_A_SIDE))
    taken = np.zeros(region.shape, bool)
    tags: list[tuple[str, float, float]] = []
    result = picture.copy()
    for number, box in enumerate(boxes, 1):
        tag = text_width(str(number), size) + size // 2 + 2 * line, round(size * 1.25) + 2 * line
        if tag[0] > region.shape[1] or tag[1] > region.shape[0]:
            continue
        left, top = _place(tag, box, region, away, taken, gap=2 * line)
        right, bottom = left + tag[0], top + tag[1]
        taken[top:bottom, left:right] = True
        result[top:bottom, left:right] = DARK
        result[top + line : bottom - line, left + line : right - line] = LIGHT
        tags.append((str(number), (left + right) / 2, (top + bottom) / 2))
    return written(result, tags, size, ink=DARK, anchor="mm")


def _place(
    tag: tuple[int, int],
    box: Rectangle,
    region: NDArray[np.bool_],
    away: Floats,
    taken: NDArray[np.bool_],
    *,
    gap: int,
) -> tuple[int, int]:
    """Return the left and top of a tag, (width, height), near a box: covering little, other tags least of all."""
    x, y, w, h = box
    above, below, before, after = y - tag[1] - gap, y + h + gap, x - tag[0] - gap, x + w + gap
    right, low, middle = x + w - tag[0], y + h - tag[1], x + (w - tag[0]) / 2
    wished = [(x, above), (right, above), (x, below), (right, below), (middle, above), (middle, below)]
    wished += [
        (after, y),
        (before, y),
        (after, low),
        (before, low),
        (x, y),
        (right, y),
        (x, low),
        (right, low),
    ]
    most = region.shape[1] - tag[0], region.shape[0] - tag[1]
    places = [(min(max(0, round(a)), most[0]), min(max(0, round(b)), most[1])) for a, b in wished]

    def cost(place: tuple[int, int]) -> float:
        left, top = place
        under = np.s_[top : top + tag[1], left : left + tag[0]]
        # A box's corner may be far from the region in it, as that of a slanting line is.
        stray = float(away[under].min()) / tag[1]
        return 2 * float(region[under].mean()) + 8 * float(taken[under].mean()) + stray

    return min(places, key=cost)
