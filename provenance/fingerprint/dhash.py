"""dHash: whether brightness rises from each cell to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from provenance.fingerprint.interface import Frame


class DHash:
    """imagehash's `dhash` over 17x16 cells; `code.hex()` equals `str(imagehash.dhash(...))`.

    N. Krawetz, "Kind of Like That", 2013. It carries no quality; a flat picture's code is all zero bits.
    """

    algorithm = "dhash"
    version = 1

    def __call__(self, frame: Frame) -> tuple[bytes, int | None]:
        """Return the 32-byte code, rows of cells top to bottom, and no quality."""
        import imagehash  # noqa: PLC0415 - a check does not use it

        bits = imagehash.dhash(frame.grey, hash_size=16).hash
        return np.packbits(bits).tobytes(), None
