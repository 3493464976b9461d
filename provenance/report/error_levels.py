"""Error level analysis, drawn on request only: what a picture loses when it is compressed once more.

N. Krawetz, "A Picture's Worth... Digital Image Analysis and Forensics", Black Hat 2007. It is widely shown and widely
misread, which is why the picture carries its caution with it and no rule looks at it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from provenance.report.canvas import png, put, sheet, text_width, wrapped, written
from provenance.report.sheets import text_for

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from provenance.report.canvas import Pixels

QUALITY = 90
"""libjpeg's scale: the customary one of this analysis, below that of cameras and above that of most platforms."""

BRIGHT = 240
"""Grey level that the strong differences are enlarged to: of every picture alike, else few show anything."""

STRONG = 99.5
"""Percentile of the differences that is drawn at `BRIGHT`."""

MOST_GAIN = 40.0
"""Differences of a few grey levels are rounding; enlarged beyond this they would look like something."""

CAUTION = (
    "Error level analysis proves nothing: edges, text, saturated colours and fine detail are bright in untouched "
    "photos, and one more compression levels real edits out. It only shows where to look more closely."
)


def differences(picture: Pixels) -> NDArray[np.uint8]:
    """Return the absolute differences, enlarged, between a picture and itself as a JPEG of `QUALITY`.

    Both are uint8 of shape (height, width, 3).
    """
    import cv2  # noqa: PLC0415 - slow to import

    swapped = np.ascontiguousarray(picture[:, :, ::-1])
    encoded = cv2.imencode(".jpg", swapped, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1]
    again = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
    if again is None:  # pragma: no cover - it has just been encoded
        return np.zeros_like(picture)
    apart = cv2.absdiff(swapped, again.astype(np.uint8))
    strong = float(np.percentile(apart, STRONG))
    gain = min(MOST_GAIN, BRIGHT / max(strong, 1.0))
    return np.ascontiguousarray(cv2.convertScaleAbs(apart, alpha=gain)[:, :, ::-1]).astype(np.uint8)


def error_levels(picture: Pixels) -> bytes:
    """Return the analysis of a picture, uint8 (height, width, 3), as a PNG in its own pixels, its caution below."""
    drawn = differences(picture)
    text = text_for(drawn)
    width = max(drawn.shape[1], text_width("Error level analysis proves", text) + 2 * text)
    lines = wrapped(CAUTION, text, width - 2 * text)
    line = round(1.4 * text)
    page = sheet(width, drawn.shape[0] + line * len(lines) + text)
    put(page, drawn, 0, 0)
    words = [(told, float(text), float(drawn.shape[0] + (n + 1) * line)) for n, told in enumerate(lines)]
    return png(written(page, words, text))
