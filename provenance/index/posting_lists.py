"""Features listed by word: the fast answer to what `words` asks.

A *posting* is a feature as it is listed: the id of its image and its signature, 4 bytes each, in two arrays. All
postings of a word lie side by side, and `starts` says where. A query reads the signatures of the lists that it
probes, in the order in which they are stored, and the ids only of what is near: of unrelated postings 1 in 3,740.

Lists are never changed. What is added makes lists of its own (`segments`), and `LayeredIndex` asks several.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from provenance.index.interface import CorruptIndexError
from provenance.index.words import SIGNATURE_RADIUS, WORDS, Features, Hits, affordable, check_asked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

MAX_POSTINGS = (1 << 32) - 1
"""Bounds of lists are stored in 32 bits."""
MAX_SPAN = 1 << 32
"""Ids are stored in 32 bits, from the first one on."""

_BLOCK = 1 << 17
"""About how many postings are looked at together: working arrays then stay in the processor's cache."""
_COPIED = 100
"""Postings a list from which copying lists one by one is quicker than naming each posting."""


@dataclass(frozen=True, eq=False, slots=True)
class PostingLists:
    """The features of the images from `first_id` to `last_id`, by word.

    Made by `build` or `posting_merge.merge`, or from a file by `segments`.
    """

    first_id: int
    last_id: int
    """Ids in between may be missing, and images may have no features. `first_id - 1` where nothing is covered."""
    starts: NDArray[np.uint32]
    """(WORDS + 1): the postings of word w are those from `starts[w]` up to, not with, `starts[w + 1]`"""
    ids: NDArray[np.uint32]
    """(n): less `first_id`; not decreasing within a word"""
    signatures: NDArray[np.uint32]
    """(n): beside each id"""

    @classmethod
    def build(cls, features: Features, first_id: int, last_id: int) -> PostingLists:
        """List `features`, which are all that the images from `first_id` to `last_id` have.

        The same input gives the same arrays. Takes some 30 bytes of memory a feature.
        """
        check_range(first_id, last_id, len(features))
        if len(features) > 0 and not first_id <= features.ids[0] <= features.ids[-1] <= last_id:
            raise ValueError(f"there are features of images beyond {first_id} to {last_id}")
        # Sorting word and row as one number is several times quicker than a stable sort by word.
        keys = features.words.astype(np.uint64) << np.uint64(32)
        keys |= np.arange(len(features), dtype=np.uint64)
        keys.sort()
        rows = keys.astype(np.uint32)
        ids = (features.ids - first_id).astype(np.uint32)[rows]
        return cls(first_id, last_id, list_bounds(features.words), ids, features.signatures[rows])

    def __len__(self) -> int:
        return len(self.ids)

    def search(
        self, words: NDArray[np.uint32], signatures: NDArray[np.uint32], most: int | None = None
    ) -> Hits:
        """Return the images with a feature like those asked for; see `WordIndex`."""
        return LayeredIndex([self]).search(words, signatures, most)

    def lengths(self, words: NDArray[np.uint32]) -> NDArray[np.int64]:
        """Return how many postings each of `words`, below `WORDS`, has."""
        lengths: NDArray[np.int64] = self.starts[words + np.uint32(1)].astype(np.int64) - self.starts[words]
        return lengths

    def read(
        self, words: NDArray[np.uint32], signatures: NDArray[np.uint32], asked: NDArray[np.bool_]
    ) -> Hits:
        """Return the images with a feature like those asked for, reading only the lists of which `asked` holds."""
        found = [np.empty(0, dtype=np.uint64)]
        begins, ends, query = self._pieces(words, asked)
        for block in _blocks(ends - begins):
            at = query[block]
            slots, piece = self._near(begins[block], ends[block], signatures[at])
            found.append(at[piece].astype(np.uint64) << np.uint64(32) | self.ids[slots])
        pairs = _distinct(np.concatenate(found))
        ids = (pairs & np.uint64(MAX_SPAN - 1)).astype(np.int64) + self.first_id
        if len(ids) > 0 and ids.max() > self.last_id:
            raise CorruptIndexError("a posting names an image beyond those covered")
        return Hits((pairs >> np.uint64(32)).astype(np.int64), ids)

    def _pieces(
        self, words: NDArray[np.uint32], asked: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Return where each list to be read begins and ends, and for which query, in the order of the file.

        Lists longer than a block come in pieces, so that memory is bounded whatever a list holds; empty ones
        do not come.
        """
        probes = np.flatnonzero(asked)
        probed = words.reshape(-1)[probes]
        begins = self.starts[probed].astype(np.int64)
        ends = self.starts[probed + np.uint32(1)].astype(np.int64)
        order = np.argsort(begins)
        pieces = -(-(ends - begins)[order] // _BLOCK)
        probe = np.repeat(order, pieces)
        number = np.arange(len(probe)) - np.repeat(np.cumsum(pieces) - pieces, pieces)  # within its list
        begins = begins[probe] + number * _BLOCK
        return begins, np.minimum(begins + _BLOCK, ends[probe]), probes[probe] // max(words.shape[1], 1)

    def _near(
        self, begins: NDArray[np.int64], ends: NDArray[np.int64], signatures: NDArray[np.uint32]
    ) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
        """Return the postings near the signature asked for in their list, and the position of that list."""
        counts = ends - begins
        after = np.cumsum(counts)
        shift = begins - (after - counts)
        if after[-1] > _COPIED * len(counts):
            listed = np.concatenate(
                [self.signatures[b:e] for b, e in zip(begins.tolist(), ends.tolist(), strict=True)]
            )
        else:
            listed = self.signatures[np.repeat(shift, counts) + np.arange(after[-1])]
        apart = np.bitwise_count(listed ^ np.repeat(signatures, counts))
        near = np.flatnonzero(apart <= SIGNATURE_RADIUS)
        which = np.searchsorted(after, near, side="right")
        return shift[which] + near, which


class LayeredIndex:
    """Posting lists of several ranges of ids, asked as one: those of files, and a tail in memory."""

    def __init__(self, segments: Sequence[PostingLists]) -> None:
        if any(before.last_id >= after.first_id for before, after in pairwise(segments)):
            raise ValueError("segments must cover ranges of ids that ascend and do not overlap")
        self._segments = segments

    @property
    def last_id(self) -> int:
        """The highest id covered, -1 if there is none."""
        return self._segments[-1].last_id if self._segments else -1

    def search(
        self, words: NDArray[np.uint32], signatures: NDArray[np.uint32], most: int | None = None
    ) -> Hits:
        """Return the images with a feature like those asked for; see `WordIndex`."""
        check_asked(words, signatures)
        asked = np.ones(words.shape, dtype=np.bool_)
        if most is not None:
            asked = affordable(self.lengths(words), most)
        found = [segment.read(words, signatures, asked) for segment in self._segments]
        none = np.empty(0, dtype=np.int64)
        query = np.concatenate([none, *(hits.query for hits in found)])
        ids = np.concatenate([none, *(hits.id for hits in found)])
        # Ids ascend from segment to segment, and within each query of one.
        order = np.argsort(query, kind="stable")
        return Hits(query[order], ids[order])

    def lengths(self, words: NDArray[np.uint32]) -> NDArray[np.int64]:
        """Return how many postings each of `words`, below `WORDS`, has in all segments."""
        return sum((s.lengths(words) for s in self._segments), np.zeros(words.shape, dtype=np.int64))


def _distinct(pairs: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return these sorted, each once, in place: of numbers that hardly repeat sorting is quicker than hashing."""
    pairs.sort()
    return pairs[np.concatenate([[True], pairs[1:] != pairs[:-1]])] if len(pairs) else pairs


def check_range(first_id: int, last_id: int, count: int) -> None:
    """Raise ValueError unless one structure can list so many postings of these images."""
    if not 0 <= first_id <= last_id + 1 <= first_id + MAX_SPAN:
        raise ValueError(f"images from {first_id} to {last_id} are not a range of at most {MAX_SPAN} ids")
    if count > MAX_POSTINGS:
        raise ValueError(f"{count} features are more than the {MAX_POSTINGS} that can be listed together")


def list_bounds(words: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Return (WORDS + 1): where the list of each word begins when such words are sorted."""
    starts = np.zeros(WORDS + 1, dtype=np.uint32)
    np.cumsum(np.bincount(words, minlength=WORDS), out=starts[1:])
    return starts


def _blocks(counts: NDArray[np.int64]) -> Iterator[slice]:
    """Yield slices over all pieces, in order, each of about `_BLOCK` postings; none where there are none."""
    total = np.cumsum(counts)
    if len(total) == 0:
        return
    cuts = np.unique(np.searchsorted(total, np.arange(_BLOCK, total[-1], _BLOCK)) + 1)
    for first, last in pairwise(np.unique([0, *cuts.tolist(), len(counts)]).tolist()):
        yield slice(first, last)
