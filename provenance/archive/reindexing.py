"""Bringing what is stored of images up to the algorithms of this version, and look-up tables up to what is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.archive import custody
from provenance.archive.connection import snapshot, translated
from provenance.archive.index_checks import chunk_rows, expected_chunks
from provenance.archive.parts import held_parts
from provenance.archive.transactions import count, transaction
from provenance.archive.writer import IN_LIST, complete_batch

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

    from provenance.archive.parts import Parts
    from provenance.archive.sqlite import SqliteArchive
    from provenance.model import ImageRecord


def incomplete(archive: SqliteArchive, wanted: Parts) -> list[int]:
    """Return the numbers of the images that lack anything of `wanted`, in order.

    Those that only others told of are left out: no picture of them was ever here.
    """
    with translated(archive.path):
        ids = [row[0] for row in archive.connection.execute("SELECT id FROM image ORDER BY id")]
        return [
            image_id
            for start in range(0, len(ids), IN_LIST)
            for image_id, held in held_parts(archive.connection, ids[start : start + IN_LIST]).items()
            if held.preview and not held.cover(wanted)
        ]


def complete(archive: SqliteArchive, images: Sequence[ImageRecord]) -> int:
    """Give images what they lack, all in one transaction; return how many lacked anything."""
    with translated(archive.path):
        return complete_batch(archive.connection, images, archive.who)


def mend_chunks(archive: SqliteArchive) -> bool:
    """Make the chunk table anew if it is not what the codes make it; return whether it was wrong."""
    connection = archive.connection
    with translated(archive.path):
        if _is_whole(connection):
            return False
        with transaction(connection):
            connection.execute("DELETE FROM chunk")
            connection.executemany("INSERT INTO chunk VALUES (?, ?, ?, ?)", _chunks(connection))
            count(connection, generation=1, epoch=1)
            custody.append(connection, archive.who, "reindexed", {"chunk_table": "made anew"})
    return True


def _is_whole(connection: sqlite3.Connection) -> bool:
    with snapshot(connection):
        listed = 0
        for (image_id,) in connection.execute("SELECT id FROM image"):
            rows, missing = chunk_rows(connection, image_id)
            if missing:
                return False
            listed += rows
        (held,) = connection.execute("SELECT count(*) FROM chunk").fetchone()
    return bool(held == listed)


def _chunks(connection: sqlite3.Connection) -> Iterator[tuple[int, int, int, int]]:
    for (image_id,) in connection.execute("SELECT id FROM image ORDER BY id").fetchall():
        yield from expected_chunks(connection, image_id)


def drop_earlier(archive: SqliteArchive, kinds: Iterable[tuple[str, int]]) -> int:
    """Remove what earlier versions made of images that have one of `kinds`, algorithm and version; return how much.

    Local features that were set aside go too. Images that could not be brought up to date keep what they have.
    """
    connection = archive.connection
    with translated(archive.path), transaction(connection):
        dropped = connection.execute("DELETE FROM earlier_local_feature").rowcount
        for name, version in sorted(kinds):
            rows = connection.execute(
                """SELECT image_id, algorithm_id, frame FROM fingerprint
                WHERE algorithm_id IN (SELECT id FROM algorithm WHERE name = ?1 AND version < ?2)
                AND EXISTS (SELECT 1 FROM fingerprint AS newer JOIN algorithm ON algorithm.id = newer.algorithm_id
                    WHERE newer.image_id = fingerprint.image_id AND name = ?1 AND version = ?2)""",
                (name, version),
            ).fetchall()
            for image_id, algorithm, frame in rows:
                _drop(connection, image_id, algorithm, frame)
            dropped += len(rows)
        if dropped:
            count(connection, generation=1, epoch=1)
            kept = [f"{name} {version}" for name, version in sorted(kinds)]
            custody.append(connection, archive.who, "reindexed", {"dropped": dropped, "earlier_than": kept})
    return dropped


def _drop(connection: sqlite3.Connection, image_id: int, algorithm: int, frame: int) -> None:
    before = expected_chunks(connection, image_id)
    connection.execute(
        "DELETE FROM fingerprint WHERE image_id = ? AND algorithm_id = ? AND frame = ?",
        (image_id, algorithm, frame),
    )
    connection.executemany(
        "DELETE FROM chunk WHERE algorithm_id = ? AND key = ? AND image_id = ? AND following = ?",
        before - expected_chunks(connection, image_id),
    )
