"""What every fingerprinter promises. To be in `FINGERPRINTERS` is to be tested here."""

from __future__ import annotations

import io
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from provenance.fingerprint import FINGERPRINTERS, PRIMARY, Fingerprinter, Frame
from provenance.index.keys import CODE_BITS, distance

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from .conftest import Scene

ODD_SHAPES = [(1, 1), (1, 5000), (5000, 1), (2, 3), (4, 400), (5, 5), (17, 16), (63, 65)]


@pytest.fixture(params=FINGERPRINTERS, ids=lambda fingerprinter: fingerprinter.algorithm)
def fingerprinter(request: pytest.FixtureRequest) -> Fingerprinter:
    return request.param


def bits_apart(fingerprinter: Fingerprinter, a: NDArray[np.uint8], b: NDArray[np.uint8]) -> int:
    return distance(fingerprinter(Frame(a))[0], fingerprinter(Frame(b))[0])


def test_names_are_distinct_and_one_is_primary() -> None:
    names = [fingerprinter.algorithm for fingerprinter in FINGERPRINTERS]
    assert len(set(names)) == len(names)
    assert PRIMARY in names


def test_identity_is_stable(fingerprinter: Fingerprinter) -> None:
    assert fingerprinter.algorithm.isidentifier()
    assert fingerprinter.version >= 1


def test_codes_have_the_agreed_length(
    fingerprinter: Fingerprinter, pictures: dict[str, NDArray[np.uint8]]
) -> None:
    for pixels in pictures.values():
        code, quality = fingerprinter(Frame(pixels))
        assert isinstance(code, bytes)
        assert len(code) * 8 == CODE_BITS
        assert quality is None or 0 <= quality <= 100


@pytest.mark.parametrize("shape", ODD_SHAPES, ids=str)
def test_pictures_of_any_shape_have_codes(fingerprinter: Fingerprinter, shape: tuple[int, int]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)
    assert len(fingerprinter(Frame(pixels))[0]) * 8 == CODE_BITS


def test_flat_pictures_have_codes(fingerprinter: Fingerprinter) -> None:
    for brightness in (0, 77, 255):
        pixels = np.full((300, 400, 3), brightness, np.uint8)
        assert len(fingerprinter(Frame(pixels))[0]) * 8 == CODE_BITS


def test_only_the_pixels_matter(fingerprinter: Fingerprinter, scene: Scene) -> None:
    pixels = scene(320, 240, 1)
    backwards_in_memory = pixels[::-1].copy()[::-1]
    read_only = pixels.copy()
    read_only.flags.writeable = False
    assert bits_apart(fingerprinter, pixels, backwards_in_memory) == 0
    assert bits_apart(fingerprinter, pixels, read_only) == 0


def test_recompression_keeps_the_code_near(fingerprinter: Fingerprinter, scene: Scene) -> None:
    pixels = scene(500, 375, 1)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=50)
    assert bits_apart(fingerprinter, pixels, np.asarray(Image.open(file))) <= 31


def test_other_pictures_are_far(fingerprinter: Fingerprinter, scene: Scene) -> None:
    assert bits_apart(fingerprinter, scene(500, 375, 1), scene(500, 375, 2)) > 70


def test_another_process_gives_the_same_codes(pictures: dict[str, NDArray[np.uint8]], tmp_path: Path) -> None:
    np.savez(tmp_path / "pictures.npz", **pictures)
    program = (
        "import sys, numpy\n"
        "from provenance.fingerprint import FINGERPRINTERS, Frame\n"
        "for pixels in numpy.load(sys.argv[1]).values():\n"
        "    print(*(fingerprinter(Frame(pixels))[0].hex() for fingerprinter in FINGERPRINTERS))\n"
    )
    run = [sys.executable, "-c", program, tmp_path / "pictures.npz"]
    theirs = subprocess.run(run, capture_output=True, text=True, check=True).stdout.splitlines()
    ours = [" ".join(each(Frame(pixels))[0].hex() for each in FINGERPRINTERS) for pixels in pictures.values()]
    assert theirs == ours
