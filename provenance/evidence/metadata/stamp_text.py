"""A date as files write it -> the bounds of its moment in UTC.

Known are EXIF (`2016:12:13 10:11:12`, blanks for what is not known), ISO 8601 as XMP profiles it (from a year to
fractions of a second, with or without a zone), the compact form of IPTC (`20161213`, zeros for what is not known, then
`101112+0100`) and the form of mails, which PNG recommends (`Tue, 13 Dec 2016 10:11:12 +0100`).
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, NamedTuple

from provenance.model.clean import clean
from provenance.model.file_facts import LONGEST, Stamp

if TYPE_CHECKING:
    from provenance.model.file_facts import FactSource, Moment

EARLIER = timedelta(hours=14)
"""A clock without a zone may run this far ahead of UTC (Kiribati)."""
LATER = timedelta(hours=12)
"""And this far behind it (Baker Island)."""
_TICK = timedelta(microseconds=1)
_LONGEST = 64
"""Characters; no form is longer."""

_CLOCK = r"(\d\d):?(\d\d)(?::?(\d\d)(?:[.,](\d{1,12}))?)?"
_ZONE = r"(Z|[+-]\d\d(?::?\d\d)?)"
_BLANK_CLOCK = r"[ :]*"
_PARTS = re.compile(
    r"(\d{4})(?:[:/.-](\d\d| {0,2})"
    rf"(?:[:/.-](\d\d| {{0,2}})(?:(?:T| +)(?:{_CLOCK}|{_BLANK_CLOCK}))?)?)?\s*{_ZONE}?",
    re.ASCII,
)
_COMPACT = re.compile(rf"(\d{{4}})(\d\d)(\d\d)(?:[T ]?{_CLOCK})?\s*{_ZONE}?", re.ASCII)
_MAIL = re.compile(
    rf"(?:[A-Z][a-z]{{2}},? +)?(\d{{1,2}}) +([A-Z][a-z]{{2}}) +(\d{{4}}) +{_CLOCK} *(?:{_ZONE}|GMT|UTC?)?",
    re.ASCII,
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_OFFSET = re.compile(r"\s*([+-])(\d\d):?(\d\d)?\s*", re.ASCII)
_LAST_SECOND = 59
_LAST_MINUTE = 59


def moment_bounds(text: str, zone: str = "", fraction: str = "") -> tuple[datetime, datetime] | None:
    """Return the first and last microsecond, in UTC, of the moment that a text can mean.

    Args:
        text: the date, with what it has of time and zone.
        zone: `+03:00` or `Z` where it stands elsewhere (EXIF `OffsetTime`); one that cannot be is as none.
        fraction: the digits behind the second where they stand elsewhere (EXIF `SubSecTime`).

    Returns:
        Both inclusive; without a zone 14 hours earlier to 12 hours later than the text reads. `None` where the
        text is no date, or none that can be (`0000:00:00`, 31 February, 25 o'clock).
    """
    text = text.strip(" \t\r\n\0")[:_LONGEST]
    said = _fields(text)
    if said is None:
        return None
    if said.second is not None and not said.digits and re.fullmatch(r"\d{1,12} *", fraction, re.ASCII):
        said = said._replace(digits=fraction.strip())
    offset = _offset(said.zone or zone)
    try:
        first, length = _span(said, offset or UTC)
        last = first + length - _TICK
        if offset is None:
            first, last = first - EARLIER, last + LATER
        return first.astimezone(UTC), last.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def stamped(  # noqa: PLR0917 - the last two are as those of `moment_bounds`
    moment: Moment, source: FactSource, name: str, text: str, zone: str = "", fraction: str = ""
) -> Stamp:
    """Return a stamp with its bounds; arguments as of `moment_bounds`. Its text is what stands in the file, joined."""
    written = text.strip() + (f".{fraction}" if fraction else "") + (f" {zone}" if zone else "")
    earliest, latest = moment_bounds(text, zone, fraction) or (None, None)
    return Stamp(moment, source, name, clean(written[:LONGEST])[:LONGEST], earliest, latest)


class _Said(NamedTuple):
    """What a text says; month and day are 0, clock parts None, where it does not."""

    year: int
    month: int
    day: int
    hour: int | None = None
    minute: int | None = None
    second: int | None = None
    digits: str = ""
    zone: str = ""


def _fields(text: str) -> _Said | None:
    if mail := _MAIL.fullmatch(text):
        day, name, year, *clock, zone = mail.groups()
        if name not in _MONTHS:
            return None
        own = zone or ("Z" if text.endswith(("GMT", "UTC", "UT")) else "")
        return _Said(int(year), _MONTHS.index(name) + 1, int(day), *_clock(clock), own)
    if compact := _COMPACT.fullmatch(text):
        year, month, day, *clock, zone = compact.groups()
        return _Said(int(year), int(month), int(day), *_clock(clock), zone or "")
    if parts := _PARTS.fullmatch(text):
        year, month, day, *clock, zone = parts.groups()
        if "00" in {month, day}:
            return None
        of_year, of_month = (int((part or "").strip() or 0) for part in (month, day))
        return _Said(int(year), of_year, of_month, *_clock(clock), zone or "")
    return None


def _clock(parts: list[str | None]) -> tuple[int | None, int | None, int | None, str]:
    hour, minute, second = (int(part) if part else None for part in parts[:3])
    return hour, minute, second, parts[3] or ""


def _span(said: _Said, zone: timezone) -> tuple[datetime, timedelta]:
    """Return the start of the moment and how long it may last, by the least unit that is said."""
    first = datetime(said.year, said.month or 1, said.day or 1, said.hour or 0, said.minute or 0, tzinfo=zone)
    if not (said.month and said.day):
        if said.day or said.hour is not None:
            raise ValueError
        months = (said.month,) if said.month else range(1, 13)
        return first, timedelta(days=sum(monthrange(said.year, month)[1] for month in months))
    if said.hour is None:
        return first, timedelta(days=1)
    if said.second is None:
        return first, timedelta(minutes=1)
    # a leap second is the end of the one before it
    first = first.replace(second=_LAST_SECOND if said.second == _LAST_SECOND + 1 else said.second)
    shown = said.digits[:6]
    if not shown:
        return first, timedelta(seconds=1)
    return first.replace(microsecond=int(shown.ljust(6, "0"))), timedelta(microseconds=10 ** (6 - len(shown)))


def _offset(zone: str) -> timezone | None:
    zone = zone.strip(" \0")
    if zone == "Z":
        return UTC
    written = _OFFSET.fullmatch(zone)
    if written is None:
        return None
    hours, minutes = int(written[2]), int(written[3] or 0)
    offset = timedelta(hours=hours, minutes=minutes)
    if minutes > _LAST_MINUTE or (offset > LATER if written[1] == "-" else offset > EARLIER):
        return None
    return timezone(-offset if written[1] == "-" else offset)
