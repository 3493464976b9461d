"""`add --keep-originals` through the real program: the archive gives back what the disk has lost."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest


@pytest.fixture
def info(run):
    def call():
        return json.loads(run("archive", "info", "-a", "a.db", "-f", "json").stdout)

    return call


def test_a_kept_original_outlives_its_file_byte_for_byte(tmp_path, photo, run, info):
    contents = {name: photo(name, seed).read_bytes() for seed, name in enumerate(["a.jpg", "b.png"], 1)}
    done = run("add", *contents, "-a", "a.db", "--keep-originals")
    assert (done.returncode, done.stdout) == (0, "")
    for name in contents:
        (tmp_path / name).unlink()
    for name, content in contents.items():
        shown = run("archive", "show", name, "--original", f"back-{name}", "-a", "a.db")
        assert (shown.returncode, shown.stderr) == (0, "")
        assert (tmp_path / f"back-{name}").read_bytes() == content
    size = sum(map(len, contents.values()))
    assert (info()["originals"], info()["original_bytes"]) == (2, size)
    told = run("archive", "info", "-a", "a.db").stdout
    assert f"2 with their original files, {size:,} bytes." in told
    assert run("archive", "verify", "-a", "a.db").returncode == 0


def test_without_the_option_none_is_kept_and_asking_for_one_says_what_to_do(tmp_path, photo, run, info):
    photo("a.jpg", 1)
    run("add", "a.jpg", "-a", "a.db")
    assert (info()["originals"], info()["original_bytes"]) == (0, 0)
    assert "original" not in run("archive", "info", "-a", "a.db").stdout
    done = run("archive", "show", "1", "--original", "back.jpg", "--preview", "small.jpg", "-a", "a.db")
    assert (done.returncode, done.stdout) == (3, "")
    assert "a.db keeps no original of image 1, a.jpg." in done.stderr
    assert "provenance add --keep-originals" in done.stderr
    assert not [name for name in ("back.jpg", "small.jpg") if (tmp_path / name).exists()]


def test_a_known_image_is_completed_with_its_original_once(photo, run, info):
    size = len(photo("a.jpg", 1).read_bytes())
    run("add", "a.jpg", "-a", "a.db")
    told = run("add", "a.jpg", "-a", "a.db", "--keep-originals").stderr
    assert "0 new images, 0 new sightings, 1 known already, 1 known images completed, 0 skipped" in told
    again = run("add", "--keep-originals", "a.jpg", "-a", "a.db").stderr
    assert "1 known already, 0 skipped" in again
    assert (info()["originals"], info()["original_bytes"]) == (1, size)


def test_a_damaged_original_is_found_by_verify(tmp_path, photo, run):
    photo("a.jpg", 1)
    run("add", "a.jpg", "-a", "a.db", "--keep-originals")
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection, connection:
        connection.execute("UPDATE original SET content = zeroblob(length(content))")
    done = run("archive", "verify", "-a", "a.db")
    assert done.returncode == 3
    assert done.stdout == "image 1: keeps an original whose bytes are not those that were added\n"


def test_a_check_finds_the_same_with_originals_as_without(photo, run):
    photo("a.jpg", 1)
    run("add", "a.jpg", "-a", "without.db")
    run("add", "a.jpg", "-a", "with.db", "--keep-originals")
    found = [
        json.loads(run("check", "a.jpg", "-a", a, "-f", "json").stdout) for a in ("without.db", "with.db")
    ]
    for report in found:
        assert report["results"][0]["matches"][0]["kind"] == "identical"
    first, second = ([f["id"] for f in r["results"][0]["findings"]] for r in found)
    assert first == second
