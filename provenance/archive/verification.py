"""What can be wrong with an archive, and what to do about it."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from provenance.archive.cached import cache_folder
from provenance.archive.connection import snapshot, translated
from provenance.archive.custody_checks import chain_problems
from provenance.archive.index_checks import chunk_rows, index_faults
from provenance.archive.local_rows import decoded
from provenance.errors import ArchiveError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator

    from provenance.archive.sqlite import SqliteArchive

CHANGED = "`provenance add` the changed file: what it shows now is another image."
ORIGINAL = "Remove the image, then add its file again with --restore; or restore the archive from a backup."

CUSTODY = "Compare the archive with a backup, and the log with a head that was noted elsewhere."
CHUNKS = "Rebuild it with `provenance archive reindex`."

PIECE = 2**20
"""Bytes of an original that `verify` holds at once."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that `verify` found wrong."""

    where: str
    what: str
    advice: str = "Restore the archive from a backup, or add the photos again to a new one."


def verify(archive: SqliteArchive, on_image: Callable[[], None] = lambda: None) -> Iterator[Problem]:
    """Yield what is wrong, as of one moment: SQLite's own checks, missing parts, changed files, indexes, custody.

    A file that is no longer where it was is no problem; one that is there with other bytes is told, and so is an
    original kept here whose bytes are not those of the image's digest. The chunk table and the indexes beside the
    archive must list every code and feature, and nothing else.
    """
    connection = archive.connection
    with translated(archive.path), snapshot(connection):
        for (message,) in connection.execute("PRAGMA integrity_check"):
            if message != "ok":
                yield Problem(str(archive.path), f"SQLite: {message}")
        for table, row_id, parent, _ in connection.execute("PRAGMA foreign_key_check"):
            yield Problem(f"{table} {row_id}", f"refers to a missing {parent}")
        listed = 0
        images = connection.execute("SELECT id, sha256, byte_count FROM image ORDER BY id")
        for image_id, sha256, byte_count in images:
            rows, missing = chunk_rows(connection, image_id)
            listed += rows - missing
            if missing:
                yield Problem(
                    f"image {image_id}", f"is missing from the chunk table in {missing} places", CHUNKS
                )
            yield from _image_problems(connection, image_id, sha256, byte_count)
            yield from _local_problems(connection, image_id)
            yield from _original_problems(connection, image_id, sha256)
            on_image()
        yield from _miscounted(connection)
        (held,) = connection.execute("SELECT count(*) FROM chunk").fetchone()
        if held > listed:
            yield Problem("chunk table", f"{held - listed} rows that belong to no code", CHUNKS)
        for where, what in index_faults(connection, archive.path):
            yield Problem(where, what, f"Delete the folder {cache_folder(archive.path)}: it is made anew.")
        for what in chain_problems(connection):
            yield Problem("custody log", what, CUSTODY)


def _miscounted(connection: sqlite3.Connection) -> Iterator[Problem]:
    for counter, what, table in (
        ("images", "count(*)", "image"),
        ("sightings", "count(*)", "sighting"),
        ("local_features", "count(*)", "local_feature"),
        ("originals", "count(*)", "original"),
        ("original_bytes", "coalesce(sum(length(content)), 0)", "original"),
    ):
        (counted,) = connection.execute("SELECT value FROM meta WHERE name = ?", (counter,)).fetchone()
        (held,) = connection.execute(f"SELECT {what} FROM {table}").fetchone()
        if int(counted) != held:
            told = counter.replace("_", " ")
            yield Problem("meta table", f"counts {counted} {told}, but {held} are there")


def _image_problems(
    connection: sqlite3.Connection, image_id: int, sha256: str, byte_count: int
) -> Iterator[Problem]:
    where = f"image {image_id}"
    if not connection.execute("SELECT 1 FROM fingerprint WHERE image_id = ?", (image_id,)).fetchone():
        yield Problem(where, "has no fingerprints")
    sightings = connection.execute(
        """SELECT location, max(archived IS NULL AND moment IS NULL AND desk IS NULL) FROM sighting
        WHERE image_id = ? GROUP BY location""",
        (image_id,),
    ).fetchall()
    if not sightings:
        yield Problem(where, "has no sighting")
    for location, is_file_of_its_own in sightings:
        if is_file_of_its_own and has_changed(location, sha256, byte_count):
            yield Problem(where, f"the file at {location} has changed since", CHANGED)


def _local_problems(connection: sqlite3.Connection, image_id: int) -> Iterator[Problem]:
    row = connection.execute(
        "SELECT image_id, words, signatures FROM local_feature WHERE image_id = ?", (image_id,)
    ).fetchone()
    if row:
        try:
            decoded([row])
        except ArchiveError:
            yield Problem(f"image {image_id}", "has local features that make no sense")


def _original_problems(connection: sqlite3.Connection, image_id: int, sha256: str) -> Iterator[Problem]:
    kept = connection.execute("SELECT 1 FROM original WHERE image_id = ?", (image_id,)).fetchone()
    if not kept:
        return
    digest = hashlib.sha256()
    # In pieces: an original may be as large as the largest photo that is read.
    with connection.blobopen("original", "content", image_id, readonly=True) as content:
        while piece := content.read(PIECE):
            digest.update(piece)
    if digest.hexdigest() != sha256:
        yield Problem(
            f"image {image_id}", "keeps an original whose bytes are not those that were added", ORIGINAL
        )


def has_changed(location: str, sha256: str, byte_count: int) -> bool:
    """Return whether a file lies there now that is not of these bytes."""
    return _is_of(location, sha256, byte_count) is False


def is_there(location: str, sha256: str, byte_count: int) -> bool:
    """Return whether a file of these bytes lies there now."""
    return _is_of(location, sha256, byte_count) is True


def _is_of(location: str, sha256: str, byte_count: int) -> bool | None:
    """Return whether the file there is of these bytes; None if none can be read. One of another size is not."""
    try:
        with open(location, "rb") as file:  # noqa: PTH123 - `hashlib.file_digest` takes an open file
            return (
                os.fstat(file.fileno()).st_size == byte_count
                and hashlib.file_digest(file, "sha256").hexdigest() == sha256
            )
    except (OSError, ValueError):
        return None
