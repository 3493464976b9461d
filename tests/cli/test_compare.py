"""What was altered, through the real program: `compare` for two files, `check` for its matches."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from PIL import Image, ImageOps

PASTED = (300, 200, 400, 280)
PICTURES = {
    "aligned.png",
    "blink.png",
    "heatmap.png",
    "mask.png",
    "outlined.png",
    "query.png",
    "side_by_side.png",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory, scene):
    """An earlier picture, what became of it, and others."""
    root = tmp_path_factory.mktemp("compared")
    for folder in ("old", "new"):
        (root / folder).mkdir()
    one, two = scene(1), scene(2)
    one.save(root / "old" / "one.png")
    two.save(root / "old" / "two.png")
    new = root / "new"
    one.save(new / "again.jpg", quality=70)
    one.save(new / "same_pixels.tif")
    ImageOps.mirror(one).save(new / "mirrored.jpg", quality=85)
    spliced = one.copy()
    spliced.paste(two.crop(PASTED), PASTED[:2])
    spliced.save(new / "spliced.jpg", quality=85)
    one.crop((0, 0, 320, 480)).save(new / "half.jpg", quality=85)
    scene(3).save(new / "other.jpg")
    collage = Image.new("RGB", (1000, 420), "black")
    collage.paste(one.resize((480, 360)), (10, 30))
    collage.paste(two.resize((480, 360)), (510, 30))
    collage.save(new / "collage.jpg", quality=85)
    (root / "broken.jpg").write_bytes(b"no photo at all")
    return root


@pytest.fixture
def compare(world, run):
    def call(query, *arguments):
        return run("compare", f"new/{query}", "old/one.png", *arguments, cwd=world, timeout=170)

    return call


@pytest.fixture(scope="module")
def check(world, run_in):
    assert run_in(world, "add", "old", "-a", "desk.db").returncode == 0

    def call(*arguments, archive="desk.db"):
        done = run_in(world, "check", *arguments, "-a", archive, "-f", "json", timeout=170)
        assert done.stdout, done.stderr
        return {r["path"].split("/")[-1]: r for r in json.loads(done.stdout)["results"]}

    return call


@pytest.fixture(scope="module")
def checked(world, check):
    """Return the results of all that is new, by name; their pictures lie in `pictures`."""
    return check("new", "--pictures", "pictures")


def ids(result):
    return {f["id"]: f["level"] for f in result["findings"]}


def told(done):
    return json.loads(done.stdout)


def box_around(region, slack=12):
    """Return whether a region is the one that was pasted, to within some pixels."""
    left, top, right, bottom = PASTED
    sides = (region["x"], region["y"], region["x"] + region["width"], region["y"] + region["height"])
    return all(abs(a - b) <= slack for a, b in zip(sides, (left, top, right, bottom), strict=True))


def test_a_recompressed_copy_shows_no_change(compare):
    done = compare("again.jpg", "-f", "json")
    found = told(done)
    assert done.returncode == 0
    assert (found["verdict"], found["kind"], found["changed_regions"]) == (
        "nothing_found",
        "near_duplicate",
        [],
    )
    assert ids(found) == {"PR200": "note"}
    assert "quality 70" in found["findings"][0]["message"]
    assert found["reference"]["path"] == "old/one.png"


def test_the_same_pixels_in_another_format_are_told_as_such(compare):
    found = told(compare("same_pixels.tif", "-f", "json"))
    assert found["alteration"]["same_pixels"]
    assert found["findings"][0]["evidence"][0]["value"] == "same pixels"


def test_the_same_file_needs_no_comparison(world, run):
    done = run("compare", "old/one.png", "old/one.png", cwd=world)
    assert done.returncode == 0
    assert "the same, byte for byte" in done.stdout


def test_what_was_pasted_in_flags_and_is_boxed_and_masked(compare, tmp_path):
    done = compare("spliced.jpg", "-f", "json", "--pictures", tmp_path / "pictures")
    found = told(done)
    assert done.returncode == 1
    assert ids(found)["PR201"] == "error"
    (region,) = found["changed_regions"]
    assert box_around(region)
    assert {p.name for p in (tmp_path / "pictures").iterdir()} == PICTURES
    mask = np.asarray(Image.open(tmp_path / "pictures" / "mask.png"))
    assert mask.shape == (480, 640)
    left, top, right, bottom = PASTED
    assert (mask[top:bottom, left:right] > 0).mean() > 0.9
    assert (mask > 0).sum() < 1.3 * (right - left) * (bottom - top)


def test_a_mirrored_copy_flags_only_under_a_stricter_policy(compare):
    assert compare("mirrored.jpg").returncode == 0
    done = compare("mirrored.jpg", "--fail-on", "warning")
    assert done.returncode == 1
    assert "Left and right are exchanged" in done.stdout


def test_a_crop_that_leaves_out_half_says_how_much_and_where(compare):
    found = told(compare("half.jpg", "-f", "json"))
    assert found["kind"] == "partial"
    assert ids(found) == {"PR200": "note", "PR202": "warning"}
    assert found["alteration"]["overall"]["right"] == pytest.approx(0.5, abs=0.01)
    assert found["alteration"]["overall"]["gone"] == pytest.approx(0.5, abs=0.01)
    assert 0.3 < found["alteration"]["content_gone"] < 0.7


def test_an_unrelated_photo_leaves_it_open(compare, tmp_path):
    done = compare("other.jpg", "-f", "json", "--pictures", tmp_path)
    found = told(done)
    assert done.returncode == 3
    assert (found["verdict"], found["kind"], found["changed_regions"]) == ("inconclusive", None, [])
    assert ids(found) == {"PR208": "warning"}
    assert {p.name for p in tmp_path.iterdir()} == {"query.png", "side_by_side.png"}


def test_a_small_picture_still_gets_an_answer(world, run):
    with Image.open(world / "old" / "one.png") as picture:
        picture.resize((160, 120)).save(world / "small.jpg", quality=85)
    done = run("compare", "small.jpg", "old/one.png", "-f", "json", cwd=world)
    assert ids(told(done)).keys() <= {"PR200", "PR207", "PR208"}
    assert done.returncode in {0, 3}


@pytest.mark.parametrize(
    ("query", "reason"), [("missing.jpg", "cannot be read"), ("broken.jpg", "broken.jpg: ")]
)
def test_a_file_that_cannot_be_read_is_named(world, run, query, reason):
    for files in ((query, "old/one.png"), ("old/one.png", query)):
        done = run("compare", *files, cwd=world)
        assert done.returncode == 3
        assert query in done.stderr
        assert reason in done.stderr
        assert "Traceback" not in done.stderr


def test_an_unknown_format_is_a_usage_error(compare):
    done = compare("again.jpg", "-f", "jsn")
    assert done.returncode == 2
    assert "Did you mean 'json'?" in done.stderr


def test_check_compares_its_matches_with_the_originals(checked):
    assert {name for name, result in checked.items() if "PR201" in ids(result)} == {"spliced.jpg"}
    (match,) = checked["spliced.jpg"]["matches"]
    assert match["alteration"]["against"] == "original"
    assert box_around(match["changed_regions"][0])
    assert ids(checked["collage.jpg"])["PR205"] == "warning"
    assert ids(checked["mirrored.jpg"])["PR203"] == "warning"
    assert checked["other.jpg"]["matches"] == []


def test_without_the_original_the_preview_is_compared_and_only_warns(world, check, run):
    shutil.copytree(world / "old", world / "gone")
    assert run("add", "gone", "-a", "carried.db", cwd=world).returncode == 0
    shutil.rmtree(world / "gone")
    result = check("new/spliced.jpg", archive="carried.db")["spliced.jpg"]
    (match,) = result["matches"]
    assert match["alteration"]["against"] == "preview"
    assert ids(result)["PR201"] == "warning"
    assert box_around(match["changed_regions"][0], slack=30)


def test_an_original_that_the_archive_keeps_is_compared_though_its_file_is_gone(world, check, run):
    shutil.copytree(world / "old", world / "moved")
    assert run("add", "moved", "--keep-originals", "-a", "kept.db", cwd=world).returncode == 0
    shutil.rmtree(world / "moved")
    result = check("new/spliced.jpg", archive="kept.db")["spliced.jpg"]
    assert result["matches"][0]["alteration"]["against"] == "original"
    assert ids(result)["PR201"] == "error"


def test_fast_compares_nothing_for_changes(check):
    (match,) = check("new/again.jpg", "--fast")["again.jpg"]["matches"]
    assert (match["alteration_checked"], match["alteration"]) == (False, None)


def test_pictures_lie_in_a_folder_a_match_where_there_are_several(world, checked, check, tmp_path):
    check("new/spliced.jpg", "--pictures", tmp_path / "single")
    assert {p.name for p in (tmp_path / "single").iterdir()} == PICTURES
    folders = [p.relative_to(world / "pictures") for p in sorted((world / "pictures").glob("*/*"))]
    assert [(p.parts[0], p.parts[1][:4]) for p in folders] == [
        ("001-again", "001-"),
        ("002-collage", "001-"),
        ("002-collage", "002-"),
        ("003-half", "001-"),
        ("004-mirrored", "001-"),
        ("005-same-pixels", "001-"),
        ("006-spliced", "001-"),
    ]
    assert checked["other.jpg"]["matches"] == []
    assert {p.parts[1][4:] for p in folders if p.parts[0] == "002-collage"} == {"one", "two"}


def test_pictures_that_cannot_be_written_are_an_error_with_advice(compare, tmp_path):
    (tmp_path / "taken").write_text("a file")
    done = compare("again.jpg", "--pictures", tmp_path / "taken")
    assert done.returncode == 3
    assert "Pictures cannot be written" in done.stderr
