"""A file in memory that answers a limited number of reads, and of bytes."""

from __future__ import annotations

import io


class BoundedReader(io.BytesIO):
    """Crafted tags point at each other, or claim the whole file: readers that follow them end here.

    Args:
        data: the bytes.
        longest: bytes that one read returns at most; `None` leaves that to `most_bytes`.
        reads: answered before `OSError` is raised.
        most_bytes: returned altogether before `OSError` is raised.
    """

    def __init__(
        self, data: bytes, longest: int | None = None, reads: int = 50_000, most_bytes: int = 1 << 24
    ) -> None:
        super().__init__(data)
        self._longest = longest
        self._reads = reads
        self._bytes = most_bytes

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next bytes, fewer than asked for where a bound says so."""
        wanted = self._bytes if size is None or size < 0 else size
        if self._longest is not None:
            wanted = min(wanted, self._longest)
        self._reads -= 1
        if self._reads < 0 or (left := self._bytes) < 0:
            raise OSError
        data = super().read(min(wanted, left + 1))
        self._bytes -= len(data)
        return data
