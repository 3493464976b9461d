"""The error level analysis: drawn in the picture's own pixels, and never without its caution."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from provenance.report.error_levels import BRIGHT, CAUTION, MOST_GAIN, differences, error_levels


def opened(content):
    return np.asarray(Image.open(io.BytesIO(content)))


def test_detail_is_bright_and_a_plain_area_is_not():
    picture = np.full((96, 128, 3), 120, np.uint8)
    picture[:, 64:] = np.random.default_rng(1).integers(0, 256, (96, 64, 3), np.uint8)
    drawn = differences(picture)
    assert drawn.shape == picture.shape
    assert drawn[:, 72:].mean() > 10 * (1 + drawn[:, :56].mean())
    assert drawn.max() >= BRIGHT


def test_rounding_is_not_enlarged_into_something():
    plain = np.full((64, 64, 3), 121, np.uint8)
    assert differences(plain).max() <= MOST_GAIN


@pytest.mark.parametrize(("width", "height"), [(640, 480), (16, 16), (1, 400)])
def test_the_caution_stands_below_the_picture_and_leaves_it_whole(width, height):
    picture = np.random.default_rng(2).integers(0, 256, (height, width, 3), np.uint8)
    page = opened(error_levels(picture))
    assert np.array_equal(page[:height, :width], differences(picture))
    below = page[height:]
    assert below.shape[0] > 20
    assert below.min() < 100
    assert below.max() > 200


def test_the_caution_says_that_it_proves_nothing():
    assert "proves nothing" in CAUTION
