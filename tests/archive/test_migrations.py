"""Schemas only ever grow, and an archive of any earlier one can be brought up to date."""

from __future__ import annotations

import sqlite3

import numpy as np
import pytest
from sqlite_utils import Database

from provenance.archive import maintenance, verification
from provenance.archive.connection import SCHEMA_VERSION
from provenance.archive.migrations import migrations
from provenance.archive.sqlite import SqliteArchive
from provenance.errors import ArchiveError, NewerSchemaError, NotAnArchiveError
from provenance.index.keys import chunk_keys, followings
from provenance.model import LocalCode, QueryCode, Variant, VariantKeys

FIRST_SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO meta VALUES ('identity', '4a6e0c80-0000-4000-8000-000000000000'), ('generation', '1'), ('epoch', '0'),
    ('images', '1'), ('sightings', '1');
CREATE TABLE image (id INTEGER PRIMARY KEY AUTOINCREMENT, sha256 TEXT NOT NULL UNIQUE, format TEXT NOT NULL,
    width INTEGER NOT NULL, height INTEGER NOT NULL, byte_count INTEGER NOT NULL, frame_count INTEGER NOT NULL);
CREATE TABLE preview (image_id INTEGER PRIMARY KEY REFERENCES image(id) ON DELETE CASCADE, jpeg BLOB NOT NULL);
CREATE TABLE sighting (id INTEGER PRIMARY KEY AUTOINCREMENT,
    image_id INTEGER NOT NULL REFERENCES image(id) ON DELETE CASCADE, identity TEXT NOT NULL UNIQUE,
    path TEXT NOT NULL, location TEXT NOT NULL, url TEXT, outlet TEXT,
    published TEXT, published_from TEXT, published_to TEXT, captured TEXT, captured_from TEXT, captured_to TEXT,
    place TEXT, caption TEXT, credit TEXT, licence TEXT, recorded TEXT NOT NULL);
CREATE INDEX sighting_image ON sighting (image_id);
INSERT INTO image VALUES (1, 'aa', 'JPEG', 4, 3, 99, 1);
INSERT INTO sighting (image_id, identity, path, location, caption, recorded)
    VALUES (1, 'x', 'old.jpg', '/old.jpg', 'Citadelle d''Alep', '2024-01-01T00:00:00+00:00');
CREATE TABLE _sqlite_migrations (migration_set TEXT, name TEXT, applied_at TEXT, PRIMARY KEY (migration_set, name));
INSERT INTO _sqlite_migrations VALUES ('provenance', 'm001_images_and_sightings', '2024-01-01');
PRAGMA application_id = 0x70726F76;
PRAGMA user_version = 1;
"""
"""The first schema as it was released, with one photo in it. Never edit this."""


@pytest.fixture
def first(tmp_path):
    path = tmp_path / "first.db"
    connection = sqlite3.connect(path)
    connection.executescript(FIRST_SCHEMA)
    connection.close()
    return path


def schema_of(path):
    connection = sqlite3.connect(path)
    rows = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE '%sqlite%' ORDER BY name"
    )
    tables = {name: "".join((sql or "").replace('"', "").split()) for name, sql in rows}
    connection.close()
    return tables


def test_the_first_schema_is_brought_up_to_date_with_what_it_holds(first, tmp_path):
    with SqliteArchive.writing(first) as archive:
        assert archive.info().images == archive.without_local_features() == 1
        assert archive.info().schema_version == SCHEMA_VERSION
        assert archive.sightings(1)[0].caption == "Citadelle d'Alep"
    with SqliteArchive.writing(tmp_path / "new.db"):
        pass
    assert schema_of(first) == schema_of(tmp_path / "new.db")


def test_images_of_an_earlier_schema_are_kept_and_counted_as_without_local_features(tmp_path, entry):
    path = tmp_path / "third.db"
    connection = sqlite3.connect(path)
    migrations.apply(Database(connection), stop_before="m004_local_features")
    code = bytes(range(32))
    connection.executescript(
        f"""INSERT INTO image VALUES (7, 'aa', 'JPEG', 4, 3, 99, 1);
        INSERT INTO sighting (image_id, identity, path, location, recorded)
            VALUES (7, 'x', 'old.jpg', '/old.jpg', '2024-01-01T00:00:00+00:00');
        INSERT INTO algorithm VALUES (1, 'pdq', 1);
        INSERT INTO fingerprint VALUES (7, 1, 0, 100, 1, x'{code.hex()}');
        UPDATE meta SET value = 1 WHERE name IN ('images', 'sightings');"""
    )
    connection.executemany(
        "INSERT INTO chunk VALUES (1, ?, 7, ?)", zip(chunk_keys(code), followings(code), strict=True)
    )
    connection.commit()
    assert connection.execute("PRAGMA user_version").fetchone() == (3,)
    connection.close()
    local = LocalCode("local", 1, b"\0\0\0", b"\0\0\0\0", b"features")
    asked = VariantKeys(
        Variant(False, False),
        np.zeros((1, 1), np.uint32),
        np.zeros(1, np.uint32),
        np.zeros((1, 2), np.float32),
    )
    with SqliteArchive.writing(path) as archive:
        assert list(verification.verify(archive)) == []
        assert (archive.info().images, archive.without_local_features()) == (1, 1)
        assert [c.image_id for c in archive.candidates([QueryCode("pdq", 1, code)], 31)] == [7]
        assert archive.local_candidates([asked], ("local", 1), 9) == []
        archive.add([entry(8, local=local)])
        assert (archive.info().images, archive.without_local_features()) == (2, 1)
        assert [c.image_id for c in archive.local_candidates([asked], ("local", 1), 9)] == [8]


def test_sightings_of_the_first_schema_can_be_searched_after_the_upgrade(first):
    with SqliteArchive.writing(first) as archive:
        assert [r.path for r in maintenance.search(archive, "citadelle")] == ["old.jpg"]


def test_an_older_schema_is_not_read_but_advice_is_given(first):
    with pytest.raises(ArchiveError) as error:
        SqliteArchive.reading(first)
    assert "archive upgrade" in error.value.advice


def test_the_schema_version_counts_the_migrations():
    db = Database(memory=True)
    assert len(migrations.pending(db)) == SCHEMA_VERSION


@pytest.mark.parametrize("opening", [SqliteArchive.reading, SqliteArchive.writing])
def test_a_newer_schema_is_refused_untouched(tmp_path, opening):
    path = tmp_path / "newer.db"
    with SqliteArchive.writing(path) as archive:
        archive.connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    with pytest.raises(NewerSchemaError, match=f"schema {SCHEMA_VERSION + 1}"):
        opening(path)


@pytest.mark.parametrize("opening", [SqliteArchive.reading, SqliteArchive.writing])
def test_a_foreign_database_is_refused_untouched(tmp_path, opening):
    path = tmp_path / "foreign.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE mine (x)")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    with pytest.raises(NotAnArchiveError, match="not an archive of this program"):
        opening(path)
    assert path.read_bytes() == before
