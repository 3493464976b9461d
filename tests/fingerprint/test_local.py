from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from provenance.archive.local_rows import decoded
from provenance.fingerprint.local import LOCAL, LOOKED_UP, QUERY_FEATURES, local_code, query_features
from provenance.fingerprint.local_code import (
    REFERENCE_FEATURES,
    REFERENCE_WORDS,
    decode_local,
)
from provenance.fingerprint.sift import keypoints
from provenance.fingerprint.variants import VARIANTS, as_variant
from provenance.model import Variant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from provenance.index.words import Features
    from provenance.model import LocalCode, LocalFeatures

    from .conftest import MakePhoto, Scene

AS_IT_IS = Variant(mirrored=False, inverted=False)
MIRRORED = Variant(mirrored=True, inverted=False)
INVERTED = Variant(mirrored=False, inverted=True)
BOTH = Variant(mirrored=True, inverted=True)


def busy(width: int, height: int) -> NDArray[np.uint8]:
    """Draw blocks of 4 pixels at random: more features than any limit."""
    blocks = np.random.default_rng(0).integers(0, 256, (height // 4 + 1, width // 4 + 1, 3), np.uint8)
    return blocks.repeat(4, axis=0).repeat(4, axis=1)[:height, :width]


def rough(width: int, height: int) -> NDArray[np.uint8]:
    """Draw something of every size, as photos have it."""
    number = np.random.default_rng(1)
    layers = [
        number.integers(0, 86, (height // size + 1, width // size + 1, 3), np.uint8)
        .repeat(size, axis=0)
        .repeat(size, axis=1)[:height, :width]
        for size in (7, 23, 61)
    ]
    return np.sum(layers, axis=0, dtype=np.uint8)


def size_in_archive(code: LocalCode) -> int:
    return len(code.words) + len(code.signatures) + len(code.features)


def agreeing(ours: LocalFeatures, theirs: LocalFeatures) -> float:
    """Return the share of our features where theirs has one: within a pixel, 12 degrees, a cosine of 0.95."""
    apart = np.linalg.norm(ours.xy[:, np.newaxis] - theirs.xy, axis=2)
    turned = np.abs((ours.angle[:, np.newaxis] - theirs.angle + 180) % 360 - 180)
    alike = ours.descriptors @ theirs.descriptors.T
    return float(((apart < 1) & (turned < 12) & (alike > 0.95)).any(axis=1).mean())


def looked_up(code: LocalCode) -> Features:
    """Return what look-up reads of a code."""
    return decoded([(0, code.words, code.signatures)])


@pytest.fixture
def threads() -> Iterator[None]:
    """Give OpenCV its threads back."""
    before = cv2.getNumThreads()
    yield
    cv2.setNumThreads(before)


def test_a_code_holds_as_many_features_as_fit_and_the_words_of_most(photo: MakePhoto) -> None:
    code = local_code(photo(busy(1000, 750)))
    assert (code.algorithm, code.version) == (LOCAL, 1)
    assert len(looked_up(code).words) == REFERENCE_WORDS
    assert len(decode_local(code.features).xy) == REFERENCE_FEATURES
    assert size_in_archive(code) <= 10_000


@pytest.mark.parametrize(
    ("size", "searched"),
    [
        ((1000, 750), (352, 264)),
        ((300, 200), (300, 200)),
        ((100, 4000), (9, 352)),
        ((352, 352), (352, 352)),
        ((353, 30), (352, 30)),
    ],
)
def test_large_photos_are_reduced_and_small_ones_are_left(
    size: tuple[int, int], searched: tuple[int, int], photo: MakePhoto
) -> None:
    features = decode_local(local_code(photo(busy(*size))).features)
    assert features.size == searched
    assert len(features.xy)
    assert (features.xy >= 0).all()
    assert (features.xy <= searched).all()


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1), (7, 7), (2, 3), (5000, 40)], ids=str)
def test_tiny_photos_have_no_features(size: tuple[int, int], photo: MakePhoto) -> None:
    picture = photo(busy(*size))
    assert not len(decode_local(local_code(picture).features).xy)
    assert not len(looked_up(local_code(picture)).words)
    if size != (5000, 40):  # 8 pixels are left of it for a query
        assert not len(query_features(picture).xy)


@pytest.mark.parametrize("side", [8, 9, 11, 16, 31])
def test_small_photos_are_searched(side: int, photo: MakePhoto) -> None:
    assert decode_local(local_code(photo(busy(side, side))).features).size == (side, side)
    assert query_features(photo(busy(side, side))).size == (side, side)


def test_flat_photos_have_no_features(photo: MakePhoto) -> None:
    for brightness in (0, 77, 255):
        flat = photo(np.full((300, 400, 3), brightness, np.uint8))
        code = local_code(flat)
        assert (code.words, code.signatures, len(code.features)) == (b"", b"", 6)
        query = query_features(flat)
        assert query.descriptors.shape == (0, 128)
        assert [keys.words.shape for keys in query.lookup] == [(0, 4)] * 4
        assert as_variant(query, BOTH).descriptors.shape == (0, 128)


def test_only_the_first_frame_counts(scene: Scene, photo: MakePhoto) -> None:
    assert local_code(photo(scene(300, 200, 1), scene(300, 200, 2))) == local_code(photo(scene(300, 200, 1)))


def test_only_the_pixels_matter(scene: Scene, photo: MakePhoto) -> None:
    pixels = scene(500, 375, 1)
    backwards_in_memory = pixels[::-1, ::-1].copy()[::-1, ::-1]
    read_only = pixels.copy()
    read_only.flags.writeable = False
    codes = {local_code(photo(each)) for each in (pixels, backwards_in_memory, read_only)}
    assert len(codes) == 1


@pytest.mark.usefixtures("threads")
@pytest.mark.parametrize("size", [(500, 375), (1024, 768)])
def test_threads_change_nothing(size: tuple[int, int], scene: Scene, photo: MakePhoto) -> None:
    found = []
    for pixels in (scene(*size, 3), busy(*size)):
        for count in (1, 2, 4):
            cv2.setNumThreads(count)
            query = query_features(photo(pixels))
            found.append((local_code(photo(pixels)), query.xy.tobytes(), query.descriptors.tobytes()))
    assert len(set(found)) == 2


def test_ties_are_cut_the_same_way() -> None:
    board = (
        (np.indices((40, 50)).sum(axis=0) % 2 * 255).astype(np.uint8).repeat(10, axis=0).repeat(10, axis=1)
    )
    pixels = np.stack([board] * 3, axis=-1)
    few, many = keypoints(pixels, 400, 100), keypoints(pixels, 400, 1000)
    assert len(few.xy) == 100
    assert (few.xy == many.xy[:100]).all()
    assert (few.descriptors == many.descriptors[:100]).all()


def test_a_query_keeps_more_features_exactly(photo: MakePhoto) -> None:
    query = query_features(photo(busy(2000, 1500)))
    assert query.size == (800, 600)
    assert query.xy.shape == (QUERY_FEATURES, 2)
    assert query.angle.shape == query.scale.shape == (QUERY_FEATURES,)
    assert query.descriptors.shape == (QUERY_FEATURES, 128)
    assert query.descriptors.dtype == np.uint8
    assert tuple(keys.variant for keys in query.lookup) == VARIANTS
    for keys in query.lookup:
        assert keys.words.shape == (LOOKED_UP, 4)
        assert keys.words.dtype == keys.signatures.dtype == np.uint32
        assert keys.signatures.shape == (LOOKED_UP,)


def test_the_beginning_of_a_query_is_spread_over_the_picture(photo: MakePhoto) -> None:
    pixels = busy(640, 640)
    pixels[:, 128:] = pixels[:, 128:] // 16 + 120  # faint, so that strength alone would leave it to the end
    query = query_features(photo(pixels))
    cells = (query.xy[:640] / 80).astype(int)
    _, counts = np.unique(cells, axis=0, return_counts=True)
    assert len(counts) == 64
    assert counts.min() >= 5


def test_keys_find_the_reference(scene: Scene, photo: MakePhoto) -> None:
    pixels = scene(352, 264, 5)
    code, query = local_code(photo(pixels)), query_features(photo(pixels))
    held = looked_up(code)
    stored = set(zip(held.words.tolist(), held.signatures.tolist(), strict=True))
    first = query.lookup[0]
    assert first.variant == AS_IT_IS
    assert set(zip(first.words[:, 0].tolist(), first.signatures.tolist(), strict=True)) == stored


@pytest.mark.parametrize(
    ("variant", "edit"),
    [
        (AS_IT_IS, lambda pixels: pixels),
        (MIRRORED, lambda pixels: pixels[:, ::-1]),
        (INVERTED, lambda pixels: 255 - pixels),
        (BOTH, lambda pixels: 255 - pixels[:, ::-1]),
    ],
)
def test_a_variant_is_what_the_edited_picture_gives(variant, edit, photo: MakePhoto) -> None:
    pixels = rough(501, 375)
    ours = as_variant(query_features(photo(pixels)), variant)
    theirs = as_variant(query_features(photo(edit(pixels))), AS_IT_IS)
    assert agreeing(ours, theirs) > 0.85
    assert agreeing(theirs, ours) > 0.85
    np.testing.assert_allclose(np.linalg.norm(ours.descriptors, axis=1), 1, rtol=1e-5)
    for other in VARIANTS:
        if other != variant:
            assert agreeing(as_variant(query_features(photo(pixels)), other), theirs) < 0.3


def test_every_variant_is_its_own_opposite(scene: Scene, photo: MakePhoto) -> None:
    query = query_features(photo(scene(500, 375, 4)))
    for variant in VARIANTS:
        once = as_variant(query, variant)
        codes = np.rint(once.descriptors**2 * query.descriptors.sum(axis=1, keepdims=True)).astype(np.uint8)
        again = type(query)(once.size, once.xy, once.angle, once.scale, codes, ())
        twice = as_variant(again, variant)
        np.testing.assert_allclose(twice.xy, query.xy, atol=1e-3)
        turned = np.abs((twice.angle - query.angle + 180) % 360 - 180)
        assert turned.max() < 1e-3
        np.testing.assert_allclose(twice.descriptors, as_variant(query, AS_IT_IS).descriptors, atol=1e-6)


def test_keys_are_those_of_the_variant(photo: MakePhoto) -> None:
    pixels = rough(352, 264)
    stored = local_code(photo(255 - pixels[:, ::-1]))
    wanted = set(looked_up(stored).words.tolist())
    shared = {
        keys.variant: len(wanted & set(keys.words.ravel().tolist()))
        for keys in query_features(photo(pixels)).lookup
    }
    assert max(shared, key=lambda variant: shared[variant]) == BOTH
    assert shared[BOTH] > 0.7 * len(wanted)


def test_what_is_archived_is_compared_without_opencv(scene: Scene, photo: MakePhoto) -> None:
    code = local_code(photo(scene(300, 200, 1)))
    program = (
        "import sys\n"
        "import provenance.fingerprint.local\n"
        "from provenance.fingerprint.local_code import decode_local\n"
        "from provenance.fingerprint.variants import VARIANTS, as_variant\n"
        "from provenance.model import QueryFeatures\n"
        "found = decode_local(bytes.fromhex(sys.stdin.read()))\n"
        "raw = (found.descriptors * 255).astype('uint8')\n"
        "as_variant(QueryFeatures(found.size, found.xy, found.angle, found.scale, raw, ()), VARIANTS[-1])\n"
        "assert 'cv2' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], input=code.features.hex(), text=True, check=True)
