"""CSV, JSONL and XLSX: rows of named text values, read strictly."""

from __future__ import annotations

import csv
import difflib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.errors import TableError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

MAX_LINE = 1 << 20
"""Characters in one row; a caption is a few thousand at most."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line number in the file, counted from 1, and its non-empty values."""

    line: int
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class Layout:
    """Which columns a table may have, and what it calls them."""

    columns: Collection[str]
    required: Collection[str] = ()
    """At least one of these must be there, where any is named."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Our name of a column -> the table's own, which then counts instead of one of our name."""
    ignore_others: bool = False

    def ours(self, path: Path, names: Sequence[str]) -> dict[int, str]:
        """Return our name of each column that is ours, by its place among `names`.

        Raises:
            TableError: a column is unknown or there twice, or none of those required is there.
        """
        theirs = {name.strip().lower(): ours for ours, name in self.names.items()}
        found: dict[int, str] = {}
        for place, name in enumerate(names):
            column = theirs.get(name.strip().lower())
            if column is None and name in self.columns and name not in self.names:
                column = name
            if column is None:
                if not self.ignore_others:
                    raise self._unknown(path, name)
            elif column in found.values():
                raise TableError(f"{path}: a column is named twice: {name!r}.", "Name each column once.")
            else:
                found[place] = column
        if self.required and not set(self.required) & set(found.values()):
            raise TableError(
                f"{path}: there is no column {' or '.join(map(repr, self.required))}.",
                "Add it, since it says which photo a row is about, or say what it is called here with --map "
                f"{next(iter(self.required))}=NAME. The table has: {_listed(names)}.",
            )
        return found

    def require_mapped(self, path: Path, names: Collection[str]) -> None:
        """Raise TableError where the table has no column of a name that `names` of the layout gives."""
        held = {name.strip().lower() for name in names}
        for ours, theirs in self.names.items():
            if theirs.strip().lower() not in held:
                near = difflib.get_close_matches(theirs, names, n=1)
                hint = f"Did you mean {near[0]!r}? " if near else ""
                raise TableError(
                    f"{path}: there is no column {theirs!r}, which is to be {ours!r}.",
                    f"{hint}The table has: {_listed(names)}.",
                )

    def _unknown(self, path: Path, name: str) -> TableError:
        near = difflib.get_close_matches(name, self.columns, n=1)
        hint = f"Did you mean {near[0]!r}? " if near else ""
        return TableError(
            f"{path}: there is no column {name!r}.",
            f"{hint}Columns are: {', '.join(self.columns)}. In lists given to `add`, another name for one of them is "
            "told with --map OURS=THEIRS, and --ignore-other-columns leaves the rest alone.",
        )


def _listed(names: Collection[str]) -> str:
    most = 60
    shown = ", ".join(name or "(no name)" for name in list(names)[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")


def rows(
    path: Path,
    columns: Collection[str],
    required: Collection[str],
    names: Mapping[str, str] | None = None,
    ignore_others: bool = False,
) -> Iterator[Row]:
    """Yield the rows of a table; arguments as of `Layout`.

    CSV may be separated by comma, semicolon or tab; JSONL holds one object a line; of XLSX see `ingest.workbook`.

    Raises:
        TableError: the file cannot be read, is not UTF-8, has an unknown column, or lacks a required one.
    """
    layout = Layout(columns, required, names or {}, ignore_others)
    try:
        yield from _READERS.get(path.suffix.lower(), _csv_rows)(path, layout)
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


def storable(text: str) -> str:
    """Return text that UTF-8 can hold: JSON may name halves of characters, which become escapes."""
    return text.encode("utf-8", "backslashreplace").decode()


def _csv_rows(path: Path, layout: Layout) -> Iterator[Row]:
    csv.field_size_limit(MAX_LINE)
    with path.open(encoding="utf-8-sig", newline="") as file:
        header = file.readline(MAX_LINE)
        if not header.strip():
            raise TableError(
                f"{path} is empty.", f"Its first line must name columns: {', '.join(layout.columns)}."
            )
        delimiter = max(",;\t", key=header.count)
        names = [name.strip().lower() for name in next(csv.reader([header], delimiter=delimiter))]
        layout.require_mapped(path, names)
        ours = layout.ours(path, names)
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
                    yield Row(
                        line, {ours[n]: c.strip() for n, c in enumerate(cells) if n in ours and c.strip()}
                    )
        except csv.Error as error:
            raise TableError(f"{path}, line {reader.line_num + 1}: {error}.", "Correct that row.") from error


def _json_lines(path: Path, layout: Layout) -> Iterator[Row]:
    seen: dict[str, None] = {}
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
            seen |= dict.fromkeys(record)
            yield Row(line, values_of(path, record, layout))
    # Only now: a record need not have every column.
    if seen:
        layout.require_mapped(path, seen)


def values_of(path: Path, record: Mapping[str, object], layout: Layout) -> dict[str, str]:
    """Return the values of a JSON object that are ours and not empty. Raises TableError as `Layout.ours`."""
    names = list(record)
    said = {column: record[names[place]] for place, column in layout.ours(path, names).items()}
    texts = {column: storable(str(value)).strip() for column, value in said.items() if value is not None}
    return {column: text for column, text in texts.items() if text}


def _xlsx_rows(path: Path, layout: Layout) -> Iterator[Row]:
    from provenance.ingest.workbook import sheet_rows  # noqa: PLC0415 - openpyxl is an extra, and slow to import

    for line, values in sheet_rows(path, layout):
        yield Row(line, values)


_READERS: dict[str, Callable[[Path, Layout], Iterator[Row]]] = {
    ".csv": _csv_rows,
    ".tsv": _csv_rows,
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
    ".xlsx": _xlsx_rows,
}
TABLE_SUFFIXES = frozenset(_READERS)
