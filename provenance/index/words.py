"""What look-up of local features promises, and how its hits become votes.

A feature is stored as a *word*, the cell of descriptor space that it falls into, and a *signature*, 32 bits that
tell where in the cell. Words are pairs of centroids, one of 1,024 for each half of the descriptor (Babenko and
Lempitsky, "The Inverted Multi-Index", CVPR 2012); signatures are compared by the bits that differ (Hamming
embedding: Jégou, Douze and Schmid, "Hamming Embedding and Weak Geometric Consistency for Large Scale Image Search",
ECCV 2008).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

WORDS = 1 << 20
"""Cells of descriptor space: words lie below."""
SIGNATURE_BITS = 32
SIGNATURE_RADIUS = 6
"""Bits by which the signatures of one feature, seen twice, may differ. Of unrelated ones 1 in 3,740 passes."""


@dataclass(frozen=True, eq=False, slots=True)
class Features:
    """The indexed features of some images, one a row, in the order of their images."""

    ids: NDArray[np.int64]
    """(n), of the images: from 0 up, not decreasing"""
    words: NDArray[np.uint32]
    """(n), below `WORDS`"""
    signatures: NDArray[np.uint32]
    """(n)"""

    def __post_init__(self) -> None:
        _check(self.ids, "ids", np.int64, (len(self.ids),))
        _check_words(self.words, (len(self.ids),))
        _check(self.signatures, "signatures", np.uint32, (len(self.ids),))
        if len(self.ids) > 0 and (self.ids[0] < 0 or np.any(self.ids[1:] < self.ids[:-1])):
            raise ValueError("ids must not be negative and not decrease")

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, eq=False, slots=True)
class Hits:
    """Which query feature found which images: pairs, each once, sorted by query and id."""

    query: NDArray[np.int64]
    """(n): positions among the features asked for"""
    id: NDArray[np.int64]
    """(n)"""

    def __len__(self) -> int:
        return len(self.query)


class WordIndex(Protocol):
    """Stored features by their words."""

    @property
    def last_id(self) -> int:
        """The highest id covered, -1 if there is none: what was added later is not in here."""
        ...

    def search(
        self, words: NDArray[np.uint32], signatures: NDArray[np.uint32], most: int | None = None
    ) -> Hits:
        """Return the images with a feature like those asked for: completely, unless `most` bounds what is read.

        Args:
            words: (q, p) of uint32, below `WORDS`: where each query feature may be listed.
            signatures: (q) of uint32.
            most: stored features that are compared with; of all (q, p) lists the shortest, as `affordable` has it.

        Returns:
            For each query feature the ids with a feature under one of its p words whose signature differs from
            its own by at most `SIGNATURE_RADIUS` bits.

        Raises:
            ValueError: words or signatures are not of this kind.
            CorruptIndexError: a loaded index contradicts itself.
        """
        ...


def affordable(lengths: NDArray[np.int64], most: int) -> NDArray[np.bool_]:
    """Return which lists, of these lengths (q, p), are read if at most `most` entries may be: the shortest.

    Some words are in every third photo. Reading their lists takes nearly all of the time, and what is in so many
    photos votes for none. Of equally long lists those asked for first are read.
    """
    flat = lengths.reshape(-1)
    order = np.argsort(flat, kind="stable")
    read = np.zeros(len(flat), dtype=np.bool_)
    read[order[np.cumsum(flat[order]) <= most]] = True
    return read.reshape(lengths.shape)


class Vote(NamedTuple):
    """How much of a query speaks for an image."""

    id: int
    weight: float
    """Of query features; an image that alone is hit by all of them weighs as many as they are."""


def votes(hits: Hits, queries: int, limit: int | None = None) -> list[Vote]:
    """Return the images hit by `queries` features, best first, those of one weight by id; at most `limit`.

    A hit weighs 1 / (images that its query feature hits): what recurs in many images says little of any (inverse
    document frequency). So unrelated images share the weight of what all skies and all letters have.
    """
    weight = 1 / np.maximum(np.bincount(hits.query, minlength=queries), 1)[hits.query]
    # Sums depend on their order in the last bits. Equal weights added in one order stay equal.
    order = np.argsort(weight, kind="stable")
    ids, image = np.unique(hits.id[order], return_inverse=True)
    total = np.bincount(image, weights=weight[order], minlength=len(ids))
    best = np.argsort(-total, kind="stable")[:limit]
    return list(map(Vote, ids[best].tolist(), total[best].tolist()))


def check_asked(words: NDArray[np.uint32], signatures: NDArray[np.uint32]) -> None:
    """Raise ValueError unless these are words (q, p) and signatures (q) as `WordIndex.search` takes them."""
    if words.ndim != 2:  # noqa: PLR2004 - (q, p)
        raise ValueError(f"words must be of shape (q, p), not {words.shape}")
    _check_words(words, words.shape)
    _check(signatures, "signatures", np.uint32, (len(words),))


def _check_words(words: NDArray[np.uint32], shape: tuple[int, ...]) -> None:
    _check(words, "words", np.uint32, shape)
    if words.size > 0 and words.max() >= WORDS:
        raise ValueError(f"words must lie below {WORDS}, and one is {words.max()}")


def _check(array: NDArray[Any], name: str, dtype: type[np.generic], shape: tuple[int, ...]) -> None:
    if array.dtype != dtype or array.shape != shape:
        raise ValueError(
            f"{name} must be {dtype.__name__} of shape {shape}, not {array.dtype} of {array.shape}"
        )
