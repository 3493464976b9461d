"""Lists of PDQ hashes without pictures, as partners hand them on: CSV or JSON lines.

Read are the forms of ThreatExchange (`threatexchange dataset -P --csv`, and descriptors as flat rows), of
hasher-matcher-actioner's samples (no header: hash, id, time, tags), of `pdq-photo-hasher` (no header: hash, quality,
file name), and our own: `pdq` or `hash`, and what a list of sightings has. A row becomes an image that only its hash
finds. XML, as NCMEC's service sends it, is not read.
"""

from __future__ import annotations

import csv
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from provenance.errors import DateError, ProvenanceError, TableError
from provenance.ingest.folder import shown
from provenance.ingest.table import MAX_LINE, Row, rows
from provenance.model import PRIMARY, Fingerprint, ImageRecord, Sighting, Skipped, Submission

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from provenance.model import DateRange

VERSION: Final = 1
"""Of PDQ: there is one."""

CODES: Final = (
    "pdq",
    "pdq_hash",
    "hash",
    "signal_str",
    "signal_value",
    "raw_indicator",
    "indicator",
    "hash_value",
)
"""Columns that may hold the code."""

TYPES: Final = ("signal_type", "type", "hash_type", "indicator_type", "algorithm")
PDQ_NAMES: Final = frozenset({"pdq", "hash_pdq", "pdq_ocr"})

DESKS: Final = ("desk", "collab", "source")
NOTES: Final = (
    "note",
    "notes",
    "description",
    "category",
    "status",
    "severity",
    "confidence",
    "tags",
    "id",
    "added_on",
)
"""Columns that become the note; `tags` and the like with their names before them."""

SAID: Final = ("url", "outlet", "place", "caption", "credit", "licence", "page", "rating")
QUALITIES: Final = ("quality", "pdq_quality")
FILES: Final = ("filename", "file_name", "name")
COLUMNS: Final = (*CODES, *TYPES, *DESKS, *NOTES, *SAID, *QUALITIES, *FILES, "published")

NEGATIVE: Final = frozenset({"negative_class", "false_positive", "non_malicious"})
"""What a list says of hashes that it holds only so that they are not taken for others."""

BARE: Final = {True: ("hash", "quality", "filename"), False: ("hash", "id", "added_on", "tags")}
"""The columns of lists without a header, by whether the second is a quality."""

SUFFIXES: Final = frozenset({".csv", ".tsv", ".jsonl", ".ndjson"})
JSON_SUFFIXES: Final = frozenset({".jsonl", ".ndjson"})

_CODE = re.compile(r"[0-9a-fA-F]{64}")


def is_hash_list(path: Path) -> bool:
    """Return whether a table has a column of codes, none of paths, and no other that such lists do not have."""
    if path.suffix.lower() not in SUFFIXES or not path.is_file():
        return False
    names = _first_names(path)
    return _is_bare(names) or (bool(set(names) & set(CODES)) and set(names) <= set(COLUMNS))


@dataclass(frozen=True, slots=True)
class HashList:
    """One list. A row that is no PDQ hash, or that is told as no match, is skipped with its line."""

    streamed: ClassVar[bool] = False

    table: Path
    parse_date: Callable[[str], DateRange]

    def collect(self) -> Iterator[Submission | Skipped]:
        """Yield an image without a picture a row.

        Raises:
            TableError: the table itself is wrong.
        """
        first = _first_names(self.table)
        read = _bare_rows(self.table, first) if _is_bare(first) else rows(self.table, COLUMNS, required=CODES)
        for row in read:
            yield self._submission(row)

    def _submission(self, row: Row) -> Submission | Skipped:
        where = f"{shown(self.table)}:{row.line}"
        try:
            fingerprint = _fingerprint(row.values)
            published = self.parse_date(row.values["published"]) if "published" in row.values else None
        except DateError as error:
            return Skipped(where, f"{error.message}; {error.advice}")
        except _NotTakenError as error:
            return Skipped(where, error.message)
        code = fingerprint.code.hex()
        path = f"{shown(self.table)}#{PRIMARY}={code}"
        said: dict[str, Any] = {name: row.values.get(name) for name in SAID}
        sighting = Sighting(
            path=path,
            location=f"{shown(self.table.absolute())}#{PRIMARY}={code}",
            published=published,
            desk=self._desk(row.values),
            note=_note(row.values),
            **said,
        )
        record = ImageRecord(f"{PRIMARY}:{code}", "", 0, 0, 0, 1, (fingerprint,))
        return Submission(file=self.table, path=path, sighting=sighting, record=record)

    def _desk(self, values: dict[str, str]) -> str | None:
        """Return whose word a row says it is: never the bare name, by which a desk is called that signs its word."""
        desk = _first(values, DESKS)
        return desk and f"{desk} (in {shown(self.table.name)})"


class _NotTakenError(ProvenanceError):
    """Why a row is not taken."""


def _first_names(path: Path) -> list[str]:
    """Return the columns that the first line names, in lower case, or its values; nothing where it cannot be read."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            line = file.readline(MAX_LINE)
        if path.suffix.lower() in JSON_SUFFIXES:
            value = json.loads(line)
            return list(value) if isinstance(value, dict) else []
        return [name.strip().lower() for name in next(csv.reader([line], delimiter=_delimiter(line)), [])]
    except (OSError, ValueError, RecursionError, csv.Error):
        return []


def _delimiter(line: str) -> str:
    return max(",;\t", key=line.count)


def _is_bare(first: list[str]) -> bool:
    return bool(first) and _CODE.fullmatch(first[0]) is not None


def _bare_rows(path: Path, first: list[str]) -> Iterator[Row]:
    """Yield the rows of a list without a header; `first` are the values of its first line."""
    quality = len(first) > 1 and _is_quality(first[1])
    csv.field_size_limit(MAX_LINE)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            delimiter = _delimiter(file.readline(MAX_LINE))
            file.seek(0)
            reader = csv.reader(file, delimiter=delimiter)
            for cells in reader:
                values = {n: c.strip() for n, c in zip(BARE[quality], cells, strict=False) if c.strip()}
                if values:
                    yield Row(reader.line_num, values)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TableError(f"{path} cannot be read as a list: {error}.", "Save it as CSV, in UTF-8.") from error


def _is_quality(text: str) -> bool:
    return re.fullmatch("[0-9]{1,3}", text) is not None and int(text) <= 100  # noqa: PLR2004 - percent


def _fingerprint(values: dict[str, str]) -> Fingerprint:
    kind = _first(values, TYPES)
    if kind is not None and kind.lower() not in PDQ_NAMES:
        raise _NotTakenError(f"its hash is of the kind {kind!r}; PDQ is read only")
    for name in ("category", "status"):
        if values.get(name, "").lower() in NEGATIVE:
            raise _NotTakenError(f"the list says that it is no match: {name} {values[name]}")
    text = _first(values, CODES) or ""
    if not _CODE.fullmatch(text):
        raise _NotTakenError(f"{text[:80]!r} is no PDQ hash, which has 64 hexadecimal digits")
    quality = _first(values, QUALITIES)
    if quality is not None and not _is_quality(quality):
        raise _NotTakenError(f"its quality is {quality[:20]!r}, not a number from 0 to 100")
    found = Fingerprint(PRIMARY, VERSION, bytes.fromhex(text), None if quality is None else int(quality))
    if not found.telling:
        why = "its quality is below 50" if quality else "too many or too few of its bits are set"
        raise _NotTakenError(
            f"{why}: it is of a picture without texture, or no PDQ hash, and would be found everywhere"
        )
    return Fingerprint(found.algorithm, found.version, found.code, found.quality, searchable=True)


def _first(values: dict[str, str], names: tuple[str, ...]) -> str | None:
    return next((values[name] for name in names if name in values), None)


def _note(values: dict[str, str]) -> str | None:
    """Return what a row says besides, in the order of `NOTES`."""
    plain = {"note", "notes", "description"}
    said = [values[name] if name in plain else f"{name} {values[name]}" for name in NOTES if name in values]
    file = _first(values, FILES)
    return "; ".join([*said, *([f"file {file}"] if file else [])]) or None
