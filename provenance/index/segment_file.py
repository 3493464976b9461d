"""`PostingLists` in a file, opened by mapping it into memory.

The file is a line of JSON, padded, with its checksum, and three arrays. Their places follow from the number of
postings alone, nothing in the file is ever executed or unpickled, and at opening its size, the header's checksum
and all list bounds are checked. Postings are not, for that would mean reading them all: ids are checked as they are
found (`CorruptIndexError`), and callers look them up in the archive. As with `cache`, against someone who can write
beside the archive the checks promise no crash, not a true answer.

With the bounds of 1,048,576 lists a file of ten photos would be 99% bounds. So a file with fewer postings than there
are words holds, in their place, the word of each posting.
"""

from __future__ import annotations

import json
import mmap
import os
import zlib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from provenance.index.posting_lists import MAX_POSTINGS, MAX_SPAN, PostingLists, list_bounds
from provenance.index.posting_merge import merged_blocks, merged_starts
from provenance.index.words import WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import BinaryIO

    from numpy.typing import NDArray

    from provenance.index.cache import CacheKey

FORMAT = 1
HEADER_BYTES = 4096
_CHECKSUM_BYTES = 4
_ITEM = np.dtype("<u4")
"""What all arrays are made of."""


@dataclass(frozen=True, slots=True, eq=False)
class SegmentFile:
    """A mapped file whose header and size fit; what it lists is not yet looked at."""

    path: Path
    first_id: int
    last_id: int
    count: int
    content: mmap.mmap

    def lists(self) -> PostingLists | None:
        """Return the lists, as read-only views of the mapped file; None if their bounds do not hold."""
        bounds = _bound_items(self.count)
        starts = self._array(0, bounds)
        if self.count < WORDS:
            if np.any(starts[1:] < starts[:-1]) or np.any(starts[-1:] >= WORDS):
                return None
            starts = list_bounds(starts)
        elif starts[0] != 0 or starts[-1] != self.count or np.any(starts[1:] < starts[:-1]):
            return None
        ids, signatures = (self._array(bounds + place * self.count, self.count) for place in (0, 1))
        return PostingLists(self.first_id, self.last_id, starts, ids, signatures)

    def _array(self, place: int, count: int) -> NDArray[np.uint32]:
        offset = HEADER_BYTES + _ITEM.itemsize * place
        return np.frombuffer(self.content, dtype=_ITEM, count=count, offset=offset)


def write(file: BinaryIO, segments: Sequence[PostingLists], key: CacheKey) -> None:
    """Write what `segments`, neighbours in their order, hold: some at a time, whatever their size.

    Written, not stored through a mapping: a full disk is then an OSError and not the end of the process.
    """
    starts = merged_starts(segments)
    count = int(starts[-1])
    span = {"first_id": segments[0].first_id, "last_id": segments[-1].last_id, "count": count}
    file.write(_header({"format": FORMAT, **asdict(key), **span}))
    listed = np.repeat(np.arange(WORDS), np.diff(starts)) if count < WORDS else starts
    file.write(np.ascontiguousarray(listed, dtype=_ITEM).data)
    place = file.tell()
    for ids, signatures in merged_blocks(segments):
        for array, offset in ((ids, place), (signatures, place + _ITEM.itemsize * count)):
            file.seek(offset)
            file.write(np.ascontiguousarray(array, dtype=_ITEM).data)
        place += ids.nbytes


def open_segment(path: Path, key: CacheKey) -> SegmentFile | None:
    """Return the file at `path` mapped, or None if it was not made from `key`, or is not whole, or is gone."""
    try:
        if not path.is_file():  # nor a pipe, which would never be opened
            return None
        with path.open("rb") as file:
            span = _span(file.read(HEADER_BYTES), key)
            if span is None:
                return None
            size = HEADER_BYTES + _ITEM.itemsize * (_bound_items(span["count"]) + 2 * span["count"])
            if os.fstat(file.fileno()).st_size != size:
                return None
            return SegmentFile(path, **span, content=mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError, RecursionError):
        return None


def _bound_items(count: int) -> int:
    """Return the length of the array that says what is listed where: see the module's words."""
    return count if count < WORDS else WORDS + 1


def _header(facts: dict[str, Any]) -> bytes:
    line = json.dumps(facts).encode()
    if len(line) >= HEADER_BYTES - _CHECKSUM_BYTES:
        raise ValueError("the names in an index's key are too long")
    padded = line.ljust(HEADER_BYTES - _CHECKSUM_BYTES - 1) + b"\n"
    return padded + zlib.crc32(padded).to_bytes(_CHECKSUM_BYTES, "little")


def _span(header: bytes, key: CacheKey) -> dict[str, int] | None:
    """Return `first_id`, `last_id` and `count` as a header states them, None if it does not fit."""
    line, checksum = header[:-_CHECKSUM_BYTES], header[-_CHECKSUM_BYTES:]
    if zlib.crc32(line).to_bytes(_CHECKSUM_BYTES, "little") != checksum:
        return None
    facts = json.loads(line)
    if not isinstance(facts, dict):
        return None
    span = {name: facts.pop(name, None) for name in ("first_id", "last_id", "count")}
    if facts != {"format": FORMAT, **asdict(key)} or not all(type(value) is int for value in span.values()):
        return None
    holds = (
        0 <= span["first_id"] <= span["last_id"] < span["first_id"] + MAX_SPAN
        and span["last_id"] < 1 << 63
        and 0 <= span["count"] <= MAX_POSTINGS
    )
    return span if holds else None
