"""`--pictures`: pictures of what differs, in a folder a photo and a match."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.errors import ProvenanceError
from provenance.report.folder_names import folder_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from provenance.counterparts import Confronted


def write_pictures(folder: Path, pictures: Mapping[str, bytes]) -> None:
    """Write pictures into a folder, which is made.

    Raises:
        ProvenanceError: it cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in pictures.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        raise ProvenanceError(
            f"Pictures cannot be written to {folder}: {error.strerror}.", "Check its permissions and space."
        ) from error


class PictureFolder:
    """Where pictures of many photos go: `001-viral/001-aleppo-2016`, photos in the order of their results.

    Those of a single photo with a single match go into the folder itself, which shows only at the end.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._paths: list[str] = []
        self._first: Sequence[Confronted] = ()

    def write(self, path: str, confronted: Sequence[Confronted]) -> None:
        """Write the pictures of one photo, a folder a match, best first. Raises ProvenanceError."""
        self._paths.append(path)
        if len(self._paths) == 1:
            self._first = confronted
            return
        self._write_first()
        self._write(confronted)

    def close(self) -> None:
        """Write what was held back. Raises ProvenanceError."""
        if len(self._first) == 1:
            write_pictures(self._folder, self._first[0].pictures)
        else:
            self._write_first()

    def _write_first(self) -> None:
        self._write(self._first, self._paths[:1])
        self._first = ()

    def _write(self, confronted: Sequence[Confronted], paths: Sequence[str] | None = None) -> None:
        if not confronted:
            return
        photo = self._folder / folder_names(paths or self._paths)[-1]
        matches = folder_names([c.match.reference.path for c in confronted])
        for name, one in zip(matches, confronted, strict=True):
            write_pictures(photo / name, one.pictures)


class ErrorLevelFolder:
    """Where error level analyses go: into the folder itself, or `001-viral` where there are several photos."""

    def __init__(self, folder: Path, *, several: bool) -> None:
        self._folder = folder
        self._several = several
        self._paths: list[str] = []

    def write(self, path: str, picture: bytes) -> None:
        """Write the picture of one photo. Raises ProvenanceError."""
        self._paths.append(path)
        folder = self._folder / folder_names(self._paths)[-1] if self._several else self._folder
        write_pictures(folder, {"error_levels.png": picture})
