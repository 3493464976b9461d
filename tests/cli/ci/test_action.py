"""action.yml: valid, pinned, and its own scripts run in a clean clone of a repository of uploads."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml


def valid(file, schema, *options):
    """Hold a file against a schema that check-jsonschema brings with it."""
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", *options, file],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_action_and_the_example_that_uses_it_are_valid(repository, action):
    valid(repository / "action.yml", "github-actions")
    workflow = repository / "docs" / "ci" / "github-workflow.yml"
    valid(workflow, "github-workflows")
    (step,) = [
        step
        for step in yaml.safe_load(workflow.read_text())["jobs"]["provenance"]["steps"]
        if "provenance" in step["uses"]
    ]
    assert step["with"].keys() <= action["inputs"].keys()
    assert {name for name, of in action["inputs"].items() if of.get("required")} <= step["with"].keys()


@pytest.mark.parametrize("file", ["action.yml", "docs/ci/github-workflow.yml"])
def test_other_actions_are_pinned_by_full_commit_and_say_their_version(repository, file):
    used = re.findall(r"^\s*(?:- )?uses: (.*)$", (repository / file).read_text(), re.MULTILINE)
    assert used
    for use in used:
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+|OWNER/provenance@COMMIT", use)


def test_nothing_is_pasted_into_a_script(action):
    scripts = [step["run"] for step in action["runs"]["steps"] if "run" in step]
    assert len(scripts) == 3
    assert not any("${{" in script for script in scripts)


def test_one_run_annotates_uploads_summarises_counts_and_fails_with_the_exit_code(act):
    job = act(paths="uploads", archive="provenance.db", claims="claims.csv")
    assert job.code == 1, job.log
    annotations = [line for line in job.commands() if "file=" in line]
    assert [re.search("file=([^,]+)", line)[1] for line in annotations] == [
        "uploads/altered.jpg",
        "uploads/recycled.jpg",
    ]
    assert all(line.startswith("::error ") for line in annotations)
    assert "PR201" in annotations[0]
    assert "PR101" in annotations[1]
    assert "uploads/recycled.jpg" in job.summary
    assert "new-100" not in job.summary
    counts = {
        name: job.outputs[name] for name in ("photos", "flagged", "nothing-found", "inconclusive", "skipped")
    }
    assert counts == {
        "photos": "4",
        "flagged": "2",
        "nothing-found": "2",
        "inconclusive": "0",
        "skipped": "0",
    }
    assert job.outputs["exit-code"] == "1"
    sarif, report, page = (
        Path(job.outputs[f"{form}-file"]).read_text() for form in ("sarif", "json", "html")
    )
    errors = {
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in json.loads(sarif)["runs"][0]["results"]
        if result["level"] == "error"
    }
    assert errors == {"uploads/recycled.jpg", "uploads/altered.jpg"}
    assert len(json.loads(report)["results"]) == 4
    assert "recycled.jpg" in page
    upload = job.used["github/codeql-action/upload-sarif"]
    assert upload == {"sarif_file": job.outputs["sarif-file"], "category": "provenance"}
    restored, saved = (job.used[f"actions/cache/{what}"] for what in ("restore", "save"))
    assert (restored["path"], restored["key"]) == (saved["path"], saved["key"])
    assert any(Path(saved["path"]).rglob("*"))
    folder = Path(job.used["actions/upload-artifact"]["path"])
    assert {"provenance.sarif", "provenance.json", "provenance.html", "summary.md"} <= {
        file.name for file in folder.iterdir()
    }


def test_only_what_changed_is_checked_and_a_run_of_nothing_passes_with_no_photo_counted(act, clone, git):
    git(clone, "checkout", "-qb", "work")
    job = act(
        paths="uploads", archive="provenance.db", changed_since="origin/main", cache="false", sarif="false"
    )
    assert (job.code, job.outputs["photos"]) == (0, "0")
    assert "0 of 4 photos changed since origin/main; 4, unchanged" in job.log
    assert "github/codeql-action/upload-sarif" not in job.used
    (clone / "uploads" / "copy.jpg").write_bytes((clone / "uploads" / "recycled.jpg").read_bytes())
    job = act(paths="uploads", archive="provenance.db", changed_since="origin/main", cache="false")
    assert (job.code, job.outputs["photos"], job.outputs["flagged"]) == (1, "1", "1")


def test_several_paths_with_spaces_and_a_leading_hyphen_stand_one_a_line(act, clone):
    for name in ("two words.jpg", "--fail-on=never.jpg"):
        (clone / name).write_bytes((clone / "uploads" / "new-100.jpg").read_bytes())
    job = act(paths="two words.jpg\n--fail-on=never.jpg\n", archive="provenance.db", cache="false")
    assert (job.code, job.outputs["photos"]) == (0, "2"), job.log


@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        ({"paths": "$(touch pwned)"}, 3),
        ({"paths": "uploads", "archive": "`touch pwned`"}, 3),
        ({"paths": "uploads", "claims": '"; touch pwned; "'}, 2),
        ({"paths": "uploads", "fail_on": "never; touch pwned"}, 2),
        ({"paths": "uploads", "changed_since": "--output=pwned"}, 2),
        ({"paths": "uploads", "changed_since": "##[add-mask]e"}, 2),
        ({"paths": "uploads", "claims": "x\n::error::pwned"}, 2),
    ],
)
def test_hostile_inputs_are_told_and_run_nothing(act, clone, tmp_path, inputs, code):
    job = act(**{"archive": "provenance.db", "cache": "false", **inputs})
    assert job.code == code, job.log
    assert not list(tmp_path.rglob("pwned"))
    told = [line for line in job.commands() if not line.startswith("::notice ")]
    assert told[-1].endswith(f"exit code {code}.")
    assert not any("pwned" in line.partition("file=")[0] or "add-mask" in line for line in told)


def test_a_run_without_a_report_uploads_nothing_and_counts_nothing(act):
    job = act(paths="uploads", archive="nowhere.db", cache="false")
    assert job.code == 3
    assert "There is no archive at nowhere.db" in job.log
    assert (job.outputs["photos"], job.outputs["sarif-file"], job.outputs["exit-code"]) == ("", "", "3")
    assert job.used.keys() == {"actions/setup-python"}
