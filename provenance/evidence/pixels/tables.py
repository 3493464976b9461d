"""The quantisation table that a JPEG file's brightness was last compressed with."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING

import numpy as np

from provenance.evidence.pixels.zeros import BLOCK

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Table = NDArray[np.int64]

_HEADER = 1 << 20
"""Bytes of a file in which its tables are looked for."""

STANDARD = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)
"""For brightness, at quality 50: ITU-T T.81, table K.1, rows by frequency along y."""


def luminance_table(data: bytes) -> Table | None:
    """Return the table of a JPEG file's brightness, int64 (8, 8), rows by frequency along y, or None.

    None says that the file is no JPEG, or damaged before its tables end.
    """
    from PIL import Image  # noqa: PLC0415 - only files that begin as JPEG pay for it

    if not data.startswith(b"\xff\xd8"):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data[:_HEADER]), formats=("JPEG",)) as picture:
                table = np.array(picture.quantization[picture.layer[0][3]], np.int64)  # type: ignore[attr-defined]
    except Exception:  # Pillow raises nearly anything on damaged files
        return None
    return table.reshape(BLOCK, BLOCK) if table.size == BLOCK * BLOCK and (table > 0).all() else None


def standard_table(quality: int) -> Table:
    """Return the table of the Independent JPEG Group's library for a quality of 1 to 100, int64 (8, 8)."""
    scale = 5000 // quality if quality < 50 else 200 - 2 * quality  # noqa: PLR2004 - of the formula
    return np.clip((np.array(STANDARD, np.int64) * scale + 50) // 100, 1, 255)
