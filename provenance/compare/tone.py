"""The colours and the sharpness of a query, given to a reference that lies on its pixels.

What may happen to a whole picture is fitted robustly, from few parameters: an affine map of the three colours
(exposure, contrast, white balance, saturation, greyscale, sepia), a monotone curve a channel (gamma, levels) and a
symmetrical filter (softening, sharpening, another resampling).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from provenance.compare.filters import LUMA, brightness, smooth
from provenance.compare.registration import CALM, tukey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from provenance.compare.filters import Image
    from provenance.compare.geometry import Floats

POINTS = 20_000
"""Pixels that are used, evenly spread."""

SOFT = 1.0
"""Sigma, pixels."""

SOFTER = 3.0
"""Sigma where a filter was found: what is left of it takes contrast from details only."""

REFINEMENTS = 2
"""Rounds in which curves are fitted to what they leave: each leaves some tenths of what it found."""

SIMPLER = 1.3
"""How much farther pixels may lie beside channels by themselves than beside all of them mixed."""

KNOTS = 20
"""Of a tone curve: as smooth as curves are drawn."""

LEAST_AT_KNOT = 60
"""Pixels from which a knot is fitted; the others are interpolated."""

POWERS = (0.5, 0.7, 1.0, 1.4, 2.0)
"""Of the tone curves that are started from: where most of a picture is dark, what is bright tells little."""

SATURATIONS = (0.3, 0.6, 0.8, 1.2, 1.4, 1.7)
"""Of the mixes of colours that are started from: where little of a picture has colour, only that tells."""

DEPARTURES = (48.0, 24.0, 12.0)
"""Grey levels by which pixels may depart from the curve fitted so far: a gamma of 2 bends it by the first. What
smoothing a curve's knots took from it, the later rounds give back (Tukey's twicing)."""

CLIPPED = 2.0
"""Grey levels from black or white within which a tone says only that it was cut off."""

SOFTENED = (0.7, 1.4, 2.8)
"""Sigmas of the filters that are mixed, pixels: sharpening has one radius, in this range."""

STRONGEST = 3.0
"""Of a filter's share at most, either way."""

AS_SHARP = 0.1
"""Sum of a filter's shares up to which tones are not fitted again: it changes no contrast to speak of."""

STRONGER = 0.3
"""Share of the pixels with detail, those with most, that a filter is fitted on."""

RIDGE = 1e-5
"""Share of the normal equations' trace that keeps the mix of filters, which are alike, from running away."""

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
        return self.told_apart(picture)[0]

    def told_apart(self, picture: Image) -> tuple[Image, Image | None]:
        """Return what `apply` does, and what of it the filter alone added, likewise; None without a filter."""
        toned = _curved(_affine(picture, self.matrix), self.curve)
        if not np.any(self.filters):
            return np.asarray(np.clip(toned, 0, 255), np.float32), None
        added = np.asarray(
            sum(np.float32(share) * soft for share, soft in zip(self.filters, _softened(toned), strict=True)),
            np.float32,
        )
        return np.asarray(np.clip(toned + added, 0, 255), np.float32), added


IDENTITY = ToneMap(np.eye(3, 4), np.zeros((3, 256)), np.zeros(len(SOFTENED)))


def fit_tone(reference: Image, query: Image, inside: NDArray[np.bool_]) -> ToneMap:
    """Fit the tone map of aligned pictures, float32 (height, width, 3), on the pixels `inside`."""
    rows = np.flatnonzero(inside & ~_cut_off(query))
    rows = rows[:: max(1, len(rows) // POINTS)]
    if len(rows) < LEAST_AT_KNOT:
        return IDENTITY
    first = _fitted(reference, query, rows, SOFT)
    filters = _filters(first.apply(reference), query, inside)
    if np.abs(filters).sum() <= AS_SHARP:
        return replace(first, filters=filters)
    # Softening takes contrast from details, which the tones took for theirs.
    as_sharp = reference + sum(
        np.float32(share) * soft for share, soft in zip(filters, _softened(reference), strict=True)
    )
    second = _fitted(np.asarray(as_sharp, np.float32), query, rows, SOFTER)
    return replace(second, filters=_filters(second.apply(reference), query, inside))


def _sampled(picture: Image, rows: NDArray[np.intp], sigma: float) -> Floats:
    # Tones are fitted on softened pictures: noise would flatten them (regression dilution).
    return smooth(picture, sigma).reshape(-1, 3)[rows].astype(np.float64)


def _fitted(reference: Image, query: Image, rows: NDArray[np.intp], sigma: float) -> ToneMap:
    """Fit tones on colours, softened by `sigma`, of these pixels."""
    source, target = (_sampled(picture, rows, sigma) for picture in (reference, query))
    plain, powers = _channels(source, target, POWERS)
    starts = [plain, _saturated(source, target, powers), (_colours(source, target), np.zeros((3, 256)))]
    fits = [_curves(source, target, matrix, curve) for matrix, curve in starts]
    spread, (matrix, curve) = fits[0]
    # Three gains and curves say more than twelve numbers and curves that explain no more.
    mixed_spread, mixed = min(fits[1:], key=lambda fit: fit[0])
    if spread > SIMPLER * mixed_spread + 0.1:
        matrix, curve = mixed
    return _refined(ToneMap(matrix, curve, np.zeros(len(SOFTENED))), reference, target, rows, sigma)


def _refined(
    tone: ToneMap, reference: Image, target: Floats, rows: NDArray[np.intp], sigma: float
) -> ToneMap:
    """Return the map with curves to which softening was done after them, as it was to the query.

    Over an edge, the mean of a bent curve is not the curve at its mean; tones that are found at edges only were fitted
    beside it.
    """
    levels = np.arange(256.0)
    for _ in range(REFINEMENTS):
        toned = _sampled(tone.apply(reference), rows, sigma)
        curve = tone.curve.copy()
        for c in range(3):
            beside = _curve(toned[:, c], target[:, c], np.zeros(256), DEPARTURES[-1:])
            curve[c] += np.interp(levels + curve[c], levels, beside)
        tone = replace(tone, curve=curve)
    return tone


def _cut_off(query: Image) -> NDArray[np.bool_]:
    """Return where a tone near a pixel has been cut off at black or white: softened, it bends the curve."""
    import cv2  # noqa: PLC0415 - slow to import

    near = np.ones((7, 7), np.uint8)
    ends = (query <= CLIPPED) | (query >= 255 - CLIPPED)
    cut = (ends[..., 0] | ends[..., 1] | ends[..., 2]).astype(np.uint8)
    return np.asarray(cv2.dilate(cut, near), np.uint8) > 0


def _curves(
    source: Floats, target: Floats, matrix: Floats, start: Floats
) -> tuple[float, tuple[Floats, Floats]]:
    """Return the curves that go with a matrix, near those given, and how far pixels lie beside both."""
    mapped = source @ matrix[:, :3].T + matrix[:, 3]
    curve = np.stack([_curve(mapped[:, c], target[:, c], start[c]) for c in range(3)])
    error = (
        target
        - mapped
        - np.stack([np.interp(mapped[:, c], np.arange(256), curve[c]) for c in range(3)], axis=-1)
    )
    return _beside(error), (matrix, curve)


def _channels(
    source: Floats, target: Floats, powers: Sequence[float]
) -> tuple[tuple[Floats, Floats], tuple[float, ...]]:
    """Return the affine map (3, 4) that leaves the channels apart, with a curve for those that a power fits better.

    Then the powers that fit best, a channel each.
    """
    matrix, curve, best = np.eye(3, 4), np.zeros((3, 256)), []
    levels = np.arange(256.0)
    for c in range(3):
        fits = [_straight(_powered(source[:, c], power), target[:, c]) for power in powers]
        power, (_, gain, offset) = min(
            zip(powers, fits, strict=True), key=lambda fit: (fit[1][0], fit[0] != 1)
        )
        if power == 1:
            matrix[c, c], matrix[c, 3] = gain, offset
        else:
            curve[c] = gain * _powered(levels, power) + offset - levels
        best.append(power)
    return (matrix, curve), tuple(best)


def _saturated(source: Floats, target: Floats, powers: Sequence[float]) -> tuple[Floats, Floats]:
    """Return likewise the map and the curves of the likeliest saturation, under one of these powers."""
    grey = np.tile(LUMA.astype(np.float64), (3, 1))
    few = slice(None, None, 4)
    found = []
    for share in SATURATIONS:
        mix = share * np.eye(3) + (1 - share) * grey
        (matrix, curve), _ = _channels(source[few] @ mix.T, target[few], sorted({1.0, *powers}))
        matrix[:, :3] = matrix[:, :3] @ mix
        mapped = source[few] @ matrix[:, :3].T + matrix[:, 3]
        bent = np.stack([np.interp(mapped[:, c], np.arange(256), curve[c]) for c in range(3)], axis=-1)
        found.append((_beside(target[few] - mapped - bent), (matrix, curve)))
    return min(found, key=lambda fit: fit[0])[1]


def _powered(tones: Floats, power: float) -> Floats:
    result: Floats = 255 * (np.clip(tones, 0, 255) / 255) ** power
    return result


def _straight(source: Floats, target: Floats) -> tuple[float, float, float]:
    """Return the line from one channel to the other: how far pixels lie beside it, its gain and its offset."""
    design = np.column_stack([source, np.ones(len(source))])
    starts = [np.array([1.0, 0.0]), np.linalg.lstsq(design, target, rcond=None)[0]]
    spread = [float(np.quantile(np.abs(target - design @ start), CALM)) for start in starts]
    fit = starts[int(np.argmin(spread))]
    for _ in range(ROUNDS):
        weight = tukey(target - design @ fit)
        normal = design.T @ (design * weight[:, None]) + np.eye(2) * 1e-6
        fit = np.linalg.solve(normal, design.T @ (target * weight))
    return _beside(target - design @ fit), float(fit[0]), float(fit[1])


def _beside(error: Floats) -> float:
    """Return how far pixels lie beside a fit, squared grey levels; those far beside it count alike."""
    return float(np.minimum(error * error, DEPARTURES[-1] ** 2).mean())


def _colours(source: Floats, target: Floats) -> Floats:
    """Return the affine map (3, 4) by iteratively reweighted least squares, from the likeliest of three starts."""
    design = np.column_stack([source, np.ones(len(source))])
    grey = np.tile(np.append(LUMA, 0.0), (3, 1))
    starts = [np.eye(3, 4), grey, _least_squares(design, target, np.ones(len(design)))]
    matrix = min(starts, key=lambda start: _beside(target - design @ start.T))
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


def _curve(mapped: Floats, target: Floats, start: Floats, departures: Sequence[float] = DEPARTURES) -> Floats:
    """Return what to add to each grey level of one channel, (256,), so that the whole remains monotone."""
    levels = np.arange(256.0)
    curve = levels + start
    usable = (mapped > -16) & (mapped < 271)
    mapped, target = mapped[usable], target[usable]
    place = np.clip(mapped * (KNOTS / 256), 0, KNOTS - 1).astype(np.intp)
    for departure in departures:
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
        curve = np.maximum.accumulate(curve + _through(np.array(knots), smooth))
    result: Floats = curve - levels
    return result


def _through(knots: Floats, values: Floats) -> Floats:
    """Return the straight pieces through these knots at each grey level, (256,), the outer ones prolonged."""
    levels = np.arange(256.0)
    result = np.interp(levels, knots, values)
    first, last = np.diff(values)[[0, -1]] / np.maximum(np.diff(knots)[[0, -1]], 4)
    result += np.minimum(levels - knots[0], 0) * first + np.maximum(levels - knots[-1], 0) * last
    return np.asarray(result, np.float64)


def _typical(error: Floats) -> float:
    """Return the mean of the errors around their median, those of changed pixels left out."""
    middle = float(np.median(error))
    weight = tukey(error - middle)
    return float((error * weight).sum() / max(weight.sum(), 1e-9))


def _filters(toned: Image, query: Image, inside: NDArray[np.bool_]) -> Floats:
    """Return the shares of softened versions that bring `toned` to the query's sharpness."""
    own, target = brightness(toned), brightness(query)
    versions = np.stack(_softened(own), axis=-1)
    strength = np.abs(versions[..., -1])
    usable = inside & (strength > 1.0) & (own > 8) & (own < 247) & (target > 4) & (target < 251)
    if usable.any():
        # The strongest details tell a filter from noise, and sharpening from its threshold.
        usable &= strength >= np.quantile(strength[usable], 1 - STRONGER)
    chosen = np.flatnonzero(usable)
    chosen = chosen[:: max(1, len(chosen) // POINTS)]
    if len(chosen) < 500:
        return np.zeros(len(SOFTENED))
    design = versions.reshape(-1, len(SOFTENED))[chosen].astype(np.float64)
    error = (target - own).reshape(-1)[chosen].astype(np.float64)
    shares: Floats = np.zeros(len(SOFTENED))
    for _ in range(ROUNDS):
        weight = tukey(error - design @ shares)
        normal = design.T @ (design * weight[:, None])
        normal += np.eye(len(SOFTENED)) * RIDGE * np.trace(normal)
        shares = np.asarray(np.linalg.solve(normal, design.T @ (error * weight)), np.float64)
    result: Floats = np.clip(shares, -STRONGEST, STRONGEST)
    return result


def _softened(picture: Image) -> list[Image]:
    return [smooth(picture, s) - picture for s in SOFTENED]


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
