"""Every text of the pages is there in every language, and nothing is that no page says.

Run as a program, this file brings the catalogues up to date: `python tests/report/html/test_languages.py`.
"""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

import provenance.report
from provenance.model import CATALOGUE, DateRange, Kind
from provenance.report.html import LANGUAGES, photo_html, report_html
from provenance.report.html.languages import language

SOURCES = files("provenance.report") / "html"
LOCALES = Path(provenance.report.__file__).parent / "locales"
OTHERS = LANGUAGES[1:]

KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2), "say": None, "count": (1, 2)}
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
OPTIONS = {"**.html": {"newstyle_gettext": "true", "trimmed": "true"}}

Id = str | tuple[str, str]


def messages() -> list[Id]:
    """Return every text that a page may say: of templates, of code, of the model."""
    found: dict[Id, None] = {}
    for _file, _line, message, _comments, _context in extract_from_dir(
        str(SOURCES), METHODS, OPTIONS, keywords=KEYWORDS
    ):
        found[message] = None
    return [*found, *(info.title for info in CATALOGUE.values()), *(kind.relation for kind in Kind)]


def catalogue(code: str) -> Catalog:
    return read_po(io.BytesIO((LOCALES / f"{code}.po").read_bytes()), locale=code)


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)s|%%", text))


def forms(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def test_the_sources_have_texts_to_find():
    said = messages()
    assert "Nothing found" in said
    assert "Seen before the claimed date" in said
    assert ("%(n)s sighting", "%(n)s sightings") in said


@pytest.mark.parametrize("code", OTHERS)
def test_a_catalogue_has_every_text_and_no_other(code):
    held = {message.id for message in catalogue(code) if message.id}
    assert held == set(messages())


@pytest.mark.parametrize("code", OTHERS)
def test_every_text_is_translated_in_every_form_and_none_is_in_doubt(code):
    read = catalogue(code)
    unfinished = [
        message.id for message in read if message.id and (message.fuzzy or not all(forms(message.string)))
    ]
    assert unfinished == []
    assert {len(message.string) for message in read if isinstance(message.id, tuple)} == {read.num_plurals}
    assert read.num_plurals == {"fr": 2, "ar": 6}[code]


@pytest.mark.parametrize("code", OTHERS)
def test_translations_fill_in_the_same_values(code):
    for message in catalogue(code):
        if not message.id:
            continue
        asked = set.union(*(placeholders(text) for text in forms(message.id)))
        for text in forms(message.string):
            # One, two or none of a thing are said without a number in Arabic.
            spared = {"%(n)s"} if isinstance(message.id, tuple) else set()
            assert asked - spared <= placeholders(text) <= asked, message.id


@pytest.mark.parametrize("code", OTHERS)
def test_no_text_is_english_by_oversight(code):
    same = {message.id for message in catalogue(code) if message.id and message.string == message.id}
    assert same <= {
        *("Archive", "Version", "Source", "Photo", "Photos", "Score", "note"),
        *(
            "score %(score)s",
            "pixels",
            ("%(n)s photo", "%(n)s photos"),
            ("%(n)s image", "%(n)s images"),
            "%(day)s, %(time)s UTC",
        ),
    }


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_page_says_its_language_and_its_direction(code, desk, illustrate):
    page = photo_html(desk, 0, illustrate(0), language=code)
    assert f'<html lang="{code}" dir="{"rtl" if code == "ar" else "ltr"}">' in page
    assert language(code).say("Flagged") in page


def test_the_findings_own_words_are_marked_as_english(desk, illustrate):
    page = photo_html(desk, 0, illustrate(0), language="ar")
    assert '<p class="message" lang="en" dir="ltr">Left and right are exchanged against' in page


def test_an_unknown_language_is_refused_with_those_that_there_are(desk, illustrate):
    with pytest.raises(ValueError, match=r"'de'.*en, fr, ar"):
        report_html(desk, illustrate, language="de")


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (0, "لا مشاهدات"),
        (1, "مشاهدة واحدة"),
        (2, "مشاهدتان"),
        (3, "3 مشاهدات"),
        (11, "11 مشاهدة"),
        (100, "100 مشاهدة"),
    ],
)
def test_arabic_counts_in_six_forms(number, told):
    assert language("ar").count("%(n)s sighting", "%(n)s sightings", number) == told


@pytest.mark.parametrize(
    ("first", "last", "told"),
    [
        (date(2016, 12, 13), date(2016, 12, 13), "13 December 2016"),
        (date(2016, 2, 1), date(2016, 2, 29), "February 2016"),
        (date(2016, 1, 1), date(2016, 12, 31), "2016"),
        (None, date(2016, 12, 31), "by 31 December 2016"),
        (date(2016, 12, 31), None, "from 31 December 2016 on"),
        (None, None, "undated"),
    ],
)
def test_dates_are_said_as_exactly_as_they_are_known(first, last, told):
    assert language("en").days(DateRange("x", first, last)) == told


def test_numbers_and_moments_are_those_of_the_language():
    assert language("fr").number(1234567.25, 1) == "1\u202f234\u202f567,2"
    assert language("fr").percent(0.0004) == "< 0,1\u00a0%"
    assert language("fr").moment(datetime(2026, 11, 28, 9, 5, tzinfo=UTC)) == "28 novembre 2026, 09:05 UTC"
    assert language("ar").day(date(2016, 12, 13)) == "13 ديسمبر 2016"


def update() -> None:
    """Give each catalogue, which has at least a header, the texts that it lacks, untranslated, and take from it
    those that no page says."""
    for code in OTHERS:
        path = LOCALES / f"{code}.po"
        fresh = catalogue(code)
        held = {message.id: message.string for message in fresh if message.id}
        for message in held:
            fresh.delete(message)
        for message in messages():
            fresh.add(message, held.get(message, ""))
        header = path.read_text("utf-8").split("\n\n", 1)[0]
        written = io.BytesIO()
        write_po(written, fresh, no_location=True, omit_header=True, width=0)
        path.write_text(f"{header}\n\n{written.getvalue().decode()}", "utf-8")


if __name__ == "__main__":
    update()
