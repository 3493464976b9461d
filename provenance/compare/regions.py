"""Changed regions: where more remains than may, how surprising that is, and where each region ends.

Each window's excess is scored as the expected number of windows in an unchanged pair of this size that exceed as
much (an NFA, as matches have it), from what was seen of unchanged pairs (docs/changes.md). A region starts where
that is rare, and reaches as far as its pixels differ visibly and by more than noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from provenance.compare.filters import smooth
from provenance.compare.frame import EDGE
from provenance.compare.residual import SCALES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from provenance.compare.filters import Image
    from provenance.compare.frame import Frame
    from provenance.compare.residual import Residual

    Mask = NDArray[np.bool_]

TAILS = ((3.8, 1.36), (3.2, 1.36), (2.7, 1.36))
"""For each of `residual.SCALES`: an excess, and what more a ten times rarer one takes; natural logarithms. One in ten
unchanged pairs of `USUAL` pixels reaches one of these or of `SOFT_TAILS` somewhere (docs/changes.md)."""

SOFT_TAILS = ((2.54, 1.14), (1.94, 1.14), (1.34, 1.14))
"""The same of the softened difference."""

USUAL = 480 * 360
"""Working pixels of the pairs that `TAILS` were read from; larger ones have as many more windows."""

LEAST_SCORE = 2.0
"""From which a region is told: one in a hundred unchanged pairs has one, harsh edits among them."""

VISIBLE = 40.0
"""Squared grey levels, over brightness and both colour differences, from which a pixel is outlined: 6 to 8 grey
levels are about what an eye tells apart."""

ABOVE_NOISE = 4.0
"""How much more than the noise's energy a pixel must differ by to be outlined."""

SOFT_VISIBLE = 20.0
"""The same for softened differences, which lost half of their energy at edges."""

SHARP, QUIET = 0.5, 3.0
"""Sigma over which outlines are drawn where noise has less energy than `QUIET`; where it has more, they are drawn on
softened differences (`residual.SOFTENED`)."""

HOLE = 0.25
"""Share of what surrounds a hole that the hole may have to be filled: a ring drawn around something stays a ring."""

LEAST_OUTSIDE = 0.01
"""Share of the query that must lie outside the reference to be told: frames are trimmed by some pixels on the way."""

PLAIN = 0.6
"""Share of an area outside the reference that has its most frequent colour, give or take, to be a bar or a frame."""

CERTAIN = 15.0
"""Score of what lies outside the reference, the most that is told: that follows from the map alone."""

EVEN, FAINT, FOLLOWED = 2.5, 6.0, 0.01
"""Where there is noise, what lies beside a region and differs by two to three grey levels in the mean over this sigma
belongs to it, within this share of the longer side."""

AVERAGED = 0.3
"""Share of the noise's energy that such a mean must have: neighbouring errors of compression are not independent."""

RINGING, AROUND = 0.02, 8.0
"""Share of the mean energy of a change around it, in a window of this sigma, that ringing of its edges leaves."""

BODY = 2.0
"""Excess at the finest scale, natural logarithm, that a region hangs together by."""

GAP = 0.008
"""Share of the longer side across which parts of one region are joined."""

HALO = 0.1
"""Share of a region's pixels up to which what lies within its windows is no region by itself."""

APART = 0.02
"""Share of the longer side within which parts count as one region: the letters of a line."""


@dataclass(frozen=True, slots=True, eq=False)
class Area:
    """A changed area, in working pixels: `mask` is bool (height, width) of the whole frame, `box` x, y, w, h."""

    mask: Mask
    box: tuple[int, int, int, int]
    score: float
    plain: bool = False
    """Whether it has one colour for the most part."""


def outside(frame: Frame) -> list[Area]:
    """Return the parts of the query that lie outside the reference."""
    import cv2  # noqa: PLC0415 - slow to import

    inside = cv2.dilate(frame.overlap().astype(np.uint8), _disc(2 * EDGE)) > 0
    # Slivers are what registration and rounding leave.
    beyond = cv2.morphologyEx((~inside).astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    count, labels = cv2.connectedComponents(beyond)
    result = []
    for number in range(1, count):
        part = labels == number
        if np.count_nonzero(part) >= LEAST_OUTSIDE * part.size:
            colours = frame.query[part]
            near = np.abs(colours - np.median(colours, axis=0)).max(axis=1) <= 24
            result.append(Area(part, _box(part), CERTAIN, plain=bool(near.mean() >= PLAIN)))
    return result


def score_map(found: Residual, inside: Mask) -> Image:
    """Return -log10 of the expected number of places in an unchanged pair that exceed as much, float32 (h, w)."""
    crowd = np.log10(max(1.0, np.count_nonzero(inside) / USUAL))
    ratios, tails = (*found.ratio, *found.soft_ratio), (*TAILS, *SOFT_TAILS)
    score = np.full(inside.shape, -np.inf, np.float32)
    for ratio, (start, decade) in zip(ratios, tails, strict=True):
        np.maximum(score, (ratio - np.float32(start)) * np.float32(1 / decade), out=score)
    return np.asarray(score + np.float32(1 - crowd), np.float32)


def areas(found: Residual, inside: Mask, scores: Image) -> list[Area]:
    """Return the changed areas by their `score_map`, most surprising first."""
    import cv2  # noqa: PLC0415 - slow to import

    if not np.any(scores >= LEAST_SCORE):
        return []
    mask = _outlined(found, scores, inside)
    longer = max(mask.shape)
    joined = cv2.dilate(mask.astype(np.uint8), _disc(longer * APART / 2))
    count, labels = cv2.connectedComponents(joined)
    labels[~mask] = 0
    result = []
    for number in range(1, count):
        part = labels == number
        if not part.any():
            continue
        near = cv2.dilate(part.astype(np.uint8), _disc(8)) > 0
        score = float(scores[near].max())
        if score >= LEAST_SCORE:
            result.append(Area(part, _box(part), score))
    return sorted(_without_halos(result), key=lambda a: (-a.score, a.box))


def _without_halos(found: list[Area]) -> list[Area]:
    """Return the areas but for specks beside much larger ones, whose windows reach over them and give them a score."""
    import cv2  # noqa: PLC0415 - slow to import

    sizes = [int(np.count_nonzero(area.mask)) for area in found]
    kept = np.ones(len(found), bool)
    for large, size in zip(found, sizes, strict=True):
        small = [i for i, other in enumerate(sizes) if other < HALO * size]
        if small:
            near = cv2.dilate(large.mask.astype(np.uint8), _disc(4 * SCALES[-1])) > 0
            kept[[i for i in small if near[found[i].mask].any()]] = False
    return [area for area, keep in zip(found, kept, strict=True) if keep]


def _outlined(found: Residual, scores: Image, inside: Mask) -> Mask:
    """Return what was changed, to the pixel."""
    import cv2  # noqa: PLC0415 - slow to import

    quiet = float(np.median(found.noise[inside])) < QUIET
    power = smooth(found.power, SHARP) if quiet else found.soft_power
    noise, visible = (found.noise, VISIBLE) if quiet else (found.soft_noise, SOFT_VISIBLE)
    excess = found.ratio[0] if quiet else np.maximum(found.ratio[0], found.soft_ratio[0])
    body = ((excess > BODY) & inside).astype(np.uint8)
    _, labels = cv2.connectedComponents(body)
    seeded = np.unique(labels[scores >= LEAST_SCORE])
    mask = np.isin(labels, seeded[seeded > 0])
    mask &= power > np.maximum(visible, ABOVE_NOISE * noise)
    if not quiet and mask.any():
        mask &= power > RINGING * smooth(np.where(mask, power, 0), AROUND) / np.maximum(
            smooth(mask.astype(np.float32), AROUND), 0.05
        )
    if not quiet:
        mask = _followed(mask, found, inside)
    longer = max(mask.shape)
    radius = max(2.0, longer * GAP)
    padded = cv2.copyMakeBorder(mask.astype(np.uint8), 24, 24, 24, 24, cv2.BORDER_CONSTANT, value=0)
    closed = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, _disc(radius))[24:-24, 24:-24] > 0
    return _filled(closed & inside)


def _followed(mask: Mask, found: Residual, inside: Mask) -> Mask:
    """Return the mask with what lies next to it and differs faintly but evenly, which noise does not."""
    import cv2  # noqa: PLC0415 - slow to import

    # Of what is not in the mask yet: its own difference would be smeared beyond it.
    rest = (~mask).astype(np.float32)
    even = smooth(found.difference * rest[..., None], EVEN) / np.maximum(smooth(rest, EVEN), 0.05)[..., None]
    faint = ((even * even).sum(axis=-1) > np.maximum(FAINT, AVERAGED * found.noise)) & inside
    faint &= cv2.dilate(mask.astype(np.uint8), _disc(max(mask.shape) * FOLLOWED)) > 0
    _, labels = cv2.connectedComponents((mask | faint).astype(np.uint8))
    result: Mask = np.isin(labels, np.unique(labels[mask])) & (mask | faint)
    return result


def _filled(mask: Mask) -> Mask:
    """Return the mask with the holes filled that are smaller than what surrounds them."""
    import cv2  # noqa: PLC0415 - slow to import

    count, holes, stats, _ = cv2.connectedComponentsWithStats((~mask).astype(np.uint8), connectivity=4)
    _, parts, sizes, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    height, width = mask.shape
    result = mask.copy()
    for number in range(1, count):
        x, y, w, h, area = stats[number]
        if x == 0 or y == 0 or x + w == width or y + h == height:
            continue
        place = slice(y - 1, y + h + 1), slice(x - 1, x + w + 1)
        around = parts[place][parts[place] > 0]
        if len(around) and area <= HOLE * sizes[np.bincount(around).argmax(), cv2.CC_STAT_AREA]:
            result |= holes == number
    return result


def _disc(radius: float) -> NDArray[np.uint8]:
    import cv2  # noqa: PLC0415 - slow to import

    side = 2 * max(1, round(radius)) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)


def _box(mask: Mask) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    x, y = int(columns[0]), int(rows[0])
    return x, y, int(columns[-1]) + 1 - x, int(rows[-1]) + 1 - y
