"""The frames of pictures that show the same, laid on one plane: convex polygons, in plain Python."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from provenance.model import Homography

    Point = tuple[float, float]
    Polygon = tuple[Point, ...]


def inverse(m: Homography) -> Homography | None:
    """Return the map back, or None where there is none."""
    a, b, c, d, e, f, g, h, i = m
    adjugate = (
        e * i - f * h, c * h - b * i, b * f - c * e,
        f * g - d * i, a * i - c * g, c * d - a * f,
        d * h - e * g, b * g - a * h, a * e - b * d,
    )  # fmt: skip
    determinant = a * adjugate[0] + b * adjugate[3] + c * adjugate[6]
    if not determinant or not math.isfinite(determinant):
        return None
    p, q, r, s, t, u, v, w, x = (value / determinant for value in adjugate)
    return p, q, r, s, t, u, v, w, x


def mapped(m: Homography, size: tuple[int, int]) -> Polygon | None:
    """Return the corners of a picture of `size`, (width, height), under a map; None where one lies at infinity."""
    width, height = size
    corners = []
    depths = []
    for x, y in ((0, 0), (width, 0), (width, height), (0, height)):
        depth = m[6] * x + m[7] * y + m[8]
        depths.append(depth)
        if not depth:
            return None
        corners.append(((m[0] * x + m[1] * y + m[2]) / depth, (m[3] * x + m[4] * y + m[5]) / depth))
    if min(depths) < 0 < max(depths):
        return None
    return _anticlockwise(tuple(corners))


def share(one: Polygon, other: Polygon) -> float:
    """Return the share, 0 to 1, of the first convex polygon that lies in the second."""
    whole = _area(one)
    return max(0.0, min(1.0, _area(_common(one, other)) / whole)) if whole > 0 else 0.0


def _anticlockwise(polygon: Polygon) -> Polygon:
    return polygon if _area(polygon) >= 0 else polygon[::-1]


def _area(polygon: Polygon) -> float:
    pairs = zip(polygon, (*polygon[1:], *polygon[:1]), strict=True)
    return sum(x * v - u * y for (x, y), (u, v) in pairs) / 2


def _common(one: Polygon, other: Polygon) -> Polygon:
    """Return what two convex polygons share (Sutherland and Hodgman, "Reentrant polygon clipping", 1974)."""
    kept = one
    for start, end in zip(other, (*other[1:], *other[:1]), strict=True):
        kept = _left_of(kept, start, end)
    return kept


def _left_of(polygon: Polygon, start: Point, end: Point) -> Polygon:
    def side(point: Point) -> float:
        return (end[0] - start[0]) * (point[1] - start[1]) - (end[1] - start[1]) * (point[0] - start[0])

    kept: list[Point] = []
    for here, there in zip(polygon, (*polygon[1:], *polygon[:1]), strict=True):
        at, beyond = side(here), side(there)
        if at >= 0:
            kept.append(here)
        if at * beyond < 0:
            along = at / (at - beyond)
            kept.append((here[0] + along * (there[0] - here[0]), here[1] + along * (there[1] - here[1])))
    return tuple(kept)
