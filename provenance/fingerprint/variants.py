"""Variants: the features a mirrored picture or a negative would give, from those of the picture itself.

A SIFT descriptor has four rows and four columns of cells about its keypoint, turned to its angle, and in each
cell eight directions, so mirroring and inverting a picture only change the order of the 128 values; no second
extraction is needed. Turning changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from provenance.fingerprint.sift import DIMENSIONS
from provenance.model import LocalFeatures, Variant

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from provenance.model import QueryFeatures

VARIANTS: Final = tuple(
    Variant(mirrored, inverted) for inverted in (False, True) for mirrored in (False, True)
)

_CELLS = np.arange(DIMENSIONS).reshape(4, 4, 8)
# Across the keypoint's own axis: rows swap sides, and a direction turns the other way round.
_MIRRORED = _CELLS[::-1, :, -np.arange(8) % 8].ravel()
# All gradients point the other way, so the keypoint's angle does too, and the cells turn by half a circle.
_INVERTED = _CELLS[::-1, ::-1].ravel()


def root_sift(descriptors: NDArray[np.uint8], variant: Variant) -> NDArray[np.float32]:
    """Return raw SIFT descriptors (n, 128) as the variant has them, float32 of unit length.

    R. Arandjelovic, A. Zisserman, "Three Things Everyone Should Know to Improve Object Retrieval", CVPR 2012: the
    root of each share of the sum. Euclidean distance then compares them as histograms.
    """
    if variant.mirrored:
        descriptors = descriptors[:, _MIRRORED]
    if variant.inverted:
        descriptors = descriptors[:, _INVERTED]
    values = descriptors.astype(np.float32)
    # A sum of zero, which a keypoint's surroundings cannot give, must not divide.
    rooted: NDArray[np.float32] = np.sqrt(values / values.sum(axis=1, keepdims=True).clip(1))
    return rooted


def as_variant(query: QueryFeatures, variant: Variant) -> LocalFeatures:
    """Return the features that the query's frame would give if it were mirrored or inverted, in the same order.

    `xy` are pixels of the mirrored frame.
    """
    xy, angle = query.xy, query.angle
    if variant.mirrored:
        xy = np.stack([query.size[0] - 1 - xy[:, 0], xy[:, 1]], axis=1)
        angle = 180 - angle
    if variant.inverted:
        angle = angle + 180
    return LocalFeatures(query.size, xy, angle % 360, query.scale, root_sift(query.descriptors, variant))
