"""Writing to an archive, through sqlite-utils."""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic, sleep
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sqlite_utils import Database

from provenance.archive import custody
from provenance.archive.connection import BUSY_SECONDS, check_schema, require_file, translated
from provenance.archive.interface import Added, Entry
from provenance.archive.migrations import migrations
from provenance.archive.parts import Parts, held_parts, is_first_seen, lacking
from provenance.archive.remembered import forget_removals, keep_files, removal
from provenance.archive.rows import recorded_text, sighting_row, statement_row
from provenance.errors import ReadOnlyArchiveError
from provenance.index.keys import chunk_keys, followings
from provenance.model import Skipped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from provenance.model import ImageRecord, Sighting

RETRY_SECONDS = 0.02
"""Between two attempts where SQLite does not wait by itself."""

IN_LIST = 500
"""Values in one SQL `IN (...)`: well under the 999 that old SQLite builds allow."""


def open_for_writing(path: Path, who: str = "") -> sqlite3.Connection:
    """Open an archive for writing, making it or bringing its schema up to date first.

    `who` begins the custody log, if it has not begun: empty for the operating system's user.

    Raises:
        ArchiveError: the file is something else, newer, unwritable, or held by another writer too long.
    """
    if path.exists() and (path.is_dir() or path.stat().st_size):
        require_file(path)
    if not path.parent.is_dir():
        raise ReadOnlyArchiveError(
            f"{path} cannot be made: there is no folder {path.parent}.", "Make the folder first."
        )
    with translated(path), contextlib.ExitStack() as undo:
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS)
        undo.callback(connection.close)
        if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            check_schema(connection, path)
        # NORMAL in WAL mode: a kill loses nothing, a power cut at most the last commits, never integrity.
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        _log_ahead(connection)
        with transaction(connection):
            migrations.apply(Database(connection))
            custody.begin(connection, who)
        undo.pop_all()
    return connection


def _log_ahead(connection: sqlite3.Connection) -> None:
    """Switch to a write-ahead log. Where another writer is making the same archive, SQLite fails at once: wait here."""
    deadline = monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or monotonic() >= deadline:
                raise
            sleep(RETRY_SECONDS)
        else:
            return


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Hold the write lock from the start: a reader that becomes a writer midway would not wait, but fail."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


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
        given = _insert_parts(db, ((ids[e.image.sha256], e.image) for e in entries), held)
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
        new = list(_new_parts(((ids[i.sha256], i) for i in images if i.sha256 in ids), held))
        connection.executemany(
            """INSERT OR IGNORE INTO earlier_local_feature (image_id, algorithm_id, words, signatures, features)
            SELECT image_id, algorithm_id, words, signatures, features FROM local_feature WHERE image_id = ?""",
            [(image_id,) for image_id, image in new if image.local],
        )
        given = _insert_parts(Database(connection), new, held)
        if given.changes:
            count(connection, generation=1, **given.changes)
            custody.append(connection, who, "reindexed", given.told)
    return len(given.completed)


@dataclass(frozen=True, slots=True)
class _Given:
    """What images were given that the archive did not have of them."""

    completed: tuple[str, ...] = ()
    """Digests of those that were there before."""
    algorithms: tuple[str, ...] = ()
    """Names and versions of what was stored."""
    changes: dict[str, int] = field(default_factory=dict)
    """How counters change; empty if nothing was stored."""

    @property
    def told(self) -> dict[str, Any]:
        """Return what the custody log says of it."""
        return {"images_completed": self.completed, "algorithms": self.algorithms}


def _insert_parts(
    db: Database, images: Iterable[tuple[int, ImageRecord]], held: Mapping[int, Parts]
) -> _Given:
    """Store what neither `held` nor an earlier one of `images` has."""
    new = list(_new_parts(images, held))
    if not new:
        return _Given()
    late = [(image_id, image) for image_id, image in new if image_id in held]
    _forget_others_word(db.conn, late, held)
    _insert_fingerprints(db, new)
    local = _insert_local(db, new)
    sizes = _insert_originals(db.conn, new)
    db.table("statement").insert_all(
        statement_row(image_id, image.stated) for image_id, image in new if image.stated is not None
    )
    return _Given(
        tuple(sorted({image.sha256 for _, image in late})),
        tuple(sorted(_algorithms(image for _, image in new))),
        {
            "epoch": int(any(map(_is_looked_up, (image for _, image in late)))),
            "local_features": local,
            "originals": len(sizes),
            "original_bytes": sum(sizes),
        },
    )


def _algorithms(images: Iterable[ImageRecord]) -> set[str]:
    """Return the names and versions of what these images were fingerprinted with."""
    return {
        f"{code.algorithm} {code.version}"
        for image in images
        for code in (*image.fingerprints, image.local)
        if code
    }


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


def count(connection: sqlite3.Connection, **changes: int) -> None:
    """Change counters in `meta`: counting a million rows takes longer than a check."""
    for name, change in changes.items():
        connection.execute(
            "UPDATE meta SET value = CAST(value AS INTEGER) + ? WHERE name = ?", (change, name)
        )


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


def _new_parts(
    images: Iterable[tuple[int, ImageRecord]], held: Mapping[int, Parts]
) -> Iterator[tuple[int, ImageRecord]]:
    """Yield of each image what neither the archive nor an earlier one of `images` has."""
    now_held = dict(held)
    # Pictures first: what others tell of an image never stands beside what is seen of it.
    for image_id, image in sorted(images, key=lambda each: not each[1].preview):
        known = now_held.get(image_id, Parts())
        left = lacking(image, known)
        if left is not None:
            now_held[image_id] = known.with_those_of(left)
            yield image_id, left


def _forget_others_word(
    connection: sqlite3.Connection, late: Iterable[tuple[int, ImageRecord]], held: Mapping[int, Parts]
) -> None:
    """Make way, in images whose picture is seen for the first time, for what is stored of them then."""
    for image_id, image in late:
        if not is_first_seen(image, held[image_id]):
            continue
        connection.execute(
            "UPDATE image SET format = ?, width = ?, height = ?, byte_count = ?, frame_count = ? WHERE id = ?",
            (image.format, image.width, image.height, image.byte_count, image.frame_count, image_id),
        )
        for kind in {(f.algorithm, f.version) for f in image.fingerprints} & held[image_id].fingerprints:
            remove_codes(connection, image_id, kind)


def remove_codes(connection: sqlite3.Connection, image_id: int, kind: tuple[str, int] | None = None) -> None:
    """Remove an image's fingerprints, all or those of one algorithm and version, from look-up too."""
    codes = connection.execute(
        """SELECT algorithm_id, frame, searchable, code FROM fingerprint JOIN algorithm ON id = algorithm_id
        WHERE image_id = ?1 AND (?2 IS NULL OR (name = ?2 AND version = ?3))""",
        (image_id, *(kind or (None, None))),
    ).fetchall()
    connection.executemany(
        "DELETE FROM chunk WHERE algorithm_id = ? AND key = ? AND image_id = ?",
        [(algorithm, key, image_id) for algorithm, _, searchable, code in codes if searchable
         for key in chunk_keys(code)],
    )  # fmt: skip
    connection.executemany(
        "DELETE FROM fingerprint WHERE image_id = ? AND algorithm_id = ? AND frame = ?",
        [(image_id, algorithm, frame) for algorithm, frame, _, _ in codes],
    )


def _is_looked_up(image: ImageRecord) -> bool:
    """Return whether the indexes beside the archive list anything of this."""
    return image.local is not None or any(f.searchable for f in image.fingerprints)


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


def _insert_fingerprints(db: Database, images: Sequence[tuple[int, ImageRecord]]) -> None:
    algorithms = _algorithm_ids(db, ((f.algorithm, f.version) for _, i in images for f in i.fingerprints))
    fingerprints: list[dict[str, Any]] = []
    chunks: set[tuple[int, int, int, int]] = set()
    for image_id, image in images:
        for f in image.fingerprints:
            algorithm_id = algorithms[f.algorithm, f.version]
            fingerprints.append(
                {
                    "image_id": image_id,
                    "algorithm_id": algorithm_id,
                    "frame": f.frame,
                    "quality": f.quality,
                    "searchable": int(f.searchable),
                    "code": f.code,
                }
            )
            if f.searchable:
                keys = zip(chunk_keys(f.code), followings(f.code), strict=True)
                chunks.update((algorithm_id, key, image_id, following) for key, following in keys)
    db.table("preview").insert_all(
        {"image_id": i, "jpeg": image.preview} for i, image in images if image.preview
    )
    db.table("fingerprint").insert_all(fingerprints)
    db.conn.executemany(
        "INSERT INTO chunk (algorithm_id, key, image_id, following) VALUES (?, ?, ?, ?)", sorted(chunks)
    )


def _insert_local(db: Database, images: Sequence[tuple[int, ImageRecord]]) -> int:
    """Store the local features of the images that have some, the last of each; return how many had none before."""
    codes = {image_id: image.local for image_id, image in images if image.local}
    algorithms = _algorithm_ids(db, ((code.algorithm, code.version) for code in codes.values()))
    db.conn.executemany(
        "DELETE FROM earlier_local_feature WHERE image_id = ? AND algorithm_id = ?",
        [(image_id, algorithms[code.algorithm, code.version]) for image_id, code in codes.items()],
    )
    replaced = db.conn.executemany("DELETE FROM local_feature WHERE image_id = ?", [(i,) for i in codes])
    db.table("local_feature").insert_all(
        {
            "image_id": image_id,
            "algorithm_id": algorithms[code.algorithm, code.version],
            "words": code.words,
            "signatures": code.signatures,
            "features": code.features,
        }
        for image_id, code in codes.items()
    )
    return len(codes) - replaced.rowcount


def _insert_originals(connection: sqlite3.Connection, images: Sequence[tuple[int, ImageRecord]]) -> list[int]:
    """Store the files of the images that bring theirs; return their sizes in bytes."""
    originals = [(image_id, image.original) for image_id, image in images if image.original]
    # Row by row: sqlite-utils would bind a whole batch to one statement, and SQLite copies what is bound.
    connection.executemany("INSERT INTO original (image_id, content) VALUES (?, ?)", originals)
    return [len(content) for _, content in originals]


def _algorithm_ids(db: Database, kinds: Iterable[tuple[str, int]]) -> dict[tuple[str, int], int]:
    """Return the archive's numbers of algorithms by name and version, given to new ones in this order."""
    ids = {}
    for name, version in dict.fromkeys(kinds):
        db.table("algorithm").insert({"name": name, "version": version}, ignore=True)
        row = db.execute("SELECT id FROM algorithm WHERE name = ? AND version = ?", (name, version))
        ids[name, version] = int(row.fetchone()[0])
    return ids
