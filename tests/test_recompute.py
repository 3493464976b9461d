"""Reindexing: what a new version of an algorithm makes of archived images, while those of the earlier one stay."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from provenance import recompute, resuming
from provenance.archive import maintenance, reindexing, verification
from provenance.archive.interface import Entry
from provenance.archive.local_rows import decoded
from provenance.archive.sqlite import SqliteArchive
from provenance.errors import PhotoError
from provenance.examine import examine_reference
from provenance.fingerprint import FINGERPRINTERS, local, registry
from provenance.ingest.folder import FileSource
from provenance.model import QueryCode, Variant, VariantKeys
from provenance.photo.pool import Failure
from provenance.settings import Settings

TWO = Settings(batch=2)


class Later:
    """The primary hash as a later version might have it: the same code, inverted."""

    algorithm = FINGERPRINTERS[0].algorithm
    version = FINGERPRINTERS[0].version + 1

    def __call__(self, frame):
        code, quality = FINGERPRINTERS[0](frame)
        return bytes(255 - byte for byte in code), quality


class Here:
    """A pool that examines in this process."""

    def map(self, submissions, *, workers, known):  # noqa: ARG002 - as a pool has it
        for submission in submissions:
            yield submission, known(submission) or self._exam(submission)

    def _exam(self, submission):
        try:
            return examine_reference(submission)
        except PhotoError as error:
            return Failure(error.message)


@pytest.fixture
def archive(tmp_path, photo):
    """Return an archive of six photos, two of which it keeps the files of; then these and two more are lost."""
    paths = [photo(f"{seed}.jpg", seed) for seed in range(6)]
    with SqliteArchive.writing(tmp_path / "a.db") as it:
        for number, submission in enumerate(FileSource(tuple(paths)).collect()):
            exam = examine_reference(submission, keep_original=number < 2)
            it.add([Entry(exam.image, submission.sighting)])
        for path in paths[:4]:
            path.unlink()
        yield it


@pytest.fixture
def later(monkeypatch):
    """Make the primary hash one version later, for whoever makes fingerprints and whoever asks what there should be."""
    fingerprinters = (Later(), *FINGERPRINTERS[1:])
    monkeypatch.setattr(registry, "FINGERPRINTERS", fingerprinters)
    monkeypatch.setattr("provenance.fingerprint.FINGERPRINTERS", fingerprinters)


def kinds(archive, image_id):
    return {(f.algorithm, f.version) for f in maintenance.fingerprints(archive, image_id)}


def reindexed(archive, most=None):
    """Reindex, or only so many batches; return how many images were brought up to date, and why others were not."""
    done, left = 0, []
    for number, (completed, skipped) in enumerate(recompute.reindex(Here(), archive, settings=TWO), 1):
        done += completed
        left += skipped
        if number == most:
            break
    return done, left


def found(archive, version):
    """Return which images look-up finds by their own code of a version."""
    codes = {
        image_id: f.code
        for image_id in range(1, 7)
        for f in maintenance.fingerprints(archive, image_id)
        if (f.algorithm, f.version) == ("pdq", version)
    }
    return [
        i
        for i, code in codes.items()
        if archive.candidates([QueryCode("pdq", version, code)], 0)[0].image_id == i
    ]


def test_nothing_is_redone_where_everything_is_of_this_version(archive):
    assert reindexed(archive) == (0, [])


def test_originals_and_files_still_there_are_redone_and_the_others_told(archive, later):
    done, left = reindexed(archive)
    assert done == 4
    assert [item.path.rsplit("/")[-1] for item in left] == ["2.jpg", "3.jpg"]
    assert all("preview is too small" in item.reason for item in left)
    assert list(verification.verify(archive)) == []


def test_what_is_found_by_the_earlier_version_stays_so_at_every_instant(archive, later):
    assert (found(archive, 1), found(archive, 2)) == ([1, 2, 3, 4, 5, 6], [])
    assert reindexed(archive, most=1)[0] == 2
    assert (found(archive, 1), found(archive, 2)) == ([1, 2, 3, 4, 5, 6], [1, 2])
    reindexed(archive)
    assert (found(archive, 1), found(archive, 2)) == ([1, 2, 3, 4, 5, 6], [1, 2, 5, 6])


def test_an_interrupted_reindex_goes_on_where_it_stopped(archive, later):
    assert reindexed(archive, most=1)[0] == 2
    assert reindexing.incomplete(archive, resuming.whole_parts(TWO)) == [3, 4, 5, 6]
    assert reindexed(archive)[0] == 2
    done, left = reindexed(archive)
    assert (done, len(left)) == (0, 2)


def test_earlier_codes_are_dropped_on_request_where_there_are_later_ones(archive, later):
    reindexed(archive)
    assert reindexing.drop_earlier(archive, resuming.whole_parts(TWO).fingerprints) == 4
    assert (found(archive, 1), found(archive, 2)) == ([3, 4], [1, 2, 5, 6])
    assert list(verification.verify(archive)) == []
    assert reindexing.drop_earlier(archive, resuming.whole_parts(TWO).fingerprints) == 0


def test_local_features_of_both_versions_are_found_until_the_earlier_are_dropped(archive, monkeypatch):
    before = archive.local_features(range(1, 7), ("sift", 1))
    monkeypatch.setattr(local, "VERSION", 2)
    monkeypatch.setattr(local, "ALGORITHM", ("sift", 2))
    assert (found_locally(archive, 1), found_locally(archive, 2)) == ([1, 2, 3, 4, 5, 6], [])
    assert reindexed(archive, most=1)[0] == 2
    assert (found_locally(archive, 1), found_locally(archive, 2)) == ([1, 2, 3, 4, 5, 6], [1, 2])
    assert reindexed(archive)[0] == 2
    assert archive.local_features(range(1, 7), ("sift", 1)) == before
    assert sorted(archive.local_features(range(1, 7), ("sift", 2))) == [1, 2, 5, 6]
    assert list(verification.verify(archive)) == []
    assert reindexing.drop_earlier(archive, resuming.whole_parts(TWO).fingerprints) == 4
    assert (found_locally(archive, 1), found_locally(archive, 2)) == ([3, 4], [1, 2, 5, 6])
    assert archive.without_local_features() == 0


def found_locally(archive, version):
    """Return which images look-up finds by their own words of a version."""
    rows = archive.connection.execute(
        """SELECT image_id, words, signatures FROM any_local_feature JOIN algorithm ON algorithm.id = algorithm_id
        WHERE version = ? AND name = 'sift' ORDER BY image_id""",
        (version,),
    ).fetchall()
    upright = Variant(mirrored=False, inverted=False)
    found = []
    for row in rows:
        features = decoded([row])
        places = np.zeros((len(features.words), 2), np.float32)
        keys = [VariantKeys(upright, features.words[:, np.newaxis], features.signatures, places)]
        found += [c.image_id for c in archive.local_candidates(keys, ("sift", version), 1)]
    return found


def test_a_file_that_holds_something_else_now_is_not_taken_for_the_image(archive, later, photo):
    photo("4.jpg", 77)
    done, left = reindexed(archive)
    assert (done, len(left)) == (3, 3)
    assert kinds(archive, 5) == {("pdq", 1), ("phash", 1), ("dhash", 1)}


def test_whatever_differs_is_told_and_nothing_else(archive):
    stored = maintenance.image_record(archive, 1)
    assert list(recompute.differences(stored, stored)) == []
    first, *others = stored.fingerprints
    changed = replace(first, code=bytes([first.code[0] ^ 3]) + first.code[1:])
    told = recompute.differences(replace(stored, fingerprints=(changed, *others)), stored)
    assert list(told) == [
        f"its {first.algorithm} of frame 0 differs in 2 of 256 bits from what its bytes give"
    ]
    lacking = replace(stored, fingerprints=(*others, replace(first, frame=4)))
    assert list(recompute.differences(lacking, stored)) == [
        f"its {first.algorithm} of frame 0 is missing",
        f"its {first.algorithm} of frame 4 is not what its bytes give",
    ]
    of_another_version = replace(
        stored, fingerprints=tuple(replace(f, version=9) for f in stored.fingerprints)
    )
    assert list(recompute.differences(of_another_version, stored)) == []
    other = replace(stored, local=replace(stored.local, words=stored.local.words[3:]))
    assert list(recompute.differences(other, stored)) == [
        "its local features are not those that its bytes give"
    ]
