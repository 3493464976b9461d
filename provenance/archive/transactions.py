"""Opening an archive for writing, and the transactions in which all writing happens."""

from __future__ import annotations

import contextlib
import sqlite3
from time import monotonic, sleep
from typing import TYPE_CHECKING

from sqlite_utils import Database

from provenance.archive import custody
from provenance.archive.connection import BUSY_SECONDS, check_schema, require_file, translated
from provenance.archive.migrations import migrations
from provenance.errors import ReadOnlyArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RETRY_SECONDS = 0.02
"""Between two attempts where SQLite does not wait by itself."""


def open_for_writing(path: Path, who: str = "") -> sqlite3.Connection:
    """Open an archive for writing, making it or bringing its schema up to date first.

    `who` begins the custody log, if it has not begun: empty for the operating system's user.

    Raises:
        ArchiveError: the file is something else, newer, unwritable, or held by another writer too long.
    """
    if path.exists() and (path.is_dir() or path.stat().st_size):
        require_file(path)
    if not path.parent.is_dir():
        raise ReadOnlyArchiveError(
            f"{path} cannot be made: there is no folder {path.parent}.", "Make the folder first."
        )
    with translated(path), contextlib.ExitStack() as undo:
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS)
        undo.callback(connection.close)
        if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            check_schema(connection, path)
        # NORMAL in WAL mode: a kill loses nothing, a power cut at most the last commits, never integrity.
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        _log_ahead(connection)
        with transaction(connection):
            migrations.apply(Database(connection))
            custody.begin(connection, who)
        undo.pop_all()
    return connection


def _log_ahead(connection: sqlite3.Connection) -> None:
    """Switch to a write-ahead log. Where another writer is making the same archive, SQLite fails at once: wait here."""
    deadline = monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or monotonic() >= deadline:
                raise
            sleep(RETRY_SECONDS)
        else:
            return


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Hold the write lock from the start: a reader that becomes a writer midway would not wait, but fail."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def count(connection: sqlite3.Connection, **changes: int) -> None:
    """Change counters in `meta`: counting a million rows takes longer than a check."""
    for name, change in changes.items():
        connection.execute(
            "UPDATE meta SET value = CAST(value AS INTEGER) + ? WHERE name = ?", (change, name)
        )
