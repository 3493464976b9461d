"""The main job through the real program: add, check, look after."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from PIL import Image, ImageOps


@pytest.fixture(scope="module")
def made(tmp_path_factory, picture, run_in):
    """An archive of four photos, one of them with a dated sighting."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "old").mkdir()
    for seed in range(1, 5):
        picture(seed, 400, 300).save(folder / "old" / f"{seed}.jpg", quality=92)
    (folder / "old" / "list.csv").write_text(
        "path,url,outlet,published,place,caption\n"
        '1.jpg,https://example.org/1,Example Wire,2016-12-13,حلب,"The gate, before"\n'
    )
    assert run_in(folder, "add", "old/list.csv", "old", "-a", "desk.db").returncode == 0
    return folder


@pytest.fixture
def world(made, tmp_path):
    """A copy of it, where the program runs."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path


def corners(match, width, height):
    """Return where the query's corners lie in the reference, by the match's transform."""
    points = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]])
    mapped = points @ np.array(match["transform"]).reshape(3, 3).T
    return mapped[:, :2] / mapped[:, 2:]


def checked(run, *arguments):
    done = run("check", *arguments, "-a", "desk.db", "--format", "json")
    return done, json.loads(done.stdout)


def test_a_recompressed_mirrored_inverted_copy_is_found_with_what_was_done_to_it(world, run):
    with Image.open(world / "old" / "1.jpg") as original:
        ImageOps.invert(ImageOps.mirror(original.resize((320, 240)))).save(world / "viral.jpg", quality=50)
    done, report = checked(run, "viral.jpg", "--claimed-date", "2024-11-29")
    (result,) = report["results"]
    match = result["matches"][0]
    assert done.returncode == 1
    assert result["verdict"] == "flagged"
    assert [f["id"] for f in result["findings"]] == ["PR101", "PR200", "PR203"]
    assert match["reference"]["path"] == "old/1.jpg"
    assert (match["kind"], match["mirrored"], match["inverted"], match["rotation"]) == (
        "near_duplicate",
        True,
        True,
        0,
    )
    assert corners(match, 320, 240) == pytest.approx(
        np.array([[400, 0], [0, 0], [400, 300], [0, 300]]), abs=1
    )
    assert match["first_seen"]["date"]["earliest"] == "2016-12-13"


def test_hashes_alone_tell_the_transform_of_the_whole_picture_exactly(world, run):
    with Image.open(world / "old" / "1.jpg") as original:
        ImageOps.invert(ImageOps.mirror(original.resize((320, 240)))).save(world / "viral.jpg", quality=50)
    _, report = checked(run, "viral.jpg", "--fast")
    match = report["results"][0]["matches"][0]
    assert (match["kind"], match["mirrored"], match["inverted"]) == ("near_duplicate", True, True)
    assert match["transform"] == pytest.approx([-1.25, 0, 400, 0, 1.25, 0, 0, 0, 1])


@pytest.mark.parametrize("name", ["png", "webp", "avif", "heic", "gif", "tiff", "bmp"])
def test_a_copy_is_found_whatever_its_format(world, run, name):
    import pillow_heif

    pillow_heif.register_heif_opener()
    with Image.open(world / "old" / "2.jpg") as original:
        original.save(world / f"copy.{name}")
    _, report = checked(run, f"copy.{name}")
    assert [m["reference"]["path"] for m in report["results"][0]["matches"]] == ["old/2.jpg"]


def test_a_photo_that_flashes_by_in_an_animation_is_found(world, run, picture):
    others = [picture(seed, 400, 300) for seed in (70, 71)]
    with Image.open(world / "old" / "3.jpg") as original:
        others[0].save(
            world / "reel.webp", save_all=True, append_images=[original.copy(), others[1]], lossless=True
        )
    _, report = checked(run, "reel.webp")
    assert [m["reference"]["path"] for m in report["results"][0]["matches"]] == ["old/3.jpg"]


def test_every_archived_photo_is_identical_to_itself_and_the_right_reference_stands_first(world, run):
    _, report = checked(run, "old")
    found = {
        r["path"]: (r["matches"][0]["kind"], r["matches"][0]["reference"]["path"]) for r in report["results"]
    }
    assert found == {f"old/{n}.jpg": ("identical", f"old/{n}.jpg") for n in range(1, 5)}


def test_an_unknown_photo_is_nothing_found_and_exits_with_0(world, run, photo):
    photo("new.jpg", 99, (400, 300))
    done, report = checked(run, "new.jpg")
    assert done.returncode == 0
    assert (report["results"][0]["verdict"], report["results"][0]["matches"]) == ("nothing_found", [])


@pytest.mark.parametrize(
    ("claims", "code", "ids"),
    [
        (["--claimed-place", "Aleppo"], 0, ["PR104", "PR105"]),
        (["--claimed-place", "Latakia"], 1, ["PR102", "PR105"]),
        (["--claimed-date", "2016-12", "--claimed-place", "Alep, Syrie"], 0, ["PR104", "PR105"]),
        (["--claimed-date", "2024-11-29"], 1, ["PR101", "PR105"]),
        ([], 1, ["PR103", "PR105"]),
    ],
)
def test_the_claim_decides(world, run, claims, code, ids):
    done, report = checked(run, "old/1.jpg", *claims)
    assert (done.returncode, [f["id"] for f in report["results"][0]["findings"]]) == (code, ids)


def test_claims_come_from_a_file_by_path_and_by_digest(world, run):
    _, before = checked(run, "old/2.jpg")
    (world / "claims.csv").write_text(
        f"path,sha256,date\nold/1.jpg,,2024-11-29\n,{before['results'][0]['sha256']},2999\n"
    )
    _, report = checked(run, "old", "--claims", "claims.csv")
    claimed = {r["path"]: r["claim"] and r["claim"]["date"]["edtf"] for r in report["results"]}
    assert claimed == {"old/1.jpg": "2024-11-29", "old/2.jpg": "2999", "old/3.jpg": None, "old/4.jpg": None}


def test_a_list_of_photos_is_read_from_standard_input(world, run):
    done = run("check", "-", "-a", "desk.db", "--format", "json", input="old/1.jpg\n\nold/3.jpg\n")
    assert [r["path"] for r in json.loads(done.stdout)["results"]] == ["old/1.jpg", "old/3.jpg"]


def test_machine_output_is_alone_on_stdout_and_files_are_written_beside(world, run):
    done = run("check", "old/1.jpg", "-a", "desk.db", "-o", "json:report.json", "-o", "text:report.txt")
    assert done.stdout == (world / "report.txt").read_text()
    assert json.loads((world / "report.json").read_text())["results"][0]["verdict"] == "flagged"
    assert done.stderr == ""


@pytest.mark.parametrize(("level", "code"), [("error", 0), ("warning", 0), ("note", 1), ("never", 0)])
def test_fail_on_sets_the_weakest_finding_that_fails(world, run, level, code):
    done, _ = checked(run, "old/1.jpg", "--claimed-place", "Aleppo", "--fail-on", level)
    assert done.returncode == code


def test_a_flag_wins_over_what_could_not_be_read(world, run):
    (world / "old" / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    done, report = checked(run, "old")
    assert done.returncode == 1
    assert [s["path"] for s in report["skipped"]] == ["old/broken.jpg"]


def test_the_report_is_the_same_byte_for_byte_whatever_the_number_of_workers(world, run):
    reports = {run("check", "old", "-a", "desk.db", "--format", "json", "-j", n).stdout for n in (1, 2, 3)}
    assert len(reports) == 1


def test_checking_leaves_the_archive_as_it_is(world, run):
    before = (world / "desk.db").read_bytes()
    checked(run, "old")
    assert (world / "desk.db").read_bytes() == before


def test_adding_again_changes_nothing(made, run_in):
    done = run_in(made, "add", "old/list.csv", "old", "-a", "desk.db")
    assert "0 new images, 0 new sightings, 5 known already, 0 skipped" in done.stderr


def test_info_list_search_show_remove_verify_backup(world, run):
    info = json.loads(run("archive", "info", "-a", "desk.db", "--format", "json").stdout)
    assert (info["images"], info["sightings"]) == (4, 5)
    assert info["images_without_local_features"] == 0
    assert "no local features" not in run("archive", "info", "-a", "desk.db").stdout
    listed = run("archive", "list", "-a", "desk.db").stdout.splitlines()
    assert [line.split("\t")[3] for line in listed] == [f"old/{n}.jpg" for n in range(1, 5)]
    assert run("archive", "search", "gate", "حلب", "-a", "desk.db").stdout.startswith("1\t")
    shown = json.loads(run("archive", "show", "1", "-a", "desk.db", "-f", "json").stdout)
    assert {f["algorithm"] for f in shown["fingerprints"]} == {"pdq", "phash", "dhash"}
    assert "Example Wire" in run("archive", "show", "old/1.jpg", "--preview", "1.jpg", "-a", "desk.db").stdout
    with Image.open(world / "1.jpg") as preview:
        assert preview.size == (384, 288)
    assert run("archive", "backup", "copy.db", "-a", "desk.db").returncode == 0
    assert run("archive", "remove", "1", "-a", "desk.db").returncode == 0
    assert json.loads(run("archive", "info", "-a", "desk.db", "-f", "json").stdout)["images"] == 3
    assert json.loads(run("archive", "info", "-a", "copy.db", "-f", "json").stdout)["images"] == 4
    for archive in ("desk.db", "copy.db"):
        assert run("archive", "verify", "-a", archive).returncode == 0


def test_images_without_local_features_are_counted_and_get_some_when_added_again(made, run_in):
    run = partial(run_in, made)
    shutil.copy(made / "desk.db", made / "lacking.db")
    with contextlib.closing(sqlite3.connect(made / "lacking.db")) as connection, connection:
        connection.execute("DELETE FROM local_feature WHERE image_id = 2")
        connection.execute("UPDATE meta SET value = '3' WHERE name = 'local_features'")

    def without():
        return json.loads(run("archive", "info", "-a", "lacking.db", "-f", "json").stdout)[
            "images_without_local_features"
        ]

    assert without() == 1
    assert "\n1 without local features, " in run("archive", "info", "-a", "lacking.db").stdout
    added = run("add", "old", "-a", "lacking.db").stderr
    assert "0 new images, 0 new sightings, 4 known already, 1 known images completed, 0 skipped" in added
    assert without() == 0
    again = run("add", "old", "-a", "lacking.db").stderr
    assert "0 new images, 0 new sightings, 4 known already, 0 skipped" in again


def test_add_makes_the_index_that_the_next_check_needs(tmp_path, photo, run):
    from provenance.archive import local_lookup
    from provenance.archive.interface import Entry
    from provenance.archive.sqlite import SqliteArchive
    from provenance.examine import examine_reference
    from provenance.model import Sighting, Submission

    def examined(seed):
        file = photo(f"{seed}.jpg", seed)
        return examine_reference(Submission(file, file.name, Sighting(file.name, str(file)))).image

    # As many as need no index, eight pictures under other digests: the program adds the one that makes it needed.
    images = [examined(seed) for seed in range(8)]
    with SqliteArchive.writing(tmp_path / "a.db") as archive:
        archive.add(
            [
                Entry(replace(images[n % 8], sha256=f"{n:064x}"), Sighting(f"{n}.jpg", f"/old/{n}.jpg"))
                for n in range(local_lookup.TAIL)
            ]
        )

    def index():
        return sorted((tmp_path / "a.db.index" / "words").rglob("*"))

    assert index() == []
    photo("new.jpg", 8)
    assert run("add", "new.jpg", "-a", "a.db").returncode == 0
    kept = index()
    assert kept
    assert run("check", "new.jpg", "-a", "a.db").returncode == 1
    assert index() == kept


def test_exif_capture_time_is_kept_as_stated(tmp_path, photo, run):
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2016:12:13 10:11:12"
    photo("a.jpg", 5, exif=exif)
    run("add", "a.jpg")
    done = run("check", "a.jpg", "--claimed-date", "2024-11-29", "-f", "json")
    finding = json.loads(done.stdout)["results"][0]["findings"][0]
    assert finding["id"] == "PR101"
    assert "captured 2016-12-13" in finding["message"]


def test_the_archive_can_be_named_by_the_environment(tmp_path, photo, run, monkeypatch):
    photo("a.jpg")
    monkeypatch.setenv("PROVENANCE_ARCHIVE", "elsewhere.db")
    assert run("add", "a.jpg").returncode == 0
    assert (tmp_path / "elsewhere.db").exists()
