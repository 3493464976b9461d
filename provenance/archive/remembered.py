"""What an archive remembers of files that it was given, and of images that were taken out of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from provenance.archive.interface import Holding
from provenance.archive.parts import held_parts
from provenance.archive.rows import range_of, recorded_text
from provenance.model import ImageRecord, Stated

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from provenance.model import FileState


def digest_of(connection: sqlite3.Connection, file: FileState) -> str | None:
    """Return the digest that a file had when it was read, if its size and time are still the same."""
    row = connection.execute(
        "SELECT sha256 FROM source_file WHERE location = ? AND size = ? AND mtime_ns = ?",
        (file.location, file.size, file.mtime_ns),
    ).fetchone()
    return row and str(row[0])


def knows_size(connection: sqlite3.Connection, byte_count: int) -> bool:
    """Return whether any image that is held, or was removed, has so many bytes."""
    (known,) = connection.execute(
        """SELECT EXISTS (SELECT 1 FROM image WHERE byte_count = ?1)
        OR EXISTS (SELECT 1 FROM removed WHERE byte_count = ?1)""",
        (byte_count,),
    ).fetchone()
    return bool(known)


def holding(connection: sqlite3.Connection, sha256: str) -> Holding | None:
    """Return what is held of the image of exactly these bytes."""
    row = connection.execute(
        "SELECT id, format, width, height, byte_count, frame_count FROM image WHERE sha256 = ?", (sha256,)
    ).fetchone()
    if row is None:
        return None
    image_id, form, width, height, byte_count, frame_count = row
    said = statement(connection, image_id)
    image = ImageRecord(sha256, form, width, height, byte_count, frame_count, (), stated=said)
    return Holding(image, held_parts(connection, [image_id])[image_id])


def statement(connection: sqlite3.Connection, image_id: int) -> Stated | None:
    """Return what the file of an image states of itself, None where that was not asked."""
    row = connection.execute(
        """SELECT captured, captured_from, captured_to, caption, credit, licence, place FROM statement
        WHERE image_id = ?""",
        (image_id,),
    ).fetchone()
    return Stated(range_of(*row[:3]), *row[3:]) if row else None


def keep_files(connection: sqlite3.Connection, files: Iterable[tuple[FileState, str]]) -> None:
    """Remember files with their digests, in the place of what was known of the same locations."""
    connection.executemany(
        "INSERT OR REPLACE INTO source_file (location, size, mtime_ns, sha256) VALUES (?, ?, ?, ?)",
        [(file.location, file.size, file.mtime_ns, sha256) for file, sha256 in files],
    )


def removal(connection: sqlite3.Connection, sha256: str) -> str | None:
    """Return when, by whom and why the image of these bytes was removed, as a clause, if it was."""
    row = connection.execute(
        "SELECT removed, removed_by, reason FROM removed WHERE sha256 = ?", (sha256,)
    ).fetchone()
    if row is None:
        return None
    when, by, reason = row
    return f"removed on {when[:10]}{f' by {by}' if by else ''}: {reason or 'no reason was given'}"


def keep_removal(connection: sqlite3.Connection, sha256: str, byte_count: int, reason: str, by: str) -> None:
    """Remember that an image was removed."""
    connection.execute(
        "INSERT OR REPLACE INTO removed (sha256, byte_count, removed, reason, removed_by) VALUES (?, ?, ?, ?, ?)",
        (sha256, byte_count, recorded_text(datetime.now(UTC)), reason, by),
    )


def forget_removals(connection: sqlite3.Connection, digests: Iterable[str]) -> None:
    """Let images come back."""
    connection.executemany("DELETE FROM removed WHERE sha256 = ?", [(sha256,) for sha256 in digests])
