"""What lies on each other, small enough for a page that holds its own pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from provenance.model import MatchPictures
from provenance.report.canvas import fitted, on_ground

if TYPE_CHECKING:
    from provenance.report.canvas import Pixels
    from provenance.report.pictures import Layers

SIDE = 1_000
"""Pixels of the longer side: what a page of a common width shows at most."""

QUALITY = 80
"""libjpeg's and WebP's scale: a page is to be looked at; what is measured is in `--pictures`."""


def page_pictures(layers: Layers) -> MatchPictures:
    """Return query, aligned reference and heat map at one size, at most `SIDE` pixels a side."""
    size = layers.query.shape[1], layers.query.shape[0]
    small = layers.reduced(fitted(size, (SIDE, SIDE)))
    return MatchPictures(
        query=_jpeg(small.query),
        aligned=_aligned(small.aligned),
        heat=_jpeg(small.heat_map()),
    )


def _aligned(picture: Pixels) -> bytes:
    """Return a picture of four channels: as WebP where anything of it is transparent, which JPEG cannot be."""
    if picture[:, :, 3].all():
        return _jpeg(on_ground(picture))
    import cv2  # noqa: PLC0415 - slow to import

    turned = cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGBA2BGRA)
    return cv2.imencode(".webp", turned, [cv2.IMWRITE_WEBP_QUALITY, QUALITY])[1].tobytes()


def _jpeg(picture: Pixels) -> bytes:
    import cv2  # noqa: PLC0415 - slow to import

    turned = cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2BGR)
    return cv2.imencode(".jpg", turned, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()
