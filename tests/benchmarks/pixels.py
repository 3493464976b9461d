"""Pixels in and out of files, and what is done to them, for the benchmarks on changes."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from provenance.model import Photo

Pixels = NDArray[np.uint8]
Tables = list[list[int]] | None
Made = tuple[Pixels, Tables]
"""Pixels as a file gives them back, and the file's quantisation tables."""


def opened(path: Path) -> Made:
    """Return a file's pixels, and its quantisation tables."""
    return read(path.read_bytes())


def read(content: bytes) -> Made:
    with Image.open(io.BytesIO(content)) as picture:
        tables = getattr(picture, "quantization", None)
        pixels = np.asarray(picture.convert("RGB"))
    return pixels, [list(tables[k]) for k in sorted(tables)] if tables else None


def saved(pixels: Pixels, quality: int, codec: str = "JPEG") -> Made:
    """Return pixels as a file gives them back."""
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, codec, quality=quality)
    return read(content.getvalue())


def photo(pixels: Pixels) -> Photo:
    return Photo("PNG", pixels.shape[1], pixels.shape[0], 1, (pixels,))


def resized(pixels: Pixels, factor: float, how: Image.Resampling = Image.Resampling.BICUBIC) -> Pixels:
    height, width = pixels.shape[:2]
    size = max(32, round(width * factor)), max(32, round(height * factor))
    return np.asarray(Image.fromarray(pixels).resize(size, how))


def toned(pixels: Pixels, gain: float, offset: float, gamma: float = 1.0) -> Pixels:
    return np.clip(255 * (pixels / 255.0) ** gamma * gain + offset, 0, 255).astype(np.uint8)


def filtered(pixels: Pixels, how: ImageFilter.Filter | type[ImageFilter.Filter]) -> Pixels:
    return np.asarray(Image.fromarray(pixels).filter(how))
