"""What a CMS would run: 500 uploads in a clean clone, five of them recycled, three altered, 492 never seen."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
import urllib.parse
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest

OPTIONS = ("--archive=desk.db", "--claims=claims.csv", "--format=json")
pytestmark = pytest.mark.timeout(600)  # some 15 seconds on two idle cores; a busy machine must not fail it

RECYCLED = {f"uploads/recycled-{seed}.jpg" for seed in range(5)}
ALTERED = {f"uploads/altered-{seed}.jpg" for seed in range(5, 8)}


def textured():
    """Return the maker of small pictures that the whole suite has."""
    place = importlib.util.spec_from_file_location("made", Path(__file__).parents[2] / "conftest.py")
    module = importlib.util.module_from_spec(place)
    place.loader.exec_module(module)
    return module.textured


@pytest.fixture(scope="module")
def cms(tmp_path_factory, desk, scene, copies, git):
    """A clean clone of the repository of such uploads, and what one run of a check in it came to."""
    root, make = tmp_path_factory.mktemp("cms"), textured()
    uploads = root / "origin" / "uploads"
    uploads.mkdir(parents=True)
    for number in range(492):
        size = (64, 48) if number % 5 else (160, 120)
        make(1000 + number, *size).save(uploads / f"new-{number:03}.jpg", quality=85)
    for seed in range(5):
        copies.recycled(scene, seed).save(uploads / f"recycled-{seed}.jpg", quality=70)
    for seed in range(5, 8):
        copies.altered(scene, seed).save(uploads / f"altered-{seed}.jpg", quality=85)
    dates = {
        path.name: "2016-12-13" if "altered" in path.name else "2024-11-29" for path in uploads.iterdir()
    }
    rows = "".join(f"uploads/{name},{date}\n" for name, date in sorted(dates.items()))
    (root / "origin" / "claims.csv").write_text(f"path,date\n{rows}")
    shutil.copy(desk, root / "origin" / "desk.db")
    git(root / "origin", "init", "-q")
    git(root / "origin", "add", "--force", ".")
    git(root / "origin", "commit", "-qm", "500 uploads")
    git(root, "clone", "-q", "origin", "clone")
    clone = root / "clone"
    outputs = [f"--output={form}:{root}/report.{form}" for form in ("sarif", "junit", "gitlab", "markdown")]
    done = subprocess.run(
        [sys.executable, "-m", "provenance", "check", "uploads", *OPTIONS, *outputs],
        cwd=clone,
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )
    return SimpleNamespace(clone=clone, reports=root, done=done, json=json.loads(done.stdout))


def test_it_fails_and_says_nothing_but_its_report(cms):
    assert (cms.done.returncode, cms.done.stderr) == (1, "")
    assert cms.json["skipped"] == []


def test_exactly_the_eight_are_flagged_each_for_what_it_is(cms):
    verdicts = Counter(result["verdict"] for result in cms.json["results"])
    assert verdicts == {"flagged": 8, "nothing_found": 492}
    errors = {
        result["path"]: {finding["id"] for finding in result["findings"] if finding["level"] == "error"}
        for result in cms.json["results"]
        if result["verdict"] == "flagged"
    }
    assert errors == {
        **{path: {"PR101"} for path in RECYCLED},
        **{path: {"PR201"} for path in ALTERED},
    }


def test_the_other_forms_of_the_same_run_name_the_same_eight(cms):
    (run,) = json.loads((cms.reports / "report.sarif").read_text())["runs"]
    sarif = {
        urllib.parse.unquote(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])
        for result in run["results"]
        if result["level"] == "error"
    }
    suite = ElementTree.parse(cms.reports / "report.junit").getroot()
    cases = list(suite.iter("testcase"))
    junit = {case.get("name") for case in cases if case.find("failure") is not None}
    gitlab = {
        issue["location"]["path"]
        for issue in json.loads((cms.reports / "report.gitlab").read_text())
        if issue["severity"] == "critical"
    }
    assert len(cases) == 500
    assert run["invocations"][0]["executionSuccessful"]
    assert sarif == junit == gitlab == RECYCLED | ALTERED


def test_the_summary_lists_the_eight_and_counts_the_rest(cms):
    summary = (cms.reports / "report.markdown").read_text()
    assert "500 photos: 8 flagged, 492 nothing found, 0 inconclusive, 0 skipped" in summary
    assert sum(line.startswith("| `uploads/") for line in summary.splitlines()) == 8


def test_the_clone_is_left_as_it_was_but_for_what_sqlite_puts_beside_an_archive(cms, git):
    left = {
        line.removeprefix("?? ") for line in git(cms.clone, "status", "--porcelain", "--ignored").splitlines()
    }
    assert left <= {"desk.db-shm", "desk.db-wal"}
