"""Hints from copies within one picture: two regions show exactly the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.evidence.pixels.copies import copies
from provenance.model.file_facts import Hint, HintKind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from provenance.evidence.pixels.copies import Copy

LEAST = 6.0
"""Score that is told. At 3, of 1,472 photos a printed wallpaper (5.8) and a woven cloth (3.1) were, and a watermark
drawn many times (5.1): what repeats exactly is no model's case (docs/pixel-hints.md)."""

SMALLEST = 64
"""Pixels of the shorter side below which nothing can be told."""


def copy_moves(pixels: NDArray[np.uint8], least: float = LEAST) -> tuple[Hint, ...]:
    """Return a hint for each shift under which a region of a picture is seen again, with both regions.

    Args:
        pixels: Uint8 (height, width, 3).
        least: Score that a pair must have.
    """
    if min(pixels.shape[:2]) < SMALLEST:
        return ()
    return tuple(
        Hint(HintKind.COPY_MOVE, copy.score, (copy.first, copy.second), _words(copy))
        for copy in copies(pixels, least)
    )


def _words(copy: Copy) -> str:
    across, down = copy.shift
    sideways, upright = "right" if across >= 0 else "left", "down" if down >= 0 else "up"
    far = f"{abs(across)} pixels to the {sideways} and {abs(down)} {upright}"
    return f"the same fine detail in the same tones {far}"
