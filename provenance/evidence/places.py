"""Where a photo is said to be, in any language, and whether two such statements contradict each other.

A contradiction flags a photo, so it must be certain: it takes two places that were both recognised, and that
contradict under every reading of both. Everything else is near, within, or unknown.
"""

from __future__ import annotations

import math
from itertools import chain, product
from typing import TYPE_CHECKING

from provenance.evidence.gazetteer import City, Gazetteer, Level, Place, load_gazetteer
from provenance.evidence.place_text import read, read_point
from provenance.evidence.spelling import words
from provenance.model import PlaceComparison, PlaceRelation

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Level", "Place", "compare", "compare_places", "distance_km", "load_gazetteer", "resolve"]

NEAR_KM = 50.0
"""Up to here two places are near and never contradict: coordinates are those of centres, a suburb may lie 40
km from its city's, and captions name the next town that readers know."""
_TOGETHER_KM = 150.0
"""Up to here the names in one text ("Saraqib, Idlib") belong together: a province, from corner to corner."""
_EARTH_RADIUS_KM = 6371.0

_SHARED = """
    CN HK MO TW | US PR GU VI AS MP | FR GP MQ RE GF YT NC PF | NL AW CW SX BQ | DK GL FO | GB GI IM JE GG FK
    IL PS | SY IL | RU UA | GE RU | AZ AM | MA EH | RS XK | IN PK | CY TR
"""
_TERRITORIES = [frozenset(group.split()) for group in _SHARED.replace("\n", "|").split("|")]
"""Countries and territories that share a place, or dispute one. Who names one of them may mean a place that
GeoNames lists under the other; where the border runs is not a question about a photo."""


_CLOSEST_FIRST = (
    PlaceRelation.SAME,
    PlaceRelation.NEAR,
    PlaceRelation.CONTAINS,
    PlaceRelation.UNKNOWN,
    PlaceRelation.DIFFERENT,
)


def resolve(gazetteer: Gazetteer, text: str) -> tuple[Place, ...]:
    """Return every place that `text` may name, most populous first; none if it is not understood."""
    if point := read_point(text):
        return (point,)
    readings = read(text, gazetteer)
    countries = {country for reading in readings for country in reading.countries}
    cities = _narrowed([reading.cities for reading in readings if reading.cities], countries)
    if cities:
        return tuple(city.place for city in cities)
    return tuple(gazetteer.country(code) for code in sorted(countries))


def compare(gazetteer: Gazetteer, claimed: str, seen: str) -> PlaceComparison:
    """Resolve two statements of place and compare them; the same words are the same place, known or not."""
    claimed_words, seen_words = (words(" ".join(text.split())).split() for text in (claimed, seen))
    found = compare_places(resolve(gazetteer, claimed), resolve(gazetteer, seen))
    if claimed_words and claimed_words == seen_words:
        return PlaceComparison(PlaceRelation.SAME, found.distance_km)
    if found.relation is PlaceRelation.DIFFERENT and _one_within_the_other(
        set(claimed_words), set(seen_words)
    ):
        # "Madaya" and "Madaya, Syria": a namesake in Myanmar must not answer for a village we do not know.
        return PlaceComparison(PlaceRelation.UNKNOWN)
    return found


def compare_places(claimed: Sequence[Place], seen: Sequence[Place]) -> PlaceComparison:
    """Compare two resolved statements: the closest relation that any reading of both allows."""
    pairs = list(product(claimed, seen))
    if not pairs:
        return PlaceComparison(PlaceRelation.UNKNOWN)
    distances = [distance for pair in pairs if (distance := distance_km(*pair)) is not None]
    closest = min((_relation(*pair) for pair in pairs), key=_CLOSEST_FIRST.index)
    return PlaceComparison(closest, min(distances, default=None))


def distance_km(one: Place, other: Place) -> float | None:
    """Return the great-circle distance, or `None` where either is a country."""
    if one.latitude is None or one.longitude is None or other.latitude is None or other.longitude is None:
        return None
    north, south = math.radians(one.latitude), math.radians(other.latitude)
    half_chord = (
        math.sin((north - south) / 2) ** 2
        + math.cos(north) * math.cos(south) * math.sin(math.radians(one.longitude - other.longitude) / 2) ** 2
    )
    return 2 * _EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, half_chord)))


def _relation(one: Place, other: Place) -> PlaceRelation:
    if one == other and one.level is not Level.COUNTRY:
        return PlaceRelation.SAME
    distance = distance_km(one, other)
    if distance is not None:
        return PlaceRelation.NEAR if distance <= NEAR_KM else PlaceRelation.DIFFERENT
    if one.country is None or other.country is None:
        return PlaceRelation.UNKNOWN
    if one.country == other.country:
        return PlaceRelation.CONTAINS
    return (
        PlaceRelation.UNKNOWN if other.country in _may_also_mean({one.country}) else PlaceRelation.DIFFERENT
    )


def _narrowed(named: list[tuple[City, ...]], countries: set[str]) -> list[City]:
    """Return the cities of the first name that agree with the countries and all other names, else all of them."""
    if countries:
        allowed = _may_also_mean(countries)
        inside = [tuple(city for city in cities if city.country in allowed) for cities in named]
        # a country said outright goes before one that shares territory with it
        named = [
            tuple(sorted(cities, key=lambda city: city.country not in countries))
            for cities in inside
            if cities
        ]
    if not named:
        return []
    first, *rest = named
    together = [city for city in first if all(_any_near(city, others) for others in rest)]
    return together or list(dict.fromkeys(chain.from_iterable(named)))


def _any_near(city: City, others: Iterable[City]) -> bool:
    distances = (distance_km(city.place, other.place) for other in others)
    return any(distance is not None and distance <= _TOGETHER_KM for distance in distances)


def _may_also_mean(countries: set[str]) -> set[str]:
    return countries.union(*(group for group in _TERRITORIES if group & countries))


def _one_within_the_other(one: set[str], other: set[str]) -> bool:
    return bool(one and other) and (one <= other or other <= one)
