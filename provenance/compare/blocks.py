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

LIGHTEST, CLIPPED_SHARE = 250.0, 0.05
"""Grey levels from which a tone counts as cut off, and the share of a block from which it does."""


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """What each block shows; arrays of (rows, columns)."""

    textured: NDArray[np.bool_]
    """Whether it lies in both pictures, and shows something in one."""
    correlation: Floats
    detail: Floats
    """The correlation of fine detail alone."""
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
    fine_r, fine_q = reference - _smooth(soft_r), query - _smooth(soft_q)
    tile_r, tile_q = _centred(_tiles(soft_r)), _centred(_tiles(soft_q))
    spread_r, spread_q = tile_r.std(axis=-1), tile_q.std(axis=-1)
    return Blocks(
        textured=whole & (np.maximum(spread_r, spread_q) >= TEXTURED),
        correlation=_correlation(tile_r, tile_q),
        detail=_correlation(_centred(_tiles(fine_r)), _centred(_tiles(fine_q))),
        motion=_motion(soft_r, tile_r, tile_q, spread_r, spread_q),
        clipped=_clipped(_tiles(reference)) | _clipped(_tiles(query)),
    )


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
        padded = np.pad(plane, [(2, 2) if a == axis else (0, 0) for a in (0, 1)], mode="edge")
        parts: list[Floats] = [np.take(padded, range(i, i + plane.shape[axis]), axis) for i in range(5)]
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
