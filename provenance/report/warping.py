"""A reference laid onto the pixels of a query, as it would look in the query's place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from provenance.report.canvas import resized

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from provenance.report.canvas import Pixels

    Floats = NDArray[np.float64]

TILE = 1024
"""Pixels a side: what is worked out for each pixel is needed for one tile at a time only."""

MOST_SIDE = 30_000
"""Pixels: what OpenCV samples from must stay below 32,767."""

AS_DENSE = 1.03
"""How many reference pixels may lie along one of the query's: from there on, sampling alone would alias."""

CORNER = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
"""The middle of a pixel, from which OpenCV counts, is half a pixel from its corner, from which maps count."""


def laid(reference: Pixels, matrix: Floats, size: tuple[int, int]) -> Pixels:
    """Return `reference` on the pixels of a query of `size`, (width, height): uint8 (height, width, 4).

    `matrix`, float64 (3, 3) and invertible, maps query onto reference pixels, counted from the corner of the first
    one. Where the reference has nothing, all four channels are 0; elsewhere the fourth is 255. Where no pixel comes
    to lie between others, they are those of the reference, unchanged.
    """
    width, height = size
    source, matrix = _no_denser(reference, matrix, size)
    result = np.zeros((height, width, 4), np.uint8)
    for top in range(0, height, TILE):
        for left in range(0, width, TILE):
            part = result[top : top + TILE, left : left + TILE]
            moved = matrix @ np.array([[1, 0, left], [0, 1, top], [0, 0, 1.0]])
            inside = _inside(moved, part.shape, source.shape)
            if inside.any():
                part[:, :, :3] = _sampled(source, moved, (part.shape[1], part.shape[0]))
                part[:, :, 3] = 255
                part[~inside] = 0
    return result


def _no_denser(reference: Pixels, matrix: Floats, size: tuple[int, int]) -> tuple[Pixels, Floats]:
    """Return the reference reduced to the query's density where it is denser, and the map onto it."""
    have = np.array([reference.shape[1], reference.shape[0]])
    shrink = max(_density(matrix, (size[0] / 2, size[1] / 2)), have.max() / MOST_SIDE)
    if shrink <= AS_DENSE:
        return np.ascontiguousarray(reference), matrix
    kept = np.maximum(1, np.rint(have / shrink).astype(int))
    smaller = np.asarray(resized(reference, (int(kept[0]), int(kept[1]))), np.uint8)
    return smaller, np.diag([*(kept / have), 1.0]) @ matrix


def _density(matrix: Floats, at: tuple[float, float]) -> float:
    """Return how many reference pixels lie along one query pixel at a place; 1 where the map leads nowhere."""
    x, y = at
    u, v, depth = matrix @ (x, y, 1.0)
    if depth <= 0:
        return 1.0
    slopes = (matrix[:2, :2] - np.outer((u / depth, v / depth), matrix[2, :2])) / depth
    return float(np.sqrt(abs(np.linalg.det(slopes))))


def _inside(matrix: Floats, shape: tuple[int, ...], source: tuple[int, ...]) -> NDArray[np.bool_]:
    x = np.arange(shape[1]) + 0.5
    y = (np.arange(shape[0]) + 0.5)[:, None]
    u, v, depth = (row[0] * x + row[1] * y + row[2] for row in matrix)
    slack = 1e-6 * depth
    result: NDArray[np.bool_] = (
        (depth > 0)
        & (u >= -slack)
        & (u <= source[1] * depth + slack)
        & (v >= -slack)
        & (v <= source[0] * depth + slack)
    )
    return result


def _sampled(source: Pixels, matrix: Floats, size: tuple[int, int]) -> Pixels:
    import cv2  # noqa: PLC0415 - slow to import

    centred = np.linalg.inv(CORNER) @ matrix @ CORNER
    centred /= centred[2, 2] or 1.0
    whole = np.allclose(centred, np.round(centred), atol=1e-9) and np.allclose(centred[2], (0, 0, 1))
    flags = (cv2.INTER_NEAREST if whole else cv2.INTER_CUBIC) | cv2.WARP_INVERSE_MAP
    sampled = cv2.warpPerspective(source, centred, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(sampled, np.uint8)
