"""What to write instead, when a date is not EDTF."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

_FORMS = "Write 2016-12-13, 2016-12, 2016, 2016-12-13~ (about then), ../2016 (2016 or earlier) or 2016/2018."
_SHOWN = 40
_SEPARATOR = r"[\s./,_-]+"
_NUMBERS = re.compile(rf"(\d+)(?:{_SEPARATOR}(\d+))?(?:{_SEPARATOR}(\d+))?", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_WORDY = re.compile(
    rf"(?:(?P<before>\d{{1,2}})(?:st|nd|rd|th)?(?:{_SEPARATOR}|\s*of\s+))?(?P<month>[a-z]{{3,9}})\.?{_SEPARATOR}"
    rf"(?:(?P<after>\d{{1,2}})(?:st|nd|rd|th)?{_SEPARATOR})?(?P<year>\d{{4}})",
    re.ASCII | re.IGNORECASE,
)


def quoted(text: str) -> str:
    """Quote what was written, shortened and with unprintable characters escaped."""
    return repr(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")


def advise(text: str) -> str:
    """Suggest what may have been meant; where that is ambiguous, every reading."""
    meant = [suggestion for suggestion in _readings(_western_digits(text)) if suggestion]
    if not meant:
        return _FORMS
    if len(set(meant)) == 1:
        return f"Did you mean {meant[0]}?"
    day_first, month_first = meant
    return f"Ambiguous: write {day_first} if the day came first, {month_first} if the month did."


def _western_digits(text: str) -> str:
    return "".join(str(unicodedata.decimal(character, character)) for character in text)


def _readings(text: str) -> list[str | None]:
    if numbers := _COMPACT.fullmatch(text) or _NUMBERS.fullmatch(text):
        parts = [part for part in numbers.groups() if part]
        if len(parts[0]) == len("2016"):
            return [_iso(*parts)]
        if len(parts) > 1 and len(parts[-1]) == len("2016"):
            *front, year = parts
            return [_iso(year, *reversed(front)), _iso(year, *front)]
    if words := _WORDY.fullmatch(text):
        name = words["month"].title()
        month = next((number for number, full in enumerate(MONTHS, 1) if full.startswith(name)), None)
        day = words["before"] or words["after"]
        if month:
            return [_iso(words["year"], str(month), day) if day else _iso(words["year"], str(month))]
    return []


def _iso(*parts: str) -> str | None:
    year, month, day = (*parts, "1", "1")[:3]
    try:
        written = date(int(year), int(month), int(day)).isoformat()
    except (ValueError, OverflowError):
        return None
    return "-".join(written.split("-")[: len(parts)])
