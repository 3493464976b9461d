"""Looking after an archive: listing, searching, removing, backing up."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from provenance.archive import custody
from provenance.archive.connection import snapshot, translated
from provenance.archive.part_rows import remove_codes
from provenance.archive.remembered import keep_removal, statement
from provenance.archive.rows import REFERENCE_SQL, reference_of
from provenance.errors import ArchiveError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date
    from pathlib import Path

    from provenance.archive.sqlite import SqliteArchive
    from provenance.model import Fingerprint, ImageRecord, Reference


DATES = ("published", "archived", "captured")
"""The columns of a sighting's dates."""


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
    from provenance.archive.transactions import count, transaction  # noqa: PLC0415 - sqlite-utils is slow to import

    connection = archive.connection
    with translated(archive.path), transaction(connection):
        row = connection.execute("SELECT byte_count FROM image WHERE id = ?", (reference.id,)).fetchone()
        if row is None:
            return  # another run was quicker
        keep_removal(connection, reference.sha256, row[0], reason, by)
        remove_codes(connection, reference.id)
        local = connection.execute("DELETE FROM local_feature WHERE image_id = ?", (reference.id,)).rowcount
        sizes = connection.execute(
            "SELECT length(content) FROM original WHERE image_id = ?", (reference.id,)
        ).fetchall()
        connection.execute("DELETE FROM original WHERE image_id = ?", (reference.id,))
        gone = connection.execute(
            "SELECT identity FROM sighting WHERE image_id = ?", (reference.id,)
        ).fetchall()
        connection.execute("DELETE FROM sighting WHERE image_id = ?", (reference.id,))
        connection.execute("DELETE FROM image WHERE id = ?", (reference.id,))
        count(
            connection,
            generation=1,
            epoch=1,
            images=-1,
            sightings=-len(gone),
            local_features=-local,
            originals=-len(sizes),
            original_bytes=-sum(size for (size,) in sizes),
        )
        told = {
            "images_removed": [reference.sha256],
            "sightings_removed": sorted(identity for (identity,) in gone),
            "reason": reason,
        }
        custody.append(connection, archive.who, "removed", told)


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
        with (
            translated(target),
            closing(sqlite3.connect(unfinished)) as copy,
            # Held throughout: SQLite would begin anew after each commit of another writer, and perhaps never end.
            snapshot(archive.connection),
        ):
            archive.connection.execute("SELECT count(*) FROM meta").fetchone()
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


def image_record(archive: SqliteArchive, image_id: int) -> ImageRecord:
    """Return everything that is kept of an image besides its sightings and its original."""
    from provenance.model import ImageRecord, LocalCode  # noqa: PLC0415

    with translated(archive.path):
        facts = archive.connection.execute(
            "SELECT sha256, format, width, height, byte_count, frame_count FROM image WHERE id = ?",
            (image_id,),
        ).fetchone()
        local = archive.connection.execute(
            """SELECT name, version, words, signatures, features FROM local_feature
            JOIN algorithm ON algorithm.id = algorithm_id WHERE image_id = ?""",
            (image_id,),
        ).fetchone()
        stated = statement(archive.connection, image_id)
    sha256, form, width, height, byte_count, frame_count = facts
    codes, preview = fingerprints(archive, image_id), archive.preview(image_id) or b""
    return ImageRecord(
        *(sha256, form, width, height, byte_count, frame_count, codes, preview),
        local=LocalCode(*local) if local else None,
        stated=stated,
    )
