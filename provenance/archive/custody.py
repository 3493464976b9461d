"""The custody log: who added, removed and checked what, each entry bound to the one before by a hash.

An entry is written in the transaction of the change that it records: there is none without the other. What the chain
proves, and what it does not, is in docs/custody.md; `custody_checks` holds the archive against it.
"""

from __future__ import annotations

import getpass
import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from provenance import __version__
from provenance.errors import ArchiveError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping

FIRST_PREVIOUS = "0" * 64
"""What stands for the hash before the first entry."""

COLUMNS = "id, at, who, what, details, previous, hash"


@dataclass(frozen=True, slots=True)
class CustodyEntry:
    """One entry as it is stored; what the file holds may be of any type, and `custody_checks` tells it."""

    id: int
    """From 1, without gaps."""
    at: str
    """When it was written: ISO 8601, UTC, to the second, by this computer's clock."""
    who: str
    what: str
    """began, added, removed, checked, stamped: for people. What changed is in `details`."""
    details: str
    """A JSON object; `append` says what is in it."""
    previous: str
    """The hash of the entry before, 64 hexadecimal digits."""
    hash: str = ""

    @property
    def serialised(self) -> bytes:
        """Return the bytes that are hashed: a JSON array in ASCII without spaces, `details` as the text that it is."""
        fields = [self.previous, self.id, self.at, self.who, self.what, self.details]
        return json.dumps(fields, separators=(",", ":"), default=repr).encode("ascii")

    @property
    def computed(self) -> str:
        """Return the hash that it should have: SHA-256 of `serialised`, as 64 hexadecimal digits."""
        return hashlib.sha256(self.serialised).hexdigest()


def append(
    connection: sqlite3.Connection, who: str, what: str, details: Mapping[str, Any], *, changes: int = 1
) -> CustodyEntry:
    """Write the next entry, inside the transaction of what it records and after the archive's counters are changed.

    Args:
        connection: within `writer.transaction`, which holds the write lock: two writers keep one chain.
        who: empty for the name of the operating system's user.
        what: a word for people.
        details: values of JSON. Whatever changes which images or sightings there are lists their digests and
            identities under `images_added`, `images_removed`, `sightings_added`, `sightings_removed`.
        changes: by how much the archive's generation has grown in this transaction.

    Raises:
        ValueError: there is no transaction.
    """
    if not connection.in_transaction:
        raise ValueError("a custody entry belongs into the transaction of what it records")
    last = connection.execute("SELECT hash FROM custody ORDER BY id DESC LIMIT 1").fetchone()
    generation = _generation(connection)
    told = {"tool": f"provenance {__version__}", "generation": [generation - changes, generation], **details}
    entry = CustodyEntry(
        id=last_number(connection) + 1,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        who=name_of(who),
        what=what,
        details=json.dumps(told, sort_keys=True, separators=(",", ":")),
        previous=last[0] if last else FIRST_PREVIOUS,
    )
    row = asdict(entry) | {"hash": entry.computed}
    connection.execute(
        f"INSERT INTO custody ({COLUMNS}) VALUES (:id, :at, :who, :what, :details, :previous, :hash)", row
    )
    return CustodyEntry(**row)


def begin(connection: sqlite3.Connection, who: str) -> None:
    """Write the first entry, if none ever was: what is there already, in two digests. Inside a transaction."""
    if last_number(connection):
        return
    (identity,) = connection.execute("SELECT value FROM meta WHERE name = 'identity'").fetchone()
    details: dict[str, Any] = {"identity": identity}
    for kind, column, table in (("images", "sha256", "image"), ("sightings", "identity", "sighting")):
        held = [value for (value,) in connection.execute(f"SELECT {column} FROM {table}")]
        details[kind] = {"count": len(held), "digest": digest_of(held)}
    append(connection, who, "began", details, changes=0)


def digest_of(values: Iterable[str]) -> str:
    """Return the SHA-256, in hexadecimal, of distinct texts in their order, each ended by a newline."""
    return hashlib.sha256("".join(f"{value}\n" for value in sorted(values)).encode()).hexdigest()


def last_number(connection: sqlite3.Connection) -> int:
    """Return the number of the last entry that was ever written, 0 for none: one that was cut off leaves a gap."""
    (number,) = connection.execute(
        "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'custody'"
    ).fetchone()
    return int(number)


def entries(connection: sqlite3.Connection) -> Iterator[CustodyEntry]:
    """Yield every entry, oldest first."""
    for row in connection.execute(f"SELECT {COLUMNS} FROM custody ORDER BY id"):
        yield CustodyEntry(*row)


def head(connection: sqlite3.Connection) -> CustodyEntry:
    """Return the newest entry. Raises ArchiveError: there is none, as in no archive that this program wrote."""
    row = connection.execute(f"SELECT {COLUMNS} FROM custody ORDER BY id DESC LIMIT 1").fetchone()
    if row is None:
        raise ArchiveError("The archive has no custody log.", "Run `provenance archive verify` on it.")
    return CustodyEntry(*row)


def with_hash(connection: sqlite3.Connection, sha256: str) -> CustodyEntry | None:
    """Return the entry of this hash."""
    row = connection.execute(f"SELECT {COLUMNS} FROM custody WHERE hash = ?", (sha256,)).fetchone()
    return row and CustodyEntry(*row)


def name_of(who: str) -> str:
    """Return `who` as it is stored: where it is empty, the name of the operating system's user."""
    # A variable of the environment may hold bytes that are no text.
    return (who or system_user()).encode(errors="replace").decode()


def system_user() -> str:
    """Return the name of the operating system's user; "unknown" where it has none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"


def _generation(connection: sqlite3.Connection) -> int:
    (generation,) = connection.execute("SELECT value FROM meta WHERE name = 'generation'").fetchone()
    return int(generation)
