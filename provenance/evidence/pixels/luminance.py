"""Brightness as JPEG keeps it, without rounding it once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

WEIGHTS = (0.299, 0.587, 0.114)
"""Of red, green and blue in the luminance of JFIF (ITU-R BT.601)."""

_BAND = 256
"""Rows that are turned at once: the colours of a large picture as floats would fill memory."""


def luminance(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the luminance of a picture, float32 (height, width), 0 to 255.

    It is not rounded: rounding would add as much noise to the DCT as decoding did.

    Args:
        pixels: Red, green and blue, uint8 (height, width, 3).
    """
    result = np.empty(pixels.shape[:2], np.float32)
    weights = np.array([WEIGHTS], np.float32)
    for top in range(0, len(pixels), _BAND):
        band = pixels[top : top + _BAND].astype(np.float32)
        result[top : top + _BAND] = cv2.transform(band, weights).reshape(band.shape[:2])
    return result
