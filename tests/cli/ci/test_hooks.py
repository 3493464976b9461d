""".pre-commit-hooks.yaml: valid, and run by pre-commit itself in a clean clone of a repository of uploads."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import pytest
import yaml

from provenance.ingest.folder import PHOTO_SUFFIXES


def pre_commit(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        **options,
    )


@pytest.fixture
def hooks(repository):
    return yaml.safe_load((repository / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))


@pytest.fixture
def hook(clone, program, tmp_path, hooks):
    """Return a function that runs one of our hooks in the clean clone.

    Its language is `system`, since nothing may be installed here: all else is as it is shipped.
    """

    def call(name, *arguments, **changes):
        (shipped,) = [hook for hook in hooks if hook["id"] == name]
        config = {"repos": [{"repo": "local", "hooks": [shipped | {"language": "system"} | changes]}]}
        (clone / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
            "PATH": f"{program}:{os.environ['PATH']}",
            "PRE_COMMIT_HOME": str(tmp_path / "pre-commit"),
            "GIT_CONFIG_GLOBAL": os.devnull,
        }
        return pre_commit("run", name, "--verbose", *arguments, cwd=clone, env=environment)

    return call


def test_the_manifest_is_valid(repository, tmp_path):
    environment = {**os.environ, "PRE_COMMIT_HOME": str(tmp_path)}
    done = pre_commit("validate-manifest", repository / ".pre-commit-hooks.yaml", env=environment)
    assert done.returncode == 0, done.stdout


def test_the_hooks_take_every_name_that_a_folder_takes_and_no_other(hooks):
    for hook in hooks:
        assert all(re.search(hook["files"], f"uploads/a{suffix}") for suffix in PHOTO_SUFFIXES)
        assert re.search(hook["files"], "A.JPG")
        assert not any(re.search(hook["files"], name) for name in ("a.svg", "a.jpg.txt", "jpg", "a.pngx"))


def test_all_files_of_a_clean_clone_are_checked_and_the_copies_fail(hook):
    done = hook("provenance-check", "--all-files")
    assert done.returncode == 1
    assert "exit code: 1" in done.stdout
    flagged = re.findall(r"^FLAGGED +(\S+)", done.stdout, re.MULTILINE)
    assert flagged == ["uploads/altered.jpg", "uploads/recycled.jpg"]
    assert "4 photos: 2 flagged, 2 nothing found" in done.stdout


def test_only_staged_photos_are_checked_by_default(hook, clone, git):
    shutil.copy(clone / "uploads" / "new-100.jpg", clone / "uploads" / "upload.jpg")
    (clone / "notes.txt").write_text("no photo")
    git(clone, "add", "uploads/upload.jpg", "notes.txt")
    done = hook("provenance-check")
    assert (done.returncode, "1 photo: 0 flagged, 1 nothing found" in done.stdout) == (0, True), done.stdout


def test_the_name_of_a_photo_is_never_taken_for_an_option(hook, clone, git):
    shutil.copy(clone / "uploads" / "recycled.jpg", clone / "--archive=other.jpg")
    git(clone, "add", "--", "--archive=other.jpg")
    done = hook("provenance-check")
    assert done.returncode == 1
    assert "FLAGGED  --archive=other.jpg" in done.stdout


def test_a_hook_that_could_not_check_does_not_pass(hook, clone, git):
    (clone / "broken.heic").write_bytes(b"no photo")
    git(clone, "add", "broken.heic")
    assert "exit code: 3" in hook("provenance-check").stdout
    assert (
        "exit code: 3" in hook("provenance-check", "--all-files", args=["--archive=nowhere.db", "--"]).stdout
    )


def test_the_hook_that_inspects_needs_no_archive(hook, clone):
    (clone / "provenance.db").unlink()
    done = hook("provenance-inspect", "--files", "uploads/new-100.jpg", "uploads/recycled.jpg")
    assert (done.returncode, "uploads/recycled.jpg" in done.stdout) == (0, True), done.stdout
