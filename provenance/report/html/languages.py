"""The languages of the pages: their words, from catalogues compiled when first asked for, their numbers and dates.

A message is its English text, and `provenance/report/locales/CODE.po` translates it (docs/html-report.md).
"""

from __future__ import annotations

import functools
import gettext
import io
from calendar import monthrange
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

from babel import Locale
from babel.dates import format_date, format_interval, format_skeleton
from babel.numbers import format_decimal, format_percent

if TYPE_CHECKING:
    from datetime import date, datetime

    from provenance.model import DateRange

LANGUAGES = ("en", "fr", "ar")
"""Codes of the languages that pages come in, the default first."""

LOCALES = {"en": "en_GB", "fr": "fr", "ar": "ar"}
"""How each writes numbers and dates: English day before month, as no reader takes for the month."""

LAST_MONTH = 12
SMALL_SHARE, LEAST_SHARE = 0.1, 0.001
"""Shares below which a decimal is told, and below which no number is."""


@dataclass(frozen=True, eq=False, slots=True)
class Language:
    """One language's words, numbers and dates."""

    code: str
    locale: Locale
    translations: gettext.NullTranslations

    @property
    def direction(self) -> str:
        """Return "ltr" or "rtl"."""
        return self.locale.text_direction

    def say(self, message: str, **values: object) -> str:
        """Return a message in this language, with its %(name)s filled in."""
        told = self.translations.gettext(message)
        return told % values if values else told

    def count(self, one: str, many: str, number: int, **values: object) -> str:
        """Return the form of a message that `number` takes; its %(n)s is the number, written out."""
        return self.translations.ngettext(one, many, number) % {"n": self.number(number), **values}

    def number(self, value: float, digits: int = 0) -> str:
        """Return a number with at most `digits` decimals."""
        return format_decimal(round(value, digits), locale=self.locale)

    def percent(self, share: float) -> str:
        """Return a share, 0 to 1, as per cent: what is more than nothing never reads as 0."""
        if not 0 < share < SMALL_SHARE:
            return format_percent(share, locale=self.locale)
        finer = self.locale.percent_formats[None].pattern.replace("#,##0", "0.#")
        told = format_percent(max(share, LEAST_SHARE), finer, locale=self.locale)
        return told if share >= LEAST_SHARE else f"< {told}"

    def day(self, day: date) -> str:
        """Return a day in full."""
        return format_date(day, "long", locale=self.locale)

    def days(self, when: DateRange) -> str:
        """Return an interval of days: a day, a month or a year where it is one, else both ends."""
        first, last = when.earliest, when.latest
        if first is None and last is None:
            return self.say("undated")
        if first is None or last is None:
            return self._half_open(first, last)
        if first == last:
            return self.day(first)
        if (first.day, first.month, last.month, last.day) == (
            1,
            1,
            LAST_MONTH,
            31,
        ) and first.year == last.year:
            return self.skeleton("y", first)
        if first.day == 1 and (first.year, first.month) == (last.year, last.month) and _ends_month(last):
            return self.skeleton("yMMMM", first)
        return format_interval(first, last, "yMMMd", locale=self.locale)

    def _half_open(self, first: date | None, last: date | None) -> str:
        if last is not None:
            return self.say("by %(day)s", day=self.day(last))
        return self.say("from %(day)s on", day=self.day(first) if first else "")

    def skeleton(self, skeleton: str, day: date) -> str:
        """Return the parts of a date that a CLDR skeleton names, e.g. "yMMM"."""
        return format_skeleton(skeleton, day, locale=self.locale)

    def moment(self, moment: datetime) -> str:
        """Return a moment in UTC, to the minute."""
        day, time = self.day(moment.date()), moment.strftime("%H:%M")
        return self.say("%(day)s, %(time)s UTC", day=day, time=time)


def _ends_month(day: date) -> bool:
    return day.day == monthrange(day.year, day.month)[1]


@functools.cache
def language(code: str) -> Language:
    """Return a language by its code; `ValueError` for one that there is none of."""
    if code not in LANGUAGES:
        raise ValueError(f"no report in the language {code!r}: choose one of {', '.join(LANGUAGES)}")
    return Language(code, Locale.parse(LOCALES[code]), _translations(code))


def _translations(code: str) -> gettext.NullTranslations:
    if code == LANGUAGES[0]:
        return gettext.NullTranslations()
    from babel.messages.mofile import write_mo  # noqa: PLC0415 - English needs no catalogue
    from babel.messages.pofile import read_po  # noqa: PLC0415

    source = (files("provenance.report") / "locales" / f"{code}.po").read_bytes()
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(source), locale=code))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
