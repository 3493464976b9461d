"""Filters on float32 pictures that the comparison of pixels is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.float32]

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""Rec. 601, as JPEG has it."""

_OPPONENT = np.array([[0.299, 0.587, 0.114], [-0.169, -0.331, 0.5], [0.5, -0.419, -0.081]], np.float32)


def brightness(picture: Image) -> Image:
    """Return the brightness, (height, width), of an RGB picture."""
    import cv2  # noqa: PLC0415 - slow to import

    return np.asarray(cv2.transform(picture, LUMA[None]), np.float32)


def opponent(picture: Image) -> Image:
    """Return brightness and two colour differences of an RGB picture, as Y'CbCr has them."""
    import cv2  # noqa: PLC0415 - slow to import

    return np.asarray(cv2.transform(picture, _OPPONENT), np.float32)


def gradient(picture: Image) -> tuple[Image, Image]:
    """Return the central differences along x and y, a pixel."""
    import cv2  # noqa: PLC0415 - slow to import

    kernel, none = np.array([-0.5, 0, 0.5], np.float32), np.array([1], np.float32)
    return (
        np.asarray(cv2.sepFilter2D(picture, cv2.CV_32F, kernel, none), np.float32),
        np.asarray(cv2.sepFilter2D(picture, cv2.CV_32F, none, kernel), np.float32),
    )


def smooth(picture: Image, sigma: float) -> Image:
    """Return a picture averaged over a Gaussian window; wide windows are computed on a reduced picture."""
    import cv2  # noqa: PLC0415 - slow to import

    height, width = picture.shape[:2]
    factor = 1 if sigma < 4 or min(height, width) < 32 else 2 if sigma < 8 else 4
    if factor == 1:
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.float32)
    small = cv2.resize(picture, (width // factor, height // factor), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), sigma / factor)
    return np.asarray(cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def reduced(picture: Image, factor: int) -> Image:
    """Return a picture reduced by a whole factor, each pixel the mean of those it stands for."""
    import cv2  # noqa: PLC0415 - slow to import

    if factor == 1:
        return picture
    size = (max(1, picture.shape[1] // factor), max(1, picture.shape[0] // factor))
    cut = picture[: size[1] * factor, : size[0] * factor]
    return np.asarray(cv2.resize(cut, size, interpolation=cv2.INTER_AREA), np.float32)
