"""Places across languages: what is recognised, what is honestly not, and what contradicts what."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.evidence.places import (
    NEAR_KM,
    Level,
    Place,
    compare,
    compare_places,
    distance_km,
    load_gazetteer,
    resolve,
)
from provenance.model import PlaceRelation

ALEPPO = 170063


def candidates_of(text: str) -> tuple[Place, ...]:
    return resolve(load_gazetteer(), text)


def relation_of(claimed: str, seen: str) -> PlaceRelation:
    return compare(load_gazetteer(), claimed, seen).relation


def names(text: str) -> list[tuple[str, str | None]]:
    return [(place.name, place.country) for place in candidates_of(text)]


@pytest.mark.parametrize(
    "text",
    [
        "Aleppo",
        "ALEPPO",
        " aleppo ",
        "Alep",
        "Alep, Syrie",
        "Halab",
        "Ḥalab",
        "Halep",
        "Halep, Suriye",
        "Heleb, Sûrîye",
        "Алеппо, Сирия",
        "Халеб",
        "Χαλέπι",
        "Հալեպ, Սիրիա",
        "חאלב, סוריה",
        "حلب",
        "حَلَب",
        "حلـــب",
        "حلب، سوريا",
        "حلب، سورية",
        "阿勒颇, 叙利亚",
        "Aleppo, SY",
        "Aleppo (Syria)",
        "Aleppo - Syria",
        "Syria, Aleppo",
    ],
)
def test_one_city_in_many_languages(text: str) -> None:
    assert [place.geoname_id for place in candidates_of(text)] == [ALEPPO]


@pytest.mark.parametrize(
    "text",
    [
        "Aleppo citadel",
        "entrance of Aleppo",
        "Citadel of Aleppo, Syria",
        "the Old City, Aleppo",
        "Sheikh Maqsoud, Aleppo",
        "Nice photo of Aleppo",
        "قلعة حلب",
        "مدخل مدينة حلب، سوريا",
    ],
)
def test_a_known_city_is_found_within_a_phrase(text: str) -> None:
    assert [place.geoname_id for place in candidates_of(text)] == [ALEPPO]


@pytest.mark.parametrize(
    ("name", "spellings"),
    [
        ("‘Ayn al ‘Arab", ("Kobani", "Kobanî, Sûrîye", "Ain al-Arab", "عين العرب")),
        ("Al Bāb", ("al-Bab", "El Bab", "Al Bab, Syria", "الباب", "الباب، سوريا")),
        ("Dūmā", ("Douma", "Duma, Syria", "دوما، سوريا", "Дума, Сирия")),
        ("Ma‘arrat an Nu‘mān", ("Maarat al-Numan", "Ma'arrat an-Nu'man", "معرة النعمان")),
        ("Al Qāmishlī", ("Qamishli", "Qamişlo", "القامشلي", "Kamışlı")),
        ("Ar Raqqah", ("Raqqa", "Rakka, Suriye", "الرقة، سوريا", "Reqa, Sûrîye")),
    ],
)
def test_towns_of_the_war_are_known_in_their_spellings(name: str, spellings: tuple[str, ...]) -> None:
    for spelling in spellings:
        assert (name, "SY") in names(spelling), spelling


@pytest.mark.parametrize(
    ("text", "name", "country"),
    [
        ("Saraqib", "Saraqib", "SY"),
        ("Saraqib, Idlib", "Saraqib", "SY"),
        ("Saraqib road, Syria", "Saraqib", "SY"),
        ("Kafr Nabl", "Kafranbel", "SY"),
        ("Tadmur", "Tadmur", "SY"),
        ("Palmyra, Syria", "Tadmur", "SY"),
        ("Madaya, Syria", "Maḑāyā", "SY"),
        ("Deir Ezzor", "Deir ez-Zor", "SY"),
        ("Jisr al-Shughur", "Jisr ash Shughūr", "SY"),
        ("Kiev", "Kyiv", "UA"),
        ("Буча, Украина", "Bucha", "UA"),
        ("Khan Younis, Gaza Strip", "Khān Yūnis", "PS"),
        ("Deir al-Balah", "Dayr al Balaḩ", "PS"),
        ("Stepanakert", "Khankendi", "AZ"),
        ("Los Angeles, CA", "Los Angeles", "US"),
        ("Chicago, IL", "Chicago", "US"),
        ("Paris, Texas", "Paris", "US"),
        ("Tbilisi, Georgia", "Tbilisi", "GE"),
        ("Atlanta, Georgia", "Atlanta", "US"),
        ("Jerusalem, Palestine", "Jerusalem", "IL"),
    ],
)
def test_the_first_candidate_is_the_place_meant(text: str, name: str, country: str) -> None:
    assert names(text)[0] == (name, country)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Syria", "SY"),
        ("Syrie", "SY"),
        ("سوريا", "SY"),
        ("سورية", "SY"),
        ("Suriye", "SY"),
        ("Сирия", "SY"),
        ("Sûrîye", "SY"),
        ("SYR", "SY"),
        ("northern Syria", "SY"),
        ("Xyzzyville, Syria", "SY"),
        ("Turkey", "TR"),
        ("Türkiye", "TR"),
        ("Palestine", "PS"),
        ("فلسطين", "PS"),
        ("U.S.A.", "US"),
        ("UK", "GB"),
        ("Côte d'Ivoire", "CI"),
    ],
)
def test_countries_are_known_by_their_names_and_codes(text: str, code: str) -> None:
    (place,) = candidates_of(text)
    assert (place.country, place.level, place.latitude, place.geoname_id) == (code, Level.COUNTRY, None, None)


def test_an_ambiguous_name_gives_every_candidate_most_populous_first() -> None:
    assert names("Tripoli") == [("Tripoli", "LY"), ("Tripoli", "LB"), ("Trípoli", "GR")]
    assert {"FR", "US"} <= {country for _, country in names("Paris")}
    assert names("Alexandria")[0] == ("Alexandria", "EG")


def test_names_far_apart_in_one_text_are_all_candidates() -> None:
    assert {("Paris", "FR"), ("London", "GB")} <= set(names("Paris, London"))
    assert relation_of("Paris, London", "Parigi") is PlaceRelation.SAME
    assert relation_of("London Bridge, New York Times", "Londres") is PlaceRelation.SAME


@pytest.mark.parametrize(("text", "country"), [("Tripoli, Lebanon", "LB"), ("طرابلس، ليبيا", "LY")])
def test_a_country_settles_an_ambiguous_name(text: str, country: str) -> None:
    assert [place.country for place in candidates_of(text)] == [country]


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "???",
        "of",
        "the gate",
        "North Gate",
        "Central",
        "a nice split in the bath",
        "Reading the news",
        "Mobile phone footage",
        "Batman poster",
        "باب المدينة",
        "Xyzzyville",
        "12 13",
        "91.5, 20.5",
        "20.5, 181.5",
        "Aleppo " * 50,
    ],
)
def test_what_is_not_certainly_a_place_stays_unresolved(text: str) -> None:
    assert candidates_of(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "36.2012, 37.1612",
        "36.2012 37.1612",
        "36.2012N 37.1612E",
        "36.2012° N, 37.1612° E",
        "36°12'4.32\"N 37°9'40.32\"E",
    ],
)
def test_coordinates_are_a_point(text: str) -> None:
    (point,) = candidates_of(text)
    assert (point.level, point.country) == (Level.POINT, None)
    assert point.latitude == pytest.approx(36.2012)
    assert point.longitude == pytest.approx(37.1612)


@pytest.mark.parametrize("text", ["nan, nan", "inf, -inf", "1e1, 2e1", "36.2012,", "-, -", "1.5.2, 3.5"])
def test_what_is_no_pair_of_finite_numbers_is_no_point(text: str) -> None:
    assert Level.POINT not in {place.level for place in candidates_of(text)}


def test_south_and_west_are_negative_however_written() -> None:
    assert candidates_of("33.86S 151.21W") == candidates_of("-33.86, -151.21")


@pytest.mark.parametrize(
    ("claimed", "seen", "relation"),
    [
        ("Aleppo", "حلب، سوريا", PlaceRelation.SAME),
        ("Halep", "Alep, Syrie", PlaceRelation.SAME),
        ("Tripoli", "Tripoli, Lebanon", PlaceRelation.SAME),
        ("Syria", "syria", PlaceRelation.SAME),
        ("Xyzzyville", " xyzzyville", PlaceRelation.SAME),
        ("Xyzzyville\nEast", "xyzzyville east", PlaceRelation.SAME),
        ("Aleppo", "Syria", PlaceRelation.CONTAINS),
        ("Syria", "Сирия", PlaceRelation.CONTAINS),
        ("Xyzzyville, Syria", "Yzzyxville, Syria", PlaceRelation.CONTAINS),
        ("Aleppo", "Xyzzyville, Syria", PlaceRelation.CONTAINS),
        ("Paris, Texas", "USA", PlaceRelation.CONTAINS),
        ("Douma", "Damascus", PlaceRelation.NEAR),
        ("Saraqib", "Idlib", PlaceRelation.NEAR),
        ("Aleppo", "36.2012, 37.1612", PlaceRelation.NEAR),
        ("Aleppo", "Damascus", PlaceRelation.DIFFERENT),
        ("Aleppo", "Gaza", PlaceRelation.DIFFERENT),
        ("حلب", "Мариуполь", PlaceRelation.DIFFERENT),
        ("Aleppo", "Turkey", PlaceRelation.DIFFERENT),
        ("Syria", "Iraq", PlaceRelation.DIFFERENT),
        ("Aleppo", "33.5, 36.3", PlaceRelation.DIFFERENT),
        ("Aleppo", "Xyzzyville", PlaceRelation.UNKNOWN),
        ("Syria", "36.2012, 37.1612", PlaceRelation.UNKNOWN),
        ("", "", PlaceRelation.UNKNOWN),
        ("Aleppo", "", PlaceRelation.UNKNOWN),
    ],
)
def test_two_statements_of_place(claimed: str, seen: str, relation: PlaceRelation) -> None:
    assert relation_of(claimed, seen) is relation
    assert relation_of(seen, claimed) is relation


@pytest.mark.parametrize(
    ("claimed", "seen"),
    [
        ("Jerusalem", "Palestine"),
        ("Donetsk, Russia", "Donetsk, Ukraine"),
        ("Sevastopol", "Russia"),
        ("Stepanakert", "Armenia"),
        ("Taipei", "China"),
        ("San Juan, Puerto Rico", "USA"),
        ("Georgia", "Atlanta"),
    ],
)
def test_where_a_border_runs_or_which_namesake_is_meant_is_no_contradiction(claimed: str, seen: str) -> None:
    assert relation_of(claimed, seen) is not PlaceRelation.DIFFERENT
    assert relation_of(seen, claimed) is not PlaceRelation.DIFFERENT


@pytest.mark.parametrize(
    ("region", "town"),
    [
        ("Aleppo province", "Manbij"),
        ("rural Aleppo, Syria", "Manbij, Syria"),
        ("ريف حلب", "منبج"),
        ("محافظة دير الزور", "البوكمال، سوريا"),
        ("Deir ez-Zor Governorate", "Al Bukamal, Syria"),
        ("Halep kırsalı", "Menbiç, Suriye"),
        ("Харьковская область, Украина", "Izium"),
    ],
)
def test_a_region_named_after_its_city_only_says_its_country(region: str, town: str) -> None:
    assert relation_of(region, town) is PlaceRelation.CONTAINS
    assert relation_of(region, "Berlin, Germany") is PlaceRelation.DIFFERENT


def test_a_namesake_does_not_answer_for_a_village_we_do_not_know() -> None:
    assert (
        compare_places(candidates_of("Mandalay"), candidates_of("Syria")).relation is PlaceRelation.DIFFERENT
    )
    assert relation_of("Mandalay", "Mandalay, Syria") is PlaceRelation.UNKNOWN


def test_only_places_farther_apart_than_the_next_town_contradict() -> None:
    def at(latitude: float) -> Place:
        return Place("", None, latitude, 37.0, None, Level.POINT)

    degrees = math.degrees(NEAR_KM / 6371.0)
    assert compare_places([at(36.0)], [at(36.0 + degrees * 0.99)]).relation is PlaceRelation.NEAR
    assert compare_places([at(36.0)], [at(36.0 + degrees * 1.01)]).relation is PlaceRelation.DIFFERENT


def test_one_reading_that_agrees_is_enough_and_the_smallest_distance_is_told() -> None:
    found = compare_places(candidates_of("Tripoli"), candidates_of("Beirut"))
    assert found.relation is PlaceRelation.DIFFERENT
    assert found.distance_km == pytest.approx(68, abs=2)
    assert compare_places(candidates_of("Aleppo"), candidates_of("Aleppo")).distance_km == 0
    assert compare_places(candidates_of("Syria"), candidates_of("Aleppo")).distance_km is None


coordinates = st.tuples(st.floats(-90, 90), st.floats(-180, 180))
places = st.builds(
    lambda where, country, level: (
        Place("", country, None, None, None, level)
        if level is Level.COUNTRY
        else Place("", country if level is Level.CITY else None, *where, None, level)
    ),
    coordinates,
    st.sampled_from(("SY", "TR", "IL", "PS")),
    st.sampled_from(Level),
)


@given(st.lists(places, max_size=4), st.lists(places, max_size=4))
def test_comparison_is_symmetric(claimed: list[Place], seen: list[Place]) -> None:
    there, back = compare_places(claimed, seen), compare_places(seen, claimed)
    assert there.relation is back.relation
    assert there.distance_km == pytest.approx(back.distance_km)


@given(st.lists(places, min_size=1, max_size=4))
def test_every_place_but_a_country_is_the_same_as_itself(candidates: list[Place]) -> None:
    only_countries = all(place.level is Level.COUNTRY for place in candidates)
    expected = PlaceRelation.CONTAINS if only_countries else PlaceRelation.SAME
    assert compare_places(candidates, candidates).relation is expected


@given(st.lists(places, max_size=3), st.lists(places, max_size=3), places)
def test_a_further_reading_never_makes_a_contradiction(
    one: list[Place], other: list[Place], more: Place
) -> None:
    if one and compare_places(one, other).relation is not PlaceRelation.DIFFERENT:
        assert compare_places([*one, more], other).relation is not PlaceRelation.DIFFERENT


@given(places, places)
def test_distance_is_zero_to_itself_and_at_most_half_the_globe(one: Place, other: Place) -> None:
    assert distance_km(one, one) in (0, None)
    assert (distance_km(one, other) or 0) <= math.pi * 6371.0


@given(st.text(max_size=400) | st.text("NSEW°'\". ,-0123456789", max_size=40))
def test_any_text_resolves_or_does_not_and_is_itself(text: str) -> None:
    found = candidates_of(text)
    assert all(place.latitude is None or abs(place.latitude) <= 90 for place in found)
    assert relation_of(text, text) in (PlaceRelation.SAME, PlaceRelation.UNKNOWN)
    if found:
        assert relation_of(text, text) is PlaceRelation.SAME
