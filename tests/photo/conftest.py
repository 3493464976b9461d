"""Pictures drawn for this room: smooth, so that lossy formats keep them, and unlike their mirror images."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pillow_heif
import pytest
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

pillow_heif.register_heif_opener()


class Encode(Protocol):
    def __call__(self, picture: Image.Image, name: str, **options: Any) -> bytes: ...


def _draw(width: int, height: int) -> Image.Image:
    across, down = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    bands = [40 + 170 * across, 220 - 180 * down, 30 + 100 * across + 90 * down]
    return Image.fromarray(np.stack(bands, axis=-1).round().astype(np.uint8))


@pytest.fixture
def picture() -> Image.Image:
    """96 x 64 pixels, RGB."""
    return _draw(96, 64)


@pytest.fixture(scope="session")
def large_picture() -> Image.Image:
    """4000 x 3000 pixels, RGB; not to be changed."""
    return _draw(400, 300).resize((4000, 3000), Image.Resampling.BICUBIC)


@pytest.fixture
def encode() -> Encode:
    def encode(picture: Image.Image, name: str, **options: Any) -> bytes:
        content = io.BytesIO()
        picture.save(content, name, **options)
        return content.getvalue()

    return encode


@pytest.fixture
def difference() -> Any:
    """The largest difference of two arrays, in levels of 255."""

    def difference(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> int:
        assert one.shape == other.shape
        return int(np.abs(one.astype(int) - other.astype(int)).max())

    return difference
