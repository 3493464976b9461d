from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from provenance.photo.decode import decode
from provenance.photo.limits import Limits
from provenance.photo.preview import preview

LOSSLESS = ["PNG", "TIFF", "BMP"]
LOSSY = ["JPEG", "WEBP", "AVIF", "HEIF"]
WITH_EXIF = ["JPEG", "PNG", "WEBP", "AVIF", "HEIF", "TIFF"]

TO_STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""What a camera held in each EXIF orientation does to the upright picture when it stores it."""


@pytest.mark.parametrize("name", LOSSLESS)
def test_lossless_formats_give_the_very_pixels(name, picture, encode):
    photo = decode(encode(picture, name))
    assert (photo.format, photo.width, photo.height, photo.frame_count) == (name, 96, 64, 1)
    assert np.array_equal(photo.frames[0], np.asarray(picture))


@pytest.mark.parametrize("name", LOSSY)
def test_lossy_formats_give_nearly_the_pixels(name, picture, encode, difference):
    photo = decode(encode(picture, name, quality=95))
    assert (photo.format, photo.width, photo.height) == (name, 96, 64)
    assert difference(photo.frames[0], np.asarray(picture)) < 12


def test_gif_gives_the_pixels_of_its_palette(picture, encode):
    palette = picture.quantize(64)
    photo = decode(encode(palette, "GIF"))
    assert photo.format == "GIF"
    assert np.array_equal(photo.frames[0], np.asarray(palette.convert("RGB")))


def test_frames_are_eight_bit_rgb_and_read_only(picture, encode):
    (frame,) = decode(encode(picture, "PNG")).frames
    assert (frame.dtype, frame.shape, frame.flags.writeable) == (np.uint8, (64, 96, 3), False)


@pytest.mark.parametrize("name", WITH_EXIF)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_eight_orientations_give_the_same_upright_picture(name, orientation, picture, encode, difference):
    turn = TO_STORED[orientation]
    stored = picture if turn is None else picture.transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = decode(encode(stored, name, exif=exif.tobytes()))
    assert (photo.width, photo.height) == (96, 64)
    assert difference(photo.frames[0], np.asarray(picture)) < 24


def test_broken_metadata_does_not_refuse_a_photo(picture, encode):
    photo = decode(encode(picture, "PNG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff"))
    assert np.array_equal(photo.frames[0], np.asarray(picture))


def test_the_first_picture_of_a_multi_picture_jpeg_counts(picture, encode, difference):
    other = picture.transpose(Image.Transpose.ROTATE_180)
    photo = decode(encode(picture, "MPO", save_all=True, append_images=[other], quality=95))
    assert (photo.format, photo.frame_count) == ("JPEG", 1)
    assert difference(photo.frames[0], np.asarray(picture)) < 12


@pytest.mark.parametrize("name", ["JPEG", "PNG", "BMP"])
def test_a_large_picture_is_reduced_but_keeps_its_size(name, large_picture, encode, difference):
    photo = decode(encode(large_picture, name))
    assert (photo.width, photo.height) == (4000, 3000)
    assert photo.frames[0].shape == (375, 500, 3)
    assert difference(photo.frames[0], np.asarray(large_picture.reduce(8))) < 8


def test_a_large_picture_is_whole_on_request(large_picture, encode):
    photo = decode(encode(large_picture, "JPEG"), full=True)
    assert photo.frames[0].shape == (3000, 4000, 3)


@pytest.mark.parametrize("name", ["JPEG", "PNG"])
@pytest.mark.parametrize(
    "size", [(959, 20), (960, 20), (1919, 300), (300, 1921), (3839, 7), (5000, 3), (9000, 480)]
)
def test_the_longer_side_ends_between_once_and_twice_the_working_side(name, size, encode):
    frame = decode(encode(Image.new("RGB", size), name)).frames[0]
    assert 480 <= max(frame.shape) < 960


def test_the_working_side_is_a_limit_one_can_set(picture, encode):
    frame = decode(encode(picture, "PNG"), Limits(working_side=24)).frames[0]
    assert frame.shape == (16, 24, 3)


def test_a_preview_is_a_small_upright_jpeg_without_metadata(large_picture, encode):
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "somebody"
    content = preview(decode(encode(large_picture, "JPEG", exif=exif.tobytes(), comment=b"somebody")))
    with Image.open(io.BytesIO(content)) as small:
        assert (small.format, small.size, dict(small.getexif())) == ("JPEG", (288, 384), {})
    assert b"somebody" not in content
    assert len(content) < 40_000


def test_a_preview_never_enlarges(picture, encode):
    with Image.open(io.BytesIO(preview(decode(encode(picture, "PNG"))))) as small:
        assert small.size == (96, 64)
