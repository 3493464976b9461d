"""Hints from histograms of coefficients: the whole picture was compressed before, at another quality."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from provenance.evidence.pixels.coefficients import coefficients
from provenance.evidence.pixels.luminance import luminance
from provenance.evidence.pixels.quantisation import earlier_quality
from provenance.evidence.pixels.tables import luminance_table
from provenance.model.file_facts import Hint, HintKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAST = 2.5
"""Score that is told: of 148 pictures compressed once two reached it (docs/pixel-hints.md)."""

COUNTED = 0.1
"""Share of the likelihoods' evidence that counts: blocks are not independent, and of pictures that were compressed once
four in 148 reached 15 by it, where 2 was to be expected. Those compressed twice mostly have hundreds."""

FEWEST = 256
"""Blocks, neither black nor white, below which histograms say nothing."""


def double_quantisation(data: bytes, pixels: NDArray[np.uint8], least: float = LEAST) -> tuple[Hint, ...]:
    """Return a hint if the histograms of coefficients show an earlier compression on the same grid.

    A file that is no JPEG has not quantised anything itself: there, any compression is an earlier one.

    Args:
        data: The file.
        pixels: What it decodes to, as stored, uint8 (height, width, 3).
        least: Score that the hint must have.
    """
    table = luminance_table(data)
    if table is None:
        if data.startswith(b"\xff\xd8"):
            return ()
        table = np.ones((8, 8), np.int64)
    light = luminance(pixels)
    seen, unquantised = coefficients(light, 0, 0), coefficients(light, 4, 4)
    if min(seen.shape[1], unquantised.shape[1]) < FEWEST:
        return ()
    earlier = earlier_quality(seen, unquantised, table)
    if earlier is None or earlier.score * COUNTED < least:
        return ()
    words = f"compressed as JPEG before, at a quality of about {earlier.quality}"
    return (Hint(HintKind.DOUBLE_QUANTISATION, earlier.score * COUNTED, (), words),)
