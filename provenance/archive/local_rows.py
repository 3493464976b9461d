"""Rows of local features as arrays. The packing is that of `LocalCode`: words in 3 bytes, signatures in 4."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from provenance.errors import ArchiveError
from provenance.index.words import WORDS, Features

if TYPE_CHECKING:
    from collections.abc import Sequence

    Row = tuple[int, bytes, bytes]
    """Image, words, signatures."""

_WORD_BYTES = 3
_SIGNATURE_BYTES = 4


def decoded(rows: Sequence[Row]) -> Features:
    """Return the features of rows, which come by ascending image.

    Raises:
        ArchiveError: a row makes no sense.
    """
    for image_id, words, signatures in rows:
        if not _fit(words, signatures):
            raise _damaged(image_id)
    counts = [len(signatures) // _SIGNATURE_BYTES for _, _, signatures in rows]
    ids = np.repeat(np.array([image_id for image_id, _, _ in rows], dtype=np.int64), counts)
    listed = np.zeros((len(ids), _SIGNATURE_BYTES), dtype=np.uint8)
    packed = np.frombuffer(b"".join(words for _, words, _ in rows), dtype=np.uint8)
    listed[:, :_WORD_BYTES] = packed.reshape(-1, _WORD_BYTES)
    words_of = listed.reshape(-1).view("<u4").astype(np.uint32)
    beyond = np.flatnonzero(words_of >= WORDS)
    if len(beyond) > 0:
        raise _damaged(int(ids[beyond[0]]))
    signatures_of = np.frombuffer(b"".join(signatures for _, _, signatures in rows), dtype="<u4")
    return Features(ids, words_of, signatures_of.astype(np.uint32))


def _fit(words: object, signatures: object) -> bool:
    """Return whether these are bytes of as many words as signatures. SQLite keeps any type in any column."""
    if not isinstance(words, bytes) or not isinstance(signatures, bytes):
        return False
    count, rest = divmod(len(signatures), _SIGNATURE_BYTES)
    return rest == 0 and len(words) == count * _WORD_BYTES


def _damaged(image_id: int) -> ArchiveError:
    return ArchiveError(
        f"The local features of image {image_id} make no sense: the archive is damaged.",
        "Restore it from a backup.",
    )
