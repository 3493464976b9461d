"""What the rules look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from provenance.model import Claim, FileFacts, Match, Metadata, PlaceComparison, Position, Sighting


@dataclass(frozen=True, slots=True)
class Case:
    """One checked photo: what was found, and what is claimed.

    `places` holds, for each place that a sighting names, how the claimed place relates to it; it is empty
    without a claimed place. `flat` tells that the photo has too little texture for its look to be compared.
    `matches` are copies; `scenes` other photos of the same scene, of which no sighting speaks for this photo.
    `facts` are what the file says of itself, None where it was not asked; `positions` holds, for each position
    that it states, how the claimed place relates to it. `checked` is when the check was made, in UTC. `required` is
    what the policy wants a file to say of itself.
    """

    matches: tuple[Match, ...]
    archive_images: int
    claim: Claim | None = None
    flat: bool = False
    places: Mapping[str, PlaceComparison] = field(default_factory=dict)
    scenes: tuple[Match, ...] = ()
    facts: FileFacts | None = None
    positions: Mapping[Position, PlaceComparison] = field(default_factory=dict)
    checked: datetime | None = None
    required: tuple[Metadata, ...] = ()

    @property
    def claims_something(self) -> bool:
        """Whether the claim says anything that a sighting can contradict."""
        return self.claim is not None and (self.claim.date is not None or self.claim.place is not None)

    def sightings(self) -> Iterator[Sighting]:
        """Yield every sighting of every match, best match first, earliest sighting first."""
        for match in self.matches:
            yield from match.sightings


def by_first_appearance(sighting: Sighting) -> tuple[date, date]:
    """Sort key: earliest sighting first; our own recording date decides only between undated ones."""
    first = next(iter(sighting.datings), None)
    if first is None:
        return date.max, date.max
    return first.when.latest or date.max, first.when.earliest or date.min
