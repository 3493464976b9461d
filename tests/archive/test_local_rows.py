from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.archive.local_rows import decoded
from provenance.errors import ArchiveError
from provenance.fingerprint.local_code import packed_signatures, packed_words

pairs = st.tuples(st.integers(0, 2**20 - 1), st.integers(0, 2**32 - 1))


@given(st.lists(st.lists(pairs, max_size=8), max_size=5))
def test_words_and_signatures_come_out_as_they_went_in(images: list[list[tuple[int, int]]]) -> None:
    columns = [np.array(image, np.uint32).reshape(-1, 2).T for image in images]
    rows = [
        (7 + number, packed_words(words), packed_signatures(signatures))
        for number, (words, signatures) in enumerate(columns)
    ]
    features = decoded(rows)
    held = zip(features.ids.tolist(), features.words.tolist(), features.signatures.tolist(), strict=True)
    assert list(held) == [(7 + number, *pair) for number, image in enumerate(images) for pair in image]


@pytest.mark.parametrize(
    ("words", "signatures"),
    [
        (bytes(2), bytes(4)),
        (bytes(3), bytes(3)),
        (bytes(3), bytes(8)),
        (b"\0\0\x10", bytes(4)),
        ("abc", bytes(4)),
        (None, None),
    ],
    ids=["short word", "short signature", "more signatures", "no such word", "text", "nothing"],
)
def test_a_malformed_row_is_refused_by_its_number(words: object, signatures: object) -> None:
    with pytest.raises(ArchiveError, match="image 3 make no sense"):
        decoded([(2, bytes(3), bytes(4)), (3, words, signatures)])  # type: ignore[list-item]


@given(st.binary(max_size=30), st.binary(max_size=40))
def test_any_bytes_are_decoded_or_refused(words: bytes, signatures: bytes) -> None:
    try:
        features = decoded([(1, words, signatures)])
    except ArchiveError as error:
        assert "damaged" in error.message
    else:
        assert len(features.words) * 3 == len(words)
