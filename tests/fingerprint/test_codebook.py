"""What the codebook makes of known descriptors. If it moves, archives hold codes that no longer compare: raise
the version."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np
import pytest

from provenance.archive.local_rows import decoded
from provenance.fingerprint.codebook import VERSION, Codebook, codebook
from provenance.fingerprint.local import local_code
from provenance.fingerprint.variants import root_sift
from provenance.model import Variant

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .conftest import MakePhoto, Scene

FILES = {1: "794e0417bdb9786ce6838da563aeb3220ae73486168595e6dc145bde3395761d"}
WORDS = [307997, 341391, 267149, 1008258, 93507, 752385]
SIGNATURES = [3521470230, 383162189, 4027563019, 2529048143, 1408234258, 4116493075]
COMPRESSED = [
    "4ac77a38e48a346b",
    "e4b133cc012eb10b",
    "fbcc4075d293ee5a",
    "f08110b37c462b0b",
    "f0abbaca6e933edb",
    "1369ff5dd7d8149f",
]
FIRST = [
    343039,
    803511,
    563950,
    406861,
    138079,
    638722,
    794467,
    1037000,
    761690,
    342112,
    761555,
    962792,
    850928,
    952178,
    803511,
    546123,
    761555,
    832099,
    663650,
    508295,
    850928,
    860212,
    802674,
    345255,
    665903,
    792930,
    901134,
    1038001,
    203493,
    998088,
]


def drawn(count: int) -> NDArray[np.float32]:
    """Return RootSIFT descriptors drawn in integers, many of whose values are small, as in photos."""
    feature, value = np.indices((count, 128))
    raw = (feature * feature * 37 + value * value * 11 + feature * value * 29 + value // 8 * 53) % 211
    return root_sift((raw * raw // 300).astype(np.uint8), Variant(mirrored=False, inverted=False))


@pytest.fixture(scope="module")
def descriptors() -> NDArray[np.float32]:
    return drawn(300)


def test_the_file_of_a_version_never_changes() -> None:
    data = (files("provenance.fingerprint") / f"codebook-{VERSION}.npz").read_bytes()
    assert hashlib.sha256(data).hexdigest() == FILES[VERSION]
    assert len(data) < 600_000


def test_it_is_read_once() -> None:
    assert codebook() is codebook()


def test_codes_of_known_descriptors_do_not_move() -> None:
    descriptors = drawn(6)
    assert codebook().words(descriptors).tolist() == WORDS
    assert codebook().signatures(descriptors).tolist() == SIGNATURES
    assert codebook().compressed(descriptors).tobytes().hex(" ", 8).split() == COMPRESSED


def test_the_first_words_of_a_known_picture_do_not_move(scene: Scene, photo: MakePhoto) -> None:
    # Builds of OpenCV for other processors round differently, which may cost a feature or a word; another way to
    # find or describe features would cost most.
    code = local_code(photo(scene(500, 375, 1)))
    words = decoded([(0, code.words, code.signatures)]).words.tolist()
    assert abs(len(words) - 208) <= 5
    assert len(set(words[:30]) & set(FIRST)) >= 20


def test_nearest_centroids_are_what_they_are_called(descriptors: NDArray[np.float32]) -> None:
    book = codebook()
    words, probes = book.words(descriptors), book.probes(descriptors)
    expected = []
    for half, part in zip(book.halves, np.split(descriptors, 2, axis=1), strict=True):
        apart = np.linalg.norm(part[:, np.newaxis] - half, axis=2)
        expected.append(np.argsort(apart, axis=1)[:, :2])
    first, second = expected
    assert (words == first[:, 0] * 1024 + second[:, 0]).all()
    for column, (a, b) in enumerate([(0, 0), (0, 1), (1, 0), (1, 1)]):
        assert (probes[:, column] == first[:, a] * 1024 + second[:, b]).all()


def test_compressed_descriptors_are_near(descriptors: NDArray[np.float32]) -> None:
    book = codebook()
    numbers = book.compressed(descriptors)
    restored = book.restored(numbers)
    assert restored.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(restored, axis=1), 1, rtol=1e-5)
    assert np.einsum("nd,nd->n", restored, descriptors).mean() > 0.85
    for piece, (table, part) in enumerate(zip(book.pieces, np.split(descriptors, 8, axis=1), strict=True)):
        apart = np.linalg.norm(part[:, np.newaxis] - table, axis=2)
        assert (numbers[:, piece] == apart.argmin(axis=1)).all()


def test_signatures_are_signs_about_medians(descriptors: NDArray[np.float32]) -> None:
    book = codebook()
    bits = descriptors @ book.axes.T > book.medians
    assert (book.signatures(descriptors) == np.packbits(bits, axis=1).view("<u4")[:, 0]).all()


@pytest.mark.parametrize("count", [0, 1, 63, 64, 65, 129])
def test_the_number_of_descriptors_makes_no_difference(count: int, descriptors: NDArray[np.float32]) -> None:
    book = codebook()
    for method in (Codebook.words, Codebook.probes, Codebook.signatures, Codebook.compressed):
        assert (method(book, descriptors[:count]) == method(book, descriptors)[:count]).all()
    assert book.restored(book.compressed(descriptors[:count])).shape == (count, 128)
