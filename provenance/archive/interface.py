"""What the pipeline asks of an archive, whatever engine keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from provenance.archive.parts import Parts
    from provenance.model import (
        ArchiveInfo,
        Candidate,
        FileState,
        ImageRecord,
        LocalCandidate,
        QueryCode,
        Reference,
        Sighting,
        Skipped,
        VariantKeys,
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """One image with one of its sightings, as `add` hands it over."""

    image: ImageRecord
    sighting: Sighting
    file: FileState | None = None
    """The file that the image was read from, where it had not just been written."""
    held: bool = False
    """Whether `image` is what `Archive.holding` gave, to which nothing is to be added but the sighting."""


@dataclass(frozen=True, slots=True)
class Holding:
    """What an archive has of an image that it knows."""

    image: ImageRecord
    """Without fingerprints, local features, preview and original."""
    parts: Parts


@dataclass(frozen=True, slots=True)
class Added:
    """What adding changed. Entries whose sighting was there already count as known, whatever else they brought."""

    images: int = 0
    sightings: int = 0
    known: int = 0
    completed: int = 0
    """Images that were there already and were given what they lacked."""
    refused: tuple[Skipped, ...] = ()
    """Entries that were not stored, such as those of images that somebody removed."""

    def __add__(self, other: Added) -> Added:
        """Add up the counts of two batches."""
        return Added(
            self.images + other.images,
            self.sightings + other.sightings,
            self.known + other.known,
            self.completed + other.completed,
            self.refused + other.refused,
        )


class Archive(Protocol):
    """Where references and sightings live, and where look-up happens."""

    def info(self) -> ArchiveInfo:
        """Return sizes and state."""

    def add(self, entries: Sequence[Entry], *, restore: bool = False) -> Added:
        """Store a batch in one transaction: all of it or, on any error, none of it.

        The same bytes are one image, the same sighting of it one sighting, however often they are added. An image
        that is there already, as of an earlier version, is given what it lacks: fingerprints of algorithms that it
        has none of, local features instead of none, of another algorithm or of an earlier version, a preview, its
        file where the entry brings it. One that somebody removed is refused, unless it is to be restored. Sightings
        without a time of recording are recorded now; of two times the earlier one stays.
        """

    def add_sightings(self, told: Sequence[tuple[str, Sighting]]) -> Added:
        """Store sightings of images that are there, by SHA-256, in one transaction; others are left out."""

    def digests_at(self, addresses: Collection[str]) -> dict[str, tuple[str, ...]]:
        """Return the SHA-256 of the images that were seen at each address, as their URL or that of their page."""

    def digest_of(self, file: FileState) -> str | None:
        """Return the digest that a file had when it was read, if its size and time are still the same."""

    def knows_size(self, byte_count: int) -> bool:
        """Return whether any image that is held, or was removed, has so many bytes."""

    def holding(self, sha256: str) -> Holding | None:
        """Return what is held of the image of exactly these bytes."""

    def removal(self, sha256: str) -> str | None:
        """Return when and why the image of these bytes was removed, as a clause, if it was."""

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
        """Return the `limit` best images and variants by shared local features of `algorithm`.

        Half of them are the best of the whole query, best first. The rest are those of its parts, as
        `provenance.index.parts` has them, those first in a part before those second in one; where there are no more of
        these, the next of the whole. Weights are of the whole, as `provenance.index.words.votes` has them, each variant
        by itself. Ties go to earlier images, then to earlier variants. An image comes once for each variant under which
        it shares a feature.
        """

    def by_digest(self, sha256: str) -> Reference | None:
        """Return the image of exactly these bytes."""

    def references(self, ids: Iterable[int]) -> dict[int, Reference]:
        """Return the images of these ids; unknown ids are absent."""

    def local_features(
        self, ids: Iterable[int], algorithm: tuple[str, int] | None = None
    ) -> dict[int, bytes]:
        """Return `LocalCode.features` of these images; absent where there are none of `algorithm`, if one is asked for.

        Codes of two algorithms or versions never compare.
        """

    def previews(self, ids: Iterable[int]) -> dict[int, bytes]:
        """Return the small JPEGs of these images; absent where there are none."""

    def originals(self, ids: Iterable[int]) -> dict[int, bytes]:
        """Return the files of these images, byte for byte; absent where none is kept.

        All are in memory at once, up to `photo.limits.MAX_BYTES` each: ask for few.
        """

    def sightings(self, image_id: int) -> tuple[Sighting, ...]:
        """Return every sighting of an image, in the order in which they were recorded."""
