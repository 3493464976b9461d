"""When the picture was seen, against when it is claimed to be from: places on an axis, in per cent of its length."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from provenance.model import DateBasis

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from provenance.model import Claim, DateRange, Dating, Reference, Result, Sighting

MOST_ROWS = 24
"""Sightings drawn, earliest first; the tables of the matches have all."""

MOST_TICKS = 6
MARGIN = 0.04
"""Share of the span that is left free at each end, for bars without an end to fade into."""

SHORT = 1.5
"""Per cent of the axis up to which an interval is a mark, not a bar."""

MONTHS = 12
LAST_TICK = 29
"""Day of a month after which none is marked: the first of the next one is."""
STEPS = (
    *(("d", days) for days in (1, 2, 5, 10)),
    *(("m", months) for months in (1, 2, 3, 6)),
    *(("y", years) for years in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)),
)
"""Distances of ticks, finest first: a unit and how many of it."""

LABELS = {"d": "yMMMd", "m": "yMMM", "y": "y"}
"""CLDR skeletons of their labels."""


class Against(enum.StrEnum):
    """How the dates of a sighting lie to the claimed date."""

    BEFORE = "before"
    """One of them ends before it begins."""
    OVERLAPS = "overlaps"
    AFTER = "after"
    UNKNOWN = "unknown"
    """One of the two has no date."""


@dataclass(frozen=True, slots=True)
class Bar:
    """An interval on the axis, in per cent of its length; an open end has no bound."""

    basis: DateBasis | None
    """None for the claim."""
    start: float
    end: float
    open_start: bool
    open_end: bool

    @property
    def width(self) -> float:
        """Return how long it is."""
        return round(self.end - self.start, 2)

    @property
    def marks(self) -> tuple[float, ...]:
        """Return where a mark stands: at each known end of an open interval, on one too short to be seen as a bar."""
        if self.open_start or self.open_end:
            return tuple(
                end
                for end, is_open in ((self.start, self.open_start), (self.end, self.open_end))
                if not is_open
            )
        return (self.middle,) if self.width <= SHORT else ()

    @property
    def middle(self) -> float:
        """Return the middle of it."""
        return round((self.start + self.end) / 2, 2)


@dataclass(frozen=True, slots=True)
class Row:
    """One sighting with its bars."""

    reference: Reference
    sighting: Sighting
    against: Against
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """A day on the axis and the CLDR skeleton to label it by."""

    place: float
    day: date
    skeleton: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Rows by their first date; `left_out` is how many more sightings there are."""

    rows: tuple[Row, ...]
    ticks: tuple[Tick, ...]
    claim: Bar | None
    left_out: int


def timeline(result: Result) -> Timeline | None:
    """Return the dated sightings of every copy against the claim; None where nothing has a date."""
    claim = result.claim
    seen = [
        (match.reference, sighting)
        for match in result.matches
        if match.kind.is_copy
        for sighting in match.sightings
        if sighting.datings
    ]
    if not seen:
        return None
    seen.sort(key=lambda pair: first_day(pair[1]))
    shown = seen[:MOST_ROWS]
    axis = _axis([sighting for _, sighting in shown], claim)
    return Timeline(
        rows=tuple(
            Row(
                reference,
                sighting,
                against(sighting, claim),
                tuple(_bar(dating.when, dating.basis, axis) for dating in _telling(sighting.datings, claim)),
            )
            for reference, sighting in shown
        ),
        ticks=tuple(_ticks(axis)),
        claim=_bar(claim.date, None, axis) if claim and claim.date else None,
        left_out=len(seen) - len(shown),
    )


def against(sighting: Sighting, claim: Claim | None) -> Against:
    """Return how a sighting's dates lie to the claimed one."""
    if claim is None or claim.date is None or not sighting.datings:
        return Against.UNKNOWN
    if any(dating.when.precedes(claim.date) for dating in sighting.datings):
        return Against.BEFORE
    first = sighting.datings[0]
    return Against.AFTER if claim.date.precedes(first.when) else Against.OVERLAPS


def first_day(sighting: Sighting) -> tuple[date, date]:
    """Sort key of dated sightings: by the day by which each was seen."""
    when = sighting.datings[0].when
    return when.latest or date.max, when.earliest or date.min


@dataclass(frozen=True, slots=True)
class Axis:
    """The days, as ordinals, that the axis goes from and to."""

    start: float
    end: float

    def place(self, day: int) -> float:
        """Return where a day lies, in per cent, within the axis."""
        return round(min(100.0, max(0.0, 100 * (day - self.start) / (self.end - self.start))), 2)

    def __contains__(self, day: int) -> bool:
        return self.start <= day <= self.end


def _axis(sightings: Iterable[Sighting], claim: Claim | None) -> Axis:
    """Return an axis that holds every end that says something."""
    ranges = [dating.when for sighting in sightings for dating in _telling(sighting.datings, claim)]
    if claim and claim.date:
        ranges.append(claim.date)
    ends = [end.toordinal() for when in ranges for end in (when.earliest, when.latest) if end]
    first, last = (min(ends), max(ends) + 1) if ends else (0, 1)
    margin = max(1.0, MARGIN * (last - first))
    return Axis(first - margin, last + margin)


def _telling(datings: Sequence[Dating], claim: Claim | None) -> Iterator[Dating]:
    """Yield the dates that are drawn: our own recording only where it is the only one or tells most."""
    for dating in datings:
        contradicts = claim is not None and claim.date is not None and dating.when.precedes(claim.date)
        if dating.basis is not DateBasis.RECORDED or len(datings) == 1 or contradicts:
            yield dating


def _bar(when: DateRange, basis: DateBasis | None, axis: Axis) -> Bar:
    first, last = when.earliest, when.latest
    return Bar(
        basis,
        axis.place(first.toordinal()) if first else 0.0,
        axis.place(last.toordinal() + 1) if last else 100.0,
        first is None,
        last is None,
    )


def _ticks(axis: Axis) -> Iterator[Tick]:
    """Yield at most `MOST_TICKS` round days."""
    for unit, step in STEPS:
        days = list(_round_days(axis, unit, step))
        if days and len(days) <= MOST_TICKS:
            yield from (Tick(axis.place(day.toordinal()), day, LABELS[unit]) for day in days)
            return


def _round_days(axis: Axis, unit: str, step: int) -> Iterator[date]:
    """Yield the days within the axis at which a unit, or a multiple of it, begins; one more than needed at most."""
    low, high = max(1, int(axis.start) + 1), min(date.max.toordinal(), int(axis.end))
    first, last = date.fromordinal(low), date.fromordinal(high)
    if unit == "d":
        days = (date.fromordinal(day) for day in range(low, high + 1))
        found = (day for day in days if (day.day - 1) % step == 0 and day.day <= LAST_TICK)
    else:
        months = step * (MONTHS if unit == "y" else 1)
        begin, end = first.year * MONTHS + first.month - 1, last.year * MONTHS + last.month - 1
        found = (
            date(month // MONTHS, month % MONTHS + 1, 1)
            for month in range(-(-begin // months) * months, end + 1, months)
            if month >= MONTHS
        )
    for number, day in enumerate(day for day in found if first <= day <= last):
        if number > MOST_TICKS:
            return
        yield day
