"""Colours of a reference to those of a query that lie at the same places: an affine map, and a curve a channel.

Both are fitted robustly, from several starts: where most of a picture is dark or grey, the rest lies far beside what
that alone would say.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from provenance.compare.filters import LUMA
from provenance.compare.registration import calm, tukey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from provenance.compare.geometry import Floats

SIMPLER = 1.3
"""How much farther pixels may lie beside channels by themselves than beside all of them mixed."""

KNOTS = 20
"""Of a tone curve: as smooth as curves are drawn."""

LEAST_AT_KNOT = 40
"""Pixels from which a knot is fitted; the others are interpolated."""

POWERS = (0.5, 0.7, 1.0, 1.4, 2.0)
"""Of the tone curves that are started from: where most of a picture is dark, what is bright tells little."""

SATURATIONS = (0.3, 0.6, 0.8, 1.2, 1.4, 1.7)
"""Of the mixes of colours that are started from: where little of a picture has colour, only that tells."""

DEPARTURES = (48.0, 24.0, 12.0)
"""Grey levels by which pixels may depart from the curve fitted so far: a gamma of 2 bends it by the first. What
smoothing a curve's knots took from it, the later rounds give back (Tukey's twicing)."""

FEWER = 4
"""Of so many colours one is looked at to choose a start."""

ROUNDS = 6
"""Of reweighting."""


def fit_colours(source: Floats, target: Floats) -> tuple[Floats, Floats]:
    """Return the map (3, 4), and the curves (3, 256) added by grey level, of colours, float64 (n, 3), 0 to 255."""
    few = slice(None, None, FEWER)
    powers = _channels(source[few], target[few], [POWERS] * 3)[1]
    starts = [
        _channels(source, target, [[power] for power in powers])[0],
        _saturated(source[few], target[few], powers),
        (_colours(source, target), np.zeros((3, 256))),
    ]
    fits = [_curves(source, target, matrix, curve) for matrix, curve in starts]
    spread, fit = fits[0]
    # Three gains and curves say more than twelve numbers and curves that explain no more.
    mixed_spread, mixed = min(fits[1:], key=lambda fit: fit[0])
    return mixed if spread > SIMPLER * mixed_spread + 0.1 else fit


def _curves(
    source: Floats, target: Floats, matrix: Floats, start: Floats
) -> tuple[float, tuple[Floats, Floats]]:
    """Return the curves that go with a matrix, near those given, and how far pixels lie beside both."""
    mapped = source @ matrix[:, :3].T + matrix[:, 3]
    curve = np.stack([fit_curve(mapped[:, c], target[:, c], start[c]) for c in range(3)])
    error = (
        target
        - mapped
        - np.stack([np.interp(mapped[:, c], np.arange(256), curve[c]) for c in range(3)], axis=-1)
    )
    return _beside(error), (matrix, curve)


def _channels(
    source: Floats, target: Floats, powers: Sequence[Sequence[float]]
) -> tuple[tuple[Floats, Floats], tuple[float, ...]]:
    """Return the affine map (3, 4) that leaves the channels apart, with a curve for those that a power fits better.

    Then the powers that fit best, a channel each.
    """
    matrix, curve, best = np.eye(3, 4), np.zeros((3, 256)), []
    levels = np.arange(256.0)
    for c in range(3):
        fits = [_straight(_powered(source[:, c], power), target[:, c]) for power in powers[c]]
        power, (_, gain, offset) = min(
            zip(powers[c], fits, strict=True), key=lambda fit: (fit[1][0], fit[0] != 1)
        )
        if power == 1:
            matrix[c, c], matrix[c, 3] = gain, offset
        else:
            curve[c] = gain * _powered(levels, power) + offset - levels
        best.append(power)
    return (matrix, curve), tuple(best)


def _saturated(source: Floats, target: Floats, powers: Sequence[float]) -> tuple[Floats, Floats]:
    """Return likewise the map and the curves of the likeliest saturation, under a power a channel, or none."""
    grey = np.tile(LUMA.astype(np.float64), (3, 1))
    found = []
    for share in SATURATIONS:
        mix = share * np.eye(3) + (1 - share) * grey
        (matrix, curve), _ = _channels(source @ mix.T, target, [sorted({1.0, power}) for power in powers])
        matrix[:, :3] = matrix[:, :3] @ mix
        mapped = source @ matrix[:, :3].T + matrix[:, 3]
        bent = np.stack([np.interp(mapped[:, c], np.arange(256), curve[c]) for c in range(3)], axis=-1)
        found.append((_beside(target - mapped - bent), (matrix, curve)))
    return min(found, key=lambda fit: fit[0])[1]


def _powered(tones: Floats, power: float) -> Floats:
    result: Floats = 255 * (np.clip(tones, 0, 255) / 255) ** power
    return result


def _straight(source: Floats, target: Floats) -> tuple[float, float, float]:
    """Return the line from one channel to the other: how far pixels lie beside it, its gain and its offset."""
    design = np.column_stack([source, np.ones(len(source))])
    starts = [np.array([1.0, 0.0]), np.linalg.lstsq(design, target, rcond=None)[0]]
    spread = [calm(target - design @ start) for start in starts]
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


def fit_curve(
    mapped: Floats, target: Floats, start: Floats, departures: Sequence[float] = DEPARTURES
) -> Floats:
    """Return what to add to each grey level of one channel, (256,), so that the whole remains monotone."""
    levels = np.arange(256.0)
    curve = levels + start
    usable = (mapped > -16) & (mapped < 271)
    mapped, target = mapped[usable], target[usable]
    place = np.clip(mapped * (KNOTS / 256), 0, KNOTS - 1).astype(np.intp)
    # Those of one knot side by side, so that each is looked at once a round and not by every knot.
    order = np.argsort(place, kind="stable")
    mapped, target = mapped[order], target[order]
    ends = np.searchsorted(place[order], np.arange(KNOTS + 1))
    for departure in departures:
        error = target - np.interp(mapped, levels, curve)
        near = np.abs(error) < departure
        knots, values = [], []
        for first, last in pairwise(ends):
            here = near[first:last]
            if np.count_nonzero(here) >= LEAST_AT_KNOT:
                knots.append(float(mapped[first:last][here].mean()))
                values.append(_typical(error[first:last][here]))
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
