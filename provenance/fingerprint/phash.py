"""pHash: the signs of the lowest DCT frequencies about their median."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from provenance.fingerprint.interface import Frame


class PHash:
    """imagehash's `phash` with 16x16 coefficients; `code.hex()` equals `str(imagehash.phash(...))`.

    N. Krawetz, "Looks Like It", 2011; C. Zauner, "Implementation and Benchmarking of Perceptual Image Hash
    Functions", 2010. It carries no quality: flat pictures get a code of noise.
    """

    algorithm = "phash"
    version = 1

    def __call__(self, frame: Frame) -> tuple[bytes, int | None]:
        """Return the 32-byte code, rows of the 16x16 coefficients first to last, and no quality."""
        import imagehash  # noqa: PLC0415 - brings in scipy, a quarter of a second that no check should pay

        bits = imagehash.phash(frame.grey, hash_size=16).hash
        return np.packbits(bits).tobytes(), None
