"""Local features: what finds a photo in a crop, a collage or a screenshot of it, where a hash of all of it fails.

What is archived is small, since there are millions: some features of a reduced picture, compressed. What is
checked is one photo, so it keeps many, exactly, and is compared in every variant. Both spread over the picture:
what circulates may be a corner of it, or a small and faint part of a collage.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from provenance.fingerprint import sift
from provenance.fingerprint.codebook import VERSION, codebook
from provenance.fingerprint.local_code import (
    REFERENCE_FEATURES,
    REFERENCE_SIDE,
    REFERENCE_WORDS,
    packed_features,
    packed_signatures,
    packed_words,
)
from provenance.fingerprint.variants import VARIANTS, root_sift
from provenance.model import LocalCode, QueryFeatures, Variant, VariantKeys

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from provenance.model import Photo

LOCAL: Final = "sift"
ALGORITHM: Final = (LOCAL, VERSION)
"""Name and version, as archives have it."""

QUERY_SIDE: Final = 800
"""Pixels of the longer side at most."""

QUERY_FEATURES: Final = 2500
LOOKED_UP: Final = 1500
"""Features of a query that are looked up, in each variant."""


def set_up() -> None:
    """Load what extraction needs and make it quick; for children that examine one photo at a time."""
    sift.set_up()
    codebook()


def local_code(photo: Photo) -> LocalCode:
    """Return what to archive of the first frame; a flat or tiny one gives a code of no features."""
    found = sift.keypoints(photo.frames[0], REFERENCE_SIDE, REFERENCE_FEATURES)
    descriptors = root_sift(found.descriptors, Variant(mirrored=False, inverted=False))
    book = codebook()
    return LocalCode(
        algorithm=LOCAL,
        version=VERSION,
        words=packed_words(book.words(descriptors[:REFERENCE_WORDS])),
        signatures=packed_signatures(book.signatures(descriptors[:REFERENCE_WORDS])),
        features=packed_features(found, book.compressed(descriptors)),
    )


def query_features(photo: Photo) -> QueryFeatures:
    """Return the features of the first frame, and the keys of its first 1,500 in every variant."""
    found = sift.keypoints(photo.frames[0], QUERY_SIDE, QUERY_FEATURES)
    width, height = found.size
    places = (found.xy[:LOOKED_UP] / (width, height)).astype("float32")
    keys = tuple(_keys(found.descriptors[:LOOKED_UP], places, variant) for variant in VARIANTS)
    return QueryFeatures(*found, lookup=keys)


def _keys(descriptors: NDArray[np.uint8], places: NDArray[np.float32], variant: Variant) -> VariantKeys:
    rooted = root_sift(descriptors, variant)
    return VariantKeys(variant, codebook().probes(rooted), codebook().signatures(rooted), places)
