"""Looking after an archive: listing, searching, removing, verifying, backing up."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from provenance.archive.connection import translated
from provenance.archive.recall import keep_removal
from provenance.archive.rows import REFERENCE_SQL, reference_of
from provenance.errors import ArchiveError, UsageError
from provenance.index.keys import chunk_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date
    from pathlib import Path

    from provenance.archive.sqlite import SqliteArchive
    from provenance.model import Fingerprint, Reference


DATES = ("published", "archived", "captured")
"""The columns of a sighting's dates."""

PIECE = 2**20
"""Bytes of an original that `verify` holds at once."""


def find(archive: SqliteArchive, name: str) -> Reference:
    """Return the image that a person names by number, digest, start of a digest (8 digits or more) or path.

    Raises:
        UsageError: none or several are named so.
    """
    with translated(archive.path):
        rows = archive.connection.execute(
            f"""{REFERENCE_SQL} WHERE image.id = :number OR sha256 = :name
            OR (length(:name) >= 8 AND sha256 >= :name AND sha256 < :name || 'g')
            OR image.id IN
                (SELECT image_id FROM sighting WHERE path = :name OR location = :name OR url = :name)
            LIMIT 2""",
            {"number": int(name) if name.isdecimal() and len(name) < 19 else -1, "name": name},  # noqa: PLR2004
        ).fetchall()
    if len(rows) != 1:
        raise UsageError(
            f"{'Several images are' if rows else 'No image is'} named {name!r}.",
            "Name an image by its number or digest; `provenance archive list` and `search` show them.",
        )
    return reference_of(rows[0])


def search(archive: SqliteArchive, words: str) -> Iterator[Reference]:
    """Yield the images with a sighting whose caption, place, outlet or credit has all of `words`."""
    # Each word quoted: FTS5's own operators are not for people who paste captions.
    query = " ".join('"' + word.replace('"', '""') + '"' for word in words.replace("\0", " ").split())
    with translated(archive.path):
        for row in archive.connection.execute(
            f"""{REFERENCE_SQL} WHERE image.id IN (SELECT image_id FROM sighting WHERE id IN
            (SELECT rowid FROM sighting_fts WHERE sighting_fts MATCH ?)) ORDER BY image.id""",
            (query or '""',),
        ):
            yield reference_of(row)


def remove(archive: SqliteArchive, reference: Reference, reason: str = "", by: str = "") -> None:
    """Remove an image with all that is kept of it, but its digest, so that `add` does not bring it back unasked.

    Its number is never given again. The file does not shrink: the room is for what is added next.
    """
    from provenance.archive.writer import count, transaction  # noqa: PLC0415 - sqlite-utils is slow to import

    connection = archive.connection
    with translated(archive.path), transaction(connection):
        row = connection.execute("SELECT byte_count FROM image WHERE id = ?", (reference.id,)).fetchone()
        if row is None:
            return  # another run was quicker
        keep_removal(connection, reference.sha256, row[0], reason, by)
        codes = connection.execute(
            "SELECT algorithm_id, code FROM fingerprint WHERE image_id = ? AND searchable", (reference.id,)
        ).fetchall()
        connection.executemany(
            "DELETE FROM chunk WHERE algorithm_id = ? AND key = ? AND image_id = ?",
            [(algorithm, key, reference.id) for algorithm, code in codes for key in chunk_keys(code)],
        )
        local = connection.execute("DELETE FROM local_feature WHERE image_id = ?", (reference.id,)).rowcount
        sizes = connection.execute(
            "SELECT length(content) FROM original WHERE image_id = ?", (reference.id,)
        ).fetchall()
        connection.execute("DELETE FROM original WHERE image_id = ?", (reference.id,))
        gone = connection.execute("DELETE FROM sighting WHERE image_id = ?", (reference.id,)).rowcount
        connection.execute("DELETE FROM image WHERE id = ?", (reference.id,))
        count(
            connection,
            generation=1,
            epoch=1,
            images=-1,
            sightings=-gone,
            local_features=-local,
            originals=-len(sizes),
            original_bytes=-sum(size for (size,) in sizes),
        )


def before(archive: SqliteArchive, day: date) -> list[Reference]:
    """Return the images all of whose sightings lie before a day, oldest first.

    A sighting lies where the last possible day of its dates does: published, archived and captured, or, where it
    has none of these, the day on which it was recorded. One whose date is open at its end lies nowhere.
    """
    open_end = " OR ".join(f"({name} IS NOT NULL AND {name}_to IS NULL)" for name in DATES)
    last = ", ".join(f"coalesce({name}_to, '')" for name in DATES)
    with translated(archive.path):
        rows = archive.connection.execute(
            f"""{REFERENCE_SQL} WHERE image.id IN (
                SELECT image_id FROM sighting GROUP BY image_id
                HAVING max(CASE WHEN {open_end} THEN '9999-12-31'
                    ELSE coalesce(nullif(max({last}), ''), substr(recorded, 1, 10)) END) < ?
            ) ORDER BY image.id""",
            (day.isoformat(),),
        )
        return [reference_of(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that `verify` found wrong."""

    where: str
    what: str


def verify(archive: SqliteArchive, on_image: Callable[[], None] = lambda: None) -> Iterator[Problem]:
    """Yield what is wrong: SQLite's own checks, missing parts, the chunk table, and files that changed.

    A file that is no longer where it was is no problem; one that is there with other bytes is told, and so is an
    original kept here whose bytes are not those of the image's digest.
    """
    connection = archive.connection
    with translated(archive.path):
        for (message,) in connection.execute("PRAGMA integrity_check"):
            if message != "ok":
                yield Problem(str(archive.path), f"SQLite: {message}")
        for table, row_id, parent, _ in connection.execute("PRAGMA foreign_key_check"):
            yield Problem(f"{table} {row_id}", f"refers to a missing {parent}")
        for image_id, sha256 in connection.execute("SELECT id, sha256 FROM image ORDER BY id"):
            yield from _image_problems(connection, image_id, sha256)
            yield from _local_problems(connection, image_id)
            yield from _original_problems(connection, image_id, sha256)
            on_image()
        yield from _miscounted(connection)
        extra = connection.execute(
            "SELECT count(*) FROM chunk WHERE image_id NOT IN (SELECT id FROM image)"
        ).fetchone()[0]
        if extra:
            yield Problem("chunk table", f"{extra} rows of images that are gone")


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


def _image_problems(connection: sqlite3.Connection, image_id: int, sha256: str) -> Iterator[Problem]:
    where = f"image {image_id}"
    codes = connection.execute(
        "SELECT algorithm_id, code, searchable FROM fingerprint WHERE image_id = ?", (image_id,)
    ).fetchall()
    if not codes:
        yield Problem(where, "has no fingerprints")
    for algorithm, code, searchable in codes:
        held = sum(
            connection.execute(
                "SELECT count(*) FROM chunk WHERE algorithm_id = ? AND key = ? AND image_id = ?",
                (algorithm, key, image_id),
            ).fetchone()[0]
            for key in chunk_keys(code)
        )
        if searchable and held < len(chunk_keys(code)):
            yield Problem(where, f"is missing from the chunk table in {len(chunk_keys(code)) - held} places")
    sightings = connection.execute(
        "SELECT DISTINCT location FROM sighting WHERE image_id = ?", (image_id,)
    ).fetchall()
    if not sightings:
        yield Problem(where, "has no sighting")
    for (location,) in sightings:
        if _digest_now(location) not in {None, sha256}:
            yield Problem(where, f"the file at {location} has changed since")


def _local_problems(connection: sqlite3.Connection, image_id: int) -> Iterator[Problem]:
    # The word index is not looked at: it is derived, and what is wrong with it needs no backup.
    from provenance.archive.local_rows import decoded  # noqa: PLC0415 - numpy is slow to import

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
        yield Problem(f"image {image_id}", "keeps an original whose bytes are not those that were added")


def _digest_now(location: str) -> str | None:
    """Return the digest of the file that lies at `location` now; `None` if none can be read there."""
    try:
        with open(location, "rb") as file:  # noqa: PTH123 - `hashlib.file_digest` takes an open file
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError):
        return None


def backup(
    archive: SqliteArchive, target: Path, on_pages: Callable[[int, int], None] = lambda _left, _all: None
) -> None:
    """Copy the archive, as of one moment, while others may write to it.

    Raises:
        ArchiveError: the target exists, or cannot be written.
    """
    if target.exists():
        raise ArchiveError(f"{target} exists already.", "Name a file that does not exist.")
    unfinished = target.with_name(target.name + ".unfinished")
    try:
        with translated(target), closing(sqlite3.connect(unfinished)) as copy:
            archive.connection.backup(
                copy, pages=4096, progress=lambda _status, left, total: on_pages(left, total)
            )
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def fingerprints(archive: SqliteArchive, image_id: int) -> tuple[Fingerprint, ...]:
    """Return every fingerprint of an image, by algorithm and frame."""
    from provenance.model import Fingerprint  # noqa: PLC0415

    with translated(archive.path):
        return tuple(
            Fingerprint(name, version, code, quality, frame, bool(searchable))
            for name, version, code, quality, frame, searchable in archive.connection.execute(
                """SELECT name, version, code, quality, frame, searchable FROM fingerprint
                JOIN algorithm ON algorithm.id = algorithm_id WHERE image_id = ?
                ORDER BY name, version, frame""",
                (image_id,),
            )
        )
