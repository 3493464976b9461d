"""What comes of checking an evidence bundle's photos again: what moved, and why."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from provenance.model.results import ArchiveInfo, Verdict
    from provenance.model.sightings import Skipped


class Moved(enum.StrEnum):
    """What can differ between what was said of a photo and what is said now."""

    VERDICT = "verdict"
    FINDING_ADDED = "finding_added"
    FINDING_GONE = "finding_gone"
    FINDING_CHANGED = "finding_changed"
    """Its level, or its words."""
    MATCH_ADDED = "match_added"
    MATCH_GONE = "match_gone"
    MATCH_CHANGED = "match_changed"
    """Its kind, or its score."""
    SIGHTING_ADDED = "sighting_added"
    SIGHTING_GONE = "sighting_gone"

    @property
    def is_said(self) -> bool:
        """Whether it is what a check says of the photo, and not what it rests on."""
        return self in _SAID


_SAID = frozenset({Moved.VERDICT, Moved.FINDING_ADDED, Moved.FINDING_GONE, Moved.FINDING_CHANGED})


class Cause(enum.StrEnum):
    """Why something moved."""

    ANOTHER_ARCHIVE = "another_archive"
    ARCHIVE_CHANGED = "archive_changed"
    """The same archive, of another generation."""
    REFERENCE_ADDED = "reference_added"
    """The archive recorded the reference after the bundle was made."""
    REFERENCE_REMOVED = "reference_removed"
    SIGHTING_ADDED = "sighting_added"
    SIGHTING_REMOVED = "sighting_removed"
    VERSIONS = "versions"
    """Another version of this program, of Python or of a library."""
    SETTINGS = "settings"
    TRUST_LIST = "trust_list"
    DAY = "day"
    """Days have passed: certificates expire, and dates stop lying in the future."""
    UNEXPLAINED = "unexplained"
    """Nothing that is known to matter differs."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which the circumstances differ, in words."""

    cause: Cause
    words: str


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that moved. `what` is a finding's id, a reference's path, or a sighting's."""

    kind: Moved
    what: str
    before: str
    """In words; "" for nothing."""
    after: str
    causes: tuple[Cause, ...]


@dataclass(frozen=True, slots=True)
class PhotoReplay:
    """One photo of the bundle, checked again."""

    path: str
    sha256: str
    before: Verdict
    after: Verdict
    moves: tuple[Move, ...] = ()

    @property
    def stands(self) -> bool:
        """Whether the same is said of it: the verdict, and every finding."""
        return not any(move.kind.is_said for move in self.moves)


@dataclass(frozen=True, slots=True)
class Replay:
    """One bundle, checked again. `then` and `now` are the archives of which the two checks asked."""

    checked: datetime
    """When the bundle's check was made."""
    then: ArchiveInfo
    now: ArchiveInfo
    differences: tuple[Difference, ...]
    photos: tuple[PhotoReplay, ...]
    skipped: tuple[Skipped, ...] = ()
    """Photos that could not be checked again, or not in full."""

    @property
    def stands(self) -> bool:
        """Whether the same is said of every photo that could be checked again."""
        return all(photo.stands for photo in self.photos)
