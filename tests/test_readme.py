"""Every command in the README runs, and does what the README says."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")


def blocks(label: str) -> list[str]:
    """Return the code blocks that follow a comment of this label."""
    return re.findall(rf"<!-- {label} -->\n```\w+\n(.*?)```", README, re.DOTALL)


FILLING, *USING = blocks("run in fixtures")
(REPORTING,) = (block for block in USING if "--output json:report.json" in block)


def copied(folder: Path, to: Path) -> Path:
    return shutil.copytree(folder, to / "fixtures", ignore=shutil.ignore_patterns("__pycache__"))


@pytest.fixture
def copy(tmp_path):
    """A copy of what the README's commands need."""
    copied(REPOSITORY / "fixtures", tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """The folder that the README's commands run in, with the archive that the first of them make."""
    folder = copied(REPOSITORY / "fixtures", tmp_path_factory.mktemp("filled"))
    runs(FILLING, folder)
    return folder


@pytest.fixture
def desk(filled, tmp_path):
    """A copy of it for each block."""
    return copied(filled, tmp_path)


def runs(block: str, folder: Path) -> None:
    for line in block.splitlines():
        run = provenance(line, folder)
        assert run.returncode in {0, 1}, run.stderr
        assert run.stdout or line.startswith("provenance add")


def provenance(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    words = line.split("provenance ", 1)[1].split()
    return subprocess.run(
        [sys.executable, "-m", "provenance", *words], cwd=folder, capture_output=True, text=True, check=False
    )


def test_every_shell_block_is_run_by_a_test_or_by_ci():
    labelled = [*blocks("main job"), *blocks("run in fixtures"), *blocks("test command")]
    assert len(labelled) == README.count("```sh\n")


def test_the_main_job_installs_adds_and_checks_and_shows_its_output(copy):
    (command,) = blocks("main job")
    install, *steps = [line for line in command.removesuffix("\n").split(" &&\n") if "venv .venv" not in line]
    assert install == ".venv/bin/python -m pip install --quiet ."
    runs = [provenance(step, copy) for step in steps]
    assert [run.returncode for run in runs] == [0, 0]
    (shown,) = blocks("its output")
    printed = measured(runs[-1].stdout)
    assert len(shown.splitlines()) > 10
    for part in measured(shown).split("...\n"):
        assert part in printed


def measured(text: str) -> str:
    """Replace what OpenCV's builds for different processors round differently."""
    return re.sub(r"score \d{2}\.\d, \d{2,} details", "score HIGH, MANY details", text)


def test_the_commands_run_and_judge_the_posts_as_expected(desk):
    expected = json.loads((desk / "expected.json").read_text())
    runs(REPORTING, desk)
    unclear = provenance("provenance check unclear --format json", desk)
    reports = [json.loads(text) for text in ((desk / "report.json").read_text(), unclear.stdout)]
    results = {r["path"]: r for report in reports for r in report["results"]}
    assert set(results) == set(expected)
    for path, wanted in expected.items():
        result = results[path]
        first = result["matches"][0]["reference"]["path"] if result["matches"] else None
        assert (path, result["verdict"], first) == (path, wanted["verdict"], wanted["reference"])
        assert set(wanted["findings"]) <= {f["id"] for f in result["findings"]}


@pytest.mark.timeout(400)
@pytest.mark.parametrize("block", [block for block in USING if block != REPORTING])
def test_the_other_commands_run(desk, block):
    """Each block needs what the first put into the archive, and nothing of the others."""
    runs(block, desk)


def test_the_test_command_is_the_one_that_ci_runs():
    (command,) = blocks("test command")
    script = (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8")
    (reading,) = [line for line in script.splitlines() if line.startswith("command=")]
    extracted = subprocess.run(
        ["bash", "-c", f'{reading}; echo "$command"'],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    assert extracted.stdout == command
    assert "nox" in command
