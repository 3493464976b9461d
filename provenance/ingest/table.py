"""CSV and JSONL: rows of named text values, read strictly."""

from __future__ import annotations

import csv
import difflib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.errors import TableError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

TABLE_SUFFIXES = frozenset({".csv", ".tsv", ".jsonl", ".ndjson"})

MAX_LINE = 1 << 20
"""Characters in one row; a caption is a few thousand at most."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line number in the file, counted from 1, and its non-empty values."""

    line: int
    values: dict[str, str]


def rows(path: Path, columns: Collection[str], required: Collection[str]) -> Iterator[Row]:
    """Yield the rows of a table whose columns are all among `columns`.

    At least one of `required` must be a column. CSV may be separated by comma, semicolon or tab; JSONL
    holds one object a line.

    Raises:
        TableError: the file cannot be read, is not UTF-8, has an unknown column, or lacks a required one.
    """
    reader = _json_lines if path.suffix.lower() in {".jsonl", ".ndjson"} else _csv_rows
    try:
        yield from reader(path, columns, required)
    except OSError as error:
        raise TableError(f"{path} cannot be read: {error.strerror}.", "Check the path.") from error
    except UnicodeDecodeError as error:
        raise TableError(f"{path} is not UTF-8 text.", "Save it as UTF-8.") from error


def find_beside(table: Path, given: str) -> Path | None:
    """Return the file that a row names: from the table's folder, else from here; `None` if there is none."""
    try:
        for candidate in (table.parent / given, Path(given)):
            if candidate.is_file():
                return candidate
    except (OSError, ValueError):
        return None
    return None


def _csv_rows(path: Path, columns: Collection[str], required: Collection[str]) -> Iterator[Row]:
    csv.field_size_limit(MAX_LINE)
    with path.open(encoding="utf-8-sig", newline="") as file:
        header = file.readline(MAX_LINE)
        if not header.strip():
            raise TableError(f"{path} is empty.", f"Its first line must name columns: {', '.join(columns)}.")
        delimiter = max(",;\t", key=header.count)
        names = [name.strip().lower() for name in next(csv.reader([header], delimiter=delimiter))]
        _require_columns(path, names, columns, required)
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        try:
            for cells in reader:
                line = reader.line_num + 1
                if len(cells) > len(names):
                    raise TableError(
                        f"{path}, line {line}: {len(cells)} cells for {len(names)} columns.",
                        "Put cells that hold the separator in double quotes.",
                    )
                if any(cell.strip() for cell in cells):
                    yield Row(line, {n: c.strip() for n, c in zip(names, cells, strict=False) if c.strip()})
        except csv.Error as error:
            raise TableError(f"{path}, line {reader.line_num + 1}: {error}.", "Correct that row.") from error


def _json_lines(path: Path, columns: Collection[str], required: Collection[str]) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig") as file:
        for line, text in enumerate(iter(lambda: file.readline(MAX_LINE), ""), 1):
            if not text.strip():
                continue
            try:
                record = json.loads(text)
            except (ValueError, RecursionError) as error:
                raise TableError(
                    f"{path}, line {line}: not JSON: {error}.", "Write one object a line."
                ) from error
            if not isinstance(record, dict):
                raise TableError(f"{path}, line {line}: not a JSON object.", "Write one object a line.")
            _require_columns(path, list(record), columns, required)
            values = {name: str(value).strip() for name, value in record.items() if value is not None}
            yield Row(line, {name: value for name, value in values.items() if value})


def _require_columns(
    path: Path, names: list[str], columns: Collection[str], required: Collection[str]
) -> None:
    for name in names:
        if name not in columns:
            near = difflib.get_close_matches(name, columns, n=1)
            hint = f"Did you mean {near[0]!r}? " if near else ""
            raise TableError(
                f"{path}: there is no column {name!r}.", f"{hint}Columns are: {', '.join(columns)}."
            )
    if len(set(names)) < len(names):
        raise TableError(f"{path}: a column is named twice.", "Name each column once.")
    if not set(required) & set(names):
        raise TableError(
            f"{path}: there is no column {' or '.join(map(repr, required))}.",
            "Add it: it says which photo a row is about.",
        )
