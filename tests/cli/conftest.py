"""Pictures with enough detail for the real program to find parts of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw


def _scene(seed: int, width: int = 640, height: int = 480) -> Image.Image:
    """Return a drawn picture with detail of every size: noise of several octaves, and shapes."""
    rng = np.random.default_rng(seed)
    layers = np.zeros((height, width, 3))
    for cells in (4, 8, 16, 32, 64, 128):
        grid = rng.normal(size=(cells * 3 // 4, cells, 3)).astype(np.float32)
        for channel in range(3):
            layer = Image.fromarray(grid[:, :, channel]).resize((width, height), Image.Resampling.BICUBIC)
            layers[:, :, channel] += np.asarray(layer) / np.sqrt(cells)
    layers -= layers.min()
    picture = Image.fromarray((layers / layers.max() * 255).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    for _ in range(40):
        (x, y), (w, h) = rng.integers(0, (width, height)).tolist(), rng.integers(10, 70, 2).tolist()
        shape = (draw.rectangle, draw.ellipse)[int(rng.integers(2))]
        shape((x, y, x + w, y + h), fill=tuple(rng.integers(0, 256, 3).tolist()))
    return picture


@pytest.fixture(scope="session")
def scene() -> Callable[..., Image.Image]:
    """Return the maker of pictures by seed, width and height."""
    return _scene
