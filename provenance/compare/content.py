"""How much of what a picture shows lies in which part of it.

Content is taken to be where edges are: an even sky holds little of it, a crowd much. What the edges belong to is not
looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from provenance.compare.filters import brightness, gradient, smooth
from provenance.compare.geometry import project

if TYPE_CHECKING:
    from provenance.compare.frame import Pixels
    from provenance.compare.geometry import Floats

SIDE = 256
"""Pixels of the longer side at which content is weighed: what is smaller is texture."""

FLAT = 2.0
"""Grey levels a pixel that shading and noise come to, and count for nothing."""


def content_gone(reference: Pixels, matrix: Floats, size: tuple[int, int]) -> float:
    """Return the share, 0 to 1, of the content of `reference` that a query does not show.

    `reference` is uint8 (height, width, 3); `matrix`, (3, 3), maps pixels of the query onto its; `size` is the query's
    (width, height). Where the reference shows nothing, the share is that of its area.
    """
    import cv2  # noqa: PLC0415 - slow to import

    height, width = reference.shape[:2]
    shrink = SIDE / max(height, width, SIDE)
    small = max(1, round(width * shrink)), max(1, round(height * shrink))
    picture = cv2.resize(reference, small, interpolation=cv2.INTER_AREA).astype(np.float32)
    across, down = gradient(smooth(brightness(picture), 1.0))
    content = np.maximum(np.hypot(across, down) - FLAT, 0)
    if not content.any():
        content = np.ones_like(content)
    y, x = np.mgrid[: small[1], : small[0]]
    points = np.stack([(x + 0.5) * width / small[0], (y + 0.5) * height / small[1]], axis=-1).reshape(-1, 2)
    there = project(np.asarray(np.linalg.inv(matrix), np.float64), points)
    shown = np.all((there >= 0) & (there <= size), axis=1).reshape(content.shape)
    return float(content[~shown].sum() / content.sum())
