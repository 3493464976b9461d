"""How surprising it is that so many of so many trials succeed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def surprise(found: ArrayLike, of: ArrayLike, chance: ArrayLike) -> NDArray[np.float64]:
    """Return -log10 of a bound of the chance that `found` of `of` independent trials or more succeed.

    The bound is Chernoff's (Hoeffding, 1963): the binomial tail itself is smaller. 0 where no more succeed than are
    to be expected.

    Args:
        found: Successes, 0 to `of`, not necessarily whole: where neighbours depend on each other, 64 count as one.
        of: Trials, above 0.
        chance: Of one trial, above 0 and below 1.
    """
    chance, of = np.asarray(chance, np.float64), np.asarray(of, np.float64)
    share = np.clip(np.asarray(found, np.float64) / of, 0, 1)
    hit = share * np.log(np.maximum(share, 1e-300) / chance)
    miss = (1 - share) * np.log(np.maximum(1 - share, 1e-300) / (1 - chance))
    return np.where(share > chance, np.maximum(of * (hit + miss), 0) / np.log(10), 0.0)
