"""What every look-up structure promises."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


class Hit(NamedTuple):
    """A stored code near one of the codes asked for."""

    query: int
    """Which of the codes asked for: its position in the sequence."""
    id: int
    distance: int
    """Bits of 256 that differ."""


class HammingIndex(Protocol):
    """Stored codes of 256 bits with their ids; one id may have several codes, as an animation's frames do."""

    def search(self, codes: Sequence[bytes], radius: int) -> list[Hit]:
        """Return the ids with a code within `radius` bits of `codes[query]`, for each query.

        An id comes once a query, at the distance of its nearest code found; hits are sorted by query,
        distance and id, and none lies beyond `radius`.

        Up to `EXACT_RADIUS` the answer is complete. With a larger radius, codes farther than that are found
        only where they share a chunk with the query within one bit, and with the next chunk within
        `ring_limit`: an addition without promise.
        """
        ...


class CorruptIndexError(Exception):
    """A stored index contradicts itself; whoever loaded it drops it and builds another."""
