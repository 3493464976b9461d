"""Pictures for a page lie on each other exactly, and are no larger than a page shows."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from provenance.report.page_pictures import SIDE, page_pictures
from provenance.report.pictures import layers


def opened(content):
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


def made(picture, size, matrix, reference=None):
    query = np.asarray(picture(1, *size))
    mask = np.zeros(query.shape[:2], bool)
    mask[10:40, 20:60] = True
    reference = query if reference is None else reference
    return page_pictures(layers(query, reference, matrix, (), mask, mask.astype(np.float32) * 9))


@pytest.mark.parametrize("size", [(160, 120), (2400, 1000)])
def test_all_have_one_size_within_the_bound(picture, size):
    shown = made(picture, size, np.eye(3))
    sizes = {opened(content).size for content in (shown.query, shown.aligned, shown.heat)}
    assert len(sizes) == 1
    assert max(sizes.pop()) == min(SIDE, max(size))


def test_where_the_reference_has_nothing_the_page_shows_through(picture):
    half = np.asarray(picture(1, 160, 120))[:, :80]
    shown = made(picture, (160, 120), np.eye(3), half)
    aligned = opened(shown.aligned).convert("RGBA")
    assert (aligned.getpixel((20, 60))[3], aligned.getpixel((140, 60))[3]) == (255, 0)


def test_a_reference_that_covers_everything_needs_no_transparency(picture):
    assert opened(made(picture, (160, 120), np.eye(3)).aligned).format == "JPEG"


def test_heat_stands_out_where_something_changed_only(picture):
    heat = np.asarray(opened(made(picture, (160, 120), np.eye(3)).heat).convert("RGB")).astype(int)
    colourful = heat.max(axis=2) - heat.min(axis=2)
    assert colourful[20:30, 30:50].mean() > 60
    assert colourful[80:, 100:].mean() < 8
