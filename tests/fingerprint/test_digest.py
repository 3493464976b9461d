from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from provenance.fingerprint import sha256


@given(st.binary())
def test_the_digest_is_sha256(data: bytes) -> None:
    assert sha256(data) == hashlib.sha256(data).hexdigest()


def test_the_digest_of_nothing_is_the_published_one() -> None:
    assert sha256(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
