"""DCT coefficients of a picture's blocks, from its decoded brightness.

Decoding rounds to whole grey levels, which moves a coefficient by about a third of one: with quantisation steps of 2
and more, dividing and rounding gives the file's own numbers back, where nothing was cut off at black or white.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from provenance.evidence.pixels.zeros import BLOCK, basis

if TYPE_CHECKING:
    from numpy.typing import NDArray

FREQUENCIES = tuple((y, total - y) for total in range(1, 6) for y in range(total + 1))
"""Along y and x: the 20 lowest. Of the others most are zero."""

MOST_BLOCKS = 20_000
"""Blocks that are looked at, spread evenly."""

ENDS = (2.0, 253.0)
"""Grey levels beyond which tones were cut off."""


def coefficients(light: NDArray[np.float32], left: int, top: int) -> NDArray[np.float32]:
    """Return the coefficients at `FREQUENCIES` of the blocks of one grid, float32 (20, blocks).

    Args:
        light: Luminance, float32 (height, width), 0 to 255.
        left: Column at which the grid begins, 0 to 7.
        top: Row at which it begins.
    """
    rows, columns = (light.shape[0] - top) // BLOCK, (light.shape[1] - left) // BLOCK
    if rows < 1 or columns < 1:
        return np.empty((len(FREQUENCIES), 0), np.float32)
    whole = light[top : top + rows * BLOCK, left : left + columns * BLOCK]
    blocks = whole.reshape(rows, BLOCK, columns, BLOCK).transpose(0, 2, 1, 3)
    number = np.arange(0, rows * columns, max(1, -(-rows * columns // MOST_BLOCKS)))
    chosen = blocks[number // columns, number % columns]
    inside = (chosen.min(axis=(1, 2)) >= ENDS[0]) & (chosen.max(axis=(1, 2)) <= ENDS[1])
    waves = basis()
    transformed = (waves @ chosen[inside] @ waves.T).astype(np.float32)
    return np.stack([transformed[:, y, x] for y, x in FREQUENCIES])
