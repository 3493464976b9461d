"""Pictures of checked photos, kept on disk until reports are written: a run of a thousand photos must not hold them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from provenance.errors import ProvenanceError
from provenance.model import Illustrations, MatchPictures

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from provenance.archive.sqlite import SqliteArchive
    from provenance.pipeline import Pictured

SHOWN = 12
"""Matches, best first, of which pictures are kept."""


STRIP = 240
"""Pixels: 8 lines of a terminal on a sharp screen."""


@dataclass(slots=True)
class Gallery:
    """A folder with pictures of the photos of one run, by their paths; of some it may have none."""

    folder: Path
    queries: dict[str, Path] = field(default_factory=dict)
    """The photos' own files."""

    def keep(self, store: SqliteArchive, pictured: Pictured) -> None:
        """Keep the pictures of the next photo.

        Raises:
            ProvenanceError: there is no space for them.
        """
        folder = self._of(pictured.result.path)
        self.queries[pictured.result.path] = pictured.submission.file
        ids = [match.reference.id for match in pictured.result.matches[:SHOWN]]
        try:
            folder.mkdir(exist_ok=True)
            _write(folder, {"preview": pictured.preview, "thumbnail": pictured.thumbnail})
            for image_id, preview in store.previews(ids).items():
                _write(folder / str(image_id), {"reference": preview})
            for one in pictured.confronted:
                shown = one.shown or MatchPictures()
                there = folder / str(one.match.reference.id)
                _write(there, {"query": shown.query, "aligned": shown.aligned, "heat": shown.heat})
                _write(there / "files", one.pictures)
        except OSError as error:
            raise ProvenanceError(
                f"Pictures for the reports cannot be kept in {self.folder}: {error.strerror}.",
                "Free some space there, or name another place with the variable TMPDIR.",
            ) from error

    def _of(self, path: str) -> Path:
        return self.folder / hashlib.sha256(path.encode("utf-8", "surrogatepass")).hexdigest()

    def thumbnail(self, path: str) -> bytes:
        """Return the smallest picture of a photo, a JPEG; b"" where there is none."""
        return _read(self._of(path) / "thumbnail")

    def strip(self, path: str) -> bytes:
        """Return a PNG of a photo, and its best match as it lies on it, for a terminal; b"" where there is nothing.

        Only what our own children encoded is decoded for it: an archive's previews may be hostile.
        """
        from provenance.photo.preview import side_by_side

        folder = self._of(path)
        aligned = sorted(folder.glob("*/aligned"), key=lambda file: file.stat().st_mtime_ns)[:1]
        pictures = [content for file in (folder / "preview", *aligned) if (content := _read(file))]
        return side_by_side(pictures, STRIP) if pictures else b""

    def illustrations(self, path: str) -> Illustrations:
        """Return what a page shows of a photo."""
        folder = self._of(path)
        return Illustrations(
            _read(folder / "preview"),
            {
                int(there.name): MatchPictures(
                    *(_read(there / name) for name in ("reference", "query", "aligned", "heat"))
                )
                for there in folder.glob("*/")
            },
        )

    def files(self, path: str) -> Mapping[int, Mapping[str, bytes]]:
        """Return the pictures of what differs, in full size: by the reference's id, then by file name."""
        return {
            int(there.parent.name): {file.name: file.read_bytes() for file in sorted(there.iterdir())}
            for there in sorted(self._of(path).glob("*/files"))
        }


def _write(folder: Path, pictures: Mapping[str, bytes]) -> None:
    for name, content in pictures.items():
        if content:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)


def _read(file: Path) -> bytes:
    return file.read_bytes() if file.exists() else b""
