"""A position that a file states, held against a claimed place.

As between two places, a contradiction must be certain: it takes a claimed place that was recognised, and that lies far
off under every reading of it, even if the receiver erred by all that it admits.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from provenance.evidence.gazetteer import Level, Place
from provenance.evidence.places import NEAR_KM, distance_km, resolve
from provenance.model import PlaceComparison, PlaceRelation

if TYPE_CHECKING:
    from provenance.evidence.gazetteer import Gazetteer
    from provenance.model import Position

HALF_WAY_ROUND_KM = 20_038.0
"""Nothing on the globe lies farther off; a receiver that admits more admits to know nothing."""


def compare_position(gazetteer: Gazetteer, claimed: str, position: Position) -> PlaceComparison:
    """Return how a claimed place relates to a position; its distance is the smallest that the two can have, in km.

    A country has no coordinates, so against it nothing follows. Up to `NEAR_KM` from the centre of any place that the
    claim may mean is near, as it is between two places.
    """
    point = Place("", None, position.latitude, position.longitude, None, Level.POINT)
    readings = resolve(gazetteer, claimed)
    distances = [distance_km(point, place) for place in readings]
    known = [d for d in distances if d is not None]
    if not known:
        return PlaceComparison(PlaceRelation.UNKNOWN)
    error = position.uncertainty_m or 0.0
    error_km = min(max(0.0, error / 1000), HALF_WAY_ROUND_KM) if math.isfinite(error) else HALF_WAY_ROUND_KM
    closest = max(0.0, min(known) - error_km)
    if closest <= NEAR_KM:
        return PlaceComparison(PlaceRelation.NEAR, closest)
    relation = PlaceRelation.DIFFERENT if len(known) == len(readings) else PlaceRelation.UNKNOWN
    return PlaceComparison(relation, closest)
