"""XLSX workbooks, read by openpyxl (the extra `xlsx`) row by row; formulas are never evaluated.

A workbook is a ZIP of XML files. What its parts unpack to is bounded by what they claim, which the ZIP reader holds
them to; no part is unpacked whole but small ones, and the worksheet is read as a stream.
"""

from __future__ import annotations

import contextlib
import warnings
import zipfile
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from provenance.errors import TableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from provenance.ingest.table import Layout

MOST_UNPACKED = 2**30
"""Bytes of all parts: a full sheet of a million rows is some 500 MB."""
MOST_PART = 128 * 2**20
"""Bytes of a part that is held in memory: the texts that cells share, styles, names."""
MOST_COLUMNS = 500
"""Columns that are looked at. A crafted row may name its only cell the 16,384th."""
_ERRORS = frozenset({"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"})
_SHEETS = "xl/worksheets/"
_MOST_SHEETS = 100


def sheet_rows(path: Path, layout: Layout) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows below the one that names the columns, with their numbers, of the sheet that has the list.

    That is the one sheet whose first row with anything in it names a column that is required, else the first.
    A date in a cell becomes an EDTF date, other values text. Where a formula stands, its stored value counts.

    Raises:
        TableError: openpyxl is missing, the file is no workbook or too large, a column is wrong as of `Layout.ours`,
            two sheets have the list, or a cell of it holds an error.
    """
    try:
        import openpyxl  # noqa: PLC0415 - an extra, and slow to import
    except ImportError as error:
        raise TableError(
            f"{path}: openpyxl, which reads XLSX, is not installed.",
            "Install it with `pip install 'provenance[xlsx]'`, or save the list as CSV.",
        ) from error
    try:
        _require_bounded(path)
        with path.open("rb") as file:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # on styles and extensions that it does not know
                workbook = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
            with contextlib.closing(workbook):
                yield from _rows(path, workbook, layout)
    except (TableError, OSError):
        raise
    except Exception as error:  # it raises nearly anything on damaged files
        raise TableError(
            f"{path} is no XLSX workbook that can be read: {error}.", "Save it anew, or as CSV."
        ) from error


def _require_bounded(path: Path) -> None:
    with zipfile.ZipFile(path) as parts:
        found = parts.infolist()
    large = [part for part in found if part.file_size > MOST_PART and not part.filename.startswith(_SHEETS)]
    if large or sum(part.file_size for part in found) > MOST_UNPACKED:
        raise TableError(
            f"{path} unpacks to more than is read: {MOST_UNPACKED:,} bytes, {MOST_PART:,} a part.",
            "Save the list as CSV.",
        )


def _rows(path: Path, workbook: Any, layout: Layout) -> Iterator[tuple[int, dict[str, str]]]:
    sheet = _sheet(path, workbook, layout)
    numbered = _filled(sheet)
    first = next(numbered, None)
    if first is None:
        raise TableError(
            f"{path} is empty.", f"Its first row must name columns: {', '.join(layout.columns)}."
        )
    names = _names(first[1])
    named = [place for place, name in enumerate(names) if name]
    layout.require_mapped(path, [names[place] for place in named])
    ours = layout.ours(path, [names[place] for place in named])
    columns = {named[n]: column for n, column in ours.items()}
    for number, cells in numbered:
        if not layout.ignore_others and any(
            cell is not None and (place >= len(names) or not names[place]) for place, cell in enumerate(cells)
        ):
            raise TableError(
                f"{path}, row {number}: a cell stands in a column without a name.",
                "Name the column in the first row, or say --ignore-other-columns.",
            )
        values = {column: _text(cells[place]) for place, column in columns.items()}
        for column, text in values.items():
            if text in _ERRORS:
                raise TableError(
                    f"{path}, row {number}: the cell of {column!r} holds the error {text}.",
                    "Correct that cell.",
                )
        if said := {column: text for column, text in values.items() if text}:
            yield number, said


def _sheet(path: Path, workbook: Any, layout: Layout) -> Any:
    """Return the sheet that has the list."""
    sheets = workbook.worksheets[:_MOST_SHEETS]
    wanted = {layout.names.get(column, column).strip().lower() for column in layout.required}
    having = [sheet for sheet in sheets if wanted & set(_names(next(_filled(sheet), (0, ()))[1]))]
    if len(having) > 1:
        raise TableError(
            f"{path}: the sheets {having[0].title!r} and {having[1].title!r} both look like the list.",
            "Keep one, or save each as a file of its own.",
        )
    if not sheets:
        raise TableError(f"{path} has no worksheet.", "Save the list as a worksheet, or as CSV.")
    return having[0] if having else sheets[0]


def _names(cells: tuple[Any, ...]) -> list[str]:
    return [_text(cell).lower() for cell in cells]


def _filled(sheet: Any) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Yield the rows that hold anything, with their numbers."""
    sheet.reset_dimensions()  # programs write wrong ones; a crafted file would have rows left out by them
    rows = enumerate(sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS), 1)
    while True:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on dates that cannot be, which become errors of their cells
            numbered = next(rows, None)
        if numbered is None:
            return
        if any(cell is not None for cell in numbered[1]):
            yield numbered


def _text(value: object) -> str:
    if isinstance(value, datetime):
        whole_day = value.time() == time.min
        return value.date().isoformat() if whole_day else value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()
