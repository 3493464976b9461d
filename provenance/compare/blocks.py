"""Blocks of two pictures sampled on one grid: whether they show the same thing, and how far it has moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from provenance.compare.geometry import Floats

Value = TypeVar("Value", bound=np.generic)

BLOCK = 12
"""Grid steps a side: some thirty blocks along a whole picture, a handful within a crop of a tenth."""

TEXTURED = 3.0
"""Grey levels of standard deviation from which a block shows something."""

NOTHING_SHOWN = 0.01
"""What a block that shows nothing in either picture is worth, against one that agrees."""

OUTER_SHARE = 0.2
"""Of the largest and of the smallest products, each, that are left out: edges of a logo or of a part that was replaced
move far, and agree by accident."""

FARTHEST = 1.0
"""Grid steps that a block's motion counts at most: it is that of one step of a search, and farther ones are guesses."""

SURROUNDED, ENOUGH_SURROUNDED = 5, 6
"""Neighbours from which a block's motion is held against theirs, and blocks from which only such count."""

LIGHTEST, CLIPPED_SHARE = 250.0, 0.05
"""Grey levels from which a tone counts as cut off, and the share of a block from which it does."""


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """What each block shows; arrays of (rows, columns)."""

    textured: NDArray[np.bool_]
    """Whether it lies in both pictures, and shows something in one."""
    both: NDArray[np.bool_]
    """Whether it shows something in each."""
    correlation: Floats
    motion: Floats
    """(rows, columns, 2): how far the query lies beside the reference, in grid steps."""
    clipped: NDArray[np.bool_]
    """Where light or shade has been cut off, which shifts edges without anything having moved."""


def compare_blocks(reference: Floats, query: Floats, inside: NDArray[np.bool_]) -> Blocks | None:
    """Compare two pictures sampled on one grid, of which `inside` lies in both; None without a whole block."""
    whole = np.all(_tiles(inside), axis=-1)
    if not whole.any():
        return None
    soft_r, soft_q = _smooth(reference), _smooth(query)
    tile_r, tile_q = _centred(_tiles(soft_r)), _centred(_tiles(soft_q))
    spread_r, spread_q = tile_r.std(axis=-1), tile_q.std(axis=-1)
    return Blocks(
        textured=whole & (np.maximum(spread_r, spread_q) >= TEXTURED),
        both=whole & (np.minimum(spread_r, spread_q) >= TEXTURED),
        correlation=_correlation(tile_r, tile_q),
        motion=_motion(soft_r, tile_r, tile_q, spread_r, spread_q),
        clipped=_clipped(_tiles(reference)) | _clipped(_tiles(query)),
    )


def drift(motion: Floats, shown: NDArray[np.bool_]) -> float:
    """Return how far blocks have moved together, in grid steps: 0 if each moved by itself, as noise moves them.

    `motion` is (rows, columns, 2), of which `shown` counts. It is the root of the trimmed mean of products, each of a
    block's motion with that of its neighbours: noise of neighbours is independent, so it cancels out, however strong;
    what is near or far in a scene, or moves, covers many blocks, and does not.
    """
    moved = np.clip(motion, -FARTHEST, FARTHEST) * shown[..., None]
    others, count = neighbours(moved), neighbours(shown[..., None].astype(np.float64))[..., 0]
    counted = shown & (count >= SURROUNDED)
    if np.count_nonzero(counted) < ENOUGH_SURROUNDED:
        counted = shown & (count > 0)
    if not counted.any():
        return 0.0
    products = np.sort((moved[counted] * others[counted]).sum(axis=-1) / count[counted])
    outer = int(OUTER_SHARE * len(products))
    return float(np.sqrt(max(0.0, products[outer : len(products) - outer].mean())))


def neighbours(plane: Floats) -> Floats:
    """Return the sum of the eight values around each; both are (rows, columns, k)."""
    rows, columns = plane.shape[:2]
    padded = np.pad(plane, ((1, 1), (1, 1), (0, 0)))
    around = sum(padded[y : y + rows, x : x + columns] for y in range(3) for x in range(3))
    total: Floats = around - plane
    return total


def agreeing_part(textured: NDArray[np.bool_], agreeing: NDArray[np.bool_]) -> tuple[slice, slice]:
    """Return the rows and columns of the rectangle in which agreement most exceeds disagreement.

    Blocks that show nothing speak a little for it, so that it reaches on to the edges across an even sky.
    """
    worth = np.where(textured, np.where(agreeing, 1.0, -1.0), NOTHING_SHOWN)
    total = np.pad(worth.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    first, last = np.triu_indices(len(total), 1)
    strips = total[last] - total[first]
    lowest = np.minimum.accumulate(strips, axis=1)
    strip, right = np.unravel_index(np.argmax(strips - lowest), strips.shape)
    left = int(np.argmin(strips[strip, : right + 1]))
    return slice(int(first[strip]), int(last[strip])), slice(left, int(right))


def _clipped(tiles: Floats) -> NDArray[np.bool_]:
    share: Floats = ((tiles >= LIGHTEST) | (tiles <= 255 - LIGHTEST)).mean(axis=-1)
    return share > CLIPPED_SHARE


def _tiles(plane: NDArray[Value]) -> NDArray[Value]:
    """Return (rows, columns, BLOCK * BLOCK): the blocks of a plane, incomplete ones left out."""
    rows, columns = plane.shape[0] // BLOCK, plane.shape[1] // BLOCK
    cut = plane[: rows * BLOCK, : columns * BLOCK].reshape(rows, BLOCK, columns, BLOCK)
    return cut.transpose(0, 2, 1, 3).reshape(rows, columns, -1)


def _centred(tiles: Floats) -> Floats:
    centred: Floats = tiles - tiles.mean(axis=-1, keepdims=True)
    return centred


def _correlation(a: Floats, b: Floats) -> Floats:
    power = np.sqrt((a * a).sum(axis=-1) * (b * b).sum(axis=-1))
    result: Floats = (a * b).sum(axis=-1) / np.maximum(power, 1e-3)
    return result


def _smooth(plane: Floats) -> Floats:
    """Blur with the binomial kernel 1 4 6 4 1 along both axes: a sigma of one step."""
    for axis in (0, 1):
        around = [(2, 2) if a == axis else (0, 0) for a in (0, 1)]
        padded = np.pad(plane, around, mode="edge").swapaxes(0, axis)
        parts = [padded[i : i + plane.shape[axis]].swapaxes(0, axis) for i in range(5)]
        plane = (parts[0] + parts[4] + 4 * (parts[1] + parts[3]) + 6 * parts[2]) / 16
    return plane


def _motion(soft: Floats, tile_r: Floats, tile_q: Floats, spread_r: Floats, spread_q: Floats) -> Floats:
    """One step of Lucas and Kanade (1981) in each block, contrast equalised."""
    gradient: list[Floats] = list(np.gradient(soft))
    ty, tx = _tiles(gradient[0]), _tiles(gradient[1])
    gain = spread_r / np.maximum(spread_q, 1e-3)
    difference = tile_r - tile_q * gain[..., None]
    xx, xy, yy = (tx * tx).sum(-1), (tx * ty).sum(-1), (ty * ty).sum(-1)
    xd, yd = (tx * difference).sum(-1), (ty * difference).sum(-1)
    # The ridge keeps a block with one straight edge from running along it.
    ridge = 0.02 * (xx + yy) + 1e-3
    xx, yy = xx + ridge, yy + ridge
    scale = xx * yy - xy * xy
    result: Floats = np.stack([(yy * xd - xy * yd) / scale, (xx * yd - xy * xd) / scale], axis=-1)
    return result
