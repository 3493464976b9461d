"""Writing to an archive, through sqlite-utils."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlite_utils import Database

from provenance.archive.connection import BUSY_SECONDS, check_schema, require_file, translated
from provenance.archive.interface import Added, Entry
from provenance.archive.migrations import migrations
from provenance.archive.rows import sighting_row
from provenance.errors import ReadOnlyArchiveError
from provenance.index.keys import chunk_keys, followings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from provenance.model import ImageRecord

IN_LIST = 500
"""Values in one SQL `IN (...)`: well under the 999 that old SQLite builds allow."""


def open_for_writing(path: Path) -> sqlite3.Connection:
    """Open an archive for writing, making it or bringing its schema up to date first.

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
        connection.execute("PRAGMA journal_mode = WAL")
        with transaction(connection):
            migrations.apply(Database(connection))
        undo.pop_all()
    return connection


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


def add_batch(connection: sqlite3.Connection, entries: Sequence[Entry]) -> Added:
    """Store a batch in one transaction; see `Archive.add`."""
    db = Database(connection)
    now = datetime.now(UTC)
    with transaction(connection):
        ids = dict(_known(connection, "image", "sha256", "id", (e.image.sha256 for e in entries)))
        fresh = {e.image.sha256: e.image for e in entries if e.image.sha256 not in ids}
        for image in fresh.values():
            ids[image.sha256] = _insert_image(db, image)
        added = [(ids[image.sha256], image) for image in fresh.values()]
        _insert_fingerprints(db, added)
        local = _insert_local(db, added)
        rows = {
            row["identity"]: row
            for e in entries
            for row in [sighting_row(ids[e.image.sha256], e.image.sha256, e.sighting, now)]
        }
        for identity, _ in _known(connection, "sighting", "identity", "id", rows):
            del rows[identity]
        db.table("sighting").insert_all(rows.values())
        if rows or fresh:
            count(connection, generation=1, images=len(fresh), sightings=len(rows), local_features=local)
    return Added(images=len(fresh), sightings=len(rows), known=len(entries) - len(rows))


def count(connection: sqlite3.Connection, **changes: int) -> None:
    """Change counters in `meta`: counting a million rows takes longer than a check."""
    for name, change in changes.items():
        connection.execute(
            "UPDATE meta SET value = CAST(value AS INTEGER) + ? WHERE name = ?", (change, name)
        )


def _known(
    connection: sqlite3.Connection, table: str, column: str, other: str, values: Iterable[str]
) -> Iterator[tuple[str, int]]:
    """Yield (`column`, `other`) of the rows whose `column` is among `values`."""
    wanted = list(dict.fromkeys(values))
    for start in range(0, len(wanted), IN_LIST):
        part = wanted[start : start + IN_LIST]
        marks = ",".join("?" * len(part))
        # Table and column names are this module's own literals.
        query = f"SELECT {column}, {other} FROM {table} WHERE {column} IN ({marks})"
        yield from connection.execute(query, part)


def _insert_image(db: Database, image: ImageRecord) -> int:
    row = {
        "sha256": image.sha256,
        "format": image.format,
        "width": image.width,
        "height": image.height,
        "byte_count": image.byte_count,
        "frame_count": image.frame_count,
    }
    image_id = db.table("image").insert(row).last_pk
    if not isinstance(image_id, int):
        raise TypeError(f"image numbers are integers, not {image_id!r}")
    return image_id


def _insert_fingerprints(db: Database, images: Sequence[tuple[int, ImageRecord]]) -> None:
    algorithms = {
        (f.algorithm, f.version): _algorithm_id(db, f.algorithm, f.version)
        for _, image in images
        for f in image.fingerprints
    }
    fingerprints: list[dict[str, Any]] = []
    chunks: set[tuple[int, int, int, int]] = set()
    for image_id, image in images:
        for f in image.fingerprints:
            algorithm_id = algorithms[f.algorithm, f.version]
            fingerprints.append(
                {
                    "image_id": image_id,
                    "algorithm_id": algorithm_id,
                    "frame": f.frame,
                    "quality": f.quality,
                    "searchable": int(f.searchable),
                    "code": f.code,
                }
            )
            if f.searchable:
                keys = zip(chunk_keys(f.code), followings(f.code), strict=True)
                chunks.update((algorithm_id, key, image_id, following) for key, following in keys)
    db.table("preview").insert_all(
        {"image_id": i, "jpeg": image.preview} for i, image in images if image.preview
    )
    db.table("fingerprint").insert_all(fingerprints)
    db.conn.executemany(
        "INSERT INTO chunk (algorithm_id, key, image_id, following) VALUES (?, ?, ?, ?)", sorted(chunks)
    )


def _insert_local(db: Database, images: Sequence[tuple[int, ImageRecord]]) -> int:
    """Store the local features of the images that have some; return how many these are."""
    codes = [(image_id, image.local) for image_id, image in images if image.local]
    algorithms = {
        kind: _algorithm_id(db, *kind) for kind in {(code.algorithm, code.version) for _, code in codes}
    }
    db.table("local_feature").insert_all(
        {
            "image_id": image_id,
            "algorithm_id": algorithms[code.algorithm, code.version],
            "words": code.words,
            "signatures": code.signatures,
            "features": code.features,
        }
        for image_id, code in codes
    )
    return len(codes)


def _algorithm_id(db: Database, name: str, version: int) -> int:
    db.table("algorithm").insert({"name": name, "version": version}, ignore=True)
    row = db.execute("SELECT id FROM algorithm WHERE name = ? AND version = ?", (name, version)).fetchone()
    return int(row[0])
