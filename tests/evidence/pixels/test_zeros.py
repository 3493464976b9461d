"""Counting zeros of the DCT wherever a block begins, and voting for grids."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.evidence.pixels.chance import surprise
from provenance.evidence.pixels.zeros import GRIDS, NO_VOTE, basis, votes, zero_counts


def wave(*frequencies: tuple[int, int]) -> np.ndarray:
    """Return one block made of the given coefficients, 100 each, along y and x."""
    coefficients = np.zeros((8, 8), np.float32)
    for frequency in frequencies:
        coefficients[frequency] = 100
    return basis().T @ coefficients @ basis() + np.float32(128)


@pytest.mark.parametrize(
    ("frequencies", "zeros"),
    [
        (((0, 1), (1, 0)), 61),
        (((1, 1),), 62),
        (((0, 1), (1, 0), (3, 4), (7, 7)), 59),
        (((0, 3),), 0),
        (((5, 0),), 0),
        ((), 0),
    ],
)
def test_a_block_has_as_many_zeros_as_it_was_made_with_unless_it_is_flat_one_way(
    frequencies: tuple[tuple[int, int], ...], zeros: int
) -> None:
    assert zero_counts(wave(*frequencies)).tolist() == [[zeros]]


def test_counts_are_those_of_the_discrete_cosine_transform_of_each_block() -> None:
    light = np.random.default_rng(1).uniform(0, 4, (21, 19)).astype(np.float32)
    counts = zero_counts(light)
    for y, x in np.ndindex(counts.shape):
        block = np.abs(cv2.dct(light[y : y + 8, x : x + 8])) < 0.5
        assert counts[y, x] == block.sum() - block[0, 0]


@given(st.integers(0, 2**32 - 1), st.integers(1, 5))
@settings(max_examples=30, deadline=None)
def test_a_pixel_votes_for_the_one_block_of_its_64_with_most_zeros_and_for_none_where_two_tie(
    seed: int, most: int
) -> None:
    counts = np.random.default_rng(seed).integers(0, most + 1, (12, 11)).astype(np.uint8)
    counts[3, 4] = most + 1
    voted = votes(counts)
    for y, x in np.ndindex(voted.shape):
        window = counts[y : y + 8, x : x + 8]
        rows, columns = np.nonzero(window == window.max())
        alone = len(rows) == 1 and window.max() > 0
        assert voted[y, x] == ((rows[0] + y) % 8 * 8 + (columns[0] + x) % 8 if alone else NO_VOTE)


def test_a_flat_picture_votes_for_nothing() -> None:
    assert (votes(zero_counts(np.full((40, 40), 77, np.float32))) == NO_VOTE).all()


@given(st.integers(1, 400), st.floats(0, 1), st.floats(0.01, 0.5))
def test_surprise_is_never_below_nothing_and_never_above_the_chance_of_all(
    trials: int, share: float, chance: float
) -> None:
    value = float(surprise(share * trials, trials, chance))
    assert 0 <= value <= -trials * np.log10(chance) + 1e-9


def test_half_of_64_votes_at_one_in_64_is_a_surprise_of_39_decades() -> None:
    # 64 (ln 32 + ln (32 / 63)) / (2 ln 10)
    assert float(surprise(32, 64, 1 / GRIDS)) == pytest.approx(38.75, abs=0.05)
