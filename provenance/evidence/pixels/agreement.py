"""Whether two parts of a picture show the same, down to the finest detail, in the same tones.

Real things that repeat differ in noise, light, and by fractions of a pixel. A copied part agrees with its source in
all three, whatever a JPEG file made of both since.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from provenance.evidence.pixels.shifts import Shift

    Plane = NDArray[np.float32]

CELL = 8
"""Pixels between the places at which agreement is looked at."""

WINDOW = 16
"""Pixels a side of what is compared at each of them."""

FINE = 1.2
"""Sigma, pixels, below which detail is fine."""

LOCAL = 4.0
"""Sigma, pixels, within which fine detail is brought to one strength: edges would outweigh all texture."""

STRONGEST = 2.0
"""Times the local strength beyond which detail is cut off."""

LEAST_POWER = 2.0
"""Squared grey levels of fine detail, below which a place is flat."""

SPECKLE = 0.75
"""Grey levels by which a pixel differs from the median of its neighbours where there is texture, not drawing."""

SPECKLED = 0.5
"""Share of such pixels in a window with texture."""

ENDS = (6.0, 249.0)
"""Grey levels beyond which tones were cut off."""

STILL = 2.0
"""Grey levels between the darkest and brightest of nine neighbours, up to which they are plain, as paper is."""

PLAIN = 0.15
"""Share of plain or cut-off pixels in a window that makes it drawing or text: there, exact repetition is usual."""

DETAIL = 0.6
"""Correlation of fine detail where two windows agree."""

PEAK = 0.15
"""By how much that must be above the correlation one pixel beside: along edges and stripes it is not."""

TONE = 2.0
"""Grey levels by which the means of two windows that agree may differ, and twice that for colours."""

MARGIN = 96
"""Pixels around the features of a shift in which its region may lie."""

AROUND = 12
"""Pixels around them in which the shift is refined."""

_BESIDE = tuple((x, y) for y in (-1, 0, 1) for x in (-1, 0, 1) if x or y)


@dataclass(frozen=True, slots=True, eq=False)
class Detail:
    """What of a picture is compared: float32 (height, width), but for `usable`.

    `fine` is fine detail at one strength, `tones` (height, width, 3) are local means of brightness and two colour
    differences, `usable` says where there is texture.
    """

    fine: Plane
    tones: Plane
    usable: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """Where a shift holds: booleans a cell of 8 pixels, the first at `left`, `top` of the picture.

    `beside` is how far, in pixels, the best fit lies from the whole shift `x`, `y`, over all that agrees.
    """

    x: int
    y: int
    left: int
    top: int
    usable: NDArray[np.bool_]
    agrees: NDArray[np.bool_]
    beside: float


def detail(pixels: NDArray[np.uint8], light: Plane) -> Detail:
    """Return what of a picture can be compared.

    Args:
        pixels: Uint8 (height, width, 3).
        light: Its luminance, float32 (height, width).
    """
    fine = light - cv2.GaussianBlur(light, (0, 0), FINE)
    power = cv2.GaussianBlur(fine * fine, (0, 0), LOCAL)
    window = (WINDOW, WINDOW)
    speckle = np.abs(light - cv2.medianBlur(light, 3)) >= SPECKLE
    usable = (power >= LEAST_POWER) & (cv2.blur(speckle.astype(np.float32), window) >= SPECKLED)
    nine = np.ones((3, 3), np.uint8)
    plain = cv2.dilate(light, nine) - cv2.erode(light, nine) <= STILL
    plain |= (light < ENDS[0]) | (light > ENDS[1])
    usable &= cv2.blur(plain.astype(np.float32), window) <= PLAIN
    brightness = cv2.blur(light, window)
    fine = np.clip(fine / np.sqrt(power + 0.5), -STRONGEST, STRONGEST).astype(np.float32)
    means = cv2.blur(pixels, window).astype(np.float32)
    tones = np.stack([brightness, means[..., 0] - means[..., 1], means[..., 2] - means[..., 1]], axis=2)
    return Detail(fine, tones, usable)


def agreement(of: Detail, shift: Shift) -> Agreement | None:
    """Return where a shift holds, once it is right to the pixel, or None where it leads out of the picture."""
    refined = _refined(of, shift)
    height, width = of.usable.shape
    x, y, w, h = shift.source
    dx, dy = refined
    # one pixel is kept for the comparisons beside
    left, top = max(1, x - MARGIN, 1 - dx), max(1, y - MARGIN, 1 - dy)
    right, bottom = (
        min(width - 1, x + w + MARGIN, width - 1 - dx),
        min(height - 1, y + h + MARGIN, height - 1 - dy),
    )
    if right - left < 2 * WINDOW or bottom - top < 2 * WINDOW:
        return None
    here = slice(top, bottom), slice(left, right)
    there = slice(top + dy, bottom + dy), slice(left + dx, right + dx)
    centre = _correlation(of.fine, here, (dx, dy))
    beside = {(u, v): _correlation(of.fine, here, (dx + u, dy + v)) for u, v in _BESIDE}
    usable = (of.usable[here] & of.usable[there])[::CELL, ::CELL]
    tones = np.abs(of.tones[here] - of.tones[there])[::CELL, ::CELL]
    same = (tones <= np.array([TONE, 2 * TONE, 2 * TONE], np.float32)).all(axis=2)
    peak = centre - np.max(list(beside.values()), axis=0)
    agrees = usable & same & (centre >= DETAIL) & (peak >= PEAK)
    return Agreement(dx, dy, left, top, usable, agrees, _off(centre, beside, agrees))


def _refined(of: Detail, shift: Shift) -> tuple[int, int]:
    """Return the whole shift near the proposed one under which the features' surroundings agree best."""
    height, width = of.usable.shape
    x, y, w, h = shift.source
    slack = shift.slack
    left, top = max(0, x - AROUND, slack - shift.x), max(0, y - AROUND, slack - shift.y)
    right = min(width, x + w + AROUND, width - shift.x - slack)
    bottom = min(height, y + h + AROUND, height - shift.y - slack)
    if right <= left or bottom <= top:
        return shift.x, shift.y
    part = of.fine[top:bottom, left:right]
    moves = [(u, v) for v in range(-slack, slack + 1) for u in range(-slack, slack + 1)]
    likeness = []
    for u, v in moves:
        x, y = left + shift.x + u, top + shift.y + v
        likeness.append(float(np.vdot(part, of.fine[y : y + bottom - top, x : x + right - left])))
    u, v = moves[int(np.argmax(likeness))]
    return shift.x + u, shift.y + v


def _correlation(fine: Plane, here: tuple[slice, slice], move: tuple[int, int]) -> Plane:
    """Return the correlation of windows with those at a shift, one a cell."""
    rows, columns = here
    there = fine[rows.start + move[1] : rows.stop + move[1], columns.start + move[0] : columns.stop + move[0]]
    window = (WINDOW, WINDOW)
    products = (fine[here] * there, fine[here] ** 2, there**2)
    both, one, other = (cv2.blur(product, window)[::CELL, ::CELL] for product in products)
    return np.asarray(both / np.sqrt(one * other + 1e-6), np.float32)


def _off(centre: Plane, beside: dict[tuple[int, int], Plane], agrees: NDArray[np.bool_]) -> float:
    """Return how far the vertex of the parabola through the correlations lies from the whole shift, pixels."""
    if not agrees.any():
        return 1.0
    peak = float(centre[agrees].mean())
    offsets = []
    for before, after in (((-1, 0), (1, 0)), ((0, -1), (0, 1))):
        low, high = float(beside[before][agrees].mean()), float(beside[after][agrees].mean())
        offsets.append((high - low) / max(1e-6, 2 * (2 * peak - low - high)))
    return float(np.linalg.norm(offsets))
