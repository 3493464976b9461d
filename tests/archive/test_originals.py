"""An archive keeps the files it is given, byte for byte, and knows when one of them is no longer that."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from provenance.archive import cached, maintenance, verification
from provenance.archive.interface import Added
from provenance.archive.migrations import migrations
from provenance.archive.sqlite import SqliteArchive
from provenance.errors import ArchiveError


@pytest.fixture
def kept(entry):
    """Return the maker of entries whose file is `content` and is to be kept."""

    def make(number, content, **said):
        whole = entry(number, **said)
        digest = hashlib.sha256(content).hexdigest()
        return replace(whole, image=replace(whole.image, sha256=digest, original=content))

    return make


def without(whole):
    return replace(whole, image=replace(whole.image, original=b""))


def held(archive):
    info = archive.info()
    return info.originals, info.original_bytes


@given(contents=st.lists(st.binary(min_size=1, max_size=9000), unique=True, max_size=5))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_originals_come_back_byte_for_byte_and_are_counted(tmp_path_factory, kept, contents):
    with SqliteArchive.writing(tmp_path_factory.mktemp("kept") / "a.db") as archive:
        archive.add([kept(n, content) for n, content in enumerate(contents)])
        assert list(archive.originals([*range(1, 9), 99]).values()) == contents
        assert held(archive) == (len(contents), sum(map(len, contents)))
        assert list(verification.verify(archive)) == []


def test_without_being_asked_none_is_kept(archive, entry):
    archive.add([entry(1), entry(2)])
    assert (archive.originals([1, 2]), held(archive)) == ({}, (0, 0))


def test_a_known_image_is_given_its_original_once(archive, kept):
    one = kept(1, b"one")
    archive.add([without(one)])
    assert archive.add([one, one]) == Added(known=2, completed=1)
    before = list(archive.connection.iterdump())
    assert archive.add([one]) == archive.add([without(one)]) == Added(known=1)
    assert list(archive.connection.iterdump()) == before
    assert (archive.originals([1]), held(archive)) == ({1: b"one"}, (1, 3))


def test_indexes_are_kept_where_only_originals_came(archive, kept):
    archive.add([without(kept(1, b"one"))])
    key = cached.cache_key(archive.connection, "pdq", 1)
    archive.add([kept(1, b"one")])
    assert cached.cache_key(archive.connection, "pdq", 1) == key


def test_a_batch_that_fails_midway_keeps_no_original(archive, kept):
    archive.add([without(kept(1, b"one"))])
    with pytest.raises(Exception, match="object"):
        archive.add([kept(1, b"one"), kept(2, b"two", caption=object())])
    assert (archive.originals([1, 2]), held(archive)) == ({}, (0, 0))


def test_an_original_goes_with_its_image_and_leaves_its_room_to_the_next(archive, kept):
    archive.add([kept(1, bytes(3_000_000)), kept(2, b"two")])

    def pages():
        return archive.connection.execute("PRAGMA page_count").fetchone()

    before = pages()
    maintenance.remove(archive, maintenance.find(archive, "1"))
    assert (archive.originals([1, 2]), held(archive)) == ({2: b"two"}, (1, 3))
    assert list(verification.verify(archive)) == []
    archive.add([kept(3, b"\1" * 3_000_000)])
    assert pages() <= before


def test_a_backup_carries_the_originals(archive, kept, tmp_path):
    content = bytes(range(256)) * 40
    archive.add([kept(1, content)])
    maintenance.backup(archive, tmp_path / "copy.db")
    with SqliteArchive.reading(tmp_path / "copy.db") as copy:
        assert copy.originals([1]) == {1: content}
        assert list(verification.verify(copy)) == []


@pytest.mark.parametrize("size", [1, 5_000, verification.PIECE, 2 * verification.PIECE + 7])
@pytest.mark.parametrize("at", [0.0, 0.5, 1.0])
def test_verify_tells_an_original_with_one_other_byte_wherever_it_is(archive, kept, size, at):
    archive.add([kept(1, bytes(size)), kept(2, b"two")])
    assert list(verification.verify(archive)) == []
    with archive.connection.blobopen("original", "content", 1) as content:
        content[int(at * (size - 1))] = 1
    archive.connection.commit()
    (problem,) = verification.verify(archive)
    assert (problem.where, problem.what) == (
        "image 1",
        "keeps an original whose bytes are not those that were added",
    )


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("UPDATE original SET content = x'74'", ["keeps an original", "counts 3 original bytes, but 1"]),
        ("UPDATE original SET content = x''", ["keeps an original", "counts 3 original bytes, but 0"]),
        ("DELETE FROM original", ["counts 1 originals, but 0", "counts 3 original bytes, but 0"]),
        (
            "INSERT INTO original VALUES (99, x'00')",
            ["refers to a missing image", "counts 1 originals, but 2"],
        ),
    ],
)
def test_verify_tells_originals_that_are_cut_gone_or_nobodys(archive, kept, damage, told):
    archive.add([kept(1, b"two")])
    with sqlite3.connect(archive.path) as other:
        other.execute(damage)
    other.close()
    problems = [problem.what for problem in verification.verify(archive)]
    assert [words for words in told if not any(words in what for what in problems)] == []


def test_an_archive_of_schema_4_is_upgraded_and_its_images_are_given_their_originals(tmp_path, kept):
    with SqliteArchive.writing(tmp_path / "new.db") as new:
        new.add([without(kept(1, b"one"))])
    path = tmp_path / "fourth.db"
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        migrations.apply(Database(connection), stop_before="m005_originals")
        connection.execute("ATTACH ? AS new", (str(tmp_path / "new.db"),))
        said = ", ".join(row[1] for row in connection.execute("PRAGMA main.table_info(sighting)"))
        for table in ("image", "algorithm", "fingerprint", "chunk", "preview"):
            connection.execute(f"INSERT INTO main.{table} SELECT * FROM new.{table}")
        connection.execute(f"INSERT INTO main.sighting ({said}) SELECT {said} FROM new.sighting")
        connection.execute("UPDATE main.meta SET value = '1' WHERE name IN ('images', 'sightings')")
        assert connection.execute("PRAGMA main.user_version").fetchone() == (4,)
    with pytest.raises(ArchiveError, match="earlier version") as error:
        SqliteArchive.reading(path)
    assert "archive upgrade" in error.value.advice
    with SqliteArchive.writing(path) as archive:
        assert (archive.originals([1]), held(archive)) == ({}, (0, 0))
        assert list(verification.verify(archive)) == []
        assert archive.add([kept(1, b"one")]) == Added(known=1, completed=1)
        assert (archive.originals([1]), held(archive)) == ({1: b"one"}, (1, 3))
        assert list(verification.verify(archive)) == []
