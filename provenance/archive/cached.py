"""Looking codes up in a memory-mapped index beside the archive: for archives too large for SQL to be quick.

The index is derived: it is made from the archive when missing or stale, and what was added since is looked
up in the chunk table. Nothing depends on it but speed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from provenance.archive import lookup
from provenance.index.cache import CacheKey, load, save
from provenance.index.interface import CorruptIndexError
from provenance.index.keys import CODE_BYTES
from provenance.index.multi_index import MultiIndex
from provenance.model import Candidate

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from pathlib import Path

    from provenance.model import QueryCode

TAIL_SHARE = 0.1
"""Share of codes newer than the index at which it is made anew."""


def cache_folder(path: Path) -> Path:
    """Return the folder in which an archive's index is kept."""
    return path.with_name(path.name + ".index")


def cache_key(connection: sqlite3.Connection, algorithm: str, version: int) -> CacheKey:
    """Return what an index must have been made from to be true of the archive as it is now."""
    meta = dict(connection.execute("SELECT name, value FROM meta"))
    return CacheKey(meta["identity"], algorithm, version, int(meta["epoch"]))


def built(connection: sqlite3.Connection, algorithm: int, last_id: int | None = None) -> MultiIndex:
    """Return an index of the searchable codes that the archive holds, up to an image."""
    ids, codes = [], bytearray()
    for image_id, code in connection.execute(
        """SELECT image_id, code FROM fingerprint
        WHERE algorithm_id = ? AND searchable AND image_id <= coalesce(?, image_id) ORDER BY image_id, frame""",
        (algorithm, last_id),
    ):
        ids.append(image_id)
        codes += code
    return MultiIndex.build(
        np.frombuffer(bytes(codes), dtype=np.uint8).reshape(len(ids), CODE_BYTES),
        np.array(ids, dtype=np.int64),
    )


class CachedLookup:
    """Answers as `lookup.chunk_candidates` would, from the index, made first where needed."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._folder = cache_folder(path)
        self._held: tuple[CacheKey, MultiIndex] | None = None

    def candidates(self, codes: Sequence[QueryCode], radius: int) -> list[Candidate]:
        """Return candidates within `radius` bits, best first, one an image; `codes` are of one algorithm."""
        name, version = codes[0].algorithm, codes[0].version
        algorithm = lookup.algorithm_id(self._connection, name, version)
        if algorithm is None:
            return []
        key = cache_key(self._connection, name, version)
        index = self._index(key, algorithm)
        wanted = [code.code for code in codes]
        try:
            hits = index.search(wanted, radius)
        except CorruptIndexError:
            index = self._built(key, algorithm)
            hits = index.search(wanted, radius)
        newer = lookup.chunk_candidates(self._connection, codes, radius, newer_than=index.last_id)
        return lookup.best_first(
            [*(Candidate(hit.id, hit.distance, codes[hit.query]) for hit in hits), *newer]
        )

    def _index(self, key: CacheKey, algorithm: int) -> MultiIndex:
        """Return the index in hand, the one in the cache, or a new one where those are stale."""
        index = self._held[1] if self._held and self._held[0] == key else load(self._folder, key)
        if index is None or self._newer_than(index) > TAIL_SHARE * len(index):
            return self._built(key, algorithm)
        self._held = key, index
        return index

    def _newer_than(self, index: MultiIndex) -> int:
        """Return about how many images are newer than an index."""
        (newest,) = self._connection.execute("SELECT coalesce(max(id), -1) FROM image").fetchone()
        return int(newest) - index.last_id

    def _built(self, key: CacheKey, algorithm: int) -> MultiIndex:
        """Return a new index, kept beside the archive where that can be written."""
        index = built(self._connection, algorithm)
        save(index, self._folder, key)
        self._held = key, index
        return index
