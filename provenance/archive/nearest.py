"""Looking codes up by comparing with all of their kind, held in memory: 40 bytes an image."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from provenance.archive import lookup
from provenance.index.keys import CODE_BYTES
from provenance.index.nearest import NearestIndex
from provenance.model import Candidate

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from provenance.model import QueryCode

    Algorithm = tuple[str, int]
    """Name and version."""


@dataclass(frozen=True, slots=True, eq=False)
class _Held:
    generation: int
    """Of the archive when the codes were read; it grows with every change."""
    index: NearestIndex


class NearestLookup:
    """Answers `Archive.nearest`; codes are read once a process, and again when the archive has changed."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._held: dict[Algorithm, _Held] = {}

    def candidates(self, codes: Sequence[QueryCode], limit: int) -> list[Candidate]:
        """Return the `limit` nearest images, one candidate an image; see `Archive`."""
        return lookup.best_first(
            Candidate(hit.id, hit.distance, code)
            for code in codes
            for hit in self._index((code.algorithm, code.version)).nearest([code.code], limit)
        )[:limit]

    def _index(self, algorithm: Algorithm) -> NearestIndex:
        # First the generation: what is committed between the two is then read again, not missed.
        (generation,) = self._connection.execute(
            "SELECT value FROM meta WHERE name = 'generation'"
        ).fetchone()
        held = self._held.get(algorithm)
        if held is None or held.generation != int(generation):
            self._held.pop(algorithm, None)  # two would take twice the memory
            held = self._held[algorithm] = _Held(int(generation), self._read(algorithm))
        return held.index

    def _read(self, algorithm: Algorithm) -> NearestIndex:
        ids, codes = array("q"), bytearray()
        for image_id, code in self._connection.execute(
            """SELECT image_id, code FROM fingerprint
            WHERE algorithm_id = ? AND frame = 0 ORDER BY image_id""",
            (lookup.algorithm_id(self._connection, *algorithm),),
        ):
            ids.append(image_id)
            codes += code
        rows = np.frombuffer(codes, dtype=np.uint8).reshape(len(ids), CODE_BYTES)
        return NearestIndex(rows, np.array(ids, dtype=np.int64))
