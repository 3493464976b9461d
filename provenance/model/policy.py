"""What a desk has decided: which findings fail a run, where, what metadata it requires, and what it has accepted."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from provenance.model.globs import glob_matches, placed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from provenance.model.results import Acceptance

REQUIRED_METADATA = "PR601"
"""The rule that tells what required metadata a file lacks: it fails wherever something is required."""


class FailOn(enum.StrEnum):
    """The weakest level of a finding that makes a run exit with 1."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    NEVER = "never"


class Metadata(enum.StrEnum):
    """What a policy may require of a file's own metadata."""

    CREDIT = "credit"
    """Who made the picture, or whom to name."""
    LICENCE = "licence"
    """Whose the rights are, or on which terms it may be used."""
    CAPTION = "caption"
    DATE = "date"
    """When it was taken."""
    PLACE = "place"
    """Where it was taken, in words or as a position."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for one photo. `fail` and `ignore` are ids of rules; what is ignored never fails."""

    fail_on: FailOn = FailOn.ERROR
    fail: frozenset[str] = frozenset({REQUIRED_METADATA})
    """Findings that fail whatever their level."""
    ignore: frozenset[str] = frozenset()
    """Findings that neither fail a run nor keep it from being complete; they are told as ever."""
    require: tuple[Metadata, ...] = ()
    match_score: float | None = None
    """The least score of a match; None for that of the settings."""


@dataclass(frozen=True, slots=True)
class FolderTerms:
    """What differs for the photos that a pattern describes: `changes` are fields of `Terms`."""

    path: str
    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Allowance:
    """An acceptance of findings of some rules, on the photos of a pattern, or on one photo by its digest, or both."""

    findings: frozenset[str]
    acceptance: Acceptance
    path: str = ""
    sha256: str = ""

    def covers(self, path: str, sha256: str, finding: str) -> bool:
        """Return whether it speaks of a finding; `path` as `placed` has it."""
        return (
            finding in self.findings
            and (not self.sha256 or self.sha256 == sha256)
            and (not self.path or glob_matches(self.path, path))
        )


@dataclass(frozen=True, slots=True)
class Policy:
    """All of it. `root` is the folder that patterns are relative to: that of the settings file."""

    terms: Terms = Terms()
    folders: tuple[FolderTerms, ...] = ()
    allowed: tuple[Allowance, ...] = ()
    baseline: str = ""
    """The path of the file of accepted findings, from the working directory; empty for none."""
    root: str = ""

    def place(self, path: str) -> str:
        """Return a path as its patterns see it."""
        return placed(path, self.root)

    def of(self, path: str) -> Terms:
        """Return what holds for a photo: of the folders that describe it, each changes what those before it left."""
        terms = self.terms
        if self.folders:
            seen = self.place(path)
            for folder in self.folders:
                if glob_matches(folder.path, seen):
                    terms = replace(terms, **folder.changes)
        return terms

    def folder_scores(self) -> tuple[tuple[str, float], ...]:
        """Return the patterns of folders that have a least score of their own, and that."""
        return tuple((f.path, f.changes["match_score"]) for f in self.folders if "match_score" in f.changes)

    def with_fail_on(self, fail_on: FailOn) -> Policy:
        """Return the policy under a level that wins over its own everywhere; under NEVER nothing fails at all."""
        forced: dict[str, Any] = {"fail_on": fail_on}
        if fail_on is FailOn.NEVER:
            forced["fail"] = frozenset()
        return replace(
            self,
            terms=replace(self.terms, **forced),
            folders=tuple(FolderTerms(f.path, {**f.changes, **forced}) for f in self.folders),
        )
