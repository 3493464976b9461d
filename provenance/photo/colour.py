"""From whatever a file holds to 8-bit sRGB: depth, palette, colour space, profile and transparency."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

GROUND = (255, 255, 255)
"""Transparent pixels lie on white: on it viewers and social networks show
and flatten them."""

_TO_REDUCE = {"1": "L", "P": "RGB", "YCbCr": "RGB", "HSV": "RGB", "RGBX": "RGB"}
_PROFILE_SPACES = {b"RGB ": "RGB", b"GRAY": "L", b"CMYK": "CMYK"}
_USUAL_WHITES = (1.0, 255.0, 65_535.0)
_MAX_PROFILE_TAGS = 100


def to_srgb(picture: Image.Image, factor: int = 1) -> Image.Image:
    """Return `picture`, of any mode, as mode RGB in sRGB, reduced `factor` times by averaging blocks.

    Deeper samples are scaled to 8 bits: 16-bit ones by their full range; 32-bit integers and floats by the
    smallest of the usual ranges that holds them all, else by their own. An ICC profile is followed (relative
    colorimetric); one that is broken or for another colour space is ignored.
    """
    profile = picture.info.get("icc_profile")
    picture = _averageable(picture)
    if factor > 1:
        picture = picture.reduce(factor)
    if picture.mode in {"I", "F"}:
        picture = _eight_bits(picture)
    if picture.mode not in {"LA", "RGBA"}:
        return _calibrated(picture, profile)
    colour = picture.getchannel("L") if picture.mode == "LA" else picture.convert("RGB")
    flat = Image.new("RGB", picture.size, GROUND)
    flat.paste(_calibrated(colour, profile), mask=picture.getchannel("A"))
    return flat


def _averageable(picture: Image.Image) -> Image.Image:
    """Return `picture` in a mode of which samples can be averaged: L, LA, RGB, RGBA, CMYK, LAB, I or F."""
    if picture.mode.startswith("I;16"):
        high_byte: NDArray[np.uint8] = (np.asarray(picture) >> 8).astype(np.uint8)
        return Image.fromarray(high_byte)
    if picture.has_transparency_data:
        return _in_mode("LA" if picture.mode in {"LA", "La"} else "RGBA", picture)
    return _in_mode(_TO_REDUCE.get(picture.mode, picture.mode), picture)


def _in_mode(mode: str, picture: Image.Image) -> Image.Image:
    """Return `picture` in `mode`, itself if it is so already: copying a large one is slow."""
    return picture if picture.mode == mode else picture.convert(mode)


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Return mode I or F as mode L; what is not a number becomes black."""
    samples = np.nan_to_num(np.asarray(picture, dtype=np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(samples.min()), float(samples.max())
    if low >= 0:
        low, high = 0.0, next((white for white in _USUAL_WHITES if high <= white), high)
    return Image.fromarray(((samples - low) / (high - low or 1) * 255).round().astype(np.uint8))


def _calibrated(colour: Image.Image, profile: object) -> Image.Image:
    """Return `colour`, of mode L, RGB, CMYK or LAB, in sRGB."""
    if colour.mode == "LAB":
        return _by_profile(colour, None) or Image.new("RGB", colour.size)
    if not isinstance(profile, bytes) or _says_srgb(profile):
        return _in_mode("RGB", colour)
    mode = _PROFILE_SPACES.get(profile[16:20])
    if mode == "RGB" and colour.mode == "L":
        colour = colour.convert("RGB")
    return (_by_profile(colour, profile) if mode == colour.mode else None) or _in_mode("RGB", colour)


def _by_profile(colour: Image.Image, profile: bytes | None) -> Image.Image | None:
    """Return `colour` as its profile (without one: CIELAB) shows it, or None if the profile is broken."""
    from PIL import ImageCms  # noqa: PLC0415 - most photos need no colour management

    try:
        return ImageCms.profileToProfile(
            colour,
            io.BytesIO(profile) if profile else ImageCms.createProfile("LAB"),
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            # Without it the black of a printing profile, which reflects some light, would be grey.
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return None


def _says_srgb(profile: bytes) -> bool:
    """Whether the profile's description calls it sRGB, in ASCII (ICC 2) or UTF-16 (ICC 4)."""
    count = min(int.from_bytes(profile[128:132], "big"), _MAX_PROFILE_TAGS)
    for at in range(132, 132 + 12 * count, 12):
        if profile[at : at + 4] == b"desc":
            start, size = (int.from_bytes(profile[at + i : at + i + 4], "big") for i in (4, 8))
            description = profile[start : start + size]
            return b"sRGB" in description or "sRGB".encode("utf-16-be") in description
    return False
