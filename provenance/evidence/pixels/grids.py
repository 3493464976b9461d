"""Where the blocks of earlier JPEG files begin, from what the pixels of a picture vote for.

The null of each test is that votes are drawn at random, each grid with a chance that the picture itself shows. A grid
is told where so many votes for it are to be expected less than once (a-contrario detection; Desolneux, Moisan and
Morel, 2008). Votes of pixels in one block are not independent, so 64 count as one.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log10
from typing import TYPE_CHECKING

import cv2
import numpy as np

from provenance.evidence.pixels.chance import surprise
from provenance.evidence.pixels.zeros import BLOCK, GRIDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from provenance.model.changes import Box

WINDOWS = (3, 4, 6, 8, 11, 16, 23, 32, 45, 64)
"""Sides of the squares that are looked at, in cells of 8 pixels: from 24 to 512 pixels."""

TILES = 4
"""Parts a side that a picture is cut into, to see whether a grid is everywhere."""

TILES_OF_ALL = 0.7
"""Share of the tiles in which a grid of the whole picture gets most votes."""

DECIDED = 0.02
"""Share of a tile's pixels that must vote for the tile to count."""

BIASED = 1 / 5
"""Chance of the grids half a block beside that of the whole picture, and of those one pixel beside it: their blocks
have much in common with its blocks, so edges and smooth places may prefer them."""

QUIET = 0.75
"""Quantile of a grid's share among the tiles that is taken for its chance: what fills a quarter of them is found."""

ABOVE = 1.5
"""How much likelier than the likeliest other grid a grid of the whole picture may be by accident."""

CORE = 0.5
"""Share of a window's density that a cell needs to belong to its region."""

MOST_REGIONS = 8
"""Regions that are looked for."""


@dataclass(frozen=True, slots=True)
class Region:
    """Where pixels vote for another grid than the rest: the grid 8 y + x, and the box in the picture's pixels."""

    grid: int
    box: Box
    score: float


def cell_votes(votes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return how many pixels of each 8x8 cell vote for each grid, uint8 (64, rows, columns).

    Args:
        votes: Uint8 (height, width), as `zeros.votes` returns them. Cells that are not whole are left out.
    """
    rows, columns = votes.shape[0] // BLOCK, votes.shape[1] // BLOCK
    result = np.zeros((rows, columns, GRIDS + 1), np.uint8)
    place = np.arange(columns * BLOCK) // BLOCK * (GRIDS + 1)
    for row in range(rows):
        line = votes[row * BLOCK : (row + 1) * BLOCK, : columns * BLOCK].astype(np.intp)
        found = np.bincount((line + place).ravel(), minlength=columns * (GRIDS + 1))
        result[row] = found.reshape(columns, GRIDS + 1)
    return np.ascontiguousarray(result[..., :GRIDS].transpose(2, 0, 1))


def whole_grid(cells: NDArray[np.uint8]) -> tuple[int, float] | None:
    """Return the grid that the whole picture votes for, and its score, or None where it has none.

    Args:
        cells: Votes, uint8 (64, rows, columns), as `cell_votes` returns them.
    """
    tiles = _tiles(cells)
    speaking = tiles.sum(axis=0) >= DECIDED
    shares = cells.reshape(GRIDS, -1).mean(axis=1, dtype=np.float64) / GRIDS
    best = int(shares.argmax())
    if not speaking.any() or np.mean(tiles.argmax(axis=0)[speaking] == best) < TILES_OF_ALL:
        return None
    chance = min(0.5, max(1 / GRIDS, ABOVE * float(np.delete(shares, best).max())))
    score = float(surprise(shares[best] * cells[0].size, cells[0].size, chance)) - log10(GRIDS)
    return (best, score) if score > 0 else None


def foreign_regions(cells: NDArray[np.uint8], known: Sequence[int], least: float) -> list[Region]:
    """Return the regions that vote for a grid of their own, best first.

    Args:
        cells: Votes, uint8 (64, rows, columns), without those for the grids of the whole picture.
        known: The grids of the whole picture.
        least: Score that a region must have.
    """
    chances = np.maximum(np.quantile(_tiles(cells), QUIET, axis=1), 1 / GRIDS)
    for each in known:
        for beside in _beside(each):
            chances[beside] = max(chances[beside], BIASED)
    chances = np.minimum(chances, 0.5)
    found = []
    for grid in range(GRIDS):
        if not cells[grid].any():
            continue
        region = _best_window(cells[grid], grid, float(chances[grid]))
        if region is not None and region.score >= least:
            found.append(region)
    found.sort(key=lambda region: -region.score)
    return found[:MOST_REGIONS]


def _beside(grid: int) -> list[int]:
    """Return the grids half a block, or one pixel, beside another."""
    y, x = divmod(grid, BLOCK)
    half = BLOCK // 2
    moves = ((0, half), (half, 0), (half, half), (0, 1), (0, -1), (1, 0), (-1, 0))
    return [(y + down) % BLOCK * BLOCK + (x + right) % BLOCK for down, right in moves]


def _tiles(cells: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the share of each tile's pixels that votes for each grid, (64, tiles)."""
    rows = [band for band in np.array_split(cells, TILES, axis=1) if band.shape[1]]
    tiles = [tile for band in rows for tile in np.array_split(band, TILES, axis=2) if tile.shape[2]]
    return np.stack(
        [tile.reshape(GRIDS, -1).mean(axis=1, dtype=np.float64) / GRIDS for tile in tiles], axis=1
    )


def _best_window(votes: NDArray[np.uint8], grid: int, chance: float) -> Region | None:
    blocks: NDArray[np.float32] = votes.astype(np.float32) / np.float32(GRIDS)
    sums = cv2.integral(blocks)
    best: tuple[float, int, int, int] | None = None
    tests = GRIDS * votes.size * len(WINDOWS)
    for side in WINDOWS:
        if side > min(votes.shape):
            break
        inside = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
        y, x = (int(place) for place in np.unravel_index(int(inside.argmax()), inside.shape))
        score = float(surprise(inside[y, x], side * side, chance)) - log10(tests)
        if best is None or score > best[0]:
            best = score, x, y, side
    return None if best is None else Region(grid, _outline(blocks, *best[1:]), best[0])


def _outline(blocks: NDArray[np.float32], x: int, y: int, side: int) -> Box:
    """Return the box of the cells around a window that are as full of votes as it is, in pixels."""
    window = slice(y, y + side), slice(x, x + side)
    dense = cv2.blur(blocks, (3, 3), borderType=cv2.BORDER_REFLECT) >= CORE * blocks[window].mean()
    _, labels, stats, _ = cv2.connectedComponentsWithStats(dense.astype(np.uint8), connectivity=4)
    inside = labels[window]
    if inside.any():
        left, top, width, height = (int(v) for v in stats[np.bincount(inside[inside > 0]).argmax()][:4])
    else:
        left, top, width, height = x, y, side, side
    # the first cell begins at the first pixel that lies in 64 whole blocks
    return left * BLOCK + BLOCK - 1, top * BLOCK + BLOCK - 1, width * BLOCK, height * BLOCK
