"""docs/ci/Containerfile, as far as it can be held without building it: no registry is asked here."""

from __future__ import annotations

import io
import json
import shlex
import subprocess
import tomllib

import pytest
from dockerfile_parse import DockerfileParser

import provenance


@pytest.fixture
def instructions(repository):
    content = (repository / "docs" / "ci" / "Containerfile").read_bytes()
    read = DockerfileParser(fileobj=io.BytesIO(content)).structure
    return [(each["instruction"], each["value"]) for each in read if each["instruction"] != "COMMENT"]


@pytest.fixture
def stages(instructions):
    """The instructions of each stage, the last one being the image."""
    parts = [[]]
    for name, value in instructions:
        if name == "FROM":
            parts.append([])
        parts[-1].append((name, value))
    return parts[1:]


def test_there_is_a_stage_that_builds_and_one_that_runs_on_the_same_slim_base(instructions, stages):
    assert ("ARG", "PYTHON=docker.io/library/python:3.13-slim") in instructions
    assert [stage[0][1] for stage in stages] == ["$PYTHON AS build", "$PYTHON"]


def test_what_is_copied_exists_and_is_all_that_a_wheel_is_made_of(repository, stages):
    build, final = stages
    copied = [word for name, value in build if name == "COPY" for word in value.split()[:-1]]
    assert all((repository / path).exists() for path in copied)
    project = tomllib.loads((repository / "pyproject.toml").read_text())
    needed = [project["project"]["readme"], *project["project"]["license-files"], "pyproject.toml"]
    assert sorted(copied) == sorted(
        [*needed, *project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]]
    )
    assert "COPY" not in dict(final)


def test_the_extras_that_are_built_exist_and_are_those_installed(repository, stages):
    extras = tomllib.loads((repository / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    scripts = [value for stage in stages for name, value in stage if name == "RUN"]
    asked = [word for script in scripts for word in shlex.split(script) if word.endswith("]")]
    assert asked == [".[credentials]", "provenance[credentials]"]
    assert "credentials" in extras


def test_no_cache_and_no_list_of_packages_is_left(stages):
    for stage in stages:
        for name, value in stage:
            if name == "RUN" and " pip " in value:
                assert "--no-cache-dir" in value
            if name == "RUN" and "apt-get install" in value:
                assert "rm -rf /var/lib/apt/lists/*" in value
                assert "--no-install-recommends" in value
    (install,) = [value for name, value in stages[-1] if name == "RUN" and " pip " in value]
    assert "--no-index" in install


def test_it_runs_as_a_user_that_is_made_and_is_not_root(stages):
    last = dict(stages[-1])
    (made,) = [value for name, value in stages[-1] if name == "RUN" and value.startswith("useradd")]
    assert f"--uid {last['USER']} " in made
    assert int(last["USER"]) >= 1000
    names = [name for name, _ in stages[-1]]
    assert names.index("USER") < names.index("WORKDIR") < names.index("ENTRYPOINT")


def test_it_says_what_it_is(stages):
    labels = dict(stages[-1])["LABEL"]
    assert 'org.opencontainers.image.licenses="Apache-2.0"' in labels


def test_its_entry_point_is_a_command_of_this_project_that_runs(repository, stages, program):
    (command,) = json.loads(dict(stages[-1])["ENTRYPOINT"])
    scripts = tomllib.loads((repository / "pyproject.toml").read_text())["project"]["scripts"]
    assert command in scripts
    done = subprocess.run(
        [program / command, *json.loads(dict(stages[-1])["CMD"])], capture_output=True, text=True, check=False
    )
    assert (done.returncode, "check" in done.stdout) == (0, True)
    told = subprocess.run([program / command, "--version"], capture_output=True, text=True, check=True).stdout
    assert told == f"provenance {provenance.__version__}\n"
