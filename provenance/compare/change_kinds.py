"""What was done to a changed region: named only where that was measured to be right (docs/changes.md)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from provenance.compare.filters import brightness, smooth
from provenance.compare.kind_weights import WEIGHTS
from provenance.model import ChangeKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from provenance.compare.filters import Image
    from provenance.compare.regions import Area

COARSE = 8.0
"""Sigma, working pixels: wider than the cells of pixelation and the radius of blurs that hide a face."""

ONE_COLOUR, TWO_COLOURS = 0.5, 0.7
"""Shares of what differs that have one colour, or two, from which a bar was drawn."""

NEAR = 14.0
"""Grey levels within which a colour is one: JPEG rounds it by some."""

SPANS = 0.97
"""Share of a side that a bar spans."""

STRONG = 0.25
"""Share of a region's strongest difference from which a pixel counts as drawn on: between letters it is not."""

LEAST_PIXELS = 150
"""Working pixels below which nothing can be said of a region but that it changed."""

SURE = {
    ChangeKind.REPLACED: 0.8,
    ChangeKind.REMOVED: 0.9,
    ChangeKind.OVERLAY: 0.85,
    ChangeKind.OBSCURED: 0.8,
    ChangeKind.BAR: 0.8,
    ChangeKind.RECOLOURED: 0.8,
}
"""Probability from which a kind is told: at least 90% of what is called so is so (docs/changes.md). What was filled in
resembles what was replaced by something smooth, hence the more."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What is measured of a region, so that a kind can be given to it.

    `detail` and `shape` are correlations of fine and coarse structure with the reference; `kept` is the
    energy of the query's detail as a share of the reference's, `coarse` the share of the difference that is
    left in wide windows; `one_colour` and `two_colours` are the shares of what was drawn near its one or two most
    frequent colours, `common` the share of the surroundings near the first, and `painted` the share of the difference
    that painting with the first explains, here thinner, there thicker; `explained` the share of the query's
    variance that a change of tone does; `roughness` is the energy of detail and `surroundings` that around the region,
    squared grey levels; `seam` by how many grey levels it stands out at its border; `spans` whether it reaches along
    a whole side of the picture; `pixels` how many there are.
    """

    detail: float
    shape: float
    kept: float
    coarse: float
    one_colour: float
    two_colours: float
    common: float
    painted: float
    explained: float
    roughness: float
    surroundings: float
    seam: float
    spans: bool
    pixels: int

    @property
    def numbers(self) -> tuple[float, ...]:
        """Return what the odds of the kinds are sums of, as `kind_weights.WEIGHTS` has them; energies as logarithms."""
        kept, roughness, surroundings = (
            math.log(energy + 0.05) for energy in (self.kept, self.roughness, self.surroundings)
        )
        return (
            1.0,
            self.detail,
            self.shape,
            kept,
            self.coarse,
            self.one_colour,
            self.two_colours,
            self.common,
            self.painted,
            self.explained,
            roughness,
            surroundings,
            self.seam,
        )


def told(likeliest: ChangeKind, probability: float) -> ChangeKind:
    """Return the kind itself if it is sure enough, else that something was changed."""
    return likeliest if probability >= SURE.get(likeliest, 1.0) else ChangeKind.CHANGED


def likeliest_kind(area: Area, predicted: Image, query: Image) -> tuple[ChangeKind, float]:
    """Return what an area looks like most, and how surely, from the query and what the reference predicts of it.

    The pictures are float32 RGB.
    """
    return named(traits(area, predicted, query))


def named(seen: Traits) -> tuple[ChangeKind, float]:
    """Return the likeliest kind of these traits, and its probability (multinomial logistic regression)."""
    if seen.spans and (seen.one_colour >= ONE_COLOUR or seen.two_colours >= TWO_COLOURS):
        return ChangeKind.BAR, 1.0
    if seen.pixels < LEAST_PIXELS:
        return ChangeKind.CHANGED, 1.0
    odds = np.array(list(WEIGHTS.values())) @ seen.numbers
    share = np.exp(odds - odds.max())
    best = int(share.argmax())
    return list(WEIGHTS)[best], float(share[best] / share.sum())


def traits(area: Area, predicted: Image, query: Image) -> Traits:
    """Measure an area."""
    height, width = area.mask.shape
    x, y, w, h = area.box
    pad = 24
    rows, columns = slice(max(0, y - pad), y + h + pad), slice(max(0, x - pad), x + w + pad)
    mask, p, q = area.mask[rows, columns], predicted[rows, columns], query[rows, columns]
    inner = _eroded(mask)
    fine_p, fine_q = _band(brightness(p), 0.0, 2.5), _band(brightness(q), 0.0, 2.5)
    coarse_p, coarse_q = _band(brightness(p), 4.0, 40.0), _band(brightness(q), 4.0, 40.0)
    around = _grown(mask) & ~_grown(mask, 3)
    own, was = float((fine_q[inner] ** 2).mean()), float((fine_p[inner] ** 2).mean())
    difference = q - p
    power = (difference * difference).sum(axis=-1)
    strong = mask & (power >= STRONG * float(np.quantile(power[mask], 0.9)))
    low = brightness(difference)
    wide = smooth(np.where(mask, low, 0), COARSE) / np.maximum(smooth(mask.astype(np.float32), COARSE), 0.05)
    colour, shares = _dominant(q[strong])
    return Traits(
        detail=_correlation(fine_p[inner], fine_q[inner]),
        shape=_correlation(coarse_p[inner], coarse_q[inner]),
        kept=own / max(was, 0.05),
        coarse=float(np.sqrt((wide[inner] ** 2).mean() / max(1e-3, float((low[inner] ** 2).mean())))),
        one_colour=shares[0],
        two_colours=sum(shares),
        common=float((np.abs(q[around] - colour).max(axis=1) <= NEAR).mean()) if around.any() else 0.0,
        painted=_painted(p[mask], q[mask], colour),
        explained=_explained(p[mask], q[mask]),
        roughness=own,
        surroundings=float((fine_q[around] ** 2).mean()) if around.any() else 0.0,
        seam=_seam(mask, q),
        spans=_spans(area.box, width, height),
        pixels=int(np.count_nonzero(mask)),
    )


def _painted(before: Image, after: Image, colour: Image) -> float:
    """Return the share of a difference, (n, 3), that laying `colour` over it explains, as thickly as fits best."""
    difference, towards = after - before, colour - before
    reach = np.maximum((towards * towards).sum(axis=1), 1e-6)
    thickness = np.clip((difference * towards).sum(axis=1) / reach, 0, 1)[:, None]
    left = difference - thickness * towards
    return float(1 - (left * left).sum() / max(1e-6, float((difference * difference).sum())))


def _explained(before: Image, after: Image) -> float:
    """Return the share of the variance of colours, (n, 3), that a line a channel explains."""
    own, other = before - before.mean(axis=0), after - after.mean(axis=0)
    slope = (own * other).sum(axis=0) / np.maximum((own * own).sum(axis=0), 1e-6)
    left = other - slope * own
    return float(1 - (left * left).sum() / max(1e-6, float((other * other).sum())))


def _seam(mask: NDArray[np.bool_], query: Image) -> float:
    """Return how far the colours on both sides of a region's border lie apart, the median along it."""
    sides = []
    for side in (mask, ~_grown(mask, 2)):
        weight = smooth(side.astype(np.float32), 2.5)
        mean = (
            smooth(np.where(side[..., None], query, 0).astype(np.float32), 2.5)
            / np.maximum(weight, 1e-3)[..., None]
        )
        sides.append((weight, mean))
    (inner, own), (outer, other) = sides
    border = (inner > 0.1) & (outer > 0.1)
    if not border.any():
        return 0.0
    return float(np.median(np.abs(own - other).max(axis=-1)[border]))


def _spans(box: tuple[int, int, int, int], width: int, height: int) -> bool:
    x, y, w, h = box
    lies = w >= SPANS * width and (y <= 0.02 * height or y + h >= 0.98 * height)
    stands = h >= SPANS * height and (x <= 0.02 * width or x + w >= 0.98 * width)
    return lies or stands


def _band(plane: Image, fine: float, coarse: float) -> Image:
    result: Image = (smooth(plane, fine) if fine else plane) - smooth(plane, coarse)
    return result


def _eroded(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    import cv2  # noqa: PLC0415 - slow to import

    inner = cv2.erode(mask.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    return inner if np.count_nonzero(inner) >= 0.3 * np.count_nonzero(mask) else mask


def _grown(mask: NDArray[np.bool_], by: int = 16) -> NDArray[np.bool_]:
    import cv2  # noqa: PLC0415 - slow to import

    side = 2 * by + 1
    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((side, side), np.uint8)) > 0)


def _correlation(a: Image, b: Image) -> float:
    a, b = a - a.mean(), b - b.mean()
    power = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum() / power) if power > 1e-3 else 0.0


def _dominant(colours: Image) -> tuple[Image, tuple[float, float]]:
    """Return the most frequent colour, the share of pixels near it, and of those near the next."""
    cells = (colours / 16).astype(np.intp) @ np.array([256, 16, 1])
    left = np.ones(len(colours), bool)
    found: list[tuple[Image, float]] = []
    for _ in range(2):
        if not left.any():
            break
        values, counts = np.unique(cells[left], return_counts=True)
        centre = np.median(colours[left & (cells == values[counts.argmax()])], axis=0)
        near = left & (np.abs(colours - centre).max(axis=1) <= NEAR)
        found.append((centre, float(near.mean())))
        left &= ~near
    found += [(np.zeros(3, np.float32), 0.0)] * (2 - len(found))
    return found[0][0], (found[0][1], found[1][1])
