"""Segments in files: whole, right and in a row, or not there."""

from __future__ import annotations

import errno
import json
import os
import random
import subprocess
import sys
import threading
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provenance.index import CorruptIndexError, replacing, segment_file, segments
from provenance.index.cache import CacheKey
from provenance.index.posting_lists import LayeredIndex, PostingLists
from provenance.index.posting_merge import merge
from provenance.index.segment_file import HEADER_BYTES, SegmentFile, open_segment
from provenance.index.segments import LOCK_NAME, SMALL, SUFFIX, SegmentStore, longest_chain
from provenance.index.words import WORDS, Features

KEY = CacheKey(archive="3f0c5a52-76c5-4c0e-a6ff-1d9e0a3d2c11", algorithm="local", version=1, epoch=4)
ARRAYS = ("starts", "ids", "signatures")
EACH = 20
"""Features an image."""


def make_lists(first: int, stop: int, each: int = EACH) -> PostingLists:
    """Return the same features of an image whenever it is asked for."""
    drawn = [
        np.random.default_rng(id_).integers(0, 1 << 32, (2, each), dtype=np.uint32)
        for id_ in range(first, stop)
    ]
    rows = np.concatenate([np.empty((2, 0), dtype=np.uint32), *drawn], axis=1)
    features = Features(np.repeat(np.arange(first, stop), each), rows[0] % np.uint32(WORDS), rows[1])
    return PostingLists.build(features, first, stop - 1)


def make_large(first: int, stop: int, each: int) -> PostingLists:
    count = (stop - first) * each
    drawn = np.random.default_rng(first).integers(0, 1 << 32, (2, count), dtype=np.uint32)
    features = Features(np.repeat(np.arange(first, stop), each), drawn[0] % np.uint32(WORDS), drawn[1])
    return PostingLists.build(features, first, stop - 1)


def same(a: PostingLists, b: PostingLists) -> bool:
    spans = (a.first_id, a.last_id) == (b.first_id, b.last_id)
    return spans and all(np.array_equal(getattr(a, name), getattr(b, name)) for name in ARRAYS)


def spans(store: SegmentStore) -> list[tuple[int, int]]:
    return [(segment.first_id, segment.last_id) for segment in store.load()]


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*" + SUFFIX))


def holds(store: SegmentStore, stop: int) -> bool:
    """Return whether the images from 0 up to, not with, `stop` are all held, and right."""
    loaded = store.load()
    return bool(loaded) and same(merge(loaded), make_lists(0, stop))


@pytest.fixture
def unmerged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small segments are merged by their sizes too."""
    monkeypatch.setattr(segments, "SMALL", 0)


@pytest.fixture
def folder(tmp_path: Path, unmerged: None) -> Path:
    """A folder that holds images 0 to 49 in one file and 50 to 59 in another."""
    store = SegmentStore(tmp_path / "archive.db.index", KEY)
    assert store.append(make_lists(0, 50))
    assert store.append(make_lists(50, 60))
    assert spans(store) == [(0, 49), (50, 59)]
    return tmp_path / "archive.db.index"


@pytest.fixture
def store(folder: Path) -> SegmentStore:
    return SegmentStore(folder, KEY)


def test_what_was_kept_is_loaded(store: SegmentStore, folder: Path) -> None:
    first, second = store.load()
    assert same(first, make_lists(0, 50))
    assert same(second, make_lists(50, 60))
    assert sorted(path.suffix for path in folder.iterdir()) == [".lock", SUFFIX, SUFFIX]


@pytest.mark.parametrize("each", [0, 1, EACH, WORDS // 4, WORDS // 4 - 1])
def test_files_with_and_without_bounds_give_the_same(tmp_path: Path, each: int) -> None:
    """Of four images: none, few, as many postings as there are words, and some less."""
    lists = make_large(0, 4, each)
    store = SegmentStore(tmp_path, KEY)
    assert store.append(lists)
    (loaded,) = store.load()
    assert same(loaded, lists)


def test_a_file_of_few_photos_is_small(tmp_path: Path) -> None:
    assert SegmentStore(tmp_path, KEY).append(make_lists(0, 10, each=480))
    assert files(tmp_path)[0].stat().st_size == HEADER_BYTES + 10 * 480 * 12


def test_a_loaded_segment_cannot_be_written_to(store: SegmentStore) -> None:
    with pytest.raises(ValueError, match="read-only"):
        store.load()[0].ids[0] = 1


def test_a_missing_folder_holds_nothing_and_is_made(tmp_path: Path) -> None:
    store = SegmentStore(tmp_path / "a" / "b", KEY)
    assert store.load() == []
    assert store.append(make_lists(0, 3))
    assert holds(store, 3)


def test_images_without_features_are_covered_too(tmp_path: Path) -> None:
    store = SegmentStore(tmp_path, KEY)
    for id_ in range(4):
        assert store.append(make_lists(id_, id_ + 1, each=0))
    assert LayeredIndex(store.load()).last_id == 3


@pytest.mark.parametrize("change", [{"archive": "other"}, {"algorithm": "pdq"}, {"version": 2}, {"epoch": 5}])
class TestOtherKeys:
    def test_segments_of_something_else_are_not_loaded(
        self, folder: Path, change: dict[str, str | int]
    ) -> None:
        assert SegmentStore(folder, replace(KEY, **change)).load() == []

    def test_they_are_removed_when_others_come(
        self, folder: Path, store: SegmentStore, change: dict[str, str | int]
    ) -> None:
        other = SegmentStore(folder, replace(KEY, **change))
        assert other.append(make_lists(0, 3))
        assert len(files(folder)) == 1
        assert holds(other, 3)
        assert store.load() == []


class TestAppending:
    def test_what_does_not_go_on_from_what_is_held_is_not_kept(
        self, store: SegmentStore, folder: Path
    ) -> None:
        before = files(folder)
        assert not store.append(make_lists(61, 70))
        assert not store.append(make_lists(55, 70))
        assert files(folder) == before

    def test_what_is_held_already_is_as_good_as_kept(self, store: SegmentStore, folder: Path) -> None:
        before = files(folder)
        assert store.append(make_lists(50, 60))
        assert store.append(make_lists(60, 60))
        assert files(folder) == before

    def test_neighbours_of_like_size_become_one(self, store: SegmentStore, folder: Path) -> None:
        assert store.append(make_lists(60, 70))
        assert spans(store) == [(0, 49), (50, 69)]
        assert store.append(make_lists(70, 80))
        assert spans(store) == [(0, 79)]
        assert len(files(folder)) == 1
        assert holds(store, 80)

    def test_small_ones_are_always_merged(self, tmp_path: Path) -> None:
        store = SegmentStore(tmp_path, KEY)
        assert store.append(make_lists(0, 50))
        assert store.append(make_lists(50, 51))
        assert spans(store) == [(0, 50)]
        assert 51 * EACH < SMALL

    @pytest.mark.usefixtures("unmerged")
    @pytest.mark.parametrize("step", [1, 3, 10])
    def test_the_number_of_files_grows_like_a_logarithm(self, tmp_path: Path, step: int) -> None:
        store = SegmentStore(tmp_path, KEY)
        for first in range(0, 16 * step, step):
            assert store.append(make_lists(first, first + step, each=2))
            sizes = [len(segment) for segment in store.load()]
            assert all(before > 2 * after for before, after in pairwise(sizes))
            assert len(files(tmp_path)) == len(sizes) <= np.log2(first + step) + 1
        assert same(merge(store.load()), make_lists(0, 16 * step, each=2))

    def test_ten_photos_do_not_rewrite_a_hundred_thousand(self, tmp_path: Path) -> None:
        store = SegmentStore(tmp_path, KEY)
        assert store.append(make_large(0, 100_000, each=12))
        (large,) = files(tmp_path)
        before = large.stat()
        for first in range(100_000, 100_050, 10):
            assert store.append(make_lists(first, first + 10, each=12))
        after = large.stat()
        assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
        written = [path.stat().st_size for path in files(tmp_path) if path != large]
        assert sum(written) < 0.01 * before.st_size
        assert len(written) == 1

    def test_ids_too_far_apart_for_one_file_stay_in_two(self, tmp_path: Path) -> None:
        store = SegmentStore(tmp_path, KEY)
        none = Features(np.empty(0, dtype=np.int64), *(np.empty(0, dtype=np.uint32) for _ in range(2)))
        half = 1 << 31
        for number in range(3):
            assert store.append(PostingLists.build(none, number * half, (number + 1) * half - 1))
        assert spans(store) == [(0, 2 * half - 1), (2 * half, 3 * half - 1)]

    def test_a_key_too_long_for_the_header_is_a_mistake_of_the_caller(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="too long"):
            SegmentStore(tmp_path, replace(KEY, algorithm="x" * HEADER_BYTES)).append(make_lists(0, 1))
        assert files(tmp_path) == []


class TestDamage:
    def test_what_follows_a_damaged_file_is_not_loaded_and_can_be_added_anew(
        self, store: SegmentStore, folder: Path
    ) -> None:
        last = next(path for path in files(folder) if path.name.startswith("50-"))
        last.write_bytes(last.read_bytes()[:-1])
        assert spans(store) == [(0, 49)]
        assert store.append(make_lists(50, 70))
        assert holds(store, 70)
        assert not last.exists()

    def test_a_damaged_first_file_leaves_nothing_until_it_is_made_anew(
        self, store: SegmentStore, folder: Path
    ) -> None:
        first = next(path for path in files(folder) if path.name.startswith("0-"))
        first.write_bytes(b"")
        assert store.load() == []
        assert not store.append(make_lists(60, 70))
        assert store.append(make_lists(0, 50))
        assert spans(store) == [(0, 49), (50, 59)]

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(size=st.integers(0, HEADER_BYTES + 10 * EACH * 12 - 1))
    def test_a_truncated_file_is_ignored(self, store: SegmentStore, folder: Path, size: int) -> None:
        path = next(path for path in files(folder) if path.name.startswith("50-"))
        whole = path.read_bytes()
        path.write_bytes(whole[:size])
        assert spans(store) == [(0, 49)]
        path.write_bytes(whole)

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(place=st.integers(0, HEADER_BYTES - 1), flip=st.integers(1, 255))
    def test_a_changed_byte_of_the_header_is_noticed(
        self, store: SegmentStore, folder: Path, place: int, flip: int
    ) -> None:
        path = next(path for path in files(folder) if path.name.startswith("50-"))
        whole = path.read_bytes()
        path.write_bytes(whole[:place] + bytes([whole[place] ^ flip]) + whole[place + 1 :])
        assert spans(store) == [(0, 49)]
        path.write_bytes(whole)

    @pytest.mark.parametrize(
        "change",
        [
            {"format": 2},
            {"count": 10 * EACH + 1},
            {"count": -1},
            {"count": 10**400},
            {"count": float(10 * EACH)},
            {"count": None},
            {"count": True},
            {"first_id": -1},
            {"first_id": 60},
            {"first_id": "50"},
            {"last_id": 50 + (1 << 32)},
            {"first_id": 10**30, "last_id": 10**30},
            {"more": 1},
        ],
    )
    def test_a_header_that_does_not_fit_is_refused_even_with_its_checksum(
        self, store: SegmentStore, folder: Path, change: dict[str, object]
    ) -> None:
        path = next(path for path in files(folder) if path.name.startswith("50-"))
        content = path.read_bytes()
        header = json.loads(content[: HEADER_BYTES - 4]) | change
        path.write_bytes(signed(json.dumps(header).encode()) + content[HEADER_BYTES:])
        assert spans(store) == [(0, 49)]

    @pytest.mark.parametrize("line", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 4000, b"9" * 4000])
    def test_a_header_that_is_not_ours_is_refused(
        self, store: SegmentStore, folder: Path, line: bytes
    ) -> None:
        path = next(path for path in files(folder) if path.name.startswith("50-"))
        path.write_bytes(signed(line) + path.read_bytes()[HEADER_BYTES:])
        assert spans(store) == [(0, 49)]

    @pytest.mark.parametrize("name", ["words", "starts"])
    @pytest.mark.parametrize(("place", "value"), [(0, 1 << 31), (-1, WORDS << 4), (-1, 0), (40, 1 << 31)])
    def test_list_bounds_that_do_not_hold_are_refused(
        self, tmp_path: Path, name: str, place: int, value: int
    ) -> None:
        count = WORDS if name == "starts" else 100
        store = SegmentStore(tmp_path, KEY)
        assert store.append(make_large(0, 1, count))
        (path,) = files(tmp_path)
        bounds = WORDS + 1 if name == "starts" else count
        content = bytearray(path.read_bytes())
        at = HEADER_BYTES + 4 * (place % bounds)
        content[at : at + 4] = value.to_bytes(4, "little")
        path.write_bytes(content)
        assert store.load() == []

    def test_damage_anywhere_gives_none_an_answer_or_the_one_error(self, tmp_path: Path) -> None:
        rng = random.Random(7)
        store = SegmentStore(tmp_path, KEY)
        lists = make_lists(0, 30)
        assert store.append(lists)
        (path,) = files(tmp_path)
        whole = path.read_bytes()
        words = np.repeat(np.arange(WORDS, dtype=np.uint32), np.diff(lists.starts))[:, np.newaxis]
        outcomes = set()
        for trial in range(90):
            content = bytearray(whole)
            first, last = [(0, HEADER_BYTES), (HEADER_BYTES, len(whole))][trial % 2]
            for _ in range(rng.choice((1, 2))):
                content[rng.randrange(first, last)] = rng.randrange(256)
            path.write_bytes(content)
            index = LayeredIndex(store.load())
            try:
                index.search(words, lists.signatures)
                outcomes.add("none" if index.last_id < 0 else "answer")
            except CorruptIndexError:
                outcomes.add("corrupt")
        assert outcomes == {"none", "answer", "corrupt"}

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no named pipes")
    def test_a_pipe_is_not_waited_for(self, store: SegmentStore, folder: Path) -> None:
        os.mkfifo(folder / f"pipe{SUFFIX}")
        (folder / f"folder{SUFFIX}").mkdir()
        assert spans(store) == [(0, 49), (50, 59)]

    def test_after_clearing_all_can_be_made_anew(self, store: SegmentStore, folder: Path) -> None:
        (folder / "multi_index.bin").write_bytes(b"other")
        assert store.clear()
        assert store.load() == []
        assert (folder / "multi_index.bin").exists()
        assert store.append(make_lists(0, 4))
        assert holds(store, 4)

    def test_clearing_nothing_is_done(self, tmp_path: Path) -> None:
        assert SegmentStore(tmp_path / "missing", KEY).clear()


def signed(line: bytes) -> bytes:
    padded = line.ljust(HEADER_BYTES - 4)
    return padded + zlib.crc32(padded).to_bytes(4, "little")


class TestFailures:
    def test_an_unusable_folder_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(b"")
        assert not SegmentStore(tmp_path / "file", KEY).append(make_lists(0, 3))
        assert not SegmentStore(tmp_path / "file" / "below", KEY).append(make_lists(0, 3))
        assert SegmentStore(tmp_path / "file", KEY).load() == []

    @pytest.mark.skipif(sys.platform == "win32", reason="folders are made read-only otherwise there")
    def test_a_read_only_folder_is_read(
        self, store: SegmentStore, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        refuse_writing(monkeypatch)
        folder.chmod(0o500)
        try:
            assert not store.append(make_lists(60, 70))
            assert spans(store) == [(0, 49), (50, 59)]
        finally:
            folder.chmod(0o700)

    def test_a_full_disk_leaves_what_was_there(
        self, store: SegmentStore, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = files(folder)
        monkeypatch.setattr(os, "fsync", full)
        assert not store.append(make_lists(60, 70))
        assert files(folder) == before
        assert not list(folder.glob("*.unfinished"))

    def test_a_disk_too_full_for_merging_keeps_what_was_added(
        self, store: SegmentStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        synced = iter([None])
        monkeypatch.setattr(os, "fsync", lambda file: next(synced, False) is None or full(file))
        assert store.append(make_lists(60, 70))
        assert spans(store) == [(0, 49), (50, 59), (60, 69)]
        assert holds(store, 70)
        monkeypatch.undo()
        assert store.append(make_lists(70, 80))
        assert spans(store) == [(0, 79)]

    def test_files_that_cannot_be_removed_do_no_harm(
        self, store: SegmentStore, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As on Windows, where a mapped file cannot be removed."""
        with monkeypatch.context() as patch:
            patch.setattr(Path, "unlink", refuse)
            assert store.append(make_lists(60, 70))
            assert store.append(make_lists(70, 90))
            assert spans(store) == [(0, 89)]
            assert len(files(folder)) > 3
        assert store.append(make_lists(90, 91))
        assert spans(store) == [(0, 89), (90, 90)]
        assert len(files(folder)) == 2

    def test_what_a_killed_run_left_is_removed_and_a_running_one_left_alone(
        self, store: SegmentStore, folder: Path
    ) -> None:
        killed, running = folder / "killed.unfinished", folder / "running.unfinished"
        killed.write_bytes(b"half")
        running.write_bytes(b"half")
        os.utime(killed, (time.time() - 86_400,) * 2)
        assert store.append(make_lists(60, 61))
        assert not killed.exists()
        assert running.exists()

    @pytest.mark.parametrize("moment", range(5))
    def test_a_kill_at_any_moment_loses_at_most_what_was_being_added(self, folder: Path, moment: int) -> None:
        """Killed at the nth of: two files synced, two removed... merging 50-59 with 60-69."""
        killed = subprocess.run([sys.executable, "-c", KILLED, str(folder), str(moment)], check=False)
        assert killed.returncode == (9 if moment < 4 else 0)
        store = SegmentStore(folder, KEY)
        reached = spans(store)[-1][1]
        assert reached == (59 if moment < 1 else 69)
        assert holds(store, reached + 1)
        assert store.append(make_lists(reached + 1, 75))
        assert holds(store, 75)
        assert len(files(folder)) == len(store.load())


KILLED = """
import os, sys
from pathlib import Path
import numpy as np
from provenance.index import segments
from provenance.index.cache import CacheKey
from provenance.index.posting_lists import PostingLists
from provenance.index.words import WORDS, Features

segments.SMALL = 0
left = int(sys.argv[2])
def counted(act):
    def wrapped(*args, **options):
        global left
        if left == 0:
            os._exit(9)
        left -= 1
        return act(*args, **options)
    return wrapped
os.fsync = counted(os.fsync)
unlink = counted(Path.unlink)
Path.unlink = lambda self, **options: None if self.suffix == ".unfinished" else unlink(self, **options)
drawn = [np.random.default_rng(i).integers(0, 1 << 32, (2, 20), dtype=np.uint32) for i in range(60, 70)]
rows = np.concatenate(drawn, axis=1)
features = Features(np.repeat(np.arange(60, 70), 20), rows[0] % np.uint32(WORDS), rows[1])
key = CacheKey("3f0c5a52-76c5-4c0e-a6ff-1d9e0a3d2c11", "local", 1, 4)
segments.SegmentStore(Path(sys.argv[1]), key).append(PostingLists.build(features, 60, 69))
"""


def refuse(*_: object, **__: object) -> None:
    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def full(_: int) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def refuse_writing(monkeypatch: pytest.MonkeyPatch) -> None:
    """For the superuser too, to whom no folder is read-only."""
    opened = Path.open

    def guarded(path: Path, mode: str = "r", **options: object) -> object:
        return opened(path, mode, **options) if mode == "rb" else refuse()

    monkeypatch.setattr(Path, "open", guarded)


@pytest.mark.skipif(sys.platform == "win32", reason="a mapped file cannot be removed there")
class TestSeveralAtOnce:
    def test_an_open_segment_outlives_its_file(self, store: SegmentStore, folder: Path) -> None:
        index = LayeredIndex(store.load())
        assert store.append(make_lists(60, 100))
        assert len(files(folder)) == 1
        wanted = make_lists(55, 56)
        words = np.repeat(np.arange(WORDS, dtype=np.uint32), np.diff(wanted.starts))[:, np.newaxis]
        assert set(index.search(words, wanted.signatures).id.tolist()) == {55}

    def test_only_one_writes_and_the_other_does_not_wait(self, store: SegmentStore, folder: Path) -> None:
        with replacing.only_writer(folder / LOCK_NAME) as alone:
            assert alone
            assert not store.append(make_lists(60, 70))
            assert not store.clear()
        assert spans(store) == [(0, 49), (50, 59)]
        assert store.append(make_lists(60, 70))

    def test_writers_without_locks_leave_what_can_be_used(
        self, store: SegmentStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Where a file system has locks in name only: each step of one between two of the other."""
        monkeypatch.setattr(replacing, "_locked", lambda _: True)
        held, written = store.load(), []

        def write_meanwhile(file: object, some: object, key: CacheKey) -> None:
            if not written:
                written.append(True)
                assert store.append(make_lists(60, 65))
            segment_file.write(file, some, key)  # type: ignore[arg-type]

        monkeypatch.setattr(segments, "write", write_meanwhile)
        assert store.append(make_lists(60, 70))
        assert written
        assert len(held) == 2
        assert holds(store, 70)

    def test_a_listing_that_changes_meanwhile_is_made_again(
        self, store: SegmentStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        opened, added = open_segment, []

        def open_meanwhile(path: Path, key: CacheKey) -> SegmentFile | None:
            if not added:
                added.append(True)
                assert store.append(make_lists(60, 100))  # merges all and removes them
            return opened(path, key)

        monkeypatch.setattr(segments, "open_segment", open_meanwhile)
        assert spans(store) == [(0, 99)]
        assert holds(store, 100)

    @pytest.mark.usefixtures("unmerged")
    def test_readers_and_writers_at_once_always_find_all_that_was_there(self, tmp_path: Path) -> None:
        done, reached = threading.Event(), [0]
        store = SegmentStore(tmp_path, KEY)
        assert store.append(make_lists(0, 1))

        def write() -> bool:
            while (first := reached_by(store)) < 24:
                if store.append(make_lists(first, first + 1)):
                    reached[0] = max(reached[0], first)
            done.set()
            return True

        def read() -> bool:
            right = True
            while right and not done.is_set():
                at_least = reached[0]
                loaded = store.load()
                right = at_least < loaded[-1].last_id + 1 and same(
                    merge(loaded), make_lists(0, loaded[-1].last_id + 1)
                )
            return right

        with ThreadPoolExecutor(4) as pool:
            results = [pool.submit(act) for act in (write, write, read, read)]
            assert all(result.result() for result in results)
        assert holds(store, 24)

    def test_processes_writing_at_once_leave_one_whole_row(self, tmp_path: Path) -> None:
        writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)]) for _ in range(3)]
        assert [writer.wait() for writer in writers] == [0, 0, 0]
        store = SegmentStore(tmp_path, KEY)
        assert holds(store, 12)
        assert len(files(tmp_path)) == len(store.load())
        assert {path.suffix for path in tmp_path.iterdir()} == {SUFFIX, ".lock"}


def reached_by(store: SegmentStore) -> int:
    return LayeredIndex(store.load()).last_id + 1


WRITER = """
import sys
from pathlib import Path
import numpy as np
from provenance.index import segments
from provenance.index.cache import CacheKey
from provenance.index.posting_lists import LayeredIndex, PostingLists
from provenance.index.words import WORDS, Features

segments.SMALL = 0
key = CacheKey("3f0c5a52-76c5-4c0e-a6ff-1d9e0a3d2c11", "local", 1, 4)
store = segments.SegmentStore(Path(sys.argv[1]), key)
while (id_ := LayeredIndex(store.load()).last_id + 1) < 12:
    words, signatures = np.random.default_rng(id_).integers(0, 1 << 32, (2, 20), dtype=np.uint32)
    features = Features(np.full(20, id_), words % np.uint32(WORDS), signatures)
    store.append(PostingLists.build(features, id_, id_))
"""


class TestLongestChain:
    def chain(self, *ranges: tuple[int, int]) -> list[tuple[int, int]]:
        held = [SegmentFile(Path(str(r)), *r, count=0, content=None) for r in ranges]  # type: ignore[arg-type]
        return [(file.first_id, file.last_id) for file in longest_chain(held)]

    def test_the_merged_come_before_those_they_were_merged_from(self) -> None:
        assert self.chain((0, 4), (5, 9), (0, 9)) == [(0, 9)]
        assert self.chain((0, 4), (5, 9), (10, 19), (5, 19)) == [(0, 4), (5, 19)]

    def test_the_farthest_comes_before_the_shortest(self) -> None:
        assert self.chain((0, 9), (0, 4), (5, 12)) == [(0, 4), (5, 12)]

    def test_nothing_comes_after_a_gap_or_before_id_0(self) -> None:
        assert self.chain((0, 4), (6, 9)) == [(0, 4)]
        assert self.chain((1, 4)) == []
        assert self.chain() == []

    @given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 4)), max_size=9))
    def test_it_reaches_as_far_as_any(self, drawn: list[tuple[int, int]]) -> None:
        ranges = [(first, first + more) for first, more in drawn]
        reachable = {-1}
        for _ in ranges:
            reachable |= {last for first, last in ranges if first - 1 in reachable}
        chain = self.chain(*ranges)
        assert [first for first, _ in chain] == [0, *(last + 1 for _, last in chain)][: len(chain)]
        assert ([-1, *(last for _, last in chain)])[-1] == max(reachable)
