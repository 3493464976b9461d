"""Several archives become one, whatever their order, and however often."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provenance.archive import maintenance, verification
from provenance.archive.interface import Added, Entry
from provenance.archive.merging import merge
from provenance.archive.sqlite import SqliteArchive
from provenance.errors import UsageError
from provenance.model import Fingerprint, LocalCode

EARLY, LATE = datetime(2020, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC)


@pytest.fixture
def other(tmp_path):
    with SqliteArchive.writing(tmp_path / "other.db") as it:
        yield it


def merged(archive, other, **options):
    return sum(merge(archive, other, batch=2, **options), Added())


def whole(archive):
    """Return everything that an archive says of each image, but its number."""
    return {
        r.sha256: (
            maintenance.image_record(archive, r.id),
            archive.originals([r.id]).get(r.id),
            {(s.path, s.caption, s.recorded) for s in archive.sightings(r.id)},
        )
        for r in archive.every()
    }


PARTS = st.tuples(
    st.integers(1, 4),
    st.sampled_from(["", "one", "two"]),
    st.sampled_from([EARLY, LATE]),
    st.sampled_from([None, 1, 2]),
    st.booleans(),
)


def made(entry, parts):
    number, caption, recorded, local, original = parts
    told = entry(number, caption=caption or None, recorded=recorded)
    code = None if local is None else LocalCode("local", local, bytes(3), bytes(4), b"f%d" % local)
    image = replace(told.image, local=code, original=b"original %d" % number if original else b"")
    return replace(told, image=image)


@given(drawn=st.lists(st.tuples(st.integers(0, 2), PARTS), max_size=12), order=st.permutations(range(3)))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_merging_gives_what_adding_all_to_one_would_have(tmp_path_factory, entry, drawn, order):
    folder = tmp_path_factory.mktemp("merge")
    with (
        SqliteArchive.writing(folder / "all.db") as everything,
        SqliteArchive.writing(folder / "m.db") as into,
    ):
        everything.add([made(entry, parts) for _, parts in drawn])
        for number in order:
            with SqliteArchive.writing(folder / f"{number}.db") as part:
                part.add([made(entry, parts) for which, parts in drawn if which == number])
                before = whole(part)
                merged(into, part)
                assert whole(part) == before
        assert whole(into) == whole(everything)
        assert not [p for p in verification.verify(into) if "original" not in p.what]
        state = list(into.connection.iterdump())
        for number in order:
            with SqliteArchive.reading(folder / f"{number}.db") as part:
                again = merged(into, part)
                assert (again.images, again.sightings, again.completed) == (0, 0, 0)
        assert list(into.connection.iterdump()) == state


def test_the_earlier_of_two_times_of_recording_stays_and_none_is_of_today(archive, other, entry):
    archive.add([entry(1, recorded=LATE), entry(2, recorded=EARLY)])
    other.add([entry(1, recorded=EARLY), entry(2, recorded=LATE), entry(3, recorded=LATE)])
    assert merged(archive, other) == Added(1, 1, 2)
    assert [archive.sightings(n)[0].recorded for n in (1, 2, 3)] == [EARLY, EARLY, LATE]


def test_fingerprints_of_another_version_stand_beside_and_local_features_of_a_later_one_win(
    archive, other, entry
):
    one = entry(1, local=LocalCode("local", 2, bytes(3), bytes(4), b"later"))
    archive.add([one])
    codes = (Fingerprint("pdq", 2, bytes(32), searchable=True),)
    other.add(
        [
            replace(
                one, image=replace(one.image, fingerprints=codes, local=replace(one.image.local, version=1))
            )
        ]
    )
    assert merged(archive, other) == Added(known=1, completed=1)
    kinds = {(f.algorithm, f.version) for f in maintenance.fingerprints(archive, 1)}
    assert kinds == {("pdq", 1), ("pdq", 2), ("dhash", 1)}
    assert archive.local_features([1]) == {1: b"later"}


def test_what_was_removed_here_is_refused_and_what_was_removed_there_stays(archive, other, entry):
    archive.add([entry(1), entry(2)])
    other.add([entry(1), entry(2)])
    maintenance.remove(archive, maintenance.find(archive, "1"), "wrong")
    maintenance.remove(other, maintenance.find(other, "2"))
    told = merged(archive, other)
    assert (told.images, [item.path for item in told.refused]) == (0, ["1.jpg"])
    assert [r.sha256[-1] for r in archive.every()] == ["2"]
    assert merged(archive, other, restore=True).images == 1


def test_an_archive_is_not_merged_into_itself_by_whatever_name(archive, entry, tmp_path):
    archive.add([entry(1)])
    (tmp_path / "link.db").symlink_to(archive.path)
    with SqliteArchive.reading(tmp_path / "link.db") as link, pytest.raises(UsageError, match="merge into"):
        merged(archive, link)


def test_only_what_was_there_at_the_start_is_taken_while_another_writes(archive, other, entry):
    other.add([entry(n) for n in range(1, 6)])
    with SqliteArchive.reading(other.path) as reader:
        batches = merge(archive, reader, batch=2)
        next(batches)
        other.add([entry(9)])
        assert sum(batches, Added()).images == 3
    assert archive.info().images == 5


def test_an_image_without_a_sighting_is_told(archive, other, entry):
    other.add([entry(1), entry(2)])
    with sqlite3.connect(other.path) as damaged:
        damaged.execute("DELETE FROM sighting WHERE image_id = 1")
    damaged.close()
    told = merged(archive, other)
    assert [item.reason for item in told.refused] == ["it has no sighting"]
    assert told.images == 1


def test_entries_of_one_image_share_its_original(archive, other, entry):
    one = replace(entry(1), image=replace(entry(1).image, original=bytes(1000)))
    other.add([one, Entry(one.image, replace(one.sighting, caption="again"))])
    assert merged(archive, other).sightings == 2
    assert archive.info().original_bytes == 1000
