"""Looking codes up in the archive file itself: multi-index hashing as an indexed table.

Pure Python over SQL: a check of one photo touches some thousands of rows, which takes less time than
starting numpy. `cached.py` serves large archives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.index.keys import distance, probes, ring_limit
from provenance.model import Candidate

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

    from provenance.model import QueryCode


def searchable_at_least(connection: sqlite3.Connection, count: int) -> bool:
    """Return whether about `count` images or more are archived, without counting them."""
    row = connection.execute("SELECT max(id) FROM image").fetchone()
    return (row[0] or 0) >= count


def algorithm_id(connection: sqlite3.Connection, name: str, version: int) -> int | None:
    """Return the archive's number of an algorithm, or `None` if it holds nothing of that kind."""
    row = connection.execute(
        "SELECT id FROM algorithm WHERE name = ? AND version = ?", (name, version)
    ).fetchone()
    return row and int(row[0])


def chunk_candidates(
    connection: sqlite3.Connection, codes: Sequence[QueryCode], radius: int, *, newer_than: int = -1
) -> list[Candidate]:
    """Return candidates within `radius` bits and of ids above `newer_than`, best first, one an image."""
    return best_first(
        Candidate(image_id, bits, query)
        for query in codes
        for image_id, code in _near_chunks(connection, query, radius, newer_than)
        if (bits := distance(query.code, code)) <= radius
    )


def best_first(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return the nearest candidate of each image, nearest first; ties go to earlier codes and images."""
    best: dict[int, Candidate] = {}
    for candidate in candidates:
        known = best.get(candidate.image_id)
        if known is None or candidate.distance < known.distance:
            best[candidate.image_id] = candidate
    return sorted(best.values(), key=lambda c: (c.distance, c.image_id))


def _near_chunks(
    connection: sqlite3.Connection, query: QueryCode, radius: int, newer_than: int
) -> Iterator[tuple[int, bytes]]:
    """Yield image and code of what shares a chunk with the query and passes the ring's test."""
    algorithm = algorithm_id(connection, query.algorithm, query.version)
    if algorithm is None:
        return
    probed, limit = probes(query.code), ring_limit(radius)
    marks = ",".join("?" * len(probed))
    rows = connection.execute(
        f"""SELECT key, image_id, following FROM chunk
        WHERE algorithm_id = ? AND key IN ({marks}) AND image_id > ?""",
        (algorithm, *probed, newer_than),
    )
    near = set()
    for key, image_id, following in rows:
        wanted, flips = probed[key]
        if (wanted ^ following).bit_count() + flips <= limit:
            near.add(image_id)
    for image_id in near:
        for (code,) in connection.execute(
            "SELECT code FROM fingerprint WHERE image_id = ? AND algorithm_id = ? AND searchable",
            (image_id, algorithm),
        ):
            yield image_id, code
