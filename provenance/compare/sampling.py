"""The grid on which two aligned pictures are looked at: that of the coarser one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from provenance.compare.geometry import project

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from provenance.compare.geometry import Floats

    Plane = NDArray[np.float32]

LEAST_STEPS, MOST_STEPS = 12, 400
"""Shortest and longest side of a grid."""


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Places at which both pictures are sampled, over the part of the reference that the query covers."""

    points: Floats
    """(rows, columns, 2): pixels of the reference."""
    mapped: Floats
    """The same places in pixels of the query."""
    inside: NDArray[np.bool_]
    step: float
    """Reference pixels from one grid point to the next."""
    zoom: float
    """Reference pixels a query pixel."""


def lay_grid(query: tuple[int, ...], reference: tuple[int, ...], matrix: Floats) -> Grid | None:
    """Lay a grid over the overlap of two pictures of these shapes, as dense as the coarser one's pixels.

    Returns None where they overlap too little.
    """
    box = _covered(query, reference, matrix)
    if box is None:
        return None
    low, high = box
    inverse = np.asarray(np.linalg.inv(matrix), np.float64)
    zoom = 1 / _density(inverse, (low + high)[None] / 2)
    step = max(1.0, zoom, float((high - low).max()) / MOST_STEPS)
    columns, rows = ((high - low) // step).astype(int)
    if min(rows, columns) < LEAST_STEPS:
        return None
    x = low[0] + (np.arange(columns) + 0.5) * step
    y = low[1] + (np.arange(rows) + 0.5) * step
    points: Floats = np.stack(np.meshgrid(x, y), axis=-1)
    mapped = project(inverse, points.reshape(-1, 2)).reshape(points.shape)
    inside = np.all((mapped >= 1) & (mapped <= (query[1] - 2, query[0] - 2)), axis=-1)
    if not inside.any():
        return None
    return Grid(points, mapped, inside, step, zoom)


def _covered(
    query: tuple[int, ...], reference: tuple[int, ...], matrix: Floats
) -> tuple[Floats, Floats] | None:
    """Return the corners of the box of reference pixels that the query covers."""
    edge = np.linspace(0, 1, 9)
    around = np.stack(np.meshgrid(edge * query[1], edge * query[0]), axis=-1).reshape(-1, 2)
    depth = around @ matrix[2, :2] + matrix[2, 2]
    if not np.any(depth > 0) or abs(np.linalg.det(matrix)) < 1e-12:
        return None
    box = project(matrix, around[depth > 0])
    size = np.array([reference[1], reference[0]], float)
    low, high = np.clip(box.min(axis=0), 0, size), np.clip(box.max(axis=0), 0, size)
    return low, high


def _density(matrix: Floats, at: Floats) -> float:
    """Return the linear magnification of a map at one point (1, 2)."""
    near = project(matrix, at + np.array([[0, 0], [0.5, 0], [0, 0.5]]))
    (a, b), (c, d) = (near[1:] - near[0]) * 2
    return max(float(np.sqrt(abs(a * d - b * c))), 1e-6)


def sampled(picture: Plane, at: Floats, pixels: float) -> Floats:
    """Return `picture` at these places, averaged over about `pixels` pixels a side first."""
    # Of a narrow strip two rows stay, or there would be nothing to interpolate between.
    factor = max(1, min(int(pixels), min(picture.shape) // 2))
    if factor > 1:
        rows, columns = picture.shape[0] // factor, picture.shape[1] // factor
        cut = picture[: rows * factor, : columns * factor]
        picture = cut.reshape(rows, factor, columns, factor).mean(axis=(1, 3))
    x = np.clip(at[..., 0] / factor - 0.5, 0, picture.shape[1] - 1.001).astype(np.float32)
    y = np.clip(at[..., 1] / factor - 0.5, 0, picture.shape[0] - 1.001).astype(np.float32)
    left, top = x.astype(np.intp), y.astype(np.intp)
    x, y = x - left, y - top
    start = top * picture.shape[1] + left
    flat = picture.ravel()
    upper = flat.take(start) * (1 - x) + flat.take(start + 1) * x
    below = start + picture.shape[1]
    lower = flat.take(below) * (1 - x) + flat.take(below + 1) * x
    result: Floats = upper * (1 - y) + lower * y
    return result
