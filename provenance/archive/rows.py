"""Sightings and images as rows, both ways."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from provenance.model import DateRange, Reference, Sighting

if TYPE_CHECKING:
    import sqlite3

    from provenance.model import Stated

REFERENCE_SQL = """
    SELECT image.id, image.sha256, image.width, image.height,
        (SELECT path FROM sighting WHERE image_id = image.id ORDER BY sighting.id LIMIT 1),
        EXISTS (SELECT 1 FROM preview WHERE image_id = image.id)
    FROM image"""

SIGHTING_COLUMNS = (
    "path, location, url, outlet, published, published_from, published_to, "
    "captured, captured_from, captured_to, place, caption, credit, licence, recorded, "
    "archived, archived_from, archived_to, page, rating, desk, moment, note, held"
)

_SIGHTING_NAMES = SIGHTING_COLUMNS.split(", ")
_SIGHTING_TEXTS = (
    "path", "location", "url", "outlet", "place", "caption", "credit", "licence", "page", "rating", "desk",
    "moment", "note",
)  # fmt: skip


def identity_of(sha256: str, sighting: Sighting) -> str:
    """Return the key under which the same sighting of the same bytes is one row.

    Everything that was said counts, but neither the spelling of the path nor when we, or another desk, heard it.
    """
    said: tuple[str | DateRange | None, ...] = (
        sha256,
        sighting.location,
        sighting.url,
        sighting.outlet,
        sighting.published and sighting.published.text,
        sighting.captured and sighting.captured.text,
        sighting.place,
        sighting.caption,
        sighting.credit,
        sighting.licence,
    )
    more = (
        sighting.archived and sighting.archived.text,
        sighting.page,
        sighting.rating,
        sighting.desk,
        sighting.moment,
        sighting.note,
    )
    if any(more):
        # Only then: sightings recorded before there was such a thing must stay the same when they are added again.
        said += more
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()


def sighting_row(image_id: int, sha256: str, sighting: Sighting, now: datetime) -> dict[str, Any]:
    """Return the row of one sighting, recorded `now` (UTC)."""
    return {
        "image_id": image_id,
        "identity": identity_of(sha256, sighting),
        "path": sighting.path,
        "location": sighting.location,
        "url": sighting.url,
        "outlet": sighting.outlet,
        **_range_columns("published", sighting.published),
        **_range_columns("captured", sighting.captured),
        "place": sighting.place,
        "caption": sighting.caption,
        "credit": sighting.credit,
        "licence": sighting.licence,
        "recorded": recorded_text(now),
        **_range_columns("archived", sighting.archived),
        "page": sighting.page,
        "rating": sighting.rating,
        "desk": sighting.desk,
        "moment": sighting.moment,
        "note": sighting.note,
        "held": sighting.held and sighting.held.isoformat(),
    }


def recorded_text(when: datetime) -> str:
    """Return a time as rows have it: in UTC, so that earlier ones sort first."""
    return when.astimezone(UTC).isoformat(timespec="seconds")


def statement_row(image_id: int, stated: Stated) -> dict[str, Any]:
    """Return the row of what an image's file states of itself."""
    return {
        "image_id": image_id,
        **_range_columns("captured", stated.captured),
        "caption": stated.caption,
        "credit": stated.credit,
        "licence": stated.licence,
        "place": stated.place,
    }


def _range_columns(name: str, when: DateRange | None) -> dict[str, str | None]:
    return {
        name: when.text if when else None,
        f"{name}_from": when.earliest.isoformat() if when and when.earliest else None,
        f"{name}_to": when.latest.isoformat() if when and when.latest else None,
    }


def range_of(text: str | None, earliest: str | None, latest: str | None) -> DateRange | None:
    """Return the date of a row's three columns, if it has one."""
    if text is None:
        return None
    return DateRange(
        text,
        date.fromisoformat(earliest) if earliest else None,
        date.fromisoformat(latest) if latest else None,
    )


def sighting_of(row: sqlite3.Row | tuple[Any, ...]) -> Sighting:
    """Return the sighting of a row selected as `SIGHTING_COLUMNS`."""
    told = dict(zip(_SIGHTING_NAMES, row, strict=True))

    def when(name: str) -> DateRange | None:
        return range_of(told[name], told[f"{name}_from"], told[f"{name}_to"])

    return Sighting(
        **{name: told[name] for name in _SIGHTING_TEXTS},
        published=when("published"),
        captured=when("captured"),
        archived=when("archived"),
        recorded=datetime.fromisoformat(told["recorded"]),
        held=date.fromisoformat(told["held"]) if told["held"] else None,
    )


def reference_of(row: tuple[Any, ...]) -> Reference:
    """Return the reference of a row selected by `REFERENCE_SQL`."""
    image_id, sha256, width, height, path, pictured = row
    return Reference(image_id, path or "", sha256, width, height, bool(pictured))
