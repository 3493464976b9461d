"""A folder that did not change is checked again without opening a photo, and with the same words."""

from __future__ import annotations

import json
import os
import shutil

import pytest

PHOTOS = 60

NO_DECODING = """
import os, sys

class Refused:
    def find_spec(self, name, path=None, target=None):
        if name in {"numpy", "PIL", "cv2"}:
            raise SystemExit(f"imported {name}")

def refused():
    raise SystemExit("started a child")

sys.meta_path.insert(0, Refused())
os.fork = refused
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory, picture, run_in):
    """An archive of three photos, and a folder of uploads: two copies among many that nobody knows."""
    folder = tmp_path_factory.mktemp("made")
    for name in ("old", "uploads"):
        (folder / name).mkdir()
    for seed in range(3):
        picture(seed).save(folder / "old" / f"{seed}.jpg")
    assert run_in(folder, "add", "old", "-a", "desk.db").returncode == 0
    for seed in range(1, PHOTOS + 1):
        picture(seed).save(folder / "uploads" / f"{seed:03}.jpg", quality=80)
    return folder


@pytest.fixture
def desk(made, tmp_path):
    """A copy of it, where the program runs."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path


def without_decoding(folder):
    """Return an environment in which whatever opens photos ends the program."""
    (folder / "refusing").mkdir(exist_ok=True)
    (folder / "refusing" / "sitecustomize.py").write_text(NO_DECODING)
    path = os.pathsep.join((str(folder / "refusing"), os.environ.get("PYTHONPATH", "")))
    return {**os.environ, "PYTHONPATH": path}


CHECK = (
    "check",
    "--fast",
    "-a",
    "desk.db",
    "--cache",
    "kept",
    "--format",
    "json",
    "--output",
    "text:told.txt",
)


def test_a_second_run_decodes_nothing_and_reports_the_same_bytes(desk, run):
    first = run(*CHECK, "uploads")
    words = (desk / "told.txt").read_bytes()
    second = run(*CHECK, "uploads", env=without_decoding(desk))
    assert (first.returncode, second.returncode) == (1, 1)
    assert len(json.loads(first.stdout)["results"]) == PHOTOS
    assert [r["path"] for r in json.loads(first.stdout)["results"] if r["matches"]] == [
        "uploads/001.jpg",
        "uploads/002.jpg",
    ]
    assert second.stdout == first.stdout
    assert second.stderr == ""
    assert (desk / "told.txt").read_bytes() == words


def test_what_lets_no_photo_be_decoded_stops_a_run_that_must(desk, run):
    assert "started a child" in run(*CHECK, "uploads", env=without_decoding(desk)).stderr


def test_only_what_changed_is_checked_again_and_stands_in_its_place(desk, run, photo):
    small = desk / "small"
    small.mkdir()
    for name in ("001.jpg", "002.jpg", "003.jpg"):
        shutil.copy(desk / "uploads" / name, small / name)
    run(*CHECK, "small")
    photo("small/002.jpg", 50)
    (small / "004.jpg").write_bytes(b"no photo")
    again = run(*CHECK, "small", "small/003.jpg", "small/001.jpg")
    fresh = run(*CHECK[:4], *CHECK[6:], "small", "small/003.jpg", "small/001.jpg")
    assert again.stdout == fresh.stdout
    assert again.returncode == fresh.returncode == 1
    report = json.loads(again.stdout)
    assert [r["path"][6:9] for r in report["results"]] == ["001", "002", "003", "003", "001"]
    assert [s["path"] for s in report["skipped"]] == ["small/004.jpg"]


def test_an_archive_that_grew_and_a_claim_are_asked_about_anew(desk, run, photo):
    arguments = (*CHECK, "uploads/009.jpg")
    assert run(*arguments).returncode == 0
    claimed = json.loads(run(*arguments, "--claimed-date", "2024").stdout)
    assert claimed["results"][0]["claim"]["date"]["edtf"] == "2024"
    photo("new/9.jpg", 9)
    run("add", "new", "-a", "desk.db")
    told = run(*arguments)
    assert told.returncode == 1
    assert [f["id"] for f in json.loads(told.stdout)["results"][0]["findings"]] == ["PR103"]


def test_where_results_cannot_be_kept_the_run_says_so_once_and_is_as_good(desk, run):
    (desk / "kept").write_bytes(b"a file in its place")
    done = run(*CHECK, "uploads/001.jpg", "uploads/005.jpg")
    assert done.returncode == 1
    assert done.stderr.count("Results cannot be kept in kept") == 1


def test_pictures_are_drawn_though_the_result_is_known(desk, run):
    arguments = ("check", "-a", "desk.db", "uploads/001.jpg", "--cache", "kept")
    run(*arguments)
    run(*arguments, "--pictures", "drawn")
    assert (desk / "drawn" / "side_by_side.png").exists()


def test_the_setting_names_the_folder_too(desk, run):
    (desk / "provenance.toml").write_text('cache = "kept"\n')
    run("check", "--fast", "-a", "desk.db", "uploads/004.jpg")
    assert (
        run("check", "--fast", "-a", "desk.db", "uploads/004.jpg", env=without_decoding(desk)).returncode == 0
    )


def test_pages_have_photos_checked_again_that_have_pictures_to_show_and_recall_the_rest(desk, run):
    told = [run(*CHECK, "uploads", "-o", f"html:{n}.html").stdout for n in (1, 2)]
    assert told[0] == told[1]
    first, second = ((desk / f"{n}.html").read_text() for n in (1, 2))
    flagged = [r for r in json.loads(told[0])["results"] if r["matches"]]
    assert flagged
    assert 0 < second.count("data:image/") < first.count("data:image/")
