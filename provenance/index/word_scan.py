"""The reference for features: compare with everything. Quick enough for some hundred thousand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from provenance.index.words import SIGNATURE_RADIUS, WORDS, Hits, affordable, check_asked

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from provenance.index.words import Features


class WordScan:
    """Features as they are."""

    def __init__(self, features: Features) -> None:
        self._features = features

    @property
    def last_id(self) -> int:
        """The highest id held, -1 if there is none."""
        return int(self._features.ids[-1]) if len(self._features) else -1

    def search(
        self, words: NDArray[np.uint32], signatures: NDArray[np.uint32], most: int | None = None
    ) -> Hits:
        """Return the images with a feature like those asked for; see `WordIndex`."""
        check_asked(words, signatures)
        asked = np.ones(words.shape, dtype=np.bool_)
        if most is not None:
            asked = affordable(np.bincount(self._features.words, minlength=WORDS)[words], most)
        found = [np.empty((2, 0), dtype=np.int64)]
        for query, (probes, signature) in enumerate(zip(words, signatures, strict=True)):
            listed = np.isin(self._features.words, probes[asked[query]])
            near = np.bitwise_count(self._features.signatures ^ signature) <= SIGNATURE_RADIUS
            ids = np.unique(self._features.ids[listed & near])
            found.append(np.stack([np.full_like(ids, query), ids]))
        query_of, id_of = np.concatenate(found, axis=1)
        return Hits(query_of, id_of)
