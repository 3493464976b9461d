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


def cached_candidates(
    connection: sqlite3.Connection, path: Path, codes: Sequence[QueryCode], radius: int
) -> list[Candidate]:
    """Return what `lookup.chunk_candidates` would, from the index, made first where needed."""
    algorithm = lookup.algorithm_id(connection, codes[0])
    if algorithm is None:
        return []
    key = _key(connection, codes[0])
    index = load(cache_folder(path), key)
    if index is None or _tail(connection, index) > TAIL_SHARE * len(index):
        index = _rebuilt(connection, path, algorithm, key)
    wanted = [code.code for code in codes]
    try:
        hits = index.search(wanted, radius)
    except CorruptIndexError:
        index = _rebuilt(connection, path, algorithm, key)
        hits = index.search(wanted, radius)
    return lookup.best_first(
        [
            *(Candidate(hit.id, hit.distance, codes[hit.query]) for hit in hits),
            *lookup.chunk_candidates(connection, codes, radius, newer_than=index.last_id),
        ]
    )


def _key(connection: sqlite3.Connection, code: QueryCode) -> CacheKey:
    meta = dict(connection.execute("SELECT name, value FROM meta"))
    return CacheKey(meta["identity"], code.algorithm, code.version, int(meta["epoch"]))


def _tail(connection: sqlite3.Connection, index: MultiIndex) -> int:
    """Return about how many images are newer than the index."""
    newest = connection.execute("SELECT coalesce(max(id), -1) FROM image").fetchone()[0]
    return int(newest) - index.last_id


def _rebuilt(connection: sqlite3.Connection, path: Path, algorithm: int, key: CacheKey) -> MultiIndex:
    """Return a new index, kept beside the archive where that can be written."""
    ids, codes = [], bytearray()
    for image_id, code in connection.execute(
        """SELECT image_id, code FROM fingerprint WHERE algorithm_id = ? AND searchable
        ORDER BY image_id, frame""",
        (algorithm,),
    ):
        ids.append(image_id)
        codes += code
    index = MultiIndex.build(
        np.frombuffer(bytes(codes), dtype=np.uint8).reshape(len(ids), CODE_BYTES),
        np.array(ids, dtype=np.int64),
    )
    save(index, cache_folder(path), key)
    return index
