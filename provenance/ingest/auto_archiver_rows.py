"""What Bellingcat's Auto Archiver writes, as items: its sheet, its CSV file of results, its JSON files.

https://auto-archiver.readthedocs.io. The sheet (`gsheet_feeder_db`) has a row a link with the columns named here; the
CSV file (`csv_db`) has Python's own notation of what was archived in its cells; the JSON file (`json_enricher`) is
one item.
"""

from __future__ import annotations

import ast
import csv
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from provenance.errors import TableError
from provenance.ingest.folder import shown
from provenance.ingest.table import MAX_LINE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SHEET = frozenset({"archive status", "archive location"})
"""Columns by which a sheet is known; whoever renamed them names the kind of source."""

RESULTS = frozenset({"status", "metadata", "media"})
"""Columns of the CSV file, and keys of the JSON file."""

MOST_JSON = 16 * 2**20
"""Bytes of a JSON file."""

DEEPEST = 4
"""How deep media may lie within each other: thumbnails within a video, hence two."""

_IMAGE_FORMULA = re.compile(r'=IMAGE\("([^"]*)"')
_UTC = frozenset({"datetime.timezone.utc", "tzutc()", "datetime.UTC"})


@dataclass(frozen=True, slots=True)
class Media:
    """A file that was archived: the names it may have, the digest stated of it, and where it was fetched."""

    names: tuple[str, ...]
    digest: str = ""
    url: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A link that was archived. Times are EDTF dates, or what was written where it is no time."""

    where: str
    """The file and line, or the file, for messages."""
    status: str
    url: str | None
    title: str | None
    archived: str | None
    published: str | None
    media: tuple[Media, ...]
    report: Media | None = None
    """The page that the tool makes of an item, which links its media."""


def columns_of(path: Path) -> frozenset[str]:
    """Return the names in the first line of a CSV file, none if there is no such line."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return frozenset(_names(file.readline(MAX_LINE)))
    except (OSError, UnicodeDecodeError, csv.Error):
        return frozenset()


def is_output(path: Path) -> bool:
    """Whether a file is one that the Auto Archiver writes."""
    if path.suffix.lower() == ".json":
        item = _json(path)
        return item is not None and set(item) >= RESULTS
    columns = columns_of(path) if path.suffix.lower() == ".csv" else frozenset()
    return columns >= SHEET or columns >= RESULTS


def items(path: Path) -> Iterator[Item]:
    """Yield what was archived, in order.

    Raises:
        TableError: the file is none that the Auto Archiver writes, or cannot be read.
    """
    if not is_output(path):
        raise TableError(
            f"{path} is no sheet, CSV or JSON file of the Auto Archiver.",
            f"A sheet has the columns {', '.join(sorted(SHEET))}; a CSV or JSON file {', '.join(sorted(RESULTS))}.",
        )
    if path.suffix.lower() == ".json":
        yield _result(shown(path), _json(path) or {})
        return
    for line, row in _rows(path):
        where = f"{shown(path)}:{line}"
        if set(row) >= RESULTS:
            read = {"status": row["status"], **{name: _literal(row[name]) for name in ("metadata", "media")}}
            yield _result(where, read)
        else:
            yield _sheet_row(where, row)


def _names(header: str) -> list[str]:
    return [name.strip().lower() for name in next(csv.reader([header]), [])]


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    csv.field_size_limit(MAX_LINE)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            names = _names(file.readline(MAX_LINE))
            reader = csv.reader(iter(lambda: file.readline(MAX_LINE), ""))
            line = 2
            for cells in reader:
                padded = cells + [""] * (len(names) - len(cells))
                if any(cells):
                    yield line, dict(zip(names, padded, strict=False))
                line = reader.line_num + 2
    except OSError as error:
        raise TableError(f"{path} cannot be read: {error.strerror}.", "Check the path.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise TableError(f"{path} cannot be read as CSV: {error}.", "Export it again, as UTF-8.") from error


def _json(path: Path) -> dict[str, Any] | None:
    try:
        with path.open("rb") as file:
            read = json.loads(file.read(MOST_JSON))
    except (OSError, ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) else None


def _sheet_row(where: str, row: dict[str, str]) -> Item:
    """Both times of a sheet are written as if they were UTC, whatever they are: hence about that day."""
    value = {name: cell.strip() for name, cell in row.items() if cell.strip()}
    location = tuple(value.get("archive location", "").split())
    thumbnail = _IMAGE_FORMULA.match(value.get("thumbnail", ""))
    media = (
        Media(tuple(value.get("screenshot", "").split()), note="screenshot"),
        Media((thumbnail[1],) if thumbnail else (), note="thumbnail"),
    )
    return Item(
        where,
        status=value.get("archive status", "none"),
        url=value.get("link") or value.get("url"),
        title=value.get("upload title"),
        archived=_about(value.get("archive date")),
        published=_about(value.get("upload timestamp")),
        media=tuple(m for m in media if m.names),
        report=Media(location, value.get("hash", "")) if location else None,
    )


def _result(where: str, read: dict[str, Any]) -> Item:
    said = read.get("metadata")
    said = said if isinstance(said, dict) else {}
    title = said.get("title") or said.get("content")
    return Item(
        where,
        status=str(read.get("status")),
        url=_text(said.get("url")),
        title=_text(title),
        archived=_edtf(said.get("_processed_at")),
        published=_edtf(said.get("timestamp")),
        media=tuple(_media(read.get("media"), DEEPEST)),
    )


def _media(value: object, depth: int) -> Iterator[Media]:
    """Yield the media in a value, those within others after them."""
    if isinstance(value, list):
        for one in value:
            yield from _media(one, depth)
    elif isinstance(value, dict) and "filename" in value and depth:
        said = value.get("properties")
        said = said if isinstance(said, dict) else {}
        urls = value.get("urls")
        names = (
            *(urls if isinstance(urls, list) else []),
            value.get("_key"),
            value.get("key"),
            value["filename"],
        )
        yield Media(
            names=tuple(name for name in map(_text, names) if name),
            digest=_text(said.get("hash")) or "",
            url=_text(said.get("src")),
            note=_text(said.get("id")),
        )
        for inner in said.values():
            if isinstance(inner, (dict, list)):
                yield from _media(inner, depth - 1)


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _about(written: str | None) -> str | None:
    moment = _moment(written)
    return f"{moment.date().isoformat()}~" if moment else written


def _edtf(value: object) -> str | None:
    """Return a time as EDTF has it: exact where its zone is known, else about that day."""
    moment = _moment(value)
    if moment is None:
        return None if value is None else str(value)
    if moment.tzinfo is None:
        return f"{moment.date().isoformat()}~"
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _moment(value: object) -> datetime | None:
    try:
        if isinstance(value, str):
            return datetime.fromisoformat(value.strip())
        if isinstance(value, (int, float)):
            return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return value if isinstance(value, datetime) else None


def _literal(text: str) -> object:
    """Read Python's notation of plain values and times; nothing in it is ever run. None where it is something else."""
    try:
        return _value(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, ValueError, MemoryError, RecursionError, TypeError, OverflowError):
        return None


def _value(node: ast.expr) -> object:
    match node:
        case ast.Constant(value=value):
            return value
        case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
            return [_value(element) for element in elements]
        case ast.Dict(keys=keys, values=values):
            return {str(key and _value(key)): _value(value) for key, value in zip(keys, values, strict=True)}
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return -number
        case ast.Call(func=function, args=numbers, keywords=named) if (
            ast.unparse(function) == "datetime.datetime"
        ):
            whole = [number.value for number in numbers if isinstance(number, ast.Constant)]
            utc = any(word.arg == "tzinfo" and ast.unparse(word.value) in _UTC for word in named)
            return datetime(*whole, tzinfo=UTC if utc else None)  # type: ignore[arg-type, misc] # a wrong one is a TypeError
        case _:
            return None
