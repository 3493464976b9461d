"""`--output bundle:FILE`: the evidence bundle of a run, a ZIP of the members that `report.bundle` names."""

from __future__ import annotations

import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from provenance.cli.files import whole_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import IO

    from provenance.cli.outputs import Run
    from provenance.report.bundle import BundlePhoto, Member

TEXTS = frozenset({"", ".txt", ".json", ".html", ".xml", ".sarif", ".csv"})
"""Endings of members outside `queries/` and `matches/` that are compressed; all others are stored as they are."""

_FIRST_YEAR = 1980
"""The first that a ZIP file can tell."""


def bundle(path: Path, run: Run) -> None:
    """Write the bundle of a run.

    Raises:
        BundleError: a photo has changed since it was checked.
        ProvenanceError: the file cannot be written.
    """
    from provenance.circumstances import circumstances
    from provenance.cli.outputs import REPORTERS
    from provenance.report.bundle import BundleAbout, bundle_members

    request, made = run.request, run.report.checked or datetime.now(UTC)
    about = BundleAbout(
        circumstances(request.settings, fast=request.fast), made, tuple(sys.argv[1:]), _settings_text()
    )
    write_bundle(path, bundle_members(run.report, about, _photos(run), REPORTERS, _pages(run)), made)


def _photos(run: Run) -> Iterator[BundlePhoto]:
    from provenance.photo.limits import DEFAULT
    from provenance.photo.reading import read_bytes
    from provenance.report.bundle import BundlePhoto

    for result in run.report.results:
        shown = run.gallery.illustrations(result.path).matches
        yield BundlePhoto(
            result,
            read_bytes(run.gallery.queries[result.path], DEFAULT.bytes),
            {image_id: pictures.reference for image_id, pictures in shown.items()},
            run.gallery.files(result.path),
        )


def _pages(run: Run) -> Iterator[Member]:
    from provenance.cli.pages import pages
    from provenance.report.bundle import Member

    for name, pieces in pages("report.html", run):
        yield Member(name, "".join(pieces).encode("utf-8", "backslashreplace"))


def _settings_text() -> str:
    """Return what the settings file says, if there is one: its policy is in it."""
    from provenance.settings import FILES

    texts = (
        Path(name).read_text(encoding="utf-8", errors="replace") for name in FILES if Path(name).is_file()
    )
    return next(texts, "")


def write_bundle(path: Path, members: Iterable[Member], made: datetime) -> None:
    """Write a bundle whole or not at all; the same members and moment (UTC) give the same bytes.

    Members are taken one at a time and never all in memory.

    Raises:
        ProvenanceError: it cannot be written.
    """
    with whole_file(path) as file:
        _write(file, members, made)


def _write(file: IO[bytes], members: Iterable[Member], made: datetime) -> None:
    date = (max(_FIRST_YEAR, made.year), made.month, made.day, made.hour, made.minute, made.second)
    with zipfile.ZipFile(file, "w") as archive:
        for member in members:
            entry = zipfile.ZipInfo(member.name, date)
            entry.create_system = 3  # Unix, wherever it is made: the bytes are the same
            entry.external_attr = 0o100644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED if _is_text(member.name) else zipfile.ZIP_STORED
            archive.writestr(entry, member.content, compresslevel=6)


def _is_text(name: str) -> bool:
    path = PurePosixPath(name)
    return path.parts[0] not in {"queries", "matches"} and path.suffix in TEXTS
