"""An embedded thumbnail against its picture: turned, barred and cut ones are the same, replaced content is found."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from provenance.compare.thumbnails import TOLD, compare_thumbnail
from provenance.model import ThumbnailComparison, ThumbnailOutcome

SAME, DIFFERS, OTHER, CANNOT_TELL = (
    ThumbnailOutcome.SAME,
    ThumbnailOutcome.DIFFERS,
    ThumbnailOutcome.OTHER,
    ThumbnailOutcome.CANNOT_TELL,
)


def compare(thumbnail: Image.Image, picture: Image.Image) -> ThumbnailComparison:
    return compare_thumbnail(np.asarray(thumbnail.convert("RGB")), np.asarray(picture.convert("RGB")))


def jpeg(picture: Image.Image, quality: int = 60) -> Image.Image:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def small(picture: Image.Image) -> Image.Image:
    return jpeg(ImageOps.contain(picture, (160, 160), Image.Resampling.LANCZOS))


@pytest.fixture(scope="module")
def picture(drawn) -> Image.Image:  # type: ignore[no-untyped-def]
    return drawn(3, 900, 600)


@pytest.fixture(scope="module")
def altered(picture: Image.Image, drawn) -> Image.Image:  # type: ignore[no-untyped-def]
    result = picture.copy()
    result.paste(drawn(8, 260, 210), (500, 120))
    return result


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_a_thumbnail_stored_as_the_sensor_lies_is_the_same(picture: Image.Image, degrees: int) -> None:
    assert compare(small(picture), picture.rotate(degrees, expand=True)).outcome is SAME


@pytest.mark.parametrize("tone", ["black", "white", "grey"])
def test_bars_around_a_thumbnail_are_no_difference(picture: Image.Image, tone: str) -> None:
    barred = ImageOps.pad(picture, (160, 120), Image.Resampling.BICUBIC, color=tone)
    assert compare(jpeg(barred, 50), picture).outcome is SAME


def test_a_thumbnail_cut_to_another_shape_is_the_same(picture: Image.Image) -> None:
    assert compare(jpeg(ImageOps.fit(picture, (160, 120))), picture).outcome is SAME


def test_a_stretched_thumbnail_is_the_same(picture: Image.Image) -> None:
    assert compare(jpeg(picture.resize((160, 120))), picture).outcome is SAME


def test_a_picture_cut_to_a_square_since_is_the_same(picture: Image.Image) -> None:
    assert compare(small(picture), picture.crop((120, 0, 720, 600))).outcome is SAME


def test_tones_sharpness_and_quality_all_over_are_no_difference(picture: Image.Image) -> None:
    styled = ImageEnhance.Color(ImageEnhance.Contrast(picture).enhance(1.25)).enhance(0.7)
    sharp = small(picture).filter(ImageFilter.UnsharpMask(1, 100, 0))
    assert compare(jpeg(sharp, 40), jpeg(styled, 50)).outcome is SAME
    assert compare(small(picture), picture.convert("L")).outcome is SAME


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_replaced_content_is_found_where_it_is_in_the_picture_as_displayed(
    picture: Image.Image, altered: Image.Image, degrees: int
) -> None:
    marked = Image.new("L", picture.size)
    marked.paste(255, (500, 120, 760, 330))
    left, top, right, bottom = marked.rotate(degrees, expand=True).getbbox() or (0, 0, 0, 0)
    found = compare(small(picture), altered.rotate(degrees, expand=True))
    assert found.outcome is DIFFERS
    assert found.score >= TOLD
    x, y, width, height = found.regions[0]
    assert abs(x + width / 2 - (left + right) / 2) < 60
    assert abs(y + height / 2 - (top + bottom) / 2) < 60
    assert 0.4 < width * height / ((right - left) * (bottom - top)) < 2.5


def test_replaced_content_is_found_under_bars_and_in_another_style(
    picture: Image.Image, altered: Image.Image
) -> None:
    barred = ImageOps.pad(picture, (160, 120), Image.Resampling.BICUBIC)
    styled = ImageEnhance.Contrast(altered).enhance(1.2)
    assert compare(jpeg(barred), jpeg(styled)).outcome is DIFFERS


def test_a_thumbnail_of_another_picture_is_told_as_such(picture: Image.Image, drawn) -> None:  # type: ignore[no-untyped-def]
    found = compare(small(drawn(21, 900, 600)), picture)
    assert found.outcome is OTHER
    assert found.regions == ()


def test_a_thumbnail_that_shows_more_on_all_sides_differs_without_a_region(picture: Image.Image) -> None:
    found = compare(small(picture), picture.crop((200, 100, 740, 460)))
    assert found.outcome is DIFFERS
    assert found.regions == ()


@pytest.mark.parametrize("size", [(60, 40), (160, 20), (1, 1)])
def test_a_thumbnail_that_is_too_small_says_nothing(picture: Image.Image, size: tuple[int, int]) -> None:
    found = compare(picture.resize(size), picture)
    assert found == ThumbnailComparison(CANNOT_TELL, size)


def test_a_plain_thumbnail_says_nothing(picture: Image.Image) -> None:
    plain = Image.new("RGB", (160, 120), "olive")
    assert compare(plain, picture).outcome is CANNOT_TELL
    assert compare(small(picture), Image.new("RGB", (900, 600), "olive")).outcome is not SAME
    assert compare(plain, Image.new("RGB", (900, 600), "olive")).outcome is CANNOT_TELL


def test_the_size_told_is_the_thumbnails_own(picture: Image.Image) -> None:
    assert compare(jpeg(picture.resize((480, 320))), picture).size == (480, 320)


@settings(max_examples=15, deadline=None)
@given(
    arrays.arrays(np.uint8, st.tuples(st.integers(1, 130), st.integers(1, 170), st.just(3))),
    arrays.arrays(np.uint8, st.tuples(st.integers(1, 130), st.integers(1, 170), st.just(3))),
)
def test_any_two_pictures_have_an_outcome_and_regions_within_the_picture(
    thumbnail: NDArray[np.uint8], picture: NDArray[np.uint8]
) -> None:
    found = compare_thumbnail(thumbnail, picture)
    height, width = picture.shape[:2]
    for x, y, w, h in found.regions:
        assert 0 <= x < x + w <= width
        assert 0 <= y < y + h <= height
