"""`Photo` to preview."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

# Saving would otherwise import the plugins of five formats.
from PIL import Image, JpegImagePlugin  # noqa: F401

from provenance.photo.limits import DEFAULT, Limits

if TYPE_CHECKING:
    from provenance.model import Photo


def preview(photo: Photo, limits: Limits = DEFAULT) -> bytes:
    """Return the first frame as a JPEG of at most `preview_side` pixels a side, without metadata."""
    picture = Image.fromarray(photo.frames[0])
    picture.thumbnail((limits.preview_side, limits.preview_side), Image.Resampling.HAMMING)
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=limits.preview_quality)
    return content.getvalue()
