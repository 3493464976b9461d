"""Hints from JPEG grids: a region, or the whole picture, was compressed with its blocks in another place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from provenance.evidence.pixels.grids import cell_votes, foreign_regions, whole_grid
from provenance.evidence.pixels.luminance import luminance
from provenance.evidence.pixels.tables import luminance_table
from provenance.evidence.pixels.zeros import BLOCK, NEAR_ZERO, votes, zero_counts
from provenance.model.file_facts import Hint, HintKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from provenance.evidence.pixels.tables import Table

LEAST = 4.0
"""Score that is told. At 3, a region was in two of 1,472 photos: one is a cut-out, one had an earlier grid all over
(docs/pixel-hints.md)."""

SMALLEST = 64
"""Pixels of the shorter side below which nothing can be told."""

COARSEST = 4.0
"""What counts as zero at most. The last compression moves coefficients by half its steps, and zeros with them."""


def grid_shifts(data: bytes, pixels: NDArray[np.uint8], least: float = LEAST) -> tuple[Hint, ...]:
    """Return a hint for each region whose JPEG blocks begin elsewhere than the rest's, and one for a shifted whole.

    The grid of a JPEG file itself begins at 0, 0, so any other is of an earlier file.

    Args:
        data: The file.
        pixels: What it decodes to, as stored, uint8 (height, width, 3).
        least: Score that a region must have.
    """
    if min(pixels.shape[:2]) < SMALLEST:
        return ()
    table = luminance_table(data)
    counts = zero_counts(luminance(pixels), _near_zero(table))
    known = [0] if table is not None else []
    cells = _votes_but_for(counts, known)
    hints = []
    whole = whole_grid(cells)
    if whole is not None:
        grid, score = whole
        if grid and score >= least:
            hints.append(Hint(HintKind.GRID_SHIFT, score, (), _whole_words(grid)))
        known.append(grid)
        cells = _votes_but_for(counts, known)
    hints += [
        Hint(HintKind.GRID_SHIFT, region.score, (region.box,), _region_words(region.grid, known))
        for region in foreign_regions(cells, known, least)
        # the picture's own earlier file, with a plain sky around, is no foreign region
        if known or region.grid
    ]
    return tuple(hints)


def _near_zero(table: Table | None) -> float:
    if table is None:
        return NEAR_ZERO
    return float(np.clip(np.median(table) / 2, NEAR_ZERO, COARSEST))


def _votes_but_for(counts: NDArray[np.uint8], grids: Sequence[int]) -> NDArray[np.uint8]:
    """Return the votes of a picture's cells where some grids cannot be voted for."""
    for grid in grids:
        y, x = divmod(grid, BLOCK)
        counts[y::BLOCK, x::BLOCK] = 0
    return cell_votes(votes(counts))


def _place(grid: int) -> str:
    y, x = divmod(grid, BLOCK)
    return f"{x}, {y}"


def _whole_words(grid: int) -> str:
    return f"blocks of an earlier JPEG begin at {_place(grid)} everywhere: it was cropped or moved since"


def _region_words(grid: int, known: Sequence[int]) -> str:
    if not known:
        return f"blocks of an earlier JPEG begin at {_place(grid)} here, and none are seen elsewhere"
    rest = " and ".join(_place(each) for each in known)
    return f"blocks of an earlier JPEG begin at {_place(grid)} here, those of the rest at {rest}"
