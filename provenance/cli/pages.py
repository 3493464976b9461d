"""`--output html:FILE`: a page of a few photos, or an index of many with a page each beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.cli.files import write_pieces, write_whole
from provenance.errors import ProvenanceError, UsageError
from provenance.report.folder_names import folder_names
from provenance.report.html import index_html, photo_html, report_html

if TYPE_CHECKING:
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
    return report_html(run.report, run.gallery.illustrations, language=run.language)


def write_page(path: Path, run: Run) -> None:
    """Write the page of a few photos; of more than `ONE_PAGE` an index, and a folder of pages beside it.

    Raises:
        ProvenanceError: they cannot be written.
    """
    if len(run.report.results) <= ONE_PAGE:
        write_whole(path, _bytes(page(run)))
        return
    folder = path.with_name(f"{path.stem}-photos")
    names = folder_names([result.path for result in run.report.results])
    pages = {
        n: f"{name}.html"
        for n, (name, r) in enumerate(zip(names, run.report.results, strict=True))
        if _told(r)
    }
    _empty(folder)
    for number, name in pages.items():
        illustrations = run.gallery.illustrations(number)
        text = photo_html(run.report, number, illustrations, language=run.language, index=f"../{path.name}")
        write_whole(folder / name, _bytes(text))
    links = {number: f"{folder.name}/{name}" for number, name in pages.items()}
    pieces = index_html(run.report, run.gallery.thumbnail, links.get, language=run.language)
    write_pieces(path, map(_bytes, pieces))


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


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")
