"""A `MultiIndex` in a file, opened by mapping it into memory: ready in milliseconds, whatever its size.

The cache is derived. It names the archive, the algorithm and the epoch it was made from; whatever does not
fit is as good as missing, and the caller builds anew. It is one file, so that replacing it is one step: a
reader sees the old index or the new one, never a mixture, and one that has the old file open keeps it. The
file is a line of JSON, padded, and the five arrays. Their places follow from the number of codes alone,
nothing in the file is ever executed or unpickled, and its size and all list bounds are checked at loading.
Row numbers and ids are not, for that would mean reading it all: numpy checks row numbers when they are used
(`CorruptIndexError`), and callers look ids up in the archive. Who can write beside the archive could also
write to the archive; against such a one the checks promise no crash, not a true answer.
"""

from __future__ import annotations

import json
import mmap
import os
from dataclasses import asdict, dataclass
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from provenance.index.keys import CHUNKS, CODE_BYTES
from provenance.index.multi_index import MAX_CODES, VALUES, MultiIndex
from provenance.index.replacing import remove_abandoned, replacing

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

FORMAT = 1
FILE_NAME = "multi_index.bin"
HEADER_BYTES = 4096


@dataclass(frozen=True, slots=True)
class CacheKey:
    """What a cache was made from."""

    archive: str
    """The archive's identity, a UUID."""
    algorithm: str
    version: int
    epoch: int
    """Changes whenever codes were removed, rewritten or given to an image that was there already; otherwise codes
    added have ids above `MultiIndex.last_id`."""


def save(index: MultiIndex, folder: Path, key: CacheKey) -> bool:
    """Write `index` into `folder`, made if missing; return whether that worked.

    Of several writers the last one wins. False (a read-only folder, a full disk; on Windows also an old cache
    that someone has open) leaves what was there, and the caller goes on with the index it has.
    """
    facts = {"format": FORMAT, **asdict(key), "count": len(index), "last_id": index.last_id}
    header = json.dumps(facts).encode()
    if len(header) >= HEADER_BYTES:
        raise ValueError("the names in a cache's key are too long")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        remove_abandoned(folder)
        with replacing(folder / FILE_NAME) as file:
            file.write(header.ljust(HEADER_BYTES - 1) + b"\n")
            for name, dtype, _ in _layout(len(index)):
                file.write(np.ascontiguousarray(getattr(index, name), dtype=dtype).data)
    except OSError:
        return False
    return True


def load(folder: Path, key: CacheKey) -> MultiIndex | None:
    """Return the index kept in `folder` if it was made from `key` and is whole, else None."""
    path = folder / FILE_NAME
    if not path.is_file():  # nor a pipe, which would never be opened
        return None
    try:
        with path.open("rb") as file:
            header = json.loads(file.read(HEADER_BYTES))
            if not isinstance(header, dict):
                return None
            count, last_id = header.pop("count", None), header.pop("last_id", None)
            if header != {"format": FORMAT, **asdict(key)} or not _is_count(count):
                return None
            if os.fstat(file.fileno()).st_size != _file_size(count):
                return None
            arrays = _map(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), count)
    except (OSError, ValueError, RecursionError):
        return None
    index = MultiIndex(**arrays)
    return index if index.last_id == last_id and _bounds_hold(index.starts, count) else None


def _layout(count: int) -> list[tuple[str, str, tuple[int, ...]]]:
    """Return name, little-endian type and shape of each array, in the file's order."""
    return [
        ("codes", "<u1", (count, CODE_BYTES)),
        ("ids", "<i8", (count,)),
        ("starts", "<u4", (CHUNKS, VALUES + 1)),
        ("postings", "<u4", (CHUNKS, count)),
        ("following", "<u2", (CHUNKS, count)),
    ]


def _file_size(count: int) -> int:
    return HEADER_BYTES + sum(np.dtype(dtype).itemsize * prod(shape) for _, dtype, shape in _layout(count))


def _map(file: mmap.mmap, count: int) -> dict[str, NDArray[Any]]:
    """Return the arrays as read-only views of the mapped file, which lives as long as they do."""
    arrays, offset = {}, HEADER_BYTES
    for name, dtype, shape in _layout(count):
        array = np.frombuffer(file, dtype=dtype, count=prod(shape), offset=offset).reshape(shape)
        arrays[name], offset = array, offset + array.nbytes
    return arrays


def _is_count(count: object) -> bool:
    return isinstance(count, int) and 0 <= count <= MAX_CODES


def _bounds_hold(starts: NDArray[np.uint32], count: int) -> bool:
    """Return whether every list begins where the one before ends, from 0 to `count`."""
    return bool(
        np.all(starts[:, 0] == 0)
        and np.all(starts[:, -1] == count)
        and np.all(starts[:, 1:] >= starts[:, :-1])
    )
