"""Keeping an archive through the real program: kills, full disks, many at once, merging, removing, verifying."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
LONG_AGO = (1_000_000_000, 1_000_000_000)


def benchmark(name):
    """Return a module of tests/benchmarks: what is measured there at full size is tested here at a small one."""
    spec = importlib.util.spec_from_file_location(name, BENCHMARKS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def photos(tmp_path, photo):
    """Return the maker of a folder of photos that were written long ago, 12 of them if nothing else is asked for."""

    def make(folder="many", count=12, first=0):
        for seed in range(first, first + count):
            os.utime(photo(f"{folder}/{seed:03}.jpg", seed), LONG_AGO)
        return tmp_path / folder

    return make


def info(run, archive="a.db"):
    return json.loads(run("archive", "info", "-a", archive, "-f", "json").stdout)


@pytest.mark.timeout(600)
@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
def test_an_add_killed_at_twenty_instants_and_resumed_gives_the_same_archive(
    tmp_path, photos, run, monkeypatch
):
    resume = benchmark("resume")
    photos(count=60)
    monkeypatch.setenv("PROVENANCE_BATCH", "4")
    assert run("add", "many", "-a", "whole.db", "--keep-originals").returncode == 0
    command = ["add", "many", "-a", "a.db", "--keep-originals"]
    options = {"cwd": tmp_path, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    at_work = resume.killed(command, tmp_path / "a.db", 60, times=20, seed=7, **options)
    assert at_work >= 10
    assert run(*command).returncode == 0
    assert resume.contents(tmp_path / "a.db") == resume.contents(tmp_path / "whole.db")
    assert run("archive", "verify", "-a", "a.db").returncode == 0


def test_a_second_run_decodes_only_what_is_new_and_says_so(tmp_path, photos, run):
    photos()
    run("add", "many", "-a", "a.db")
    photos(count=2, first=90)
    told = run("add", "many", "-a", "a.db").stderr
    assert "2 new images, 2 new sightings, 12 known already, 0 skipped" in told
    assert "12 of the known were not decoded again." in told
    # What is there now is no photo at all, with the size and the time that the photo had: nobody opened it.
    size = (tmp_path / "many" / "000.jpg").stat().st_size
    (tmp_path / "many" / "000.jpg").write_bytes(b"x" * size)
    os.utime(tmp_path / "many" / "000.jpg", LONG_AGO)
    assert "14 known already, 0 skipped" in run("add", "many", "-a", "a.db").stderr
    os.utime(tmp_path / "many" / "000.jpg", (LONG_AGO[0], LONG_AGO[1] + 1))
    again = run("add", "many", "-a", "a.db")
    assert (again.returncode, "13 known already, 1 skipped" in again.stderr) == (3, True)


def test_what_was_skipped_is_written_as_a_table_without_formulas(tmp_path, photos, run):
    photos(count=1)
    for name in ("=cmd()", "+1", "plain", "two\nlines"):
        (tmp_path / "many" / f"{name}.jpg").write_bytes(b"no photo")
    done = run("add", "many", "nowhere.jpg", "-a", "a.db", "--skipped-list", "skipped.csv")
    assert done.returncode == 3
    rows = list(csv.reader(io.StringIO((tmp_path / "skipped.csv").read_text("utf-8"))))
    assert rows[0] == ["path", "reason"]
    assert [path for path, _ in rows[1:]] == [
        "nowhere.jpg",
        *("many/+1.jpg", "many/=cmd().jpg", "many/plain.jpg", "many/two\\nlines.jpg"),
    ]
    assert all("not an image" in reason for _, reason in rows[2:])
    run("add", "=cmd().jpg", "-a", "a.db", "--skipped-list", "skipped.csv", cwd=tmp_path / "many")
    assert (tmp_path / "many" / "skipped.csv").read_text("utf-8").splitlines()[1].startswith("'=cmd()")
    failed = run("add", "many", "-a", "a.db", "--skipped-list", "nowhere/skipped.csv")
    assert "nowhere/skipped.csv cannot be written" in failed.stderr


def test_a_removed_photo_is_not_added_again_unasked(photos, run):
    photos(count=3)
    run("add", "many", "-a", "a.db")
    removed = run("archive", "remove", "many/001.jpg", "--reason", "the agency\nwithdrew it", "-a", "a.db")
    assert removed.returncode == 0
    again = run("add", "many", "-a", "a.db")
    assert again.returncode == 3
    assert "Skipped many/001.jpg: removed on 2" in again.stderr
    assert r"the agency\nwithdrew it; --restore adds it again" in again.stderr
    assert "0 new images, 0 new sightings, 2 known already, 1 skipped" in again.stderr
    restored = run("add", "many", "-a", "a.db", "--restore")
    assert (restored.returncode, "1 new images" in restored.stderr) == (0, True)
    assert "3 known already, 0 skipped" in run("add", "many", "-a", "a.db").stderr


def test_remove_before_a_date_shows_first_and_acts_when_told(tmp_path, photos, run):
    photos(count=3)
    (tmp_path / "list.csv").write_text(
        "path,published\nmany/000.jpg,2014-05\nmany/001.jpg,2014\nmany/001.jpg,2016-01-01\nmany/002.jpg,2013/..\n"
    )
    run("add", "list.csv", "-a", "a.db")
    unsure = run("archive", "remove", "--before", "2015", "-a", "a.db")
    assert (unsure.returncode, "1 images would be removed" in unsure.stderr) == (2, True)
    shown = run("archive", "remove", "--before", "2015", "--dry-run", "-a", "a.db")
    assert "Would remove image 1, many/000.jpg." in shown.stderr
    assert info(run)["images"] == 3
    assert run("archive", "remove", "--before", "2015", "--yes", "-a", "a.db").returncode == 0
    assert info(run)["images"] == 2
    assert run("archive", "remove", "--before", "../2015", "--yes", "-a", "a.db").returncode == 2
    assert run("archive", "remove", "1", "--before", "2015", "-a", "a.db").returncode == 2


def test_archives_are_merged_with_their_originals_once(tmp_path, photos, run):
    photos("one", 3), photos("two", 3, first=2)
    run("add", "one", "-a", "one.db")
    run("add", "two", "-a", "two.db", "--keep-originals")
    merged = run("archive", "merge", "one.db", "two.db", "-a", "both.db")
    assert merged.returncode == 0
    assert "two.db: 2 new images, 3 new sightings, 0 known already, 1 known images completed" in merged.stderr
    assert (info(run, "both.db")["images"], info(run, "both.db")["originals"]) == (5, 3)
    again = run("archive", "merge", "one.db", "two.db", "-a", "both.db").stderr
    assert again.count("0 new images, 0 new sightings, 3 known already, 0 skipped") == 2
    assert run("archive", "verify", "-a", "both.db").returncode == 0
    assert run("check", "two/004.jpg", "-a", "both.db").returncode == 1
    assert run("archive", "merge", "both.db", "-a", "both.db").returncode == 2
    with closing(sqlite3.connect(tmp_path / "one.db")) as connection:
        connection.execute("PRAGMA user_version = 5")
    early = run("archive", "merge", "one.db", "-a", "both.db")
    assert (early.returncode, "provenance archive upgrade -a one.db" in early.stderr) == (3, True)


def test_verify_recomputes_what_can_be_and_tells_what_differs(tmp_path, photos, run):
    photos(count=3)
    run("add", "many", "-a", "a.db")
    (tmp_path / "many" / "002.jpg").unlink()
    whole = run("archive", "verify", "--recompute", "-a", "a.db")
    assert (whole.returncode, whole.stdout) == (0, "a.db is whole.\n")
    assert "Not recomputed many/002.jpg: neither does the archive keep its original" in whole.stderr
    assert "2 of 3 images were recomputed." in whole.stderr
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection, connection:
        connection.execute("UPDATE fingerprint SET code = zeroblob(32) WHERE image_id = 1 AND NOT searchable")
        connection.execute("UPDATE local_feature SET features = substr(features, 1, 9) WHERE image_id = 2")
    assert run("archive", "verify", "-a", "a.db").returncode == 0
    wrong = run("archive", "verify", "--recompute", "-a", "a.db")
    assert wrong.returncode == 3
    assert "image 1: its dhash of frame 0 differs in " in wrong.stdout
    assert "image 2: its local features are not those that its bytes give" in wrong.stdout


def test_reindex_mends_the_chunk_table_and_gives_images_what_they_lack(tmp_path, photos, run):
    photos(count=3)
    run("add", "many", "-a", "a.db")
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection, connection:
        connection.execute("DELETE FROM chunk WHERE image_id = 1")
        connection.execute("INSERT INTO chunk VALUES (1, 5, 2, 77)")
        connection.execute("DELETE FROM local_feature WHERE image_id >= 2")
        connection.execute("UPDATE meta SET value = '1' WHERE name = 'local_features'")
    wrong = run("archive", "verify", "-a", "a.db")
    assert "image 1: is missing from the chunk table in 16 places" in wrong.stdout
    assert "chunk table: 1 rows that belong to no code" in wrong.stdout
    assert "provenance archive reindex" in wrong.stderr
    (tmp_path / "many" / "002.jpg").unlink()
    mended = run("archive", "reindex", "-a", "a.db")
    assert mended.returncode == 3
    assert "The chunk table was not what the codes make it" in mended.stderr
    assert "1 images brought up to date, 1 left as they were." in mended.stderr
    assert run("archive", "verify", "-a", "a.db").returncode == 0
    assert info(run)["images_without_local_features"] == 1


def mounted(folder: Path, megabytes: float) -> bool:
    """Mount a small disk in memory; return whether that is allowed here."""
    folder.mkdir()
    if sys.platform != "linux" or os.geteuid() != 0 or shutil.which("mount") is None:
        return False
    kilobytes = int(megabytes * 1024)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", folder],
        check=False,
        capture_output=True,
    )
    return done.returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="needs a small disk")
def test_a_full_disk_is_told_and_the_run_goes_on_when_there_is_room(tmp_path, photos, run, monkeypatch):
    photos(count=40)
    monkeypatch.setenv("PROVENANCE_BATCH", "5")
    disk = tmp_path / "disk"
    if not mounted(disk, 1.0):
        pytest.skip(
            "a tmpfs can only be mounted as root; test_bad_input has the same by a limit on file size"
        )
    try:
        full = run("add", "many", "-a", "disk/a.db")
        assert full.returncode == 3
        assert "No space is left for disk/a.db" in full.stderr
        assert "run the same command again" in full.stderr
        kept = info(run, "disk/a.db")["images"]
        assert 0 < kept < 40
        assert kept % 5 == 0
        assert run("archive", "verify", "-a", "disk/a.db").returncode == 0
        subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)
        resumed = run("add", "many", "-a", "disk/a.db")
        assert resumed.returncode == 0
        assert f"{40 - kept} new images, {40 - kept} new sightings, {kept} known already" in resumed.stderr
        assert f"{kept} of the known were not decoded again." in resumed.stderr
        assert run("archive", "verify", "-a", "disk/a.db").returncode == 0
    finally:
        subprocess.run(["umount", disk], check=True)


def test_four_writers_and_eight_readers_at_once_lose_and_double_nothing(tmp_path):
    done = benchmark("concurrency").run(tmp_path / "a.db", seconds=2, writers=4, readers=8)
    assert done.faults == []
    assert done.images > 1
    assert len(done.walls) >= 8
