"""What remains between a thumbnail and the picture as it lies on it, against what honest thumbnails leave.

`compare.residual` makes its null by compressing; here the pictures are so small, and their histories so unlike (two
files, two filters, two styles), that it is fitted instead: tones by a polynomial of the three colours, sharpness by a
mix of softened versions, and of what remains as much is expected everywhere as the calmer half of the frame shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from provenance.compare.filters import brightness, gradient, opponent, smooth
from provenance.compare.registration import tukey

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from provenance.compare.filters import Image
    from provenance.compare.geometry import Floats

POINTS = 2500
"""Pixels that tones are fitted on: eleven numbers a channel."""

ROUNDS = (
    *((4, cut) for cut in (80.0, 60.0, 45.0, 36.0, 30.0)),
    *((11, cut) for cut in (28.0, 22.0, 16.0, 16.0)),
)
"""Terms that are fitted, and grey levels beyond which a pixel says nothing of the tones, round by round. What was
replaced is beyond; where it alone has some colour, more terms at once would bend to it."""

STEP = 6.0
"""Grey levels up and down between which the steepness of a tone map is measured."""

BIWEIGHT, QUARTILE = 4.685, 0.6
"""Tukey's constant, and the lower quartile of the lengths of errors in three colours in their standard deviations
(generously): cuts are not set below what the pictures' own noise asks for."""

LEAST_SURE = 0.1
"""Share of the pixels that fits need at least."""

SOFTENED = (0.7, 1.5, 3.0)
"""Sigmas, pixels, of the filters that sharpness is fitted with."""

SOFT = 1.4
"""Sigma, pixels, that differences are softened by: what small JPEG files and crude scalers leave is finer."""

FLOOR = 6.0
"""Squared grey levels of the picture, softened, that mean nothing anywhere; a steep tone map makes more of them."""

SLIP = 0.03
"""Squared pixels by which details may lie beside their place: other kernels, other rounding."""

CALM, LOUDER, LOUDEST = 0.5, 1.5, 30.0
"""Quantile of what remains that is taken for unchanged, how much more may be expected from it, and at most."""

ENDS = 20.0
"""Grey levels that tones at the ends of a picture's own range may be beside: there they may have been cut off, and
moved since."""

PILED_UP = 0.003
"""Share of the pixels at an end of the range from which it is taken for cut off there."""

NO_COLOUR = 2.5
"""Mean of a picture's colour differences, grey levels, below which it is grey and colours are not compared."""

WINDOWS = (3.0, 6.0)
"""Sigmas, pixels, of the windows that are looked at."""

USUAL = (3.08, 2.36, 2.19, 1.4)
"""Logarithm of the ratio that 1% of honest thumbnails exceed somewhere: of brightness in both windows, of colour in
both (tests/benchmarks/thumbnails.py PHOTOS --ratios)."""


@dataclass(frozen=True, slots=True, eq=False)
class Remainder:
    """What remains of a thumbnail, (height, width), against what may: the natural logarithm of the ratio.

    `ratios` are of brightness in the two windows, then of colour; `excess` is the largest of them less `USUAL`, and
    `narrow` the larger of those of the narrow window.
    """

    ratios: tuple[Image, Image, Image, Image]
    excess: Image
    narrow: Image


def remainder(
    thumbnail: Image, laid: Image, inside: NDArray[np.bool_], changed: NDArray[np.bool_] | None = None
) -> Remainder:
    """Compare a thumbnail with the picture as it lies on it, both float32 (height, width, 3), where `inside`.

    Where it is known already to be `changed`, nothing is fitted.
    """
    import cv2  # noqa: PLC0415 - slow to import

    there = cv2.erode(inside.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=0).astype(np.float32)
    sure = cv2.erode(there, np.ones((5, 5), np.uint8), borderValue=0) > 0
    if changed is not None and np.count_nonzero(sure & ~changed) > LEAST_SURE * sure.size:
        sure &= ~changed
    if not sure.any():
        none = np.full(inside.shape, -9, np.float32)
        return Remainder((none, none, none, none), none, none)
    tones = _fitted(laid, thumbnail, sure)
    predicted = np.clip(_as_sharp(_toned(laid, tones), thumbnail, sure), 0, 255)
    steep = np.abs(_toned(laid + STEP, tones) - _toned(laid - STEP, tones)).max(axis=-1) / np.float32(
        2 * STEP
    )
    floor = np.float32(FLOOR) * np.maximum(steep, 1) ** 2
    difference = opponent(_within(thumbnail - predicted, there, SOFT))
    x, y = gradient(opponent(predicted))
    slopes = x * x + y * y
    within = there > 0
    ends = np.maximum(_ends(smooth(laid, 1.0), within), _ends(smooth(thumbnail, 1.0), within))
    cut_off = np.float32(ENDS**2) * smooth(ends * ends, 1.0)
    squares = difference * difference
    light = _ratios(squares[..., 0], slopes[..., 0], (floor, cut_off), there, sure)
    colour = _ratios(
        squares[..., 1] + squares[..., 2], slopes[..., 1] + slopes[..., 2], (floor, cut_off), there, sure
    )
    if float(np.abs(opponent(laid)[within][:, 1:]).mean()) < NO_COLOUR:
        colour = tuple(np.full_like(each, -9) for each in colour)  # type: ignore[assignment]
    ratios = (*light, *colour)
    beyond = np.stack([each - np.float32(usual) for each, usual in zip(ratios, USUAL, strict=True)])
    return Remainder(ratios, beyond.max(axis=0), beyond[::2].max(axis=0))


def _ratios(
    seen: Image, slopes: Image, noise: tuple[Image, Image], there: Image, sure: NDArray[np.bool_]
) -> tuple[Image, Image]:
    """Return the logarithms of what is seen over what may be, in both windows.

    `noise` is what may remain everywhere, and what besides where tones have been cut off.
    """
    floor, cut_off = noise
    may = floor + np.float32(SLIP) * smooth(slopes, 1.5)
    inside = there > 0
    calm = float(np.quantile((smooth(seen, 2.0) / may)[sure], CALM))
    expected = np.float32(np.clip(calm * LOUDER, 1, LOUDEST)) * may + cut_off
    narrow, wide = (
        np.where(
            inside, np.log((_within(seen, there, s) + 1e-3) / (_within(expected, there, s) + 1e-3)), -9
        ).astype(np.float32)
        for s in WINDOWS
    )
    return narrow, wide


def _within(picture: Image, there: Image, sigma: float) -> Image:
    """Return the means over windows of what is there."""
    weight = np.maximum(smooth(there, sigma), 1e-2)
    if picture.ndim == 3:
        return np.asarray(smooth(picture * there[..., None], sigma) / weight[..., None], np.float32)
    return np.asarray(smooth(picture * there, sigma) / weight, np.float32)


def _fitted(laid: Image, thumbnail: Image, inside: NDArray[np.bool_]) -> Floats:
    """Return what leads from the picture's tones to the thumbnail's, (11, 3), fitted on softened versions."""
    source, target = (smooth(p, 1.5)[inside].astype(np.float64) for p in (laid, thumbnail))
    every = max(1, len(source) // POINTS)
    design, target = _terms(source[::every]), target[::every]
    ridge = np.eye(design.shape[1]) * len(design) * 1e-5
    weight = np.ones(len(design))
    solution: Floats = np.zeros((design.shape[1], 3))
    for terms, cut in ROUNDS:
        part = design[:, :terms]
        normal = part.T @ (part * weight[:, None]) + ridge[:terms, :terms]
        solution[:terms] = np.linalg.solve(normal, part.T @ (target * weight[:, None]))
        error = np.sqrt(((target - part @ solution[:terms]) ** 2).sum(axis=1))
        limit = max(cut, BIWEIGHT * float(np.quantile(error, 0.25)) / QUARTILE)
        weight = np.clip(1 - (error / limit) ** 2, 0, 1) ** 2
    return solution


def _toned(laid: Image, tones: Floats) -> Image:
    toned = _terms(laid.reshape(-1, 3)) @ tones.astype(np.float32)
    return np.asarray(toned.reshape(laid.shape), np.float32)


def _terms(colours: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return (n, 11): the terms of the second degree of three colours, and the cube of their brightness."""
    r, g, b = (colours / colours.dtype.type(255)).T
    light = 0.299 * r + 0.587 * g + 0.114 * b
    terms = [np.ones_like(r), r, g, b, r * r, g * g, b * b, r * g, r * b, g * b, light * light * light]
    return np.stack(terms, axis=1)


def _as_sharp(toned: Image, thumbnail: Image, inside: NDArray[np.bool_]) -> Image:
    """Return the picture as sharp as the thumbnail: a mix of softened versions is added."""
    own = brightness(toned)
    versions = [smooth(own, s) - own for s in SOFTENED]
    design = np.stack([v[inside] for v in versions], axis=1).astype(np.float64)
    error = (brightness(thumbnail) - own)[inside].astype(np.float64)
    weight = tukey(error)
    shares: Floats = np.zeros(len(SOFTENED))
    for _ in range(4):
        normal = design.T @ (design * weight[:, None])
        normal += np.eye(len(SOFTENED)) * (1e-3 * np.trace(normal) + 1e-6)
        shares = np.asarray(np.linalg.solve(normal, design.T @ (error * weight)), np.float64)
        weight = tukey(error - design @ shares)
    added = sum(np.float32(share) * version for share, version in zip(shares, versions, strict=True))
    return np.asarray(toned + np.asarray(added, np.float32)[..., None], np.float32)


def _ends(picture: Image, inside: NDArray[np.bool_]) -> Image:
    """Return 0 to 1: how near tones are to an end of the picture's own range at which many pile up."""
    result = np.zeros(picture.shape[:2], np.float32)
    for channel in range(3):
        for sign in (1, -1):
            tones = sign * picture[..., channel]
            values = tones[inside]
            top = float(np.quantile(values, 0.999))
            if float((values > top - 4).mean()) > PILED_UP:
                result = np.maximum(result, np.clip((tones - (top - 16)) / 12, 0, 1))
    return result
