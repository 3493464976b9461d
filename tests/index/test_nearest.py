"""The nearest of all codes: the same as comparing one by one, whatever the order, the ties and the blocks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.index import nearest
from provenance.index.interface import Hit
from provenance.index.keys import distance
from provenance.index.nearest import NearestIndex

CODE = st.binary(min_size=32, max_size=32)
ALIKE = st.integers(0, 3).map(lambda number: bytes(31) + bytes([number]))
"""Few values, so that many codes are equally far."""


def index(codes: list[bytes], ids: list[int]) -> NearestIndex:
    return NearestIndex(
        np.frombuffer(b"".join(codes), dtype=np.uint8).reshape(-1, 32), np.array(ids, dtype=np.int64)
    )


@given(
    stored=st.dictionaries(st.integers(0, 10**12), CODE | ALIKE, max_size=40),
    asked=st.lists(CODE | ALIKE, max_size=3),
    limit=st.integers(0, 50),
)
def test_the_nearest_are_those_of_comparing_one_by_one(stored, asked, limit):
    ids = sorted(stored)
    expected = [
        Hit(query, id_, bits)
        for query, code in enumerate(asked)
        for bits, id_ in sorted((distance(code, stored[id_]), id_) for id_ in ids)[:limit]
    ]
    assert index([stored[id_] for id_ in ids], ids).nearest(asked, limit) == expected


@pytest.mark.parametrize("count", [9, 10, 11, 30])
def test_codes_are_found_in_every_block(monkeypatch, count):
    monkeypatch.setattr(nearest, "_BLOCK", 10)
    codes = [bytes([number] * 32) for number in range(count)]
    held = index(codes, list(range(count)))
    assert [held.nearest([code], 1) for code in codes] == [[Hit(0, n, 0)] for n in range(count)]


def test_the_farthest_possible_code_is_256_bits_away():
    assert index([bytes(32)], [7]).nearest([b"\xff" * 32], 5) == [Hit(0, 7, 256)]


@pytest.mark.parametrize("ids", [[1, 1], [2, 1], [-1, 1]])
def test_ids_that_repeat_or_decrease_are_refused(ids):
    with pytest.raises(ValueError, match="id"):
        index([bytes(32), bytes(32)], ids)
