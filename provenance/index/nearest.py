"""The nearest of all codes, by comparing with every one: for kinds of code whose copies lie far apart.

Chunks (`keys`) are exact up to 31 bits. Codes of a learned embedding differ by 20 to 80 bits between copies, and
no radius tells them from the rest: what is asked for is how many, not how near.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from provenance.index.arrays import as_rows, as_words, check_stored
from provenance.index.interface import Hit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_BLOCK = 1 << 16
"""Codes compared together: the working arrays, 2 MB, then stay in the processor's cache."""


class NearestIndex:
    """Codes (n, 32) and their ids (n), increasing: one code an id, 40 bytes together."""

    def __init__(self, codes: NDArray[np.uint8], ids: NDArray[np.int64]) -> None:
        check_stored(codes, ids)
        if np.any(ids[1:] == ids[:-1]):
            raise ValueError("an id has one code here")
        # Shape (4, n): bits are added up some six times as fast as along the words of each code.
        self._words = np.ascontiguousarray(as_words(codes).T)
        self._ids = ids

    def __len__(self) -> int:
        return len(self._ids)

    def nearest(self, codes: Sequence[bytes], limit: int) -> list[Hit]:
        """Return the `limit` ids nearest to each of `codes`; all of them, if there are fewer.

        Hits are sorted by query, distance and id; of equally near ones the lower ids are told.
        """
        hits: list[Hit] = []
        for query, words in enumerate(as_words(as_rows(codes))):
            distance = self._distances(words)
            rows = _smallest(distance, limit)
            found = zip(self._ids[rows].tolist(), distance[rows].tolist(), strict=True)
            hits += [Hit(query, id_, bits) for id_, bits in found]
        return hits

    def _distances(self, words: NDArray[np.uint64]) -> NDArray[np.uint16]:
        distance = np.empty(len(self), dtype=np.uint16)
        for first in range(0, len(self), _BLOCK):
            part = slice(first, first + _BLOCK)
            differing = np.bitwise_count(self._words[:, part] ^ words[:, np.newaxis])
            np.sum(differing, axis=0, dtype=np.uint16, out=distance[part])
        return distance


def _smallest(values: NDArray[np.uint16], count: int) -> NDArray[np.intp]:
    """Return where the `count` smallest values are, smallest first, earlier ones before equal later ones."""
    if count < 1:
        return np.zeros(0, dtype=np.intp)
    rows = np.arange(len(values))
    if count < len(values):
        rows = np.flatnonzero(values <= np.partition(values, count - 1)[count - 1])
    return rows[np.argsort(values[rows], kind="stable")][:count]
