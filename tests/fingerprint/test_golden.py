"""Codes of known pictures. If one moves, archives hold codes that no longer compare: raise the version."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from provenance.fingerprint import FINGERPRINTERS, Frame

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

GOLDEN = {
    "scene": {
        "pdq": "43c6adf83122b7f84af5bb10557ab54e7c0e02770fb90747859ab1501e7ba887",
        "phash": "e21f708a6f3d85462cd0f1604ef8f720781f3956ab55846e57ab0fbca2444fd2",
        "dhash": "a97ff97bd91bd98bd1e1e1a3f326d1b6d33ede76da65ca44f8cc00cc2c0e2c36",
    },
    "grey portrait": {
        "pdq": "8e7471151e8d97dca0f57d030f3ed57861f3b942144d9ac861f2dab6051319fc",
        "phash": "908b1fdcec5036a9a7c709acd914214ee7c31f55b878605f578299f4d8bcd40f",
        "dhash": "f162fbf1ffe0ffe6ff84ff94cf93b3b3d269c3e9c5e9c4f9c4f9c5f9c1b6e2b6",
    },
    "banner": {
        "pdq": "98e6390ea1c438c6968e05af578e0d1e8d1e8b1cba1adf69d2d276cc703b6cf2",
        "phash": "c049279b6e0719b7a5e54bfdac2e1d783d58385830f57ad038bc31ce19ce384e",
        "dhash": "fcafb8ad93a3ad25ad25a565e529e5696569e6d9c6018586f0a4b4a48c648c60",
    },
    "stamp": {
        "pdq": "a333b017c4cc8cde64dc9be007fc0dded84e81dd01f0f0ac784e0ef137f4f609",
        "phash": "8017403717f647f8390f3a87b7c04dc0390d3dda1ff823ec9d933d999991740f",
        "dhash": "ffb3c4b3ecb2ec56d266d462cb62c332d96df8747934f972f972ffb2d2f6c2f8",
    },
    "large": {
        "pdq": "ba7ad57a7eda458f03ae058c6c8e6dcc66b884b9d693c2c3e412f26413669b38",
        "phash": "818b0e6cb3641327241361a164b54e920eb399db389b98d03ae1f8d76dbf2f5f",
        "dhash": "f34cf84c1b4d1b251c39b739d13cdd3c9cbc8db4f384738c338cb38c93f682f6",
    },
    "dark": {
        "pdq": "7e2b3d5c49a54bd03ea94363c14fbc5cfb5980276e36539c08cc34e3e72b5906",
        "phash": "908e304d6a7b639699881ce5373bf2004d6f1d9e7941437d4bbe05e9d2c98d5e",
        "dhash": "d2fde2736363d37cd279e26997698b199b12b1b659b65893e418db531fd14f4d",
    },
}
VERSIONS = {"pdq": 1, "phash": 1, "dhash": 1}


def test_every_version_is_pinned() -> None:
    assert {each.algorithm: each.version for each in FINGERPRINTERS} == VERSIONS


@pytest.mark.parametrize("picture", GOLDEN)
def test_codes_do_not_move(picture: str, pictures: dict[str, NDArray[np.uint8]]) -> None:
    frame = Frame(pictures[picture])
    assert {each.algorithm: each(frame)[0].hex() for each in FINGERPRINTERS} == GOLDEN[picture]
