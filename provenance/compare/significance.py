"""How surprising a match would be by accident: the a-contrario score.

The number of false alarms (NFA; Desolneux, Moisan, Morel, "From Gestalt Theory to Image Analysis", 2008) is
the number of comparisons made times the chance that one of unrelated content does at least as well. The
score is its -log10, so a score of 3 is expected by accident once in a thousand checks of this archive.

What local features find is scored by what was seen of photos that have nothing to do with each other
(docs/score-calibration.md): features that fit by accident do so far more often than their own NFA says, since
photos share dials, letters and lattices; and so do blocks of pixels.
"""

from __future__ import annotations

import math
from functools import cache

from provenance.index.keys import CODE_BITS

DIGEST_BITS = 256

EFFECTIVE_BITS = 80
"""Independent coin flips that a 256-bit perceptual hash is worth.

Its bits are correlated, so distances of unrelated photos spread wider than Binomial(256, 1/2). Binomial(80, 1/2)
bounds the tail observed for whole photos and for soft details alike (docs/global-hashes.md): scores understate.
"""


@cache
def log10_chance(distance: int) -> float:
    """Return log10 of the chance that unrelated content lies within `distance` of 256 bits."""
    flips = min(EFFECTIVE_BITS, distance * EFFECTIVE_BITS // CODE_BITS)
    ways = sum(math.comb(EFFECTIVE_BITS, k) for k in range(flips + 1))
    return math.log10(ways) - EFFECTIVE_BITS * math.log10(2)


def hash_score(distance: int, images: int, codes: int) -> float:
    """Return the score of codes `distance` bits apart, when `codes` query codes met `images` archived."""
    return -(math.log10(max(1, images * codes)) + log10_chance(distance))


FEATURES_SLOPE, FEATURES_POWER = 0.65, 0.6
"""The best alignment in one check of unrelated photos has a surprise of x or more at a rate of
10 ** -(FEATURES_SLOPE * x ** FEATURES_POWER)."""

MOST_SURPRISE = 1000.0
"""Beyond, more features of the same picture say nothing new; equal bytes must say more than any likeness."""

PIXELS_SLOPE, PIXELS_START = 9.0, 0.25
"""Laid over each other so, a share of x or more of their blocks agrees at a rate of
10 ** -(PIXELS_SLOPE * x - PIXELS_START)."""

FEW_BLOCKS = 10
"""Blocks that are added as if they disagreed: of few, a large share agrees easily."""


SEEN_UP_TO = 1000
"""Images up to which the rates above hold, whatever their number: one check compares a bounded number in detail
(`compare.budget`). Of more images more may be alike by accident; each is taken to add its share."""


def local_score(surprise: float, agreeing: int, blocks: int, images: int) -> float:
    """Return the score of an alignment in an archive of `images`.

    `surprise` is its -log10 NFA within its two pictures; `agreeing` of `blocks` show the same.
    """
    features = FEATURES_SLOPE * math.pow(min(max(0.0, surprise), MOST_SURPRISE), FEATURES_POWER)
    pixels = max(0.0, PIXELS_SLOPE * agreeing / (blocks + FEW_BLOCKS) - PIXELS_START)
    # Fisher, "Statistical Methods for Research Workers", 4th ed., 1932, section 21.1: of two chances the product.
    product = features + pixels
    return product - math.log10(1 + product * math.log(10)) - math.log10(max(1.0, images / SEEN_UP_TO))


def digest_score(images: int) -> float:
    """Return the score of equal SHA-256 digests in an archive of `images`."""
    return DIGEST_BITS * math.log10(2) - math.log10(max(1, images))
