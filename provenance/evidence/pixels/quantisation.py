"""Whether coefficients were quantised before, and how coarsely: gaps and peaks in their histograms.

Each frequency's histogram is held against two models: quantised once, with the file's step, and quantised twice, with
an earlier step before. The values before any quantisation are taken from the same picture cut half a block off
the grid (Lukas and Fridrich, "Estimation of primary quantization matrix in double compressed JPEG images",
DFRWS 2003). The earlier quality is the one whose whole table explains all frequencies best.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING

import numpy as np

from provenance.evidence.pixels.coefficients import FREQUENCIES
from provenance.evidence.pixels.tables import standard_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from provenance.evidence.pixels.tables import Table

QUALITIES = tuple(range(30, 98))
"""Earlier qualities that are tried: finer ones leave no gaps."""

REACH = 100
"""Size of the largest coefficient that is counted; larger ones are rare."""

ROUNDING = 0.5
"""Standard deviation of what decoding to whole grey levels adds to a coefficient, after colours were turned twice."""

DOUBT = 0.02
"""Share of each histogram that may lie anywhere: no model is right to the last coefficient."""

TRUST = 0.1
"""How much of the evidence counts: neighbouring blocks are alike, and so are frequencies."""

_FINE = 4
"""Bins a unit of the histogram of unquantised values."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier compression: the quality whose table explains it best, and how much better than none, in decades."""

    quality: int
    score: float


def earlier_quality(
    seen: NDArray[np.float32], unquantised: NDArray[np.float32], table: Table
) -> Earlier | None:
    """Return the earlier compression that the coefficients show best, or None where none explains them better.

    Args:
        seen: Coefficients at `FREQUENCIES` on the file's grid, float32 (20, blocks).
        unquantised: Likewise, off the grid.
        table: The file's quantisation table, (8, 8).
    """
    tables = [standard_table(quality) for quality in QUALITIES]
    gains = np.zeros(len(tables))
    for number, (y, x) in enumerate(FREQUENCIES):
        step = int(table[y, x])
        if step > REACH // 2:
            continue
        histogram = _histogram(seen[number], step)
        density = _density(unquantised[number])
        once = _evidence(histogram, density, None, step)
        known: dict[int, float] = {}
        for i, earlier in enumerate(tables):
            first = int(earlier[y, x])
            if first == step:
                # the same step twice is the same as once
                continue
            if first not in known:
                known[first] = _evidence(histogram, density, first, step) - once
            gains[i] += known[first]
    best = int(gains.argmax())
    score = TRUST * float(gains[best]) / log(10) - float(np.log10(len(tables)))
    return Earlier(QUALITIES[best], score) if score > 0 else None


def _histogram(values: NDArray[np.float32], step: int) -> NDArray[np.float64]:
    most = REACH // step
    levels = np.rint(values / step)
    counted = levels[np.abs(levels) <= most].astype(np.intp) + most
    return np.bincount(counted, minlength=2 * most + 1).astype(np.float64)


def _density(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return how often values are found, in quarters, symmetric, from -2 REACH to 2 REACH."""
    most = 2 * REACH * _FINE
    places = np.rint(np.abs(values) * _FINE)
    found = np.bincount(places[places <= most].astype(np.intp), minlength=most + 1).astype(np.float64)
    both = np.concatenate([found[:0:-1] / 2, found[:1], found[1:] / 2])
    spread = max(1.0, float(np.abs(values).mean()) * _FINE / 4) if values.size else 1.0
    reach = int(3 * spread) + 1
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / spread) ** 2)
    return np.convolve(both, kernel / kernel.sum(), "same")


def _evidence(
    histogram: NDArray[np.float64], density: NDArray[np.float64], first: int | None, step: int
) -> float:
    """Return the log-likelihood of a histogram of multiples of `step`, quantised with `first` before."""
    most = len(histogram) // 2
    middle = len(density) // 2
    if first is not None:
        level = np.rint((np.arange(len(density)) - middle) / (_FINE * first)).astype(np.intp)
        mass = np.bincount(level - level[0], density)
        spikes = np.zeros(len(density))
        places = middle + np.arange(level[0], level[-1] + 1) * _FINE * first
        within = (places >= 0) & (places < len(density))
        spikes[places[within]] = mass[within]
        reach = np.arange(-2 * _FINE, 2 * _FINE + 1) / (_FINE * ROUNDING)
        kernel = np.exp(-0.5 * reach**2)
        density = np.convolve(spikes, kernel / kernel.sum(), "same")
    total = np.concatenate([[0.0], np.cumsum(density)])
    # a bin of the density ends half a quarter beyond its value
    edges = middle + 0.5 + (np.arange(-most, most + 2) - 0.5) * step * _FINE
    expected = np.diff(np.interp(edges, np.arange(len(total)), total))
    expected = expected / max(1e-9, float(expected.sum()))
    return float(histogram @ np.log((1 - DOUBT) * expected + DOUBT / len(histogram)))
