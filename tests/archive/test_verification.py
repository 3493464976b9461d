"""Verifying tells when what look-up reads is not what the archive holds, and only then."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provenance.archive import cached, local_lookup, maintenance, reindexing, verification
from provenance.archive.sqlite import SqliteArchive
from provenance.index.segment_file import HEADER_BYTES
from provenance.model import LocalCode, QueryCode


def local(number):
    """Return a code of 40 features, some of them shared by all images."""
    words = b"".join(
        word.to_bytes(3, "little") for word in (*range(20), *range(100 * number, 100 * number + 20))
    )
    return LocalCode("local", 1, words, bytes(range(160)), b"features")


@pytest.fixture
def indexed(archive, entry, monkeypatch):
    """Return an archive of ten images whose features and codes are listed in files beside it."""
    monkeypatch.setattr(local_lookup, "TAIL", 2)
    archive.add([entry(n, bytes([n]) * 32, local(n)) for n in range(1, 11)])
    archive.refresh_index()
    cached.CachedLookup(archive.connection, archive.path).candidates([QueryCode("pdq", 1, bytes(32))], 31)
    return archive


def problems(archive):
    return [(p.where, p.what) for p in verification.verify(archive)]


def files(archive):
    return [
        path for path in cached.cache_folder(archive.path).rglob("*") if path.suffix in {".words", ".bin"}
    ]


def test_indexes_that_list_what_the_archive_holds_are_no_problem(indexed, entry):
    assert len(files(indexed)) == 2
    assert problems(indexed) == []
    indexed.add([entry(11, bytes([11]) * 32, local(11))])
    assert problems(indexed) == []


def test_stale_and_missing_indexes_are_no_problem_since_they_are_made_anew(indexed):
    maintenance.remove(indexed, maintenance.find(indexed, "3"))
    assert problems(indexed) == []
    for path in files(indexed):
        path.unlink()
    assert problems(indexed) == []


@given(at=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255), which=st.integers(0, 1))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_changed_byte_of_an_index_is_told_or_makes_it_unfit_and_never_hides(indexed, at, flip, which):
    """What is unfit is not used."""
    path = sorted(files(indexed))[which]
    whole = path.read_bytes()
    place = HEADER_BYTES + int(at * (len(whole) - HEADER_BYTES))
    path.write_bytes(whole[:place] + bytes([whole[place] ^ flip]) + whole[place + 1 :])
    try:
        told = problems(indexed)
        if told:
            assert [where for where, _ in told] == [("hash index of pdq", "word index of local")[which]]
            assert all("index" in p.advice for p in verification.verify(indexed))
        else:
            assert not _is_used(indexed, which)
    finally:
        path.write_bytes(whole)


def _is_used(archive, which):
    from provenance.index.cache import load
    from provenance.index.segments import SegmentStore

    key = cached.cache_key(archive.connection, *(("pdq", 1), ("local", 1))[which])
    if which:
        return bool(SegmentStore(local_lookup.local_folder(archive.path), key).load())
    return load(cached.cache_folder(archive.path), key) is not None


def test_a_feature_that_the_archive_lost_is_told_by_its_image(indexed):
    indexed.connection.execute("UPDATE local_feature SET signatures = zeroblob(160) WHERE image_id = 4")
    indexed.connection.commit()
    assert problems(indexed) == [
        (
            "word index of local",
            "lists 1 images otherwise than the archive does, the first of them image 4",
        )
    ]


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("INSERT INTO chunk VALUES (1, 5, 3, 9)", ("chunk table", "1 rows that belong to no code")),
        (
            "UPDATE chunk SET following = following + 1 WHERE image_id = 3 AND key < 65536",
            ("image 3", "is missing from the chunk table in 1 places"),
        ),
    ],
)
def test_a_wrong_chunk_table_is_told_and_mended(archive, entry, damage, told):
    archive.add([entry(n, bytes([n]) * 32) for n in range(1, 6)])
    assert reindexing.mend_chunks(archive) is False
    whole = archive.connection.execute("SELECT * FROM chunk").fetchall()
    archive.connection.execute(damage)
    archive.connection.commit()
    assert told in problems(archive)
    assert reindexing.mend_chunks(archive) is True
    assert problems(archive) == []
    assert archive.connection.execute("SELECT * FROM chunk").fetchall() == whole


def test_an_archive_is_verified_as_of_one_moment_while_another_writes(archive, entry):
    archive.add([entry(n) for n in range(1, 6)])
    with SqliteArchive.reading(archive.path) as reader:
        found = []
        number = iter(range(100, 200))
        found += verification.verify(reader, lambda: archive.add([entry(next(number))]) and None)
    assert found == []
    assert archive.info().images == 10


def test_a_file_that_holds_many_photos_is_not_taken_for_one_that_changed(archive, entry, tmp_path):
    from datetime import date

    from provenance.model import DateRange

    warc = tmp_path / "crawl.warc"
    warc.write_bytes(b"many records")
    day = DateRange("2016", date(2016, 1, 1), date(2016, 12, 31))
    archive.add([entry(1, location=str(warc), archived=day), entry(2, location=str(warc), moment="00:00:01")])
    assert problems(archive) == []
    archive.add([entry(3, location=str(warc))])
    assert [where for where, _ in problems(archive)] == ["image 3"]


def test_a_backup_of_one_moment_is_made_however_much_is_written_meanwhile(archive, entry, tmp_path):
    archive.add([entry(n) for n in range(1, 200)])
    written = iter(range(1000, 2000))
    with SqliteArchive.reading(archive.path) as reader:
        # Each step of the copy meets another commit: SQLite alone would start anew each time.
        maintenance.backup(
            reader, tmp_path / "copy.db", lambda _left, _all: archive.add([entry(next(written))])
        )
    with SqliteArchive.reading(tmp_path / "copy.db") as copy:
        assert copy.info().images == 199
        assert problems(copy) == []
    assert archive.info().images > 199
