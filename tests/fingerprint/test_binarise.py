"""Vectors become codes whose distance follows the angle between them, the same on every machine."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from provenance.fingerprint.binarise import binarised, planes
from provenance.index.keys import CODE_BITS, CODE_BYTES, distance

VECTORS = arrays(np.float32, 48, elements=st.floats(-100, 100, width=32))
PLANES = planes(48)


@given(VECTORS)
def test_a_code_has_32_bytes_and_is_always_the_same(vector):
    code = binarised(vector, PLANES)
    assert len(code) == CODE_BYTES
    assert code == binarised(vector.copy(), planes(48))


@given(VECTORS)
def test_the_opposite_vector_has_the_opposite_bits(vector):
    on_a_plane = int(np.count_nonzero(PLANES @ vector.astype(np.float64) == 0))
    assert distance(binarised(vector, PLANES), binarised(-vector, PLANES)) == CODE_BITS - on_a_plane


@given(VECTORS, st.integers(-20, 20))
def test_the_length_of_a_vector_does_not_matter(vector, power):
    longer = vector.astype(np.float64) * 2.0**power
    assert binarised(longer, PLANES) == binarised(vector, PLANES)


@pytest.mark.parametrize("dimensions", [32, 48, 255, 256, 257, 512])
def test_planes_are_orthogonal_in_groups_of_as_many_as_there_are_dimensions(dimensions):
    normals = planes(dimensions)
    assert normals.shape == (CODE_BITS, dimensions)
    for first in range(0, CODE_BITS, dimensions):
        group = normals[first : first + dimensions]
        assert group @ group.T == pytest.approx(np.eye(len(group)), abs=1e-12)


@pytest.mark.parametrize("dimensions", [32, 512])
@pytest.mark.parametrize("degrees", [15, 45, 90, 135])
def test_the_share_of_bits_that_differ_is_the_angle(dimensions, degrees):
    random = np.random.default_rng(3)
    normals, shares = planes(dimensions), []
    for _ in range(200):
        a, b = np.linalg.qr(random.normal(size=(dimensions, 2)))[0].T
        turned = np.cos(np.radians(degrees)) * a + np.sin(np.radians(degrees)) * b
        shares.append(distance(binarised(a, normals), binarised(turned, normals)) / CODE_BITS)
    assert np.mean(shares) == pytest.approx(degrees / 180, abs=0.01)


@pytest.mark.parametrize(("dimensions", "expected"), [(32, "f4126dfec43e2646"), (512, "7eb0e1b01366cb86")])
def test_codes_do_not_move(dimensions, expected):
    """If one does, archives hold codes that no longer compare: raise `embedding.VERSION`."""
    vector = np.cos(np.arange(dimensions, dtype=np.float32))
    assert hashlib.sha256(binarised(vector, planes(dimensions))).hexdigest()[:16] == expected
