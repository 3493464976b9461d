"""How surprising a match would be by accident: the a-contrario score.

The number of false alarms (NFA; Desolneux, Moisan, Morel, "From Gestalt Theory to Image Analysis", 2008) is
the number of comparisons made times the chance that one of unrelated content does at least as well. The
score is its -log10, so a score of 3 is expected by accident once in a thousand checks of this archive.
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


def local_score(surprise: float, images: int) -> float:
    """Return the score of an alignment whose -log10 NFA within its two pictures is `surprise`."""
    return surprise - math.log10(max(1, images))


def digest_score(images: int) -> float:
    """Return the score of equal SHA-256 digests in an archive of `images`."""
    return DIGEST_BITS * math.log10(2) - math.log10(max(1, images))
