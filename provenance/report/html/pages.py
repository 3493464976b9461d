"""The pages: a run in one file, a photo in one file, an index of many. Pure: the caller writes what they return."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from provenance.report.html import languages
from provenance.report.html.environment import environment
from provenance.report.html.photos import photo_view
from provenance.report.html.safety import data_uri
from provenance.report.html.words import Headline, headline
from provenance.report.outcome import first_seen, worst_first

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from provenance.model import Finding, Illustrations, Match, Report, Result, Sighting

ENGLISH = languages.LANGUAGES[0]


def report_html(
    report: Report, illustrate: Callable[[int], Illustrations], *, language: str = ENGLISH
) -> str:
    """Return one self-contained page with every photo of the run; for many, use `index_html`.

    `illustrate` gives the pictures of the photo at a place in `report.results`. `ValueError` for an unknown language.
    """
    spoken = languages.language(language)
    photos = [photo_view(report, number, illustrate(number), spoken) for number in range(len(report.results))]
    return environment(language).get_template("report.html").render(report=report, photos=photos)


def photo_html(
    report: Report,
    number: int,
    illustrations: Illustrations,
    *,
    language: str = ENGLISH,
    index: str | None = None,
) -> str:
    """Return the self-contained page of the photo at place `number` in `report.results`.

    `index` is the address of the index, relative to this page. `ValueError` for an unknown language.
    """
    photo = photo_view(report, number, illustrations, languages.language(language))
    return environment(language).get_template("photo.html").render(report=report, photo=photo, index=index)


def index_html(
    report: Report,
    thumbnail: Callable[[int], bytes],
    page: Callable[[int], str | None],
    *,
    language: str = ENGLISH,
) -> Iterator[str]:
    """Yield the index of many photos in pieces, worst first; only one thumbnail is held at a time.

    `thumbnail` gives a small picture (some kilobytes) of the photo at a place in `report.results`, b"" for none;
    `page` the address of its page, relative to the index. `ValueError` for an unknown language, before any piece.
    """
    template = environment(language).get_template("index.html")
    counts = dict.fromkeys(Headline, 0)
    for result in report.results:
        counts[headline(result)] += 1
    return template.generate(report=report, counts=counts, rows=_rows(report, thumbnail, page))


@dataclass(frozen=True, slots=True)
class Row:
    """One photo in the index."""

    number: int
    result: Result
    headline: Headline
    worst: Finding | None
    best: Match | None
    first_seen: Sighting | None
    picture: str
    page: str | None


def _rows(
    report: Report, thumbnail: Callable[[int], bytes], page: Callable[[int], str | None]
) -> Iterator[Row]:
    order = sorted(range(len(report.results)), key=lambda number: _weight(report.results[number]))
    for place, number in enumerate(order):
        result = report.results[number]
        yield Row(
            number=place,
            result=result,
            headline=headline(result),
            worst=next(iter(worst_first(result.findings)), None),
            best=next(iter(result.matches), None),
            first_seen=first_seen(result),
            picture=data_uri(thumbnail(number)),
            page=page(number),
        )


def _weight(result: Result) -> tuple[int, float]:
    """Sort key: worst first, among these the best match first."""
    best = max((match.score for match in result.matches), default=0.0)
    return list(Headline).index(headline(result)), -best
