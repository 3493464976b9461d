"""The reference: compare with everything. Exact at any radius, and quick for some ten thousand codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from provenance.index.arrays import as_rows, as_words, check_stored, distances, nearest_hits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from provenance.index.interface import Hit


class BruteForceIndex:
    """Codes (n, 32) and their ids (n), not decreasing, as they are."""

    def __init__(self, codes: NDArray[np.uint8], ids: NDArray[np.int64]) -> None:
        check_stored(codes, ids)
        self._words = as_words(codes)
        self._ids = ids

    def search(self, codes: Sequence[bytes], radius: int) -> list[Hit]:
        """Return every id with a code within `radius`, beyond `EXACT_RADIUS` too."""
        hits: list[Hit] = []
        for query, words in enumerate(as_words(as_rows(codes))):
            distance = distances(self._words, words)
            near = np.flatnonzero(distance <= radius)
            hits += nearest_hits(np.full(len(near), query), self._ids[near], distance[near])
        return hits
