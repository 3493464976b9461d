"""The keys under which a 256-bit code is stored and looked up, in plain Python.

Multi-index hashing (Norouzi, Punjani and Fleet, "Fast Search in Hamming Space with Multi-Index Hashing", CVPR
2012): cut each code into 16 chunks of 16 bits. Were two codes to differ by two bits or more in every chunk,
they would differ by 32 or more. So codes that differ by at most 31 bits agree, within one bit, in at least
one chunk, and it is enough to look where one of 16 chunks equals the query's, as it stands or with one bit
flipped: 16 * 17 = 272 keys. What is found there still has to be compared, since unrelated codes share chunks
too.

Chunks are read big-endian, from the front of the code; a key is `position << 16 | value`.
"""

from __future__ import annotations

import struct

CODE_BYTES = 32
CHUNKS = 16
CHUNK_BITS = 16
EXACT_RADIUS = 2 * CHUNKS - 1
"""The largest distance, in bits, up to which nothing stored can be missed."""

_CHUNKS_OF = struct.Struct(f">{CHUNKS}H")
_FLIPS = (0, *(1 << bit for bit in range(CHUNK_BITS)))


def chunk_keys(code: bytes) -> list[int]:
    """Return the 16 keys under which `code` is stored."""
    return [position << CHUNK_BITS | value for position, value in enumerate(_CHUNKS_OF.unpack(code))]


def probe_keys(code: bytes) -> list[int]:
    """Return the 272 distinct keys under which every stored code within `EXACT_RADIUS` of `code` is found."""
    return [key ^ flip for key in chunk_keys(code) for flip in _FLIPS]


def distance(a: bytes, b: bytes) -> int:
    """Return the number of bits by which two codes of one length differ."""
    if len(a) != len(b):
        raise ValueError(f"codes of {len(a)} and {len(b)} bytes cannot be compared")
    return (int.from_bytes(a) ^ int.from_bytes(b)).bit_count()
