"""Exact look-up of 256-bit codes: everything stored within 31 bits, without scanning everything stored.

`keys` cuts a code into the keys that a table can be indexed by, in plain Python, for archives small enough to
ask SQL. `MultiIndex` answers the same question from arrays, `cache` keeps those arrays in a memory-mapped
file, and `BruteForceIndex` is the reference that both are tested against.

Importing this package does not import numpy: starting it costs more than checking a photo against a small
archive. The modules that need it are imported by name.
"""

from __future__ import annotations

from provenance.index.interface import CorruptIndexError, HammingIndex, Hit
from provenance.index.keys import CHUNKS, CODE_BYTES, EXACT_RADIUS, chunk_keys, distance, probes

__all__ = [
    "CHUNKS",
    "CODE_BYTES",
    "EXACT_RADIUS",
    "CorruptIndexError",
    "HammingIndex",
    "Hit",
    "chunk_keys",
    "distance",
    "probes",
]
