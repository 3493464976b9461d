"""Votes by parts of a query: a photo on a page of words has most of the votes where it is, and few in all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from provenance.index.words import Hits, votes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from provenance.index.words import Vote

ACROSS = (2, 3)
"""How many parts lie side by side, and likewise below each other; as many again, less one, lie astride of them."""

BEST = 3
"""Images, best first, that each part proposes."""


def part_votes(hits: Hits, places: NDArray[np.float32]) -> Iterator[tuple[int, Vote]]:
    """Yield the best images of each part of the query, with their rank in it from 0 on.

    `places` are those of the features asked for, as shares of the query's width and height, float32 (n, 2).
    """
    for part in _parts(places):
        kept = part[hits.query]
        if kept.any():
            yield from enumerate(votes(Hits(hits.query[kept], hits.id[kept]), len(places), BEST))


def _parts(places: NDArray[np.float32]) -> Iterator[NDArray[np.bool_]]:
    """Yield which places lie in each part, (n)."""
    for across in ACROSS:
        # In steps of half a part.
        step = np.clip(places * 2 * across, 0, 2 * across - 0.5).astype(np.int64)
        for left, top in np.ndindex(2 * across - 1, 2 * across - 1):
            yield np.all((step == (left, top)) | (step == (left + 1, top + 1)), axis=1)
