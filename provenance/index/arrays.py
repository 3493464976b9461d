"""What both array-backed indexes share: how codes come in and how hits go out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from provenance.index.interface import Hit
from provenance.index.keys import CODE_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Integers = NDArray[np.integer[Any]]


def check_stored(codes: NDArray[np.uint8], ids: NDArray[np.int64]) -> None:
    """Raise ValueError unless these are codes of 32 bytes with their ids, from 0 up and in order."""
    if codes.dtype != np.uint8 or codes.shape != (len(ids), CODE_BYTES):
        raise ValueError(
            f"codes must be uint8 of shape ({len(ids)}, {CODE_BYTES}), not {codes.dtype} of {codes.shape}"
        )
    if (
        ids.dtype != np.int64
        or ids.ndim != 1
        or (len(ids) > 0 and (ids[0] < 0 or np.any(ids[1:] < ids[:-1])))
    ):
        raise ValueError("ids must be int64, not negative and not decreasing")


def as_rows(codes: Sequence[bytes]) -> NDArray[np.uint8]:
    """Return codes as rows of an array."""
    if any(len(code) != CODE_BYTES for code in codes):
        raise ValueError(f"a code has {CODE_BYTES} bytes")
    return np.frombuffer(b"".join(codes), dtype=np.uint8).reshape(-1, CODE_BYTES)


def as_words(rows: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Return a view of codes as four words each: fewer, wider steps for comparison."""
    return np.ascontiguousarray(rows).view(np.uint64)


def distances(a: NDArray[np.uint64], b: NDArray[np.uint64]) -> NDArray[np.uint16]:
    """Return the number of bits by which rows of words differ."""
    bits: NDArray[np.uint16] = np.bitwise_count(a ^ b).sum(axis=-1, dtype=np.uint16)
    return bits


def nearest_hits(query: Integers, ids: Integers, distance: Integers) -> list[Hit]:
    """Return one hit for each query and id, its nearest, in the order that `HammingIndex.search` promises."""
    order = np.lexsort((distance, ids, query))
    query, ids, distance = query[order], ids[order], distance[order]
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = (query[1:] != query[:-1]) | (ids[1:] != ids[:-1])
    query, ids, distance = query[first], ids[first], distance[first]
    order = np.lexsort((ids, distance, query))
    return list(map(Hit, query[order].tolist(), ids[order].tolist(), distance[order].tolist()))
