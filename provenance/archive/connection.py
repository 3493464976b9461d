"""Opening an archive file: the only place that turns SQLite's errors into ours.

Reading uses the standard library alone: sqlite-utils costs more to import than a whole look-up, and
`check` must start fast. Writing goes through sqlite-utils (`transactions.py`).
"""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING
from urllib.parse import quote

from provenance.errors import (
    ArchiveBusyError,
    ArchiveError,
    ArchiveFullError,
    NewerSchemaError,
    NotAnArchiveError,
    ReadOnlyArchiveError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

APPLICATION_ID = 0x70726F76
SCHEMA_VERSION = 11
"""How many migrations this program knows; a test holds it against `migrations.py`."""

BUSY_SECONDS = 60.0
"""How long a writer waits for another. A batch commits in well under a second, so this is many turns; one with
originals takes as long as the disk does to write 64 MB twice."""


def translate(error: sqlite3.Error, path: Path) -> ArchiveError:
    """Return our error for one of SQLite's, in words that say what to do."""
    text = str(error)
    if "not a database" in text or "malformed" in text:
        return NotAnArchiveError(
            f"{path} is not an archive, or is damaged: {text}.",
            "Check the path given with --archive; restore a damaged archive from a backup.",
        )
    if "disk is full" in text or "disk I/O error" in text:
        return ArchiveFullError(
            f"No space is left for {path}: {text}. Every batch committed before is intact.",
            "Free some space, then run the same command again: what is stored already is not stored twice.",
        )
    if "readonly" in text or "read-only" in text:
        return ReadOnlyArchiveError(
            f"{path} cannot be written: {text}.",
            "Check the permissions of the file and of its folder, or name another archive with --archive.",
        )
    if "locked" in text or "busy" in text:
        return ArchiveBusyError(
            f"{path} was held by another writer for more than {BUSY_SECONDS:.0f} seconds.",
            "Wait for the other command to end, then run this one again.",
        )
    if "unable to open" in text:
        return ArchiveError(
            f"{path} cannot be opened: {text}.", "Check the path and the permissions of its folder."
        )
    return ArchiveError(f"{path}: SQLite says: {text}.", "Run `provenance archive verify` on it.")


@contextlib.contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn SQLite's errors inside the block into ours."""
    try:
        yield
    except sqlite3.Error as error:
        raise translate(error, path) from error


@contextlib.contextmanager
def snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    """Read the archive as it is now inside the block, whatever others write meanwhile."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


def require_file(path: Path) -> None:
    """Raise unless `path` is a non-empty file.

    Raises:
        NotAnArchiveError: It is missing, a folder, or empty.
    """
    if not path.exists():
        raise NotAnArchiveError(
            f"There is no archive at {path}.",
            "Make one with `provenance add PHOTOS -a ARCHIVE`, or name another with --archive.",
        )
    if not path.is_file() or path.stat().st_size == 0:
        raise NotAnArchiveError(
            f"{path} is not an archive: it is {'empty' if path.is_file() else 'not a file'}.",
            "Check the path given with --archive.",
        )


def open_read_only(path: Path) -> sqlite3.Connection:
    """Open an existing archive for reading.

    In a folder that cannot be written, SQLite can create no shared-memory file for its write-ahead log;
    if no log is pending, the file is complete in itself and is opened as immutable.

    Raises:
        NotAnArchiveError, NewerSchemaError, ArchiveError: as their names say.
    """
    require_file(path)
    with translated(path):
        try:
            connection = _connect(path, "mode=ro")
        except sqlite3.OperationalError:
            wal = path.with_name(path.name + "-wal")
            if wal.exists() and wal.stat().st_size:
                raise
            connection = _connect(path, "mode=ro&immutable=1")
        check_schema(connection, path)
        if connection.execute("PRAGMA user_version").fetchone()[0] < SCHEMA_VERSION:
            connection.close()
            raise ArchiveError(
                f"{path} was made by an earlier version of this program.",
                f"Bring it up to date with `provenance archive upgrade -a {path}`.",
            )
    return connection


def _connect(path: Path, options: str) -> sqlite3.Connection:
    uri = f"file:{quote(str(path.absolute()))}?{options}"
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def check_schema(connection: sqlite3.Connection, path: Path) -> None:
    """Raise unless the open database is one of ours, of a schema that we know; close it if so."""
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if application == APPLICATION_ID and version <= SCHEMA_VERSION:
        return
    connection.close()
    if application != APPLICATION_ID:
        raise NotAnArchiveError(
            f"{path} is a SQLite database, but not an archive of this program.",
            "Check the path given with --archive.",
        )
    raise NewerSchemaError(
        f"{path} has schema {version}; this program knows schemas up to {SCHEMA_VERSION}.",
        "Upgrade this program: `pip install --upgrade provenance`.",
    )
