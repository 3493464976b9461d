"""The cache: whole and right, or None."""

from __future__ import annotations

import errno
import json
import os
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from provenance.index import CODE_BYTES, EXACT_RADIUS, CorruptIndexError
from provenance.index.cache import FILE_NAME, HEADER_BYTES, CacheKey, load, save
from provenance.index.multi_index import MultiIndex

KEY = CacheKey(archive="3f0c5a52-76c5-4c0e-a6ff-1d9e0a3d2c11", algorithm="pdq", version=1, epoch=4)
COUNT = 50
ARRAYS = ("codes", "ids", "starts", "postings", "following")


def make_index(count: int = COUNT, seed: int = 1) -> MultiIndex:
    codes = np.random.default_rng(seed).integers(0, 256, (count, CODE_BYTES), dtype=np.uint8)
    return MultiIndex.build(codes, np.arange(10, 10 + count))


def own_codes(index: MultiIndex) -> list[bytes]:
    return [code.tobytes() for code in index.codes]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that holds a cache."""
    assert save(make_index(), tmp_path / "archive.db.index", KEY)
    return tmp_path / "archive.db.index"


def change_header(folder: Path, **changes: object) -> None:
    content = (folder / FILE_NAME).read_bytes()
    header = json.loads(content[:HEADER_BYTES]) | changes
    (folder / FILE_NAME).write_bytes(json.dumps(header).encode().ljust(HEADER_BYTES) + content[HEADER_BYTES:])


@pytest.mark.parametrize("count", [0, 1, COUNT])
def test_what_was_saved_is_loaded(tmp_path: Path, count: int) -> None:
    index = make_index(count)
    assert save(index, tmp_path, KEY)
    loaded = load(tmp_path, KEY)
    assert loaded is not None
    for name in ARRAYS:
        assert np.array_equal(getattr(loaded, name), getattr(index, name)), name
    codes = own_codes(index)
    assert loaded.search(codes, EXACT_RADIUS) == index.search(codes, EXACT_RADIUS)
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_a_loaded_index_cannot_be_written_to(folder: Path) -> None:
    loaded = load(folder, KEY)
    assert loaded is not None
    with pytest.raises(ValueError, match="read-only"):
        loaded.codes[0] = 0


def test_a_loaded_index_can_be_saved_again_under_another_key(folder: Path) -> None:
    loaded = load(folder, KEY)
    assert loaded is not None
    assert save(loaded, folder, replace(KEY, epoch=5))
    assert load(folder, KEY) is None
    assert load(folder, replace(KEY, epoch=5)) is not None


@pytest.mark.parametrize(
    "change", [{"archive": "other"}, {"algorithm": "phash"}, {"version": 2}, {"epoch": 5}]
)
def test_a_cache_of_something_else_is_not_loaded(folder: Path, change: dict[str, str | int]) -> None:
    assert load(folder, replace(KEY, **change)) is None


def test_a_missing_cache_is_not_loaded(tmp_path: Path) -> None:
    assert load(tmp_path / "missing", KEY) is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no named pipes")
def test_a_pipe_in_its_place_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / FILE_NAME)
    assert load(tmp_path, KEY) is None


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"count": COUNT + 1},
        {"count": COUNT - 1},
        {"count": -1},
        {"count": 10**400},
        {"count": float(COUNT)},
        {"count": None},
        {"count": [COUNT]},
        {"last_id": 1},
        {"more": 1},
    ],
)
def test_a_header_that_does_not_fit_is_refused(folder: Path, change: dict[str, object]) -> None:
    change_header(folder, **change)
    assert load(folder, KEY) is None


@pytest.mark.parametrize(
    "start", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * HEADER_BYTES, b"9" * HEADER_BYTES]
)
def test_a_header_that_is_not_ours_is_refused(folder: Path, start: bytes) -> None:
    content = (folder / FILE_NAME).read_bytes()
    (folder / FILE_NAME).write_bytes(start.ljust(HEADER_BYTES) + content[HEADER_BYTES:])
    assert load(folder, KEY) is None


@pytest.mark.parametrize("size", [0, 10, HEADER_BYTES, -1, -1000])
def test_a_truncated_file_is_refused(folder: Path, size: int) -> None:
    content = (folder / FILE_NAME).read_bytes()
    (folder / FILE_NAME).write_bytes(content[:size])
    assert load(folder, KEY) is None


@pytest.mark.parametrize(
    "change", [("starts", 3, 0, 1), ("starts", 3, -1, COUNT + 1), ("starts", 3, 40_000, COUNT + 1)]
)
def test_list_bounds_that_do_not_hold_are_refused(tmp_path: Path, change: tuple[str, int, int, int]) -> None:
    index = make_index()
    name, chunk, place, value = change
    getattr(index, name)[chunk, place] = value
    assert save(index, tmp_path, KEY)
    assert load(tmp_path, KEY) is None


def test_damage_anywhere_gives_none_an_answer_or_the_one_error(folder: Path) -> None:
    rng = random.Random(7)
    whole = (folder / FILE_NAME).read_bytes()
    lists = len(whole) - COUNT * 16 * 6
    codes = own_codes(make_index())
    outcomes = set()
    for trial in range(60):
        content = bytearray(whole)
        first, last = [(0, HEADER_BYTES), (HEADER_BYTES, lists), (lists, len(whole))][trial % 3]
        for _ in range(rng.choice((1, 200))):
            content[rng.randrange(first, last)] = rng.randrange(256)
        (folder / FILE_NAME).write_bytes(content)
        loaded = load(folder, KEY)
        try:
            outcomes.add("none" if loaded is None else type(loaded.search(codes, EXACT_RADIUS)).__name__)
        except CorruptIndexError:
            outcomes.add("corrupt")
    assert outcomes == {"none", "list", "corrupt"}


class Trap:
    """Unpickling it creates a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.path,)


def test_nothing_is_ever_unpickled(tmp_path: Path) -> None:
    with (tmp_path / FILE_NAME).open("wb") as file:
        np.save(file, np.array([Trap(tmp_path / "sprung")], dtype=object), allow_pickle=True)
    assert load(tmp_path, KEY) is None
    assert not (tmp_path / "sprung").exists()


def test_an_unusable_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert not save(make_index(), tmp_path / "file", KEY)
    assert not save(make_index(), tmp_path / "file" / "below", KEY)


def test_a_full_disk_leaves_the_old_cache(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    assert not save(make_index(seed=2), folder, replace(KEY, epoch=5))
    assert load(folder, KEY) is not None
    assert [path.name for path in folder.iterdir()] == [FILE_NAME]


def test_an_open_cache_that_cannot_be_replaced_is_left(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows, where a mapped file cannot be replaced."""

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "replace", refuse)
    assert not save(make_index(seed=2), folder, replace(KEY, epoch=5))
    assert load(folder, KEY) is not None
    assert [path.name for path in folder.iterdir()] == [FILE_NAME]


@pytest.mark.skipif(sys.platform == "win32", reason="a mapped file cannot be replaced there")
def test_an_open_index_outlives_its_replacement(folder: Path) -> None:
    loaded = load(folder, KEY)
    assert loaded is not None
    assert save(make_index(seed=2), folder, replace(KEY, epoch=5))
    codes = own_codes(make_index())
    assert [hit.id for hit in loaded.search(codes, 0)] == list(range(10, 10 + COUNT))


@pytest.mark.skipif(sys.platform == "win32", reason="a mapped file cannot be replaced there")
def test_writers_at_the_same_time_leave_one_whole_cache(tmp_path: Path) -> None:
    """Every load meanwhile gives the index of its very key, or None."""
    indexes = {replace(KEY, epoch=epoch): make_index(seed=epoch) for epoch in (1, 2, 3)}

    def write(key: CacheKey) -> bool:
        return all(save(indexes[key], tmp_path, key) for _ in range(8))

    def read(key: CacheKey) -> bool:
        loaded = [load(tmp_path, key) for _ in range(60)]
        return all(index is None or np.array_equal(index.codes, indexes[key].codes) for index in loaded)

    with ThreadPoolExecutor(6) as pool:
        results = [pool.submit(act, key) for key in indexes for act in (write, read)]
        assert all(result.result() for result in results)
    assert sum(load(tmp_path, key) is not None for key in indexes) == 1
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_what_a_killed_run_left_is_removed_and_a_running_one_left_alone(folder: Path) -> None:
    killed, running = folder / "killed.unfinished", folder / "running.unfinished"
    killed.write_bytes(b"half")
    running.write_bytes(b"half")
    os.utime(killed, (time.time() - 86_400,) * 2)
    assert save(make_index(), folder, KEY)
    assert sorted(path.name for path in folder.iterdir()) == [FILE_NAME, running.name]


def test_a_key_too_long_for_the_header_is_a_mistake_of_the_caller(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="too long"):
        save(make_index(), tmp_path, replace(KEY, algorithm="x" * HEADER_BYTES))
