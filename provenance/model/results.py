"""What comes of a check: candidates, matches, findings, the report."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from provenance.model.changes import Alteration, Box
    from provenance.model.photos import Homography, QueryCode, Reference, Variant
    from provenance.model.sightings import Claim, Sighting, Skipped
    from provenance.model.versions import Versions


@dataclass(frozen=True, slots=True)
class Candidate:
    """What look-up returns: an archived code near one of the query's. `distance` in bits of 256."""

    image_id: int
    distance: int
    query: QueryCode


@dataclass(frozen=True, slots=True)
class LocalCandidate:
    """An archived image that shares local features with the query under one variant.

    `weight` grows with the features shared, and more with those that few images have.
    """

    image_id: int
    variant: Variant
    weight: float


class Kind(enum.StrEnum):
    """How a match relates the query to the reference."""

    IDENTICAL = "identical"
    """The same bytes."""
    NEAR_DUPLICATE = "near_duplicate"
    """The whole frame: re-encoded, rescaled, turned, changed in tone, or with something over a part of it."""
    PARTIAL = "partial"
    """The query is a crop of the reference."""
    CONTAINED = "contained"
    """The query shows the whole reference inside something larger: a screenshot, a collage, a frame."""
    COMPOSITE = "composite"
    """The query shows a part of the reference inside something larger."""
    SAME_SCENE = "same_scene"
    """Another photo of the same scene: the next frame, another camera. Not a copy."""

    @property
    def is_copy(self) -> bool:
        """Return whether query and reference were made from the same pixels."""
        return self is not Kind.SAME_SCENE

    @property
    def relation(self) -> str:
        """Return the direction in words, to follow "the query"."""
        return _RELATIONS[self]


_RELATIONS = {
    Kind.IDENTICAL: "is the reference, byte for byte",
    Kind.NEAR_DUPLICATE: "shows the whole frame of the reference",
    Kind.PARTIAL: "is a crop of the reference",
    Kind.CONTAINED: "shows the reference inside something larger",
    Kind.COMPOSITE: "shows a part of the reference inside something larger",
    Kind.SAME_SCENE: "is another photo of the scene that the reference shows",
}


@dataclass(frozen=True, slots=True)
class Overlap:
    """Shares, 0 to 1, of the query and of the reference that show the same content."""

    query: float
    reference: float


@dataclass(frozen=True, slots=True)
class Match:
    """A candidate that comparison confirmed."""

    reference: Reference
    kind: Kind
    score: float
    """-log10 of the accidental matches at least this good that one check of this archive may expect."""
    distance: int | None
    """Bits of 256 by which the primary fingerprints differ; `None` where look-up did not propose them."""
    overlap: Overlap
    transform: Homography
    """Row-major 3x3, query pixels to reference pixels, both as displayed; to a unit square if its size is unknown."""
    mirrored: bool = False
    inverted: bool = False
    rotation: int = 0
    """Degrees clockwise that the query was turned, after mirroring if `mirrored`."""
    region: Box | None = None
    """The part of the query that shows the reference; `None` where whole pictures were compared only."""
    inliers: int | None = None
    """Local features that agree; `None` where only the bytes or the global fingerprints were compared."""
    agreement: float | None = None
    """Share, 0 to 1, of the blocks with something to show in the overlap that show the same in both."""
    sightings: tuple[Sighting, ...] = ()
    """Earliest first."""
    alteration: Alteration | None = None
    """What differs from the reference; `None` where the two were not compared for that."""

    @property
    def confirmed(self) -> bool:
        """Return whether more than what others shared of the reference speaks for it: its picture, or equal bytes."""
        return self.reference.pictured or self.kind is Kind.IDENTICAL


@dataclass(frozen=True, slots=True)
class Evidence:
    """One typed fact with its source and what the source is worth."""

    kind: str
    value: str
    source: str
    reliability: str


class Level(enum.StrEnum):
    """What a finding does: an error flags, a warning flags under a stricter policy, a note never."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Acceptance:
    """That a person has accepted a finding, which then fails no run. `source` names where it is written down."""

    reason: str
    author: str
    source: str
    expires: date | None = None
    """The last day on which it holds; None for no end."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule's result. `id` is stable (`provenance.model.catalogue`, docs/what-is-checked.md)."""

    id: str
    level: Level
    message: str
    evidence: tuple[Evidence, ...] = ()
    settle: str = ""
    """What would settle it."""
    fails: bool = False
    """Whether the policy in force fails a run for it; set after the rules, which know no policy."""
    accepted: Acceptance | None = None


class Verdict(enum.StrEnum):
    """The outcome for one photo. There is no "authentic"."""

    FLAGGED = "flagged"
    NOTHING_FOUND = "nothing_found"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Result:
    """What one check of one photo says."""

    path: str
    sha256: str
    verdict: Verdict
    findings: tuple[Finding, ...]
    matches: tuple[Match, ...]
    claim: Claim | None = None
    ratings: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    """What the file says of itself."""
    size: tuple[int, int] | None = None
    """Width and height in pixels, as displayed; None where it was not asked."""
    versions: Versions | None = None
    """How the archived copies relate to each other, where there are several."""


@dataclass(frozen=True, slots=True)
class ArchiveInfo:
    """An archive's size and state. `generation` grows with every committed change.

    `originals` counts the images whose files are kept, `original_bytes` the bytes of these files together.
    """

    location: str
    images: int
    sightings: int
    schema_version: int
    generation: int
    originals: int = 0
    original_bytes: int = 0
    identity: str = ""
    """A random name that an archive is given when it is made, and that its copies keep."""


@dataclass(frozen=True, slots=True)
class Report:
    """One run of `check`: every photo is in `results` or in `skipped`."""

    archive: ArchiveInfo
    match_score: float
    """The least score at which a match was told."""
    results: tuple[Result, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    checked: datetime | None = None
    """When, in UTC; the JSON report leaves it out, so that the same check gives the same bytes."""
    folder_scores: tuple[tuple[str, float], ...] = ()
    """Where a policy has another least score: patterns of paths and theirs, of which the last that fits holds."""
