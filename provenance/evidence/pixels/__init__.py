"""What the pixels alone hint at. Hints never flag by themselves: what made a trace is rarely certain.

To be called in a child process under limits, as all that reads pixels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.evidence.pixels.copy_move import copy_moves
from provenance.evidence.pixels.double_quantisation import double_quantisation
from provenance.evidence.pixels.grid_shift import grid_shifts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from provenance.model.file_facts import Hint

__all__ = ["copy_moves", "double_quantisation", "grid_shifts", "pixel_hints"]


def pixel_hints(data: bytes, pixels: NDArray[np.uint8]) -> tuple[Hint, ...]:
    """Return all hints of one picture; none where it is too small or too plain to tell.

    Args:
        data: The file.
        pixels: What it decodes to, uint8 (height, width, 3), red first, as stored: before any turn that EXIF asks
            for. Regions are in these pixels.
    """
    return grid_shifts(data, pixels) + copy_moves(pixels) + double_quantisation(data, pixels)
