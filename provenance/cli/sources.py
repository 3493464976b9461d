"""From arguments to submissions."""

from __future__ import annotations

import difflib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.cli.options import parse_date, read_sidecar
from provenance.errors import UsageError
from provenance.ingest.folder import FileSource, FolderSource
from provenance.ingest.interface import Reading
from provenance.ingest.registry import KINDS, kind_of
from provenance.ingest.sightings import COLUMNS
from provenance.model import Mention, Submission

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from provenance.ingest.interface import Source, SourceKind
    from provenance.model import KeyFrame, Skipped


KIND_NAMES = ", ".join(kind.name for kind in KINDS)
COLUMN_NAMES = ", ".join(COLUMNS)


@dataclass(frozen=True, slots=True)
class Named:
    """An argument of `add`, what it was taken for, and the source that it is."""

    path: Path
    kind: SourceKind
    source: Source


def sources_to_add(
    arguments: Sequence[Path],
    workers: int,
    forced: str | None = None,
    columns: Sequence[str] = (),
    *,
    ignore_other_columns: bool = False,
) -> list[Named]:
    """Return the source that each argument of `add` is.

    Args:
        arguments: paths.
        workers: child processes that decode videos.
        forced: the kind that all of them are, else each is told by its path.
        columns: `OURS=THEIRS`, how lists name our columns.
        ignore_other_columns: whether lists may have columns that are not ours.

    Raises:
        UsageError: there is no such kind, or no such column of ours.
    """

    def key_frames(file: Path, name: str) -> Iterator[KeyFrame | Skipped]:
        from provenance.photo.videos import frames_of

        return frames_of(file, name, workers)

    reading = Reading(
        parse_date,
        columns=_column_names(columns),
        ignore_other_columns=ignore_other_columns,
        read_xmp=read_sidecar,
        key_frames=key_frames,
    )
    found = [(path, kind_of(path, forced)) for path in arguments]
    return [Named(path, kind, kind.open(path, reading)) for path, kind in found]


def _column_names(given: Sequence[str]) -> dict[str, str]:
    names: dict[str, str] = {}
    for text in given:
        ours, equals, theirs = (part.strip() for part in text.partition("="))
        if not equals or not ours or not theirs:
            raise UsageError(
                f"--map {text!r} is not OURS=THEIRS.", "Write for example --map published=date_online."
            )
        if ours not in COLUMNS:
            near = difflib.get_close_matches(ours, COLUMNS, n=1)
            hint = f"Did you mean {near[0]!r}? " if near else ""
            if theirs in COLUMNS:
                hint = f"Ours comes first: --map {theirs}={ours}. "
            raise UsageError(
                f"--map {text!r}: there is no column {ours!r}.", f"{hint}Ours are: {COLUMN_NAMES}."
            )
        if names.setdefault(ours, theirs) != theirs or list(names.values()).count(theirs) > 1:
            raise UsageError(f"--map {text!r}: a column is mapped twice.", "Give each column one name.")
    return names


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


def collect(
    sources: Iterable[Source], skipped: list[Skipped], mentions: list[Mention] | None = None
) -> Iterator[Submission]:
    """Yield every submission as it is asked for; what could not be taken goes into `skipped`.

    Photos that are only spoken of go into `mentions`.
    """
    for source in sources:
        for item in source.collect():
            if isinstance(item, Submission):
                yield item
            elif not isinstance(item, Mention):
                skipped.append(item)
            elif mentions is not None:
                mentions.append(item)


def count(sources: Sequence[Source]) -> int | None:
    """Return how many photos `collect` will yield, None where counting would cost as much as reading them.

    A table that is wrong is found out here, before any work.
    """
    counted = sum(1 for _ in collect([source for source in sources if not source.streamed], []))
    return None if any(source.streamed for source in sources) else counted
