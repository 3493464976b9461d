"""The bytes in which an archive keeps local features; all numbers are little-endian.

`features` is a header of three uint16, the width and height of the frame that was searched and the count of
features; then a uint32 a feature, from its high bits: x and y in 10 bits each, as shares of the frame's width
and height in 1/1023; the angle in 7 bits, in 1/128 of a circle; the scale in 5 bits, in quarter octaves above 1
pixel; then 8 bytes a feature, its compressed descriptor.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

import numpy as np

from provenance.errors import ArchiveError
from provenance.fingerprint.codebook import PIECES, codebook
from provenance.model import LocalFeatures

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from provenance.fingerprint.sift import Keypoints

REFERENCE_SIDE: Final = 352
"""Pixels of the longer side at most. 400 found no more copies, and took a fifth longer (docs/decisions.md)."""

REFERENCE_FEATURES: Final = 550
REFERENCE_WORDS: Final = 480
"""The first features, which can be looked up. These two bring a code to 9,966 bytes."""

_MOST_SIDE = 400
"""Codes of frames up to this size may be archived already, and compare as well."""
_HEADER = struct.Struct("<3H")
_GEOMETRY_BYTES = 4
_WORD_BYTES = 3
_STEPS = 1023
_ANGLES = 128
_SCALES = 32
_OCTAVE = 4
_ANGLE_BITS, _SCALE_BITS, _PLACE_BITS = 7, 5, 10


def packed_words(words: NDArray[np.uint32]) -> bytes:
    """Return words in 3 bytes each."""
    return words.astype("<u4").view(np.uint8).reshape(-1, 4)[:, :_WORD_BYTES].tobytes()


def packed_signatures(signatures: NDArray[np.uint32]) -> bytes:
    """Return signatures in 4 bytes each."""
    return signatures.astype("<u4").tobytes()


def packed_features(found: Keypoints, compressed: NDArray[np.uint8]) -> bytes:
    """Return where features lie, and their compressed descriptors (n, 8), as the archive keeps them."""
    place = np.rint(found.xy / np.array(found.size, np.float32) * _STEPS).clip(0, _STEPS)
    angle = np.rint(found.angle * (_ANGLES / 360)) % _ANGLES
    scale = np.rint(np.log2(found.scale.clip(1)) * _OCTAVE).clip(0, _SCALES - 1)
    x, y, a, s = (values.astype(np.uint32) for values in (*place.T, angle, scale))
    geometry = ((x << _PLACE_BITS | y) << _ANGLE_BITS | a) << _SCALE_BITS | s
    header = _HEADER.pack(*found.size, len(geometry))
    return b"".join((header, geometry.astype("<u4").tobytes(), compressed.tobytes()))


def decode_local(features: bytes) -> LocalFeatures:
    """Return the features of a `LocalCode`, in the order of `sift.keypoints`, from its `features`.

    Places are half a 1/1023 of the frame from where they were, angles 360/256 degrees, scales an eighth of an
    octave, at most.

    Raises:
        ArchiveError: if these bytes were not written by `packed_features`.
    """
    _check(len(features) >= _HEADER.size)
    width, height, count = _HEADER.unpack_from(features)
    _check(min(width, height) >= 1 and max(width, height) <= _MOST_SIDE and count <= REFERENCE_FEATURES)
    _check(len(features) == _HEADER.size + count * (_GEOMETRY_BYTES + PIECES))
    geometry = np.frombuffer(features, "<u4", count, _HEADER.size)
    numbers = np.frombuffer(features, np.uint8, count * PIECES, _HEADER.size + count * _GEOMETRY_BYTES)
    x, y = geometry >> 22, geometry >> 12 & _STEPS
    share = (np.array([width, height]) / _STEPS).astype(np.float32)
    return LocalFeatures(
        size=(width, height),
        xy=np.stack([x, y], axis=1).astype(np.float32) * share,
        angle=(geometry >> _SCALE_BITS & _ANGLES - 1).astype(np.float32) * np.float32(360 / _ANGLES),
        scale=np.exp2((geometry & _SCALES - 1).astype(np.float32) / _OCTAVE),
        descriptors=codebook().restored(numbers.reshape(-1, PIECES)),
    )


def _check(sound: bool) -> None:
    if not sound:
        raise ArchiveError(
            "The local features of an archived image make no sense: the archive is damaged.",
            "Restore it from a backup.",
        )
