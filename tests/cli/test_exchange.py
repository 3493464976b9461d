"""Two desks: one shares what it has seen, the other finds it, crops too, and says whose word it is."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from functools import partial
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
from PIL import ImageOps

from provenance.archive import maintenance
from provenance.archive.sqlite import SqliteArchive

BOX = (180, 120, 500, 380)
COPIES = {"crop.jpg": "partial", "mirrored.jpg": "partial", "smaller.jpg": "near_duplicate"}


@pytest.fixture(scope="module")
def world(tmp_path_factory, scene):
    """Make the pictures that one desk archives, what goes round of them, and what has nothing to do with them."""
    root = tmp_path_factory.mktemp("desks")
    for folder in ("private/source", "copies", "unrelated"):
        (root / folder).mkdir(parents=True)
    one, two = scene(1), scene(2)
    for number, picture in enumerate([one, two, scene(3), scene(4)], 1):
        picture.save(root / "private" / "source" / f"{number}.jpg", quality=92)
    (root / "private" / "list.csv").write_text(
        "path,published,outlet,place,caption,url\n"
        "source/1.jpg,2016-12-13,Example Wire,Aleppo,A gate,https://example.org/1\n"
        "source/2.jpg,2016~,Example Wire,Idlib,A square,\n"
        "source/3.jpg,,,,,\nsource/4.jpg,,,,,\n"
    )
    one.crop(BOX).save(root / "copies" / "crop.jpg", quality=80)
    ImageOps.mirror(two.crop(BOX)).save(root / "copies" / "mirrored.jpg", quality=80)
    one.resize((500, 375)).save(root / "copies" / "smaller.jpg", quality=50)
    (root / "copies" / "same.jpg").write_bytes((root / "private" / "source" / "3.jpg").read_bytes())
    scene(9).save(root / "unrelated" / "9.jpg")
    return root


@pytest.fixture(scope="module")
def desk(world, module_run):
    """Share one desk's archive, and import it into an empty one; return the public key."""
    assert module_run("add", "private/list.csv", "-a", "theirs.db").returncode == 0
    public = module_run("archive", "key", "new", "their.key").stdout.strip()
    shared = module_run(
        "archive", "export", "their.exchange", "--key", "their.key", "--desk", "We", "-a", "theirs.db"
    )
    assert shared.returncode == 0, shared.stderr
    done = module_run("archive", "import", "their.exchange", "--trust", f"Desk B={public}", "-a", "ours.db")
    assert done.returncode == 0, done.stderr
    assert "Signed by Desk B" in done.stderr and "calls itself 'We'" in done.stderr
    assert "4 new images, 4 new sightings" in done.stderr
    return public


@pytest.fixture(scope="module")
def module_run(world, run_in):
    return partial(run_in, world, timeout=170)


@pytest.fixture(scope="module")
def reports(desk, module_run):
    """Check the same photos against both archives."""
    return {
        archive: json.loads(module_run("check", "copies", "unrelated", "-a", archive, "-f", "json").stdout)
        for archive in ("theirs.db", "ours.db")
    }


def matches(report):
    return {r["path"].split("/")[-1]: r["matches"] for r in report["results"]}


def findings(report, name):
    return {f["id"]: f for r in report["results"] if r["path"].endswith(name) for f in r["findings"]}


def test_the_same_matches_are_found_without_the_pictures(reports):
    theirs, ours = matches(reports["theirs.db"]), matches(reports["ours.db"])
    assert set(ours) == {*COPIES, "same.jpg", "9.jpg"}
    for name, found in theirs.items():
        assert [(m["kind"], m["reference"]["sha256"], m["mirrored"]) for m in ours[name]] == [
            (m["kind"], m["reference"]["sha256"], m["mirrored"]) for m in found
        ]
        for here, there in zip(ours[name], found, strict=True):
            assert here["overlap"]["reference"] == pytest.approx(there["overlap"]["reference"], abs=0.1)
    assert {name: [m["kind"] for m in ours[name]] for name in COPIES} == {n: [k] for n, k in COPIES.items()}
    assert ours["9.jpg"] == []


def test_each_sighting_has_the_other_desks_name_and_nothing_of_its_disk(reports):
    for name, found in matches(reports["ours.db"]).items():
        for sighting in (s for m in found for s in m["sightings"]):
            assert (name, sighting["desk"]) == (name, "Desk B")
            assert "source" not in sighting["path"] and ".jpg" not in sighting["path"]
    (match,) = matches(reports["ours.db"])["crop.jpg"]
    assert match["first_seen"]["date"]["edtf"] == "2016-12-13"
    assert match["reference"]["path"] == "https://example.org/1"


def test_what_no_picture_confirms_warns_and_says_whom_to_ask(reports):
    ours, theirs = (findings(reports[archive], "crop.jpg") for archive in ("ours.db", "theirs.db"))
    assert (theirs["PR103"]["level"], ours["PR103"]["level"]) == ("error", "warning")
    assert "by features that Desk B shared: the picture itself is not here" in ours["PR103"]["message"]
    assert ours["PR103"]["settle"].startswith("Ask Desk B for the picture")
    assert "cannot be told: the archive holds no picture of it" in ours["PR207"]["message"]
    verdicts = {r["path"].split("/")[-1]: r["verdict"] for r in reports["ours.db"]["results"]}
    assert verdicts == {
        **dict.fromkeys(COPIES, "inconclusive"), "same.jpg": "flagged", "9.jpg": "nothing_found",
    }  # fmt: skip


def test_equal_bytes_need_no_picture_to_be_sure(reports):
    (match,) = matches(reports["ours.db"])["same.jpg"]
    assert (match["kind"], match["confirmed"]) == ("identical", True)
    assert findings(reports["ours.db"], "same.jpg")["PR103"]["level"] == "error"


def test_the_report_keeps_to_its_schema_and_tells_what_is_confirmed(reports):
    schema = json.loads((files("provenance.report") / "schemas/report-1.0.json").read_text())
    for report in reports.values():
        jsonschema.validate(report, schema)
    for name in COPIES:
        assert [m["confirmed"] for m in matches(reports["ours.db"])[name]] == [False]
        assert [m["confirmed"] for m in matches(reports["theirs.db"])[name]] == [True]


def test_a_claimed_date_is_held_against_the_other_desks_dates(desk, module_run):
    claimed = ["--claimed-date", "2024-11-29", "-a", "ours.db"]
    done = module_run("check", "copies/crop.jpg", *claimed)
    assert done.returncode == 3, done.stdout
    assert "PR101 warning" in done.stdout
    assert "Seen before the claimed date 2024-11-29: published 2016-12-13 by Example Wire" in done.stdout
    assert "as Desk B says" in done.stdout
    assert "by what others shared: no picture of it is here" in done.stdout
    assert module_run("check", "copies/crop.jpg", *claimed, "--fail-on", "warning").returncode == 1


def test_an_imported_archive_is_listed_shown_verified_and_removed_from(desk, module_run, world):
    listed = [
        json.loads(line)
        for line in module_run("archive", "list", "-a", "ours.db", "-f", "json").stdout.splitlines()
    ]
    assert [it["pictured"] for it in listed] == [False] * 4
    shown = module_run("archive", "show", listed[0]["id"], "-a", "ours.db")
    assert "no picture of it is here" in shown.stdout and "Desk B" in shown.stdout
    preview = module_run("archive", "show", listed[0]["id"], "-a", "ours.db", "--preview", "none.jpg")
    assert preview.returncode == 3 and "holds no picture" in preview.stderr
    assert not (world / "none.jpg").exists()
    assert "4 without a picture" in module_run("archive", "info", "-a", "ours.db").stdout
    assert module_run("archive", "verify", "-a", "ours.db").returncode == 0
    assert module_run("archive", "backup", "copy.db", "-a", "ours.db").returncode == 0
    assert module_run("archive", "remove", listed[0]["sha256"], "-a", "copy.db").returncode == 0
    assert module_run("archive", "verify", "-a", "copy.db").returncode == 0


def test_once_the_picture_itself_is_here_it_flags_as_ever(desk, module_run):
    assert module_run("archive", "backup", "seen.db", "-a", "ours.db").returncode == 0
    added = module_run("add", "private/source/1.jpg", "-a", "seen.db")
    assert "0 new images, 1 new sightings, 0 known already, 1 known images completed" in added.stderr
    done = module_run("check", "copies/crop.jpg", "-a", "seen.db", "-f", "json")
    assert done.returncode == 1
    (match,) = matches(json.loads(done.stdout))["crop.jpg"]
    assert match["confirmed"] and match["agreement"] > 0.5
    assert module_run("archive", "verify", "-a", "seen.db").returncode == 0


@pytest.mark.parametrize("place", [300, -1, -300])
def test_a_changed_byte_is_refused_and_nothing_is_imported(desk, module_run, world, place):
    content = bytearray((world / "their.exchange").read_bytes())
    content[place] ^= 1
    (world / "changed.exchange").write_bytes(content)
    done = module_run(
        "archive", "import", "changed.exchange", "--trust", f"B={desk}", "-a", f"changed{place}.db"
    )
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    assert '"images": 0' in module_run("archive", "info", "-a", f"changed{place}.db", "-f", "json").stdout


def test_who_is_trusted_must_be_named_by_the_one_who_imports(desk, module_run, world):
    (world / "trusted.txt").write_text(f"# desks that we know\n\nDesk B = {desk}\n")
    trusted = module_run("archive", "import", "their.exchange", "--trust", "trusted.txt", "-a", "ours.db")
    assert "0 new images, 0 new sightings, 4 known already" in trusted.stderr
    for value, reason in (
        (desk, "neither NAME=KEY nor a file"),
        (f"B={desk[:-1]}", "no public key"),
        (f"={desk}", "cannot be the name"),
        ("private", "neither NAME=KEY nor a file"),
    ):
        refused = module_run("archive", "import", "their.exchange", "--trust", value, "-a", "ours.db")
        assert (value, refused.returncode, reason in refused.stderr) == (value, 2, True)
    twice = ["--trust", f"A={desk}", "--trust", f"B={desk}"]
    assert module_run("archive", "import", "their.exchange", *twice, "-a", "ours.db").returncode == 2
    assert module_run("archive", "import", "their.exchange", "-a", "ours.db").returncode == 2


def test_a_key_is_shown_and_not_overwritten_and_must_be_private(desk, module_run, world):
    assert module_run("archive", "key", "show", "their.key").stdout.strip() == desk
    assert module_run("archive", "key", "new", "their.key").returncode == 2
    (world / "open.key").write_bytes((world / "their.key").read_bytes())
    (world / "open.key").chmod(0o644)
    done = module_run("archive", "export", "x", "--key", "open.key", "--desk", "We", "-a", "theirs.db")
    assert (done.returncode, "Others may read" in done.stderr, (world / "x").exists()) == (2, True, False)


def test_without_the_extra_the_error_names_the_line_that_installs_it(desk, module_run, world, tmp_path):
    (tmp_path / "cryptography.py").write_text("raise ImportError('not installed')")
    path = os.pathsep.join([str(tmp_path), *sys.path])
    done = subprocess.run(
        [sys.executable, "-m", "provenance", "archive", "key", "new", "none.key"],
        cwd=world, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 3
    assert "pip install 'provenance[exchange]'" in done.stderr


def test_a_hash_list_is_found_by_hash_only_and_says_which_list(desk, module_run, world):
    with SqliteArchive.reading(world / "theirs.db") as theirs:
        code = next(f for f in maintenance.fingerprints(theirs, 1) if f.algorithm == "pdq").code.hex()
    with (world / "partner.csv").open("w", newline="") as file:
        csv.writer(file).writerows(
            [["pdq", "note", "desk"], [code, "a known fake", "Partner"], ["0" * 64, "", ""]]
        )
    added = module_run("add", "partner.csv", "-a", "hashes.db")
    assert (added.returncode, "1 new images" in added.stderr, "partner.csv:3" in added.stderr) == (
        3,
        True,
        True,
    )
    done = module_run("check", "copies", "unrelated", "-a", "hashes.db", "-f", "json")
    report = json.loads(done.stdout)
    jsonschema.validate(
        report, json.loads((files("provenance.report") / "schemas/report-1.0.json").read_text())
    )
    found = matches(report)
    assert {name for name, told in found.items() if told} == {"smaller.jpg"}
    (match,) = found["smaller.jpg"]
    assert (match["reference"]["sha256"], match["confirmed"], match["inliers"]) == (
        f"pdq:{code}",
        False,
        None,
    )
    assert (match["sightings"][0]["note"], match["sightings"][0]["desk"]) == (
        "a known fake",
        "Partner (in partner.csv)",
    )
    told = findings(report, "smaller.jpg")["PR103"]
    assert (told["level"], "by a hash that Partner (in partner.csv) shared" in told["message"]) == (
        "warning",
        True,
    )
    assert module_run("archive", "verify", "-a", "hashes.db").returncode == 0
    assert "unknown size" in module_run("archive", "list", "-a", "hashes.db").stdout
    info = module_run("archive", "info", "-a", "hashes.db").stdout
    assert "1 without a picture" in info
    assert "no crop, screenshot" not in info
    outputs = [word for form in ("csv", "sarif") for word in ("-o", f"{form}:told.{form}")]
    told = module_run("check", "copies/smaller.jpg", "-a", "hashes.db", *outputs)
    assert (told.returncode, "Traceback" in told.stderr) == (3, False)
    assert all("PR103" in text for text in (told.stdout, *map(Path.read_text, world.glob("told.*"))))
    assert {path.suffix for path in world.glob("told.*")} == {".csv", ".sarif"}
    assert module_run("archive", "remove", f"pdq:{code}", "-a", "hashes.db").returncode == 0


def test_what_a_hash_list_told_is_shared_and_imported_in_turn(desk, module_run, world):
    code = "acecf3355e3125c8e24e2f30e0d4ec4f8482b878b3c34cdbdf063278db275992"
    (world / "own.csv").write_text(f"pdq,note\n{code},ours\n")
    assert module_run("add", "own.csv", "-a", "own.db").returncode == 0
    shared = ["--key", "their.key", "--desk", "We", "-a", "own.db"]
    assert module_run("archive", "export", "own.exchange", *shared).returncode == 0
    done = module_run("archive", "import", "own.exchange", "--trust", f"B={desk}", "-a", "heard.db")
    assert "1 new images, 1 new sightings" in done.stderr
    shown = module_run("archive", "show", f"pdq:{code}", "-a", "heard.db").stdout
    assert "image pdq:acecf3355e31 of B" in shown and "own.csv" not in shown
