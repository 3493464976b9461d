"""What posts say of their photos: a table keyed by path or digest."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from provenance.errors import DateError, TableError
from provenance.ingest.folder import shown
from provenance.ingest.table import find_beside, rows
from provenance.model import Claim, Skipped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from provenance.model import DateRange

Key = TypeVar("Key")

COLUMNS = ("path", "sha256", "date", "place", "caption", "url")


@dataclass(frozen=True, slots=True)
class Claims:
    """Claims by photo. `default` holds for photos that the table does not name."""

    by_path: Mapping[Path, Claim] = field(default_factory=dict)
    by_digest: Mapping[str, Claim] = field(default_factory=dict)
    default: Claim | None = None
    skipped: tuple[Skipped, ...] = ()
    """Rows about photos that are not where they should be: their claims can meet nothing."""

    def of(self, file: Path, sha256: str) -> Claim | None:
        """Return what is claimed of a photo; a digest says more than a path."""
        return self.by_digest.get(sha256) or self.by_path.get(file.resolve()) or self.default


def read_claims(table: Path, parse_date: Callable[[str], DateRange], default: Claim | None = None) -> Claims:
    """Read a claims file; paths are taken from the file's own folder, else from here.

    Raises:
        TableError: a wrong column, a row without a photo, a photo named twice, or a date that is not EDTF:
            a claim that cannot be read must stop the run, since the check would pass without it.
    """
    by_path: dict[Path, Claim] = {}
    by_digest: dict[str, Claim] = {}
    skipped: list[Skipped] = []
    for row in rows(table, COLUMNS, required=("path", "sha256")):
        claim = Claim(
            date=_date(table, row.line, row.values.get("date"), parse_date),
            place=row.values.get("place"),
            caption=row.values.get("caption"),
            url=row.values.get("url"),
        )
        digest, given = row.values.get("sha256", "").lower(), row.values.get("path")
        if not digest and given is None:
            raise TableError(f"{table}, line {row.line}: the row names no photo.", "Give a path or a sha256.")
        if digest:
            _put(by_digest, digest, claim, table, row.line)
        file = None if given is None else find_beside(table, given)
        if file is not None:
            _put(by_path, file.resolve(), claim, table, row.line)
        elif not digest:
            skipped.append(Skipped(f"{shown(table)}:{row.line}", f"no such file: {given}"))
    return Claims(by_path, by_digest, default, tuple(skipped))


def _put(claims: dict[Key, Claim], key: Key, claim: Claim, table: Path, line: int) -> None:
    if claims.setdefault(key, claim) != claim:
        raise TableError(
            f"{table}, line {line}: a second, different claim about {key}.", "Keep one row a photo."
        )


def _date(
    table: Path, line: int, text: str | None, parse_date: Callable[[str], DateRange]
) -> DateRange | None:
    if text is None:
        return None
    try:
        return parse_date(text)
    except DateError as error:
        raise TableError(f"{table}, line {line}: {error.message}", error.advice) from error
