"""What happened to a picture as a whole, in numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from provenance.compare.frame import density
from provenance.compare.geometry import project
from provenance.compare.tone import SOFTENED
from provenance.model import GlobalChanges

if TYPE_CHECKING:
    from collections.abc import Sequence

    from provenance.compare.filters import Image
    from provenance.compare.geometry import Floats
    from provenance.compare.tone import ToneMap

GREY = 1.5
"""Grey levels by which the channels of a greyscale picture differ at most, on average: JPEG rounds colours."""

COLOURED = 6.0
"""Grey levels by which those of a coloured picture differ at least."""


def global_changes(
    sizes: tuple[tuple[int, int], tuple[int, int]],
    matrix: Floats,
    pictures: tuple[Image, Image],
    tone: ToneMap,
    *,
    tables: Sequence[Sequence[int]] | None,
    inverted: bool,
) -> GlobalChanges:
    """Tell what happened to the whole picture.

    `sizes` are the full query's and reference's (width, height), `matrix` maps the former's pixels onto the
    latter's; `pictures` are the query and the reference on working pixels, float32 RGB, where both lie.
    """
    (wq, hq), (wr, hr) = sizes
    corners = np.array([[0, 0], [wq, 0], [wq, hq], [0, hq]], float)
    quad = project(matrix, corners)
    shown = _clipped_area(quad, wr, hr)
    low, high = quad.min(axis=0), quad.max(axis=0)
    a, b, c, d = _linear(matrix, corners.mean(axis=0))
    mirrored = a * d - b * c < 0
    a, c = (-a, -c) if mirrored else (a, c)
    scales = [density(matrix, corner[None]) for corner in corners * 0.98 + corners.mean(axis=0) * 0.02]
    back = _linear(
        np.asarray(np.linalg.inv(matrix), np.float64), project(matrix, corners.mean(axis=0)[None])[0]
    )
    query, reference = pictures
    luma = np.array([0.299, 0.587, 0.114])
    weights = tone.matrix[:, :3]
    curve = luma @ tone.curve
    return GlobalChanges(
        gone=round(max(0.0, 1 - shown / (wr * hr)), 4),
        left=_share(low[0], wr),
        top=_share(low[1], hr),
        right=_share(wr - high[0], wr),
        bottom=_share(hr - high[1], hr),
        added=round(max(0.0, 1 - shown / max(_area(quad), 1e-9)), 4),
        mirrored=bool(mirrored),
        rotation=round(-math.degrees(math.atan2(c - b, a + d)), 2) + 0.0,
        scale=round(1 / density(matrix, corners.mean(axis=0)[None]), 4),
        stretch=round(math.hypot(back[0], back[2]) / math.hypot(back[1], back[3]), 4),
        perspective=round(max(scales) / min(scales), 4),
        inverted=inverted,
        greyscale=_colour(query) <= GREY and _colour(reference) >= COLOURED,
        gain=round(float(luma @ weights.sum(axis=1)), 3),
        offset=round(float(luma @ tone.matrix[:, 3]), 2),
        bend=round(float(np.abs(curve[16:240]).max()), 1),
        saturation=round(_colour(query) / _colour(reference), 3) if _colour(reference) >= COLOURED else 1.0,
        sharpness=round(max(0.0, _response(tone.filters)), 3),
        quality=None if tables is None else quality(tables[0]),
    )


def quality(table: Sequence[int]) -> int:
    """Return the libjpeg quality, 1 to 100, whose brightness table (64 numbers) has this mean."""
    # Of the standard table (ITU-T T.81, annex K.1); libjpeg scales it by 50 / q below 50 and 2 - q / 50 above.
    scale = sum(table) / 3688
    found = 50 / scale if scale > 1 else 100 - 50 * scale
    return int(min(100, max(1, round(found))))


def _response(filters: Floats) -> float:
    """Return what a mix of Gaussians does to a wave of four pixels."""
    parts = (
        share * (math.exp(-2 * (math.pi * s / 4) ** 2) - 1)
        for share, s in zip(filters, SOFTENED, strict=True)
    )
    return float(1 + sum(parts))


def _share(cut: float, side: int) -> float:
    return round(float(np.clip(cut / side, 0, 1)), 4)


def _linear(matrix: Floats, at: Floats) -> tuple[float, float, float, float]:
    near = project(matrix, at + np.array([[0, 0], [0.5, 0], [0, 0.5]]))
    (a, c), (b, d) = (near[1:] - near[0]) * 2
    return float(a), float(b), float(c), float(d)


def _colour(picture: Image) -> float:
    """Return how far the channels lie apart, on average over some thousand pixels."""
    picture = picture[:: max(1, len(picture) // 20_000)]
    return float((picture.max(axis=-1) - picture.min(axis=-1)).mean()) if picture.size else 0.0


def _area(polygon: Floats) -> float:
    x, y = polygon.T
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2


def _clipped_area(polygon: Floats, width: int, height: int) -> float:
    """Return the area of a convex polygon within the reference (Sutherland & Hodgman 1974)."""
    for axis, bound, sign in ((0, 0, 1), (0, width, -1), (1, 0, 1), (1, height, -1)):
        kept = []
        for here, there in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
            d0, d1 = sign * (here[axis] - bound), sign * (there[axis] - bound)
            if d0 >= 0:
                kept.append(here)
            if d0 * d1 < 0:
                kept.append(here + (there - here) * (d0 / (d0 - d1)))
        if len(kept) < 3:
            return 0.0
        polygon = np.array(kept)
    return _area(polygon)
