"""Where a thumbnail's pixels lie in the picture: the framings that cameras and software make, then a fit.

A thumbnail may be stored as the sensor lies while the picture is shown upright, may have bars on two sides, may be
stretched or cut to its own proportions; and the picture may have been given another shape since.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from provenance.compare.filters import brightness, gradient, reduced, smooth
from provenance.compare.frame import inside_of, warp
from provenance.compare.registration import tukey

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from provenance.compare.filters import Image
    from provenance.compare.geometry import Floats

    Area = tuple[float, float, float, float]
    """left, top, width, height, in pixels."""

COARSE = 4
"""Working pixels along a pixel of the pictures that framings are tried on."""

PLAIN_LINE = 6.0
"""Standard deviation, grey levels, of a row or column that may be part of a bar: JPEG makes bars ring at their edge."""

LEAST_CONTENT = 0.4
"""Share of a side that bars leave at least: beyond, what was taken for bars is the picture."""

STEPS = ((2, 6), (1, 4))
"""Reduction and Gauss-Newton steps: framings are right to two pixels or so."""

FAINT = 4.0
"""Grey levels of detail that are not made stronger: noise."""

FINE, WIDE = 0.7, 6.0
"""Sigmas, pixels, between which details are compared."""

STEP_POINTS = 3000
"""Pixels that a step is fitted on: four numbers and a tone."""

SETTLED = 0.02
"""Working pixels that an edge still moves by when a level is left."""

LEAST_INSIDE = 0.2
"""Share of the thumbnail that must lie in the picture for anything to be fitted."""


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """A picture laid over a thumbnail.

    `turns` is how many quarter turns counter-clockwise the picture was given; `scale` and `shift`, each (x, y), lead
    from the thumbnail's pixels to those of the picture so turned. `likeness` is the correlation, -1 to 1, of the
    details of both where they overlap.
    """

    turns: int
    scale: tuple[float, float]
    shift: tuple[float, float]
    likeness: float

    @property
    def matrix(self) -> Floats:
        """Return the map of thumbnail pixels onto pixels of the turned picture, (3, 3)."""
        return np.array([[self.scale[0], 0, self.shift[0]], [0, self.scale[1], self.shift[1]], [0, 0, 1.0]])


def lay_thumbnail(thumbnail: Image, picture: Image) -> tuple[Laid, Image, NDArray[np.bool_]] | None:
    """Find where a thumbnail lies in a picture of about twice its density, both float32 (height, width, 3).

    Returns the best framing refined, the picture as it lies on the thumbnail's pixels, and which of these it covers;
    None where nothing holds the two together.
    """
    light = brightness(picture)
    best = _likeliest(thumbnail, light)
    if best is None:
        return None
    fitted = _refined(brightness(thumbnail), np.ascontiguousarray(np.rot90(light, best.turns)), best)
    turned = np.ascontiguousarray(np.rot90(picture, fitted.turns))
    return fitted, lie(turned, fitted, thumbnail.shape), covered(fitted, thumbnail.shape, picture.shape)


def lie(turned: Image, where: Laid, shape: tuple[int, ...]) -> Image:
    """Return the turned picture as it lies on the pixels of a thumbnail of this shape, averaged over each."""
    import cv2  # noqa: PLC0415 - slow to import

    size = (shape[1] * 2, shape[0] * 2)
    fine = warp(turned, where.matrix @ np.diag([0.5, 0.5, 1.0]), size)
    return np.asarray(cv2.resize(fine, (shape[1], shape[0]), interpolation=cv2.INTER_AREA), np.float32)


def covered(where: Laid, shape: tuple[int, ...], picture: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return which pixels of a thumbnail the picture, whose shape is that before it was turned, covers."""
    turned = picture if where.turns % 2 == 0 else (picture[1], picture[0])
    return inside_of(where.matrix, (shape[1], shape[0]), turned, max(where.scale))


def content_area(light: Image) -> Area:
    """Return what bars of one tone along the edges leave of a picture's brightness, (height, width)."""
    height, width = light.shape
    top, bottom = _bars(light)
    left, right = _bars(light.T)
    if bottom - top < LEAST_CONTENT * height:
        top, bottom = 0, height
    if right - left < LEAST_CONTENT * width:
        left, right = 0, width
    return (left, top, right - left, bottom - top)


def _bars(light: Image) -> tuple[int, int]:
    """Return the first row after a plain beginning, and the one at which a plain end begins."""
    spread, tone = light.std(axis=1), light.mean(axis=1)
    ends = []
    for order in (slice(None), slice(None, None, -1)):
        plain = (spread[order] < PLAIN_LINE) & (np.abs(tone[order] - tone[order][0]) < PLAIN_LINE)
        ends.append(int(np.argmin(plain)) if not plain.all() else 0)
    return ends[0], len(light) - ends[1]


def _likeliest(thumbnail: Image, light: Image) -> Laid | None:
    """Return the framing under which the two look most alike, on small versions of both."""
    shown = brightness(thumbnail)
    fixed = _even(detail(reduced(shown, COARSE)))
    factor = max(1, round(max(light.shape) * COARSE / max(shown.shape) / 2))
    small = reduced(light, factor)
    best: Laid | None = None
    frames, content, shape = content_area(shown), content_area(light), light.shape
    for turns in range(4):
        turned = np.ascontiguousarray(np.rot90(small, turns))
        if turns:
            x, y, w, h = content
            content, shape = (y, shape[1] - x - w, h, w), shape[::-1]
        for framing in _framings(frames, content, shown.shape, shape):
            found = _likeness(fixed, turned, framing, factor)
            if found is not None and (best is None or found > best.likeness):
                best = replace(framing, turns=turns, likeness=found)
    return best


def _framings(
    shown: Area, content: Area, thumbnail: tuple[int, ...], picture: tuple[int, ...]
) -> Iterator[Laid]:
    """Yield the ways in which the one area may show the other, or one whole frame the other."""
    frames = {(0.0, 0.0, float(thumbnail[1]), float(thumbnail[0])), shown}
    pictures = {(0.0, 0.0, float(picture[1]), float(picture[0])), content}
    told: list[tuple[float, ...]] = []
    for x, y, w, h in sorted(frames):
        for left, top, width, height in sorted(pictures):
            across, down = width / w, height / h
            for sx, sy in ((across, down), (max(across, down),) * 2, (min(across, down),) * 2):
                shift = (left + width / 2 - sx * (x + w / 2), top + height / 2 - sy * (y + h / 2))
                # What lies within a pixel of a framing already told, the fit finds from there.
                numbers = (sx * thumbnail[1] / 2, sy * thumbnail[0] / 2, *shift)
                if all(max(abs(a - b) for a, b in zip(numbers, other, strict=True)) > 1.5 for other in told):
                    told.append(numbers)
                    yield Laid(0, (sx, sy), shift, -1.0)


def _likeness(fixed: Image, light: Image, where: Laid, factor: int) -> float | None:
    """Return the correlation of details under a framing, both pictures reduced."""
    matrix = np.diag([1 / factor, 1 / factor, 1.0]) @ where.matrix @ np.diag([COARSE, COARSE, 1.0])
    size = (fixed.shape[1], fixed.shape[0])
    inside = inside_of(matrix, size, light.shape, 0)
    if np.count_nonzero(inside) < LEAST_INSIDE * inside.size:
        return None
    return correlation(fixed, _even(detail(_averaged(light, matrix, size))), inside)


def _averaged(light: Image, matrix: Floats, size: tuple[int, int]) -> Image:
    """Return brightness under a map, averaged over each pixel of a picture of half its density."""
    import cv2  # noqa: PLC0415 - slow to import

    # Twice as dense, from centre to centre; a shear is none of what framings do.
    across, down = matrix[0, 0] / 2, matrix[1, 1] / 2
    affine = np.array(
        [[across, 0, matrix[0, 2] + across / 2 - 0.5], [0, down, matrix[1, 2] + down / 2 - 0.5]], np.float64
    )
    fine = cv2.warpAffine(
        light,
        affine,
        (size[0] * 2, size[1] * 2),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(cv2.resize(fine, size, interpolation=cv2.INTER_AREA), np.float32)


def correlation(one: Image, other: Image, inside: NDArray[np.bool_]) -> float:
    """Return the correlation, -1 to 1, of two pictures in one plane; 0 where one is plain."""
    a, b = one[inside].astype(np.float64), other[inside].astype(np.float64)
    a, b = a - a.mean(), b - b.mean()
    scale = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / scale if scale > 1e-6 else 0.0


def detail(light: Image, inside: NDArray[np.bool_] | None = None) -> Image:
    """Return what remains without the lowest frequencies, which tones and vignettes change.

    What is not `inside`, a bar or nothing at all, has no part in it.
    """
    if inside is None:
        return np.asarray(smooth(light, FINE) - smooth(light, WIDE), np.float32)
    there = inside.astype(np.float32)
    around = smooth(light * there, WIDE) / np.maximum(smooth(there, WIDE), 1e-3)
    return np.asarray((smooth(light, FINE) - around) * there, np.float32)


def _even(details: Image) -> Image:
    """Return details of like strength everywhere: what is strong, and may be all that was put in, says no more."""
    return np.asarray(details / np.sqrt(smooth(details * details, 3.0) + np.float32(FAINT**2)), np.float32)


def _refined(light: Image, other: Image, where: Laid) -> Laid:
    """Return the scales and shifts that lay the details best over each other, what was changed weighing nothing."""
    for reduction, steps in STEPS:
        small = reduced(light, reduction)
        size = (small.shape[1], small.shape[0])
        zoom = np.diag([reduction, reduction, 1.0])
        inside = inside_of(where.matrix @ zoom, size, other.shape, 2 * max(where.scale) * reduction)
        if np.count_nonzero(inside) < LEAST_INSIDE * inside.size:
            return where
        fixed = detail(small, inside)
        slopes = gradient(fixed)
        trial, best = where, replace(where, likeness=-1.0)
        for _ in range(steps + 1):
            moved = detail(_averaged(other, trial.matrix @ zoom, size), inside)
            trial = replace(trial, likeness=correlation(fixed, moved, inside))
            # A fit can run away along plain walls: what was the most alike is kept.
            best = max(best, trial, key=lambda each: each.likeness)
            step = _step(fixed, moved, slopes, inside)
            if step is None:
                break
            trial, moved_by = _stepped(trial, step, size, reduction)
            if moved_by < SETTLED:
                break
        where = best
    return where


def _step(
    fixed: Image, moved: Image, slopes: tuple[Image, Image], inside: NDArray[np.bool_]
) -> Floats | None:
    """Return stretch and shift along x and y, in pixels at the edge, that explain the difference best."""
    rows, columns = np.nonzero(inside)
    every = max(1, len(rows) // STEP_POINTS)
    at = rows[::every], columns[::every]
    height, width = fixed.shape
    x, y = (at[1] + 0.5) * 2 / width - 1, (at[0] + 0.5) * 2 / height - 1
    gx, gy = ((s[at] + g[at]) / 2 for s, g in zip(slopes, gradient(moved), strict=True))
    design = np.column_stack([gx * x, gx, gy * y, gy, moved[at], np.ones(len(x))]).astype(np.float64)
    error = (fixed[at] - moved[at]).astype(np.float64)
    weight = tukey(error)
    solution: Floats = np.zeros(6)
    for _ in range(2):
        normal = design.T @ (design * weight[:, None])
        normal[np.diag_indices(6)] *= 1 + 1e-6
        normal[np.diag_indices(6)] += 1e-6
        solution = np.asarray(np.linalg.solve(normal, design.T @ (error * weight)), np.float64)
        weight = tukey(error - design @ solution)
    return np.clip(solution[:4], -2, 2) if np.all(np.isfinite(solution)) else None


def _stepped(where: Laid, step: Floats, size: tuple[int, int], reduction: int) -> tuple[Laid, float]:
    """Return the framing after a step, and by how many working pixels it moved an edge."""
    scales, shifts = [], []
    for axis in (0, 1):
        stretch, shift = step[2 * axis], step[2 * axis + 1]
        # A place moves by stretch * (2 u / size - 1) + shift, u in pixels of this level.
        grow = 1 + 2 * stretch / size[axis]
        scales.append(float(where.scale[axis] * grow))
        shifts.append(float(where.shift[axis] + where.scale[axis] * (shift - stretch) * reduction))
    moved = float(np.abs(step[0::2]).max() + np.abs(step[1::2]).max()) * reduction
    return replace(where, scale=(scales[0], scales[1]), shift=(shifts[0], shifts[1])), moved


BLOCK = 12
"""Pixels a side of the blocks that are asked whether they agree."""

SHOWS = 4.0
"""Standard deviation, grey levels, of the details of a block that shows something."""

AGREES = 0.6
"""Correlation of the details of a block from which it agrees."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many blocks of a thumbnail that show something the picture covers, and what share of them agrees.

    `beyond` is how many show something outside of what the picture covers.
    """

    blocks: int
    share: float
    beyond: int


def agreement(light: Image, laid: Image, inside: NDArray[np.bool_]) -> Agreement:
    """Ask block by block whether a thumbnail and the picture on it, (height, width) of brightness, agree."""
    a, b = detail(light, inside), detail(laid, inside)
    one, other, both = (_blocks(each) for each in (a * a, b * b, a * b))
    covers = _blocks(inside.astype(np.float32)) > 0.99
    shows = covers & (one > SHOWS**2)
    alike = both > AGREES * np.sqrt(one * np.maximum(other, 1e-6))
    blocks = int(np.count_nonzero(shows))
    share = int(np.count_nonzero(shows & alike)) / blocks if blocks else 0.0
    beyond = _blocks((~inside).astype(np.float32)) > 0.99
    outer = detail(light, ~inside)
    return Agreement(blocks, share, int(np.count_nonzero(beyond & (_blocks(outer * outer) > SHOWS**2))))


def _blocks(picture: Image) -> Image:
    """Return the mean of each block."""
    rows, columns = (max(1, side // BLOCK) for side in picture.shape)
    cut = picture[: rows * BLOCK, : columns * BLOCK]
    if min(picture.shape) < BLOCK:
        return np.asarray(picture.mean(keepdims=True), np.float32)
    return np.asarray(cut.reshape(rows, BLOCK, columns, BLOCK).mean(axis=(1, 3)), np.float32)


PARTS = tuple(float(0.95 * 0.94**k) for k in range(18))
"""Shares of a thumbnail's longer side at which the picture is looked for in it: down to a third."""

LEAST_PART = 20
"""Pixels of half size of the shorter side of a part that is looked for: smaller ones are found anywhere."""


def lay_part(thumbnail: Image, picture: Image) -> tuple[Laid, Image, NDArray[np.bool_]] | None:
    """Look for the whole picture as a part of what the thumbnail shows, both as `lay_thumbnail` has them."""
    import cv2  # noqa: PLC0415 - slow to import

    shown, light = brightness(thumbnail), brightness(picture)
    wide = detail(reduced(shown, 2))
    best: Laid | None = None
    for share in PARTS:
        # Alike along each side, so that one factor leads from the thumbnail's pixels to the picture's.
        factor = max(light.shape) / (share * max(shown.shape))
        small = cv2.resize(
            light,
            tuple(max(1, round(side / factor / 2)) for side in light.shape[::-1]),
            interpolation=cv2.INTER_AREA,
        )
        details = detail(np.asarray(small, np.float32))
        for turns in range(4):
            part = np.ascontiguousarray(np.rot90(details, turns))
            if min(part.shape) < LEAST_PART or part.shape[0] > wide.shape[0] or part.shape[1] > wide.shape[1]:
                continue
            _, likeness, _, (x, y) = cv2.minMaxLoc(cv2.matchTemplate(wide, part, cv2.TM_CCOEFF_NORMED))
            if best is None or likeness > best.likeness:
                shift = (-2.0 * x * factor, -2.0 * y * factor)
                best = Laid(turns, (factor, factor), shift, float(likeness))
    if best is None:
        return None
    turned = np.ascontiguousarray(np.rot90(picture, best.turns))
    fitted = _refined(shown, brightness(turned), best)
    return fitted, lie(turned, fitted, thumbnail.shape), covered(fitted, thumbnail.shape, picture.shape)
