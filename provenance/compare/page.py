"""Whether two pictures share a page, and not what is on it.

Two screens of one app, or two pages of one site, agree in bars, buttons and words that stand on an even ground, and
disagree where each shows a photo of its own. A copy under a caption disagrees too, but only one of the two has a photo
there; and of a photo what agrees seldom has such a ground.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from provenance.compare.blocks import BLOCK, neighbours

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from provenance.compare.blocks import Blocks
    from provenance.compare.geometry import Floats

UNLIKE = 0.2
"""Mean correlation of a block and its neighbours below which they show other things: noise and blur leave more."""

SURROUNDED = 5
"""Blocks of these nine, at least, that show something in both."""

TONES = 5
"""Neighbouring grey levels that count as one tone."""

CONTRARY, GROUND, PHOTO = 0.1, 0.5, 0.3
"""What makes a page: contrary blocks for each that agrees; share of the commonest tone in what is left; and in what is
contrary at most this, in both. Of some 250 edited copies, those with so many contrary blocks and a photo there in
both had at most 0.25 of a ground; three pages around other photos had 0.56 and more, and in the photos 0.22 at most.
Captions and bars have 0.39 and more of one tone."""


def shares_page(blocks: Blocks, agreeing: int, planes: Sequence[Floats], inside: NDArray[np.bool_]) -> bool:
    """Return whether two pictures agree in a page alone, on which each shows a photo of its own.

    `agreeing` is how many blocks agree; `planes` are the two pictures' grey levels, 0 to 255, on the grid that `blocks`
    are of, and `inside` is where both are.
    """
    unlike = contrary(blocks)
    if np.count_nonzero(unlike) < max(1, CONTRARY * agreeing):
        return False
    beside = unlike | (neighbours(unlike[..., None].astype(np.float64))[..., 0] > 0)
    rest, photo = (_points(where, inside) for where in (~beside, unlike))
    return all(commonest(plane[rest]) >= GROUND and commonest(plane[photo]) <= PHOTO for plane in planes)


def _points(blocks: NDArray[np.bool_], inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which points `inside` belong to these blocks."""
    rows, columns = (side * BLOCK for side in blocks.shape)
    points = np.zeros_like(inside)
    points[:rows, :columns] = inside[:rows, :columns] & blocks.repeat(BLOCK, axis=0).repeat(BLOCK, axis=1)
    return points


def contrary(blocks: Blocks) -> NDArray[np.bool_]:
    """Return the blocks, (rows, columns), around which both pictures show something, and not the same."""
    shown = blocks.both.astype(np.float64)
    count = shown + neighbours(shown[..., None])[..., 0]
    alike = np.where(blocks.both, blocks.correlation, 0.0)
    total = alike + neighbours(alike[..., None])[..., 0]
    result: NDArray[np.bool_] = blocks.both & (count >= SURROUNDED) & (total < UNLIKE * count)
    return result


def commonest(tones: Floats) -> float:
    """Return the share that the commonest tone has of these grey levels, 0 of none."""
    counts = np.bincount(np.clip(tones, 0, 255).astype(np.uint8), minlength=256)
    return float(np.convolve(counts, np.ones(TONES), "same").max() / max(1, len(tones)))
