"""The quality of an earlier JPEG file, from the histograms of coefficients."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from provenance.evidence.pixels import double_quantisation, pixel_hints
from provenance.evidence.pixels.tables import luminance_table, standard_table
from provenance.model.file_facts import HintKind


@pytest.mark.parametrize(("first", "last"), [(60, 90), (75, 95), (60, 75), (70, None), (90, None)])
def test_a_second_compression_tells_the_quality_of_the_first(
    textured: Callable, as_file: Callable, first: int, last: int | None
) -> None:
    (hint,) = double_quantisation(*as_file(as_file(textured(1), first)[1], last))
    assert hint.kind is HintKind.DOUBLE_QUANTISATION
    assert hint.regions == ()
    assert abs(int(hint.words.split()[-1]) - first) <= 2


@pytest.mark.parametrize("quality", [None, 60, 75, 90, 97])
def test_a_picture_compressed_once_gives_nothing(
    textured: Callable, as_file: Callable, quality: int | None
) -> None:
    assert double_quantisation(*as_file(textured(2), quality)) == ()


def test_pixels_cut_off_the_grid_of_the_earlier_file_give_nothing(
    textured: Callable, as_file: Callable
) -> None:
    assert double_quantisation(*as_file(as_file(textured(3), 70)[1][3:, 5:], 90)) == ()


@pytest.mark.parametrize("quality", [1, 25, 50, 75, 90, 100])
def test_standard_tables_are_those_that_files_carry(as_file: Callable, quality: int) -> None:
    data, _ = as_file(np.zeros((16, 16, 3), np.uint8), quality)
    assert (luminance_table(data) == standard_table(quality)).all()


@given(st.binary(max_size=300))
@settings(max_examples=50, deadline=None)
def test_whatever_a_file_says_its_pixels_are_looked_at_without_an_error(tail: bytes) -> None:
    pixels = np.random.default_rng(1).integers(0, 255, (72, 80, 3)).astype(np.uint8)
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, "JPEG")
    for data in (tail, b"\xff\xd8" + tail, content.getvalue()[:180] + tail):
        assert all(hint.score >= 0 for hint in pixel_hints(data, pixels))
