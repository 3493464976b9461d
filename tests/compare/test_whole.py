"""Matches of the whole picture, and how surprising each would be by accident."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.compare.significance import digest_score, hash_score, local_score, log10_chance
from provenance.compare.whole import near_duplicate, same_bytes
from provenance.model import Candidate, Kind, Orientation, QueryCode, Reference

REFERENCE = Reference(7, "old.jpg", "a" * 64, 400, 300)


@given(st.integers(0, 255), st.integers(1, 10**9), st.integers(1, 200))
def test_a_nearer_code_a_smaller_archive_and_fewer_tries_never_score_less(distance, images, codes):
    score = hash_score(distance, images, codes)
    assert hash_score(distance + 1, images, codes) <= score
    assert hash_score(distance, images * 10, codes) == pytest.approx(score - 1)
    assert hash_score(distance, images, codes + 1) <= score


@given(st.floats(0, 5000), st.integers(0, 900), st.integers(1, 900))
def test_more_surprise_and_more_agreement_never_score_less(surprise, agreeing, disagreeing):
    blocks = agreeing + disagreeing
    score = local_score(surprise, agreeing, blocks, 1000)
    assert score > -1e-9
    assert local_score(surprise + 1, agreeing, blocks, 1000) >= score
    assert local_score(surprise, agreeing + 1, blocks, 1000) >= score
    assert local_score(surprise, agreeing, blocks + 1, 1000) <= score
    assert local_score(surprise, agreeing, blocks, 10) == score
    assert local_score(surprise, agreeing, blocks, 10_000) == pytest.approx(score - 1)


def test_what_accidents_reach_scores_low_and_what_copies_reach_scores_high():
    assert local_score(4, 20, 250, 1) < 2
    assert local_score(0, 400, 400, 1) > 5
    assert local_score(30, 20, 30, 1) > 5
    assert 40 < local_score(1e9, 400, 400, 1) < digest_score(10**9)


def test_the_chance_is_that_of_a_fair_coin_thrown_for_every_effective_bit():
    assert log10_chance(0) == pytest.approx(-80 * math.log10(2))
    assert log10_chance(128) == pytest.approx(math.log10(0.544), abs=0.01)
    assert log10_chance(256) == pytest.approx(0)


def test_equal_bytes_outscore_any_likeness():
    assert digest_score(10**6) > hash_score(0, 1, 1)


def test_the_same_bytes_are_identical_and_lie_still():
    match = same_bytes(REFERENCE, 10)
    assert match.kind is Kind.IDENTICAL
    assert match.transform == (1, 0, 0, 0, 1, 0, 0, 0, 1)


@pytest.mark.parametrize("orientation", Orientation)
def test_the_transform_maps_the_corners_of_the_query_onto_those_of_the_reference(orientation):
    candidate = Candidate(7, 5, QueryCode("pdq", 1, bytes(32), orientation))
    turned = orientation.value[0][0] == 0
    size = (150, 200) if turned else (200, 150)
    match = near_duplicate(candidate, REFERENCE, size, images=10, codes=16)
    a, b, c, d, e, f, *_ = match.transform
    corners = {(a * x + b * y + c, d * x + e * y + f) for x in (0, size[0]) for y in (0, size[1])}
    assert corners == {(0, 0), (400, 0), (0, 300), (400, 300)}
    assert match.mirrored == (a * e - b * d < 0)
    assert match.kind is Kind.NEAR_DUPLICATE
