"""A position that a file states against a claimed place: a contradiction only where there is no doubt."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.evidence.gazetteer import Gazetteer
from provenance.evidence.places import NEAR_KM
from provenance.evidence.positions import HALF_WAY_ROUND_KM, compare_position
from provenance.model import FactSource, PlaceRelation, Position

ALEPPO, LATAKIA = (36.20124, 37.16117), (35.53168, 35.79011)


def city(number, name, country, point):
    return {
        "geonameid": number, "name": name, "countrycode": country, "latitude": point[0], "longitude": point[1],
        "population": 1_000_000 // number, "alternatenames": [],
    }  # fmt: skip


@pytest.fixture(scope="module")
def gazetteer():
    """Two towns of one name, far apart; one city; one country."""
    rows = [
        city(1, "Aleppo", "SY", ALEPPO),
        city(2, "Tripoli", "LY", (32.88743, 13.18733)),
        city(3, "Tripoli", "LB", (34.43352, 35.84415)),
    ]
    return Gazetteer(rows, {"SY": ["Syria"]})


def at(point, uncertainty=None):
    return Position(FactSource.EXIF, *point, uncertainty)


def relation(gazetteer, claimed, position):
    return compare_position(gazetteer, claimed, position).relation


def test_a_position_in_the_city_is_near(gazetteer):
    assert relation(gazetteer, "Aleppo", at((36.19, 37.15))) is PlaceRelation.NEAR


def test_a_position_in_another_city_is_different_and_says_how_far(gazetteer):
    found = compare_position(gazetteer, "Aleppo", at(LATAKIA))
    assert found.relation is PlaceRelation.DIFFERENT
    assert found.distance_km == pytest.approx(144, abs=1)


def test_what_the_receiver_may_err_by_is_taken_off(gazetteer):
    assert compare_position(gazetteer, "Aleppo", at(LATAKIA, 44_000)).distance_km == pytest.approx(100, abs=1)
    assert relation(gazetteer, "Aleppo", at(LATAKIA, 95_000)) is PlaceRelation.NEAR


@pytest.mark.parametrize("uncertainty", [math.inf, math.nan, 1e300])
def test_a_receiver_that_knows_nothing_contradicts_nothing(gazetteer, uncertainty):
    assert relation(gazetteer, "Aleppo", at((-40.0, -140.0), uncertainty)) is PlaceRelation.NEAR


def test_the_nearest_of_several_places_of_one_name_counts(gazetteer):
    assert relation(gazetteer, "Tripoli", at((34.4, 35.8))) is PlaceRelation.NEAR
    assert relation(gazetteer, "Tripoli", at((32.9, 13.2))) is PlaceRelation.NEAR
    assert relation(gazetteer, "Tripoli", at(ALEPPO)) is PlaceRelation.DIFFERENT


@pytest.mark.parametrize("claimed", ["Syria", "nowhere that is known", ""])
def test_a_country_and_an_unknown_place_have_no_distance(gazetteer, claimed):
    found = compare_position(gazetteer, claimed, at((50.0, 8.0)))
    assert (found.relation, found.distance_km) == (PlaceRelation.UNKNOWN, None)


def test_a_claim_in_coordinates_is_compared_likewise(gazetteer):
    assert relation(gazetteer, "36.2N 37.1E", at(ALEPPO)) is PlaceRelation.NEAR
    assert relation(gazetteer, "36.2N 37.1E", at((48.85, 2.35))) is PlaceRelation.DIFFERENT


@given(st.floats(-90, 90), st.floats(-180, 180), st.floats(0, 1e9))
def test_any_position_is_near_or_farther_than_what_is_near(gazetteer, north, east, uncertainty):
    found = compare_position(gazetteer, "Aleppo", at((north, east), uncertainty))
    assert 0 <= found.distance_km <= HALF_WAY_ROUND_KM
    assert (found.relation is PlaceRelation.DIFFERENT) is (found.distance_km > NEAR_KM)
