"""What the pipeline asks of an archive, whatever engine keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from provenance.model import (
        ArchiveInfo,
        Candidate,
        ImageRecord,
        LocalCandidate,
        QueryCode,
        Reference,
        Sighting,
        VariantKeys,
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """One image with one of its sightings, as `add` hands it over."""

    image: ImageRecord
    sighting: Sighting


@dataclass(frozen=True, slots=True)
class Added:
    """What adding changed. Entries whose sighting was there already count as known, whatever else they brought."""

    images: int = 0
    sightings: int = 0
    known: int = 0
    completed: int = 0
    """Images that were there already and were given what they lacked."""

    def __add__(self, other: Added) -> Added:
        """Add up the counts of two batches."""
        return Added(
            self.images + other.images,
            self.sightings + other.sightings,
            self.known + other.known,
            self.completed + other.completed,
        )


class Archive(Protocol):
    """Where references and sightings live, and where look-up happens."""

    def info(self) -> ArchiveInfo:
        """Return sizes and state."""

    def add(self, entries: Sequence[Entry]) -> Added:
        """Store a batch in one transaction: all of it or, on any error, none of it.

        The same bytes are one image, the same sighting of it one sighting, however often they are added. An image
        that is there already, as of an earlier version, is given what it lacks: fingerprints of algorithms that it
        has none of, local features instead of none, of another algorithm or of an earlier version, a preview, its
        file where the entry brings it.
        """

    def add_sightings(self, told: Sequence[tuple[str, Sighting]]) -> Added:
        """Store sightings of images that are there, by SHA-256, in one transaction; others are left out."""

    def digests_at(self, addresses: Collection[str]) -> dict[str, tuple[str, ...]]:
        """Return the SHA-256 of the images that were seen at each address, as their URL or that of their page."""

    def candidates(self, codes: Sequence[QueryCode], radius: int) -> list[Candidate]:
        """Return archived codes within `radius` bits, nearest first: one candidate, the best, an image.

        Exact within 31 bits; see `provenance.index.interface` for what holds beyond.
        """

    def nearest(self, codes: Sequence[QueryCode], limit: int) -> list[Candidate]:
        """Return the `limit` images whose first frame's codes are nearest, nearest first, however far they are.

        One candidate, the best, an image; ties go to earlier images. Codes are compared with all of their own
        algorithm and version, searchable or not, and with no other.
        """

    def local_candidates(
        self, keys: Sequence[VariantKeys], algorithm: tuple[str, int], limit: int
    ) -> list[LocalCandidate]:
        """Return the `limit` best images and variants by shared local features of `algorithm`, best first.

        Weights are as `provenance.index.words.votes` has them, each variant by itself. Ties go to earlier images,
        then to earlier variants. An image comes once for each variant under which it shares a feature.
        """

    def by_digest(self, sha256: str) -> Reference | None:
        """Return the image of exactly these bytes."""

    def references(self, ids: Iterable[int]) -> dict[int, Reference]:
        """Return the images of these ids; unknown ids are absent."""

    def local_features(self, ids: Iterable[int]) -> dict[int, bytes]:
        """Return `LocalCode.features` of these images; absent where there are none."""

    def previews(self, ids: Iterable[int]) -> dict[int, bytes]:
        """Return the small JPEGs of these images; absent where there are none."""

    def originals(self, ids: Iterable[int]) -> dict[int, bytes]:
        """Return the files of these images, byte for byte; absent where none is kept.

        All are in memory at once, up to `photo.limits.MAX_BYTES` each: ask for few.
        """

    def sightings(self, image_id: int) -> tuple[Sighting, ...]:
        """Return every sighting of an image, in the order in which they were recorded."""
