"""Whether what look-up reads lists what the archive holds: every code and every feature, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from provenance.archive.cached import built, cache_folder, cache_key
from provenance.archive.local_lookup import local_folder
from provenance.archive.local_rows import decoded
from provenance.index.cache import load
from provenance.index.keys import chunk_keys, followings
from provenance.index.segments import SegmentStore

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from provenance.index.posting_lists import PostingLists

    Fault = tuple[str, str]
    """Which index, and what is wrong with it."""

BLOCK = 1 << 20
"""Postings that are looked at together."""
ROWS = 5_000
"""Images whose features are read together."""


def expected_chunks(connection: sqlite3.Connection, image_id: int) -> set[tuple[int, int, int, int]]:
    """Return the rows that the chunk table must have of an image."""
    codes = connection.execute(
        "SELECT algorithm_id, code FROM fingerprint WHERE image_id = ? AND searchable", (image_id,)
    )
    return {
        (algorithm, key, image_id, following)
        for algorithm, code in codes
        for key, following in zip(chunk_keys(code), followings(code), strict=True)
    }


def chunk_rows(connection: sqlite3.Connection, image_id: int) -> tuple[int, int]:
    """Return how many rows the chunk table must have of an image, and how many of these are missing."""
    expected = expected_chunks(connection, image_id)
    held = sum(
        connection.execute(
            "SELECT EXISTS (SELECT 1 FROM chunk WHERE algorithm_id = ? AND key = ? AND image_id = ? AND following = ?)",
            row,
        ).fetchone()[0]
        for row in expected
    )
    return len(expected), len(expected) - held


def index_faults(connection: sqlite3.Connection, path: Path) -> Iterator[Fault]:
    """Yield what is wrong with the indexes beside the archive. One that is missing or stale is made anew: no fault."""
    algorithms = connection.execute("SELECT id, name, version FROM algorithm ORDER BY id").fetchall()
    for number, name, version in algorithms:
        yield from _code_faults(connection, path, number, (name, version))
        yield from _word_faults(connection, path, number, (name, version))


def _code_faults(
    connection: sqlite3.Connection, path: Path, number: int, algorithm: tuple[str, int]
) -> Iterator[Fault]:
    """Hold the index of codes against one made from the archive: the same codes give the same arrays."""
    index = load(cache_folder(path), cache_key(connection, *algorithm))
    if index is None:
        return
    anew = built(connection, number, index.last_id)
    for name in ("codes", "ids", "starts", "postings", "following"):
        if not np.array_equal(getattr(index, name), getattr(anew, name)):
            yield f"hash index of {algorithm[0]}", "does not list the codes that the archive holds"
            return


def _word_faults(
    connection: sqlite3.Connection, path: Path, number: int, algorithm: tuple[str, int]
) -> Iterator[Fault]:
    """Hold the word index against the archive: each image's features by the sum of their hashes, in any order."""
    segments = SegmentStore(local_folder(path), cache_key(connection, *algorithm)).load()
    if not segments:
        return
    (newest,) = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'image'").fetchone()
    size = min(newest, segments[-1].last_id) + 1  # another run may have listed even newer ones meanwhile
    listed = np.zeros(segments[-1].last_id + 1, dtype=np.uint64)
    for segment in segments:
        if not _add_listed(listed, segment):
            yield f"word index of {algorithm[0]}", "names images beyond those that it covers"
            return
    held = np.zeros(size, dtype=np.uint64)
    _add_held(held, connection, number)
    wrong = np.flatnonzero(listed[:size] != held)
    if len(wrong):
        yield (
            f"word index of {algorithm[0]}",
            f"lists {len(wrong)} images otherwise than the archive does, the first of them image {wrong[0]}",
        )


def _add_listed(sums: NDArray[np.uint64], segment: PostingLists) -> bool:
    for start in range(0, len(segment), BLOCK):
        slots = np.arange(start, min(start + BLOCK, len(segment)))
        words = np.searchsorted(segment.starts, slots, side="right") - 1
        ids = segment.ids[slots].astype(np.int64) + segment.first_id
        if ids.max() > segment.last_id:
            return False
        np.add.at(sums, ids, _mixed(words, segment.signatures[slots]))
    return True


def _add_held(sums: NDArray[np.uint64], connection: sqlite3.Connection, number: int) -> None:
    rows = connection.execute(
        """SELECT image_id, words, signatures FROM any_local_feature
        WHERE algorithm_id = ? AND image_id < ? ORDER BY image_id""",
        (number, len(sums)),
    )
    while some := rows.fetchmany(ROWS):
        features = decoded(some)
        np.add.at(sums, features.ids, _mixed(features.words, features.signatures))


def _mixed(words: NDArray[np.integer], signatures: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """Return a hash of each feature (the finaliser of MurmurHash3); sums of different sets are equal by 1 in 2**64."""
    x = words.astype(np.uint64) << np.uint64(32) | signatures
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        x = (x ^ x >> np.uint64(33)) * np.uint64(factor)
    return x ^ x >> np.uint64(33)
