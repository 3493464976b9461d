"""The rules on dates that a file states: PR301, PR302, PR303 and PR310. Pure; ids are stable.

All dates here were written by a clock that may be wrong, and may have been rewritten by anybody since. They are
intervals in UTC: what the time zones alone could explain is never told.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from provenance.model import Evidence, FactSource, Finding, Level, Moment
from provenance.verdict.words import describe, sighting_evidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from provenance.model import DateRange, Dating, FileFacts, Sighting, Stamp
    from provenance.verdict.case import Case

CLOCK_RESETS = (date(1904, 1, 1), date(1970, 1, 1), date(1980, 1, 1), date(2000, 1, 1))
"""Where clocks start again after their battery was out, as `evidence.exif_time` has them: such dates say nothing."""

AHEAD, BEHIND = timedelta(hours=14), timedelta(hours=12)
"""How far local clocks run ahead of UTC and behind it: a claimed day begins that early and ends that late."""

SAME_CLOCK = timedelta(hours=1)
"""By how much a file's clock and this machine's may differ without either being worth a word."""

STALE_FIX = timedelta(hours=12)
"""For how long a receiver without sky may go on stating its last time. Beyond it and the time zones, of which a time
without one may be 14 hours off, camera and satellites are more than a day apart."""

LONG_AFTER = timedelta(days=30)
"""From when on a change is told as made long after capture: sooner, a photo was merely sorted, cropped or sent."""

SHOWN = 3
"""Contradictions that a message names; the evidence has all of them, up to `MOST_EVIDENCE`."""

MOST_EVIDENCE = 12
LONGEST_TEXT = 60
"""Characters of a stamp in a message: the longest honest ones have some 35."""

MOST_STAMPS = 64
"""Dates that are compared with each other: a file has some ten, a crafted one any number."""

CAPTURE = (Moment.CAPTURED, Moment.POSITIONED)
"""What a file says of the shutter. Of the rest, each may truly be later than what a post claims."""

DATING = (*CAPTURE, Moment.DIGITISED, Moment.MODIFIED, Moment.NAMED)
"""What says that the picture existed by then, the strongest first. `CREATED` is left out: of a design, its template."""

EDITABLE = "Anybody can write such dates, and clocks are often wrong"
_WRITTEN = re.compile(r"\D*(\d{4})\D?(\d\d)\D?(\d\d)", re.ASCII)
_WORDS = {
    Moment.CAPTURED: "captured",
    Moment.POSITIONED: "positioned by satellites",
    Moment.DIGITISED: "digitised",
    Moment.MODIFIED: "modified",
    Moment.NAMED: "named",
    Moment.CREATED: "created",
    Moment.SIGNED: "signed",
}


class Dated(NamedTuple):
    """A stamp that can be true, and its bounds in UTC."""

    stamp: Stamp
    earliest: datetime
    latest: datetime


def dated(facts: FileFacts | None, moments: Sequence[Moment] = tuple(Moment)) -> list[Dated]:
    """Return the stamps of these moments that bound a time, resets of clocks left out, at most `MOST_STAMPS`.

    An ICC profile's date is that of the profile, which many photos share.
    """
    if facts is None:
        return []
    usable = (
        Dated(stamp, stamp.earliest, stamp.latest)
        for stamp in facts.stamps
        if stamp.earliest and stamp.latest and stamp.moment in moments and stamp.source is not FactSource.ICC
    )
    return [d for d in usable if written_day(d.stamp.text) not in CLOCK_RESETS][:MOST_STAMPS]


def written_day(text: str) -> date | None:
    """Return the day that a stamp begins with, as written, whatever its zone; None where it begins with none."""
    written = _WRITTEN.match(text)
    try:
        return date(*map(int, written.groups())) if written else None
    except ValueError:
        return None


def contradicts_claimed_date(case: Case) -> Finding | None:
    """PR301: the strongest date in the file lies wholly before the claimed one, or its capture wholly after."""
    claimed = case.claim.date if case.claim else None
    if claimed is None:
        return None
    found = next((d for moment in DATING if (d := dated(case.facts, (moment,)))), [])
    if not found:
        return None
    if all(_before(d, claimed) for d in found):
        first = min(found, key=lambda d: d.latest)
        what = "says that it was taken" if first.stamp.moment in CAPTURE else "has a date"
        told = f"The file {what} before the claimed date {claimed.text}: {in_words(first.stamp)}. {EDITABLE}."
        settle = (
            "Look for a dated publication of the same picture from before then, and ask whose clock it was."
        )
    elif found[0].stamp.moment in CAPTURE and all(_after(d, claimed) for d in found):
        first = max(found, key=lambda d: d.earliest)
        told = (
            f"The file says that it was taken after the claimed date {claimed.text}: {in_words(first.stamp)}. "
            f"Either the picture shows a later day, or the clock ran ahead or was rewritten."
        )
        settle = (
            "Ask the sender for the file as it was taken, and hold the weather and shadows against both days."
        )
    else:
        return None
    return Finding(
        "PR301",
        Level.WARNING,
        told,
        (
            *_evidence(found),
            Evidence("claimed_date", claimed.text, "the claim", "to be checked"),
        ),
        settle=settle,
    )


def _before(d: Dated, claimed: DateRange) -> bool:
    return claimed.earliest is not None and d.latest < _midnight(claimed.earliest) - AHEAD


def _after(d: Dated, claimed: DateRange) -> bool:
    return claimed.latest is not None and ends(claimed.latest) <= d.earliest


def ends(day: date) -> datetime:
    """Return when a day is over everywhere, in UTC; for the last day of the calendar, never."""
    if day == date.max:
        return datetime.max.replace(tzinfo=UTC)
    return _midnight(day) + timedelta(days=1) + BEHIND


def _midnight(day: date) -> datetime:
    # The first and last days of the calendar have no moment 14 hours before or after them.
    return datetime.combine(min(max(day, date(1, 1, 2)), date(9999, 12, 29)), time.min, UTC)


def impossible_order(case: Case) -> Finding | None:
    """PR302: dates in the file that cannot all be true."""
    found = list(_impossible(case))
    if not found:
        return None
    return Finding(
        "PR302",
        Level.WARNING,
        f"Dates in the file contradict each other: {_listed([words for words, _ in found])}. At least one of them is "
        "wrong or was rewritten; which one, the file does not say.",
        _evidence(d for _, stamps in found for d in stamps),
        settle="Ask for the file as the camera wrote it; a clock that was set wrong shows in its other photos too.",
    )


def _impossible(case: Case) -> Iterator[tuple[str, tuple[Dated, ...]]]:
    captured = dated(case.facts, (Moment.CAPTURED,))
    for d in captured:
        for later in dated(case.facts, (Moment.DIGITISED, Moment.MODIFIED)):
            if d.earliest > later.latest:
                yield f"{in_words(d.stamp)} is after {in_words(later.stamp)}", (d, later)
        for fix in dated(case.facts, (Moment.POSITIONED,)):
            if max(d.earliest - fix.latest, fix.earliest - d.latest) > STALE_FIX:
                words = f"{in_words(d.stamp)} and {in_words(fix.stamp)} are more than a day apart"
                yield words, (d, fix)
    if case.checked is not None:
        for d in dated(case.facts):
            if d.earliest > case.checked + SAME_CLOCK:
                yield f"{in_words(d.stamp)} lies in the future", (d,)


def odd_dates(case: Case) -> Finding | None:
    """PR303: dates in the file that are odd, though they can be true."""
    found = list(_odd(case))
    if not found:
        return None
    return Finding(
        "PR303",
        Level.NOTE,
        f"Dates in the file are worth a look: {_listed([words for words, _ in found])}.",
        _evidence(d for _, stamps in found for d in stamps),
        settle="None of this is wrong by itself: ask what was done to the file, and when.",
    )


def _odd(case: Case) -> Iterator[tuple[str, tuple[Dated, ...]]]:
    captured = dated(case.facts, (Moment.CAPTURED,))
    for one, other in combinations(captured, 2):
        if one.earliest > other.latest or other.earliest > one.latest:
            yield f"{in_words(one.stamp)}, but also {in_words(other.stamp)}", (one, other)
    for d in captured[:1]:
        for later in dated(case.facts, (Moment.MODIFIED,)):
            if later.earliest - d.latest > LONG_AFTER:
                days = (later.earliest - d.latest).days
                yield f"{in_words(later.stamp)} is {days:,} days or more after capture", (d, later)
        for made in dated(case.facts, (Moment.CREATED, Moment.NAMED)):
            if made.latest < d.earliest:
                yield f"{in_words(made.stamp)} is before {in_words(d.stamp)}", (d, made)
    for stamp in (case.facts.stamps if case.facts else ())[:MOST_STAMPS]:
        if words := _says_nothing(stamp):
            yield words, ()


def _says_nothing(stamp: Stamp) -> str:
    """Return why a stamp is no date, if that is worth a word; zeros and blanks are what unset clocks write."""
    if stamp.earliest is None or stamp.latest is None:
        return f"{in_words(stamp)} is no date of our calendar" if re.search("[1-9]", stamp.text) else ""
    if written_day(stamp.text) in CLOCK_RESETS and stamp.source is not FactSource.ICC:
        return f"{in_words(stamp)} is where clocks start after their battery was out, and says nothing"
    return ""


def later_than_sighting(case: Case) -> Finding | None:
    """PR310: the file says that it was taken after the same picture had been seen."""
    captured = dated(case.facts, (Moment.CAPTURED,))
    for sighting in case.sightings():
        for dating in sighting.datings:
            latest = dating.when.latest
            if latest is None or not captured or any(d.earliest < ends(latest) for d in captured):
                continue
            return _later(captured, sighting, dating)
    return None


def _later(captured: list[Dated], sighting: Sighting, dating: Dating) -> Finding:
    return Finding(
        "PR310",
        Level.NOTE,
        f"The file says that it was {in_words(captured[0].stamp)}, later than the same picture was seen: "
        f"{describe(sighting, dating)}. A screenshot or a photo of a screen has its own date; else its date is wrong.",
        (*_evidence(captured), sighting_evidence(sighting, dating)),
        settle="Compare the two files: what was done to this one, and does it show a screen or a print?",
    )


def in_words(stamp: Stamp) -> str:
    """Return e.g. 'captured 2016:12:13 10:00:00 (exif DateTimeOriginal)'."""
    where = f"{stamp.source.value.replace('_', ' ')} {stamp.name}".strip()
    return f"{_WORDS[stamp.moment]} {stamp.text.strip()[:LONGEST_TEXT]} ({where[:LONGEST_TEXT]})"


def _listed(told: Sequence[str]) -> str:
    told = list(dict.fromkeys(told))
    more = f"; and {len(told) - SHOWN} more" if len(told) > SHOWN else ""
    return "; ".join(told[:SHOWN]) + more


def _evidence(found: Iterable[Dated]) -> tuple[Evidence, ...]:
    stamps = list(dict.fromkeys(d.stamp for d in found))[:MOST_EVIDENCE]
    return tuple(stamp_evidence(stamp) for stamp in stamps)


def stamp_evidence(stamp: Stamp) -> Evidence:
    """Return a date of the file as evidence, with its bounds in UTC."""
    bounds = (
        f" ({stamp.earliest:%Y-%m-%d %H:%M} to {stamp.latest:%Y-%m-%d %H:%M} UTC)"
        if stamp.earliest and stamp.latest
        else ""
    )
    return Evidence(
        "file_date",
        f"{_WORDS[stamp.moment]} {stamp.text}{bounds}",
        f"the file's {stamp.source.value} {stamp.name}".strip(),
        "stated by the file; clocks are wrong, and anybody can rewrite it",
    )


TIMELINE = (contradicts_claimed_date, impossible_order, odd_dates, later_than_sighting)
"""The rules on dates, in the order in which their findings are told."""
