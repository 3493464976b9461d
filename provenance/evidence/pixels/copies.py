"""Regions of a picture that are seen again, and how surprising that is."""

from __future__ import annotations

from dataclasses import dataclass
from math import log10, pi
from typing import TYPE_CHECKING

import cv2
import numpy as np

from provenance.evidence.pixels.agreement import CELL, MARGIN, WINDOW, agreement, detail
from provenance.evidence.pixels.chance import surprise
from provenance.evidence.pixels.luminance import luminance
from provenance.evidence.pixels.shifts import MOST_SHIFTS, proposed_shifts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from provenance.evidence.pixels.agreement import Agreement
    from provenance.evidence.pixels.shifts import Shift
    from provenance.model.changes import Box

CELLS_A_WINDOW = (WINDOW // CELL) ** 2
"""Cells that share their pixels, and so count as one trial."""

CHANCE = 0.03
"""Of a window to agree by accident, at least: other repeated things in the picture may raise it."""

WHOLE = 0.06
"""Pixels by which the best fit of a copy may lie beside a whole shift: of real repetitions, one in 88 does so."""

MOST_AREA = 16_000_000
"""Pixels that are compared under all shifts together."""

FEWEST = 64
"""Cells that another shift must have compared for its share to say something."""


@dataclass(frozen=True, slots=True)
class Copy:
    """Two regions that show the same, boxes in the picture's pixels, of one size."""

    first: Box
    second: Box
    score: float
    """-log10 of how many such pairs are to be expected where nothing was copied."""

    @property
    def shift(self) -> tuple[int, int]:
        """Return how far right and down the second lies of the first, pixels."""
        return self.second[0] - self.first[0], self.second[1] - self.first[1]


def copies(pixels: NDArray[np.uint8], least: float) -> list[Copy]:
    """Return the pairs of regions that show the same, best first; one for each shift that holds, there or back.

    Args:
        pixels: Uint8 (height, width, 3).
        least: Score that a pair must have.
    """
    light = luminance(pixels)
    shifts = proposed_shifts(np.rint(light).astype(np.uint8))
    if not shifts:
        return []
    of = detail(pixels, light)
    found = [a for a in (agreement(of, shift) for shift in _affordable(shifts)) if a is not None]
    scored = (_copy(held, found[:i] + found[i + 1 :], light.shape) for i, held in enumerate(found))
    best: dict[tuple[int, int], Copy] = {}
    for copy in sorted((c for c in scored if c is not None and c.score >= least), key=lambda c: -c.score):
        best.setdefault(max(copy.shift, (-copy.shift[0], -copy.shift[1])), copy)
    return list(best.values())


def _affordable(shifts: Sequence[Shift]) -> list[Shift]:
    """Return the shifts, most supported first, that can be compared within `MOST_AREA`."""
    chosen: list[Shift] = []
    area = 0
    for shift in shifts:
        area += (shift.source[2] + 2 * MARGIN) * (shift.source[3] + 2 * MARGIN)
        if area <= MOST_AREA:
            chosen.append(shift)
    return chosen


def _copy(held: Agreement, others: Sequence[Agreement], shape: tuple[int, ...]) -> Copy | None:
    number, _, stats, _ = cv2.connectedComponentsWithStats(held.agrees.astype(np.uint8), connectivity=8)
    if number == 1 or held.beside > WHOLE:
        return None
    x, y, width, height, cells = (int(v) for v in stats[1 + stats[1:, cv2.CC_STAT_AREA].argmax()])
    usable = int(held.usable[y : y + height, x : x + width].sum())
    chance = max(CHANCE, _elsewhere(others))
    area = held.usable.size / CELLS_A_WINDOW
    tests = MOST_SHIFTS * max(1.0, area * (area + 1) / 4) * pi * WHOLE**2
    score = float(surprise(cells / CELLS_A_WINDOW, usable / CELLS_A_WINDOW, chance)) - log10(tests)
    # a cell stands in the middle of its window
    left, top = held.left + x * CELL - CELL // 2, held.top + y * CELL - CELL // 2
    left, width = _within(left, width * CELL, held.x, shape[1])
    top, height = _within(top, height * CELL, held.y, shape[0])
    if abs(held.x) < width and abs(held.y) < height:
        # A part copied over itself is a pattern that goes on: a grille, a weave.
        return None
    return Copy((left, top, width, height), (left + held.x, top + held.y, width, height), score)


def _within(start: int, length: int, shift: int, side: int) -> tuple[int, int]:
    """Return the part of a stretch that lies in a picture of this side, and also does when shifted."""
    first = max(start, 0, -shift)
    return first, min(start + length, side, side - shift) - first


def _elsewhere(others: Sequence[Agreement]) -> float:
    """Return the largest share of windows that agree under another shift that is not whole."""
    shares = (
        float(other.agrees.sum() / max(FEWEST, other.usable.sum()))
        for other in others
        if other.beside > WHOLE
    )
    return min(0.5, max(shares, default=0.0))
