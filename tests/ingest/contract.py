"""What every source of photos promises, as tests to inherit.

A source's own tests subclass `SourceContract` and say how one is made:

    from contract import Made, SourceContract

    class TestWebArchive(SourceContract):
        @pytest.fixture
        def made(self, tmp_path, jpeg):
            archive = write_warc(tmp_path / "crawl.warc.gz", [jpeg(1), jpeg(2), b"damaged"])
            return Made(WebArchive(archive), tmp_path, photos=2, skipped=1)

Make it with at least two photos and, if the source can skip, something to skip: a promise about nothing is none.
The folder is all that the source may read; it is compared before and after, byte for byte.
"""

from __future__ import annotations

import hashlib
import pickle
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import strategies as st

from provenance.ingest.interface import Source
from provenance.model import Mention, Sighting, Skipped, Submission
from provenance.photo.limits import DEFAULT

DAMAGES = st.tuples(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=6), st.floats(0.5, 1))
"""Bytes of a file to change, each by its place, 0 to 1, and its new value, and which share of the file is left."""


def damaged(content: bytes, damage: tuple[list[tuple[float, int]], float]) -> bytes:
    """Return a file's bytes with one of `DAMAGES` done to them."""
    changed = bytearray(content)
    for place, value in damage[0]:
        changed[int(place * (len(changed) - 1))] = value
    return bytes(changed[: int(len(changed) * damage[1])])


@dataclass(frozen=True, slots=True)
class Made:
    """A source, the folder that it reads, and how many photos, skipped items and mentions of absent photos it has."""

    source: Source
    folder: Path
    photos: int
    skipped: int = 0
    mentions: int = 0


class SourceContract:
    """Subclass it and give the fixture `made`."""

    @pytest.fixture
    def made(self) -> Made:
        raise NotImplementedError("say how the source is made")

    @pytest.fixture
    def collected(self, made: Made) -> list[Submission | Mention | Skipped]:
        return list(made.source.collect())

    def test_every_record_ends_as_a_photo_a_mention_or_skipped_with_a_reason(self, made, collected):
        count = Counter(type(item) for item in collected)
        assert count == Counter({Submission: made.photos, Skipped: made.skipped, Mention: made.mentions})
        assert all(item.reason.strip() for item in collected if isinstance(item, Skipped))

    def test_collecting_twice_gives_the_same_in_the_same_order(self, made, collected):
        assert list(made.source.collect()) == collected

    def test_two_collections_at_once_do_not_disturb_each_other(self, made, collected):
        pairs = list(zip(made.source.collect(), made.source.collect(), strict=True))
        assert pairs == [(item, item) for item in collected]

    def test_a_collection_can_be_left_in_the_middle(self, made):
        begun = made.source.collect()
        next(begun)
        begun.close()
        assert next(made.source.collect(), None) is not None

    def test_what_is_shown_is_text_that_can_be_stored_and_printed(self, collected):
        for item in collected:
            shown = [item.path, item.reason] if isinstance(item, Skipped) else list(_texts(item.sighting))
            assert all(text.strip() for text in shown)
            for text in shown:
                text.encode("utf-8")

    def test_every_photo_has_bytes_to_read_and_not_too_many_in_memory(self, collected):
        for item in collected:
            if isinstance(item, Submission):
                assert isinstance(item.content, bytes)
                assert len(item.content) <= DEFAULT.bytes
                assert item.file.is_file()

    def test_a_sighting_says_where_its_photo_was_read_and_not_when_it_was_stored(self, collected):
        for item in collected:
            if isinstance(item, Submission):
                assert item.sighting.path == item.path
            if isinstance(item, Submission | Mention):
                assert item.sighting.location
                assert item.sighting.recorded is None

    def test_an_absent_photo_is_named_by_digest_or_address(self, collected):
        for item in collected:
            if isinstance(item, Mention):
                assert item.origin
                assert item.sha256 or item.addresses

    def test_photos_can_be_sent_to_another_process(self, collected):
        assert pickle.loads(pickle.dumps(collected)) == collected

    def test_nothing_is_written(self, made):
        before = _state(made.folder)
        list(made.source.collect())
        assert _state(made.folder) == before

    def test_it_says_whether_counting_costs_as_much_as_reading(self, made):
        assert isinstance(made.source.streamed, bool)
        assert type(made.source).streamed is made.source.streamed


def _texts(said: Sighting) -> Iterator[str]:
    texts = (
        said.path, said.location, said.url, said.outlet, said.place, said.caption, said.credit, said.licence,
        said.page, said.rating, said.desk, said.moment, said.note,
    )  # fmt: skip
    yield from (text for text in texts if text is not None)


def _state(folder: Path) -> dict[str, tuple[int, str]]:
    """Return every file below a folder with when it was changed and what it holds."""
    return {
        str(path.relative_to(folder)): (
            path.stat().st_mtime_ns,
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
