"""The vocabulary of the house (docs/architecture.md): frozen values, no I/O.

Import cost matters here, since every command pays it: numpy and the EDTF parser are named for the type
checker only, or loaded by the one function that needs them.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

Homography = tuple[float, float, float, float, float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class DateRange:
    """An EDTF date as a closed interval of days; `None` at an end means unbounded."""

    text: str
    earliest: date | None
    latest: date | None

    def precedes(self, other: DateRange) -> bool:
        """Whether the latest possible day of this range lies before the earliest possible day of `other`."""
        return self.latest is not None and other.earliest is not None and self.latest < other.earliest


class DateBasis(enum.StrEnum):
    """How we know a date."""

    PUBLISHED = "published"
    """A named place published it, as the list given to `add` says."""
    CAPTURED = "captured"
    """Stated by the file's own metadata, as the camera's clock had it."""
    RECORDED = "recorded"
    """Our own clock when the archive stored the photo: it existed by then."""


@dataclass(frozen=True, slots=True)
class Dating:
    """A date of a sighting and how we know it."""

    basis: DateBasis
    when: DateRange

    def __str__(self) -> str:
        """Return e.g. 'published 2016-12-13', 'in this archive since 2024-01-31'."""
        if self.basis is DateBasis.RECORDED:
            return f"in this archive since {self.when.latest}"
        return f"{self.basis.value} {self.when.text}"


class PlaceRelation(enum.StrEnum):
    """How a claimed place relates to the place of a sighting."""

    SAME = "same"
    CONTAINS = "contains"
    """One is the country of the other."""
    NEAR = "near"
    DIFFERENT = "different"
    UNKNOWN = "unknown"
    """One of them could not be resolved; nothing follows."""


@dataclass(frozen=True, slots=True)
class PlaceComparison:
    """A claimed place held against the place of a sighting."""

    relation: PlaceRelation
    distance_km: float | None = None
    """The smallest distance the two can have; `None` where one has no coordinates."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One recorded appearance of a reference: where, when, by whom, and how we know.

    `path` is the path or URL as given to `add`; `location` where the bytes were read (absolute).
    """

    path: str
    location: str
    url: str | None = None
    outlet: str | None = None
    published: DateRange | None = None
    captured: DateRange | None = None
    place: str | None = None
    caption: str | None = None
    credit: str | None = None
    licence: str | None = None
    recorded: datetime | None = None
    """UTC; `None` until the archive has stored it."""

    @property
    def datings(self) -> tuple[Dating, ...]:
        """Every date we hold of it, the one that says most about its first appearance first."""
        recorded = self.recorded and DateRange(f"../{self.recorded.date()}", None, self.recorded.date())
        return tuple(
            Dating(basis, when)
            for basis, when in (
                (DateBasis.PUBLISHED, self.published),
                (DateBasis.CAPTURED, self.captured),
                (DateBasis.RECORDED, recorded),
            )
            if when
        )


@dataclass(frozen=True, slots=True)
class Claim:
    """What a post says of its photo. Never to be confused with a C2PA claim."""

    date: DateRange | None = None
    place: str | None = None
    caption: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """An incoming photo and where it was found; what a post claims of it is looked up by path or digest."""

    file: Path
    path: str
    """As the user named it; this is what reports show."""
    sighting: Sighting


@dataclass(frozen=True, slots=True)
class Skipped:
    """What could not be read or checked, and why. It travels to every report."""

    path: str
    reason: str


class Orientation(enum.Enum):
    """The eight orientations of a rectangle, named as Pillow's `Image.Transpose` names them.

    An orientation is what must be done *to the query* so that it stands like the reference. The value is
    the affine map of the unit square, rows `(a, b, c)` of u' = a*u + b*v + c and v' likewise.
    """

    IDENTITY = ((1, 0, 0), (0, 1, 0))
    FLIP_LEFT_RIGHT = ((-1, 0, 1), (0, 1, 0))
    FLIP_TOP_BOTTOM = ((1, 0, 0), (0, -1, 1))
    ROTATE_180 = ((-1, 0, 1), (0, -1, 1))
    TRANSPOSE = ((0, 1, 0), (1, 0, 0))
    ROTATE_90 = ((0, 1, 0), (-1, 0, 1))
    ROTATE_270 = ((0, -1, 1), (1, 0, 0))
    TRANSVERSE = ((0, -1, 1), (-1, 0, 1))

    @property
    def mirrored(self) -> bool:
        """Whether handedness changes."""
        (a, b, _), (c, d, _) = self.value
        return a * d - b * c < 0

    @property
    def rotation(self) -> int:
        """Degrees clockwise that the query was turned, after mirroring if `mirrored`: 0, 90, 180 or 270."""
        return _ROTATIONS[self.name]

    def homography(self, query: tuple[int, int], reference: tuple[int, int]) -> Homography:
        """Return the map of query pixels onto reference pixels; sizes are (width, height)."""
        (a, b, c), (d, e, f) = self.value
        (wq, hq), (wr, hr) = query, reference
        return (
            a * wr / wq,
            b * wr / hq,
            float(c * wr),
            d * hr / wq,
            e * hr / hq,
            float(f * hr),
            0.0,
            0.0,
            1.0,
        )


_ROTATIONS = {
    "IDENTITY": 0,
    "FLIP_LEFT_RIGHT": 0,
    "FLIP_TOP_BOTTOM": 180,
    "ROTATE_180": 180,
    "TRANSPOSE": 90,
    "ROTATE_90": 90,
    "ROTATE_270": 270,
    "TRANSVERSE": 270,
}


@dataclass(frozen=True, eq=False, slots=True)
class Photo:
    """A decoded photo.

    `frames` holds uint8 arrays of shape (height, width, 3): sRGB, upright as displayed, perhaps reduced;
    `width` and `height` are those of the full picture, upright. Animations give several frames.
    """

    format: str
    width: int
    height: int
    frame_count: int
    frames: tuple[NDArray[np.uint8], ...]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A comparable value of one frame's content. `quality` (0 to 100) is how much there was to go by."""

    algorithm: str
    version: int
    code: bytes
    quality: int | None = None
    frame: int = 0
    searchable: bool = False
    """Whether look-up may propose it: of the primary algorithm, and of a frame that is not flat."""


@dataclass(frozen=True, slots=True)
class QueryCode:
    """A query's code, under one orientation and tone."""

    algorithm: str
    version: int
    code: bytes
    orientation: Orientation = Orientation.IDENTITY
    inverted: bool = False
    frame: int = 0


@dataclass(frozen=True, slots=True)
class LocalCode:
    """What the archive stores of one image's local features, spread over the picture; at most 10,000 bytes in all.

    `words`, 3 bytes each, and `signatures`, 4 bytes each, both little-endian and of as many features, are for
    look-up. `features` holds these and some more, for comparison: a header, then where each lies and a
    compressed descriptor (`provenance.fingerprint.local_code`).
    """

    algorithm: str
    version: int
    words: bytes
    signatures: bytes
    features: bytes


@dataclass(frozen=True, slots=True)
class Variant:
    """What must be done to a query so that its local features look like the reference's; they need no turning."""

    mirrored: bool
    inverted: bool


@dataclass(frozen=True, eq=False, slots=True)
class LocalFeatures:
    """Local features, ready to be compared.

    `size` is (width, height) of the frame they were found in, `xy` float32 (n, 2) pixels of that frame, `angle`
    float32 (n,) degrees clockwise, `scale` float32 (n,) pixels, `descriptors` float32 (n, 128) of unit length.
    """

    size: tuple[int, int]
    xy: NDArray[np.float32]
    angle: NDArray[np.float32]
    scale: NDArray[np.float32]
    descriptors: NDArray[np.float32]


@dataclass(frozen=True, eq=False, slots=True)
class VariantKeys:
    """What is looked up of a query's first n features under one variant.

    `words` is uint32 (n, p), likeliest first; `signatures` uint32 (n,).
    """

    variant: Variant
    words: NDArray[np.uint32]
    signatures: NDArray[np.uint32]


@dataclass(frozen=True, eq=False, slots=True)
class QueryFeatures:
    """A query's local features as they were found, and what to look up of them.

    `size`, `xy`, `angle` and `scale` are as in `LocalFeatures`; `descriptors` is uint8 (n, 128), raw SIFT. Every
    beginning of them is spread over the picture, the strongest of each region first.
    """

    size: tuple[int, int]
    xy: NDArray[np.float32]
    angle: NDArray[np.float32]
    scale: NDArray[np.float32]
    descriptors: NDArray[np.uint8]
    lookup: tuple[VariantKeys, ...]


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """Everything the archive stores of one image besides its sightings."""

    sha256: str
    format: str
    width: int
    height: int
    byte_count: int
    frame_count: int
    fingerprints: tuple[Fingerprint, ...]
    preview: bytes = b""
    """A small JPEG, upright, in sRGB."""
    local: LocalCode | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """An archived image, as matches name it. `path` is the one of its first recorded sighting."""

    id: int
    path: str
    sha256: str
    width: int
    height: int


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
    """The whole picture, re-encoded, rescaled, turned, or changed in tone."""
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
    Kind.NEAR_DUPLICATE: "shows the whole reference",
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
    """Row-major 3x3, query pixels to reference pixels, both as displayed."""
    mirrored: bool = False
    inverted: bool = False
    rotation: int = 0
    """Degrees clockwise that the query was turned, after mirroring if `mirrored`."""
    inliers: int | None = None
    """Local features that agree; `None` where only the bytes or the global fingerprints were compared."""
    agreement: float | None = None
    """Share, 0 to 1, of the blocks with something to show in the overlap that show the same in both."""
    sightings: tuple[Sighting, ...] = ()
    """Earliest first."""


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
class Finding:
    """One rule's result. `id` is stable (docs/what-is-checked.md)."""

    id: str
    level: Level
    message: str
    evidence: tuple[Evidence, ...] = ()
    settle: str = ""
    """What would settle it."""


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


@dataclass(frozen=True, slots=True)
class ArchiveInfo:
    """An archive's size and state. `generation` grows with every committed change."""

    location: str
    images: int
    sightings: int
    schema_version: int
    generation: int


@dataclass(frozen=True, slots=True)
class Report:
    """One run of `check`: every photo is in `results` or in `skipped`."""

    archive: ArchiveInfo
    match_score: float
    """The least score at which a match was told."""
    results: tuple[Result, ...] = ()
    skipped: tuple[Skipped, ...] = ()
