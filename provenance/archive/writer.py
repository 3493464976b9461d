"""Writing to an archive, through sqlite-utils."""

from __future__ import annotations

from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sqlite_utils import Database

from provenance.archive import custody
from provenance.archive.interface import Added, Entry
from provenance.archive.part_rows import insert_parts, new_parts
from provenance.archive.parts import Parts, held_parts
from provenance.archive.remembered import forget_removals, keep_files, removal
from provenance.archive.rows import recorded_text, sighting_row
from provenance.archive.transactions import count, transaction
from provenance.model import Skipped

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from provenance.model import ImageRecord, Sighting

IN_LIST = 500
"""Values in one SQL `IN (...)`: well under the 999 that old SQLite builds allow."""


def add_batch(
    connection: sqlite3.Connection,
    entries: Sequence[Entry],
    who: str = "",
    *,
    restore: bool = False,
    what: str = "added",
    source: Mapping[str, str] = MappingProxyType({}),
) -> Added:
    """Store a batch, and that `who` added it, in one transaction; see `Archive.add`.

    `what` is the custody log's word for it, and `source` what the log says besides, of where the batch comes from.
    """
    db = Database(connection)
    now = datetime.now(UTC)
    with transaction(connection):
        ids = dict(_known(connection, "image", "sha256", "id", (e.image.sha256 for e in entries)))
        entries, refused = _admitted(connection, entries, ids, restore=restore)
        held = _held(connection, list(ids.values()))
        fresh = {e.image.sha256: e.image for e in entries if e.image.sha256 not in ids}
        for image in fresh.values():
            ids[image.sha256] = _insert_image(db, image)
        given = insert_parts(db, ((ids[e.image.sha256], e.image) for e in entries), held)
        sightings, earlier = _insert_sightings(db, ids, [(e.image.sha256, e.sighting) for e in entries], now)
        keep_files(connection, ((e.file, e.image.sha256) for e in entries if e.file))
        if given.changes or fresh or sightings or earlier:
            count(connection, generation=1, images=len(fresh), sightings=len(sightings), **given.changes)
            details = {
                "images_added": sorted(fresh),
                "sightings_added": sorted(sightings),
                "sightings_recorded_earlier": sorted(earlier),
                "originals": given.changes.get("originals", 0),
            }
            custody.append(connection, who, what, given.told | details | dict(source))
    return Added(len(fresh), len(sightings), len(entries) - len(sightings), len(given.completed), refused)


def complete_batch(connection: sqlite3.Connection, images: Sequence[ImageRecord], who: str = "") -> int:
    """Give images that are there already what they lack, in one transaction; return how many lacked anything.

    Local features of earlier versions are set aside, where look-up still finds them.
    """
    with transaction(connection):
        ids = dict(_known(connection, "image", "sha256", "id", (image.sha256 for image in images)))
        held = _held(connection, list(ids.values()))
        new = list(new_parts(((ids[i.sha256], i) for i in images if i.sha256 in ids), held))
        connection.executemany(
            """INSERT OR IGNORE INTO earlier_local_feature (image_id, algorithm_id, words, signatures, features)
            SELECT image_id, algorithm_id, words, signatures, features FROM local_feature WHERE image_id = ?""",
            [(image_id,) for image_id, image in new if image.local],
        )
        given = insert_parts(Database(connection), new, held)
        if given.changes:
            count(connection, generation=1, **given.changes)
            custody.append(connection, who, "reindexed", given.told)
    return len(given.completed)


def add_sightings(
    connection: sqlite3.Connection, told: Sequence[tuple[str, Sighting]], who: str = ""
) -> Added:
    """Store sightings of known images, and that `who` added them, in one transaction; see `Archive.add_sightings`."""
    db = Database(connection)
    with transaction(connection):
        ids = dict(_known(connection, "image", "sha256", "id", (sha256 for sha256, _ in told)))
        held = [(sha256, sighting) for sha256, sighting in told if sha256 in ids]
        new, _ = _insert_sightings(db, ids, held, datetime.now(UTC))
        if new:
            count(connection, generation=1, sightings=len(new))
            custody.append(connection, who, "added", {"sightings_added": sorted(new)})
    return Added(sightings=len(new), known=len(held) - len(new))


def _admitted(
    connection: sqlite3.Connection, entries: Sequence[Entry], ids: Mapping[str, int], *, restore: bool
) -> tuple[list[Entry], tuple[Skipped, ...]]:
    """Return the entries that may be stored, and why the others may not."""
    absent = {e.image.sha256 for e in entries if e.image.sha256 not in ids}
    if restore:
        forget_removals(connection, absent)
    refusals = {sha256: reason for sha256 in absent if (reason := _refusal(connection, sha256))}
    admitted, refused = [], []
    for e in entries:
        if e.image.sha256 in refusals:
            refused.append(Skipped(e.sighting.path, refusals[e.image.sha256]))
        elif e.held and e.image.sha256 in absent:
            refused.append(Skipped(e.sighting.path, "its image was removed meanwhile; add it again"))
        else:
            admitted.append(e)
    return admitted, tuple(refused)


def _refusal(connection: sqlite3.Connection, sha256: str) -> str | None:
    reason = removal(connection, sha256)
    return reason and f"{reason}; --restore adds it again"


def _known(
    connection: sqlite3.Connection, table: str, column: str, other: str, values: Iterable[str]
) -> Iterator[tuple[str, int]]:
    """Yield (`column`, `other`) of the rows whose `column` is among `values`."""
    wanted = list(dict.fromkeys(values))
    for start in range(0, len(wanted), IN_LIST):
        part = wanted[start : start + IN_LIST]
        marks = ",".join("?" * len(part))
        # Table and column names are this module's own literals.
        query = f"SELECT {column}, {other} FROM {table} WHERE {column} IN ({marks})"
        yield from connection.execute(query, part)


def _held(connection: sqlite3.Connection, ids: Sequence[int]) -> dict[int, Parts]:
    """Return what is held of images of the archive: one query more for a batch of photos that are all known."""
    held: dict[int, Parts] = {}
    for start in range(0, len(ids), IN_LIST):
        held |= held_parts(connection, ids[start : start + IN_LIST])
    return held


def _insert_sightings(
    db: Database, ids: Mapping[str, int], told: Sequence[tuple[str, Sighting]], now: datetime
) -> tuple[list[str], list[str]]:
    """Store the sightings that are not there yet; return their identities, and those of others recorded earlier."""
    rows: dict[str, dict[str, Any]] = {}
    for sha256, sighting in told:
        row = sighting_row(ids[sha256], sha256, sighting, sighting.recorded or now)
        known = rows.setdefault(row["identity"], row)
        known["recorded"] = min(known["recorded"], row["recorded"])
    present, earlier = recorded_text(now), []
    for identity, sighting_id in list(_known(db.conn, "sighting", "identity", "id", rows)):
        recorded = rows.pop(identity)["recorded"]
        if (
            recorded < present
            and db.conn.execute(
                "UPDATE sighting SET recorded = ?1 WHERE id = ?2 AND recorded > ?1", (recorded, sighting_id)
            ).rowcount
        ):
            earlier.append(identity)
    db.table("sighting").insert_all(rows.values())
    return list(rows), earlier


def _insert_image(db: Database, image: ImageRecord) -> int:
    row = {
        "sha256": image.sha256,
        "format": image.format,
        "width": image.width,
        "height": image.height,
        "byte_count": image.byte_count,
        "frame_count": image.frame_count,
    }
    image_id = db.table("image").insert(row).last_pk
    if not isinstance(image_id, int):
        raise TypeError(f"image numbers are integers, not {image_id!r}")
    return image_id
