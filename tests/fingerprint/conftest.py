"""Pictures drawn in integers, so that no platform rounds them differently."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pytest

from provenance.model import Photo

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Scene(Protocol):
    def __call__(self, width: int, height: int, seed: int) -> NDArray[np.uint8]: ...


class MakePhoto(Protocol):
    def __call__(self, *frames: NDArray[np.uint8]) -> Photo: ...


def _scene(width: int, height: int, seed: int) -> NDArray[np.uint8]:
    """Draw overlapping blocks on a gradient."""
    number = random.Random(seed)
    y, x = np.mgrid[:height, :width]
    picture = np.stack([200 * x // width, 200 * y // height, 200 * (x + y) // (width + height)], axis=-1)
    for _ in range(60):
        left, top = int(number.random() * width), int(number.random() * height)
        right, bottom = (
            left + 1 + int(number.random() * width / 3),
            top + 1 + int(number.random() * height / 3),
        )
        picture[top:bottom, left:right] = [int(number.random() * 256) for _ in range(3)]
    return picture.astype(np.uint8)


@pytest.fixture(scope="session")
def scene() -> Scene:
    return _scene


@pytest.fixture(scope="session")
def photo() -> MakePhoto:
    def make(*frames: NDArray[np.uint8]) -> Photo:
        height, width = frames[0].shape[:2]
        return Photo("PNG", width, height, len(frames), frames)

    return make


@pytest.fixture(scope="session")
def pictures() -> dict[str, NDArray[np.uint8]]:
    """Pictures whose codes are pinned."""
    grey = _scene(384, 512, 2)[:, :, :1].repeat(3, axis=2)
    return {
        "scene": _scene(500, 375, 1),
        "grey portrait": grey,
        "banner": _scene(640, 96, 3),
        "stamp": _scene(70, 50, 4),
        "large": _scene(960, 719, 5),
        "dark": _scene(320, 200, 6) // 3,
    }
