"""Pictures with texture of every size and a noise of their own, and files of them."""

from __future__ import annotations

import io
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]
Textured = Callable[..., Pixels]
AsFile = Callable[..., tuple[bytes, Pixels]]


def _textured(seed: int, width: int = 384, height: int = 320, noise: float = 4.0) -> Pixels:
    """Draw noise of several octaves in colour, and fine noise of a camera over it."""
    number = np.random.default_rng(seed)
    layers = np.zeros((height, width, 3), np.float32)
    for octave in (4, 8, 16, 32, 64, 128):
        coarse = number.normal(0, 1, (octave * height // width + 1, octave, 3)).astype(np.float32)
        layers += cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC) / octave**0.4
    layers = layers * 30 + 127 + number.normal(0, noise, (height, width, 1))
    return layers.clip(0, 255).astype(np.uint8)


def _as_file(pixels: Pixels, quality: int | None = None) -> tuple[bytes, Pixels]:
    """Return a file and what it decodes to: a PNG where no quality is given."""
    content = io.BytesIO()
    picture = Image.fromarray(pixels)
    if quality is None:
        picture.save(content, "PNG")
    else:
        picture.save(content, "JPEG", quality=quality)
    return content.getvalue(), np.asarray(Image.open(content).convert("RGB"))


@pytest.fixture(scope="session")
def textured() -> Textured:
    return _textured


@pytest.fixture(scope="session")
def as_file() -> AsFile:
    return _as_file
