"""Output of Bellingcat's Auto Archiver: pictures of posts, with the links, the times and the digests it recorded."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import unquote

from provenance.errors import DateError
from provenance.ingest.auto_archiver_rows import Media, items
from provenance.ingest.decoders import PIECE, Unusable
from provenance.ingest.folder import PHOTO_SUFFIXES, shown
from provenance.ingest.magic import ENOUGH, is_picture
from provenance.ingest.warc import WEB_BEGAN
from provenance.model import Sighting, Skipped, Submission

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from provenance.ingest.auto_archiver_rows import Item
    from provenance.model import DateRange

MOST_FILES = 200_000
"""Files whose places are known at once: some 60 MB."""

MOST_REPORT = 4 * 2**20
"""Bytes of the page that the tool makes of an item."""

_DIGESTS = {"sha-256": hashlib.sha256, "sha3-512": hashlib.sha3_512}
_UNKNOWN = frozenset({"", "not-calculated"})


@dataclass(frozen=True, slots=True)
class AutoArchiverSource:
    """What one run archived: a table or JSON file, and the media anywhere below its folder.

    Media are found by their names, which the tool makes of their digests; nothing outside that folder is read.
    """

    streamed: ClassVar[bool] = True

    table: Path
    parse_date: Callable[[str], DateRange]

    def collect(self) -> Iterator[Submission | Skipped]:
        """Yield the pictures of each item in order; an item without any, or with wrong times, is skipped.

        Raises:
            TableError: the file is none that the Auto Archiver writes, or cannot be read.
        """
        folder = _Folder.of(self.table.parent)
        if len(folder.files) >= MOST_FILES:
            yield Skipped(shown(self.table.parent), f"only {MOST_FILES:,} files below it were looked at")
        for item in items(self.table):
            try:
                archived = self._date(item.archived, "archive date")
                published = self._date(item.published, "upload timestamp")
                media = (*item.media, *_linked(item.report, folder))
            except Unusable as error:
                yield Skipped(item.where, str(error))
                continue
            empty = True
            for one in media:
                try:
                    file = folder.picture(one)
                except Unusable as error:
                    empty = False
                    yield Skipped(item.where, str(error))
                    continue
                if file:
                    empty = False
                    yield _submission(file, item, one, archived, published)
            if empty:
                yield Skipped(item.where, f"no picture was archived (status: {item.status[:80]})")

    def _date(self, text: str | None, what: str) -> DateRange | None:
        if text is None:
            return None
        try:
            when = self.parse_date(text)
        except DateError as error:
            raise Unusable(f"its {what} cannot be read: {error.message}") from error
        if (when.earliest or date.min) < WEB_BEGAN:
            raise Unusable(f"its {what} is older than the web, so it is wrong: {text}")
        return when


@dataclass(frozen=True, slots=True)
class _Folder:
    """Where files lie, by their names."""

    files: dict[str, list[Path]]

    @classmethod
    def of(cls, folder: Path) -> _Folder:
        files: dict[str, list[Path]] = {}
        for parent, folders, names in os.walk(folder):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                if len(files) >= MOST_FILES:
                    return cls(files)
                if not name.startswith("."):
                    files.setdefault(name, []).append(Path(parent, name))
        return cls(files)

    def find(self, name: str) -> Path | None:
        """Return the file that a path or URL ends like: of several with its name, the one with most of its folders."""
        parts = _parts(name)
        found = self.files.get(parts[-1], []) if parts else []
        return max(found, key=lambda file: _common_end(file.parts, parts), default=None)

    def picture(self, media: Media) -> Path | None:
        """Return the file of a medium if it is a picture.

        Raises:
            Unusable: it is not there, though its name is that of a picture, or its digest is not as recorded.
        """
        file = next(filter(None, map(self.find, media.names)), None)
        if file is None:
            named = [parts[-1] for name in media.names if (parts := _parts(name))]
            if any(Path(name).suffix.lower() in PHOTO_SUFFIXES for name in named):
                raise Unusable(f"its picture is not below the folder of the list: {named[0]}")
            return None
        try:
            with file.open("rb") as content:
                if not is_picture(content.read(ENOUGH)):
                    return None
        except OSError as error:
            raise Unusable(f"{shown(file)} cannot be read: {error.strerror}") from error
        _verify(file, media.digest)
        return file


def _parts(name: str) -> list[str]:
    """Return the parts of a path or URL; a backslash stands between them where the tool ran on Windows."""
    path = unquote(name.split("?", maxsplit=1)[0]) if "://" in name else name
    return [part for part in path.replace("\\", "/").split("/") if part]


def _common_end(one: tuple[str, ...], other: list[str]) -> int:
    pairs = zip(reversed(one), reversed(other), strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _verify(file: Path, stated: str) -> None:
    """Raise Unusable if a file has not the digest stated, e.g. `SHA-256:...`."""
    name, _, value = stated.partition(":")
    if stated in _UNKNOWN:
        return
    if name.lower() not in _DIGESTS:
        raise Unusable(f"its digest is of no kind that is known: {name[:20]}")
    digest = _DIGESTS[name.lower()]()
    try:
        with file.open("rb") as content:
            while piece := content.read(PIECE):
                digest.update(piece)
    except OSError as error:
        raise Unusable(f"{shown(file)} cannot be read: {error.strerror}") from error
    if digest.hexdigest() != value.strip().lower():
        raise Unusable(f"{shown(file)} is not the file whose digest was recorded")


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, None] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"a", "img"}:
            self.found.update({value: None for name, value in attrs if name in {"href", "src"} and value})


def _linked(report: Media | None, folder: _Folder) -> list[Media]:
    """Return the media that a report links; where it is itself a picture, that one. Raises Unusable."""
    file = next(filter(None, map(folder.find, report.names)), None) if report else None
    if report is None or file is None or file.suffix.lower() not in {".html", ".htm"}:
        return [report] if report else []
    _verify(file, report.digest)
    links = _Links()
    try:
        with file.open(encoding="utf-8", errors="replace") as content:
            links.feed(content.read(MOST_REPORT))
    except OSError as error:
        raise Unusable(f"{shown(file)} cannot be read: {error.strerror}") from error
    found = {shown(at): Media((name,)) for name in links.found if (at := folder.find(name)) and at != file}
    return list(found.values())


def _submission(
    file: Path, item: Item, media: Media, archived: DateRange | None, published: DateRange | None
) -> Submission:
    path = shown(file)
    sighting = Sighting(
        path=path,
        location=shown(file.absolute()),
        url=media.url or item.url,
        page=item.url if media.url and media.url != item.url else None,
        published=published,
        archived=archived,
        caption=item.title,
        note=None if (media.note or "_").startswith("_") else media.note,
    )
    return Submission(file=file, path=path, sighting=sighting)
