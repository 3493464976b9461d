"""The contract of `WordIndex`, run for every implementation, and votes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.index.posting_lists import LayeredIndex, PostingLists
from provenance.index.word_scan import WordScan
from provenance.index.words import (
    SIGNATURE_BITS,
    SIGNATURE_RADIUS,
    WORDS,
    Features,
    Hits,
    Vote,
    WordIndex,
    votes,
)

Stored = list[tuple[int, int, int]]
"""Ids, not decreasing, words and signatures."""
Asked = list[tuple[list[int], int]]
"""Four probes and a signature each."""
Case = tuple[Stored, Asked]

FEW_WORDS = [0, 1, 7, 1023, 1024, WORDS - 1]
FAR = (1 << (SIGNATURE_RADIUS + 1)) - 1
"""Flips one bit more than may differ."""


def features(stored: Stored) -> Features:
    ids, words, signatures = zip(*stored, strict=True) if stored else ((), (), ())
    return Features(
        np.array(ids, dtype=np.int64),
        np.array(words, dtype=np.uint32),
        np.array(signatures, dtype=np.uint32),
    )


def arrays(asked: Asked) -> tuple[np.ndarray, np.ndarray]:
    width = len(asked[0][0]) if asked else 4
    words = np.array([probes for probes, _ in asked], dtype=np.uint32).reshape(len(asked), width)
    return words, np.array([signature for _, signature in asked], dtype=np.uint32)


def ask(index: WordIndex, asked: Asked) -> list[tuple[int, int]]:
    hits = index.search(*arrays(asked))
    assert hits.query.dtype == hits.id.dtype == np.int64
    return list(zip(hits.query.tolist(), hits.id.tolist(), strict=True))


def truth(stored: Stored, asked: Asked) -> list[tuple[int, int]]:
    """Return the hits, computed the plainest way."""
    return sorted(
        {
            (query, id_)
            for query, (probes, signature) in enumerate(asked)
            for id_, word, other in stored
            if word in probes and (signature ^ other).bit_count() <= SIGNATURE_RADIUS
        }
    )


def built(stored: Stored) -> PostingLists:
    return PostingLists.build(
        features(stored), stored[0][0] if stored else 0, stored[-1][0] if stored else -1
    )


def layered(stored: Stored) -> LayeredIndex:
    """Return an index of three ranges, images of one id in one of them."""
    last = stored[-1][0] if stored else -1
    ranges = [(0, 2), (3, 4), (5, max(last, 4))]
    return LayeredIndex(
        [PostingLists.build(features([s for s in stored if a <= s[0] <= b]), a, b) for a, b in ranges]
        if stored
        else []
    )


signatures = st.builds(
    lambda base, bits: base ^ sum(1 << bit for bit in bits),
    st.sampled_from([0, 0xFFFFFFFF, 0x0F0F1234]),
    st.sets(st.integers(0, SIGNATURE_BITS - 1), max_size=9),
)
words = st.sampled_from(FEW_WORDS)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw features of few words round few signatures, so that hits and near misses are common."""
    stored = draw(st.lists(st.tuples(st.integers(0, 8), words, signatures), max_size=30))
    asked = draw(st.lists(st.tuples(st.lists(words, min_size=4, max_size=4), signatures), max_size=6))
    return sorted(stored, key=lambda row: row[0]), asked


Build = Callable[[Stored], WordIndex]
IMPLEMENTATIONS: dict[str, Build] = {
    "scan": lambda stored: WordScan(features(stored)),
    "posting lists": built,
    "layers": layered,
}


@pytest.mark.parametrize("build", IMPLEMENTATIONS.values(), ids=IMPLEMENTATIONS)
class TestContract:
    """Add an implementation above, and it is held to all of this."""

    @given(case=cases())
    def test_answers_completely_and_in_order(self, build: Build, case: Case) -> None:
        stored, asked = case
        assert ask(build(stored), asked) == truth(stored, asked)

    @given(case=cases(), most=st.integers(0, 40))
    def test_a_bound_leaves_out_the_longest_lists(self, build: Build, case: Case, most: int) -> None:
        stored, asked = case
        lengths = [sum(word == s[1] for s in stored) for probes, _ in asked for word in probes]
        order = sorted(range(len(lengths)), key=lambda probe: lengths[probe])
        read = {probe for n, probe in enumerate(order) if sum(lengths[p] for p in order[: n + 1]) <= most}
        width = len(asked[0][0]) if asked else 1
        expected = {
            (query, id_)
            for probe in read
            for query in [probe // width]
            for id_, word, other in stored
            if word == asked[query][0][probe % width]
            and (asked[query][1] ^ other).bit_count() <= SIGNATURE_RADIUS
        }
        hits = build(stored).search(*arrays(asked), most)
        assert list(zip(hits.query.tolist(), hits.id.tolist(), strict=True)) == sorted(expected)

    def test_the_radius_is_the_last_that_counts(self, build: Build) -> None:
        index = build([(3, 5, 0)])
        assert ask(index, [([5], FAR >> 1), ([5], FAR)]) == [(0, 3)]

    def test_a_like_signature_under_another_word_is_no_hit(self, build: Build) -> None:
        assert ask(build([(3, 5, 0)]), [([4, 6, 0, WORDS - 1], 0)]) == []

    def test_an_image_with_many_like_features_is_hit_once(self, build: Build) -> None:
        assert ask(build([(3, 5, 0), (3, 5, 1), (3, 6, 0)]), [([5, 6, 5, 5], 0)]) == [(0, 3)]

    def test_an_empty_index_finds_nothing(self, build: Build) -> None:
        assert ask(build([]), [([1, 2, 3, 4], 0)]) == []
        assert build([]).last_id == -1

    def test_no_question_has_no_answer(self, build: Build) -> None:
        index = build([(3, 5, 0)])
        assert len(index.search(np.empty((0, 4), dtype=np.uint32), np.empty(0, dtype=np.uint32))) == 0
        assert len(index.search(np.empty((2, 0), dtype=np.uint32), np.zeros(2, dtype=np.uint32))) == 0

    def test_the_last_id_is_told(self, build: Build) -> None:
        assert build([(3, 5, 0), (7, 0, 0)]).last_id == 7

    @pytest.mark.parametrize(
        ("asked", "message"),
        [
            ((np.zeros(4, dtype=np.uint32), np.zeros(4, dtype=np.uint32)), "shape"),
            ((np.zeros((4, 1), dtype=np.int64), np.zeros(4, dtype=np.uint32)), "words must be uint32"),
            ((np.zeros((4, 1), dtype=np.uint32), np.zeros(3, dtype=np.uint32)), "signatures must be"),
            ((np.zeros((4, 1), dtype=np.uint32), np.zeros(4, dtype=np.int32)), "signatures must be"),
            ((np.full((4, 1), WORDS, dtype=np.uint32), np.zeros(4, dtype=np.uint32)), "below"),
        ],
    )
    def test_what_is_no_question_is_refused(
        self, build: Build, asked: tuple[np.ndarray, np.ndarray], message: str
    ) -> None:
        with pytest.raises(ValueError, match=message):
            build([(3, 5, 0)]).search(*asked)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([(2, 0, 0), (1, 0, 0)], "not decrease"),
        ([(-1, 0, 0)], "not be negative"),
        ([(1, WORDS, 0)], "below"),
    ],
)
def test_what_are_no_features_is_refused(rows: Stored, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        features(rows)


def test_features_of_other_kinds_are_refused() -> None:
    ids, column = np.arange(3), np.zeros(3, dtype=np.uint32)
    with pytest.raises(ValueError, match="ids must be int64"):
        Features(ids.astype(np.int32), column, column)
    with pytest.raises(ValueError, match="words must be uint32"):
        Features(ids, column[:2], column)
    with pytest.raises(ValueError, match="signatures must be uint32"):
        Features(ids, column, column.astype(np.uint64))


def hits(pairs: list[tuple[int, int]]) -> Hits:
    query, ids = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2).T
    return Hits(query, ids)


class TestVotes:
    def test_what_is_hit_in_one_image_alone_weighs_most(self) -> None:
        found = hits([(0, 5), (1, 5), (1, 6), (2, 6), (2, 7), (2, 8), (2, 9)])
        assert votes(found, 4) == [Vote(5, 1.5), Vote(6, 0.75), Vote(7, 0.25), Vote(8, 0.25), Vote(9, 0.25)]

    def test_all_queries_for_one_image_weigh_as_many(self) -> None:
        assert votes(hits([(query, 3) for query in range(10)]), 10) == [Vote(3, 10.0)]

    def test_no_hits_are_no_votes(self) -> None:
        assert votes(hits([]), 3) == []
        assert votes(hits([]), 0) == []

    def test_only_the_best_are_told_if_so_asked(self) -> None:
        assert votes(hits([(0, 5), (0, 4), (1, 9)]), 2, limit=2) == [Vote(9, 1.0), Vote(4, 0.5)]

    @given(st.lists(st.sets(st.integers(10, 20), max_size=8), max_size=10), st.randoms(use_true_random=False))
    def test_images_hit_alike_weigh_the_same_to_the_last_bit(
        self, found: list[set[int]], random: object
    ) -> None:
        """Image n + 100 is hit whenever n is, but with the queries in another order."""
        shuffled = list(found)
        random.shuffle(shuffled)  # type: ignore[attr-defined]
        pairs = [(query, id_) for query, ids in enumerate(found) for id_ in ids]
        pairs += [(query + len(found), id_ + 100) for query, ids in enumerate(shuffled) for id_ in ids]
        weights = dict(votes(hits(pairs), 2 * len(found)))
        assert all(weights[id_] == weights[id_ + 100] for id_ in weights if id_ < 100)
        total = sum(1 for ids in found if ids)
        assert sum(weights.values()) == pytest.approx(2 * total)

    @given(st.lists(st.sets(st.integers(10, 20), max_size=8), max_size=10))
    def test_the_best_come_first_and_the_like_by_id(self, found: list[set[int]]) -> None:
        told = votes(hits([(query, id_) for query, ids in enumerate(found) for id_ in ids]), len(found))
        assert told == sorted(told, key=lambda vote: (-vote.weight, vote.id))
