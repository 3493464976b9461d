"""What changed since a revision, asked of real repositories: nothing is left out that Git does not know."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provenance.errors import UsageError
from provenance.ingest.changed import ChangedSource, changes_since
from provenance.ingest.folder import FileSource, FolderSource


@pytest.fixture
def uploads(tmp_path, git):
    """A repository with one commit on main and a branch `work` that has not changed anything yet."""
    root = tmp_path / "repository"
    (root / "uploads" / "old").mkdir(parents=True)
    git(root, "init", "-q", "-b", "main")
    for name in ("a.jpg", "b.jpg", "old/c.jpg"):
        (root / "uploads" / name).write_bytes(name.encode())
    (root / ".gitignore").write_text("thumbnails/\n*.tmp.jpg\n")
    git(root, "add", ".")
    git(root, "commit", "-qm", "Uploads")
    git(root, "checkout", "-qb", "work")
    return root


def checked(root, revision="main", folder="uploads"):
    """Return the photos below a folder that a check of what changed would look at."""
    source = ChangedSource(FolderSource(root / folder), changes_since(revision, root))
    return [item.path.removeprefix(f"{root}/{folder}/") for item in source.collect()]


def test_nothing_has_changed_in_a_fresh_branch(uploads):
    assert checked(uploads) == []


def test_commits_the_index_the_working_tree_and_new_files_all_count(uploads, git):
    photos = uploads / "uploads"
    (photos / "a.jpg").write_bytes(b"committed")
    git(uploads, "commit", "-qam", "Change one")
    (photos / "b.jpg").write_bytes(b"staged")
    git(uploads, "add", "uploads/b.jpg")
    (photos / "old" / "c.jpg").write_bytes(b"neither")
    (photos / "new.jpg").write_bytes(b"untracked")
    (photos / "meant.jpg").write_bytes(b"intent to add")
    git(uploads, "add", "--intent-to-add", "uploads/meant.jpg")
    assert checked(uploads) == ["a.jpg", "b.jpg", "meant.jpg", "new.jpg", "old/c.jpg"]


def test_what_the_other_branch_did_since_is_not_our_change(uploads, git):
    git(uploads, "checkout", "-q", "main")
    (uploads / "uploads" / "a.jpg").write_bytes(b"changed on main")
    git(uploads, "commit", "-qam", "Change on main")
    git(uploads, "checkout", "-q", "work")
    assert checked(uploads) == []


def test_ignored_files_and_folders_are_left_out_and_their_neighbours_are_not(uploads):
    for name in ("thumbnails/a.jpg", "mixed/x.tmp.jpg", "mixed/y.jpg"):
        (uploads / "uploads" / name).parent.mkdir(exist_ok=True)
        (uploads / "uploads" / name).write_bytes(b"new")
    assert checked(uploads) == ["mixed/y.jpg"]


def test_a_moved_photo_has_changed_and_a_deleted_one_is_none(uploads, git):
    git(uploads, "mv", "uploads/a.jpg", "uploads/moved.jpg")
    git(uploads, "rm", "-q", "uploads/b.jpg")
    assert checked(uploads) == ["moved.jpg"]


def test_what_lies_behind_a_link_is_always_looked_at(uploads, git, tmp_path):
    (uploads / "uploads" / "link.jpg").symlink_to("a.jpg")
    (uploads / "door").symlink_to("uploads")
    git(uploads, "add", ".")
    git(uploads, "commit", "-qm", "Links")
    assert checked(uploads, "HEAD") == ["link.jpg"]
    assert checked(uploads, "HEAD", "door") == ["a.jpg", "b.jpg", "link.jpg", "old/c.jpg"]
    # A link on the way to the repository is not its own.
    (tmp_path / "way").symlink_to(uploads)
    assert checked(tmp_path / "way", "HEAD") == ["link.jpg"]


def test_photos_outside_the_repository_and_in_submodules_are_always_looked_at(uploads, git, tmp_path):
    outside = tmp_path / "outside.jpg"
    outside.write_bytes(b"elsewhere")
    inner = uploads / "uploads" / "agency"
    inner.mkdir()
    git(inner, "init", "-q")
    (inner / "theirs.jpg").write_bytes(b"theirs")
    git(inner, "add", ".")
    git(inner, "commit", "-qm", "Theirs")
    git(uploads, "add", "uploads/agency")
    git(uploads, "commit", "-qm", "Name a repository within")
    assert checked(uploads, "HEAD") == ["agency/theirs.jpg"]
    assert list(ChangedSource(FileSource((outside,)), changes_since("HEAD", uploads)).collect())


def test_what_a_source_could_not_take_is_told_all_the_same(uploads):
    source = FileSource((uploads / "uploads" / "a.jpg", uploads / "uploads" / "missing.jpg"))
    (told,) = ChangedSource(source, changes_since("main", uploads)).collect()
    assert told.reason == "no such file"


names = st.binary(min_size=1, max_size=40).filter(lambda n: not {*n} & {*b"/\0"} and n not in {b".", b".."})


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.sets(names, min_size=1, max_size=6))
@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not take every byte in a name")
def test_any_bytes_in_a_name_are_the_same_name(uploads, git, names):
    folder = uploads / "any"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name in names:
        (folder / os.fsdecode(name)).write_bytes(b"committed")
    git(uploads, "add", "--force", "any")
    git(uploads, "commit", "-q", "--allow-empty", "-m", "Any names")
    changed = min(names)
    (folder / os.fsdecode(changed)).write_bytes(b"changed since")
    changes = changes_since("HEAD", uploads)
    looked_at = {name for name in names if not changes.left_out(folder / os.fsdecode(name))}
    assert looked_at == {changed}


def test_nothing_that_a_hostile_repository_configures_is_run(uploads, git, tmp_path):
    """The same traps go off when Git is asked without care, so they are live."""
    ran, trap, hooks = tmp_path / "ran", tmp_path / "trap", tmp_path / "hooks"
    trap.write_text(f'#!/bin/sh\necho "$0 $*" >>{ran}\ncat\n')
    trap.chmod(0o755)
    hooks.mkdir()
    shutil.copy(trap, hooks / "post-index-change")
    (uploads / ".gitattributes").write_text("*.jpg diff=evil filter=evil=x\n*.png filter=other\n")
    git(uploads, "add", ".gitattributes")
    git(uploads, "commit", "-qm", "Attributes")
    for key, value in {
        "core.fsmonitor": trap,
        "core.hooksPath": hooks,
        "core.pager": trap,
        "diff.external": trap,
        "diff.evil.textconv": trap,
        "diff.evil.command": trap,
        "filter.evil=x.clean": trap,
        "filter.evil=x.required": "true",
        "filter.other.process": trap,
    }.items():
        git(uploads, "config", key, value)
    # Where a file may be younger than the index, Git compares contents, as filters would store them.
    os.utime(uploads / "uploads" / "a.jpg", (1, 1))
    os.utime(uploads / ".git" / "index", (2, 2))
    (uploads / "uploads" / "new.jpg").write_bytes(b"new")
    assert checked(uploads) == ["a.jpg", "new.jpg"]
    assert not ran.exists()
    git(uploads, "diff", "HEAD")
    assert ran.read_text()


def test_nothing_is_fetched_for_a_partial_clone_and_the_error_says_what_is_missing(uploads, git, tmp_path):
    ran = tmp_path / "ran"
    git(uploads, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--filter=tree:0", "--no-checkout", uploads.as_uri(), "partial")
    partial = tmp_path / "partial"
    git(partial, "config", "remote.origin.uploadpack", f"touch {ran}; git-upload-pack")
    with pytest.raises(UsageError, match="Git cannot say what changed"):
        changes_since("origin/main", partial)
    assert not ran.exists()


@pytest.mark.parametrize("revision", ["nowhere", "", "main..work", "HEAD:uploads", "x\ny"])
def test_an_unknown_revision_is_a_usage_error_that_speaks_of_shallow_clones(uploads, revision):
    with pytest.raises(UsageError, match="There is no revision") as told:
        changes_since(revision, uploads)
    assert "fetch-depth: 0" in told.value.advice


@pytest.mark.parametrize("revision", ["--output=stolen", "-h", "-"])
def test_a_revision_is_never_taken_for_an_option(uploads, revision):
    with pytest.raises(UsageError, match="starts with a hyphen"):
        changes_since(revision, uploads)
    assert not (uploads / "stolen").exists()


def test_a_shallow_clone_without_the_common_ancestor_is_told_so(uploads, git, tmp_path):
    (uploads / "uploads" / "a.jpg").write_bytes(b"changed")
    git(uploads, "commit", "-qam", "Change")
    git(tmp_path, "clone", "-q", "--depth=1", "--no-single-branch", uploads.as_uri(), "shallow")
    with pytest.raises(UsageError, match="no common ancestor") as told:
        changes_since("origin/main", tmp_path / "shallow")
    assert "fetch-depth: 0" in told.value.advice


def test_a_folder_that_is_no_repository_is_told_with_gits_own_reason(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(UsageError, match="in no working tree of a Git repository: not a git repository"):
        changes_since("main", tmp_path)


def test_a_missing_git_is_told_and_one_from_the_folder_itself_is_not_run(uploads, monkeypatch):
    trap = uploads / "git"
    trap.write_text("#!/bin/sh\ntouch ran\n")
    trap.chmod(0o755)
    monkeypatch.chdir(uploads)
    for path in ("", "."):
        monkeypatch.setenv("PATH", path)
        with pytest.raises(UsageError, match="git is not installed"):
            changes_since("main")
    assert not Path("ran").exists()


def test_a_git_that_cannot_be_held_is_refused(uploads, tmp_path, monkeypatch):
    """Versions before 2.31 do not read settings from the environment."""
    old = tmp_path / "bin" / "git"
    old.parent.mkdir()
    old.write_text(f'#!/bin/sh\nunset GIT_CONFIG_COUNT\nexec {shutil.which("git")} "$@"\n')
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{old.parent}:{os.environ['PATH']}")
    with pytest.raises(UsageError, match="too old"):
        changes_since("main", uploads)


def test_it_leaves_the_repository_as_it_was(uploads):
    before = (uploads / ".git" / "index").read_bytes()
    for photo in (uploads / "uploads").glob("*.jpg"):
        os.utime(photo, (1, 1))
    changes_since("main", uploads)
    assert (uploads / ".git" / "index").read_bytes() == before
    assert subprocess.run(["git", "status"], cwd=uploads, check=False, capture_output=True).returncode == 0
