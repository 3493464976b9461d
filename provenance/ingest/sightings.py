"""A list of earlier sightings: CSV, JSONL or XLSX, next to the photos or apart from them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar

from provenance.errors import DateError
from provenance.ingest.folder import shown, sighting_at
from provenance.ingest.table import Row, find_beside, rows
from provenance.model import Skipped, Submission

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from provenance.model import DateRange, Sighting

TEXTS = ("url", "outlet", "place", "caption", "credit", "licence", "page", "rating", "note")
DATES = ("published", "archived")
COLUMNS = (
    "path", "url", "outlet", "published", "place", "caption", "credit", "licence", "page", "archived", "rating", "note",
)  # fmt: skip


def said_of(
    sighting: Sighting, values: Mapping[str, str], parse_date: Callable[[str], DateRange]
) -> Sighting:
    """Return a sighting with what is said of it under our names of columns. Raises DateError."""
    said: dict[str, Any] = {name: parse_date(values[name]) for name in DATES if name in values}
    said |= {name: values[name] for name in TEXTS if name in values}
    return replace(sighting, **said)


@dataclass(frozen=True, slots=True)
class SightingList:
    """A table with the columns `COLUMNS`; `path` is taken from the list's own folder, else from here.

    A row whose date does not parse or whose photo is missing is skipped with its line, and the rest goes on.
    `names` and `ignore_others` are as in `table.Layout`.
    """

    streamed: ClassVar[bool] = False

    table: Path
    parse_date: Callable[[str], DateRange]
    names: Mapping[str, str] = field(default_factory=dict)
    ignore_others: bool = False

    def collect(self) -> Iterator[Submission | Skipped]:
        """Yield a photo a row.

        Raises:
            TableError: the table itself is wrong.
        """
        for row in rows(self.table, COLUMNS, ("path",), self.names, self.ignore_others):
            yield self._submission(row)

    def _submission(self, row: Row) -> Submission | Skipped:
        where = f"{shown(self.table)}:{row.line}"
        given = row.values.get("path")
        if given is None:
            return Skipped(where, "the row names no photo: its path is empty")
        file = find_beside(self.table, given)
        if file is None:
            return Skipped(where, f"no such file: {given}")
        try:
            sighting = said_of(sighting_at(shown(file), file), row.values, self.parse_date)
        except DateError as error:
            return Skipped(where, f"{error.message}; {error.advice}")
        return Submission(file=file, path=shown(file), sighting=sighting)
