"""The colours and the sharpness of a query, given to a reference that lies on its pixels.

What may happen to a whole picture is fitted robustly, from few parameters: an affine map of the three colours
(exposure, contrast, white balance, saturation, greyscale, sepia), a monotone curve a channel (gamma, levels) and a
symmetrical filter (softening, sharpening, another resampling).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from provenance.compare.registration import tukey

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from provenance.compare.frame import Image
    from provenance.compare.geometry import Floats

POINTS = 40_000
"""Pixels that are used, evenly spread."""

KNOTS = 16
"""Of a tone curve: as smooth as curves are drawn."""

LEAST_AT_KNOT = 60
"""Pixels from which a knot is fitted; the others are interpolated."""

DEPARTURES = (48.0, 24.0, 12.0)
"""Grey levels by which pixels may depart from the curve fitted so far: a gamma of 2 bends it by the first. What
smoothing a curve's knots took from it, the later rounds give back (Tukey's twicing)."""

CLIPPED = 2.0
"""Grey levels from black or white within which a tone says only that it was cut off."""

SOFTENED = (0.7, 1.4, 2.8)
"""Sigmas of the filters that are mixed, pixels: sharpening has one radius, in this range."""

STRONGEST = 3.0
"""Of a filter's share at most, either way."""

ROUNDS = 8


@dataclass(frozen=True, slots=True, eq=False)
class ToneMap:
    """Reference colours to query colours: `matrix` (3, 4), then `curve` (3, 256), added by grey level.

    `filters` is the share of the picture's softened versions, less itself, that is added.
    """

    matrix: Floats
    curve: Floats
    filters: Floats

    def apply(self, picture: Image) -> Image:
        """Return a picture, float32 (height, width, 3), in these tones and this sharpness, 0 to 255."""
        toned = _curved(_affine(picture, self.matrix), self.curve)
        if np.any(self.filters):
            toned = toned + sum(
                np.float32(share) * soft for share, soft in zip(self.filters, _softened(toned), strict=True)
            )
        return np.clip(toned, 0, 255, dtype=np.float32)


IDENTITY = ToneMap(np.eye(3, 4), np.zeros((3, 256)), np.zeros(len(SOFTENED)))


def fit_tone(reference: Image, query: Image, inside: NDArray[np.bool_]) -> ToneMap:
    """Fit the tone map of aligned pictures, float32 (height, width, 3), on the pixels `inside`."""
    import cv2  # noqa: PLC0415 - slow to import

    # Tones are fitted on slightly softened pictures: noise would flatten them (regression dilution).
    soft_r, soft_q = (np.asarray(cv2.GaussianBlur(p, (0, 0), 1.5), np.float32) for p in (reference, query))
    rows = np.flatnonzero(inside)
    rows = rows[:: max(1, len(rows) // POINTS)]
    source, target = (p.reshape(-1, 3)[rows].astype(np.float64) for p in (soft_r, soft_q))
    matrix = _colours(source, target)
    flat = np.zeros((3, 256))
    mapped = source @ matrix[:, :3].T + matrix[:, 3]
    curve = np.stack([_curve(mapped[:, c], target[:, c]) for c in range(3)])
    toned = _curved(_affine(reference, matrix), curve)
    filters = _filters(toned, query, inside)
    return ToneMap(matrix, curve if curve.any() else flat, filters)


def _colours(source: Floats, target: Floats) -> Floats:
    """Return the affine map (3, 4) by iteratively reweighted least squares, from the likeliest of three starts."""
    design = np.column_stack([source, np.ones(len(source))])
    usable = np.all((target > CLIPPED) & (target < 255 - CLIPPED), axis=1)
    if np.count_nonzero(usable) < 100:
        return np.eye(3, 4)
    design, target = design[usable], target[usable]
    luma = np.tile(np.array([0.299, 0.587, 0.114, 0]), (3, 1))
    starts = [np.eye(3, 4), luma, _least_squares(design, target, np.ones(len(design)))]
    spread = [float(np.quantile(np.abs(target - design @ m.T), 0.4)) for m in starts]
    matrix = starts[int(np.argmin(spread))]
    for _ in range(ROUNDS):
        error = np.sqrt(((target - design @ matrix.T) ** 2).sum(axis=1))
        matrix = _least_squares(design, target, tukey(error))
    return matrix


def _least_squares(design: Floats, target: Floats, weight: Floats) -> Floats:
    # The ridge keeps channels apart that are equal in a grey picture.
    ridge = np.diag([1.0, 1.0, 1.0, 1e-3]) * max(1.0, weight.sum()) * 1e-2
    prior = np.eye(4, 3)
    normal = design.T @ (design * weight[:, None]) + ridge
    solution = np.linalg.solve(normal, design.T @ (target * weight[:, None]) + ridge @ prior)
    result: Floats = solution.T
    return result


def _curve(mapped: Floats, target: Floats) -> Floats:
    """Return what to add to each grey level of one channel, (256,), so that the whole remains monotone."""
    levels = np.arange(256.0)
    curve = levels.copy()
    usable = (target > CLIPPED) & (target < 255 - CLIPPED) & (mapped > -16) & (mapped < 271)
    mapped, target = mapped[usable], target[usable]
    place = np.clip(mapped * (KNOTS / 256), 0, KNOTS - 1).astype(np.intp)
    for departure in DEPARTURES:
        error = target - np.interp(mapped, levels, curve)
        near = np.abs(error) < departure
        knots, values = [], []
        for k in range(KNOTS):
            here = near & (place == k)
            if np.count_nonzero(here) >= LEAST_AT_KNOT:
                knots.append(float(mapped[here].mean()))
                values.append(_typical(error[here]))
        if len(knots) < 2:
            break
        smooth = np.convolve(np.pad(values, 1, mode="edge"), [0.25, 0.5, 0.25], mode="valid")
        curve = np.maximum.accumulate(curve + np.interp(levels, knots, smooth))
    result: Floats = curve - levels
    return result


def _typical(error: Floats) -> float:
    """Return the mean of the errors around their median, those of changed pixels left out."""
    middle = float(np.median(error))
    weight = tukey(error - middle)
    return float((error * weight).sum() / max(weight.sum(), 1e-9))


def _filters(toned: Image, query: Image, inside: NDArray[np.bool_]) -> Floats:
    """Return the shares of softened versions that bring `toned` to the query's sharpness."""
    weights = np.array([0.299, 0.587, 0.114], np.float32)
    own, target = toned @ weights, query @ weights
    versions = np.stack(_softened(own), axis=-1)
    strength = np.abs(versions[..., -1])
    chosen = np.flatnonzero(inside & (strength > 1.0) & (own > 8) & (own < 247) & (target > 4) & (target < 251))
    chosen = chosen[:: max(1, len(chosen) // POINTS)]
    if len(chosen) < 500:
        return np.zeros(len(SOFTENED))
    design = versions.reshape(-1, len(SOFTENED))[chosen].astype(np.float64)
    error = (target - own).reshape(-1)[chosen].astype(np.float64)
    shares = np.zeros(len(SOFTENED))
    for _ in range(ROUNDS):
        weight = tukey(error - design @ shares)
        normal = design.T @ (design * weight[:, None])
        normal += np.eye(len(SOFTENED)) * 1e-3 * np.trace(normal)
        shares = np.linalg.solve(normal, design.T @ (error * weight))
    result: Floats = np.clip(shares, -STRONGEST, STRONGEST)
    return result


def _softened(picture: Image) -> list[Image]:
    import cv2  # noqa: PLC0415 - slow to import

    return [np.asarray(cv2.GaussianBlur(picture, (0, 0), s), np.float32) - picture for s in SOFTENED]


def _affine(picture: Image, matrix: Floats) -> Image:
    import cv2  # noqa: PLC0415 - slow to import

    if np.array_equal(matrix, np.eye(3, 4)):
        return picture
    return np.asarray(cv2.transform(picture, matrix.astype(np.float32)), np.float32)


def _curved(picture: Image, curve: Floats) -> Image:
    if not np.any(curve):
        return picture
    # Quarters of a grey level: finer than any difference that is looked for.
    index = np.clip(picture * 4 + 0.5, 0, 1023).astype(np.uint16)
    result = np.empty_like(picture)
    for c in range(3):
        table = np.interp(np.arange(1024) / 4, np.arange(256), curve[c]).astype(np.float32)
        result[..., c] = picture[..., c] + table[index[..., c]]
    return result
