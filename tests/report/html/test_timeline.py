"""The timeline puts every interval where it belongs, and invents no end."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from provenance.model import (
    Claim,
    DateBasis,
    DateRange,
    Kind,
    Match,
    Overlap,
    Reference,
    Result,
    Sighting,
    Verdict,
)
from provenance.report.html.timeline import MOST_ROWS, MOST_TICKS, Against, timeline

SAME = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)


def between(first: date | None, last: date | None) -> DateRange:
    return DateRange("x", first, last)


def result(*published: DateRange, claimed: DateRange | None = None, kind: Kind = Kind.PARTIAL) -> Result:
    seen = tuple(Sighting("a", "a", published=when) for when in published)
    match = Match(Reference(1, "a", "b", 1, 1), kind, 9.0, 1, Overlap(1, 1), SAME, sightings=seen)
    return Result("q", "c", Verdict.FLAGGED, (), (match,), Claim(claimed))


CLAIMED = between(date(2024, 11, 29), date(2024, 11, 29))


def test_sightings_are_earliest_first_and_lie_so_against_the_claim():
    before, around, after = (
        between(date(2016, 1, 1), date(2016, 12, 31)),
        between(date(2024, 11, 1), date(2024, 11, 30)),
        between(date(2025, 1, 1), date(2025, 1, 1)),
    )
    line = timeline(result(after, around, before, claimed=CLAIMED))
    assert [row.against for row in line.rows] == [Against.BEFORE, Against.OVERLAPS, Against.AFTER]
    first, second, third = (row.bars[0] for row in line.rows)
    assert first.end < second.start < line.claim.start < line.claim.end < third.start


def test_an_open_end_reaches_the_edge_and_is_said_to_be_open():
    line = timeline(
        result(between(None, date(2016, 12, 31)), between(date(2025, 1, 1), None), claimed=CLAIMED)
    )
    until, since = line.rows[0].bars[0], line.rows[1].bars[0]
    assert (until.start, until.open_start, until.open_end) == (0.0, True, False)
    assert (since.end, since.open_start, since.open_end) == (100.0, False, True)


def test_our_own_recording_is_drawn_only_where_it_is_the_only_date_or_precedes_the_claim(desk):
    bases = {row.sighting.outlet: [bar.basis for bar in row.bars] for row in timeline(desk.results[0]).rows}
    assert bases["Example Wire"] == [DateBasis.PUBLISHED, DateBasis.CAPTURED]
    assert bases[None] == [DateBasis.RECORDED]
    late = replace(desk.results[0].claim, date=between(date(2030, 1, 1), date(2030, 1, 1)))
    [first, *_] = timeline(replace(desk.results[0], claim=late)).rows
    assert [bar.basis for bar in first.bars] == [DateBasis.PUBLISHED, DateBasis.CAPTURED, DateBasis.RECORDED]


def test_another_photo_of_the_scene_and_what_has_no_date_are_not_drawn():
    assert timeline(result(between(date(2016, 1, 1), date(2016, 1, 1)), kind=Kind.SAME_SCENE)) is None
    assert timeline(result()) is None


def test_many_sightings_are_drawn_in_part():
    days = [between(date(2016, 1, n % 28 + 1), date(2016, 1, n % 28 + 1)) for n in range(100)]
    line = timeline(result(*days))
    assert (len(line.rows), line.left_out) == (MOST_ROWS, 100 - MOST_ROWS)


ENDS = st.one_of(st.none(), st.dates())


@given(st.lists(st.tuples(ENDS, ENDS), min_size=1, max_size=6), ENDS, ENDS)
def test_whatever_the_dates_everything_lies_on_the_axis(ends, claim_first, claim_last):
    def ordered(first, last):
        return between(*sorted((first, last))) if first and last else between(first, last)

    line = timeline(result(*(ordered(*pair) for pair in ends), claimed=ordered(claim_first, claim_last)))
    bars = [bar for row in line.rows for bar in row.bars] + [line.claim]
    assert all(0 <= bar.start <= bar.end <= 100 for bar in bars)
    assert len(line.ticks) <= MOST_TICKS
    assert all(0 <= tick.place <= 100 for tick in line.ticks)
    assert sorted(tick.place for tick in line.ticks) == [tick.place for tick in line.ticks]
