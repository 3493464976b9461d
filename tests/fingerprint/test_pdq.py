from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from provenance.fingerprint import Frame
from provenance.fingerprint.pdq import Pdq, inverted, oriented_codes
from provenance.index.keys import distance
from provenance.model import FLAT_QUALITY, Orientation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .conftest import Scene

# What pdqhash 0.2.8, built from the reference implementation in C++, gives for the same pixels.
REFERENCE = {
    "scene": ("43c6adf83122b7f84af5bb10557ab54e7c0e02770fb90747859ab1501e7ba887", 100),
    "grey portrait": ("8e7471151e8d97dca0f57d030f3ed57861f3b942144d9ac861f2dab6051319fc", 100),
    "banner": ("98e6390ea1c438c6968e05af578e0d1e8d1e8b1cba1adf69d2d276cc703b6cf2", 100),
    "stamp": ("a333b017c4cc8cde64dc9be007fc0dded84e81dd01f0f0ac784e0ef137f4f609", 100),
    "large": ("ba7ad57a7eda458f03ae058c6c8e6dcc66b884b9d693c2c3e412f26413669b38", 100),
    "dark": ("7e2b3d5c49a54bd03ea94363c14fbc5cfb5980276e36539c08cc34e3e72b5906", 74),
}


def pdq(pixels: NDArray[np.uint8]) -> tuple[bytes, int]:
    code, quality = Pdq()(Frame(pixels))
    assert quality is not None
    return code, quality


def transposed(pixels: NDArray[np.uint8], orientation: Orientation) -> NDArray[np.uint8]:
    if orientation is Orientation.IDENTITY:
        return pixels
    return np.asarray(Image.fromarray(pixels).transpose(Image.Transpose[orientation.name]))


@pytest.mark.parametrize("picture", REFERENCE)
def test_agrees_with_the_reference(picture: str, pictures: dict[str, NDArray[np.uint8]]) -> None:
    text, quality = REFERENCE[picture]
    ours = pdq(pictures[picture])
    assert distance(ours[0], bytes.fromhex(text)) <= 2
    assert abs(ours[1] - quality) <= 2


@pytest.mark.parametrize("shape", [(5, 5), (5, 300), (64, 64), (63, 65), (129, 128), (375, 500), (1000, 127)])
def test_agrees_with_the_installed_reference(shape: tuple[int, int]) -> None:
    reference = pytest.importorskip("pdqhash", reason="in the benchmark group only")
    pixels = np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)
    bits, quality = reference.compute(pixels)
    ours = pdq(pixels)
    assert distance(ours[0], np.packbits(bits).tobytes()) <= 2
    assert abs(ours[1] - quality) <= 2


@pytest.mark.parametrize("size", [(500, 375), (96, 640), (70, 50), (513, 961)])
def test_codes_of_turned_pictures_are_those_of_turning_them(size: tuple[int, int], scene: Scene) -> None:
    pixels = scene(*size, 7)
    codes, quality = oriented_codes(pixels)
    assert list(codes) == list(Orientation)
    assert quality == pdq(pixels)[1]
    for orientation, code in codes.items():
        assert distance(code, pdq(transposed(pixels, orientation))[0]) <= 2, orientation


def test_code_of_the_negative_is_the_complement(scene: Scene) -> None:
    pixels = scene(500, 375, 8)
    assert distance(inverted(pdq(pixels)[0]), pdq(255 - pixels)[0]) <= 2


def test_half_of_the_bits_are_set(pictures: dict[str, NDArray[np.uint8]]) -> None:
    for pixels in pictures.values():
        assert int.from_bytes(pdq(pixels)[0]).bit_count() == 128


def test_too_small_pictures_have_the_zero_code(scene: Scene) -> None:
    assert pdq(scene(5000, 4, 1)) == (bytes(32), 0)
    assert oriented_codes(scene(4, 5, 1)) == (dict.fromkeys(Orientation, bytes(32)), 0)


def test_quality_falls_with_contrast(scene: Scene) -> None:
    pixels = scene(500, 375, 9)
    qualities = [pdq(pixels // divisor)[1] for divisor in (1, 8, 64, 255)]
    assert qualities == sorted(qualities, reverse=True)
    assert qualities[0] >= FLAT_QUALITY > qualities[-2]
    assert qualities[-1] == 0
