"""`Photo` to preview, and a preview to pixels."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

# Saving would otherwise import the plugins of five formats.
from PIL import Image, JpegImagePlugin  # noqa: F401

from provenance.photo.decode import decode
from provenance.photo.limits import DEFAULT, Limits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from provenance.model import Photo


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
