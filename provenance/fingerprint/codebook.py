"""The codebook: what descriptors are rounded to, so that 512 bytes become 8, a word of 20 bits and a signature.

Words: two tables of 1,024 centroids over the halves of a descriptor; the pair of nearest ones is the word
(A. Babenko, V. Lempitsky, "The Inverted Multi-Index", CVPR 2012). Signatures: the signs of 32 principal
components about their medians, which tell features of one word apart by Hamming distance (H. Jegou et al.,
"Hamming Embedding and Weak Geometric Consistency", ECCV 2008). Compressed descriptors: eight pieces of 16
dimensions, each the number of one of 256 centroids (H. Jegou et al., "Product Quantization for Nearest Neighbor
Search", PAMI 2011).

The tables come with this package and were trained by tests/benchmarks/train_codebook.py on photos under free
licences, which it lists. Another table is another version: codes of two never compare.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

import numpy as np

from provenance.fingerprint.sift import DIMENSIONS

if TYPE_CHECKING:
    from numpy.typing import NDArray

VERSION: Final = 1
WORD_BITS: Final = 20

CENTROIDS = 1024
HALVES = 2
PIECES = 8
PIECE_CENTROIDS = 256
SIGNATURE_BITS = 32

_BLOCK_ROWS = 64
_BLOCK_PRODUCTS = 2**18
"""Multiplications up to which OpenBLAS does not start threads, for which a busy machine waits 10 ms instead of 1.
Every table's length is a multiple of what follows from it."""


@dataclass(frozen=True, eq=False, slots=True)
class Codebook:
    """The tables, float32: `halves` (2, 1024, 64), `pieces` (8, 256, 16), `axes` (32, 128), `medians` (32,).

    Its methods take RootSIFT descriptors, float32 (n, 128) of unit length.
    """

    halves: NDArray[np.float32]
    pieces: NDArray[np.float32]
    axes: NDArray[np.float32]
    medians: NDArray[np.float32]

    def words(self, descriptors: NDArray[np.float32]) -> NDArray[np.uint32]:
        """Return each descriptor's word, uint32 (n,)."""
        first, second = (_nearness(part, table).argmax(axis=1) for part, table in self._halved(descriptors))
        words: NDArray[np.uint32] = (first * CENTROIDS + second).astype(np.uint32)
        return words

    def probes(self, descriptors: NDArray[np.float32]) -> NDArray[np.uint32]:
        """Return the four words, uint32 (n, 4), of the two nearest centroids of each half; its own word first."""
        first, second = (_nearest_two(part, table) for part, table in self._halved(descriptors))
        pairs = first[:, :, np.newaxis] * CENTROIDS + second[:, np.newaxis, :]
        return pairs.reshape(-1, 4).astype(np.uint32)

    def signatures(self, descriptors: NDArray[np.float32]) -> NDArray[np.uint32]:
        """Return each descriptor's signature, uint32 (n,)."""
        bits = _products(descriptors, self.axes) > self.medians
        signatures: NDArray[np.uint32] = np.packbits(bits, axis=1).view("<u4")[:, 0].astype(np.uint32)
        return signatures

    def compressed(self, descriptors: NDArray[np.float32]) -> NDArray[np.uint8]:
        """Return the numbers of the nearest centroids, uint8 (n, 8)."""
        parts = np.split(descriptors, PIECES, axis=1)
        numbers = [
            _nearness(part, table).argmax(axis=1) for part, table in zip(parts, self.pieces, strict=True)
        ]
        return np.stack(numbers, axis=1).astype(np.uint8)

    def restored(self, numbers: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return what `compressed` kept, float32 (n, 128) of unit length."""
        rounded = self.pieces[np.arange(PIECES), numbers].reshape(-1, DIMENSIONS)
        restored: NDArray[np.float32] = rounded / np.linalg.norm(rounded, axis=1, keepdims=True)
        return restored

    def _halved(
        self, descriptors: NDArray[np.float32]
    ) -> zip[tuple[NDArray[np.float32], NDArray[np.float32]]]:
        return zip(np.split(descriptors, HALVES, axis=1), self.halves, strict=True)


@cache
def codebook() -> Codebook:
    """Return the codebook that comes with this package; it is read once a process, in 3 ms.

    Centroids are stored as uint8 in steps of 1/255 of a half's or piece's largest value: a thousandth of the
    distance between descriptors of the same spot.
    """
    file = files("provenance.fingerprint") / f"codebook-{VERSION}.npz"
    with file.open("rb") as stream, np.load(stream, allow_pickle=False) as tables:
        halves = tables["halves"] * tables["halves_step"]
        pieces = tables["pieces"] * tables["pieces_step"]
        return Codebook(halves, pieces, tables["axes"].astype(np.float32), tables["medians"])


def _nearest_two(vectors: NDArray[np.float32], table: NDArray[np.float32]) -> NDArray[np.intp]:
    """Return the numbers of the two nearest centroids, (n, 2), the nearer first."""
    nearness = _nearness(vectors, table)
    nearest = nearness.argmax(axis=1)
    nearness[np.arange(len(nearest)), nearest] = -np.inf
    return np.stack([nearest, nearness.argmax(axis=1)], axis=1)


def _nearness(vectors: NDArray[np.float32], table: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what grows as the distance from vectors (n, d) to centroids (m, d) falls, float32 (n, m)."""
    nearness = _products(vectors, table)
    nearness -= np.einsum("md,md->m", table, table) / 2
    return nearness


def _products(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return `a @ b.T`, (n, m), in blocks so small that BLAS starts no threads."""
    dimensions = a.shape[1]
    columns = min(len(b), _BLOCK_PRODUCTS // (_BLOCK_ROWS * dimensions))
    blocks = np.ascontiguousarray(b.reshape(-1, columns, dimensions).transpose(0, 2, 1))
    products = np.empty((len(a), len(blocks), columns), np.float32)
    for top in range(0, len(a), _BLOCK_ROWS):
        rows = slice(top, top + _BLOCK_ROWS)
        products[rows] = (a[rows] @ blocks).transpose(1, 0, 2)
    return products.reshape(len(a), len(b))
