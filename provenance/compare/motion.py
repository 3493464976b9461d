"""What still moves between two registered photos: copies lie still, another photo of the scene does not.

One homography lays two copies over each other to a fraction of a pixel, everywhere. Photos from two places, or of
two moments, keep moving against each other: blocks whose difference is explained by a shift of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from provenance.compare.filters import brightness, gradient, smooth

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from provenance.compare.filters import Image
    from provenance.compare.geometry import Floats

BLOCK = 24
"""Working pixels a side: two unknowns from 576 pixels, and some hundred blocks in a small photo."""

TEXTURED = 4.0
"""Grey levels of standard deviation from which a block shows something."""

LEAST_STRUCTURE = 0.3
"""Squared grey levels a pixel of gradient in a block's flattest direction, from which its shift is known."""

AGREES = 0.8
"""Correlation from which a block shows the same."""

EXPLAINED = 0.3
"""Share of what differs in a block that a shift must explain for it to have moved: noise lets it explain less."""

MOVED = 0.25
"""Working pixels from which a block has moved: resampling shifts details by less."""


FARTHEST = 2.0
"""Working pixels by which an area may lie elsewhere to have moved only: bending a body takes more."""

MOSTLY = 0.5
"""Share of what differs in an area that its motion explains then."""

LEAST = 50
"""Pixels from which an area tells six numbers from noise."""


@dataclass(frozen=True, slots=True)
class Motion:
    """What the blocks of two registered photos say.

    `residual` is the median residual shift of blocks that agree, working pixels. Of the `blocks` that show
    something, `agreeing` is the share that shows the same, and of those `moved` the share that lies elsewhere.
    """

    residual: float
    agreeing: float
    moved: float
    blocks: int


def motion(predicted: Image, query: Image, inside: NDArray[np.bool_]) -> Motion:
    """Measure the motion left between a query and what the reference predicts, float32 (height, width, 3)."""
    p, q = (smooth(brightness(picture), 1.0) for picture in (predicted, query))
    x, y = gradient((p + q) * np.float32(0.5))
    d = q - p
    mean_p, mean_q, mean_d = (_means(v) for v in (p, q, d))
    spread_p, spread_q = _means(p * p) - mean_p**2, _means(q * q) - mean_q**2
    shared = _means(p * q) - mean_p * mean_q
    whole = _means(inside.astype(np.float32)) > 0.999
    textured = whole & (np.maximum(spread_p, spread_q) >= TEXTURED**2)
    correlation = shared / np.sqrt(np.maximum(spread_p * spread_q, 1e-3))
    xx, xy, yy, xd, yd = (_means(v) for v in (x * x, x * y, y * y, x * d, y * d))
    xd, yd = xd - _means(x) * mean_d, yd - _means(y) * mean_d
    scale = np.maximum(xx * yy - xy * xy, 1e-6)
    u, v = (yy * xd - xy * yd) / scale, (xx * yd - xy * xd) / scale
    energy = np.maximum(_means(d * d) - mean_d**2, 1e-6)
    explained = (u * xd + v * yd) / energy
    flattest = (xx + yy) / 2 - np.sqrt(((xx - yy) / 2) ** 2 + xy * xy)
    return _summary(textured, correlation, flattest >= LEAST_STRUCTURE, np.hypot(u, v), explained)


def only_moved(area: NDArray[np.bool_], predicted: Image, query: Image) -> bool:
    """Return whether an area, bool (height, width), differs for the most part by lying a little elsewhere.

    An affine flow of its own, fitted to the gradient (Lucas & Kanade 1981), explains the difference then; it does not
    explain that of other content, nor another tone.
    """
    rows, columns = np.flatnonzero(area.any(axis=1)), np.flatnonzero(area.any(axis=0))
    around = slice(max(0, rows[0] - 8), rows[-1] + 9), slice(max(0, columns[0] - 8), columns[-1] + 9)
    p, q = (smooth(brightness(picture[around]), 1.0) for picture in (predicted, query))
    x, y = (plane[area[around]].astype(np.float64) for plane in gradient((p + q) * np.float32(0.5)))
    difference = (q - p)[area[around]].astype(np.float64)
    place = np.argwhere(area[around]).T / max(area[around].shape) - 0.5
    flow = np.stack([np.ones(len(x)), *place])
    design = np.vstack([flow * x, flow * y]).T
    fit, *_ = np.linalg.lstsq(design, difference, rcond=None)
    shift = np.hypot(fit[:3] @ flow, fit[3:6] @ flow)
    left = difference - design @ fit
    explained = left @ left <= (1 - MOSTLY) * (difference @ difference)
    return bool(explained and np.median(shift) <= FARTHEST and len(x) > LEAST)


def _summary(
    textured: NDArray[np.bool_],
    correlation: Floats,
    known: NDArray[np.bool_],
    shift: Floats,
    explained: Floats,
) -> Motion:
    blocks = int(np.count_nonzero(textured))
    if blocks == 0:
        return Motion(0.0, 0.0, 0.0, 0)
    agreeing = textured & (correlation >= AGREES)
    sure = agreeing & known
    moved = sure & (shift >= MOVED) & (explained >= EXPLAINED)
    return Motion(
        residual=float(np.median(shift[sure])) if sure.any() else 0.0,
        agreeing=int(np.count_nonzero(agreeing)) / blocks,
        moved=int(np.count_nonzero(moved)) / max(1, int(np.count_nonzero(sure))),
        blocks=blocks,
    )


def _means(picture: Image) -> Floats:
    rows, columns = picture.shape[0] // BLOCK, picture.shape[1] // BLOCK
    cut = picture[: rows * BLOCK, : columns * BLOCK].reshape(rows, BLOCK, columns, BLOCK)
    result: Floats = cut.mean(axis=(1, 3), dtype=np.float64)
    return result
