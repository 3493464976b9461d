"""The archive's bytes: what goes in comes out again, and damage is told, not compared."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.errors import ArchiveError
from provenance.fingerprint.codebook import codebook
from provenance.fingerprint.local_code import (
    REFERENCE_FEATURES,
    decode_local,
    packed_features,
    packed_signatures,
    packed_words,
)
from provenance.fingerprint.sift import Keypoints

SIDES = st.integers(1, 400)
SHARES = st.floats(0, 1, width=32)
PLACES = st.tuples(
    SHARES,
    SHARES,
    st.floats(0, 360, exclude_max=True, width=32),
    st.floats(1, 215, width=32),
    st.binary(min_size=8, max_size=8),
)


@given(SIDES, SIDES, st.lists(PLACES, max_size=20))
def test_features_come_out_as_they_went_in(width: int, height: int, places: list) -> None:
    table = np.array([place[:4] for place in places], np.float32).reshape(-1, 4)
    xy = table[:, :2] * np.array([width, height], np.float32)
    numbers = np.frombuffer(b"".join(place[4] for place in places), np.uint8).reshape(-1, 8)
    raw = np.zeros((len(places), 128), np.uint8)
    found = Keypoints((width, height), xy, table[:, 2], table[:, 3], raw)
    features = decode_local(packed_features(found, numbers))
    assert features.size == (width, height)
    assert (np.abs(features.xy - xy) <= np.array([width, height]) / 1023 * 0.501).all()
    assert (np.abs((features.angle - found.angle + 180) % 360 - 180) <= 360 / 128 / 2 * 1.001).all()
    assert (np.abs(np.log2(features.scale / found.scale)) <= 0.1251).all()
    np.testing.assert_allclose(np.linalg.norm(features.descriptors, axis=1), 1, rtol=1e-5)
    for values in (features.xy, features.angle, features.scale, features.descriptors):
        assert values.dtype == np.float32
    np.testing.assert_array_equal(codebook().compressed(features.descriptors).shape, numbers.shape)


def test_what_lies_beyond_the_scales_and_the_frame_is_moved_in() -> None:
    xy = np.array([[-0.3, 400.2], [10, 10]], np.float32)
    scale = np.array([0.5, 900], np.float32)
    found = Keypoints((400, 400), xy, np.array([359.9, 0], np.float32), scale, np.zeros((2, 128), np.uint8))
    features = decode_local(packed_features(found, np.zeros((2, 8), np.uint8)))
    assert features.xy[0].tolist() == [0, 400]
    assert features.angle.tolist() == [0, 0]
    assert features.scale.tolist() == [1, pytest.approx(2**7.75)]


def test_bytes_are_little_endian() -> None:
    assert packed_words(np.array([0x012345], np.uint32)) == b"\x45\x23\x01"
    assert packed_signatures(np.array([0x01234567], np.uint32)) == b"\x67\x45\x23\x01"


@given(st.binary(max_size=100))
def test_any_bytes_are_decoded_or_refused(data: bytes) -> None:
    try:
        decode_local(data)
    except ArchiveError as error:
        assert "damaged" in error.message


@given(st.integers(0, 65535), st.integers(0, 65535), st.integers(0, 65535), st.data())
def test_any_header_is_decoded_or_refused(width: int, height: int, count: int, data: st.DataObject) -> None:
    rest = bytes(data.draw(st.sampled_from([0, 12, 12 * min(count, 600), 12 * min(count, 600) + 1])))
    sound = 0 < width <= 400 and 0 < height <= 400 and count <= REFERENCE_FEATURES and len(rest) == 12 * count
    packed = struct.pack("<3H", width, height, count) + rest
    if sound:
        assert len(decode_local(packed).xy) == count
    else:
        with pytest.raises(ArchiveError):
            decode_local(packed)


@pytest.mark.parametrize(
    "features",
    [
        b"",
        bytes(5),
        struct.pack("<3H", 400, 300, 1) + bytes(11),
        struct.pack("<3H", 400, 300, 1) + bytes(13),
        struct.pack("<3H", 400, 300, 0) + bytes(12),
        struct.pack("<3H", 0, 300, 0),
        struct.pack("<3H", 401, 300, 0),
        struct.pack("<3H", 400, 300, 551) + bytes(551 * 12),
    ],
    ids=["nothing", "half a header", "short", "long", "more than stated", "no width", "too wide", "too many"],
)
def test_malformed_features_are_refused(features: bytes) -> None:
    with pytest.raises(ArchiveError):
        decode_local(features)
