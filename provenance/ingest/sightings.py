"""A list of earlier sightings: CSV or JSONL, next to the photos or apart from them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from provenance.errors import DateError
from provenance.ingest.folder import shown, sighting_at
from provenance.ingest.table import Row, find_beside, rows
from provenance.model import Skipped, Submission

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from provenance.model import DateRange

COLUMNS = ("path", "url", "outlet", "published", "place", "caption", "credit", "licence")


@dataclass(frozen=True, slots=True)
class SightingList:
    """A table with the columns `COLUMNS`; `path` is taken from the list's own folder, else from here.

    A row whose date does not parse or whose photo is missing is skipped with its line, and the rest goes on.
    """

    streamed: ClassVar[bool] = False

    table: Path
    parse_date: Callable[[str], DateRange]

    def collect(self) -> Iterator[Submission | Skipped]:
        """Yield a photo a row.

        Raises:
            TableError: the table itself is wrong.
        """
        for row in rows(self.table, COLUMNS, required=("path",)):
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
            published = self.parse_date(row.values["published"]) if "published" in row.values else None
        except DateError as error:
            return Skipped(where, f"{error.message}; {error.advice}")
        sighting = replace(
            sighting_at(shown(file), file),
            published=published,
            url=row.values.get("url"),
            outlet=row.values.get("outlet"),
            place=row.values.get("place"),
            caption=row.values.get("caption"),
            credit=row.values.get("credit"),
            licence=row.values.get("licence"),
        )
        return Submission(file=file, path=shown(file), sighting=sighting)
