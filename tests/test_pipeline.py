"""What `add` holds in memory, and what it commits at once."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance import pipeline
from provenance.archive.interface import Added
from provenance.examine import ReferenceExam
from provenance.model import ImageRecord, Sighting, Skipped, Submission
from provenance.photo.pool import Failure
from provenance.settings import Settings

LIMIT = 1_000_000


class Examined:
    """A pool whose photos are originals of these sizes in bytes; `None` cannot be read."""

    def __init__(self, sizes):
        self.sizes = sizes

    def map(self, submissions, *, workers, known):  # noqa: ARG002 - as a pool has it
        for submission, size in zip(submissions, self.sizes, strict=True):
            yield submission, Failure("broken") if size is None else exam(submission.path, size)


class Counting:
    """An archive that only remembers how many bytes each photo of each batch brought."""

    def __init__(self):
        self.batches = []

    def add(self, entries, *, restore):  # noqa: ARG002 - as an archive has it
        self.batches.append([len(e.image.original) for e in entries])
        return Added(images=len(entries))


def exam(path, size):
    return ReferenceExam(ImageRecord(path, "JPEG", 4, 3, size, 1, (), original=bytes(size)))


def added(sizes, batch):
    """Return the batches of sizes as the archive met them, and what `add` told of each."""
    archive = Counting()
    submissions = (Submission(Path(str(n)), str(n), Sighting(str(n), str(n))) for n in range(len(sizes)))
    told = list(pipeline.add(Examined(sizes), submissions, archive, settings=Settings(batch=batch)))
    return archive.batches, told


@pytest.fixture(autouse=True)
def _low_limit(monkeypatch):
    monkeypatch.setattr(pipeline, "BATCH_BYTES", LIMIT)


@given(
    sizes=st.lists(st.none() | st.integers(0, LIMIT + 9) | st.just(0), max_size=30),
    batch=st.integers(1, 12),
)
def test_a_batch_ends_with_the_photo_that_brings_its_bytes_to_the_limit(sizes, batch):
    batches, told = added(sizes, batch)
    assert [size for sizes in batches for size in sizes] == [size for size in sizes if size is not None]
    assert all(sum(sizes[:-1]) < LIMIT for sizes in batches)
    assert all(len(b.skipped) + b.added.images <= batch for b in told)
    assert all(
        sum(sizes) >= LIMIT or len(b.skipped) + b.added.images == batch
        for sizes, b in list(zip(batches, told, strict=True))[:-1]
    )
    skipped = [item for b in told for item in b.skipped]
    assert skipped == [Skipped(str(n), "broken") for n, size in enumerate(sizes) if size is None]


def test_without_originals_batches_are_as_set():
    batches, _ = added([0] * 25, 10)
    assert [len(b) for b in batches] == [10, 10, 5]


def test_the_originals_of_one_batch_are_held_at_a_time():
    tracemalloc.start()
    try:
        added([LIMIT // 4] * 100, 256)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1.75 * LIMIT


def test_the_bytes_that_photos_were_read_from_are_not_held_for_a_batch():
    photos = (
        Submission(Path("a.warc"), str(n), Sighting(str(n), str(n)), content=bytes(LIMIT)) for n in range(40)
    )
    tracemalloc.start()
    try:
        (told,) = pipeline.add(Examined([0] * 40), photos, Counting(), settings=Settings(batch=40))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert told.added.images == 40
    assert peak < 5 * LIMIT
