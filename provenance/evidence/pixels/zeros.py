"""How many DCT coefficients are zero, for every 8x8 block wherever it begins, and which grid each pixel votes for.

After Nikoukhah, Anger, Colom, Morel and Grompone von Gioi, "ZERO: a local JPEG grid origin detector based on the
number of DCT zeros and its applications in image forensics", Image Processing On Line 12 (2022). JPEG sets
coefficients of its blocks to zero; blocks that lie across its grid have fewer of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLOCK = 8
"""Pixels a side of what JPEG compresses together."""

GRIDS = BLOCK * BLOCK
"""Places where a grid can begin: number 8 y + x is the one that begins at x, y."""

NO_VOTE = GRIDS
"""Of pixels whose blocks have equally many zeros, or that lie in flat blocks only."""

NEAR_ZERO = 0.5
"""Coefficients below it count as zero: decoding rounds to whole grey levels."""

_BAND = 64
"""Rows of blocks that are counted at once, so that the work stays in the processor's cache."""


def basis() -> NDArray[np.float32]:
    """Return the eight orthonormal DCT-II vectors, float32 (frequency, place)."""
    frequency, place = np.mgrid[:BLOCK, :BLOCK]
    waves = np.cos((2 * place + 1) * frequency * np.pi / (2 * BLOCK)) * np.sqrt(2 / BLOCK)
    waves[0] /= np.sqrt(2)
    return np.asarray(waves, np.float32)


def zero_counts(light: NDArray[np.float32], near: float = NEAR_ZERO) -> NDArray[np.uint8]:
    """Return how many of the 63 AC coefficients are zero in the block that begins at each pixel.

    Blocks that are the same in each row, or in each column, get 0: they look the same from every grid.

    Args:
        light: Luminance, float32 (height, width), at least 8 a side.
        near: What counts as zero: coefficients below it.

    Returns:
        uint8 (height - 7, width - 7), 0 to 63.
    """
    waves = basis()
    height, width = light.shape[0] - BLOCK + 1, light.shape[1] - BLOCK + 1
    counts = np.empty((height, width), np.uint8)
    for top in range(0, height, _BAND):
        rows = min(_BAND, height - top)
        counts[top : top + rows] = _band_counts(light[top : top + rows + BLOCK - 1], waves, near)
    return counts


def _band_counts(light: NDArray[np.float32], waves: NDArray[np.float32], near: float) -> NDArray[np.uint8]:
    rows, columns = light.shape[0] - BLOCK + 1, light.shape[1] - BLOCK + 1
    # of the coefficients that change along x, along y, and along both
    across, down, both = (np.zeros((rows, columns), np.uint8) for _ in range(3))
    origin = (0, 0)
    for x in range(BLOCK):
        wave = waves[x][None, :]
        along = cv2.filter2D(light, cv2.CV_32F, wave, anchor=origin, borderType=cv2.BORDER_REPLICATE)
        for y in range(BLOCK):
            if x == y == 0:
                continue
            value = cv2.filter2D(
                along, cv2.CV_32F, waves[y][:, None], anchor=origin, borderType=cv2.BORDER_REPLICATE
            )
            zero = cv2.inRange(value[:rows, :columns], -near, near)
            counts = both if x and y else (across if x else down)
            # a mask of 255 is minus one
            np.subtract(counts, zero, out=counts)
    slanted = (BLOCK - 1) ** 2
    same_rows = (down == BLOCK - 1) & (both == slanted)
    same_columns = (across == BLOCK - 1) & (both == slanted)
    total: NDArray[np.uint8] = across + down + both
    total[same_rows | same_columns] = 0
    return total


def votes(counts: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the number of the grid that each pixel votes for, or `NO_VOTE`.

    A pixel votes for the one of the 64 blocks it lies in that has most zeros, if there is one such.

    Args:
        counts: Of zeros, uint8 (height, width), as `zero_counts` returns them.

    Returns:
        uint8 (height - 7, width - 7): pixel (0, 0) of it is pixel (7, 7) of the picture, the first that lies in all
        of its 64 blocks.
    """
    height, width = counts.shape
    number = (np.arange(height)[:, None] % BLOCK * BLOCK + np.arange(width)[None, :] % BLOCK).astype(
        np.uint16
    )
    first = counts.astype(np.uint16) * GRIDS
    last = first + (GRIDS - 1 - number)
    first += number
    window = np.ones((BLOCK, BLOCK), np.uint8)
    # of equal counts one has the largest number, the other the smallest: they differ unless one block is ahead
    largest = cv2.dilate(first, window, anchor=(BLOCK - 1, BLOCK - 1))[BLOCK - 1 :, BLOCK - 1 :]
    smallest = cv2.dilate(last, window, anchor=(BLOCK - 1, BLOCK - 1))[BLOCK - 1 :, BLOCK - 1 :]
    grid = largest % GRIDS
    decided = (grid == GRIDS - 1 - smallest % GRIDS) & (largest >= GRIDS)
    return np.where(decided, grid, NO_VOTE).astype(np.uint8)
