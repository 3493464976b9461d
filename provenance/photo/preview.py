"""`Photo` to preview, and a preview to pixels."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

# Saving would otherwise import the plugins of five formats.
from PIL import Image, JpegImagePlugin, PngImagePlugin  # noqa: F401

from provenance.photo.decode import decode
from provenance.photo.limits import DEFAULT, Limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from provenance.model import Photo


GAP = 12
"""Pixels between previews that stand side by side."""


def preview(photo: Photo, limits: Limits = DEFAULT) -> bytes:
    """Return the first frame as a JPEG of at most `preview_side` pixels a side, without metadata."""
    picture = Image.fromarray(photo.frames[0])
    picture.thumbnail((limits.preview_side, limits.preview_side), Image.Resampling.HAMMING)
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=limits.preview_quality)
    return content.getvalue()


def grey_preview(content: bytes) -> NDArray[np.uint8]:
    """Return the brightness of a preview, uint8 (height, width). Raises PhotoError: archives may be hostile."""
    pixels = decode(content, full=True).frames[0]
    return np.asarray(Image.fromarray(pixels).convert("L"))


def side_by_side(contents: Sequence[bytes], height: int) -> bytes:
    """Return previews beside each other as one PNG, `height` pixels high. Raises PhotoError, as `grey_preview` does."""
    pictures = [Image.fromarray(decode(content, full=True).frames[0]) for content in contents]
    scaled = [
        picture.resize((max(1, round(picture.width * height / picture.height)), height))
        for picture in pictures
    ]
    sheet = Image.new("RGBA", (sum(p.width for p in scaled) + GAP * (len(scaled) - 1), height))
    left = 0
    for picture in scaled:
        sheet.paste(picture, (left, 0))
        left += picture.width + GAP
    content = io.BytesIO()
    sheet.save(content, "PNG")
    return content.getvalue()
