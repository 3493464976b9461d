"""Where and when a photo was seen, what is claimed of it, and how dates and places compare."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path

    from provenance.model.photos import ImageRecord


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
    ARCHIVED = "archived"
    """A web archive fetched it, as its record says."""
    CAPTURED = "captured"
    """Stated by the file's own metadata, as the camera's clock had it."""
    HELD = "held"
    """Another desk's own clock when its archive stored the photo: it existed by then, as that desk says."""
    RECORDED = "recorded"
    """Our own clock when the archive stored the photo: it existed by then."""


@dataclass(frozen=True, slots=True)
class Dating:
    """A date of a sighting and how we know it."""

    basis: DateBasis
    when: DateRange

    def __str__(self) -> str:
        """Return e.g. 'published 2016-12-13', 'in this archive since 2024-01-31'."""
        if self.basis is DateBasis.HELD:
            return f"in that desk's archive since {self.when.latest}"
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
    archived: DateRange | None = None
    """When a web archive fetched it: a third party's clock, so strong evidence that it existed by then."""
    page: str | None = None
    """The URL of the page that showed it, where `url` is the picture's own."""
    rating: str | None = None
    """What a fact-check said of it, in its own words; `url` and `outlet` are then the fact-check's."""
    desk: str | None = None
    """Whose word this is, where another desk's archive said it."""
    moment: str | None = None
    """Where in a video, as hours, minutes and seconds: `00:01:12.400`."""
    note: str | None = None
    """What a list said of it besides."""
    held: date | None = None
    """The day on which the archive of `desk` stored it, by that desk's own clock."""

    @property
    def datings(self) -> tuple[Dating, ...]:
        """Every date we hold of it, the one that says most about its first appearance first."""
        recorded = self.recorded and _until(self.recorded.date())
        return tuple(
            Dating(basis, when)
            for basis, when in (
                (DateBasis.PUBLISHED, self.published),
                (DateBasis.ARCHIVED, self.archived),
                (DateBasis.CAPTURED, self.captured),
                (DateBasis.HELD, self.held and _until(self.held)),
                (DateBasis.RECORDED, recorded),
            )
            if when
        )


def _until(day: date) -> DateRange:
    return DateRange(f"../{day}", None, day)


@dataclass(frozen=True, slots=True)
class Stated:
    """What metadata states of a photo, the file's own or those in a file beside it. Anybody can write them.

    It has no date of publication: what a file says of itself was published by nobody.
    """

    captured: DateRange | None = None
    caption: str | None = None
    credit: str | None = None
    licence: str | None = None
    place: str | None = None


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
    content: bytes = field(default=b"", repr=False)
    """The bytes themselves, where the photo is no file of its own but lies inside `file`."""
    record: ImageRecord | None = None
    """All that is known of the photo, where its picture is not at hand: nothing is decoded then."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A sighting of a photo that its source does not have: the archive may know it, by digest or by address."""

    origin: str
    """The source as the user named it."""
    sighting: Sighting
    sha256: str = ""
    addresses: tuple[str, ...] = ()
    """URLs of the picture, or of pages that show it."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """What could not be read or checked, and why. It travels to every report."""

    path: str
    reason: str
