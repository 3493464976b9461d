"""A made Git repository of uploads, clean clones of it, and a runner for the steps of our action."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from PIL import Image

REPOSITORY = Path(__file__).parents[3]
SEEN, CLAIMED = "2016-12-13", "2024-11-29"
SIZE = (320, 240)

Scene = Callable[..., Image.Image]


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of this project."""
    return REPOSITORY


def _altered(scene: Scene, seed: int) -> Image.Image:
    """Return an archived picture with a part of another in its middle."""
    picture = scene(seed, *SIZE)
    picture.paste(scene(500 + seed, 106, 80), (106, 80))
    return picture


def _recycled(scene: Scene, seed: int) -> Image.Image:
    """Return an archived picture, smaller."""
    return scene(seed, *SIZE).resize((256, 192))


@pytest.fixture(scope="session")
def copies() -> SimpleNamespace:
    """Return the makers of recycled and of altered copies, each of the maker of scenes and a seed of the archive's."""
    return SimpleNamespace(recycled=_recycled, altered=_altered)


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory, scene: Scene, run_in: Callable[..., Any]) -> Path:
    """An archive of eight pictures, seeds 0 to 7, published in 2016; it has their files in it, and nothing else has."""
    folder = tmp_path_factory.mktemp("desk")
    for seed in range(8):
        scene(seed, *SIZE).save(folder / f"{seed}.jpg", quality=92)
    rows = "".join(f"{seed}.jpg,{SEEN},Sample Wire\n" for seed in range(8))
    (folder / "sightings.csv").write_text(f"path,published,outlet\n{rows}")
    done = run_in(folder, "add", "sightings.csv", "--keep-originals", "-a", "desk.db")
    assert done.returncode == 0, done.stderr
    for seed in range(8):
        (folder / f"{seed}.jpg").unlink()
    return folder / "desk.db"


@pytest.fixture(scope="session")
def origin(
    tmp_path_factory: pytest.TempPathFactory, desk: Path, scene: Scene, git: Callable[..., str]
) -> Path:
    """A repository of uploads with their claims and the archive: one recycled, one altered, two new."""
    root = tmp_path_factory.mktemp("origin")
    uploads = root / "uploads"
    uploads.mkdir()
    _recycled(scene, 0).save(uploads / "recycled.jpg", quality=70)
    _altered(scene, 5).save(uploads / "altered.jpg", quality=85)
    for seed in (100, 101):
        scene(seed, *SIZE).save(uploads / f"new-{seed}.jpg", quality=85)
    claimed = {"recycled.jpg": CLAIMED, "altered.jpg": SEEN, "new-100.jpg": CLAIMED, "new-101.jpg": CLAIMED}
    rows = "".join(f"uploads/{name},{date}\n" for name, date in claimed.items())
    (root / "claims.csv").write_text(f"path,date\n{rows}")
    shutil.copy(desk, root / "provenance.db")
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "--force", ".")
    git(root, "commit", "-qm", "Uploads")
    return root


@pytest.fixture
def clone(tmp_path: Path, origin: Path, git: Callable[..., str]) -> Path:
    """A clean clone of it."""
    git(tmp_path, "clone", "-q", origin, "clone")
    return tmp_path / "clone"


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A folder with the commands `provenance` and `python`, as an installation has them: this very interpreter's."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, arguments in (("provenance", "-m provenance "), ("python", "")):
        (folder / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments}"$@"\n')
        (folder / name).chmod(0o755)
    return folder


@dataclass
class Job:
    """What came of a run of the action."""

    code: int = 0
    log: str = ""
    summary: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    used: dict[str, dict[str, str]] = field(default_factory=dict)
    """Other actions that were asked for, by name, with what they were given."""

    def commands(self) -> list[str]:
        """Return the lines of the log that the runner would obey, old form `##[...]` included."""
        obeyed, token = [], None
        for line in map(str.strip, self.log.splitlines()):
            if token is not None:
                token = None if line == f"::{token}::" else token
            elif line.startswith("::stop-commands::"):
                token = line.removeprefix("::stop-commands::")
            elif line.startswith("::") or "##[" in line:
                obeyed.append(line)
        return obeyed


@dataclass
class Runner:
    """Runs a composite action as GitHub does, as far as ours needs it.

    Its scripts are run by bash with the runner's options. Two things differ: what `uses` another action is recorded,
    not run, and the step `install`, which would ask a package index, is replaced by the interpreter at hand.
    """

    action: Mapping[str, Any]
    workspace: Path
    temp: Path
    program: Path
    steps: dict[str, dict[str, str]] = field(default_factory=dict)

    def run(self, **inputs: str) -> Job:
        """Run the action with inputs, named with underscores for hyphens."""
        defaults = {name: of.get("default", "") for name, of in self.action["inputs"].items()}
        given = defaults | {name.replace("_", "-"): value for name, value in inputs.items()}
        assert given.keys() == defaults.keys()
        job = Job()
        for step in self.action["runs"]["steps"]:
            condition = step.get("if", "success()")
            if not (job.code and "always()" not in condition) and self._evaluated(condition, given):
                self._step(step, given, job)
        job.outputs = {name: self._filled(of["value"], given) for name, of in self.action["outputs"].items()}
        return job

    def _step(self, step: Mapping[str, Any], inputs: Mapping[str, str], job: Job) -> None:
        name = step.get("id", "")
        if "uses" in step:
            job.used[step["uses"].partition("@")[0]] = {
                key: self._filled(str(value), inputs) for key, value in step["with"].items()
            }
            self.steps[name] = {"python-path": sys.executable}
            return
        if name == "install":
            self.steps[name] = {"bin": str(self.program)}
            return
        script, output, summary = (self.temp / file for file in ("step.sh", "output", "summary"))
        script.write_text(step["run"])
        output.write_text("")
        summary.write_text("")
        done = subprocess.run(
            [step["shell"], "--noprofile", "--norc", "-eo", "pipefail", script],
            cwd=self.workspace,
            env={
                **os.environ,
                "GITHUB_WORKSPACE": str(self.workspace),
                "GITHUB_OUTPUT": str(output),
                "GITHUB_STEP_SUMMARY": str(summary),
                "RUNNER_TEMP": str(self.temp),
                **{key: self._filled(value, inputs) for key, value in step.get("env", {}).items()},
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=120,
        )
        job.log += done.stdout
        job.summary += summary.read_text()
        job.code = job.code or done.returncode
        self.steps[name] = dict(line.split("=", 1) for line in output.read_text().splitlines())

    def _filled(self, value: str, inputs: Mapping[str, str]) -> str:
        return re.sub(r"\$\{\{ (\S+) \}\}", lambda found: self._value(found[1], inputs), value)

    def _value(self, name: str, inputs: Mapping[str, str]) -> str:
        context, _, rest = name.partition(".")
        if context == "steps":
            step, _, output = rest.partition(".outputs.")
            return self.steps.get(step, {}).get(output, "")
        known = {"runner.temp": str(self.temp), "runner.os": "Linux", "github.action_path": str(REPOSITORY)}
        return inputs[rest] if context == "inputs" else known.get(name, rest)

    def _evaluated(self, condition: str, inputs: Mapping[str, str]) -> bool:
        names = re.compile(r"\b(?:inputs|steps)\.[\w.-]+")
        python = names.sub(lambda found: repr(self._value(found[0], inputs)), condition)
        return bool(eval(re.sub(r"(always|success)\(\)", "True", python).replace("&&", "and")))


@pytest.fixture(scope="session")
def action() -> Mapping[str, Any]:
    """Our action.yml."""
    return yaml.safe_load((REPOSITORY / "action.yml").read_text(encoding="utf-8"))


@pytest.fixture
def act(tmp_path: Path, clone: Path, program: Path, action: Mapping[str, Any]) -> Callable[..., Job]:
    """Return a function that runs our action in the clean clone."""
    temp = tmp_path / "runner"
    temp.mkdir()
    return lambda **inputs: Runner(action, clone, temp, program).run(**inputs)
