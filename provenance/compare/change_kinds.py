"""What was done to a changed region: named only where that was measured to be right (docs/changes.md)."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from provenance.compare.filters import brightness, smooth

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from provenance.compare.filters import Image
    from provenance.compare.regions import Area

SAME_DETAIL = 0.85
"""Correlation of detail from which a region still shows what it showed."""

SAME_SHAPE = 0.8
"""Correlation of what is larger than blocks of pixelation, from which it was only coarsened."""

COARSENED = 0.35
"""Share of the detail's energy that blurring and pixelation leave at most."""

FLAT = 0.55
"""Share of a region within `NEAR` of two colours from which they were drawn: text, logos, boxes."""

NEAR = 20.0
"""Grey levels."""

SPANS = 0.97
"""Share of a side that a bar spans."""

ONE_COLOUR = 0.55
"""Share of a bar that has its colour: the rest is its text."""

SMOOTHER = 0.3
"""Share of the detail's energy around a region, and of what was there, below which it was filled in."""

OTHER_DETAIL, OTHER_SHAPE = 0.3, 0.6
"""Correlations of detail and of shape below which a region shows something else."""

LEAST_PIXELS = 150
"""Working pixels below which nothing can be said of a region but that it changed."""


class ChangeKind(enum.StrEnum):
    """What was done to a region."""

    CHANGED = "changed"
    """Something; no kind is sure enough."""
    REPLACED = "replaced"
    """Other content was put in."""
    REMOVED = "removed"
    """Content was taken out and its surroundings continued over it."""
    OVERLAY = "overlay"
    """Text, a logo, a drawn box or line."""
    OBSCURED = "obscured"
    """Blurred or pixelated."""
    BAR = "bar"
    """A bar or frame along an edge, over the picture or outside it."""
    RECOLOURED = "recoloured"
    """The same content in other colours."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What is measured of a region, so that a kind can be given to it.

    `detail` and `shape` are correlations of fine and coarse structure with the reference, `kept` the
    energy of the query's detail as a share of the reference's, `flat` and `one_colour` the shares of the region
    near its two and its one most frequent colours, `roughness` the energy of its own detail and `surroundings` of
    what is around it, squared grey levels; `spans` whether it reaches along a whole side of the picture.
    """

    pixels: int
    detail: float
    shape: float
    kept: float
    flat: float
    one_colour: float
    roughness: float
    surroundings: float
    spans: bool


def kind_of(area: Area, predicted: Image, query: Image) -> ChangeKind:
    """Return what was done to an area, from the query and what the reference predicts of it, float32 RGB."""
    return named(traits(area, predicted, query))


def named(seen: Traits) -> ChangeKind:
    """Return the kind that these traits stand for: the first that fits."""
    # The energy of the reference's detail there.
    before = seen.roughness / max(seen.kept, 1e-6)
    holds = {
        ChangeKind.BAR: seen.spans and seen.one_colour >= ONE_COLOUR,
        ChangeKind.CHANGED: seen.pixels < LEAST_PIXELS,
        ChangeKind.RECOLOURED: seen.detail >= SAME_DETAIL and seen.kept >= COARSENED,
        ChangeKind.OBSCURED: seen.kept <= COARSENED and seen.shape >= SAME_SHAPE,
        ChangeKind.OVERLAY: seen.flat >= FLAT,
        ChangeKind.REMOVED: seen.roughness <= SMOOTHER * min(seen.surroundings, before),
        ChangeKind.REPLACED: seen.detail < OTHER_DETAIL
        and seen.shape < OTHER_SHAPE
        and seen.kept > COARSENED,
    }
    return next((kind for kind, fits in holds.items() if fits), ChangeKind.CHANGED)


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
    one, two = _dominant(q[inner])
    return Traits(
        pixels=int(np.count_nonzero(mask)),
        detail=_correlation(fine_p[inner], fine_q[inner]),
        shape=_correlation(coarse_p[inner], coarse_q[inner]),
        kept=own / max(was, 0.05),
        flat=two,
        one_colour=one,
        roughness=own,
        surroundings=float((fine_q[around] ** 2).mean()) if around.any() else 0.0,
        spans=_spans(area.box, width, height),
    )


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


def _dominant(colours: Image) -> tuple[float, float]:
    """Return the shares of pixels near the most frequent colour, and near it or the next."""
    if not len(colours):
        return 0.0, 0.0
    step = 256 // 12
    cells = (colours // step).astype(np.intp) @ np.array([169, 13, 1])
    left = np.ones(len(colours), bool)
    shares = []
    for _ in range(2):
        if not left.any():
            break
        values, counts = np.unique(cells[left], return_counts=True)
        centre = np.median(colours[left & (cells == values[counts.argmax()])], axis=0)
        near = left & (np.abs(colours - centre).max(axis=1) <= NEAR)
        shares.append(float(near.mean()))
        left &= ~near
    one = shares[0] if shares else 0.0
    return one, sum(shares)
