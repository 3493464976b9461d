"""Maps of one picture onto another: found among outliers, never degenerate, and as surprising as they deserve."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from numpy.typing import NDArray

from provenance.compare.geometry import (
    LEAST_ZOOM,
    MOST_SHEAR,
    MOST_ZOOM,
    Model,
    best_model,
    plausible,
    project,
    surprise,
)
from provenance.compare.local import LEAST_SURPRISE
from provenance.compare.matching import Correspondences

Floats = NDArray[np.float64]

QUERY, REFERENCE = (1024, 768), (400, 300)
AREA = REFERENCE[0] * REFERENCE[1]


def similarity(degrees: float, zoom: float, x: float, y: float) -> Floats:
    turn = math.radians(degrees)
    cosine, sine = zoom * math.cos(turn), zoom * math.sin(turn)
    middle = np.array(QUERY) / 2
    linear = np.array([[cosine, -sine], [sine, cosine]])
    shift = np.array([x, y]) - linear @ middle
    return np.vstack([np.column_stack([linear, shift]), [0, 0, 1.0]])


TURNED = similarity(25, 0.4, 200, 150)
SHEARED = TURNED @ np.array([[1, 0.25, 0], [0, 0.8, 0], [0, 0, 1]])
OBLIQUE = TURNED @ np.array([[1, 0.1, 0], [0, 0.9, 0], [2.5e-4, 1.5e-4, 1]])


def pairs_of(query: Floats, reference: Floats, turn: Floats, zoom: Floats) -> Correspondences:
    return Correspondences(np.arange(len(query)), query, reference, turn, zoom)


def unrelated(number: np.random.Generator, count: int) -> Correspondences:
    return pairs_of(
        number.uniform(0, QUERY, (count, 2)),
        number.uniform(0, REFERENCE, (count, 2)),
        number.uniform(-math.pi, math.pi, count),
        number.normal(math.log(0.4), 0.7, count),
    )


def related(number: np.random.Generator, matrix: Floats, count: int, noise: float = 0.7) -> Correspondences:
    """Return what features give: places a pixel off, orientations some degrees, scales some percent."""
    query = number.uniform(0.1, 0.9, (count, 2)) * QUERY
    step = 0.01
    here, right, below = (project(matrix, query + by) for by in ([0, 0], [step, 0], [0, step]))
    a, b = (right - here).T / step, (below - here).T / step
    return pairs_of(
        query,
        here + number.normal(0, noise, (count, 2)),
        np.arctan2(a[1] - b[0], a[0] + b[1]) + number.normal(0, 0.08, count),
        np.log(np.abs(a[0] * b[1] - a[1] * b[0])) / 2 + number.normal(0, 0.1, count),
    )


def together(*parts: Correspondences) -> Correspondences:
    fields = ("query", "reference", "turn", "zoom")
    return pairs_of(*(np.concatenate([getattr(part, field) for part in parts]) for field in fields))


def farthest(matrix: Floats, truth: Floats) -> float:
    """Return by how many reference pixels two maps differ, at most, over the middle of the query."""
    share = np.linspace(0.1, 0.9, 5)
    points = np.stack(np.meshgrid(share, share), axis=-1).reshape(-1, 2) * QUERY
    return float(np.linalg.norm(project(matrix, points) - project(truth, points), axis=1).max())


@pytest.mark.parametrize("truth", [TURNED, SHEARED, OBLIQUE], ids=["similarity", "affine map", "homography"])
@pytest.mark.parametrize("seed", range(4))
def test_a_map_is_recovered_from_noise_and_three_outliers_in_five(truth, seed):
    number = np.random.default_rng(seed)
    pairs = together(related(number, truth, 80), unrelated(number, 120))
    model = best_model(pairs, AREA)
    assert model is not None
    assert farthest(model.matrix, truth) < 2
    assert np.count_nonzero(model.inliers < 80) >= 70
    assert np.count_nonzero(model.inliers >= 80) <= 3
    assert model.surprise > 50


@given(
    degrees=st.floats(-180, 180), zoom=st.floats(0.1, 4), seed=st.integers(0, 1000), count=st.integers(15, 60)
)
@examples(max_examples=40)
def test_any_turn_and_size_is_recovered(degrees, zoom, seed, count):
    number = np.random.default_rng(seed)
    truth = similarity(degrees, zoom, 200, 150)
    pairs = together(related(number, truth, count), unrelated(number, count))
    model = best_model(pairs, AREA)
    assert model is not None
    assert farthest(model.matrix, truth) < 4
    assert model.surprise > LEAST_SURPRISE


def test_the_simplest_map_that_explains_is_told_from_richer_ones():
    number = np.random.default_rng(5)
    plain, oblique = (best_model(related(number, truth, 120, 0.4), AREA) for truth in (TURNED, OBLIQUE))
    assert plain is not None
    assert oblique is not None
    assert (plain.degrees, oblique.degrees) == (2, 4)


def test_the_same_pairs_give_the_same_model_twice():
    number = np.random.default_rng(6)
    pairs = together(related(number, OBLIQUE, 60), unrelated(number, 90))

    def told(model: Model | None) -> tuple[object, ...]:
        assert model is not None
        return model.matrix.tolist(), model.inliers.tolist(), model.surprise, model.degrees

    assert told(best_model(pairs, AREA)) == told(best_model(pairs, AREA))


@pytest.mark.parametrize("count", range(3))
def test_two_pairs_prove_nothing(count):
    assert best_model(related(np.random.default_rng(0), TURNED, count), AREA) is None


def test_many_features_that_fall_onto_one_place_are_no_map():
    number = np.random.default_rng(7)
    pairs = unrelated(number, 60)
    heap = pairs_of(pairs.query, np.full((60, 2), 150.0), np.zeros(60), np.full(60, -9.0))
    assert best_model(heap, AREA) is None
    assert best_model(pairs_of(heap.reference, pairs.reference, heap.turn, -heap.zoom), AREA) is None


def test_a_mirrored_picture_is_no_map():
    # Mirroring is a variant of the query, looked for by itself.
    mirrored = np.array([[-0.4, 0, 400], [0, 0.4, 0], [0, 0, 1.0]])
    model = best_model(related(np.random.default_rng(8), mirrored, 100), AREA)
    assert model is None or model.surprise < LEAST_SURPRISE


AROUND = np.array([[0, 0], [1000, 0], [1000, 700], [0, 700.0], [500, 350]])


@pytest.mark.parametrize(
    ("linear", "sound"),
    [
        ([[1, 0], [0, 1]], True),
        ([[0, -1], [1, 0]], True),
        ([[-1, 0], [0, 1]], False),
        ([[0, 1], [1, 0]], False),
        ([[0, 0], [0, 0]], False),
        ([[LEAST_ZOOM * 1.01, 0], [0, LEAST_ZOOM * 1.01]], True),
        ([[LEAST_ZOOM * 0.99, 0], [0, LEAST_ZOOM * 0.99]], False),
        ([[MOST_ZOOM * 0.99, 0], [0, MOST_ZOOM * 0.99]], True),
        ([[MOST_ZOOM * 1.01, 0], [0, MOST_ZOOM * 1.01]], False),
        ([[MOST_SHEAR * 0.99, 0], [0, 1]], True),
        ([[MOST_SHEAR * 1.01, 0], [0, 1]], False),
        ([[1, 5], [0, 1]], False),
        ([[math.nan, 0], [0, 1]], False),
        ([[math.inf, 0], [0, 1]], False),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value")
def test_maps_that_flip_crush_blow_up_or_shear_are_implausible(linear, sound):
    matrix = np.eye(3)
    matrix[:2, :2] = linear
    assert plausible(matrix, AROUND) == sound


def test_points_behind_the_horizon_are_implausible():
    matrix = np.eye(3)
    matrix[2, 0] = -1 / 800
    assert plausible(matrix, AROUND[:1])
    assert not plausible(matrix, AROUND)


@given(st.integers(8, 60), st.integers(0, 300), st.sampled_from((2, 3, 4)), st.floats(0.1, 3))
def test_surprise_grows_with_inliers_and_falls_with_correspondences(inliers, others, degrees, error):
    errors = np.full(inliers, error)
    here = surprise(errors, inliers + others, degrees, AREA)
    assert surprise(np.full(inliers + 1, error), inliers + 1 + others, degrees, AREA) > here
    assert surprise(errors, inliers + others + 1, degrees, AREA) <= here
    assert surprise(errors, inliers + others, degrees, AREA / 2) < here
    assert surprise(errors + 1, inliers + others, degrees, AREA) < here


@given(st.lists(st.floats(0, 3), min_size=6, max_size=40), st.integers(0, 100))
def test_further_inliers_never_make_an_alignment_less_surprising(errors, others):
    ordered = np.sort(errors)
    all_of_them = surprise(ordered, len(errors) + others, 2, AREA)
    assert all_of_them >= surprise(ordered[:-1], len(errors) + others, 2, AREA)


def test_a_surprise_is_seldom_great_by_accident():
    sets = [unrelated(np.random.default_rng(seed), 20 + seed % 180) for seed in range(300)]
    models = [best_model(pairs, AREA) for pairs in sets]
    surprises = [model.surprise for model in models if model is not None]
    # The number of false alarms at a surprise of 3 is 1 in 1,000, were all maps independent.
    assert sum(value > 3 for value in surprises) <= 3
    assert max(surprises) < 5
