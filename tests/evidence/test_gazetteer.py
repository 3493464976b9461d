"""Spellings fold together, names do not; the data is whole and loads quickly."""

from __future__ import annotations

import csv
import gc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import provenance.evidence.gazetteer
from provenance.evidence.gazetteer import Gazetteer, load_gazetteer
from provenance.evidence.spelling import key, loose_key, words

TOWNS = Path(provenance.evidence.gazetteer.__file__).with_name("towns.csv")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Deir ez-Zor", "Deir Ez Zor"),
        ("Ma'arrat", "Maʿarrat"),
        ("Kobanî", "KOBANI"),
        ("Diyarbakır", "Diyarbakir"),
        ("İstanbul", "istanbul"),
        ("Łódź", "Lodz"),
        ("الرقة", "رقه"),
        ("إدلب", "ادلب"),
        ("کابل", "كابل"),
        ("حَلَب", "حلب"),
        ("Straße", "STRASSE"),
    ],
)
def test_spellings_of_one_name_share_a_key(one: str, other: str) -> None:
    assert key(words(one)) == key(words(other))


@pytest.mark.parametrize(
    ("one", "other"), [("Homs", "Hama"), ("Douma", "Daraa"), ("حلب", "حماة"), ("Bath", "Bad")]
)
def test_different_names_keep_different_keys(one: str, other: str) -> None:
    assert key(words(one)) != key(words(other))
    assert loose_key(words(one)) != loose_key(words(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ma‘arrat an Nu‘mān", "Maarat al-Numan"),
        ("Jisr ash Shughūr", "Jisr al-Shughur"),
        ("Dayr al Balaḩ", "Deir el-Balah"),
        ("‘Ayn al ‘Arab", "Ain el-Arab"),
        ("Tall Rif‘at", "Tel Rifaat"),
        ("Saraqib", "Sarakib"),
    ],
)
def test_transliterations_of_one_arabic_name_share_a_loose_key(one: str, other: str) -> None:
    assert loose_key(words(one)) == loose_key(words(other))


@given(st.lists(st.text(st.characters(exclude_characters="\n")), min_size=1))
def test_folding_many_names_at_once_is_folding_each(names: list[str]) -> None:
    assert words("\n".join(names)).split("\n") == [words(name) for name in names]


def test_airport_codes_and_transcriptions_are_not_names() -> None:
    gazetteer = load_gazetteer()
    assert not gazetteer.cities("alp")
    assert not gazetteer.cities("hlb")
    assert gazetteer.cities("halab")


def test_a_gazetteer_can_be_made_of_anything() -> None:
    row = {
        "name": "Nowhere",
        "countrycode": "XX",
        "latitude": "1",
        "longitude": "2",
        "geonameid": "3",
        "population": "4",
        "alternatenames": ["Erewhon"],
    }
    gazetteer = Gazetteer([row], {"XX": ["Utopia"]})
    assert [city.name for city in gazetteer.cities("erewhon")] == ["Nowhere"]
    assert gazetteer.countries("utopia") == {"XX"}


def test_loading_happens_once_and_leaves_the_garbage_collector_on() -> None:
    assert load_gazetteer() is load_gazetteer()
    assert gc.isenabled()


def test_the_towns_are_whole() -> None:
    with TOWNS.open(encoding="utf-8", newline="") as file:
        towns = list(csv.DictReader(file))
    assert len({town["geonameid"] for town in towns}) == len(towns) > 1000
    for town in towns:
        assert town["name"]
        assert abs(float(town["latitude"])) <= 90
        assert abs(float(town["longitude"])) <= 180
        assert int(town["population"]) <= 15_000
