"""A bundle checked again: against the same archive, one that grew or shrank, and another one."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import jsonschema
import numpy as np
import pytest
from PIL import Image

from provenance.circumstances import circumstances
from provenance.cli.bundles import write_bundle
from provenance.cli.replay import _name, settings_of
from provenance.errors import BundleError
from provenance.report.bundle import BundleAbout, BundlePhoto, bundle_members
from provenance.report.reading import read_report
from provenance.report.terminal import report_text
from provenance.settings import Settings

SCHEMA = json.loads((files("provenance.report") / "schemas" / "replay-1.0.json").read_text())


CLAIMED = ("posts", "--claimed-date", "2024-11-29")


def provenance(folder, *arguments):
    command = [sys.executable, "-m", "provenance", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """An archive of one photo with a dated sighting; posts: a copy of it, and one that nobody knows; their check."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "old").mkdir()
    (folder / "posts").mkdir()
    textured(1).save(folder / "old" / "1.jpg")
    (folder / "old" / "list.csv").write_text(
        "path,url,published,place\n1.jpg,https://example.org/1,2016-12-13,Aleppo\n"
    )
    provenance(folder, "add", "old/list.csv", "-a", "desk.db")
    textured(1).resize((320, 240)).save(folder / "posts" / "viral.jpg", quality=60)
    textured(2).save(folder / "posts" / "other.jpg")
    checked = provenance(folder, "check", *CLAIMED, "-a", "desk.db", "--fast", "--format", "json")
    (folder / "report.json").write_text(checked.stdout)
    return folder


@pytest.fixture
def desk(template, tmp_path):
    """Return a folder of its own with all of that, and a bundle of the check."""
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    bundle(tmp_path, read_report((tmp_path / "report.json").read_text()))
    return tmp_path


def bundle(folder, report, **said):
    """Write `evidence.zip` from a report and the photos that it is about."""
    about = BundleAbout(
        **{"circumstances": circumstances(Settings(), fast=True), "checked": datetime.now(UTC)} | said
    )
    photos = (BundlePhoto(r, (folder / r.path).read_bytes()) for r in report.results)
    members = bundle_members(report, about, photos, {"text": report_text})
    write_bundle(folder / "evidence.zip", members, about.checked)


def textured(seed):
    """Return a made picture that no other seed's looks like."""
    cells = np.random.default_rng(seed).integers(0, 256, (9, 12, 3), np.uint8)
    return Image.fromarray(cells).resize((400, 300), Image.Resampling.BICUBIC)


def replayed(run, *arguments):
    done = run("replay", "evidence.zip", "-a", "desk.db", "--format", "json", *arguments)
    assert done.stderr == ""
    document = json.loads(done.stdout)
    jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(document)
    return done.returncode, document


def moves(document, path):
    (photo,) = (p for p in document["photos"] if p["path"] == path)
    return [(m["kind"], m["what"], m["causes"]) for m in photo["moves"]]


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_where_nothing_changed_every_verdict_stands(desk, run):
    shutil.rmtree(desk / "posts")
    code, document = replayed(run)
    assert code == 0
    assert document["stands"] is True
    assert {d["cause"] for d in document["differences"]} <= {"day"}  # it may just be midnight
    assert [(p["path"], p["verdict"]["now"], p["moves"]) for p in document["photos"]] == [
        ("posts/other.jpg", "nothing_found", []),
        ("posts/viral.jpg", "flagged", []),
    ]
    told = run("replay", "evidence.zip", "-a", "desk.db").stdout
    assert "STANDS  posts/viral.jpg  flagged\n" in told
    assert "Of 2 verdicts 2 stand and 0 moved; 0 skipped." in told


def test_a_photo_that_was_added_since_moves_the_verdict_and_is_named_as_why(desk, run):
    (desk / "new").mkdir()
    textured(2).save(desk / "new" / "2.jpg")
    (desk / "new" / "list.csv").write_text("path,url,published\n2.jpg,https://example.org/2,2013\n")
    run("add", "new/list.csv", "-a", "desk.db")
    code, document = replayed(run)
    assert code == 1
    assert document["differences"][0] == {
        "cause": "archive_changed",
        "words": "The archive went from generation 1 to 2: 1 to 2 images, 1 to 2 sightings.",
    }
    assert moves(document, "posts/other.jpg")[:2] == [
        ("verdict", "verdict", ["reference_added"]),
        ("finding_added", "PR101", ["reference_added"]),
    ]
    assert moves(document, "posts/other.jpg")[-1] == ("match_added", "new/2.jpg", ["reference_added"])
    assert ("match_changed", "old/1.jpg", ["archive_changed"]) in moves(document, "posts/viral.jpg")
    (viral,) = (p for p in document["photos"] if p["path"] == "posts/viral.jpg")
    assert viral["stands"] is True
    told = run("replay", "evidence.zip", "-a", "desk.db").stdout
    assert "MOVED  posts/other.jpg  nothing found then, flagged now\n" in told
    assert "because it was added to the archive after the bundle was made" in told


def test_a_photo_that_was_removed_since_is_named_as_why(desk, run):
    run("archive", "remove", "old/1.jpg", "-a", "desk.db")
    code, document = replayed(run)
    assert code == 1
    told = moves(document, "posts/viral.jpg")
    assert told[0] == ("verdict", "verdict", ["reference_removed"])
    assert ("finding_gone", "PR101", ["reference_removed"]) in told
    assert ("match_gone", "old/1.jpg", ["reference_removed"]) in told


def test_a_sighting_that_was_added_since_is_named_as_why(desk, run):
    (desk / "old" / "more.csv").write_text("path,url,published\n1.jpg,https://example.org/0,2011-03-01\n")
    run("add", "old/more.csv", "-a", "desk.db")
    code, document = replayed(run)
    assert code == 1
    told = moves(document, "posts/viral.jpg")
    assert ("finding_changed", "PR101", ["sighting_added"]) in told
    assert ("sighting_added", "old/1.jpg", ["sighting_added"]) in told
    assert moves(document, "posts/other.jpg") == []


def test_another_archive_is_told_as_such(desk, run):
    (desk / "desk.db").unlink()
    (desk / "else").mkdir()
    textured(3).save(desk / "else" / "3.jpg")
    run("add", "else", "-a", "desk.db")
    code, document = replayed(run)
    assert code == 1
    assert document["differences"][0]["cause"] == "another_archive"
    assert ("match_gone", "old/1.jpg", ["another_archive"]) in moves(document, "posts/viral.jpg")


def test_versions_settings_and_trust_lists_that_differ_are_told(desk, run):
    then = circumstances(Settings(), fast=True)
    then = replace(
        then,
        tool="0.0.1",
        libraries=dict(then.libraries) | {"pillow": "1.2"},
        settings=dict(then.settings) | {"match_score": 5.0},
        trust_list="a list",
    )
    report = read_report((desk / "report.json").read_text())
    bundle(desk, report, circumstances=then, checked=datetime.now(UTC) - timedelta(days=3))
    _, document = replayed(run, "--settings", "current")
    told = {d["cause"]: d["words"] for d in document["differences"]}
    assert told.keys() == {"versions", "settings", "trust_list", "day"}
    assert "provenance 0.0.1 then" in told["versions"]
    assert "pillow 1.2 then" in told["versions"]
    assert told["settings"] == "Settings differ: match_score 5.0 then, 3.0 now."
    assert document["stands"] is True
    _, document = replayed(run)
    assert "settings" not in {d["cause"] for d in document["differences"]}


def test_a_setting_of_the_bundle_is_used_and_none_that_names_a_file_is():
    class Opened:
        about = BundleAbout(
            replace(
                circumstances(Settings(), fast=True),
                settings={"match_score": 7, "embedding_model": "/etc/passwd", "gone": 3, "workers": "all"},
            ),
            datetime.now(UTC),
        )

    assert settings_of(Opened(), Settings(embedding_model="mine")) == Settings(
        match_score=7.0, embedding_model="mine"
    )
    Opened.about.circumstances.settings["search_radius"] = 10_000
    with pytest.raises(BundleError, match="search_radius is 10000"):
        settings_of(Opened(), Settings())


def test_a_bundle_in_which_a_byte_was_changed_is_refused(desk, run):
    path = desk / "evidence.zip"
    content = bytearray(path.read_bytes())
    at = content.index((desk / "posts" / "viral.jpg").read_bytes()) + 1000
    content[at] ^= 1
    path.write_bytes(content)
    done = run("replay", "evidence.zip", "-a", "desk.db")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Error: The bundle is damaged" in done.stderr
    assert "Ask for the bundle again" in done.stderr


def test_a_member_that_was_exchanged_is_refused(desk, run):
    with (
        zipfile.ZipFile(desk / "evidence.zip") as source,
        zipfile.ZipFile(desk / "forged.zip", "w") as forged,
    ):
        for name in source.namelist():
            content = source.read(name)
            forged.writestr(
                name, content.replace(b"flagged", b"cleared") if name == "report.json" else content
            )
    done = run("replay", "forged.zip", "-a", "desk.db")
    assert done.returncode == 2
    assert "report.json in the bundle is not what it was when the bundle was made" in done.stderr


@pytest.mark.parametrize("name", ["posts/viral.jpg", "missing.zip", "desk.db", "posts"])
def test_what_is_no_bundle_is_a_usage_error(desk, run, name):
    done = run("replay", name, "-a", "desk.db")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert run("replay", name, "--format", "pdf").returncode == 2


def test_a_photo_that_cannot_be_checked_again_is_skipped_with_exit_code_3(desk, run):
    report = read_report((desk / "report.json").read_text())
    (desk / "posts" / "other.jpg").write_bytes(b"no photo any more")
    digest = hashlib.sha256(b"no photo any more").hexdigest()
    bundle(desk, replace(report, results=(replace(report.results[0], sha256=digest), *report.results[1:])))
    code, document = replayed(run)
    assert code == 3
    assert [s["path"] for s in document["skipped"]] == ["posts/other.jpg"]
    assert [p["path"] for p in document["photos"]] == ["posts/viral.jpg"]


def test_a_name_is_evidence_and_is_kept_where_the_system_allows():
    assert _name("posts/2016-12-13 قلعة.jpg") == "2016-12-13 قلعة.jpg"
    for hostile in ("..", "a/..", "", "/", "a\0b", "x" * 300, "\ud800.jpg"):
        assert _name(hostile) in {"photo", "posts"}


def test_names_claims_and_local_features_come_back_as_they_were(desk, run, scene):
    """A photo whose name tells a date, and a crop that only local features find."""
    (desk / "wide").mkdir()
    scene(1).save(desk / "wide" / "scene.png")
    run("add", "wide", "-a", "desk.db")
    (desk / "crops").mkdir()
    name = "crops/IMG_20161213_101500.jpg"
    scene(1).crop((100, 80, 460, 360)).save(desk / name, quality=90)
    done = run("check", name, "-a", "desk.db", "--claimed-date", "2024-11-29", "--format", "json")
    report = read_report(done.stdout)
    assert {"PR101", "PR301"} & {f.id for f in report.results[0].findings}
    bundle(desk, report, circumstances=circumstances(Settings(), fast=False))
    code, document = replayed(run)
    assert (code, document["photos"][0]["moves"]) == (0, [])
