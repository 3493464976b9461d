from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from provenance.fingerprint import FLAT_QUALITY, PRIMARY, Frame, query_codes
from provenance.fingerprint.pdq import Pdq
from provenance.index.keys import distance
from provenance.model import Orientation

if TYPE_CHECKING:
    from .conftest import MakePhoto, Scene

UNDONE_BY = {each: each for each in Orientation} | {
    Orientation.ROTATE_90: Orientation.ROTATE_270,
    Orientation.ROTATE_270: Orientation.ROTATE_90,
}


def test_codes_are_of_the_primary_algorithm(scene: Scene, photo: MakePhoto) -> None:
    codes = query_codes(photo(scene(300, 200, 1))).codes
    assert {(query.algorithm, query.version) for query in codes} == {(PRIMARY, Pdq.version)}


def test_upright_positive_comes_first_then_every_orientation_and_tone(scene: Scene, photo: MakePhoto) -> None:
    pixels = scene(300, 200, 1)
    codes = query_codes(photo(pixels)).codes
    assert [(query.orientation, query.inverted) for query in codes] == [
        (orientation, inverted) for inverted in (False, True) for orientation in Orientation
    ]
    assert codes[0].code == Pdq()(Frame(pixels))[0]


@pytest.mark.parametrize("negative", [False, True])
@pytest.mark.parametrize("orientation", Orientation)
def test_the_matching_code_says_what_to_do_to_the_query(
    orientation: Orientation, negative: bool, scene: Scene, photo: MakePhoto
) -> None:
    reference = scene(480, 320, 3)
    query = Image.fromarray(255 - reference if negative else reference)
    if orientation is not Orientation.IDENTITY:
        query = query.transpose(Image.Transpose[orientation.name])
    archived = Pdq()(Frame(reference))[0]
    codes = query_codes(photo(np.asarray(query))).codes
    nearest = min(codes, key=lambda candidate: distance(candidate.code, archived))
    assert distance(nearest.code, archived) <= 2
    assert (nearest.orientation, nearest.inverted) == (UNDONE_BY[orientation], negative)


def test_frames_that_repeat_add_nothing(scene: Scene, photo: MakePhoto) -> None:
    first, second = scene(300, 200, 1), scene(300, 200, 2)
    found = query_codes(photo(first, first, second, first))
    assert [query.frame for query in found.codes] == [0] * 16 + [2] * 16


def test_a_mirrored_frame_adds_nothing(scene: Scene, photo: MakePhoto) -> None:
    pixels = scene(300, 200, 1)
    assert {query.frame for query in query_codes(photo(pixels, pixels[:, ::-1])).codes} == {0}


def test_flat_pictures_abstain(photo: MakePhoto) -> None:
    found = query_codes(photo(np.full((200, 300, 3), 128, np.uint8)))
    assert found.codes == ()
    assert found.flat


def test_a_flat_frame_abstains_for_itself_only(scene: Scene, photo: MakePhoto) -> None:
    black, shown = np.zeros((200, 300, 3), np.uint8), scene(300, 200, 1)
    found = query_codes(photo(black, shown))
    assert {query.frame for query in found.codes} == {1}
    assert found.quality == Pdq()(Frame(shown))[1]
    assert not found.flat
    assert found.quality >= FLAT_QUALITY


def test_a_check_imports_neither_scipy_nor_pillow() -> None:
    program = (
        "import sys, numpy\n"
        "from provenance.fingerprint import query_codes\n"
        "from provenance.model import Photo\n"
        "frame = numpy.arange(60 * 80 * 3, dtype=numpy.uint8).reshape(60, 80, 3)\n"
        "query_codes(Photo('PNG', 80, 60, 1, (frame,)))\n"
        "print({'scipy', 'cv2', 'imagehash', 'PIL'} & set(sys.modules))\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"
