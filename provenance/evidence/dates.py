"""EDTF dates as closed intervals of days, read so that they never claim more than was written.

The rules compare the latest possible day of one range with the earliest possible day of another, so a range
may be too wide without harm; one too narrow raises a false alarm. Where EDTF leaves something open (how far
an approximate date reaches, on which hemisphere a summer lay), we take the wider reading.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date

from provenance.errors import DateError
from provenance.evidence.date_advice import advise, quoted
from provenance.model import DateRange

_MAX_LENGTH = 100
_TIME_OF_DAY = re.compile(
    r"(?<=\d{4}-\d\d-\d\d)[T ](?:[01]\d|2[0-4]):[0-5]\d(?::[0-5]\d(?:[.,]\d{1,9})?)?(?: ?Z|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
_DATE = re.compile(  # a mark may stand on either side of the year, the month and the day
    r"([?~%])?(-?[\dX]{4})([?~%])?(?:-([?~%])?([\dX]{2})([?~%])?(?:-([?~%])?([\dX]{2})([?~%])?)?)?", re.ASCII
)
_PLAIN = re.compile(r"(?!0000)(\d{4})(?:-(0[1-9]|1[0-2])(?:-(\d\d))?)?", re.ASCII)
_NUMERIC = re.compile(r"\d{4}(-\d\d){0,2}", re.ASCII)
# Half-known months and days ("2016-1X"): the edtf package prints to standard output, then fails.
_HALF_KNOWN = re.compile(r"-(?:\dX|X\d)", re.ASCII)
_OPEN = ("", "..")
_WANDERING_SEASONS = ("21", "22", "23", "24", "28", "30")
"""Seasons without a hemisphere, or astride New Year: EDTF leaves open which months they are."""

_Day = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class _Moment:
    """One date of an expression: its first and last day, and by how much a mark widens each end.

    A moment widened by months reaches to the ends of whole months.
    """

    first: _Day
    last: _Day
    months: int = 0
    days: int = 0

    @property
    def earliest(self) -> date | None:
        """`None` where it lies before the first day that `date` can hold."""
        year, month, day_of_month = self.first
        year, month = divmod(year * 12 + month - 1 - self.months, 12)
        if year < date.min.year:
            return None
        start = date(year, month + 1, 1 if self.months else day_of_month)
        return date.fromordinal(start.toordinal() - self.days) if start.toordinal() > self.days else None

    @property
    def latest(self) -> date | None:
        """`None` where it lies after the last day that `date` can hold."""
        year, month, day_of_month = self.last
        year, month = divmod(year * 12 + month - 1 + self.months, 12)
        if year > date.max.year:
            return None
        if year < date.min.year:
            raise ValueError("no day of our calendar")
        end = date(year, month + 1, _days_in_month(year, month + 1) if self.months else day_of_month)
        ordinal = end.toordinal() + self.days
        return date.fromordinal(ordinal) if ordinal <= date.max.toordinal() else None


def parse_edtf(text: str) -> DateRange:
    """Read an EDTF date; raise `DateError`, with advice, for anything else.

    A time of day is dropped, time zone included: the day stays the one its publisher wrote.
    """
    if len(text) > _MAX_LENGTH:
        raise DateError(f"{quoted(text)} is too long for a date", advise(""))
    text = text.strip()
    expression = _TIME_OF_DAY.sub("", text)
    try:
        earliest, latest = _bounds(expression)
    except ValueError:
        wrong = "is not a date of our calendar" if _NUMERIC.fullmatch(expression) else "is not an EDTF date"
        raise DateError(f"{quoted(text)} {wrong}", advise(text)) from None
    if earliest is None and latest is None:
        raise DateError(f"{quoted(text)} leaves every day open", "Give a date that bounds at least one end.")
    if earliest and latest and earliest > latest:
        raise DateError(f"{quoted(text)} ends before it starts", "Write the earlier date first: 2016/2017.")
    return DateRange(text, earliest, latest)


def _days_in_month(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]


def _bounds(expression: str) -> tuple[date | None, date | None]:
    if expression[:1] + expression[-1:] in ("[]", "{}"):
        return _bounds_of_set(expression[1:-1].split(","))
    if "/" in expression:
        return _bounds_of_interval(*expression.split("/", 1))
    return _bounds_of_date(expression)


def _bounds_of_date(written: str) -> tuple[date | None, date | None]:
    moment = _moment(written)
    return moment.earliest, moment.latest


def _bounds_of_interval(start: str, end: str) -> tuple[date | None, date | None]:
    # The edtf package pads an end that is not stated by ten years; unknown is no bound at all.
    earliest = None if start in _OPEN else _moment(start).earliest
    latest = None if end in _OPEN else _moment(end).latest
    return earliest, latest


def _bounds_of_set(members: list[str]) -> tuple[date | None, date | None]:
    bounds = []
    for member in members:
        start, dots, end = member.strip().partition("..")
        bounds.append(_bounds_of_interval(start, end) if dots else _bounds_of_date(start))
    starts = [earliest for earliest, _ in bounds if earliest]
    ends = [latest for _, latest in bounds if latest]
    return (
        min(starts) if len(starts) == len(bounds) else None,
        max(ends) if len(ends) == len(bounds) else None,
    )


def _moment(text: str) -> _Moment:
    written = _DATE.fullmatch(text)
    if written is None:
        raise ValueError(text)
    groups = written.groups()
    parts = [part for part in groups[1::3] if part]
    marks = [before or after for before, after in zip(groups[::3], groups[2::3], strict=True)]
    first, last = _strict("-".join(parts))
    months, days = _widening(parts, marks)
    return _Moment(first, last, months, days)


def _strict(text: str) -> tuple[_Day, _Day]:
    """Return the first and last day of a date without marks."""
    if not (plain := _PLAIN.fullmatch(text)):
        return _strict_by_grammar(text)
    year, month, day_of_month = (int(part or 0) for part in plain.groups())
    if not month:
        return (year, 1, 1), (year, 12, 31)
    if not plain[3]:
        return (year, month, 1), (year, month, _days_in_month(year, month))
    date(year, month, day_of_month)
    return (year, month, day_of_month), (year, month, day_of_month)


def _strict_by_grammar(text: str) -> tuple[_Day, _Day]:
    if _HALF_KNOWN.search(text):
        raise ValueError(text)
    import edtf  # noqa: PLC0415 - its grammar takes 120 ms to build; plain dates need none of it

    try:
        parsed = edtf.parse_edtf(text)
        first, last = parsed.lower_strict(), parsed.upper_strict()
    except Exception as error:  # its own, and whatever its parse actions let through
        raise ValueError(text) from error
    if text[-2:] in _WANDERING_SEASONS and len(text.lstrip("-")) == len("2016-21"):
        return (first[0] - 1, 12, 1), (last[0] + 1, 2, 28)
    return (first[0], first[1], first[2]), (last[0], last[1], last[2])


def _widening(parts: list[str], marks: list[str | None]) -> tuple[int, int]:
    """Return the months and days of one unit of the coarsest marked part that is known."""
    part = next((index for index, mark in enumerate(marks) if mark), None)
    if part is None:
        return 0, 0
    while part and "X" in parts[part]:
        part -= 1
    if part == 0:
        return 12 * 10 ** parts[0].count("X"), 0
    if part == 1:
        return _months_of(parts[1]), 0
    return 0, 1


def _months_of(number: str) -> int:
    """Return the length of a month, season or quarter, or at most that of a term or half, by its number."""
    return 1 if number <= "12" else 3 if number <= "36" else 6
