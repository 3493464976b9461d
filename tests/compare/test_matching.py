"""Pairs of features: mutually nearest, distinct, and one-to-one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from provenance.compare.matching import RATIO, TWIN_PIXELS, Correspondences, correspondences
from provenance.model import LocalFeatures

FIELDS = ("feature", "query", "reference", "turn", "zoom")


def features(descriptors: NDArray[np.float64], xy: NDArray[np.float64] | None = None) -> LocalFeatures:
    """Return features of these descriptors, at places far from each other unless told."""
    count = len(descriptors)
    apart = np.stack([np.arange(count) * 10.0, np.zeros(count)], axis=1)
    unit = descriptors / np.maximum(np.linalg.norm(descriptors, axis=1, keepdims=True), 1e-9)
    return LocalFeatures(
        (400, 300),
        (apart if xy is None else xy).astype(np.float32),
        np.zeros(count, np.float32),
        np.ones(count, np.float32),
        unit.astype(np.float32),
    )


def random_descriptors(seed: int, count: int) -> NDArray[np.float64]:
    return np.abs(np.random.default_rng(seed).normal(size=(count, 128)))


def as_lists(pairs: Correspondences) -> list[list[float]]:
    return [getattr(pairs, field).tolist() for field in FIELDS]


def test_every_feature_finds_itself_whatever_the_order():
    descriptors = random_descriptors(0, 40)
    order = np.random.default_rng(1).permutation(40)
    pairs = correspondences(features(descriptors), features(descriptors[order]))
    assert sorted(pairs.feature.tolist()) == list(range(40))
    assert order[(pairs.reference[:, 0] / 10).astype(int)].tolist() == pairs.feature.tolist()


@given(
    hnp.arrays(np.int8, st.tuples(st.integers(0, 25), st.just(128)), elements=st.integers(0, 1)), st.data()
)
def test_matching_is_one_to_one_however_often_a_texture_repeats(patterns, data):
    repeats = data.draw(st.lists(st.integers(0, max(0, len(patterns) - 1)), max_size=60))
    repeated = patterns[repeats] if len(patterns) else patterns
    query, reference = features(patterns.astype(float)), features(repeated.astype(float))
    for pairs in (correspondences(query, reference), correspondences(reference, query)):
        assert len(set(pairs.feature.tolist())) == len(pairs)
        assert len({tuple(place) for place in pairs.reference.tolist()}) == len(pairs)


def test_a_repeated_texture_in_the_query_takes_one_place_only():
    one = random_descriptors(2, 1)
    pairs = correspondences(
        features(one.repeat(30, axis=0)), features(np.vstack([one, random_descriptors(3, 5)]))
    )
    assert len(pairs) == 1


def test_what_the_reference_shows_twice_is_not_distinct():
    one, others = random_descriptors(4, 1), random_descriptors(5, 10)
    query, reference = features(one), np.vstack([one, one, others])
    assert len(correspondences(query, features(reference))) == 0


@pytest.mark.parametrize(("apart", "found"), [(TWIN_PIXELS - 1, 1), (TWIN_PIXELS + 1, 0)])
def test_one_place_seen_at_two_scales_does_not_compete_with_itself(apart, found):
    one, others = random_descriptors(4, 1), random_descriptors(5, 10)
    places = np.stack([np.arange(12) * 20.0, np.zeros(12)], axis=1)
    places[1] = places[0] + [apart, 0]
    assert len(correspondences(features(one), features(np.vstack([one, one, others]), places))) == found


@pytest.mark.parametrize(("closeness", "found"), [(RATIO - 0.05, 1), (RATIO + 0.05, 0)])
def test_the_nearest_must_be_nearer_than_the_ratio_of_the_next(closeness, found):
    axes = np.eye(128)
    next_distance = 1.0

    def at(distance: float, axis: int) -> NDArray[np.float64]:
        cosine = 1 - distance**2 / 2
        return cosine * axes[0] + np.sqrt(1 - cosine**2) * axes[axis]

    reference = np.stack([at(closeness * next_distance, 1), at(next_distance, 2)])
    assert len(correspondences(features(axes[:1]), features(reference))) == found


def test_turn_and_zoom_are_those_from_query_to_reference():
    descriptors = random_descriptors(6, 3)
    query, reference = features(descriptors), features(descriptors)
    query.angle[:], reference.angle[:] = 30, 75
    query.scale[:], reference.scale[:] = 2, 6
    pairs = correspondences(query, reference)
    assert pairs.turn == pytest.approx(np.deg2rad(45))
    assert pairs.zoom == pytest.approx(np.log(3))


@pytest.mark.parametrize(("ours", "theirs"), [(0, 0), (0, 5), (5, 0)])
def test_no_features_give_no_pairs(ours, theirs):
    pairs = correspondences(features(random_descriptors(1, ours)), features(random_descriptors(2, theirs)))
    assert len(pairs) == 0
    assert pairs.query.shape == pairs.reference.shape == (0, 2)


def test_rows_are_taken_from_every_field():
    descriptors = random_descriptors(7, 6)
    pairs = correspondences(features(descriptors), features(descriptors))
    assert as_lists(pairs.take(np.array([4, 1]))) == [[row[4], row[1]] for row in as_lists(pairs)]
    assert pairs.take(np.arange(6) > 3).feature.tolist() == [4, 5]


def test_a_picture_and_its_archived_code_pair_at_the_same_places_twice_alike(drawn, as_checked, as_archived):
    picture = drawn(1)
    query, reference = as_checked(picture), as_archived(picture)
    pairs = correspondences(query, reference)
    scale = np.array(reference.size) / query.size
    off = np.linalg.norm(pairs.query * scale - pairs.reference, axis=1)
    assert len(pairs) > 150
    assert np.mean(off < 3) > 0.8
    assert as_lists(correspondences(query, reference)) == as_lists(pairs)
