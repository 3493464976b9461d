"""`--output html:FILE`: a page of a few photos, or an index of many with a page each beside it."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING
from urllib.parse import quote

from provenance.cli.files import write_pieces
from provenance.errors import ProvenanceError, UsageError
from provenance.report.folder_names import folder_names
from provenance.report.html import index_html, photo_html, report_html

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from provenance.cli.outputs import Run
    from provenance.model import Result

ONE_PAGE = 20
"""Photos that one page holds with all their pictures: some 15 MB where each has three matches, which opens at once."""


def page(run: Run) -> str:
    """Return the page of a few photos, for standard output.

    Raises:
        UsageError: they are too many for one page.
    """
    if len(run.report.results) > ONE_PAGE:
        raise UsageError(
            f"{len(run.report.results)} photos are too many for one page.",
            "Write an index with pages beside it: --output html:report.html.",
        )
    return report_html(run.report, run.illustrations, language=run.language)


def write_page(path: Path, run: Run) -> None:
    """Write the page of a few photos; of more than `ONE_PAGE` an index, and a folder of pages beside it.

    Raises:
        ProvenanceError: they cannot be written.
    """
    if len(run.report.results) > ONE_PAGE:
        _empty(path.with_name(_folder(path.name)))
    for name, pieces in pages(path.name, run):
        write_pieces(path.parent / name, (piece.encode("utf-8", "backslashreplace") for piece in pieces))


def pages(name: str, run: Run) -> Iterator[tuple[str, Iterable[str]]]:
    """Yield the files of which the page called `name` is made: their paths beside it, and what is in them."""
    if len(run.report.results) <= ONE_PAGE:
        yield name, [page(run)]
        return
    results = run.report.results
    links = {
        number: f"{_folder(name)}/{folder}.html"
        for number, folder in enumerate(folder_names([result.path for result in results]))
        if _told(results[number])
    }
    for number, link in links.items():
        illustrations = run.illustrations(number)
        yield (
            link,
            [photo_html(run.report, number, illustrations, language=run.language, index=f"../{quote(name)}")],
        )
    hrefs = {number: quote(link) for number, link in links.items()}
    yield name, index_html(run.report, run.thumbnail, hrefs.get, language=run.language)


def _folder(name: str) -> str:
    """Return the name of the folder of pages beside an index."""
    return f"{PurePath(name).stem}-photos"


def _told(result: Result) -> bool:
    """Return whether there is more to say of a photo than that nothing was found."""
    return bool(result.matches or result.findings)


def _empty(folder: Path) -> None:
    """Make the folder of pages, without those of an earlier run: they would be taken for this one's."""
    try:
        folder.mkdir(exist_ok=True)
        for old in folder.glob("[0-9][0-9][0-9]*.html"):
            old.unlink()
    except OSError as error:
        raise ProvenanceError(
            f"{folder} cannot be written: {error.strerror}.", "Check its permissions and space."
        ) from error
