"""Merging posting lists of neighbouring ranges of ids, without sorting anything again.

How long each merged list becomes is known from `starts`, so every posting's place is known before one is moved: the
last step of a counting sort. Words are taken in order and some at a time, so that what is merged can go straight
to a file, whatever its size.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from provenance.index.posting_lists import PostingLists, check_range
from provenance.index.words import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Block = tuple[NDArray[np.uint32], NDArray[np.uint32]]
    """Ids and signatures of consecutive postings."""

_BLOCK = 1 << 20
"""About how many postings are moved together; a longer list is moved as a whole."""


def merge(segments: Sequence[PostingLists]) -> PostingLists:
    """Return lists of all that `segments` hold, equal to those built of all their features.

    Raises ValueError unless there is at least one, and each begins with the id after the last of the one before.
    """
    starts = merged_starts(segments)
    ids, signatures = (np.empty(int(starts[-1]), dtype=np.uint32) for _ in range(2))
    done = 0
    for some_ids, some_signatures in merged_blocks(segments):
        ids[done : done + len(some_ids)] = some_ids
        signatures[done : done + len(some_ids)] = some_signatures
        done += len(some_ids)
    return PostingLists(segments[0].first_id, segments[-1].last_id, starts, ids, signatures)


def merged_starts(segments: Sequence[PostingLists]) -> NDArray[np.uint32]:
    """Return `PostingLists.starts` of the merged lists; raises ValueError as `merge` does."""
    if not segments or any(before.last_id + 1 != after.first_id for before, after in pairwise(segments)):
        raise ValueError("only neighbours can be merged, in their order")
    check_range(segments[0].first_id, segments[-1].last_id, sum(map(len, segments)))
    starts = np.zeros(WORDS + 1, dtype=np.uint32)
    for segment in segments:
        starts += segment.starts
    return starts


def merged_blocks(segments: Sequence[PostingLists]) -> Iterator[Block]:
    """Yield the merged postings, in order."""
    starts = merged_starts(segments)
    cuts = np.searchsorted(starts, np.arange(_BLOCK, int(starts[-1]), _BLOCK), side="right") - 1
    for first, last in pairwise(np.unique([0, *cuts.tolist(), WORDS]).tolist()):
        yield _merged(segments, first, last)


def _merged(segments: Sequence[PostingLists], first: int, last: int) -> Block:
    """Return the merged postings of the words from `first` up to, not with, `last`."""
    bounds = [segment.starts[first : last + 1].astype(np.int64) for segment in segments]
    lengths = [np.diff(each) for each in bounds]
    together = np.sum(lengths, axis=0)
    ids, signatures = (np.empty(int(together.sum()), dtype=np.uint32) for _ in range(2))
    free = np.cumsum(together) - together  # where each word's next posting goes
    for segment, bound, length in zip(segments, bounds, lengths, strict=True):
        rows = slice(int(bound[0]), int(bound[-1]))
        places = np.repeat(free - (bound[:-1] - bound[0]), length) + np.arange(rows.stop - rows.start)
        ids[places] = segment.ids[rows] + np.uint32(segment.first_id - segments[0].first_id)
        signatures[places] = segment.signatures[rows]
        free += length
    return ids, signatures
