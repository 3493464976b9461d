"""From arguments to submissions."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.cli.options import parse_date
from provenance.ingest.folder import FileSource, FolderSource
from provenance.ingest.interface import Reading
from provenance.ingest.registry import source_of
from provenance.model import Submission

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from provenance.ingest.interface import Source
    from provenance.model import KeyFrame, Skipped


def sources_to_add(arguments: Sequence[Path], workers: int, forced: str | None = None) -> list[Source]:
    """Return the source that each argument of `add` is. Raises UsageError where `forced` is no kind of source."""

    def key_frames(file: Path, name: str) -> Iterator[KeyFrame | Skipped]:
        from provenance.photo.videos import frames_of

        return frames_of(file, name, workers)

    reading = Reading(parse_date, key_frames)
    return [source_of(path, reading, forced) for path in arguments]


def sources_to_check(arguments: Sequence[Path]) -> list[Source]:
    """Return the source that each argument of `check` names: a folder, a photo, or `-` for paths on stdin."""
    return [
        FileSource(tuple(Path(line) for line in sys.stdin.read().splitlines() if line.strip()))
        if str(path) == "-"
        else _photos(path)
        for path in arguments
    ]


def _photos(path: Path) -> Source:
    return FolderSource(path) if path.is_dir() else FileSource((path,))


def collect(sources: Iterable[Source], skipped: list[Skipped]) -> Iterator[Submission]:
    """Yield every submission as it is asked for; what could not be taken goes into `skipped`."""
    for source in sources:
        for item in source.collect():
            if isinstance(item, Submission):
                yield item
            else:
                skipped.append(item)


def count(sources: Sequence[Source]) -> int | None:
    """Return how many photos `collect` will yield, None where counting would cost as much as reading them.

    A table that is wrong is found out here, before any work.
    """
    counted = sum(1 for _ in collect([source for source in sources if not source.streamed], []))
    return None if any(source.streamed for source in sources) else counted
