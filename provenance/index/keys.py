"""The keys under which a 256-bit code is stored and looked up, in plain Python.

Multi-index hashing (Norouzi, Punjani and Fleet, "Fast Search in Hamming Space with Multi-Index Hashing", CVPR
2012): cut each code into 16 chunks of 16 bits. Were two codes to differ by two bits or more in every chunk,
they would differ by 32 or more. So codes that differ by at most 31 bits agree, within one bit, in at least
one chunk, and it is enough to look where one of 16 chunks equals the query's, as it stands or with one bit
flipped: 16 * 17 = 272 keys. What is found there still has to be compared, since unrelated codes share chunks
too.

Chunks are read big-endian, from the front of the code; a key is `position << 16 | value`.

The chunks set in a ring tell most accidents apart without the code (Qin and Xiao, "Pigeonring: A Principle for
Faster Thresholded Similarity Search", PVLDB 12(1), 2018). Let two codes differ by at most r bits, d[i] of them in
chunk i. Then for some i both d[i] <= r/16 and d[i] + d[i+1] <= 2r/16: walk round the ring summing d[j] - r/16; a
whole round sums to at most 0, so from just after the place where the running sum is highest, no partial sum is
positive. So beside each key stands the *following* chunk of its code, the first coming after the last, and only
what passes `ring_limit` needs to be fetched and compared: for r = 31, one in 350.
"""

from __future__ import annotations

import struct

CODE_BYTES = 32
CODE_BITS = 8 * CODE_BYTES
CHUNKS = 16
CHUNK_BITS = 16
EXACT_RADIUS = 2 * CHUNKS - 1
"""The largest distance, in bits, up to which nothing stored can be missed."""

_CHUNKS_OF = struct.Struct(f">{CHUNKS}H")
_FLIPS = (0, *(1 << bit for bit in range(CHUNK_BITS)))


def chunk_keys(code: bytes) -> list[int]:
    """Return the 16 keys under which `code` is stored."""
    return [position << CHUNK_BITS | value for position, value in enumerate(_CHUNKS_OF.unpack(code))]


def followings(code: bytes) -> list[int]:
    """Return, beside each of `chunk_keys`, the value of the chunk that follows it in the ring."""
    chunks = _CHUNKS_OF.unpack(code)
    return [*chunks[1:], chunks[0]]


def probes(code: bytes) -> dict[int, tuple[int, int]]:
    """Return the 272 keys under which everything within `EXACT_RADIUS` is found.

    With each: the value of the following chunk that is looked for, and the bits flipped in the key, 0 or 1.
    """
    return {
        key ^ flip: (following, flip.bit_count())
        for key, following in zip(chunk_keys(code), followings(code), strict=True)
        for flip in _FLIPS
    }


def ring_limit(radius: int) -> int:
    """Return how many bits a probed chunk and its following one may differ by together.

    Nothing within `EXACT_RADIUS` is lost by it. Beyond, where the probes find most but not all, one bit more
    keeps nearly all that they find.
    """
    return radius // 8 if radius <= EXACT_RADIUS else radius // 8 + 1


def distance(a: bytes, b: bytes) -> int:
    """Return the number of bits by which two codes of one length differ."""
    if len(a) != len(b):
        raise ValueError(f"codes of {len(a)} and {len(b)} bytes cannot be compared")
    return (int.from_bytes(a) ^ int.from_bytes(b)).bit_count()
