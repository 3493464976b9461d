"""Whether two pictures share a page, and not what is on it.

Two screens of one app, or two pages of one site, agree in bars, buttons and words that stand on an even ground, and
disagree where each shows a photo of its own. A copy under a caption disagrees too, but what agrees is itself a photo,
which has no such ground.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from provenance.compare.blocks import BLOCK, neighbours

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from provenance.compare.blocks import Blocks
    from provenance.compare.geometry import Floats

UNLIKE = 0.2
"""Mean correlation of a block and its neighbours below which they show other things: noise and blur leave more."""

SURROUNDED = 5
"""Blocks of these nine, at least, that show something in both."""

TONES = 5
"""Neighbouring grey levels that are one ground."""

CONTRARY, GROUND = 0.1, 0.5
"""A page around other photos: contrary blocks for each that agrees, and share of the ground in what is left. Of 210
edited copies none has both; those with so many contrary blocks have at most 0.39 of one tone (a photo under a caption),
three pages around other photos 0.58 and more."""


def contrary(blocks: Blocks) -> NDArray[np.bool_]:
    """Return the blocks, (rows, columns), around which both pictures show something, and not the same."""
    shown = blocks.both.astype(np.float64)
    count = shown + neighbours(shown[..., None])[..., 0]
    alike = np.where(blocks.both, blocks.correlation, 0.0)
    total = alike + neighbours(alike[..., None])[..., 0]
    result: NDArray[np.bool_] = blocks.both & (count >= SURROUNDED) & (total < UNLIKE * count)
    return result


def ground(plane: Floats, inside: NDArray[np.bool_], unlike: NDArray[np.bool_]) -> float:
    """Return the share that the commonest tone has of what lies `inside`, but not at `unlike` blocks or beside them.

    `plane` holds grey levels, 0 to 255, and `inside` says of each whether it counts; `unlike` is (rows, columns).
    """
    beside = unlike | (neighbours(unlike[..., None].astype(np.float64))[..., 0] > 0)
    left = ~beside.repeat(BLOCK, axis=0).repeat(BLOCK, axis=1)
    rows, columns = left.shape
    tones = plane[:rows, :columns][left & inside[:rows, :columns]]
    counts = np.bincount(np.clip(tones, 0, 255).astype(np.uint8), minlength=256)
    return float(np.convolve(counts, np.ones(TONES), "same").max() / max(1, len(tones)))
