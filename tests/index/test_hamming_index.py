"""The contract of `HammingIndex`, run for every implementation, and what is particular to each."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.index import (
    CHUNKS,
    CODE_BYTES,
    EXACT_RADIUS,
    CorruptIndexError,
    HammingIndex,
    Hit,
    chunk_keys,
    distance,
)
from provenance.index.brute_force import BruteForceIndex
from provenance.index.keys import followings, probes, ring_limit
from provenance.index.multi_index import MultiIndex

BITS = 8 * CODE_BYTES
Stored = list[tuple[int, bytes]]
"""Ids, not decreasing, and codes."""
Case = tuple[Stored, list[bytes]]
"""What is stored, and what is asked for."""


def flip(code: bytes, bits: set[int]) -> bytes:
    mask = sum(1 << bit for bit in bits)
    return (int.from_bytes(code) ^ mask).to_bytes(CODE_BYTES)


def arrays(stored: Stored) -> tuple[np.ndarray, np.ndarray]:
    codes = np.frombuffer(b"".join(code for _, code in stored), dtype=np.uint8).reshape(-1, CODE_BYTES)
    return codes, np.array([id_ for id_, _ in stored], dtype=np.int64)


def nearest(stored: Stored, codes: Sequence[bytes], radius: int) -> list[Hit]:
    """Return the whole truth, computed the plainest way."""
    best: dict[tuple[int, int], int] = {}
    for query, code in enumerate(codes):
        for id_, other in stored:
            bits = distance(code, other)
            if bits <= min(radius, best.get((query, id_), BITS)):
                best[query, id_] = bits
    hits = [Hit(query, id_, bits) for (query, id_), bits in best.items()]
    return sorted(hits, key=lambda hit: (hit.query, hit.distance, hit.id))


class KeyedIndex:
    """What an archive does with its table of keys."""

    def __init__(self, stored: Stored) -> None:
        self.stored = stored

    def search(self, codes: Sequence[bytes], radius: int) -> list[Hit]:
        hits = []
        for query, code in enumerate(codes):
            probed, limit = probes(code), ring_limit(radius)
            sharing = [
                (id_, other)
                for id_, other in self.stored
                if any(
                    key in probed and (probed[key][0] ^ following).bit_count() + probed[key][1] <= limit
                    for key, following in zip(chunk_keys(other), followings(other), strict=True)
                )
            ]
            hits += [hit._replace(query=query) for hit in nearest(sharing, [code], radius)]
        return hits


bits_apart = st.one_of(
    st.sets(st.integers(0, BITS - 1), max_size=40),
    st.builds(
        lambda first, count: set(range(first, first + count)), st.integers(0, BITS - 41), st.integers(0, 40)
    ),
    st.builds(
        lambda per_chunk, lone: {16 * c + b for c in range(CHUNKS) for b in range(per_chunk - (c == lone))},
        st.integers(1, 2),
        st.integers(0, CHUNKS),
    ),
)


@st.composite
def clustered(draw: st.DrawFn) -> Case:
    """Draw stored codes and queries scattered round a few common centres, some ids with several codes."""
    centres = draw(st.lists(st.binary(min_size=CODE_BYTES, max_size=CODE_BYTES), min_size=1, max_size=3))
    code = st.builds(flip, st.sampled_from(centres), bits_apart)
    codes = draw(st.lists(code, max_size=12))
    ids = sorted(draw(st.lists(st.integers(0, 8), min_size=len(codes), max_size=len(codes))))
    return list(zip(ids, codes, strict=True)), draw(st.lists(code, max_size=4))


Build = Callable[[Stored], HammingIndex]
IMPLEMENTATIONS: dict[str, Build] = {
    "keys": KeyedIndex,
    "brute force": lambda stored: BruteForceIndex(*arrays(stored)),
    "multi-index": lambda stored: MultiIndex.build(*arrays(stored)),
}


@pytest.mark.parametrize("build", IMPLEMENTATIONS.values(), ids=IMPLEMENTATIONS)
class TestContract:
    """Add an implementation above, and it is held to all of this."""

    @given(case=clustered(), radius=st.integers(0, EXACT_RADIUS))
    @settings(max_examples=100)
    def test_answers_completely_up_to_the_exact_radius(self, build: Build, case: Case, radius: int) -> None:
        stored, codes = case
        assert build(stored).search(codes, radius) == nearest(stored, codes, radius)

    @given(case=clustered(), radius=st.integers(EXACT_RADIUS + 1, 64))
    @settings(max_examples=50)
    def test_tells_no_untruth_beyond_it(self, build: Build, case: Case, radius: int) -> None:
        stored, codes = case
        hits = build(stored).search(codes, radius)
        everything = {(hit.query, hit.id): hit.distance for hit in nearest(stored, codes, radius)}
        assert all(everything[hit.query, hit.id] <= hit.distance <= radius for hit in hits)
        assert set(nearest(stored, codes, EXACT_RADIUS)) <= set(hits)
        assert hits == sorted(hits, key=lambda hit: (hit.query, hit.distance, hit.id))

    def test_an_empty_index_finds_nothing(self, build: Build) -> None:
        assert build([]).search([bytes(CODE_BYTES)], EXACT_RADIUS) == []

    def test_no_question_has_no_answer(self, build: Build) -> None:
        assert build([(1, bytes(CODE_BYTES))]).search([], EXACT_RADIUS) == []

    def test_a_single_code_is_found_at_the_radius_and_not_within_less(self, build: Build) -> None:
        index = build([(5, bytes(CODE_BYTES))])
        far = flip(bytes(CODE_BYTES), set(range(0, BITS, 9)))
        assert index.search([far], 29) == [Hit(query=0, id=5, distance=29)]
        assert index.search([far], 28) == []

    def test_an_animation_is_told_once_by_its_nearest_frame(self, build: Build) -> None:
        code = bytes(range(CODE_BYTES))
        frames = [(7, flip(code, {1, 2, 3})), (7, flip(code, {9})), (7, code[::-1])]
        assert build([(3, flip(code, {1, 2})), *frames]).search([code], EXACT_RADIUS) == [
            Hit(0, 7, 1),
            Hit(0, 3, 2),
        ]

    def test_many_equal_codes_are_all_found(self, build: Build) -> None:
        code = bytes([170] * CODE_BYTES)
        hits = build([(id_, code) for id_ in range(500)]).search([code, code], 0)
        assert hits == [Hit(query, id_, 0) for query in (0, 1) for id_ in range(500)]


@given(clustered(), st.integers(EXACT_RADIUS + 1, 64))
@settings(max_examples=100)
def test_beyond_the_exact_radius_arrays_find_just_what_the_keys_find(case: Case, radius: int) -> None:
    """So an archive answers alike before and after it has grown into a cache."""
    stored, codes = case
    assert MultiIndex.build(*arrays(stored)).search(codes, radius) == KeyedIndex(stored).search(codes, radius)


def test_beyond_the_exact_radius_nearly_all_neighbours_are_found() -> None:
    """With independent errors; the docs tell the shares that were measured."""
    rng = random.Random(47)
    stored = [(id_, rng.randbytes(CODE_BYTES)) for id_ in range(1000)]
    queries = [flip(code, set(rng.sample(range(BITS), 47))) for _, code in stored]
    found = MultiIndex.build(*arrays(stored)).search(queries, 47)
    assert len(found) > 950


def test_brute_force_is_exact_at_any_radius() -> None:
    index = BruteForceIndex(*arrays([(1, bytes(CODE_BYTES))]))
    assert index.search([b"\xff" * CODE_BYTES], BITS) == [Hit(0, 1, BITS)]


def test_each_of_many_neighbours_is_found_at_its_very_distance() -> None:
    """The filter by the following chunk is tightest where the radius is just enough."""
    rng = random.Random(18)
    stored = [(id_, rng.randbytes(CODE_BYTES)) for id_ in range(3000)]
    index = MultiIndex.build(*arrays(stored))
    for radius in range(EXACT_RADIUS + 1):
        rows = rng.sample(stored, 150)
        queries = [flip(code, set(rng.sample(range(BITS), radius))) for _, code in rows]
        assert index.search(queries, radius) == [
            Hit(query, id_, radius) for query, (id_, _) in enumerate(rows)
        ]


def test_a_large_batch_over_alike_codes_agrees_with_brute_force() -> None:
    """Long lists are gone through in blocks, and many queries in batches."""
    rng = np.random.default_rng(5)
    codes = rng.integers(0, 2, (6000, CODE_BYTES), dtype=np.uint8)
    ids = np.sort(rng.integers(0, 4000, 6000))
    queries = [code.tobytes() for code in codes[:150]]
    assert MultiIndex.build(codes, ids).search(queries, 7) == BruteForceIndex(codes, ids).search(queries, 7)


def test_building_twice_gives_the_same_arrays() -> None:
    codes = np.random.default_rng(3).integers(0, 2, (1000, CODE_BYTES), dtype=np.uint8)
    first, second = (MultiIndex.build(codes, np.arange(1000)) for _ in range(2))
    for name in ("codes", "ids", "starts", "postings", "following"):
        assert np.array_equal(getattr(first, name), getattr(second, name)), name


def test_arrays_list_each_code_under_the_keys_of_plain_python() -> None:
    rng = random.Random(2)
    stored = [(id_, rng.randbytes(CODE_BYTES)) for id_ in range(20)]
    index = MultiIndex.build(*arrays(stored))
    for row, (_, code) in enumerate(stored):
        for key in chunk_keys(code):
            position, value = key >> 16, key & 0xFFFF
            assert (
                row
                in index.postings[position, index.starts[position, value] : index.starts[position, value + 1]]
            )


def test_knows_its_size_and_its_last_id() -> None:
    index = MultiIndex.build(*arrays([(4, bytes(CODE_BYTES)), (9, bytes(CODE_BYTES))]))
    assert (len(index), index.last_id) == (2, 9)
    empty = MultiIndex.build(*arrays([]))
    assert (len(empty), empty.last_id) == (0, -1)


def test_a_row_number_out_of_range_is_told_as_corruption() -> None:
    index = MultiIndex.build(*arrays([(1, bytes(CODE_BYTES))]))
    index.postings[:] = 1
    with pytest.raises(CorruptIndexError):
        index.search([bytes(CODE_BYTES)], EXACT_RADIUS)


@pytest.mark.parametrize("build", [BruteForceIndex, MultiIndex.build])
@pytest.mark.parametrize(
    ("codes", "ids"),
    [
        (np.zeros((2, 31), np.uint8), np.array([1, 2])),
        (np.zeros((2, 32), np.int8), np.array([1, 2])),
        (np.zeros((2, 32), np.uint8), np.array([1])),
        (np.zeros((2, 32), np.uint8), np.array([2, 1])),
        (np.zeros((2, 32), np.uint8), np.array([-1, 1])),
        (np.zeros((2, 32), np.uint8), np.array([1, 2], np.int32)),
    ],
)
def test_refuses_what_is_not_codes_with_ids(build: object, codes: np.ndarray, ids: np.ndarray) -> None:
    with pytest.raises(ValueError, match="must be"):
        build(codes, ids)


@pytest.mark.parametrize("build", [BruteForceIndex, MultiIndex.build])
def test_refuses_a_query_of_another_length(build: object) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        build(*arrays([])).search([bytes(31), bytes(33)], EXACT_RADIUS)


def test_importing_the_keys_does_not_import_numpy() -> None:
    code = "import sys, provenance.index, provenance.index.keys; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
