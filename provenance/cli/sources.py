"""From arguments to submissions."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.cli.options import parse_date
from provenance.ingest.folder import FileSource, FolderSource
from provenance.ingest.sightings import SightingList
from provenance.ingest.table import TABLE_SUFFIXES
from provenance.model import Submission

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from provenance.ingest.interface import Source
    from provenance.model import Skipped


def sources_to_add(arguments: Sequence[Path]) -> list[Source]:
    """Return the source that each argument of `add` names: a list of sightings, a folder, or a photo."""
    return [
        SightingList(path, parse_date)
        if path.suffix.lower() in TABLE_SUFFIXES and path.is_file()
        else _photos(path)
        for path in arguments
    ]


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


def count(sources: Iterable[Source]) -> int:
    """Return how many photos `collect` will yield. A table that is wrong is found out here, before any work."""
    return sum(1 for _ in collect(sources, []))
