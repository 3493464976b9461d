"""Registration of a query on a reference to a fraction of a pixel, unmoved by what was changed in it.

Gauss-Newton on the intensities of both pictures (Baker & Matthews, "Lucas-Kanade 20 Years On", IJCV 2004), with the
mean of both gradients (Benhimane & Malis, "Real-time image-based tracking of planes using efficient second-order
minimization", IROS 2004) and Tukey's weights, from coarse to fine. Changed areas fit badly, so they lose
their weight; ECC (Evangelidis & Psarakis 2008) weighs all pixels alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from provenance.compare.filters import brightness, gradient, reduced, smooth
from provenance.compare.frame import AS_DENSE, inside_of, warp
from provenance.compare.geometry import project

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from provenance.compare.filters import Image
    from provenance.compare.frame import Frame
    from provenance.compare.geometry import Floats

LEVELS = ((4, 12), (2, 8), (1, 4))
"""Reduction and steps: maps from features are some pixels off, and Gauss-Newton reaches about two."""

LEAST_SIDE = 48
"""Pixels of a level's shorter side, from which eight parameters are fitted to it."""

POINTS = 30_000
"""Pixels that are used, those with the most contrast of each neighbourhood: more do not make it more exact."""

LEAST_POINTS = 200
"""Pixels from which eight parameters are fitted."""

CUT_OFF = 4.0
"""Grey levels from black and white within which a brightness may have been cut off."""

TUKEY = 4.685
"""Of the biweight, in standard deviations: 95% efficient for normal errors."""

CALM = 0.25
"""Quantile of the errors that tells their spread. Below the median, so that most of the frame may have changed."""

CALM_SIGMA = 0.3186
"""The same quantile of |x| for x normal with standard deviation 1."""

GAINS: tuple[float, ...] = tuple(float(2.0 ** (k / 4)) for k in range(-6, 7))
"""Contrasts that are tried before the exact one is fitted."""

SETTLED = 0.003
"""Pixels that the corners still move by when a level is left."""

WHOLE_PIXELS = 0.08
"""Pixels that corners may lie beside a shift by whole pixels for that to be tried: uncropped and cropped copies."""


@dataclass(frozen=True, slots=True, eq=False)
class Registration:
    """Two photos laid over each other as exactly as they let themselves be.

    `frame` carries the refined matrix, `overlap` (bool, working pixels) where both lie.
    """

    frame: Frame
    overlap: NDArray[np.bool_]


def register(frame: Frame) -> Registration | None:
    """Refine the map of `frame`; None where too little of the pictures overlaps, or nothing holds them together."""
    query, reference = brightness(frame.query), brightness(frame.reference)
    clear = _clear(query)
    for reduction, steps in LEVELS:
        if min(frame.size) / reduction < LEAST_SIDE and reduction > 1:
            continue
        matrix = _refined(
            _detail(reduced(query, reduction), 1),
            _detail(reduced(reference, reduction), max(1.0, frame.density)),
            _scaled(frame.matrix, reduction),
            reduced(clear, reduction) > 0.99,
            steps,
        )
        if matrix is not None:
            frame = frame.moved(_scaled(matrix, 1 / reduction))
    frame = _snapped(frame, query, reference)
    overlap = frame.overlap()
    return Registration(frame, overlap) if overlap.any() else None


def _clear(picture: Image) -> Image:
    """Return 1 where no tone nearby has been cut off, else 0: cutting off moves edges."""
    import cv2  # noqa: PLC0415 - slow to import

    whole = ((picture > CUT_OFF) & (picture < 255 - CUT_OFF)).astype(np.float32)
    return np.asarray(cv2.erode(whole, np.ones((7, 7), np.uint8)), np.float32)


def _scaled(matrix: Floats, factor: float) -> Floats:
    """Return the same map between pictures that are both reduced by `factor`."""
    scale = np.diag([factor, factor, 1.0])
    result: Floats = np.linalg.inv(scale) @ matrix @ scale
    return result


def _detail(picture: Image, density: float) -> Image:
    """Return what remains without the lowest frequencies, which tone curves and vignettes change."""
    result: Image = smooth(picture, 0.8 * density) - smooth(picture, 6 * density)
    return result


def _refined(
    fixed: Image, moving: Image, matrix: Floats, clear: NDArray[np.bool_], steps: int
) -> Floats | None:
    """Return the map that minimises what differs, or None where the pictures hold too little to go by."""
    size = fixed.shape[1], fixed.shape[0]
    inside = inside_of(matrix, size, moving.shape, 3)
    points = _points(fixed, inside & clear)
    if len(points[0]) < LEAST_POINTS:
        points = _points(fixed, inside)
    if len(points[0]) < LEAST_POINTS:
        return None
    basis = _basis(points, size)
    slopes = [g[points] for g in gradient(fixed)]
    target = fixed[points]
    for _ in range(steps):
        warped = warp(moving, matrix, size)
        step = _step(target, slopes, warped[points], [g[points] for g in gradient(warped)], basis, size)
        if step is None:
            return None
        change = _normalised(step, size)
        matrix = matrix @ change
        matrix /= matrix[2, 2]
        if _movement(change, size) < SETTLED:
            break
    return matrix


def _points(fixed: Image, inside: NDArray[np.bool_]) -> tuple[NDArray[np.intp], ...]:
    """Return the places with the most contrast among their neighbours, where both pictures lie."""
    gx, gy = gradient(fixed)
    strength = np.where(inside, np.hypot(gx, gy), 0.0)
    cell = max(1, int(np.sqrt(strength.size / POINTS)))
    rows, columns = strength.shape[0] // cell, strength.shape[1] // cell
    cells = strength[: rows * cell, : columns * cell].reshape(rows, cell, columns, cell)
    best = cells.transpose(0, 2, 1, 3).reshape(rows, columns, -1).argmax(axis=-1)
    y, x = np.divmod(best, cell)
    y, x = y + np.arange(rows)[:, None] * cell, x + np.arange(columns) * cell
    chosen = strength[y, x] > 0.2
    return y[chosen], x[chosen]


def _basis(points: tuple[NDArray[np.intp], ...], size: tuple[int, int]) -> Floats:
    """Return (n, 2): places from -1 to 1, so that all eight parameters are of one magnitude."""
    y, x = points
    result: Floats = np.column_stack([(x + 0.5) * 2 / size[0] - 1, (y + 0.5) * 2 / size[1] - 1])
    return result


def _step(  # noqa: PLR0917 - the terms of one equation
    target: Image,
    slopes: list[Image],
    warped: Image,
    moved: list[Image],
    basis: Floats,
    size: tuple[int, int],
) -> Floats | None:
    """Return the eight parameters that explain the difference best, in the coordinates of `_basis`."""
    gain = _gain(target, warped)
    gx, gy = (slopes[0] + gain * moved[0]) / 2, (slopes[1] + gain * moved[1]) / 2
    x, y = basis.T
    wide, high = np.array(size) * 2 / sum(size)
    along = gx * x * wide + gy * y * high
    design = np.column_stack(
        [gx * x, gx * y, gx, gy * x, gy * y, gy, -along * x, -along * y, warped, np.ones_like(x)]
    )
    error = (target - gain * warped).astype(np.float64)
    weight = tukey(error)
    solution: Floats = np.zeros(10)
    for _ in range(3):
        normal = design.T @ (design * weight[:, None])
        normal[np.diag_indices(10)] *= 1 + 1e-6
        try:
            solution = np.asarray(np.linalg.solve(normal, design.T @ (error * weight)), np.float64)
        except np.linalg.LinAlgError:
            return None
        weight = tukey(error - design @ solution)
    return solution[:8] if np.all(np.isfinite(solution)) else None


def _gain(target: Image, warped: Image) -> float:
    """Return the contrast at which most of the calmer points agree; where most have changed, a mean would not."""
    every = max(1, len(target) // 4000)
    spread = [calm(target[::every] - gain * warped[::every]) for gain in GAINS]
    return GAINS[int(np.argmin(spread))]


def calm(error: Floats | Image) -> float:
    """Return how far the calmer errors go: the quantile `CALM` of their size, of one error at least.

    To the bit what `np.quantile` gives, which takes most of its time to look at what it was asked.
    """
    place = (len(error) - 1) * CALM
    low = int(place)
    high = min(low + 1, len(error) - 1)
    below, above = np.partition(np.abs(error), (low, high))[[low, high]]
    share = place - low
    return float(below + (above - below) * share if share < 0.5 else above - (above - below) * (1 - share))


def tukey(error: Floats) -> Floats:
    """Return the biweight of each error (Beaton & Tukey 1974), by the spread of the calmer ones."""
    # Of some thousand errors the quantile is as good as of all of them, and most of the time went into it.
    sigma = calm(error[:: max(1, len(error) // 4000)]) / CALM_SIGMA
    ratio = error / (TUKEY * max(sigma, 0.05))
    weight: Floats = np.where(np.abs(ratio) < 1, (1 - ratio * ratio) ** 2, 0.0)
    return weight


def _normalised(step: Floats, size: tuple[int, int]) -> Floats:
    """Return the change of map, in pixels, that parameters in the coordinates of `_basis` stand for.

    The gradients are per pixel and the places are not, so a step of 1 moves a corner by one pixel.
    """
    half = np.array([size[0] / 2, size[1] / 2])
    to_pixels = np.array([[half[0], 0, half[0]], [0, half[1], half[1]], [0, 0, 1]])
    a, b, c, d, e, f, g, h = step
    change = np.eye(3)
    change[0] += np.array([a, b, c]) / half[0]
    change[1] += np.array([d, e, f]) / half[1]
    change[2, :2] = np.array([g, h]) / half.mean()
    result: Floats = to_pixels @ change @ np.linalg.inv(to_pixels)
    return result


def _movement(change: Floats, size: tuple[int, int]) -> float:

    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * size
    return float(np.abs(project(change, corners) - corners).max())


def _snapped(frame: Frame, query: Image, reference: Image) -> Frame:
    """Return the frame on whole pixels where it nearly is, and fits better there: nothing is interpolated then."""
    if frame.density > AS_DENSE:
        return frame
    signs = np.sign(np.diag(frame.matrix)[:2])
    shift = np.round(frame.matrix[:2, 2])
    whole = np.array([[signs[0], 0, shift[0]], [0, signs[1], shift[1]], [0, 0, 1.0]])
    width, height = frame.size
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], float)
    beside = np.abs(project(whole, corners) - project(frame.matrix, corners)).max()
    if beside > WHOLE_PIXELS * max(1, max(frame.size) / 500):
        return frame
    inside = frame.overlap()
    if not inside.any():
        return frame
    difference = [
        float(
            np.quantile(np.abs(query - warp(reference, matrix, frame.size))[inside], (0.25, 0.5, 0.75)).sum()
        )
        for matrix in (frame.matrix, whole)
    ]
    return frame.moved(whole) if difference[1] <= difference[0] + 0.1 else frame
