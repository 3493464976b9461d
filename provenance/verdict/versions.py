"""How several archived copies of one picture relate: whose frame holds whose, which is earliest, largest, least edited.

Everything goes by the maps of the references onto the photo being checked. Two references were never compared with each
other, so a wider frame is told as what it is, and the narrower one as what *can* be a crop of it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from provenance.model import DateBasis, Kind, Version, Versions
from provenance.verdict.case import by_first_appearance
from provenance.verdict.frames import inverse, mapped, share

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from provenance.model import Homography, Match
    from provenance.verdict.frames import Polygon

MOST = 12
"""Copies that are related to each other: more than a person can take in."""

INSIDE = 0.95
"""Share of a frame from which it counts as all of it: the rest is the margin that maps and trimming leave."""

FINER = 1.05
"""Ratio of densities from which one version is told to have finer pixels than another."""

FRAMED = frozenset({Kind.CONTAINED, Kind.COMPOSITE})
"""Kinds in which the photo being checked shows more than the reference because something was put around it."""

QUERY = 0
"""The place of the photo being checked in `Versions.all`."""


def versions(size: tuple[int, int], copies: Sequence[Match]) -> Versions | None:
    """Return how copies, best first, relate; None where there are fewer than two. `size` is the query's."""
    shown = copies[:MOST]
    if len(shown) < 2:  # noqa: PLR2004 - one copy has nobody to relate to
        return None
    frames = _frames(size, shown)
    holders, equals = _relations(frames, shown)
    densities = [1.0, *(_density(match, size) for match in shown)]
    every = tuple(
        Version(
            None if place == QUERY else shown[place - 1].reference.id,
            tuple(sorted(_nearest(holders, place))),
            tuple(sorted(equals[place])),
            round(densities[place], 3),
        )
        for place in range(len(frames))
    )
    sizes = [size, *((m.reference.width, m.reference.height) for m in shown)]
    earliest = _earliest(shown)
    return Versions(every, earliest, _largest(sizes), _least_edited(every, frames, earliest))


def _frames(size: tuple[int, int], shown: Sequence[Match]) -> list[Polygon | None]:
    frames = [mapped((1, 0, 0, 0, 1, 0, 0, 0, 1), size)]
    for match in shown:
        back = inverse(match.transform)
        frames.append(mapped(back, (match.reference.width, match.reference.height)) if back else None)
    return frames


def _relations(
    frames: Sequence[Polygon | None], shown: Sequence[Match]
) -> tuple[dict[int, set[int]], dict[int, set[int]]]:
    """Return for each version those that hold all of its frame and more, and those of the same frame."""
    holders: dict[int, set[int]] = {place: set() for place in range(len(frames))}
    equals: dict[int, set[int]] = {place: set() for place in range(len(frames))}
    for place, frame in enumerate(frames):
        for other, wider in enumerate(frames):
            if place == other or frame is None or wider is None:
                continue
            within, without = share(frame, wider) >= INSIDE, share(wider, frame) >= INSIDE
            if within and without:
                equals[place].add(other)
            elif within and not (other == QUERY and shown[place - 1].kind in FRAMED):
                holders[place].add(other)
    framed = {place for place, match in enumerate(shown, 1) if match.kind in FRAMED}
    # What lies around these was put there after them; of two, the query can be made from the wider one only.
    holders[QUERY] |= {
        place
        for place in framed - equals[QUERY]
        if not holders[place] & framed and QUERY not in _ancestors(holders, place)
    }
    return holders, equals


def _ancestors(holders: Mapping[int, set[int]], place: int) -> set[int]:
    """Return all that hold a version, and all that hold these."""
    found: set[int] = set()
    waiting = [place]
    while waiting:
        waiting += (new := holders[waiting.pop()] - found)
        found |= new
    return found


def _nearest(holders: Mapping[int, set[int]], place: int) -> set[int]:
    """Return the holders of a version between which and itself no other lies."""
    own = holders[place]
    return {holder for holder in own if not any(holder in holders[other] for other in own)}


def _density(match: Match, size: tuple[int, int]) -> float:
    """Return how many reference pixels lie along one query pixel, in the middle of what the query shows of it."""
    x, y, width, height = match.region or (0, 0, *size)
    m: Homography = match.transform
    cx, cy = x + width / 2, y + height / 2
    depth = m[6] * cx + m[7] * cy + m[8]
    if not depth:
        return 1.0
    u, v = (m[0] * cx + m[1] * cy + m[2]) / depth, (m[3] * cx + m[4] * cy + m[5]) / depth
    a, b = (m[0] - u * m[6]) / depth, (m[1] - u * m[7]) / depth
    c, d = (m[3] - v * m[6]) / depth, (m[4] - v * m[7]) / depth
    return math.sqrt(abs(a * d - b * c))


def _earliest(shown: Sequence[Match]) -> int | None:
    """Return the place of the copy seen first, by dates that others state: our own clock says when we stored it."""
    dated = [
        (by_first_appearance(sighting), place)
        for place, match in enumerate(shown, 1)
        for sighting in match.sightings
        if sighting.datings and sighting.datings[0].basis is not DateBasis.RECORDED
    ]
    return min(dated)[1] if dated else None


def _largest(sizes: Sequence[tuple[int, int]]) -> int | None:
    """Return the place of the version with the most pixels; None where two share that."""
    areas = [width * height for width, height in sizes]
    most = max(areas)
    return areas.index(most) if areas.count(most) == 1 else None


def _least_edited(
    every: Sequence[Version], frames: Sequence[Polygon | None], earliest: int | None
) -> int | None:
    """Return the place of the version that no other's frame reaches beyond and whose pixels are finest, if one is."""
    widest = [place for place, version in enumerate(every) if not version.parents and frames[place]]
    if not widest:
        return None
    finest = max(every[place].density for place in widest)
    best = [place for place in widest if every[place].density * FINER >= finest]
    if len(best) == 1:
        return best[0]
    return earliest if earliest in best else None
