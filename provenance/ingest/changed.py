"""Which files changed since a Git revision, so that a check can leave out the photos that did not.

Git is asked, and nothing that a hostile repository configures for it is run. Whatever Git does not know to be as it
was counts as changed: a photo may be checked in vain, but is never left out by mistake.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from provenance.errors import UsageError
from provenance.model import Submission

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from provenance.ingest.interface import Source
    from provenance.model import Mention, Skipped

INERT = {"core.fsmonitor": "false", "core.hooksPath": os.devnull}
"""Settings that name programs, and what makes them name none. External diffs have options of their own."""

SHALLOW = "In a shallow clone, fetch the history first: fetch-depth: 0 in GitHub Actions, GIT_DEPTH: 0 in GitLab CI."


@dataclass(frozen=True, slots=True)
class Changes:
    """What Git says of the files of its working tree `top`; all paths are absolute, and those of links themselves."""

    top: Path
    changed: frozenset[Path]
    """Differ from the revision in contents, kind or permissions; deleted ones too."""
    tracked: frozenset[Path]
    ignored: frozenset[Path]
    """Files and whole folders that are neither tracked nor meant to be."""

    def differs(self, file: Path) -> bool:
        """Return whether Git knows that a file is not as it was, or is gone."""
        return not self.changed.isdisjoint({_place(file), file.resolve()})

    def same(self, file: Path) -> bool:
        """Return whether Git knows that a file is as it was. Of what lies behind a link it cannot say so."""
        place = _place(file)
        return place in self.tracked and place not in self.changed and not self._behind_link(file)

    def left_out(self, file: Path) -> bool:
        """Return whether a check of what changed has no need of a photo: it is as it was, or ignored."""
        place = _place(file)
        ignored = not self.ignored.isdisjoint((place, *place.parents)) and not self._behind_link(file)
        return ignored or self.same(file)

    def _behind_link(self, file: Path) -> bool:
        ways = (file.absolute(), *file.absolute().parents)
        return any(way.is_symlink() and _place(way).is_relative_to(self.top) for way in ways)


@dataclass(frozen=True, slots=True)
class ChangedSource:
    """The photos of another source that changed; what that one could not take is told all the same."""

    streamed: ClassVar[bool] = False

    source: Source
    changes: Changes

    def collect(self) -> Iterator[Submission | Mention | Skipped]:
        """Yield them in the order of the other source."""
        for item in self.source.collect():
            if not (isinstance(item, Submission) and self.changes.left_out(item.file)):
                yield item


def _place(file: Path) -> Path:
    """Return where a file, or a link itself, lies: resolved but for its last part."""
    return file.absolute().parent.resolve() / file.name


def changes_since(revision: str, folder: Path | None = None) -> Changes:
    """Return what changed in the working tree around `folder` (default: here) since it left `revision`.

    That is the tree as it is now against the merge base of `revision` and the current commit.

    Raises:
        UsageError: there is no Git, no repository, no such revision, or nothing that the two have in common.
    """
    git = _Git.around(folder or Path())
    commit = _commit(git, revision)
    base = git.said(
        ("merge-base", commit, "HEAD"),
        f"{revision!r} and the current commit have no common ancestor.",
        SHALLOW,
    )
    # Renames count as new files: a claim may go by the name. Submodules have settings of their own that could name
    # programs; none of their files is tracked here, so all of them count as changed.
    differing = ("diff-index", "--name-only", "--no-renames", "--no-ext-diff", "--no-textconv", "-z")
    return Changes(
        top=git.top,
        changed=git.listed(*differing, "--ignore-submodules=all", base, "--"),
        tracked=git.listed("ls-files", "--cached", "-z"),
        ignored=git.listed("ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z"),
    )


def _commit(git: _Git, revision: str) -> str:
    if revision.startswith("-"):
        raise UsageError(
            f"{revision!r} is no revision: it starts with a hyphen.", "Name a branch, tag or commit."
        )
    return git.said(
        ("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}"),
        f"There is no revision {revision!r} in this Git repository.",
        f"Name a branch, tag or commit that git log knows, for example origin/main. {SHALLOW}",
    )


@dataclass(frozen=True, slots=True)
class _Git:
    """Git in one working tree, kept from running anything that its settings name."""

    program: str
    top: Path
    environment: Mapping[str, str]

    @classmethod
    def around(cls, folder: Path) -> _Git:
        program = shutil.which("git")
        # A relative one was found in the folder itself, which may be anybody's.
        if program is None or not Path(program).is_absolute():
            raise UsageError(
                "git is not installed.", "Install it, or check all photos: without --changed-since."
            )
        git = cls(program, folder, _environment(INERT))
        repository = f"{folder.resolve()} is in no working tree of a Git repository"
        top = git.said(("rev-parse", "--show-toplevel"), repository, "Run this inside one.", telling=True)
        git = cls(program, Path(top), git.environment)
        return cls(program, git.top, _environment(INERT | git.filters()))

    def filters(self) -> dict[str, str]:
        """Return settings that leave no program to the filters of this repository.

        Files that they store in another form, such as those of Git LFS, may then count as changed.
        """
        known = self.run("config", "-z", "--get-regexp", r"^(filter\..*|core\.hookspath)$").stdout
        names = {entry.partition(b"\n")[0] for entry in known.split(b"\0") if entry}
        if b"core.hookspath" not in names:
            raise UsageError(
                "This git is too old: it cannot be kept from running programs.", "Install 2.31 or later."
            )
        drivers = {os.fsdecode(name.rpartition(b".")[0]) for name in names if name.startswith(b"filter.")}
        return {
            f"{driver}.{key}": value
            for driver in drivers
            for key, value in (("clean", ""), ("process", ""), ("required", "false"))
        }

    def run(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(  # noqa: S603 - no shell; what users say cannot be taken for an option
            [self.program, "--no-pager", *arguments],
            cwd=self.top,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )

    def said(self, arguments: Iterable[str], otherwise: str, advice: str, *, telling: bool = False) -> str:
        """Return the one line that a command says; where it fails, raise what that means, `telling` Git's reason."""
        done = self.run(*arguments)
        if done.returncode:
            raise UsageError(f"{otherwise}: {_reason(done)}" if telling else otherwise, advice)
        return os.fsdecode(done.stdout.removesuffix(b"\n"))

    def listed(self, *arguments: str) -> frozenset[Path]:
        """Return the files of the working tree that a command lists."""
        done = self.run(*arguments)
        if done.returncode:
            raise UsageError(f"Git cannot say what changed: {_reason(done)}", f"Run git fsck. {SHALLOW}")
        return frozenset(self.top / os.fsdecode(name) for name in done.stdout.split(b"\0") if name)


def _reason(done: subprocess.CompletedProcess[bytes]) -> str:
    return " ".join(os.fsdecode(done.stderr).split()).removeprefix("fatal: ")


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Return our environment, with settings for Git that win over all files; nothing is fetched."""
    count = os.environ.get("GIT_CONFIG_COUNT", "")
    given = int(count) if count.isdecimal() else 0
    numbered = list(enumerate(settings.items(), given))
    return {
        **os.environ,
        "LC_ALL": "C",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_COUNT": str(given + len(settings)),
        **{f"GIT_CONFIG_KEY_{n}": key for n, (key, _) in numbered},
        **{f"GIT_CONFIG_VALUE_{n}": value for n, (_, value) in numbered},
    }
