"""Photos named one by one, and folders of them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from provenance.model import Sighting, Skipped, Submission

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Beside = Callable[[Submission], Iterator[Submission | Skipped]]
    """Gives a photo with what files beside it say of it, after what of them could not be read."""

PHOTO_SUFFIXES = frozenset(
    f".{name}"
    for name in (
        *("jpg", "jpeg", "jpe", "jfif", "png", "apng", "webp", "avif"),
        *("heic", "heif", "hif", "gif", "tif", "tiff", "bmp", "dib"),
    )
)
"""File names taken from a folder. A photo named on its own is read whatever its name is."""


def shown(path: str | Path) -> str:
    """Return a path as text that can be stored and printed; bytes that are no UTF-8 become escapes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def sighting_at(path: str, file: Path) -> Sighting:
    """Return the bare sighting of a file: only where it lies."""
    return Sighting(path=path, location=shown(file.absolute()))


@dataclass(frozen=True, slots=True)
class FileSource:
    """One photo, or a list of them."""

    streamed: ClassVar[bool] = False

    files: tuple[Path, ...]
    beside: Beside | None = None

    def collect(self) -> Iterator[Submission | Skipped]:
        """Yield the photos in the order given."""
        for file in self.files:
            if not file.exists():
                yield Skipped(shown(file), "no such file")
            elif not file.is_file():
                yield Skipped(shown(file), "not a file")
            else:
                photo = Submission(file=file, path=shown(file), sighting=sighting_at(shown(file), file))
                yield from self.beside(photo) if self.beside else (photo,)


@dataclass(frozen=True, slots=True)
class FolderSource:
    """Every photo below a folder, by name order; links to files are followed, links to folders are not.

    Hidden files and folders, and files whose names are not those of photos, are left alone.
    """

    streamed: ClassVar[bool] = False

    folder: Path
    beside: Beside | None = None

    def collect(self) -> Iterator[Submission | Skipped]:
        """Yield the photos; a folder that cannot be read or holds none is skipped with that reason."""
        empty = True
        for item in self._walk(self.folder):
            empty = False
            yield item
        if empty:
            yield Skipped(shown(self.folder), "the folder holds no photos")

    def _walk(self, folder: Path) -> Iterator[Submission | Skipped]:
        try:
            names = sorted(entry.name for entry in os.scandir(folder) if not entry.name.startswith("."))
        except OSError as error:
            yield Skipped(shown(folder), f"the folder cannot be read: {error.strerror}")
            return
        for name in names:
            path = folder / name
            if path.is_dir():
                if not path.is_symlink():
                    yield from self._walk(path)
            elif path.suffix.lower() in PHOTO_SUFFIXES:
                yield from FileSource((path,), self.beside).collect()
