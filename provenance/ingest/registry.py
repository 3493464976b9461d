"""Every kind of source that `add` takes, in the order in which a path is held against them."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from provenance.errors import UsageError
from provenance.ingest.auto_archiver import AutoArchiverSource
from provenance.ingest.auto_archiver_rows import is_output
from provenance.ingest.documents import DOCUMENT_SUFFIXES, Documents
from provenance.ingest.fact_checks import FactChecks, is_feed
from provenance.ingest.folder import FileSource, FolderSource
from provenance.ingest.hash_list import HashList, is_hash_list
from provenance.ingest.interface import SourceKind
from provenance.ingest.sidecars import Sidecars
from provenance.ingest.sightings import SightingList
from provenance.ingest.table import TABLE_SUFFIXES
from provenance.ingest.video import VIDEO_SUFFIXES, VideoSource
from provenance.ingest.wacz import WaczSource
from provenance.ingest.warc import WARC_SUFFIXES, WarcSource

if TYPE_CHECKING:
    from pathlib import Path


KINDS = (
    SourceKind("fact-checks", "feed of fact-checks (ClaimReview, MediaReview)", is_feed, FactChecks),
    SourceKind(
        "document",
        "document with pictures (PDF, office files, EPUB)",
        lambda path: path.suffix.lower() in DOCUMENT_SUFFIXES and path.is_file(),
        lambda path, _: Documents(path),
    ),
    SourceKind(
        "warc",
        "web archive (WARC: .warc, .warc.gz, .warc.zst)",
        lambda path: path.name.lower().endswith(WARC_SUFFIXES) and path.is_file(),
        lambda path, reading: WarcSource(path, reading.parse_date),
    ),
    SourceKind(
        "wacz",
        "web archive in a package (WACZ)",
        lambda path: path.suffix.lower() == ".wacz" and path.is_file(),
        lambda path, reading: WaczSource(path, reading.parse_date),
    ),
    SourceKind(
        "auto-archiver",
        "sheet, CSV or JSON file of Bellingcat's Auto Archiver, its media below the same folder",
        lambda path: path.is_file() and is_output(path),
        lambda path, reading: AutoArchiverSource(path, reading.parse_date),
    ),
    SourceKind(
        "hash-list",
        "list of PDQ hashes without pictures (CSV, JSONL)",
        is_hash_list,
        lambda path, reading: HashList(path, reading.parse_date),
    ),
    SourceKind(
        "list",
        "list of sightings (CSV, TSV, JSONL, XLSX)",
        lambda path: path.suffix.lower() in TABLE_SUFFIXES and path.is_file(),
        lambda path, reading: SightingList(
            path, reading.parse_date, reading.columns, reading.ignore_other_columns
        ),
    ),
    SourceKind(
        "video",
        "video",
        lambda path: path.suffix.lower() in VIDEO_SUFFIXES and not path.is_dir(),
        lambda path, reading: VideoSource(path, reading.key_frames),
    ),
    SourceKind(
        "folder",
        "folder of photos",
        lambda path: path.is_dir(),
        lambda path, reading: FolderSource(path, Sidecars(reading).told),
    ),
    SourceKind(
        "photo",
        "photo",
        lambda _: True,
        lambda path, reading: FileSource((path,), Sidecars(reading).told),
    ),
)


def kind_of(path: Path, forced: str | None = None) -> SourceKind:
    """Return the kind of source that a path is: the first that recognises it, or the one named.

    Raises:
        UsageError: there is no such kind.
    """
    kinds = {kind.name: kind for kind in KINDS}
    if forced is None:
        return next(kind for kind in KINDS if kind.recognises(path))
    if forced not in kinds:
        near = difflib.get_close_matches(forced, kinds, n=1)
        hint = f"Did you mean {near[0]!r}? " if near else ""
        raise UsageError(f"There is no kind of source {forced!r}.", f"{hint}Kinds are: {', '.join(kinds)}.")
    return kinds[forced]
