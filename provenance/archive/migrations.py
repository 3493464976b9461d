"""The archive's schema, as an append-only list of named migrations.

Never edit one that has been released: append the next. `PRAGMA user_version` counts those applied, so
that a reader can tell a newer or an older archive without loading sqlite-utils.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from sqlite_utils import Migrations

if TYPE_CHECKING:
    from sqlite_utils import Database

migrations = Migrations("provenance")


@migrations()
def m001_images_and_sightings(db: Database) -> None:
    """Images, unique by digest, apart from their sightings."""
    for statement in (
        "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
        # AUTOINCREMENT: ids are never reused, so derived indexes can tell what is newer than they are.
        """CREATE TABLE image (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            sha256 TEXT NOT NULL UNIQUE,
            format TEXT NOT NULL,
            width INTEGER NOT NULL,
            height INTEGER NOT NULL,
            byte_count INTEGER NOT NULL,
            frame_count INTEGER NOT NULL
        )""",
        """CREATE TABLE preview (
            image_id INTEGER PRIMARY KEY REFERENCES image(id) ON DELETE CASCADE,
            jpeg BLOB NOT NULL
        )""",
        """CREATE TABLE sighting (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            image_id INTEGER NOT NULL REFERENCES image(id) ON DELETE CASCADE,
            identity TEXT NOT NULL UNIQUE,
            path TEXT NOT NULL,
            location TEXT NOT NULL,
            url TEXT,
            outlet TEXT,
            published TEXT, published_from TEXT, published_to TEXT,
            captured TEXT, captured_from TEXT, captured_to TEXT,
            place TEXT,
            caption TEXT,
            credit TEXT,
            licence TEXT,
            recorded TEXT NOT NULL
        )""",
        "CREATE INDEX sighting_image ON sighting (image_id)",
    ):
        db.execute(statement)
    db.table("meta").insert_all(
        [
            {"name": "identity", "value": str(uuid.uuid4())},
            *({"name": counter, "value": "0"} for counter in ("generation", "epoch", "images", "sightings")),
        ]
    )
    # ASCII "prov": tells our files from other SQLite databases.
    db.execute(f"PRAGMA application_id = {0x70726F76}")
    db.execute("PRAGMA user_version = 1")


@migrations()
def m002_fingerprints_and_chunks(db: Database) -> None:
    """Fingerprints with algorithm and version, and the multi-index hashing table over the searchable ones."""
    for statement in (
        """CREATE TABLE algorithm (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL,
            version INTEGER NOT NULL,
            UNIQUE (name, version)
        )""",
        """CREATE TABLE fingerprint (
            image_id INTEGER NOT NULL REFERENCES image(id) ON DELETE CASCADE,
            algorithm_id INTEGER NOT NULL REFERENCES algorithm(id),
            frame INTEGER NOT NULL,
            quality INTEGER,
            searchable INTEGER NOT NULL,
            code BLOB NOT NULL,
            PRIMARY KEY (image_id, algorithm_id, frame)
        ) WITHOUT ROWID""",
        # Derived from fingerprint.code, 16 rows a code. No foreign key: it would need a second index on
        # image_id as large as the table; removal deletes by key instead, and `verify` compares the two.
        """CREATE TABLE chunk (
            algorithm_id INTEGER NOT NULL,
            key INTEGER NOT NULL,
            image_id INTEGER NOT NULL,
            following INTEGER NOT NULL,
            PRIMARY KEY (algorithm_id, key, image_id, following)
        ) WITHOUT ROWID""",
    ):
        db.execute(statement)
    db.execute("PRAGMA user_version = 2")


@migrations()
def m003_full_text(db: Database) -> None:
    """Full-text search over what sightings say, kept current by triggers."""
    db.table("sighting").enable_fts(
        ["caption", "place", "outlet", "credit"],
        create_triggers=True,
        tokenize="unicode61 remove_diacritics 2",
    )
    db.execute("PRAGMA user_version = 3")


@migrations()
def m004_local_features(db: Database) -> None:
    """Local features; images added before have none, and are not found by them."""
    # `features` comes last: who reads words and signatures only does not read on to it.
    db.execute(
        """CREATE TABLE local_feature (
            image_id INTEGER PRIMARY KEY REFERENCES image(id) ON DELETE CASCADE,
            algorithm_id INTEGER NOT NULL REFERENCES algorithm(id),
            words BLOB NOT NULL,
            signatures BLOB NOT NULL,
            features BLOB NOT NULL
        )"""
    )
    db.table("meta").insert({"name": "local_features", "value": "0"})
    db.execute("PRAGMA user_version = 4")


@migrations()
def m005_originals(db: Database) -> None:
    """The files themselves, of images that were added with them; images added before have none."""
    # A table of its own: rows of `image` stay small, and reading them never steps over megabytes.
    db.execute(
        """CREATE TABLE original (
            image_id INTEGER PRIMARY KEY REFERENCES image(id) ON DELETE CASCADE,
            content BLOB NOT NULL
        )"""
    )
    db.table("meta").insert_all({"name": name, "value": "0"} for name in ("originals", "original_bytes"))
    db.execute("PRAGMA user_version = 5")


@migrations()
def m006_more_of_sightings(db: Database) -> None:
    """What web archives, fact-checks, other desks and videos say of a sighting."""
    for column in ("archived", "archived_from", "archived_to", "page", "rating", "desk", "moment", "note"):
        db.execute(f"ALTER TABLE sighting ADD COLUMN {column} TEXT")
    db.execute("PRAGMA user_version = 6")


@migrations()
def m007_source_files(db: Database) -> None:
    """Files as they were when they were read, so that `add` need not read again what has not changed."""
    for statement in (
        """CREATE TABLE source_file (
            location TEXT PRIMARY KEY,
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL,
            sha256 TEXT NOT NULL REFERENCES image(sha256) ON DELETE CASCADE
        ) WITHOUT ROWID""",
        "CREATE INDEX source_file_sha256 ON source_file (sha256)",
        # Whether a file is worth digesting: no image of another size has its bytes.
        "CREATE INDEX image_byte_count ON image (byte_count)",
    ):
        db.execute(statement)
    db.execute("PRAGMA user_version = 7")


@migrations()
def m008_removed_and_superseded(db: Database) -> None:
    """What was removed, so that it does not come back unasked; local features of earlier versions, beside later ones.

    Of a removed picture nothing is kept but its digest.
    """
    for statement in (
        """CREATE TABLE removed (
            sha256 TEXT PRIMARY KEY,
            byte_count INTEGER NOT NULL,
            removed TEXT NOT NULL,
            reason TEXT NOT NULL,
            removed_by TEXT NOT NULL
        ) WITHOUT ROWID""",
        "CREATE INDEX removed_byte_count ON removed (byte_count)",
        """CREATE TABLE earlier_local_feature (
            image_id INTEGER NOT NULL REFERENCES image(id) ON DELETE CASCADE,
            algorithm_id INTEGER NOT NULL REFERENCES algorithm(id),
            words BLOB NOT NULL,
            signatures BLOB NOT NULL,
            features BLOB NOT NULL,
            PRIMARY KEY (image_id, algorithm_id)
        )""",
        """CREATE VIEW any_local_feature AS
            SELECT image_id, algorithm_id, words, signatures, features FROM local_feature
            UNION ALL
            SELECT image_id, algorithm_id, words, signatures, features FROM earlier_local_feature""",
    ):
        db.execute(statement)
    db.execute("PRAGMA user_version = 8")


@migrations()
def m009_statements(db: Database) -> None:
    """What files state of themselves, so that a file need not be read again to tell its sighting from others."""
    db.execute(
        """CREATE TABLE statement (
            image_id INTEGER PRIMARY KEY REFERENCES image(id) ON DELETE CASCADE,
            captured TEXT, captured_from TEXT, captured_to TEXT,
            caption TEXT,
            credit TEXT,
            licence TEXT,
            place TEXT
        )"""
    )
    db.execute("PRAGMA user_version = 9")


@migrations()
def m010_custody(db: Database) -> None:
    """The custody log and its timestamps, append-only; `custody.begin` writes its first entry."""
    for statement in (
        """CREATE TABLE custody (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            at TEXT NOT NULL,
            who TEXT NOT NULL,
            what TEXT NOT NULL,
            details TEXT NOT NULL,
            previous TEXT NOT NULL,
            hash TEXT NOT NULL UNIQUE
        )""",
        # `response` is what the authority answered, RFC 3161's TimeStampResp in DER.
        """CREATE TABLE custody_stamp (
            entry_id INTEGER PRIMARY KEY REFERENCES custody(id),
            response BLOB NOT NULL
        )""",
    ):
        db.execute(statement)
    for table, replaced in (
        ("custody", "id >= NEW.id OR hash = NEW.hash"),
        ("custody_stamp", "entry_id = NEW.entry_id"),
    ):
        # INSERT OR REPLACE removes a row without a word to the trigger on removals.
        exists = f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {replaced})"
        for name, event, when in (
            ("added", "INSERT", exists),
            ("changed", "UPDATE", ""),
            ("removed", "DELETE", ""),
        ):
            db.execute(
                f"""CREATE TRIGGER {table}_{name} BEFORE {event} ON {table} {when}
                BEGIN SELECT RAISE(ABORT, 'the custody log can only be appended to'); END"""
            )
    db.execute("PRAGMA user_version = 10")


@migrations()
def m011_held_by_others(db: Database) -> None:
    """Since when another desk's archive has had what it told of."""
    db.execute("ALTER TABLE sighting ADD COLUMN held TEXT")
    db.execute("PRAGMA user_version = 11")
