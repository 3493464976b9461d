"""Looking after an archive: find, search, remove, verify, back up."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from provenance.archive import maintenance, verification
from provenance.archive.sqlite import SqliteArchive
from provenance.errors import ArchiveError, UsageError
from provenance.model import DateRange, QueryCode


def test_full_text_search_ignores_accents_and_reads_arabic(archive, entry):
    archive.add([entry(1, caption="Évacuation d'Alep", place="حلب"), entry(2, caption="Latakia harbour")])
    assert [r.id for r in maintenance.search(archive, "evacuation alep")] == [1]
    assert [r.id for r in maintenance.search(archive, "حلب")] == [1]
    assert [r.id for r in maintenance.search(archive, "harbour")] == [2]


@pytest.mark.parametrize("words", ['"', "AND", "alep NEAR(", "*", "-x", "caption:alep", "a\0b", "", "   "])
def test_search_words_are_words_and_never_query_syntax(archive, entry, words):
    archive.add([entry(1, caption="Alep")])
    assert list(maintenance.search(archive, words)) == []


def test_a_removed_image_is_gone_everywhere_and_its_number_is_not_given_again(archive, entry):
    code = bytes(range(32))
    archive.add([entry(1, code, caption="one")])
    maintenance.remove(archive, maintenance.find(archive, "1"))
    assert archive.info().images == archive.info().sightings == 0
    assert archive.candidates([QueryCode("pdq", 1, code)], 31) == []
    assert list(maintenance.search(archive, "one")) == []
    assert list(verification.verify(archive)) == []
    archive.add([entry(1, code)], restore=True)
    assert archive.by_digest(f"{1:064x}").id == 2


@pytest.mark.parametrize("name", ["1", f"{1:064x}", "1.jpg", "/nowhere/1.jpg", "https://example.org/1"])
def test_an_image_is_found_by_number_digest_path_or_url(archive, entry, name):
    archive.add([entry(1, url="https://example.org/1"), entry(2)])
    assert maintenance.find(archive, name).id == 1


@pytest.mark.parametrize(
    ("name", "told"), [("9", "No image"), ("00000000", "Several images"), ("9" * 30, "No image")]
)
def test_a_name_of_none_or_several_images_is_a_usage_error(archive, entry, name, told):
    archive.add([entry(1), entry(2)])
    with pytest.raises(UsageError, match=told):
        maintenance.find(archive, name)


def test_a_sound_archive_has_no_problems(archive, entry):
    archive.add([entry(1), entry(2)])
    assert list(verification.verify(archive)) == []


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("DELETE FROM chunk WHERE image_id = 1 AND key < 65536", "missing from the chunk table in 1 places"),
        ("DELETE FROM sighting WHERE image_id = 1", "no sighting"),
        ("DELETE FROM fingerprint WHERE image_id = 1", "no fingerprints"),
        ("DELETE FROM image WHERE id = 2", "counts 2 images, but 1 are there"),
        (
            "UPDATE meta SET value = 1 WHERE name = 'local_features'",
            "counts 1 local features, but 0 are there",
        ),
        ("INSERT INTO chunk VALUES (1, 5, 99, 0)", "1 rows that belong to no code"),
    ],
)
def test_verify_tells_what_is_missing(archive, entry, damage, told):
    archive.add([entry(1), entry(2)])
    archive.connection.execute(damage)
    archive.connection.commit()
    assert any(told in problem.what for problem in verification.verify(archive))


def test_verify_tells_an_original_that_changed_but_not_one_that_is_gone(archive, entry, tmp_path):
    changed = tmp_path / "changed.jpg"
    changed.write_bytes(b"other bytes")
    archive.add([entry(1, location=str(changed)), entry(2)])
    (problem,) = verification.verify(archive)
    assert problem.where == "image 1"
    assert "changed.jpg has changed" in problem.what


def test_a_backup_is_a_whole_archive_made_while_another_writes(archive, entry, tmp_path):
    archive.add([entry(1)])
    with SqliteArchive.reading(archive.path) as reader:
        archive.add([entry(2)])
        maintenance.backup(reader, tmp_path / "copy.db")
    with SqliteArchive.reading(tmp_path / "copy.db") as copy:
        assert copy.info().images == 2
        assert list(verification.verify(copy)) == []


def test_a_backup_never_replaces_a_file(archive, tmp_path):
    target = tmp_path / "precious"
    target.write_text("precious")
    with pytest.raises(ArchiveError, match="exists already"):
        maintenance.backup(archive, target)
    assert target.read_text() == "precious"


DAY = date(2015, 1, 1)


def until(text, latest):
    return DateRange(text, None, latest)


@pytest.mark.parametrize(
    ("said", "lies_before"),
    [
        ([{"published": until("2014", date(2014, 12, 31))}], True),
        ([{"published": until("2015", date(2015, 12, 31))}], False),
        ([{"published": until("2014-12-31/2015-01-01", date(2015, 1, 1))}], False),
        ([{"published": until("2013/..", None)}], False),
        (
            [{"captured": until("2013", date(2013, 12, 31)), "archived": until("2016", date(2016, 5, 1))}],
            False,
        ),
        (
            [{"captured": until("2013", date(2013, 12, 31)), "archived": until("2014", date(2014, 5, 1))}],
            True,
        ),
        ([{"recorded": datetime(2014, 12, 31, 23, 59, tzinfo=UTC)}], True),
        ([{"recorded": datetime(2015, 1, 1, tzinfo=UTC)}], False),
        ([{}], False),
        (
            [{"published": until("2014", date(2014, 1, 1))}, {"recorded": datetime(2016, 1, 1, tzinfo=UTC)}],
            False,
        ),
        (
            [{"published": until("2014", date(2014, 1, 1))}, {"captured": until("2013", date(2013, 1, 1))}],
            True,
        ),
    ],
)
def test_an_image_lies_before_a_day_if_all_its_sightings_surely_do(archive, entry, said, lies_before):
    archive.add([entry(1, caption=str(number), **told) for number, told in enumerate(said)])
    assert bool(maintenance.before(archive, DAY)) == lies_before
