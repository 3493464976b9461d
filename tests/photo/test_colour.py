from __future__ import annotations

import struct

import numpy as np
import pytest
from PIL import Image, ImageCms

from provenance.photo.colour import GROUND
from provenance.photo.decode import decode


def _profile(red, green, blue, description="handmade", gamma=2.2):
    """An ICC 2 matrix profile; colorants are CIE XYZ under D50."""

    def fixed(*values):
        return b"".join(struct.pack(">i", round(value * 65536)) for value in values)

    def xyz(*values):
        return b"XYZ \0\0\0\0" + fixed(*values)

    text = description.encode() + b"\0"
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(78 + -len(text) % 4),
        b"wtpt": xyz(0.9642, 1.0, 0.8249),
        b"rXYZ": xyz(*red),
        b"gXYZ": xyz(*green),
        b"bXYZ": xyz(*blue),
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
    }
    table, body = b"", b""
    start = 132 + 12 * len(tags)
    for tag, content in tags.items():
        padded = content + bytes(-len(content) % 4)
        table += tag + struct.pack(">II", start + len(body), len(content))
        body += padded
    header = struct.pack(">I4sI4s4s4s", start + len(body), b"lcms", 0x02100000, b"mntr", b"RGB ", b"XYZ ")
    header += bytes(12) + b"acsp" + bytes(28) + fixed(0.9642, 1.0, 0.8249) + bytes(48)
    return header + struct.pack(">I", len(tags)) + table + body


RED, GREEN, BLUE = (0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)
SWAPPED = _profile(BLUE, GREEN, RED)


def test_a_profile_that_swaps_red_and_blue_is_followed(picture, encode, difference):
    frame = decode(encode(picture, "PNG", icc_profile=SWAPPED)).frames[0]
    assert difference(frame, np.asarray(picture)[..., ::-1]) < 8


def test_a_profile_called_srgb_is_taken_at_its_word(picture, encode):
    claimed = _profile(BLUE, GREEN, RED, "sRGB IEC61966-2.1")
    frame = decode(encode(picture, "PNG", icc_profile=claimed)).frames[0]
    assert np.array_equal(frame, np.asarray(picture))


@pytest.mark.parametrize("name", ["PNG", "JPEG", "WEBP", "TIFF"])
@pytest.mark.parametrize("profile", [b"x", b"\0" * 200, SWAPPED[:150], SWAPPED[:-40]])
def test_a_broken_profile_is_ignored(name, profile, picture, encode, difference):
    frame = decode(encode(picture, name, icc_profile=profile)).frames[0]
    assert difference(frame, decode(encode(picture, name)).frames[0]) == 0


def test_a_profile_for_another_colour_space_is_ignored(picture, encode, difference):
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert difference(decode(encode(picture, "PNG", icc_profile=lab)).frames[0], np.asarray(picture)) == 0


def test_a_grey_picture_may_carry_a_colour_profile(picture, encode):
    grey = picture.convert("L")
    frame = decode(encode(grey, "PNG", icc_profile=_profile(RED, GREEN, BLUE, gamma=1.0))).frames[0]
    assert frame.mean() > np.asarray(grey).mean() + 20
    assert frame.std(axis=2).max() < 2


@pytest.mark.parametrize("name", ["PNG", "WEBP"])
def test_transparent_pixels_show_the_ground(name, picture, encode, difference):
    picture.putalpha(Image.new("L", picture.size, 0))
    frame = decode(encode(picture, name, lossless=True)).frames[0]
    assert np.array_equal(np.unique(frame.reshape(-1, 3), axis=0), [GROUND])


def test_half_transparent_pixels_mix_with_the_ground(encode):
    frame = decode(encode(Image.new("RGBA", (4, 4), (55, 155, 255, 51)), "PNG")).frames[0]
    assert frame[0, 0].tolist() == [215, 235, 255]


def test_grey_with_alpha_and_palette_with_transparency_are_flattened(encode):
    grey = Image.new("LA", (4, 4), (0, 0))
    palette = Image.new("P", (4, 4), 1)
    palette.putpalette([0, 0, 0, 10, 20, 30])
    assert decode(encode(grey, "PNG")).frames[0].min() == 255
    assert decode(encode(palette, "PNG", transparency=1)).frames[0].min() == 255
    assert decode(encode(palette, "GIF", transparency=0)).frames[0][0, 0].tolist() == [10, 20, 30]


@pytest.mark.parametrize("name", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_and_not_clipped(name, encode):
    ramp = np.linspace(0, 65535, 256).round().astype(np.uint16)
    frame = decode(encode(Image.fromarray(np.tile(ramp, (4, 1))), name)).frames[0]
    assert np.abs(frame[0, :, 0].astype(int) - np.arange(256)).max() <= 1


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        (np.linspace(0, 1, 256, dtype=np.float32), np.arange(256)),
        (np.linspace(0, 255, 256, dtype=np.float32), np.arange(256)),
        (np.linspace(-500, 99_500, 256, dtype=np.float32), np.arange(256)),
        (np.linspace(0, 65_535, 256).astype(np.int32), np.arange(256)),
        (np.full(256, 0.2, dtype=np.float32), np.full(256, 51)),
        (np.full(256, np.nan, dtype=np.float32), np.zeros(256)),
    ],
)
def test_deeper_samples_are_scaled_to_the_range_they_use(samples, expected, encode):
    frame = decode(encode(Image.fromarray(np.tile(samples, (4, 1))), "TIFF")).frames[0]
    assert np.abs(frame[0, :, 0].astype(int) - expected).max() <= 1


@pytest.mark.parametrize("name", ["JPEG", "TIFF"])
def test_cmyk_is_shown_in_its_colours_and_not_inverted(name, picture, encode, difference):
    frame = decode(
        encode(picture.convert("CMYK"), name, **({"quality": 95} if name == "JPEG" else {}))
    ).frames[0]
    assert difference(frame, np.asarray(picture)) < 16


def test_cielab_is_shown_in_its_colours(picture, encode, difference):
    lab = ImageCms.profileToProfile(
        picture, ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
    )
    assert difference(decode(encode(lab, "TIFF")).frames[0], np.asarray(picture)) < 20


def test_one_bit_is_black_and_white(encode):
    picture = Image.fromarray(np.eye(8, dtype=bool))
    for name in ("PNG", "TIFF", "BMP"):
        assert np.array_equal(decode(encode(picture, name)).frames[0][..., 0], np.eye(8) * 255)


def test_reduction_averages_one_bit_and_palette_pictures(encode):
    checks = Image.fromarray((np.indices((1000, 1000)).sum(axis=0) % 2).astype(bool))
    for picture in (checks, checks.convert("P")):
        frame = decode(encode(picture, "PNG")).frames[0]
        assert (frame.shape, round(float(frame.mean()))) == ((500, 500, 3), 128)
