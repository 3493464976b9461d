from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.fingerprint import CODE_BITS, distance, sha256

codes = st.binary(min_size=CODE_BITS // 8, max_size=CODE_BITS // 8)


@given(codes, codes, codes)
def test_distance_is_a_metric(a: bytes, b: bytes, c: bytes) -> None:
    assert distance(a, a) == 0
    assert (distance(a, b) == 0) == (a == b)
    assert distance(a, b) == distance(b, a)
    assert distance(a, c) <= distance(a, b) + distance(b, c)


@given(codes, st.sets(st.integers(0, CODE_BITS - 1)))
def test_distance_counts_the_turned_bits(code: bytes, turned: set[int]) -> None:
    mask = sum(1 << bit for bit in turned)
    other = (int.from_bytes(code) ^ mask).to_bytes(CODE_BITS // 8)
    assert distance(code, other) == len(turned)


@given(codes)
def test_the_hexadecimal_form_comes_back(code: bytes) -> None:
    assert len(code.hex()) == CODE_BITS // 4
    assert bytes.fromhex(code.hex().upper()) == code


def test_codes_of_different_lengths_do_not_compare() -> None:
    with pytest.raises(ValueError, match="32 and 8 bytes"):
        distance(bytes(32), bytes(8))


@given(st.binary())
def test_the_digest_is_sha256(data: bytes) -> None:
    assert sha256(data) == hashlib.sha256(data).hexdigest()


def test_the_digest_of_nothing_is_the_published_one() -> None:
    assert sha256(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
