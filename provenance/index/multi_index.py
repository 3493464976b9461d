"""Multi-index hashing over arrays: the argument of `keys`, made fast for millions of codes.

For each of the 16 chunks the rows are listed by the chunk's value (`postings`), and `starts` says where each
value's rows begin. The 272 keys of a query name 272 short lists; in an archive of ten million codes these
hold some 41,000 rows, nearly all of them accidents, and fetching each one's code from memory is what takes
the time.

So beside every posting stands the *following* chunk of that row (`following`), as `keys` explains. It is read in
sequence, and only rows within `ring_limit` are fetched.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from provenance.index.arrays import as_rows, as_words, check_stored, distances, nearest_hits
from provenance.index.interface import CorruptIndexError
from provenance.index.keys import CHUNK_BITS, CHUNKS, ring_limit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from provenance.index.interface import Hit

    Found = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.uint16]]

VALUES = 1 << CHUNK_BITS
MAX_CODES = (1 << 32) - 1
"""Row numbers are stored in 32 bits."""

_FLIPS = np.array([0, *(1 << bit for bit in range(CHUNK_BITS))])
_FLIPPED_BITS = np.tile(np.array([0, *([1] * CHUNK_BITS)], dtype=np.uint8), CHUNKS)
_KEYS = CHUNKS * len(_FLIPS)
_NEXT = np.roll(np.arange(CHUNKS), -1)
_POSITIONS = np.arange(CHUNKS)[:, np.newaxis]

_QUERIES = 64
"""How many codes are answered together."""
_ROWS = 1 << 16
"""About how many listed rows are looked at together: working arrays then stay in the processor's cache."""


@dataclass(frozen=True, eq=False, slots=True)
class MultiIndex:
    """Codes by their chunks. Made by `build`, or from a file by `cache.load`."""

    codes: NDArray[np.uint8]
    """(n, 32)"""
    ids: NDArray[np.int64]
    """(n), not decreasing"""
    starts: NDArray[np.uint32]
    """(16, 65537): the rows with value v in chunk i are `postings[i, starts[i, v]:starts[i, v + 1]]`"""
    postings: NDArray[np.uint32]
    """(16, n): row numbers, by the value of the chunk"""
    following: NDArray[np.uint16]
    """(16, n): beside each posting, the value of that row's next chunk, the first coming after the last"""

    @classmethod
    def build(cls, codes: NDArray[np.uint8], ids: NDArray[np.int64]) -> MultiIndex:
        """Index codes (n, 32) with ids (n) from 0 up, in order. The same input gives the same arrays."""
        check_stored(codes, ids)
        if len(ids) > MAX_CODES:
            raise ValueError(f"{len(ids)} codes are more than the {MAX_CODES} that one index holds")
        chunks = np.ascontiguousarray(_chunks(codes).T)
        starts = np.zeros((CHUNKS, VALUES + 1), dtype=np.uint32)
        postings = np.empty((CHUNKS, len(ids)), dtype=np.uint32)
        following = np.empty((CHUNKS, len(ids)), dtype=np.uint16)
        for position, values in enumerate(chunks):
            rows = np.argsort(values, kind="stable")
            starts[position, 1:] = np.cumsum(np.bincount(values, minlength=VALUES))
            postings[position] = rows
            following[position] = chunks[(position + 1) % CHUNKS][rows]
        return cls(np.ascontiguousarray(codes), ids, starts, postings, following)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def last_id(self) -> int:
        """The highest id held, -1 if there is none: what was added later is not in here."""
        return int(self.ids[-1]) if len(self.ids) else -1

    def search(self, codes: Sequence[bytes], radius: int) -> list[Hit]:
        """Return the ids within `radius`, complete up to `EXACT_RADIUS`; see `HammingIndex`.

        Raises `CorruptIndexError` if a loaded index names rows that it does not hold.
        """
        rows = as_rows(codes)
        hits: list[Hit] = []
        for first in range(0, len(rows), _QUERIES):
            try:
                found = list(self._search(rows[first : first + _QUERIES], radius))
            except IndexError as error:
                raise CorruptIndexError("a row number lies beyond the codes") from error
            query, row, distance = (np.concatenate(column) for column in zip(*found, strict=True))
            hits += nearest_hits(query + first, self.ids[row], distance)
        return hits

    def _search(self, codes: NDArray[np.uint8], radius: int) -> Iterator[Found]:
        """Yield query, row and distance of what lies near, each row once a query."""
        starts, postings = self.starts.reshape(-1), self.postings.reshape(-1)
        following = self.following.reshape(-1)

        # One key after the other, in the order (query, chunk, flip): where its list begins and ends.
        chunks = _chunks(codes).astype(np.intp)
        cells = (chunks[:, :, np.newaxis] ^ _FLIPS) + _POSITIONS * (VALUES + 1)
        begins = (starts[cells] + _POSITIONS * len(self)).reshape(-1)
        ends = (starts[cells + 1] + _POSITIONS * len(self)).reshape(-1)
        wanted = np.repeat(chunks[:, _NEXT].astype(np.uint16), len(_FLIPS))
        flipped = np.tile(_FLIPPED_BITS, len(codes))
        most = ring_limit(radius)

        for keys in _blocks(ends - begins):
            slots, key = _ranges(begins[keys], ends[keys])
            apart = np.bitwise_count(following[slots] ^ wanted[keys][key]) + flipped[keys][key]
            kept = np.flatnonzero(apart <= most)
            slots, key = slots[kept], key[kept] + keys.start
            query, row = key // _KEYS, postings[slots].astype(np.intp)
            distance = distances(as_words(self.codes)[row], as_words(codes)[query])
            near = np.flatnonzero(distance <= radius)
            key, query, row, distance = key[near], query[near], row[near], distance[near]

            # Near codes are listed under several chunks: the first one tells.
            bits = np.bitwise_count(self.codes.view(np.uint16)[row] ^ codes.view(np.uint16)[query])
            listed = (bits <= 1) & (bits + bits[:, _NEXT] <= most)
            first = listed.argmax(axis=1) == key // len(_FLIPS) % CHUNKS
            yield query[first], row[first], distance[first]


def _chunks(codes: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """Return (n, 16): the chunks of each code, as `keys.chunk_keys` reads them."""
    return np.ascontiguousarray(codes).view(">u2").astype(np.uint16)


def _blocks(counts: NDArray[np.intp]) -> Iterator[slice]:
    """Yield slices over all keys, in order, each of about `_ROWS` rows; at least one slice."""
    total = np.cumsum(counts)
    cuts = np.unique(np.searchsorted(total, np.arange(_ROWS, total[-1], _ROWS)) + 1)
    for first, last in pairwise([0, *cuts.tolist(), len(counts)]):
        yield slice(first, last)


def _ranges(begins: NDArray[np.intp], ends: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return all numbers of all ranges, one range after the other, and which range each is from."""
    counts = ends - begins
    which = np.repeat(np.arange(len(counts)), counts)
    before = np.cumsum(counts) - counts
    return (begins - before)[which] + np.arange(len(which)), which
