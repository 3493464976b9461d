"""What `add` and `check` ask of a source of photos, and how `add` finds the one that a path is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from provenance.model import DateRange, KeyFrame, Mention, Skipped, Stated, Submission


class Source(Protocol):
    """Somewhere photos come from."""

    streamed: ClassVar[bool]
    """Whether counting its photos costs as much as reading them: a run then tells only how many are done."""

    def collect(self) -> Iterator[Submission | Mention | Skipped]:
        """Yield every photo in a stable order, photos that are only spoken of, and what was not taken, and why."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How sources are to be read."""

    parse_date: Callable[[str], DateRange]
    """Reads an EDTF date; raises DateError."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Our name of a column -> the table's own."""
    ignore_other_columns: bool = False
    """Whether columns that are not ours are left alone instead of stopping the run."""
    read_xmp: Callable[[bytes], Stated] | None = None
    """Reads an XMP packet; any bytes give a value. `None`: XMP files beside photos are left alone."""
    key_frames: Callable[[Path, str], Iterator[KeyFrame | Skipped]] | None = None
    """Decodes a video, given its file and its name in reports, into its key frames. `None`: videos are skipped."""


@dataclass(frozen=True, slots=True)
class SourceKind:
    """One kind of source: how it is told by its path, and how it is opened."""

    name: str
    what: str
    """What it is, to follow "a" or "an" in help texts."""
    recognises: Callable[[Path], bool]
    open: Callable[[Path, Reading], Source]
