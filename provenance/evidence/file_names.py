"""Dates in the names that phones, programs and messengers give to pictures.

A name is what anybody may change with two keystrokes, so its date is a lead and never proof. What it is the date of
differs: a camera names the moment of capture, a messenger the day on which it stored somebody else's picture. The
forms below are those seen in the wild; apps do not publish them, and change them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from provenance.model import Fact, FactSource, Moment, Stamp
from provenance.model.clean import clean
from provenance.model.file_facts import LONGEST

if TYPE_CHECKING:
    from collections.abc import Callable

    Bounds = tuple[datetime, datetime]

LONGEST_NAME = 255
"""Characters of a name that are looked at: no file system in use allows longer ones."""

AHEAD, BEHIND = timedelta(hours=14), timedelta(hours=12)
"""How far local clocks run ahead of UTC and behind it (Kiribati; ships and Baker Island)."""

FIRST_YEAR, LAST_YEAR = 1990, 2099
"""Digital photos have been named by programs since about then; other numbers are no years."""

CAPTURE = "the moment of capture, by the camera's clock"
SCREEN = "the moment of the screenshot, not of what it shows"
EXPORT = "when the program wrote this file, not when the photo was taken"
STORED = "when the file was stored, sent or received, not when the photo was taken"

_DAY = r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)"
_DASHED = r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
_DAY_FIRST = r"(?P<day>\d\d)-(?P<month>\d\d)-(?P<year>\d{4})"
_TIME = r"(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)"
_DASHED_TIME = r"(?P<hour>\d\d)-(?P<minute>\d\d)-(?P<second>\d\d)"
_DOTTED_TIME = r"(?P<hour>\d\d?)\.(?P<minute>\d\d)\.(?P<second>\d\d)(?:[ \u202f\u00a0]?(?P<half>[AP]M))?"
_MILLISECONDS = r"(?:\d{3})?(?!\d)"
_END = r"(?!\d)"


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way of naming pictures: whose it is, an example, and what its date is the date of."""

    app: str
    example: str
    expression: re.Pattern[str]
    bounds: Callable[[re.Match[str]], Bounds]
    """From a match to the first and last moment meant, in UTC; ValueError where that is no date."""
    meaning: str


@dataclass(frozen=True, slots=True)
class NamedDates:
    """What a file's name says: at most one fact and one stamp, by the first pattern that fits."""

    facts: tuple[Fact, ...] = ()
    stamps: tuple[Stamp, ...] = ()


def read_name(name: str) -> NamedDates:
    """Return the date in the name of a file, without its folder; nothing where no pattern fits.

    The fact's name is the app, its value the part of the name that was read, its note what the date means.
    """
    for pattern in PATTERNS:
        found = pattern.expression.match(name[:LONGEST_NAME])
        if found is None:
            continue
        try:
            earliest, latest = pattern.bounds(found)
        except (ValueError, OverflowError):
            continue
        text = clean(found.group())[:LONGEST]
        return NamedDates(
            (Fact(FactSource.FILE_NAME, pattern.app, text, pattern.meaning),),
            (Stamp(Moment.NAMED, FactSource.FILE_NAME, pattern.app, text, earliest, latest),),
        )
    return NamedDates()


def _local(found: re.Match[str]) -> Bounds:
    """A moment by a clock whose zone is not told, or a whole day by it."""
    parts = found.groupdict()
    first = _moment(parts)
    last = first if parts.get("hour") else first + timedelta(days=1) - timedelta(microseconds=1)
    return first - AHEAD, last + BEHIND


def _utc(found: re.Match[str]) -> Bounds:
    moment = _moment(found.groupdict())
    return moment, moment


def _epoch(found: re.Match[str]) -> Bounds:
    """Milliseconds since 1970, as programs count them."""
    moment = datetime.fromtimestamp(int(found["milliseconds"]) / 1000, UTC)
    _check_year(moment.year)
    return moment, moment


def _moment(parts: dict[str, str | None]) -> datetime:
    year, month, day, hour, minute, second = (
        int(parts.get(name) or 0) for name in ("year", "month", "day", "hour", "minute", "second")
    )
    _check_year(year)
    if half := parts.get("half"):
        if not 1 <= hour <= 12:  # noqa: PLR2004 - hours of half a day
            raise ValueError(hour)
        hour = hour % 12 + (12 if half == "PM" else 0)
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def _check_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(year)


def _pattern(
    app: str, example: str, expression: str, bounds: Callable[[re.Match[str]], Bounds], meaning: str
) -> Pattern:
    return Pattern(app, example, re.compile(expression, re.ASCII | re.IGNORECASE), bounds, meaning)


PATTERNS = (
    _pattern(
        "Pixel camera",
        "PXL_20241129_101530123.jpg",
        rf"PXL_{_DAY}_{_TIME}{_MILLISECONDS}",
        _utc,
        "the moment of capture, by the camera's clock in UTC",
    ),
    _pattern(
        "WhatsApp",
        "IMG-20241129-WA0003.jpg",
        rf"(?:IMG|VID|STK|PTT|DOC)-{_DAY}-WA\d+",
        _local,
        "the day on which WhatsApp received or sent it, not the day of capture",
    ),
    _pattern(
        "WhatsApp",
        "WhatsApp Image 2024-11-29 at 10.15.30.jpeg",
        rf"WhatsApp[ _](?:Image|Video)[ _]{_DASHED}[ _]at[ _]{_DOTTED_TIME}{_END}",
        _local,
        "when WhatsApp received, sent or saved it, not the moment of capture",
    ),
    _pattern(
        "Signal",
        "signal-2024-11-29-10-15-30-123.jpg",
        rf"signal-{_DASHED}-(?:{_DASHED_TIME}(?:-\d{{3}})?{_END})",
        _local,
        "when Signal sent, received or saved it, not the moment of capture",
    ),
    _pattern(
        "Signal",
        "signal-2024-11-29-101530.jpeg",
        rf"signal-{_DASHED}-{_TIME}{_END}",
        _local,
        "when Signal sent, received or saved it, not the moment of capture",
    ),
    _pattern(
        "Telegram",
        "photo_2024-11-29_10-15-30.jpg",
        rf"(?:photo|video)_{_DASHED}_{_DASHED_TIME}{_END}",
        _local,
        "when Telegram sent or saved it, not the moment of capture",
    ),
    _pattern(
        "Telegram",
        "photo_12@29-11-2024_10-15-30.jpg",
        rf"(?:photo|video|file)_\d{{1,9}}@{_DAY_FIRST}_{_DASHED_TIME}{_END}",
        _local,
        "the date of the message in a Telegram export, not the moment of capture",
    ),
    _pattern(
        "Viber",
        "viber_image_2024-11-29_10-15-30-123.jpg",
        rf"viber_image_{_DASHED}_{_DASHED_TIME}(?:-\d{{3}})?{_END}",
        _local,
        "when Viber received, sent or saved it, not the moment of capture",
    ),
    _pattern(
        "Facebook",
        "FB_IMG_1732875330123.jpg",
        rf"FB_IMG_(?P<milliseconds>\d{{13}}){_END}",
        _epoch,
        "when Facebook's app saved it, not the moment of capture",
    ),
    _pattern(
        "WeChat",
        "mmexport1732875330123.jpg",
        rf"mmexport(?P<milliseconds>\d{{13}}){_END}",
        _epoch,
        "when WeChat saved it, not the moment of capture",
    ),
    _pattern(
        "screenshot",
        "Screenshot_20241129-101530.png",
        rf"Screenshot[ _-]{_DAY}[_-]{_TIME}{_MILLISECONDS}",
        _local,
        SCREEN,
    ),
    _pattern(
        "screenshot",
        "Screenshot_2024-11-29-10-15-30-123_com.example.jpg",
        rf"Screenshot[ _-](?:from )?{_DASHED}[ _-]{_DASHED_TIME}(?:-\d{{3}})?{_END}",
        _local,
        SCREEN,
    ),
    _pattern(
        "screenshot",
        "Screenshot 2024-11-29 at 10.15.30.png",
        rf"Screen ?shot {_DASHED} at {_DOTTED_TIME}{_END}",
        _local,
        SCREEN,
    ),
    _pattern(
        "screenshot",
        "Screenshot 2024-11-29 101530.png",
        rf"Screenshot {_DASHED} {_TIME}{_END}",
        _local,
        SCREEN,
    ),
    _pattern(
        "InShot",
        "InShot_20241129_101530123.jpg",
        rf"InShot_{_DAY}_{_TIME}{_MILLISECONDS}",
        _local,
        EXPORT,
    ),
    _pattern(
        "Windows camera",
        "WIN_20241129_10_15_30_Pro.jpg",
        rf"WIN_{_DAY}_(?P<hour>\d\d)_(?P<minute>\d\d)_(?P<second>\d\d){_END}",
        _local,
        CAPTURE,
    ),
    _pattern("DJI drone", "DJI_20241129101530_0001_D.jpg", rf"DJI_{_DAY}{_TIME}{_END}", _local, CAPTURE),
    _pattern(
        "phone camera",
        "IMG_20241129_101530.jpg",
        rf"(?:MV|P)?(?:IMG|VID|PANO|BURST|P)_?{_DAY}_?{_TIME}{_MILLISECONDS}",
        _local,
        CAPTURE,
    ),
    _pattern("phone camera", "20241129_101530.jpg", rf"{_DAY}_{_TIME}{_MILLISECONDS}", _local, CAPTURE),
    _pattern(
        "camera upload",
        "2024-11-29 10.15.30.jpg",
        rf"{_DASHED} {_DOTTED_TIME}{_END}",
        _local,
        "the moment of capture, as a cloud folder's program took it from the photo or from the file's date",
    ),
    _pattern(
        "milliseconds since 1970",
        "1732875330123.jpg",
        rf"(?:image|img|photo|picture|received|temp)?[_-]?(?P<milliseconds>1\d{{12}}){_END}",
        _epoch,
        STORED,
    ),
)
"""Every known form of name, the more particular ones first. A form names at most one moment."""
