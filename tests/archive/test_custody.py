"""The custody log tells every change, and whatever is done to it behind the program's back."""

from __future__ import annotations

import json
import sqlite3
import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from provenance.archive import custody, maintenance, reindexing, verification
from provenance.archive.custody_checks import chain_problems
from provenance.archive.merging import merge
from provenance.archive.migrations import migrations
from provenance.archive.sqlite import SqliteArchive
from provenance.archive.transactions import transaction
from provenance.model import Fingerprint, Sighting

FIELDS = ("id", "at", "who", "what", "details", "previous", "hash")


def log_of(archive):
    return list(custody.entries(archive.connection))


def told(archive):
    return [(e.what, json.loads(e.details)) for e in log_of(archive)]


def note(archive, details=None):
    with transaction(archive.connection):
        custody.append(archive.connection, "x", "checked", details or {}, changes=0)


@pytest.fixture
def unguarded(archive, entry):
    """Return an archive of five entries whose triggers someone has taken away."""
    archive.add([entry(1), entry(2)])
    archive.add([entry(3)])
    maintenance.remove(archive, maintenance.find(archive, "2"))
    note(archive)
    assert list(chain_problems(archive.connection)) == []
    guards = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'custody%'"
    for (name,) in archive.connection.execute(guards).fetchall():
        archive.connection.execute(f"DROP TRIGGER {name}")
    return archive


def problems_after(archive, *statements):
    """Return what is told once these statements have run, the missing triggers apart; then undo them."""
    connection = archive.connection
    connection.execute("BEGIN")
    try:
        for statement, values in statements:
            connection.execute(statement, values)
        return [p for p in chain_problems(connection) if "triggers" not in p]
    finally:
        connection.execute("ROLLBACK")


def test_the_log_begins_with_what_is_there_and_tells_every_change_and_by_whom(tmp_path, entry):
    with SqliteArchive.writing(tmp_path / "a.db", "A. Haddad") as archive:
        archive.add([entry(1), entry(2)])
        archive.add([entry(1, outlet="Wire")])
        archive.add([entry(1)])
        maintenance.remove(archive, maintenance.find(archive, "1"))
        (_, began), (_, first), (_, second), (what, last) = told(archive)
        assert began["images"] == {"count": 0, "digest": custody.digest_of([])}
        assert first["images_added"] == [f"{1:064x}", f"{2:064x}"]
        assert first["algorithms"] == ["dhash 1", "pdq 1"]
        assert (second["images_added"], len(second["sightings_added"])) == ([], 1)
        assert (what, last["images_removed"], len(last["sightings_removed"])) == (
            "removed",
            [f"{1:064x}"],
            2,
        )
        assert [e.who for e in log_of(archive)] == ["A. Haddad"] * 4


def test_every_other_change_is_told_too(archive, entry, tmp_path):
    archive.add([entry(1)])
    with SqliteArchive.writing(tmp_path / "other.db") as other:
        other.add([entry(2)])
        list(merge(archive, other, batch=9))
        identity = other.info().identity
    archive.add_sightings([(f"{2:064x}", Sighting("later.jpg", "later.jpg"))])
    first = entry(1, recorded=datetime(2020, 1, 1, tzinfo=UTC))
    archive.add([first])
    newer = Fingerprint("pdq", 2, bytes(32), 100, searchable=True)
    reindexing.complete(archive, [replace(first.image, fingerprints=(newer,))])
    reindexing.drop_earlier(archive, [("pdq", 2)])
    archive.connection.execute("DELETE FROM chunk")
    archive.connection.commit()
    reindexing.mend_chunks(archive)
    _, _, (_, merged), (_, later), (_, earlier), (_, completed), (_, dropped), (what, mended) = told(archive)
    assert merged["merged_from"] == identity
    assert merged["images_added"] == [f"{2:064x}"]
    assert len(later["sightings_added"]) == 1
    assert (earlier["sightings_added"], len(earlier["sightings_recorded_earlier"])) == ([], 1)
    assert (completed["images_completed"], completed["algorithms"]) == ([f"{1:064x}"], ["pdq 2"])
    assert (dropped["dropped"], dropped["earlier_than"]) == (1, ["pdq 2"])
    assert (what, mended["chunk_table"]) == ("reindexed", "made anew")
    assert list(chain_problems(archive.connection)) == []


def test_without_a_name_the_operating_systems_user_is_told(archive, monkeypatch):
    monkeypatch.setenv("LOGNAME", "desk-3")
    note(archive)
    with transaction(archive.connection):
        unnamed = custody.append(archive.connection, "", "checked", {}, changes=0)
    assert unnamed.who == "desk-3"


def test_a_name_of_bytes_that_are_no_text_is_written_all_the_same(archive):
    with transaction(archive.connection):
        written = custody.append(archive.connection, "a\udcff", "checked", {}, changes=0)
    assert written.who == "a?"
    assert list(chain_problems(archive.connection)) == []


def test_the_hash_is_that_of_the_documented_bytes():
    written = custody.CustodyEntry(7, "2026-11-28T10:00:00+00:00", "é", "added", '{"a":"b"}', "0" * 64)
    assert written.serialised == (
        b'["' + b"0" * 64 + b'",7,"2026-11-28T10:00:00+00:00","\\u00e9","added","{\\"a\\":\\"b\\"}"]'
    )


def test_an_entry_is_not_written_outside_of_what_it_records(archive):
    with pytest.raises(ValueError, match="transaction"):
        custody.append(archive.connection, "x", "added", {})


def test_a_batch_that_fails_leaves_no_entry(archive, entry):
    before = log_of(archive)
    with pytest.raises(Exception, match="object"):
        archive.add([entry(1), entry(2, caption=object())])
    assert log_of(archive) == before


def test_images_of_before_the_log_are_in_its_first_entry_and_may_be_removed(tmp_path, entry):
    path = tmp_path / "old.db"
    connection = sqlite3.connect(path)
    migrations.apply(Database(connection), stop_before="m010_custody")
    for number in (7, 8):
        connection.execute("INSERT INTO image VALUES (?, ?, 'JPEG', 4, 3, 99, 1)", (number, f"{number:064x}"))
    connection.execute("UPDATE meta SET value = 2 WHERE name = 'images'")
    connection.commit()
    connection.close()
    with SqliteArchive.writing(path) as archive:
        assert told(archive)[0][1]["images"]["count"] == 2
        maintenance.remove(archive, maintenance.find(archive, "7"))
        archive.add([entry(7), entry(9)], restore=True)
        assert list(chain_problems(archive.connection)) == []
        smuggled = problems_after(archive, ("INSERT INTO image VALUES (99, 'ab', 'JPEG', 4, 3, 99, 1)", ()))
        assert ["no entry added" in problem for problem in smuggled] == [True]
        (gone,) = problems_after(archive, ("DELETE FROM image WHERE id = 8", ()))
        assert "no longer those" in gone


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE custody SET who = 'nobody'",
        "DELETE FROM custody WHERE id = 1",
        "INSERT OR REPLACE INTO custody SELECT id, at, 'nobody', what, details, previous, hash FROM custody",
        "INSERT OR REPLACE INTO custody SELECT 99, at, 'nobody', what, details, previous, hash FROM custody",
    ],
)
def test_ordinary_programs_cannot_change_the_log(archive, statement):
    before = log_of(archive)
    with pytest.raises(sqlite3.IntegrityError, match="only be appended"):
        archive.connection.execute(statement)
    archive.connection.rollback()
    assert log_of(archive) == before


def test_missing_triggers_are_told(unguarded):
    (problem,) = chain_problems(unguarded.connection)
    assert "custody_changed" in problem


@given(
    number=st.integers(1, 5),
    column=st.sampled_from(FIELDS),
    value=st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
    | st.binary(max_size=4)
    | st.integers(0, 99),
)
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_change_of_any_field_is_told(unguarded, number, column, value):
    if column == "id":
        value = value if isinstance(value, int) and not 1 <= value <= 5 else 1000
    changed = (f"UPDATE custody SET {column} = ? WHERE id = ?", (value, number))
    assert problems_after(unguarded, changed)


@given(gone=st.sets(st.integers(1, 5), min_size=1))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_removal_is_told(unguarded, gone):
    assert problems_after(unguarded, *(("DELETE FROM custody WHERE id = ?", (number,)) for number in gone))


@given(order=st.permutations(range(1, 6)).filter(lambda order: order != sorted(order)))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_other_order_is_told(unguarded, order):
    aside = [("UPDATE custody SET id = ? WHERE id = ?", (100 + n, n)) for n in range(1, 6)]
    back = [("UPDATE custody SET id = ? WHERE id = ?", (n, 100 + old)) for n, old in enumerate(order, 1)]
    assert problems_after(unguarded, *aside, *back)


@given(number=st.integers(-3, 9).filter(lambda n: not 1 <= n <= 5), copied=st.integers(1, 5))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_insertion_is_told(unguarded, number, copied):
    inserted = (
        "INSERT INTO custody SELECT ?, at, who, what, details, previous, lower(hex(randomblob(32))) "
        "FROM custody WHERE id = ?",
        (number, copied),
    )
    assert problems_after(unguarded, inserted)


def test_a_forged_last_entry_is_told_by_what_the_archive_holds(unguarded):
    """Whoever cuts off the end and hashes anew must make the archive fit too."""
    connection = unguarded.connection
    connection.execute("DELETE FROM custody WHERE id >= 3")
    connection.execute("UPDATE sqlite_sequence SET seq = 2 WHERE name = 'custody'")
    connection.commit()
    problems = [p for p in chain_problems(connection) if "triggers" not in p]
    assert any("changed without an entry" in p for p in problems)
    assert any("images are there that no entry added" in p for p in problems)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("DELETE FROM image WHERE id = 1", "1 images are gone that no entry removed"),
        (
            "INSERT INTO image VALUES (9, 'ab', 'JPEG', 4, 3, 9, 1)",
            "1 images are there that no entry added, such as ab",
        ),
        ("DELETE FROM sighting WHERE id = 1", "1 sightings are gone that no entry removed"),
        ("UPDATE sighting SET published = '2016' WHERE id = 1", "sighting 1 does not say what it said"),
        ("UPDATE sighting SET outlet = 'Other' WHERE id = 1", "sighting 1 does not say what it said"),
        ("UPDATE meta SET value = value + 1 WHERE name = 'generation'", "changed without an entry"),
    ],
)
def test_what_was_done_to_the_archive_behind_the_log_is_told(archive, entry, change, expected):
    archive.add([entry(1), entry(2)])
    problems = problems_after(archive, (change, ()))
    assert expected in problems[0]


def test_a_change_without_an_entry_is_told_after_later_entries_too(archive, entry):
    archive.connection.execute("UPDATE meta SET value = value + 1 WHERE name = 'generation'")
    archive.connection.commit()
    archive.add([entry(1)])
    assert list(chain_problems(archive.connection)) == [
        "before entry 2 the archive was changed without an entry"
    ]


def test_two_writers_keep_one_chain(tmp_path, entry):
    path, failures = tmp_path / "a.db", []

    def write(first):
        try:
            with SqliteArchive.writing(path, f"writer {first}") as archive:
                for number in range(first, first + 15):
                    archive.add([entry(number)])
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(first,)) for first in (100, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with SqliteArchive.reading(path) as archive:
        assert len(log_of(archive)) == 31
        assert list(chain_problems(archive.connection)) == []


def test_verify_is_not_misled_by_what_is_added_meanwhile(archive, entry):
    archive.add([entry(1), entry(2)])
    more = iter([[entry(3)], [entry(4)]])
    with SqliteArchive.reading(archive.path) as reader:
        assert list(verification.verify(reader, lambda: archive.add(next(more)))) == []
    assert archive.info().images == 4
