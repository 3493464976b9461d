"""Shifts under which parts of a picture look like other parts of it: proposals, from SIFT features.

Only shifts are proposed. A copy that was also turned or scaled was interpolated: it no longer shows exactly the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from provenance.model.changes import Box

WORKING_SIDE = 1200
"""Longer side, pixels, at which features are looked for."""

FEATURES = 4000
"""Features that are compared with each other."""

CONTRAST = 0.015
"""Of the weakest feature, against SIFT's usual 0.04: what is copied is often grass, sand or cloud."""

NEAREST = 20.0
"""Working pixels by which a copy must lie away: features nearer than that see the same thing twice."""

ALIKE = 0.85
"""Cosine of two descriptors at least."""

TURNED = 12.0
"""Degrees by which the features of a shifted copy may be turned against each other."""

SIZED = 1.25
"""By how much larger one of them may be."""

BIN = 2.0
"""Working pixels within which shifts are the same."""

SUPPORT = 3
"""Pairs of features that must show a shift."""

MOST_SHIFTS = 16
"""Shifts that are looked at."""

_ROWS = 512
"""Features that are compared with all others at once."""


@dataclass(frozen=True, slots=True)
class Shift:
    """A part of a picture, and how far off it is seen again: whole pixels of the picture, right to within a few."""

    x: int
    y: int
    source: Box
    """Around the features that show it."""
    support: int
    slack: int
    """Pixels by which the shift may be wrong."""


def proposed_shifts(grey: NDArray[np.uint8]) -> list[Shift]:
    """Return the shifts that most pairs of features show, most first.

    Args:
        grey: Uint8 (height, width).
    """
    scale = max(1.0, max(grey.shape) / WORKING_SIDE)
    if scale > 1:
        size = round(grey.shape[1] / scale), round(grey.shape[0] / scale)
        grey = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)
    finder = cv2.SIFT.create(nfeatures=FEATURES, contrastThreshold=CONTRAST)
    points, descriptors = finder.detectAndCompute(grey, None)
    if len(points) <= SUPPORT:
        return []
    places = np.array([(p.pt[0], p.pt[1], p.angle, p.size) for p in points[:FEATURES]], np.float32)
    pairs = _pairs(places, np.asarray(descriptors[:FEATURES], np.float32))
    return _voted(places, pairs, scale)


def _pairs(places: NDArray[np.float32], descriptors: NDArray[np.float32]) -> NDArray[np.intp]:
    """Return each feature with the most alike of those that may be its copy, (pairs, 2)."""
    unit = descriptors / np.maximum(np.linalg.norm(descriptors, axis=1, keepdims=True), 1e-6)
    found = []
    for top in range(0, len(unit), _ROWS):
        rows = slice(top, top + _ROWS)
        likeness = unit[rows] @ unit.T
        apart = places[rows, None, :] - places[None, :, :]
        near = apart[..., 0] ** 2 + apart[..., 1] ** 2 < NEAREST**2
        turned = np.abs((apart[..., 2] + 180) % 360 - 180) > TURNED
        sized = np.abs(np.log(places[rows, None, 3] / places[None, :, 3])) > np.log(SIZED)
        likeness[near | turned | sized] = 0
        best = likeness.argmax(axis=1)
        alike = likeness[np.arange(len(best)), best] >= ALIKE
        found.append(np.stack([np.arange(top, top + len(best)), best], axis=1)[alike])
    return np.concatenate(found)


def _voted(places: NDArray[np.float32], pairs: NDArray[np.intp], scale: float) -> list[Shift]:
    if not len(pairs):
        return []
    here, there = places[pairs[:, 0], :2], places[pairs[:, 1], :2]
    # of a pair seen from both ends, one direction
    swapped = (there[:, 1] < here[:, 1]) | ((there[:, 1] == here[:, 1]) & (there[:, 0] < here[:, 0]))
    here, there = np.where(swapped[:, None], there, here), np.where(swapped[:, None], here, there)
    seen = np.unique(np.concatenate([here, there], axis=1).round(1), axis=0)
    here, moves = seen[:, :2], seen[:, 2:] - seen[:, :2]
    left = np.ones(len(moves), bool)
    shifts: list[Shift] = []
    keys = np.rint(moves / BIN).astype(np.int64) @ np.array([1 << 20, 1])
    values, counts = np.unique(keys, return_counts=True)
    for key in values[np.argsort(-counts, kind="stable")[: 4 * MOST_SHIFTS]]:
        centre = np.median(moves[keys == key], axis=0)
        close = left & (np.abs(moves - centre).max(axis=1) <= BIN)
        if close.sum() < SUPPORT:
            continue
        left &= ~close
        centre = np.median(moves[close], axis=0)
        low, high = here[close].min(axis=0) * scale, here[close].max(axis=0) * scale
        box = int(low[0]), int(low[1]), int(high[0] - low[0]) + 1, int(high[1] - low[1]) + 1
        x, y = (round(float(v)) for v in centre * scale)
        shifts.append(Shift(x, y, box, int(close.sum()), int(np.ceil(scale)) + 1))
    return sorted(shifts, key=lambda shift: -shift.support)[:MOST_SHIFTS]
