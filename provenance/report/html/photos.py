"""One photo as its page shows it: what was found, with its pictures beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from provenance.model import ChangeOutcome, MatchPictures
from provenance.report.html.derivation import Derivation, derivation
from provenance.report.html.not_checked import not_checked, skipped_of
from provenance.report.html.safety import data_uri
from provenance.report.html.timeline import Timeline, timeline
from provenance.report.html.words import Headline, headline
from provenance.report.outcome import worst_first

if TYPE_CHECKING:
    from provenance.model import (
        ChangedRegion,
        Evidence,
        Finding,
        Illustrations,
        Match,
        Report,
        Result,
        Sighting,
        Skipped,
    )
    from provenance.model.changes import Box
    from provenance.report.html.languages import Language

FULL = 3
"""Matches shown in full, best first; the others are folded."""

SURE = 9
"""Score from which odds are no longer written out: 1 in 10^9."""

DIGITS = 40
"""Numbers of outlined regions are this part of the picture's longer side."""


@dataclass(frozen=True, slots=True)
class MatchView:
    """A match with its pictures, as addresses; "" where there is none."""

    id: str
    number: int
    match: Match
    reference: str
    query: str
    aligned: str
    heat: str

    @property
    def regions(self) -> tuple[ChangedRegion, ...]:
        """Return the regions that differ."""
        return self.match.alteration.regions if self.match.alteration else ()

    @property
    def boxes(self) -> list[tuple[int, Box]]:
        """Return their numbers and where they lie in the photo."""
        return list(enumerate((region.query for region in self.regions), 1))

    @property
    def is_compared(self) -> bool:
        """Whether the two were compared for changes."""
        return self.match.alteration is not None and self.match.alteration.outcome is ChangeOutcome.COMPARED

    @property
    def first_seen(self) -> Sighting | None:
        """Return its earliest dated sighting."""
        return next((sighting for sighting in self.match.sightings if sighting.datings), None)


@dataclass(frozen=True, slots=True)
class PhotoView:
    """One photo of a report. `id` begins the ids of all that is shown of it."""

    id: str
    result: Result
    headline: Headline
    picture: str
    matches: tuple[MatchView, ...]
    timeline: Timeline | None
    derivation: Derivation | None
    not_checked: tuple[str, ...]
    skipped: tuple[Skipped, ...]

    @property
    def reasons(self) -> list[Finding]:
        """Return the findings, what fails or flags first, what was accepted last."""
        return worst_first(self.result.findings)

    @property
    def file_evidence(self) -> list[tuple[tuple[str, str], list[Evidence]]]:
        """Return what the file says, by its source and what that is worth."""
        grouped = groupby(self.result.evidence, key=lambda e: (e.source, e.reliability))
        return [(key, list(evidence)) for key, evidence in grouped]

    @property
    def digit_size(self) -> int:
        """Return how large the numbers of outlined regions are, in pixels of the photo."""
        return max(8, max(self.result.size or (0, 0)) // DIGITS)


def photo_view(report: Report, number: int, illustrations: Illustrations, language: Language) -> PhotoView:
    """Return the photo at a place in `report.results`."""
    result = report.results[number]
    return PhotoView(
        id=f"p{number + 1}",
        result=result,
        headline=headline(result),
        picture=data_uri(illustrations.query),
        matches=tuple(
            _match_view(f"p{number + 1}-m{place}", place, match, illustrations)
            for place, match in enumerate(result.matches, 1)
        ),
        timeline=timeline(result),
        derivation=derivation(result),
        not_checked=tuple(not_checked(report, result, language)),
        skipped=tuple(skipped_of(report, result)),
    )


def _match_view(ident: str, place: int, match: Match, illustrations: Illustrations) -> MatchView:
    pictures = illustrations.matches.get(match.reference.id, MatchPictures())
    return MatchView(
        id=ident,
        number=place,
        match=match,
        reference=data_uri(pictures.reference),
        query=data_uri(pictures.query),
        aligned=data_uri(pictures.aligned),
        heat=data_uri(pictures.heat),
    )


def odds(score: float) -> int | None:
    """Return N of "one accidental match in N checks", to one digit; None where N is beyond what is worth writing."""
    if score >= SURE:
        return None
    checks = 10 ** max(0.0, score)
    power = int(10 ** math.floor(max(0.0, score)))
    return max(1, int(checks / power)) * power


def box_within(box: Box, size: tuple[int, int]) -> Box:
    """Return a box cut to a picture."""
    x, y, width, height = box
    left, top = min(max(0, x), size[0]), min(max(0, y), size[1])
    return left, top, max(1, min(x + width, size[0]) - left), max(1, min(y + height, size[1]) - top)
