"""Building and merging posting lists; what they answer is held by `test_words`."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.index import CorruptIndexError, posting_lists, posting_merge
from provenance.index.posting_lists import MAX_SPAN, LayeredIndex, PostingLists
from provenance.index.posting_merge import merge, merged_blocks
from provenance.index.word_scan import WordScan
from provenance.index.words import WORDS, Features

ARRAYS = ("starts", "ids", "signatures")


def make_features(images: range, each: int = 20, words: int = WORDS, seed: int = 1) -> Features:
    random = np.random.default_rng((seed, images.start))
    count = len(images) * each
    return Features(
        np.repeat(np.array(images, dtype=np.int64), each),
        random.integers(0, words, count, dtype=np.uint32),
        random.integers(0, 1 << 32, count, dtype=np.uint32),
    )


def make_lists(images: range, each: int = 20, words: int = WORDS) -> PostingLists:
    return PostingLists.build(make_features(images, each, words), images.start, images.stop - 1)


def joined(parts: list[Features]) -> Features:
    return Features(*(np.concatenate([getattr(p, n) for p in parts]) for n in ("ids", "words", "signatures")))


def same(a: PostingLists, b: PostingLists) -> bool:
    spans = (a.first_id, a.last_id) == (b.first_id, b.last_id)
    return spans and all(np.array_equal(getattr(a, name), getattr(b, name)) for name in ARRAYS)


def test_lists_hold_what_was_listed_in_order() -> None:
    features = Features(
        np.array([7, 7, 9, 12]),
        np.array([4, 0, 4, 4], dtype=np.uint32),
        np.array([1, 2, 3, 4], dtype=np.uint32),
    )
    lists = PostingLists.build(features, 5, 14)
    assert len(lists) == 4
    assert lists.ids.tolist() == [2, 2, 4, 7]
    assert lists.signatures.tolist() == [2, 1, 3, 4]
    assert lists.starts[[0, 1, 4, 5, WORDS]].tolist() == [0, 1, 1, 4, 4]
    assert [getattr(lists, name).dtype for name in ARRAYS] == [np.uint32] * 3
    assert lists.last_id == 14


@pytest.mark.parametrize(
    "span",
    [(1, 9), (0, 8), (-1, 9), (0, MAX_SPAN), (9, 0)],
    ids=["late", "early", "negative", "wide", "back"],
)
def test_a_range_that_does_not_hold_the_images_is_refused(span: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="images"):
        PostingLists.build(make_features(range(10)), *span)


def test_a_range_of_nothing_is_allowed() -> None:
    lists = PostingLists.build(make_features(range(0)), 5, 4)
    assert (lists.first_id, lists.last_id, len(lists)) == (5, 4, 0)


@pytest.mark.parametrize("block", [1, 7, 1 << 17])
@pytest.mark.parametrize("copied", [0, 10**9], ids=["lists copied", "postings named"])
def test_every_way_through_the_lists_gives_the_truth(
    block: int, copied: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lists longer than a block, equal to one, and empty; both ways to read them."""
    monkeypatch.setattr(posting_lists, "_BLOCK", block)
    monkeypatch.setattr(posting_lists, "_COPIED", copied)
    features = make_features(range(30), each=10, words=12)
    near = features.signatures[::3] ^ np.uint32(0b10010001)
    probes = np.random.default_rng(2).integers(0, 14, (len(near), 4), dtype=np.uint32)
    probes[:, 0] = features.words[::3]
    ours = PostingLists.build(features, 0, 29).search(probes, near)
    truth = WordScan(features).search(probes, near)
    assert len(truth) >= len(near)
    assert np.array_equal(ours.query, truth.query)
    assert np.array_equal(ours.id, truth.id)


def test_a_query_of_long_lists_takes_little_memory() -> None:
    """Ten lists of 100,000 postings each, asked 40 times over: 160 MB of signatures."""
    lists = make_lists(range(10_000), each=100, words=10)
    words = np.tile(np.arange(10, dtype=np.uint32), (40, 1))
    signatures = np.random.default_rng(3).integers(0, 1 << 32, 40, dtype=np.uint32)
    tracemalloc.start()
    try:
        lists.search(words, signatures)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_an_id_beyond_those_covered_is_told() -> None:
    lists = make_lists(range(10), words=5)
    damaged = replace(lists, ids=np.full_like(lists.ids, 10))
    with pytest.raises(CorruptIndexError):
        damaged.search(np.arange(5, dtype=np.uint32)[:, np.newaxis], lists.signatures[lists.starts[:5]])


@settings(max_examples=30)
@given(st.lists(st.integers(0, 6), min_size=1, max_size=5), st.integers(0, 6), st.sampled_from([3, WORDS]))
def test_merged_lists_equal_those_built_of_all(images: list[int], each: int, words: int) -> None:
    ends = np.cumsum(images).tolist()
    ranges = [range(4 + end - count, 4 + end) for end, count in zip(ends, images, strict=True)]
    parts = [make_features(images, each, words) for images in ranges]
    segments = [
        PostingLists.build(part, images.start, images.stop - 1)
        for part, images in zip(parts, ranges, strict=True)
    ]
    assert same(merge(segments), PostingLists.build(joined(parts), 4, 3 + ends[-1]))


@pytest.mark.parametrize("block", [1, 10, 100])
def test_merging_block_by_block_gives_the_same(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    segments = [make_lists(range(9), words=30), make_lists(range(9, 12), words=40)]
    whole = merge(segments)
    monkeypatch.setattr(posting_merge, "_BLOCK", block)
    blocks = [ids for ids, _ in merged_blocks(segments)]
    longest = int(np.diff(whole.starts).max())
    assert max(map(len, blocks)) <= block + longest
    assert len(blocks) > 1
    assert same(merge(segments), whole)


def test_only_neighbours_in_their_order_are_merged() -> None:
    a, b, c = make_lists(range(3)), make_lists(range(3, 5)), make_lists(range(5, 6))
    for segments in ([], [b, a], [a, c], [a, a]):
        with pytest.raises(ValueError, match="neighbours"):
            merge(segments)


def test_layers_out_of_order_are_refused() -> None:
    a, b = make_lists(range(3)), make_lists(range(3, 5))
    with pytest.raises(ValueError, match="overlap"):
        LayeredIndex([b, a])
    with pytest.raises(ValueError, match="overlap"):
        LayeredIndex([a, a])


def test_layers_may_leave_gaps_and_hold_nothing() -> None:
    index = LayeredIndex([make_lists(range(3)), make_lists(range(7, 7)), make_lists(range(9, 10))])
    assert index.last_id == 9


def test_importing_the_room_does_not_import_numpy() -> None:
    code = "import sys, provenance.index; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
