"""A vector to 256 bits: on which side of 256 planes through the origin it lies.

Two vectors at an angle of t differ in a share of t/180 of the bits of random planes (M. Charikar, "Similarity
Estimation Techniques from Rounding Algorithms", STOC 2002); planes that are orthogonal to each other, as many as
there are dimensions, vary less about it (J. Ji et al., "Super-Bit Locality-Sensitive Hashing", NIPS 2012).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from provenance.index.keys import CODE_BITS

if TYPE_CHECKING:
    from numpy.typing import NDArray

SEED: Final = 2002
"""Of the planes. Another one gives other codes, as does another numpy whose generator draws otherwise."""


def planes(dimensions: int) -> NDArray[np.float64]:
    """Return the normals, float64 (256, `dimensions`), each of unit length; always the same.

    They are orthogonal to each other in groups of `dimensions`: all of them, from 256 dimensions on.
    """
    random = np.random.default_rng(SEED)
    groups = []
    for first in range(0, CODE_BITS, dimensions):
        size = min(dimensions, CODE_BITS - first)
        base, triangle = np.linalg.qr(random.standard_normal((dimensions, size)))
        # A QR decomposition leaves the signs open; a library may choose as it likes.
        groups.append((base * np.sign(np.diag(triangle))).T)
    return np.concatenate(groups)


def binarised(vector: NDArray[np.floating], normals: NDArray[np.float64]) -> bytes:
    """Return the code, 32 bytes, of a finite vector (dimensions,); its length does not matter.

    The opposite vector has the opposite bits, but for planes that both lie on.
    """
    return np.packbits(normals @ vector.astype(np.float64) > 0).tobytes()
