"""The keys of a code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.index.keys import (
    CHUNKS,
    CODE_BYTES,
    EXACT_RADIUS,
    chunk_keys,
    distance,
    followings,
    probes,
    ring_limit,
)

codes = st.binary(min_size=CODE_BYTES, max_size=CODE_BYTES)
bits = st.sets(st.integers(0, 8 * CODE_BYTES - 1), max_size=EXACT_RADIUS)


def flip(code: bytes, flipped: set[int]) -> bytes:
    return (int.from_bytes(code) ^ sum(1 << bit for bit in flipped)).to_bytes(CODE_BYTES)


def test_a_key_is_the_position_and_the_big_endian_chunk() -> None:
    """Archives store these keys: they must never change."""
    assert chunk_keys(bytes(range(CODE_BYTES)))[:3] == [0x0001, 0x1_0203, 0x2_0405]
    assert chunk_keys(bytes(range(CODE_BYTES)))[-1] == 0xF_1E1F


@given(codes)
def test_a_code_is_looked_up_under_272_keys_its_own_among_them(code: bytes) -> None:
    keys = probes(code)
    assert len(keys) == 272
    assert [keys[key] for key in chunk_keys(code)] == [(following, 0) for following in followings(code)]
    assert all(0 <= key < CHUNKS << 16 for key in keys)


@given(codes, bits)
def test_codes_within_the_exact_radius_share_a_key_and_pass_the_ring(code: bytes, flipped: set[int]) -> None:
    other, probed, limit = flip(code, flipped), probes(code), ring_limit(len(flipped))
    assert any(
        key in probed and (probed[key][0] ^ following).bit_count() + probed[key][1] <= limit
        for key, following in zip(chunk_keys(other), followings(other), strict=True)
    )


@pytest.mark.parametrize("lone", range(CHUNKS))
def test_the_hardest_arrangement_of_31_bits_is_found(lone: int) -> None:
    """Two bits in every chunk but one."""
    flipped = {16 * chunk + bit for chunk in range(CHUNKS) for bit in ((3,) if chunk == lone else (3, 11))}
    other = flip(bytes(CODE_BYTES), flipped)
    assert distance(bytes(CODE_BYTES), other) == EXACT_RADIUS
    assert len(set(probes(bytes(CODE_BYTES))) & set(chunk_keys(other))) == 1


def test_no_larger_radius_could_be_promised() -> None:
    flipped = {16 * chunk + bit for chunk in range(CHUNKS) for bit in (0, 1)}
    other = flip(bytes(CODE_BYTES), flipped)
    assert len(flipped) == EXACT_RADIUS + 1
    assert set(probes(bytes(CODE_BYTES))).isdisjoint(chunk_keys(other))


@given(codes, codes)
def test_distance_is_symmetric_and_zero_only_to_itself(a: bytes, b: bytes) -> None:
    assert distance(a, b) == distance(b, a)
    assert distance(a, a) == 0
    assert (distance(a, b) == 0) == (a == b)


@given(codes, bits)
def test_distance_counts_the_bits_that_differ(code: bytes, flipped: set[int]) -> None:
    assert distance(code, flip(code, flipped)) == len(flipped)


def test_codes_of_different_lengths_have_no_distance() -> None:
    with pytest.raises(ValueError, match="32 and 8 bytes"):
        distance(bytes(32), bytes(8))
