"""Finds the names in what people write for a place: "Alep, Syrie", "entrance of Aleppo", "36.2N 37.1E"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from provenance.evidence.gazetteer import City, Gazetteer, Level, Place
from provenance.evidence.spelling import words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

_LONGEST = 300
"""A place, not a caption: more text would only hold more names by accident."""
_LONGEST_NAME = 5
_KNOWN_BY_NAME_ALONE = 100_000
"""Inhabitants from which a city is recognised inside a phrase that names no country."""

_PARTS = re.compile(r"[,،;؛、，()\[\]|/\n]+|\s[-–—]\s")
_NUMBER = r"([+-]?\d{1,3}(?:\.\d{1,15})?)"
_ANGLE = (
    rf"{_NUMBER}(?:\s*°(?:\s*(\d{{1,2}}(?:\.\d+)?)\s*['′’](?:\s*(\d{{1,2}}(?:\.\d+)?)\s*(?:[\"″”]|''))?)?)?"
)
_POINT = re.compile(rf"{_ANGLE}\s*([NS])?[\s,;/]+{_ANGLE}\s*([EW])?", re.ASCII | re.IGNORECASE)

_GENERIC_WORDS = """
    the of in at near new old north south east west northern southern eastern western central center
    centre gate city town village suburb suburbs province governorate district region street road
    square bridge river market mosque church hospital school airport port camp border front entrance
    citadel castle checkpoint unknown here
    مدينه قريه ريف شمال جنوب شرق غرب وسط قلعه مدخل مخيم حي جسر ساحه محافظه سوق مسجد شارع
"""
_GENERIC = frozenset(words(_GENERIC_WORDS).split())
_ORDINARY_WORDS = """
    nice bath mobile reading split male orange independence victoria mary sale salt surprise enterprise batman
    phoenix aurora washington lincoln jackson kent normal sandwich rugby cork essen troy police liberty union
    president jordan chad medina van man باب
"""
_ORDINARY = _GENERIC.union(words(_ORDINARY_WORDS).split())
"""Cities and countries that are more often a word or a person: inside a phrase they prove nothing."""
_REGIONAL_WORDS = """
    province governorate region countryside rural oblast muhafazah mohafazat rif reef
    gouvernorat campagne parêzgeha gundewarê vilayeti ili kırsalı kırsal bölgesi provincia provinz
    محافظة ريف إقليم منطقة область области провинция провинции мухафаза регион район
"""
_REGIONAL = frozenset(words(_REGIONAL_WORDS).split())
"""Next to a city's name they make it a region's, whose towns may lie far from that city."""


class Reading(NamedTuple):
    """What one part of a text may name: cities, countries, or cities and the country they must lie in."""

    cities: tuple[City, ...] = ()
    countries: frozenset[str] = frozenset()


def read_point(text: str) -> Place | None:
    """Read coordinates, latitude first; bare numbers need decimals, since "12 13" may be anything."""
    written = _POINT.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    if written is None:
        return None
    plain = written[2] is None and not (written[4] or written[8])
    if plain and not ("." in written[1] and "." in written[5]):
        return None
    latitude = _degrees(*written.groups()[:4])
    longitude = _degrees(*written.groups()[4:])
    if abs(latitude) > 90 or abs(longitude) > 180:  # noqa: PLR2004 - the globe
        return None
    return Place(f"{latitude:.5f}, {longitude:.5f}", None, latitude, longitude, None, Level.POINT)


def read(text: str, gazetteer: Gazetteer) -> list[Reading]:
    """Read each part of a text that may name something, in the order written."""
    if len(text) > _LONGEST:
        return []
    parts = [part.strip() for part in _PARTS.split(text)]
    whole = {part: reading for part in parts if (reading := _read_whole(part, gazetteer))}
    countries = frozenset().union(*(reading.countries for reading in whole.values()))
    readings = [whole.get(part) or _read_phrase(part, countries, gazetteer) for part in parts]
    # After another name a state is only that: "Portland, Oregon" is not near the town of Oregon, Ohio.
    return [
        Reading((), reading.countries) if position and part in whole and reading.countries else reading
        for position, (part, reading) in enumerate(zip(parts, readings, strict=True))
    ]


def _degrees(degrees: str, minutes: str | None, seconds: str | None, hemisphere: str | None) -> float:
    size = abs(float(degrees)) + float(minutes or 0) / 60 + float(seconds or 0) / 3600
    southern_or_western = hemisphere is not None and hemisphere.upper() in "SW"
    return -size if degrees.startswith("-") != southern_or_western else size


def _read_whole(part: str, gazetteer: Gazetteer) -> Reading | None:
    """Read a part that is nothing but a name."""
    folded = words(part)
    countries = gazetteer.codes(part) | gazetteer.countries(folded)
    state_of = gazetteer.state_of(folded)
    if countries:
        return Reading((), countries | state_of)
    if not _REGIONAL.isdisjoint(folded.split()):
        return None
    if _GENERIC.issuperset(folded.split()) or len(folded) < (3 if folded.isascii() else 2):
        return None
    cities = tuple(gazetteer.cities(folded, loosely=True))
    return Reading(cities, state_of) if cities or state_of else None


def _read_phrase(part: str, countries: frozenset[str], gazetteer: Gazetteer) -> Reading:
    """Read the names inside a part, of countries first: they tell which small towns may be meant."""
    tokens = [(token, folded) for token in part.split() if (folded := words(token).strip())]
    countries_here = frozenset().union(*_names(tokens, gazetteer.countries))
    known = countries | countries_here

    def likely(folded: str) -> list[City]:
        found = gazetteer.cities(folded)
        return [city for city in found if city.country in known or city.population > _KNOWN_BY_NAME_ALONE]

    cities = [city for found in _names(tokens, likely) for city in found]
    if any(not _REGIONAL.isdisjoint(folded.split()) for _, folded in tokens):
        return Reading((), countries_here.union(city.country for city in cities))
    return Reading(tuple(sorted(set(cities), key=lambda city: -city.population)), countries_here)


def _names(tokens: list[tuple[str, str]], look_up: Callable[[str], T]) -> Iterator[T]:
    """Yield what each name in a phrase stands for, longest first, each word in one name only."""
    free = list(tokens)
    for size in range(min(_LONGEST_NAME, len(free)), 0, -1):
        for start in range(len(free) - size + 1):
            run = free[start : start + size]
            if all(folded for _, folded in run) and _may_be_a_name(run) and (found := look_up(_joined(run))):
                yield found
                free[start : start + size] = [("", "")] * size


def _joined(run: list[tuple[str, str]]) -> str:
    return " ".join(folded for _, folded in run)


def _may_be_a_name(run: list[tuple[str, str]]) -> bool:
    (first, folded), *others = run
    if first[0].islower():
        return False
    return bool(others) or (folded not in _ORDINARY and len(folded) >= (4 if folded.isascii() else 3))
