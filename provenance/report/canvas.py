"""What all drawn pictures share: colours, sizes, text, and how they become a PNG."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from PIL.ImageFont import FreeTypeFont, ImageFont

    Colour = tuple[int, int, int]
    Pixels = NDArray[np.uint8]
    """(height, width, 3), sRGB, unless a docstring says otherwise."""

PAPER = (246, 246, 244)
NOTHING = (222, 222, 219)
"""Stands where a reference shows nothing: told from the paper, and from nearly every photo."""
INK = (32, 32, 32)

LEAST_TEXT = 13
"""Pixels: smaller, the letters run together."""


def fitted(size: tuple[int, int], bound: tuple[float, float]) -> tuple[int, int]:
    """Return `size`, (width, height), made no larger than `bound` at the same proportions; at least 1 by 1.

    Nothing is ever enlarged: that would show pixels which no file has.
    """
    scale = min(1.0, bound[0] / size[0], bound[1] / size[1])
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def resized(picture: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    """Return a picture of any channels reduced to `size`, (width, height): each pixel the mean of what it covers."""
    import cv2  # noqa: PLC0415 - slow to import

    if picture.shape[1::-1] == size:
        return picture
    return np.asarray(
        cv2.resize(np.ascontiguousarray(picture), size, dst=None, fx=0, fy=0, interpolation=cv2.INTER_AREA)
    )


def on_ground(laid: Pixels) -> Pixels:
    """Return a picture with transparency, (height, width, 4), on the ground that stands for nothing.

    Its colours must be 0 where it is transparent: reduced pictures are then already weighted by their opacity.
    """
    ground = np.array(NOTHING, np.uint16) * (255 - laid[:, :, 3:].astype(np.uint16)) // 255
    return np.minimum(laid[:, :, :3] + ground, 255).astype(np.uint8)


def sheet(width: int, height: int) -> Pixels:
    """Return an empty sheet."""
    return np.full((height, width, 3), PAPER, np.uint8)


def put(onto: Pixels, picture: Pixels, left: int, top: int) -> None:
    """Lay a picture onto a sheet, in place; it has to lie within it."""
    onto[top : top + picture.shape[0], left : left + picture.shape[1]] = picture


def text_width(text: str, size: int) -> int:
    """Return how many pixels wide `text` is drawn."""
    return int(np.ceil(_font(size).getlength(text)))


def wrapped(text: str, size: int, width: int) -> list[str]:
    """Return `text` in lines of at most `width` pixels, broken at spaces; a longer word has its own line."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def written(
    onto: Pixels,
    words: Sequence[tuple[str, float, float]],
    size: int,
    *,
    ink: Colour = INK,
    anchor: str = "ls",
) -> Pixels:
    """Return a picture with words on it, each (text, x, y), where `anchor` is as in Pillow (`ls`: left, baseline)."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 - a check without pictures must not wait for it

    picture = Image.fromarray(onto)
    draw = ImageDraw.Draw(picture)
    for text, x, y in words:
        draw.text((x, y), text, fill=ink, font=_font(size), anchor=anchor)
    return np.array(picture)


def png(picture: Pixels) -> bytes:
    """Return a picture of 1, 3 or 4 channels as a PNG.

    Runs are all that is searched for: photos hardly get smaller by more, and take several times as long.
    """
    import cv2  # noqa: PLC0415 - slow to import

    order = {2: None, 3: cv2.COLOR_RGB2BGR, 4: cv2.COLOR_RGBA2BGRA}[
        picture.ndim if picture.ndim == 2 else picture.shape[2]  # noqa: PLR2004 - one channel
    ]
    turned = picture if order is None else cv2.cvtColor(np.ascontiguousarray(picture), order)
    options = [cv2.IMWRITE_PNG_COMPRESSION, 1, cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE]
    return cv2.imencode(".png", turned, options)[1].tobytes()


@cache
def _font(size: int) -> FreeTypeFont | ImageFont:
    from PIL import ImageFont  # noqa: PLC0415 - see above

    return ImageFont.load_default(size)
