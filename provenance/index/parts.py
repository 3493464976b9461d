"""Votes by parts of a query: a photo on a page of words has most of the votes where it is, and few in all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from provenance.index.words import Hits, Vote, votes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

ACROSS = (2, 3)
"""How many parts lie side by side, and likewise below each other; as many again, less one, lie astride of them."""

BEST = 3
"""Images, best first, that each part proposes."""


def proposed(
    found: Sequence[Hits], places: Sequence[NDArray[np.float32]], limit: int
) -> list[tuple[int, Vote]]:
    """Return the `limit` best images of several look-ups of one query, each with the number of its look-up.

    Half are the best of the whole query, best first; then come those of its parts, first ones before second ones, and
    then the rest of the whole. Weights are of the whole. `places` are as for `part_votes`, of each look-up.
    """
    whole = sorted(
        (-vote.weight, vote.id, order)
        for order, hits in enumerate(found)
        for vote in votes(hits, len(places[order]))
    )
    parts = sorted(
        (rank, -vote.weight, vote.id, order)
        for order, hits in enumerate(found)
        for rank, vote in part_votes(hits, places[order])
    )
    weights = {(order, image_id): -negated for negated, image_id, order in whole}
    of_parts = [(order, image_id) for _, _, image_id, order in parts]
    best = dict.fromkeys([*list(weights)[: limit - limit // 2], *of_parts, *weights])
    return [(order, Vote(image_id, weights[order, image_id])) for order, image_id in list(best)[:limit]]


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
