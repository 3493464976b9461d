"""Votes by parts of a query: what one part shows is proposed though the rest has more of something else."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from provenance.index.parts import ACROSS, BEST, part_votes, proposed
from provenance.index.words import Hits, votes


def hits(*pairs: tuple[int, int]) -> Hits:
    """Return hits of these query features and images."""
    rows = np.array(sorted(set(pairs)), np.int64).reshape(-1, 2)
    return Hits(rows[:, 0], rows[:, 1])


def test_an_image_that_fills_one_corner_is_first_there_whatever_fills_the_rest():
    corner = [(0.05 + 0.02 * n, 0.05 + 0.02 * n) for n in range(4)]
    rest = [(0.6 + 0.03 * n, 0.7) for n in range(12)]
    places = np.array(corner + rest, np.float32)
    found = hits(*((n, 7) for n in range(4)), *((n, 9) for n in range(4, 16)))
    assert [vote.id for vote in votes(found, 16)] == [9, 7]
    assert (0, 7) in {(rank, vote.id) for rank, vote in part_votes(found, places)}


def test_what_lies_across_the_middle_of_two_parts_has_a_part_of_its_own():
    places = np.array([[0.45, 0.45], [0.55, 0.55]], np.float32)
    assert max(vote.weight for _, vote in part_votes(hits((0, 3), (1, 3)), places)) == 2.0


def test_nothing_found_is_nothing_proposed():
    assert list(part_votes(hits(), np.zeros((3, 2), np.float32))) == []
    assert proposed([hits()], [np.zeros((3, 2), np.float32)], 9) == []


def page() -> tuple[Hits, np.ndarray]:
    """Five images that share most of a query, in that order, and one, 9, that shares its corner alone."""
    corner = [(0.05 + 0.02 * n, 0.05 + 0.02 * n) for n in range(3)]
    rest = [(0.6 + 0.02 * n, 0.7) for n in range(15)]
    pairs = [(query, image) for image in range(1, 6) for query in range(3, 19 - image)]
    return hits(*((n, 9) for n in range(3)), *pairs), np.array(corner + rest, np.float32)


def test_half_of_what_is_proposed_is_of_the_whole_and_then_comes_what_is_first_in_a_part():
    found, places = page()
    best = [image for image, _ in sorted(votes(found, len(places)), key=lambda vote: -vote.weight)]
    assert best.index(9) == 2
    told = [vote.id for _, vote in proposed([found], [places], 4)]
    assert told[:2] == best[:2]
    assert 9 in told
    assert len(set(told)) == 4


def test_each_is_proposed_once_with_its_look_up_and_its_weight_in_the_whole():
    found, places = page()
    told = proposed([found, hits((0, 9))], [places, places], 99)
    weights = [dict(votes(each, len(places))) for each in (found, hits((0, 9)))]
    assert sorted((order, vote.id) for order, vote in told) == sorted(
        (order, image) for order, each in enumerate(weights) for image in each
    )
    assert all(vote.weight == weights[order][vote.id] for order, vote in told)


@given(
    st.lists(st.tuples(st.floats(0, 1, width=32), st.floats(0, 1, width=32)), min_size=1, max_size=8),
    st.lists(st.tuples(st.integers(0, 7), st.integers(0, 5)), max_size=20),
)
def test_every_part_proposes_its_best(places, pairs):
    found = hits(*((query, image) for query, image in pairs if query < len(places)))
    expected = []
    for across in ACROSS:
        for left, top in np.ndindex(2 * across - 1, 2 * across - 1):
            # The last part has its right and lower edge too.
            inside = [
                q
                for q, (x, y) in enumerate(places)
                if all(
                    low <= min(at * 2 * across, 2 * across - 0.5) < low + 2
                    for low, at in ((left, x), (top, y))
                )
            ]
            kept = np.isin(found.query, inside)
            part = Hits(found.query[kept], found.id[kept])
            expected += enumerate(votes(part, len(places), BEST))
    assert list(part_votes(found, np.array(places, np.float32))) == expected
