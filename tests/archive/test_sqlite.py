"""The SQLite archive keeps what it is given, once, whole, and finds it again."""

from __future__ import annotations

import sqlite3
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provenance.archive import cached, lookup, transactions
from provenance.archive.sqlite import SqliteArchive
from provenance.errors import ReadOnlyArchiveError
from provenance.index.keys import EXACT_RADIUS, distance
from provenance.model import DateRange, QueryCode, Sighting

MAY_2016 = DateRange("2016-05", date(2016, 5, 1), date(2016, 5, 31))


def query(code: bytes) -> QueryCode:
    return QueryCode("pdq", 1, code)


def flipped(code: bytes, bits: set[int]) -> bytes:
    value = int.from_bytes(code, "big")
    for bit in bits:
        value ^= 1 << bit
    return value.to_bytes(32, "big")


def test_the_same_photo_twice_is_one_image_and_one_sighting(archive, entry):
    first = archive.add([entry(1), entry(2)])
    again = archive.add([entry(1), entry(2)])
    assert (first.images, first.sightings, first.known) == (2, 2, 0)
    assert (again.images, again.sightings, again.known) == (0, 0, 2)
    assert (archive.info().images, archive.info().sightings) == (2, 2)


def test_the_same_photo_twice_in_one_batch_is_one_image(archive, entry):
    added = archive.add([entry(1), entry(1), entry(1, outlet="Wire")])
    assert (added.images, added.sightings, added.known) == (1, 2, 1)


def test_one_image_has_many_sightings_in_the_order_recorded(archive, entry):
    archive.add([entry(1, outlet="First")])
    archive.add([entry(1, outlet="Second", published=MAY_2016)])
    image = archive.by_digest(f"{1:064x}")
    assert [s.outlet for s in archive.sightings(image.id)] == ["First", "Second"]
    assert archive.sightings(image.id)[1].published == MAY_2016


@given(
    text=st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    when=st.none() | st.builds(DateRange, st.just("x"), st.none() | st.dates(), st.none() | st.dates()),
)
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_sighting_comes_back_as_it_was_given(tmp_path_factory, entry, text, when):
    given_one = Sighting(
        path=text, location=text, url=text, outlet=text, published=when, captured=when,
        place=text, caption=text, credit=text, licence=text,
    )  # fmt: skip
    with SqliteArchive.writing(tmp_path_factory.mktemp("round") / "a.db") as archive:
        archive.add([type(entry(1))(entry(1).image, given_one)])
        (back,) = archive.sightings(1)
    assert back.recorded is not None
    assert all(
        getattr(back, name) == getattr(given_one, name) for name in Sighting.__slots__ if name != "recorded"
    )


def test_a_batch_that_fails_midway_leaves_nothing(archive, entry):
    broken = entry(3, caption=object())
    before = archive.info()
    with pytest.raises(Exception, match="object"):
        archive.add([entry(1), entry(2), broken])
    assert archive.info() == before
    assert archive.add([entry(1)]).images == 1


def test_generation_grows_with_every_change_and_only_then(archive, entry):
    start = archive.info().generation
    archive.add([entry(1)])
    changed = archive.info().generation
    archive.add([entry(1)])
    assert start < changed == archive.info().generation


def test_an_archive_that_another_is_just_making_is_waited_for(tmp_path, entry, monkeypatch):
    other = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waited = []

    def end_of_wait(seconds):
        waited.append(seconds)
        other.execute("COMMIT")

    monkeypatch.setattr(transactions, "sleep", end_of_wait)
    with SqliteArchive.writing(tmp_path / "a.db") as archive:
        assert archive.add([entry(1)]).images == 1
    assert len(waited) == 1


def test_a_reader_cannot_write(tmp_path, entry):
    with SqliteArchive.writing(tmp_path / "a.db") as archive:
        archive.add([entry(1)])
    with SqliteArchive.reading(tmp_path / "a.db") as archive, pytest.raises(ReadOnlyArchiveError):
        archive.add([entry(2)])


@given(data=st.data())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_look_up_equals_brute_force_within_the_exact_radius(tmp_path_factory, entry, data):
    """By SQL and by the memory-mapped index, with and without a tail that is newer than the index."""
    code = st.binary(min_size=32, max_size=32)
    flips = st.sets(st.integers(0, 255), max_size=40)
    asked = data.draw(code)
    near = [flipped(asked, bits) for bits in data.draw(st.lists(flips, max_size=12))]
    stored = near + data.draw(st.lists(code, max_size=12))
    radius = data.draw(st.integers(0, EXACT_RADIUS))
    expected = sorted((d, i) for i, c in enumerate(stored, 1) if (d := distance(asked, c)) <= radius)
    path = tmp_path_factory.mktemp("lookup") / "a.db"
    with SqliteArchive.writing(path) as archive:
        archive.add([entry(i, c) for i, c in enumerate(stored[:8])])
        if stored:
            cached.CachedLookup(archive.connection, path).candidates([query(asked)], radius)
        archive.add([entry(i, c) for i, c in enumerate(stored[8:], 8)])
        by_sql = lookup.chunk_candidates(archive.connection, [query(asked)], radius)
        by_index = cached.CachedLookup(archive.connection, path).candidates([query(asked)], radius)
        assert [(c.distance, c.image_id) for c in by_sql] == expected
        assert by_index == by_sql == archive.candidates([query(asked)], radius)


def test_of_several_query_codes_the_nearest_is_told(archive, entry):
    code = bytes(range(32))
    archive.add([entry(1, code)])
    far, near = query(flipped(code, {1, 2, 3})), query(flipped(code, {7}))
    (candidate,) = archive.candidates([far, near], 31)
    assert (candidate.distance, candidate.query) == (1, near)


def test_a_code_of_another_algorithm_or_version_is_never_found(archive, entry):
    code = bytes(range(32))
    archive.add([entry(1, code)])
    assert archive.candidates([QueryCode("phash", 1, code), QueryCode("pdq", 2, code)], 31) == []


def test_an_index_of_before_a_removal_is_not_used(archive, entry):
    from provenance.archive import maintenance

    code = bytes(range(32))
    archive.add([entry(1, code), entry(2, flipped(code, {1}))])
    assert len(cached.CachedLookup(archive.connection, archive.path).candidates([query(code)], 31)) == 2
    maintenance.remove(archive, maintenance.find(archive, "1"))
    left = cached.CachedLookup(archive.connection, archive.path).candidates([query(code)], 31)
    assert [c.image_id for c in left] == [2]


def test_a_damaged_index_is_made_anew(archive, entry):
    code = bytes(range(32))
    archive.add([entry(1, code)])
    before = cached.CachedLookup(archive.connection, archive.path).candidates([query(code)], 31)
    for file in cached.cache_folder(archive.path).iterdir():
        content = bytearray(file.read_bytes())
        content[len(content) // 2 :] = bytes(len(content) - len(content) // 2)
        file.write_bytes(content)
    assert cached.CachedLookup(archive.connection, archive.path).candidates([query(code)], 31) == before
