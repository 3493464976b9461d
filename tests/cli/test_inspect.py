"""`inspect`, through the real program: what a file itself says, and what follows from it."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from importlib.resources import files

import jsonschema
import pytest
from PIL import Image

SCHEMA = json.loads((files("provenance.report") / "schemas" / "inspection-1.0.json").read_text())
SOFTWARE, CHANGED, EXIF, GPS, ORIGINAL = 0x0131, 0x0132, 0x8769, 0x8825, 0x9003
LATAKIA = {1: "N", 2: (35.0, 31.0, 54.0), 3: "E", 4: (35.0, 47.0, 24.0)}
CLAIM = ("--claimed-date", "2024-11-29", "--claimed-place", "Aleppo")


@pytest.fixture(scope="module")
def world(tmp_path_factory, scene):
    """A photo that says much, one that says nothing, and what is none."""
    root = tmp_path_factory.mktemp("inspected")
    exif = Image.Exif()
    exif[SOFTWARE], exif[CHANGED] = "Example Editor 2.0", "2016:12:20 10:00:00"
    exif.get_ifd(EXIF)[ORIGINAL] = "2016:12:13 10:00:00"
    exif.get_ifd(GPS).update(LATAKIA)
    (root / "photos").mkdir()
    scene(1).save(root / "photos" / "says_much.jpg", exif=exif.tobytes())
    scene(2).save(root / "photos" / "says_nothing.png")
    content = (root / "photos" / "says_much.jpg").read_bytes()
    (root / "cut.jpg").write_bytes(content[: len(content) // 2])
    (root / "text.jpg").write_text("no photo at all")
    return root


@pytest.fixture
def inspect(world, run):
    def call(*arguments, **options):
        return run("inspect", *arguments, **{"cwd": world, **options})

    return call


def told(done):
    document = json.loads(done.stdout)
    jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(document)
    return document


def levels(result):
    return {f["id"]: f["level"] for f in result["findings"]}


def test_a_file_that_contradicts_the_claim_warns_and_flags_only_under_a_stricter_policy(inspect):
    done = inspect("photos/says_much.jpg", *CLAIM, "-f", "json")
    (result,) = told(done)["results"]
    assert done.returncode == 0
    assert (result["verdict"], result["format"], result["width"]) == ("nothing_found", "JPEG", 640)
    found = levels(result)
    assert (found["PR301"], found["PR304"], found["PR306"]) == ("warning", "warning", "note")
    assert result["claim"]["place"] == "Aleppo"
    assert inspect("photos/says_much.jpg", *CLAIM, "--fail-on", "warning").returncode == 1


def test_without_a_claim_the_facts_are_told_and_nothing_is_contradicted(inspect):
    (result,) = told(inspect("photos/says_much.jpg", "-f", "json"))["results"]
    assert not {"PR301", "PR304"} & set(levels(result))
    assert {"captured", "modified"} <= {stamp["moment"] for stamp in result["timeline"]}
    assert result["positions"][0]["latitude"] == pytest.approx(35.53167, abs=1e-4)


def test_the_text_has_facts_findings_and_what_they_do_not_mean(inspect):
    done = inspect("photos/says_much.jpg", *CLAIM)
    text = done.stdout
    assert text.startswith("WORTH A LOOK  photos/says_much.jpg  JPEG, 640 x 480 pixels\n  EXIF ")
    parts = ["Example Editor 2.0", "  timeline ", "  PR301 warning ", "1 photo: ", "What this does not mean:"]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    assert done.stderr == ""


def test_a_file_without_metadata_is_normal(inspect):
    done = inspect("photos/says_nothing.png", *CLAIM)
    assert done.returncode == 0
    assert done.stdout.startswith("NOTHING FOUND  photos/says_nothing.png")
    assert "A file without metadata is normal" in done.stdout


def test_a_folder_is_one_block_a_photo_and_a_summary(inspect):
    done = inspect("photos")
    assert [line for line in done.stdout.splitlines() if ".jpg" in line or ".png" in line] == [
        "NOTHING FOUND  photos/says_much.jpg  JPEG, 640 x 480 pixels",
        "NOTHING FOUND  photos/says_nothing.png  PNG, 640 x 480 pixels",
    ]
    assert "2 photos: 0 flagged, 2 nothing found, 0 inconclusive, 0 skipped" in done.stdout


def test_a_list_on_standard_input_is_taken(inspect):
    done = inspect("-", "-f", "json", input="photos/says_nothing.png\nphotos/says_much.jpg\n")
    assert [r["path"] for r in told(done)["results"]] == ["photos/says_nothing.png", "photos/says_much.jpg"]


def test_claims_may_come_from_a_file(inspect, world):
    (world / "claims.csv").write_text("path,date\nphotos/says_much.jpg,2024-11-29\n")
    results = told(inspect("photos", "--claims", "claims.csv", "-f", "json"))["results"]
    assert ["PR301" in levels(result) for result in results] == [True, False]


def test_a_picture_that_cannot_be_decoded_is_told_with_what_its_metadata_says(inspect):
    done = inspect("cut.jpg", "-f", "json")
    document = told(done)
    assert done.returncode == 3
    (result,) = document["results"]
    assert (result["verdict"], result["width"]) == ("inconclusive", None)
    assert "truncated" in result["unreadable"]
    assert "Example Editor 2.0" in {fact["value"] for fact in result["facts"]}
    assert "cannot be decoded: truncated" in document["skipped"][0]["reason"]


@pytest.mark.parametrize(
    ("path", "reason"), [("text.jpg", "the content is text"), ("missing.jpg", "no such file")]
)
def test_what_says_nothing_at_all_is_skipped_with_the_reason(inspect, path, reason):
    done = inspect(path, "-f", "json")
    document = told(done)
    assert (done.returncode, document["results"]) == (3, [])
    assert reason in document["skipped"][0]["reason"]


def test_a_flag_wins_over_what_was_skipped(inspect):
    assert inspect("photos", "missing.jpg", *CLAIM, "--fail-on", "warning").returncode == 1


def test_pixels_are_looked_at_on_request_and_that_they_were_not_is_said(inspect):
    without, looked = (
        told(inspect("photos/says_much.jpg", "-f", "json", *options))["results"][0]
        for options in ((), ("--hints",))
    )
    assert (without["hints"], isinstance(looked["hints"], list)) == (None, True)
    assert "--hints does that" in inspect("photos/says_much.jpg").stdout


def test_reports_also_go_to_files(inspect, tmp_path):
    done = inspect("photos", "-o", f"json:{tmp_path / 'r.json'}", "-o", f"text:{tmp_path / 'r.txt'}")
    assert json.loads((tmp_path / "r.json").read_text())["schema_version"] == "1.0"
    assert (tmp_path / "r.txt").read_text() == done.stdout


def test_an_error_level_analysis_is_drawn_on_request_with_its_caution(inspect, tmp_path):
    done = inspect("photos/says_much.jpg", "--picture", "ela", "--pictures", tmp_path / "one", "-f", "json")
    assert "proves nothing" in done.stderr
    with Image.open(tmp_path / "one" / "error_levels.png") as drawn:
        assert drawn.width == 640
    inspect("photos", "--picture", "ela", "--pictures", tmp_path / "two")
    assert sorted(p.parent.name for p in (tmp_path / "two").glob("*/error_levels.png")) == [
        "001-says-much",
        "002-says-nothing",
    ]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--picture", "ela"), "--picture and --pictures go together"),
        (("--pictures", "x"), "--picture and --pictures go together"),
        (("-f", "jsn"), "Did you mean 'json'?"),
        (("-o", "json"), "is not FORMAT:FILE"),
        (("--claimed-date", "29/11/2024"), "Did you mean 2024-11-29?"),
    ],
)
def test_a_wrong_call_is_a_usage_error_with_advice(inspect, options, words):
    done = inspect("photos/says_much.jpg", *options)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_hostile_metadata_reaches_no_terminal(inspect, world, scene):
    exif = Image.Exif()
    exif[SOFTWARE] = "x\x1b[31mred\x07"
    scene(3).save(world / "hostile.jpg", exif=exif.tobytes())
    done = inspect("hostile.jpg")
    assert done.returncode == 0
    assert not set(done.stdout) & set("\x1b\x07")


def test_the_same_files_give_the_same_report(inspect):
    one, two = (inspect("photos", *CLAIM, "-f", "json", "-j", jobs).stdout for jobs in (1, 2))
    assert one == two


def test_progress_is_drawn_only_where_somebody_watches(world):
    watched, end = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "provenance", "inspect", "photos"],
        cwd=world,
        stdout=subprocess.PIPE,
        stderr=end,
        check=False,
        timeout=120,
    )
    os.close(end)
    assert b"Inspecting" in os.read(watched, 10_000)
    os.close(watched)
    assert b"Inspecting" not in done.stdout
