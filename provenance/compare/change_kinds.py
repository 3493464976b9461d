"""What was done to a changed region: named only where that was measured to be right (docs/changes.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from provenance.compare.filters import brightness, smooth
from provenance.model import ChangeKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from provenance.compare.filters import Image
    from provenance.compare.regions import Area

SAME_DETAIL = 0.85
"""Correlation of detail from which a region still shows what it showed."""

COARSENED = 0.5
"""Share of the detail's energy that blurring and pixelation leave at most."""

FINE_ONLY = 0.28
"""Share of a difference that is left of it in windows of `COARSE` if only detail was taken away."""

COARSE = 8.0
"""Sigma, working pixels: wider than the cells of pixelation and the radius of blurs that hide a face."""

ONE_COLOUR, TWO_COLOURS = 0.5, 0.7
"""Shares of what differs that have one colour, or two, from which it was drawn: text, logos, boxes, bars."""

NEAR = 14.0
"""Grey levels within which a colour is one: JPEG rounds it by some."""

FOREIGN = 0.1
"""Share of the surroundings that may have a drawing's colour; above, it may as well be more of them."""

SPANS = 0.97
"""Share of a side that a bar spans."""

SMOOTHER = 0.3
"""Share of the detail's energy around a region, and of what was there, below which it was filled in."""

SEAMLESS = 8.0
"""Grey levels by which a region's border may differ from what surrounds it to continue it; content from elsewhere
differs by more."""

OTHER_DETAIL, OTHER_SHAPE = 0.3, 0.6
"""Correlations of detail and of shape below which a region shows something else."""

SAME_SHAPE, CONTINUED = 0.85, 0.93
"""Correlations of what is larger than blurs that hide a face: from the first a region may only have been coarsened,
from the second it surely kept its content."""

PURE, MIXED = 0.85, 0.42
"""Shares of its most frequent colour from which a region was surely drawn, and below which it surely was not."""

STRONG = 0.25
"""Share of a region's strongest difference from which a pixel counts as drawn on: between letters it is not."""

LEAST_PIXELS = 150
"""Working pixels below which nothing can be said of a region but that it changed."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What is measured of a region, so that a kind can be given to it.

    `detail` and `shape` are correlations of fine and coarse structure with the reference, `kept` the
    energy of the query's detail as a share of the reference's, `coarse` the share of the difference that is
    left in wide windows; `one_colour` and `two_colours` the shares of what was drawn near its one or two most frequent
    colours, `common` the share of the surroundings near the first; `roughness` the energy of detail and
    `surroundings` that around the region, squared grey levels; `seam` by how many grey levels it stands out at its
    border; `spans` whether it reaches along a whole side of the picture.
    """

    pixels: int
    detail: float
    shape: float
    kept: float
    coarse: float
    one_colour: float
    two_colours: float
    common: float
    roughness: float
    surroundings: float
    seam: float
    spans: bool

    @property
    def drawn(self) -> bool:
        """Return whether it has few colours."""
        return self.one_colour >= ONE_COLOUR or self.two_colours >= TWO_COLOURS


NAMED: frozenset[ChangeKind] = frozenset()
"""The kinds that are told: those of which 100 cases were made, and at least 90% of what is called so is so. None was
made so often yet (docs/changes.md)."""


def told(likeliest: ChangeKind) -> ChangeKind:
    """Return the kind itself if it is named right often enough, else that something was changed."""
    return likeliest if likeliest in NAMED else ChangeKind.CHANGED


def likeliest_kind(area: Area, predicted: Image, query: Image) -> ChangeKind:
    """Return what an area looks like, from the query and what the reference predicts of it, float32 RGB."""
    return named(traits(area, predicted, query))


def named(seen: Traits) -> ChangeKind:
    """Return the kind that these traits stand for: the first that fits."""
    # The energy of the reference's detail there.
    before = seen.roughness / max(seen.kept, 1e-6)
    holds = {
        ChangeKind.BAR: seen.spans and seen.drawn,
        ChangeKind.CHANGED: seen.pixels < LEAST_PIXELS,
        ChangeKind.RECOLOURED: seen.detail >= SAME_DETAIL and seen.kept >= COARSENED,
        ChangeKind.OBSCURED: seen.kept <= COARSENED and seen.coarse <= FINE_ONLY and seen.shape >= SAME_SHAPE,
        ChangeKind.REMOVED: seen.roughness <= SMOOTHER * min(seen.surroundings, before)
        and seen.seam <= SEAMLESS
        and seen.shape < CONTINUED,
        ChangeKind.OVERLAY: seen.drawn
        and seen.common <= FOREIGN
        and seen.seam > SEAMLESS
        and seen.detail < SAME_DETAIL / 2
        and (seen.kept > COARSENED or seen.one_colour >= PURE),
        ChangeKind.REPLACED: seen.one_colour < MIXED
        and seen.detail < OTHER_DETAIL
        and seen.shape < OTHER_SHAPE
        and seen.kept > COARSENED
        and seen.seam > SEAMLESS,
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
    difference = q - p
    power = (difference * difference).sum(axis=-1)
    strong = mask & (power >= STRONG * float(np.quantile(power[mask], 0.9)))
    low = brightness(difference)
    wide = smooth(np.where(mask, low, 0), COARSE) / np.maximum(smooth(mask.astype(np.float32), COARSE), 0.05)
    colour, shares = _dominant(q[strong])
    return Traits(
        pixels=int(np.count_nonzero(mask)),
        detail=_correlation(fine_p[inner], fine_q[inner]),
        shape=_correlation(coarse_p[inner], coarse_q[inner]),
        kept=own / max(was, 0.05),
        coarse=float(np.sqrt((wide[inner] ** 2).mean() / max(1e-3, float((low[inner] ** 2).mean())))),
        one_colour=shares[0],
        two_colours=sum(shares),
        common=float((np.abs(q[around] - colour).max(axis=1) <= NEAR).mean()) if around.any() else 0.0,
        roughness=own,
        surroundings=float((fine_q[around] ** 2).mean()) if around.any() else 0.0,
        seam=_seam(mask, q),
        spans=_spans(area.box, width, height),
    )


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
