from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from provenance.errors import PhotoError
from provenance.model import Photo
from provenance.photo.decode import decode
from provenance.photo.formats import identify
from provenance.photo.limits import Limits

pillow_heif.register_heif_opener()
FORMATS = ["JPEG", "PNG", "WEBP", "AVIF", "HEIF", "GIF", "TIFF", "BMP"]


def _samples():
    ramp = np.linspace(0, 255, 24 * 16 * 3).reshape(16, 24, 3).astype(np.uint8)
    picture, other = Image.fromarray(ramp), Image.fromarray(ramp[::-1].copy())
    exif = Image.Exif()
    exif[0x0112] = 6
    animated = {"save_all": True, "append_images": [other]}
    plain = [(name, picture, {}) for name in FORMATS]
    rich = [
        ("JPEG", picture, {"progressive": True, "exif": exif.tobytes()}),
        ("JPEG", picture.convert("CMYK"), {"icc_profile": b"\0\0\0\x84lcms" + bytes(124)}),
        ("PNG", picture.convert("P"), {"transparency": 3, "exif": exif.tobytes()}),
        ("PNG", picture, animated),
        ("GIF", picture, animated),
        ("WEBP", picture, {"lossless": True} | animated),
        ("AVIF", picture, animated),
        ("TIFF", picture, {"compression": "tiff_lzw"} | animated),
        ("BMP", picture.convert("P"), {}),
    ]
    for name, image, options in plain + rich:
        content = io.BytesIO()
        image.save(content, name, **options)
        yield content.getvalue()


SAMPLES = list(_samples())


@st.composite
def _damaged_files(draw):
    content = bytearray(draw(st.sampled_from(SAMPLES)))
    for _ in range(draw(st.integers(1, 4))):
        # Half of the damage goes to the headers, where it does most.
        at = draw(st.integers(0, 64) | st.integers(0, max(0, len(content) - 1)))
        some = draw(st.binary(min_size=1, max_size=8))
        match draw(st.sampled_from(["replace", "insert", "remove", "truncate"])):
            case "replace":
                content[at : at + len(some)] = some
            case "insert":
                content[at:at] = some
            case "remove":
                del content[at : at + len(some)]
            case "truncate":
                del content[at:]
    return bytes(content)


def _photo_or_error(content):
    try:
        photo = decode(content, Limits(pixels=1_000_000))
    except PhotoError as error:
        assert error.message.isprintable()
        return
    assert isinstance(photo, Photo)
    assert photo.frames
    assert all(f.dtype == np.uint8 and f.ndim == 3 and f.shape[2] == 3 and f.size for f in photo.frames)


@given(st.binary(max_size=300))
def test_any_bytes_give_a_photo_or_a_photo_error(content):
    _photo_or_error(content)


@given(st.sampled_from(SAMPLES), st.binary(max_size=200))
def test_any_bytes_behind_a_magic_number_give_a_photo_or_a_photo_error(sample, content):
    _photo_or_error(sample[:16] + content)


@settings(max_examples=800)
@given(_damaged_files())
def test_damaged_files_give_a_photo_or_a_photo_error(content):
    _photo_or_error(content)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "0 bytes"),
        (b"What a lovely day", "the content is text"),
        ("Привет, جميل".encode(), "the content is text"),
        ("صورة".encode()[:-1], "the content is text"),
        (b"<!DOCTYPE html><html><body>Not found", "the content is a web page"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><svg/>", "the content is an SVG drawing"),
        (b"%PDF-1.7 ...", "the content is a PDF document"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "the content is a video"),
        (b"\x1aE\xdf\xa3\x01\0\0", "the content is a Matroska or WebM video"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL picture, which cannot be read yet"),
        (bytes(range(256)), "of no known picture format"),
    ],
)
def test_what_is_no_image_is_told_by_its_content(content, words):
    with pytest.raises(PhotoError, match=words) as caught:
        decode(content)
    assert caught.value.advice


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_is_told_by_its_content(name, picture, encode):
    assert identify(encode(picture, name)) == name


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_a_truncated_picture_is_refused(name, share, large_picture, encode):
    content = encode(large_picture.resize((200, 150)), name)
    with pytest.raises(PhotoError, match=f"(truncated|damaged) {name}"):
        decode(content[: int(len(content) * share)])


@pytest.mark.parametrize("options", [{}, {"progressive": True}])
def test_a_truncated_jpeg_is_called_so(options, large_picture, encode):
    content = encode(large_picture, "JPEG", **options)
    for length in (100, len(content) // 2, len(content) - 20):
        with pytest.raises(PhotoError, match="truncated JPEG: the file ends before the picture does"):
            decode(content[:length])


def _png(width, height, rows=b"", chunks=()):
    """A PNG of 1-bit grey whose header states any size."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    rest = b"".join(chunk(*each) for each in chunks)
    return b"\x89PNG\r\n\x1a\n" + header + rest + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def test_a_tiny_header_that_states_a_huge_picture_is_a_bomb():
    with pytest.raises(
        PhotoError, match=r"60000 x 60000 pixels is more than the limit of 200,000,000"
    ) as caught:
        decode(_png(60_000, 60_000))
    assert "bomb" in caught.value.advice


def test_a_bomb_is_refused_before_its_pixels_are_decoded():
    """50 kB of a file that would fill 400 MB: decoding it would take seconds and the memory."""
    rows = (b"\0" + bytes(2_500)) * 20_000
    with pytest.raises(PhotoError, match="20000 x 20000 pixels is more than the limit"):
        decode(_png(20_000, 20_000, rows))


def test_a_bomb_in_a_profile_is_refused():
    bomb = b"profile\0\0" + zlib.compress(bytes(50_000_000), 9)
    with pytest.raises(PhotoError, match="damaged PNG: Decompressed data too large"):
        decode(_png(8, 8, b"\0\0" * 8, [(b"iCCP", bomb)]))


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_keeps_the_limits_on_pixels_and_sides(name, picture, encode):
    content = encode(picture, name)
    assert decode(content, Limits(pixels=96 * 64, side=96)).width == 96
    for limits in (Limits(pixels=96 * 64 - 1), Limits(side=95)):
        with pytest.raises(PhotoError, match=r"pixels is more than the limit|a decompression bomb"):
            decode(content, limits)


def test_a_later_page_keeps_the_limits_too(encode):
    pages = [Image.new("L", (10, 10)), Image.new("L", (100, 100))]
    with pytest.raises(PhotoError, match="100 x 100 pixels is more than the limit of 1,000"):
        decode(encode(pages[0], "TIFF", save_all=True, append_images=pages[1:]), Limits(pixels=1_000))


def test_the_limit_on_bytes_is_kept(picture, encode):
    content = encode(picture, "BMP")
    assert decode(content, Limits(bytes=len(content)))
    with pytest.raises(PhotoError, match="bytes is more than the limit of 100"):
        decode(content, Limits(bytes=100))


def test_a_page_that_is_only_a_thumbnail_is_no_photo(picture, encode):
    content = encode(picture, "TIFF", tiffinfo={254: 1})
    with pytest.raises(PhotoError, match="only a thumbnail"):
        decode(content)


def test_lack_of_memory_is_a_photo_error(picture, encode, monkeypatch):
    def hungry(*_):
        raise MemoryError

    monkeypatch.setattr("provenance.photo.decode.to_srgb", hungry)
    with pytest.raises(PhotoError, match="needs more than 2,048 MB of memory"):
        decode(encode(picture, "PNG"))


def test_pillow_is_left_as_it_was(picture, encode):
    before = Image.MAX_IMAGE_PIXELS
    decode(encode(picture, "PNG"))
    with pytest.raises(PhotoError):
        decode(b"GIF89a")
    assert before == Image.MAX_IMAGE_PIXELS
