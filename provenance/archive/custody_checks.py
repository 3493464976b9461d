"""Holding an archive against its custody log: the chain itself, then what it says is there."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from provenance.archive.custody import FIRST_PREVIOUS, CustodyEntry, digest_of, entries, last_number
from provenance.archive.rows import SIGHTING_COLUMNS, identity_of, sighting_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping

GUARDS = frozenset(
    f"{table}_{verb}" for table in ("custody", "custody_stamp") for verb in ("added", "changed", "removed")
)
"""The triggers that keep both tables append-only."""


@dataclass(slots=True)
class _Held:
    """What of one kind, images or sightings, should be there by the entries read so far."""

    kind: str
    added: set[str] = field(default_factory=set)
    """Added by an entry and not removed since."""
    removed: set[str] = field(default_factory=set)
    """Removed though no entry added it: it was there when the log began."""
    count: int = 0
    """Of those that were there when the log began; `digest` is of them all."""
    digest: str = digest_of(())

    def enter(self, details: Mapping[str, Any]) -> None:
        """Take in what one entry says. Raises KeyError, TypeError: it is not as `append` writes it."""
        if self.kind in details:
            self.count, self.digest = details[self.kind]["count"], details[self.kind]["digest"]
        self.added.update(details.get(f"{self.kind}_added", ()))
        gone = set(details.get(f"{self.kind}_removed", ()))
        self.removed |= gone - self.added
        self.added -= gone

    def problems(self, there: Iterable[str]) -> Iterator[str]:
        """Yield how what is there differs from this."""
        missing, before = set(self.added), set(self.removed)
        for value in there:
            if value in self.added:
                missing.discard(value)
            else:
                before.add(value)
        if missing:
            yield f"{len(missing):,} {self.kind} are gone that no entry removed, such as {min(missing)[:16]}"
        if not self.count and before:
            yield f"{len(before):,} {self.kind} are there that no entry added, such as {min(before)[:16]}"
        elif (len(before), digest_of(before)) != (self.count, self.digest):
            yield (
                f"the {self.count:,} {self.kind} that were there when the log began are no longer those, "
                "or others are there that no entry added"
            )


def chain_problems(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield what is wrong with the chain, its guards and its timestamps' bytes, and what the archive holds besides it.

    Digests of all that was added since the log began are in memory, about 150 bytes each.
    """
    triggers = {
        name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    }
    if GUARDS - triggers:
        yield f"the triggers that keep it append-only are not all there: {', '.join(sorted(GUARDS - triggers))}"
    images, sightings = _Held("images"), _Held("sightings")
    last = CustodyEntry(0, "", "", "", "", "", FIRST_PREVIOUS)
    generation: int | None = None
    stamps: dict[int, str] = {}
    readable = True
    for entry in entries(connection):
        yield from _link_problems(entry, last)
        last = entry
        try:
            details = json.loads(entry.details)
            before, after = details["generation"]
            images.enter(details)
            sightings.enter(details)
            if "response_sha256" in details:
                stamps[entry.id] = details["response_sha256"]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            yield f"entry {entry.id} has details that make no sense"
            readable = False
            continue
        if generation not in {None, before}:
            yield f"before entry {entry.id} the archive was changed without an entry"
        generation = after
    yield from _end_problems(connection, last, generation)
    yield from _stamp_problems(connection, stamps)
    if readable:
        yield from images.problems(value for (value,) in connection.execute("SELECT sha256 FROM image"))
        yield from sightings.problems(
            value for (value,) in connection.execute("SELECT identity FROM sighting")
        )
        yield from _changed_sightings(connection, sightings.added)


def _link_problems(entry: CustodyEntry, last: CustodyEntry) -> Iterator[str]:
    if entry.id != last.id + 1:
        yield f"entry {entry.id} comes after entry {last.id}: entries are missing between them"
    if entry.previous != last.hash:
        yield f"entry {entry.id} does not follow from the one before it"
    if entry.hash != entry.computed:
        yield f"entry {entry.id} is not as it was written"


def _end_problems(
    connection: sqlite3.Connection, last: CustodyEntry, generation: int | None
) -> Iterator[str]:
    if last_number(connection) != last.id:
        yield f"it ends with entry {last.id}, but {last_number(connection)} were written"
    (now,) = connection.execute("SELECT value FROM meta WHERE name = 'generation'").fetchone()
    if generation is not None and str(generation) != str(now):
        yield f"after entry {last.id} the archive was changed without an entry"


def _stamp_problems(connection: sqlite3.Connection, stamps: Mapping[int, str]) -> Iterator[str]:
    """Yield which responses of timestamp authorities are not those that were stored."""
    held = {
        number: hashlib.sha256(response).hexdigest()
        for number, response in connection.execute(
            "SELECT entry_id, CAST(response AS BLOB) FROM custody_stamp"
        )
    }
    for number in sorted(held.keys() | stamps.keys()):
        if held.get(number) != stamps.get(number):
            yield f"the timestamp of entry {number} is not the one that was stored"


def _changed_sightings(connection: sqlite3.Connection, known: set[str]) -> Iterator[str]:
    """Yield the sightings, of those that entries added, that say something else now."""
    for number, sha256, identity, *said in connection.execute(
        f"""SELECT sighting.id, sha256, identity, {SIGHTING_COLUMNS} FROM sighting
        JOIN image ON image.id = image_id ORDER BY sighting.id"""
    ):
        if identity not in known:
            continue
        try:
            same = identity_of(sha256, sighting_of(tuple(said))) == identity
        except (ValueError, TypeError):
            same = False
        if not same:
            yield f"sighting {number} does not say what it said when it was added"
