"""How much of what a picture shows a crop leaves out."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from provenance.compare.content import content_gone

WIDTH, HEIGHT = 480, 360


def placed(x, y, scale=1.0):
    """Return the map of a crop's pixels, `scale` of the reference's each, onto the reference."""
    return np.array([[scale, 0, x], [0, scale, y], [0, 0, 1]], float)


def noise(seed=1, size=(HEIGHT, WIDTH)):
    """Return a picture with edges evenly everywhere."""
    coarse = np.random.default_rng(seed).integers(0, 256, (size[0] // 8, size[1] // 8, 3), np.uint8)
    return np.asarray(Image.fromarray(coarse).resize(size[::-1], Image.Resampling.BICUBIC))


def sky_over_crowd(sky=120):
    """Return a picture of which the upper half is `sky`, grey levels or a plane of them."""
    picture = noise().copy()
    picture[: HEIGHT // 2] = np.broadcast_to(sky, (HEIGHT // 2, WIDTH))[..., None]
    return picture


@pytest.mark.parametrize(
    ("matrix", "size", "gone"),
    [
        (placed(0, 0), (WIDTH, HEIGHT), 0.0),
        (placed(0, 0), (WIDTH // 2, HEIGHT), 0.5),
        (placed(WIDTH / 2, 0), (WIDTH // 2, HEIGHT), 0.5),
        (placed(0, HEIGHT / 4), (WIDTH, HEIGHT // 2), 0.5),
        (placed(WIDTH / 4, HEIGHT / 4), (WIDTH // 2, HEIGHT // 2), 0.75),
        (placed(0, 0, 2.0), (WIDTH // 4, HEIGHT // 2), 0.5),
        (placed(WIDTH, HEIGHT), (WIDTH, HEIGHT), 1.0),
    ],
)
def test_of_a_picture_with_content_everywhere_as_much_is_gone_as_of_its_area(matrix, size, gone):
    assert content_gone(noise(), matrix, size) == pytest.approx(gone, abs=0.03)


def test_what_lies_around_the_reference_takes_nothing_from_it():
    assert content_gone(noise(), placed(-100, -50), (WIDTH + 200, HEIGHT + 100)) == 0.0


@pytest.mark.parametrize("sky", [120, np.linspace(90, 200, WIDTH)], ids=["even", "shaded"])
def test_an_even_sky_counts_for_little_and_a_crowd_for_nearly_all(sky):
    picture = sky_over_crowd(sky)
    half = (WIDTH, HEIGHT // 2)
    assert content_gone(picture, placed(0, HEIGHT / 2), half) < 0.05
    assert content_gone(picture, placed(0, 0), half) > 0.95


@pytest.mark.parametrize("level", [0, 120, 255])
def test_of_a_reference_that_shows_nothing_the_area_counts(level):
    flat = np.full((HEIGHT, WIDTH, 3), level, np.uint8)
    assert content_gone(flat, placed(0, 0), (WIDTH // 4, HEIGHT)) == pytest.approx(0.75, abs=0.01)


def test_a_mirrored_crop_shows_the_side_that_its_map_says():
    picture = noise().copy()
    picture[:, : WIDTH // 2] = 120
    left, right = (
        np.array([[-1, 0, edge], [0, 1, 0], [0, 0, 1]], float) for edge in (WIDTH / 2, float(WIDTH))
    )
    size = (WIDTH // 2, HEIGHT)
    assert content_gone(picture, left, size) > 0.95
    assert content_gone(picture, right, size) < 0.05


def test_a_turned_crop_shows_the_part_that_its_map_says():
    quarter = np.array([[0, 1, 0], [-1, 0, HEIGHT], [0, 0, 1]], float)
    picture = sky_over_crowd()
    assert content_gone(picture, quarter, (HEIGHT // 2, WIDTH)) < 0.05
    assert content_gone(picture, quarter, (HEIGHT, WIDTH)) == 0.0


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (2000, 3)])
def test_pictures_of_any_shape_have_a_share(size):
    picture = np.zeros((*size, 3), np.uint8)
    assert 0 <= content_gone(picture, placed(0, 0), (1, 1)) <= 1
    assert content_gone(picture, placed(0, 0), size[::-1]) == 0.0
