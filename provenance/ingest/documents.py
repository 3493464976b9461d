"""Pictures inside documents: office files (OOXML, OpenDocument, EPUB), and PDF (the extra `documents`).

Pictures are taken as files are: byte for byte, never decoded here. Documents say nothing of when their pictures were
published, so no date is taken from them. What PDF keeps as bare pixels is told as skipped.
"""

from __future__ import annotations

import logging
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, ClassVar

from provenance.errors import UsageError
from provenance.ingest.folder import PHOTO_SUFFIXES, shown
from provenance.model import Sighting, Skipped, Submission

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DOCUMENT_SUFFIXES = frozenset(
    {".pdf", ".docx", ".docm", ".pptx", ".pptm", ".ppsx", ".xlsm", ".odt", ".odp", ".ods", ".odg", ".epub"}
)
MOST_PICTURE = 64 * 2**20
"""Bytes of one picture, which is in memory while it waits to be examined."""
_MOST_PARTS = 10_000
_MOST_PAGES = 5_000
_MOST_DEPTH = 4
"""Of drawings within drawings on a PDF page."""
_WHOLE_FILES = frozenset({"/DCTDecode", "/DCT"})
"""PDF filters whose data is a JPEG file. JPEG 2000 is no format that is decoded here."""


@dataclass(frozen=True, slots=True)
class Documents:
    """The pictures of one document, by the order of its parts or pages."""

    streamed: ClassVar[bool] = True

    file: Path

    def collect(self) -> Iterator[Submission | Skipped]:
        """Yield every picture; a document that cannot be read, or has none, is skipped with that reason.

        Raises:
            UsageError: it is PDF, and pypdf is not installed.
        """
        empty = True
        for item in self._pdf() if self.file.suffix.lower() == ".pdf" else self._parts():
            empty = False
            yield item
        if empty:
            yield Skipped(shown(self.file), "the document holds no pictures")

    def _picture(self, part: str, content: bytes) -> Submission:
        path = f"{shown(self.file)}#{shown(part)}"
        return Submission(self.file, path, Sighting(path, shown(self.file.absolute())), content)

    def _parts(self) -> Iterator[Submission | Skipped]:
        try:
            with zipfile.ZipFile(self.file) as document:
                parts = [part for part in document.infolist() if _is_photo(part)]
                for part in parts[:_MOST_PARTS]:
                    yield self._part(document, part)
        except (OSError, ValueError, NotImplementedError, zipfile.BadZipFile) as error:
            yield Skipped(shown(self.file), f"the document cannot be read: {error}")
            return
        if len(parts) > _MOST_PARTS:
            yield Skipped(shown(self.file), f"it has {len(parts):,} pictures: {_MOST_PARTS:,} were taken")

    def _part(self, document: zipfile.ZipFile, part: zipfile.ZipInfo) -> Submission | Skipped:
        where = f"{shown(self.file)}#{shown(part.filename)}"
        if part.file_size > MOST_PICTURE:
            return Skipped(where, f"the picture is larger than {MOST_PICTURE:,} bytes")
        try:
            content = document.read(part)
        except (
            OSError,
            ValueError,
            RuntimeError,
            NotImplementedError,
            EOFError,
            zlib.error,
            zipfile.BadZipFile,
        ) as error:
            return Skipped(where, f"the part cannot be read: {error}")
        return self._picture(part.filename, content) if content else Skipped(where, "the picture is empty")

    def _pdf(self) -> Iterator[Submission | Skipped]:
        try:
            import pypdf  # noqa: PLC0415 - an extra, and slow to import
        except ImportError as error:
            raise UsageError(
                f"{shown(self.file)}: pypdf, which reads PDF, is not installed.",
                "Install it with `pip install 'provenance[documents]'`.",
            ) from error
        logging.getLogger("pypdf").disabled = True  # each oddity of a file is a warning
        try:
            reader = pypdf.PdfReader(self.file)
            seen: set[object] = set()
            for number in range(min(len(reader.pages), _MOST_PAGES)):
                yield from self._page(reader, number, seen)
            if len(reader.pages) > _MOST_PAGES:
                yield Skipped(
                    shown(self.file), f"it has {len(reader.pages):,} pages: {_MOST_PAGES:,} were read"
                )
        except Exception as error:  # it raises nearly anything on damaged files
            yield Skipped(shown(self.file), f"the rest of the document cannot be read: {error}")

    def _page(self, reader: Any, number: int, seen: set[object]) -> Iterator[Submission | Skipped]:
        where = f"{shown(self.file)}#page {number + 1}"
        bare = 0
        try:
            for name, picture in _drawn(reader.pages[number], 0, seen):
                if _WHOLE_FILES.intersection(_filters(picture)[-1:]):
                    content = picture.get_data()
                    if len(content) > MOST_PICTURE:
                        yield Skipped(f"{where} {name}", f"the picture is larger than {MOST_PICTURE:,} bytes")
                    else:
                        yield self._picture(f"page {number + 1} {name}", content)
                else:
                    bare += 1
        except Exception as error:  # as above
            yield Skipped(where, f"the rest of the page cannot be read: {error}")
        if bare:
            yield Skipped(
                where, f"{bare} pictures are kept in a form that is no file of a photo, and are not taken"
            )


def _is_photo(part: zipfile.ZipInfo) -> bool:
    return PurePosixPath(part.filename).suffix.lower() in PHOTO_SUFFIXES and not part.is_dir()


def _drawn(holder: Any, depth: int, seen: set[object]) -> Iterator[tuple[str, Any]]:
    """Yield the pictures that a page or a drawing on it uses, each once a document."""
    resources = holder.get("/Resources")
    objects = resources.get_object().get("/XObject") if resources is not None else None
    if objects is None or depth > _MOST_DEPTH:
        return
    objects = objects.get_object()
    for name in objects:
        reference = objects.raw_get(name)
        key = getattr(reference, "idnum", None)
        if key is not None and key in seen:
            continue
        seen.add(key)
        drawn = reference.get_object()
        if drawn.get("/Subtype") == "/Image":
            yield str(name).removeprefix("/"), drawn
        elif drawn.get("/Subtype") == "/Form":
            yield from _drawn(drawn, depth + 1, seen)


def _filters(picture: Any) -> list[str]:
    """Return the filters of a picture's data, the last one innermost."""
    given = picture.get("/Filter")
    given = given.get_object() if given is not None else []
    return [str(name) for name in given] if isinstance(given, list) else [str(given)]
