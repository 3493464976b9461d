"""The colours and the sharpness of a query, given to a reference that lies on its pixels.

What may happen to a whole picture is fitted robustly, from few parameters: an affine map of the three colours
(exposure, contrast, white balance, saturation, greyscale, sepia), a monotone curve a channel (gamma, levels) and a
symmetrical filter (softening, sharpening, another resampling).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from provenance.compare.colours import DEPARTURES, LEAST_AT_KNOT, fit_colours, fit_curve
from provenance.compare.filters import brightness, smooth
from provenance.compare.registration import tukey

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from provenance.compare.filters import Image
    from provenance.compare.geometry import Floats

POINTS = 10_000
"""Pixels that are used, evenly spread."""

SOFT = 1.0
"""Sigma, pixels."""

SOFTER = 3.0
"""Sigma where a filter was found: what is left of it takes contrast from details only."""

REFINEMENTS = 2
"""Rounds in which curves are fitted to what they leave: each leaves some tenths of what it found."""

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
    tone = ToneMap(*fit_colours(source, target), np.zeros(len(SOFTENED)))
    return _refined(tone, reference, target, rows, sigma)


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
            beside = fit_curve(toned[:, c], target[:, c], np.zeros(256), DEPARTURES[-1:])
            bent = levels + curve[c]
            curve[c] = np.maximum.accumulate(bent + np.interp(bent, levels, beside)) - levels
        tone = replace(tone, curve=curve)
    return tone


def _cut_off(query: Image) -> NDArray[np.bool_]:
    """Return where a tone near a pixel has been cut off at black or white: softened, it bends the curve."""
    import cv2  # noqa: PLC0415 - slow to import

    near = np.ones((7, 7), np.uint8)
    ends = (query <= CLIPPED) | (query >= 255 - CLIPPED)
    cut = (ends[..., 0] | ends[..., 1] | ends[..., 2]).astype(np.uint8)
    return np.asarray(cv2.dilate(cut, near), np.uint8) > 0


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
