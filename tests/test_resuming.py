"""What `add` decodes again, and what it leaves alone."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace

import pytest

from provenance import pipeline
from provenance.archive import maintenance
from provenance.archive.interface import Entry
from provenance.archive.sqlite import SqliteArchive
from provenance.errors import PhotoError
from provenance.examine import examine_reference
from provenance.ingest.folder import FileSource, FolderSource
from provenance.model import Sighting, Submission
from provenance.photo import reading
from provenance.photo.pool import Failure
from provenance.settings import Settings

LONG_AGO = (1_000_000_000, 1_000_000_000)


class Here:
    """A pool that examines in this process, and remembers what."""

    def __init__(self, *, keep_original=False):
        self.decoded = []
        self._keep_original = keep_original

    def map(self, submissions, *, workers, known):  # noqa: ARG002 - as a pool has it
        for submission in submissions:
            yield submission, known(submission) or self._exam(submission)

    def _exam(self, submission):
        self.decoded.append(submission.path)
        try:
            return examine_reference(submission, keep_original=self._keep_original)
        except PhotoError as error:
            return Failure(error.message)


@pytest.fixture
def archive(tmp_path):
    with SqliteArchive.writing(tmp_path / "a.db") as it:
        yield it


@pytest.fixture
def old(photo):
    """Return the maker of photos that were written long ago."""

    def write(name, seed):
        path = photo(name, seed)
        os.utime(path, LONG_AGO)
        return path

    return write


def added(archive, *sources, keep_originals=False, restore=False):
    """Add submissions; return what was decoded, and all that was told."""
    pool = Here(keep_original=keep_originals)
    submissions = [item for source in sources for item in getattr(source, "collect", lambda s=source: [s])()]
    batches = list(
        pipeline.add(
            pool,
            submissions,
            archive,
            settings=Settings(batch=2),
            keep_originals=keep_originals,
            restore=restore,
        )
    )
    skipped = [item.reason for batch in batches for item in batch.skipped]
    return (
        pool.decoded,
        sum(b.added.images for b in batches),
        sum(b.added.sightings for b in batches),
        skipped,
    )


def inside(content, name, **said):
    """Return a submission whose bytes lie inside another file."""
    sighting = Sighting(path=name, location=f"/nowhere/{name}", **said)
    return Submission(file=reading_path(name), path=name, sighting=sighting, content=content)


def reading_path(name):
    from pathlib import Path

    return Path("/nowhere") / name


def test_unchanged_files_are_not_even_opened(archive, old, tmp_path, monkeypatch):
    for seed in range(3):
        old(f"many/{seed}.jpg", seed)
    assert added(archive, FolderSource(tmp_path / "many"))[1:] == (3, 3, [])
    monkeypatch.setattr("provenance.resuming.read_settled", None)
    assert added(archive, FolderSource(tmp_path / "many")) == ([], 0, 0, [])


def test_an_unchanged_file_of_which_something_new_is_said_is_not_opened_either(archive, old, monkeypatch):
    path = old("a.jpg", 1)
    (submission,) = FileSource((path,)).collect()
    added(archive, submission)
    monkeypatch.setattr("provenance.resuming.read_settled", None)
    more = replace(submission, sighting=replace(submission.sighting, caption="The gate"))
    assert added(archive, more) == ([], 0, 1, [])


def test_a_file_with_another_size_or_time_is_read_and_taken_for_what_it_shows_now(archive, old, photo):
    path = old("a.jpg", 1)
    added(archive, FileSource((path,)))
    photo("a.jpg", 2)
    assert added(archive, FileSource((path,))) == ([str(path)], 1, 1, [])


def test_known_bytes_with_another_time_or_name_are_not_decoded(archive, old, tmp_path):
    path = old("a.jpg", 1)
    added(archive, FileSource((path,)))
    os.utime(path, (LONG_AGO[0] + 5, LONG_AGO[1] + 5))
    copy = tmp_path / "copy.jpg"
    copy.write_bytes(path.read_bytes())
    assert added(archive, FileSource((path, copy))) == ([], 0, 1, [])
    state = reading.state_of(path, path.stat())
    assert archive.digest_of(state) == hashlib.sha256(path.read_bytes()).hexdigest()


def test_what_a_file_states_as_its_capture_time_is_kept_without_decoding_it_again(archive, photo, tmp_path):
    from PIL import Image

    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2016:12:13 10:11:12"
    path = photo("a.jpg", 5, exif=exif)
    copy = tmp_path / "copy.jpg"
    copy.write_bytes(path.read_bytes())
    added(archive, FileSource((path,)))
    assert added(archive, FileSource((copy,))) == ([], 0, 1, [])
    assert [s.captured.text for s in archive.sightings(1)] == ["2016-12-13", "2016-12-13"]


def test_a_file_written_just_now_is_digested_again_since_its_time_may_stay_when_it_changes(archive, photo):
    path = photo("a.jpg", 1)
    added(archive, FileSource((path,)))
    assert archive.digest_of(reading.state_of(path, path.stat())) is None
    stat = path.stat()
    path.write_bytes(bytes(stat.st_size))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    decoded, *_, skipped = added(archive, FileSource((path,)))
    assert (decoded, len(skipped)) == ([str(path)], 1)


def test_a_file_that_changes_while_it_is_read_is_not_remembered(old, monkeypatch):
    path = old("a.jpg", 1)
    assert reading.read_settled(path, 10**6)[1] == reading.state_of(path, path.stat())
    states = iter([path.stat()])
    os.utime(path, (LONG_AGO[0] + 5, LONG_AGO[1] + 5))
    monkeypatch.setattr(os, "fstat", lambda _: next(states, path.stat()))
    assert reading.read_settled(path, 10**6)[1] is None


@pytest.mark.parametrize(
    "lost",
    [
        "DELETE FROM local_feature",
        "DELETE FROM preview",
        "DELETE FROM fingerprint WHERE NOT searchable AND algorithm_id = 2",
        "UPDATE algorithm SET version = 0 WHERE name = 'pdq'",
    ],
)
def test_a_known_photo_of_which_something_is_lacking_is_decoded_and_completed_once(archive, old, lost):
    source = FileSource((old("a.jpg", 1),))
    added(archive, source)
    archive.connection.execute(lost)
    archive.connection.commit()
    assert len(added(archive, source)[0]) == 1
    assert added(archive, source)[0] == []


def test_originals_are_asked_for_once(archive, old):
    source = FileSource((old("a.jpg", 1),))
    added(archive, source)
    assert len(added(archive, source, keep_originals=True)[0]) == 1
    assert archive.info().originals == 1
    assert added(archive, source, keep_originals=True)[0] == added(archive, source)[0] == []


def test_bytes_inside_other_files_are_known_by_their_digest_alone(archive, jpeg):
    assert added(archive, inside(jpeg(1), "one"), inside(jpeg(2), "two"))[:3] == (["one", "two"], 2, 2)
    assert added(archive, inside(jpeg(1), "one"), inside(jpeg(2), "else")) == ([], 0, 1, [])


def test_a_removed_photo_is_told_and_neither_decoded_nor_added_until_it_is_restored(archive, old):
    source = FileSource((old("a.jpg", 1),))
    added(archive, source)
    maintenance.remove(archive, maintenance.find(archive, "1"), "wrong credit", "an editor")
    assert archive.connection.execute("SELECT count(*) FROM source_file").fetchone() == (0,)
    decoded, images, _, (reason,) = added(archive, source)
    assert (decoded, images) == ([], 0)
    assert reason.startswith("removed on 2")
    assert reason.endswith(" by an editor: wrong credit; --restore adds it again")
    assert added(archive, source, restore=True)[1:] == (1, 1, [])
    assert added(archive, source) == ([], 0, 0, [])


def test_a_photo_removed_between_recognising_and_storing_it_is_told(archive, old):
    source = FileSource((old("a.jpg", 1),))
    added(archive, source)
    sha256 = archive.references([1])[1].sha256
    held = archive.holding(sha256)
    again = Entry(held.image, Sighting("a.jpg", "/a.jpg"), held=True)
    maintenance.remove(archive, maintenance.find(archive, "1"))
    assert "removed on" in archive.add([again]).refused[0].reason
    (refused,) = archive.add([again], restore=True).refused
    assert (refused.path, refused.reason) == ("a.jpg", "its image was removed meanwhile; add it again")
    assert archive.info().images == 0


def test_a_file_whose_name_is_no_text_is_read_each_time(archive, old, tmp_path):
    path = tmp_path / os.fsdecode(b"\xff.jpg")
    path.write_bytes(old("a.jpg", 1).read_bytes())
    os.utime(path, LONG_AGO)
    assert reading.state_of(path, path.stat()) is None
    assert added(archive, FileSource((path,)))[1:] == (1, 1, [])
    assert added(archive, FileSource((path,))) == ([], 0, 0, [])


def test_the_picture_of_what_another_desk_told_of_is_decoded_once_and_takes_its_place(archive, old):
    """All that this version makes of it was told, but no picture of it was ever here."""
    source = FileSource((old("a.jpg", 1),))
    submission = next(iter(source.collect()))
    image = examine_reference(submission, keep_original=False).image
    told = replace(image, width=1, preview=b"", stated=None)
    archive.add([Entry(told, Sighting("x", "exchange:key", desk="Desk B"))])
    assert len(added(archive, source)[0]) == 1
    held = archive.by_digest(image.sha256)
    assert (held.pictured, held.width) == (True, image.width)
    assert added(archive, source)[0] == []
