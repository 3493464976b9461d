"""What is done to the content of photos: changes of each kind, patches, and views from beside."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from pixels import Pixels


def pasted(
    pixels: Pixels, other: Pixels, side: int, random: np.random.Generator
) -> tuple[Pixels, tuple[int, int]]:
    """Return a photo with a square of another one in it, its edges blended over an eighth of its side."""
    height, width = pixels.shape[:2]
    x, y = int(random.integers(4, width - side - 4)), int(random.integers(4, height - side - 4))
    u, v = (int(random.integers(0, other.shape[i] - side)) for i in (1, 0))
    ramp = np.minimum(1, np.minimum(np.arange(side) + 1, side - np.arange(side)) / max(1, side / 8))
    alpha = np.outer(ramp, ramp)[..., None]
    result = pixels.astype(float)
    part = result[y : y + side, x : x + side]
    result[y : y + side, x : x + side] = part * (1 - alpha) + other[v : v + side, u : u + side] * alpha
    return np.rint(result).astype(np.uint8), (x, y)


Maker = Callable[[Pixels, Pixels, np.random.Generator], Pixels]
"""Changes a photo, with another photo at hand."""

Box = tuple[int, int, int, int]
WORDS = [
    "BREAKING",
    "TODAY",
    "EXCLUSIVE",
    "SHARE",
    "NOW",
    "WATCH",
    "LIVE",
    "CITADEL",
    "29 Nov 2024",
    "@desk_live",
]
COLOURS = [(255, 255, 255), (250, 220, 0), (220, 20, 20), (0, 0, 0), (30, 90, 220)]


def _place(pixels: Pixels, random: np.random.Generator, low: float = 0.12, high: float = 0.3) -> Box:
    height, width = pixels.shape[:2]
    w, h = (int(random.uniform(low, high) * s) for s in (width, height))
    return int(random.integers(4, width - w - 4)), int(random.integers(4, height - h - 4)), w, h


def _blob(shape: tuple[int, ...], box: Box, soft: float = 1.5) -> NDArray[np.float64]:
    x, y, w, h = box
    mask = np.zeros(shape[:2])
    cv2.ellipse(mask, (x + w // 2, y + h // 2), (w // 2, h // 2), 0, 0, 360, 1, -1)
    return cv2.GaussianBlur(mask, (0, 0), soft)


def _mixed(a: Pixels, b: Pixels, alpha: NDArray[np.float64]) -> Pixels:
    alpha = alpha[..., None]
    return np.rint(a * (1 - alpha) + b * alpha).astype(np.uint8)


def _like(other: Pixels, a: Pixels) -> Pixels:
    return cv2.resize(other, a.shape[1::-1], interpolation=cv2.INTER_AREA)


def _words(random: np.random.Generator, count: int) -> str:
    return " ".join(random.choice(WORDS, count))


def _colour(random: np.random.Generator) -> tuple[int, int, int]:
    return COLOURS[int(random.integers(len(COLOURS)))]


def spliced(a: Pixels, other: Pixels, random: np.random.Generator) -> Pixels:
    return _mixed(a, _like(other, a), _blob(a.shape, _place(a, random)))


def put_in(a: Pixels, other: Pixels, random: np.random.Generator) -> Pixels:
    x, y, w, h = _place(a, random)
    result = a.copy()
    result[y : y + h, x : x + w] = cv2.resize(other, (w, h), interpolation=cv2.INTER_AREA)
    return result


def copy_moved(a: Pixels, other: Pixels, random: np.random.Generator) -> Pixels:
    by = tuple(int(random.uniform(0.3, 0.7) * side) for side in a.shape[:2])
    return _mixed(a, np.roll(a, by, axis=(0, 1)), _blob(a.shape, _place(a, random), 1.0))


def cut_out(a: Pixels, other: Pixels, random: np.random.Generator) -> Pixels:
    """Paste a part of another photo along straight cuts, its brightness brought near to that around it."""
    x, y, w, h = _place(a, random)
    angles = np.sort(random.uniform(0, 2 * np.pi, 9))
    reach = random.uniform(0.6, 1, (9, 1)) * (w / 2, h / 2)
    outline = np.stack([np.cos(angles), np.sin(angles)], axis=1) * reach + (x + w / 2, y + h / 2)
    mask = np.zeros(a.shape[:2], np.uint8)
    cv2.fillPoly(mask, [outline.astype(np.int32)], 1)
    part = _like(other, a).astype(float)
    part += 0.7 * (a[mask > 0].mean(axis=0) - part[mask > 0].mean(axis=0))
    alpha = cv2.GaussianBlur(mask.astype(float), (0, 0), 0.7)
    return _mixed(a, np.clip(part, 0, 255).astype(np.uint8), alpha)


def cloned(a: Pixels, other: Pixels, random: np.random.Generator) -> Pixels:
    x, y, w, h = _place(a, random)
    part = _like(other, a)[y : y + h, x : x + w]
    mask = np.full(part.shape[:2], 255, np.uint8)
    return np.asarray(cv2.seamlessClone(part, a, mask, (x + w // 2, y + h // 2), cv2.NORMAL_CLONE))


def inpainted(a: Pixels, other: Pixels, random: np.random.Generator) -> Pixels:
    mask = (_blob(a.shape, _place(a, random, 0.06, 0.2)) > 0.5).astype(np.uint8)
    return cv2.inpaint(a, mask, 5, int(random.choice([cv2.INPAINT_TELEA, cv2.INPAINT_NS])))


def filled(a: Pixels, other: Pixels, random: np.random.Generator) -> Pixels:
    """Interpolate smoothly between what lies around a box, with grain as the surroundings have it."""
    x, y, w, h = _place(a, random, 0.06, 0.2)
    result = a.astype(float)
    across, down = np.linspace(0, 1, w)[None, :, None], np.linspace(0, 1, h)[:, None, None]
    soft = cv2.GaussianBlur(a, (0, 0), 3).astype(float)
    rows = soft[y : y + h, x - 1][:, None] * (1 - across) + soft[y : y + h, x + w][:, None] * across
    columns = soft[y - 1, x : x + w][None] * (1 - down) + soft[y + h, x : x + w][None] * down
    near = np.minimum(across, 1 - across), np.minimum(down, 1 - down)
    weight = near[1] / np.maximum(near[0] + near[1], 1e-9)
    result[y : y + h, x : x + w] = rows * weight + columns * (1 - weight) + random.normal(0, 1.5, (h, w, 1))
    return np.clip(np.rint(result), 0, 255).astype(np.uint8)


def text(a: Pixels, other: Pixels, random: np.random.Generator) -> Pixels:
    picture = Image.fromarray(a)
    draw = ImageDraw.Draw(picture)
    size = max(12, int(a.shape[1] * random.uniform(0.04, 0.1)))
    x, y = int(random.integers(4, a.shape[1] // 3)), int(random.integers(4, max(5, a.shape[0] - 2 * size)))
    colour, stroke = _colour(random), int(random.choice([0, 0, 2]))
    rim = (0, 0, 0) if sum(colour) > 300 else (255, 255, 255)
    font = ImageFont.load_default(size=size)
    draw.text((x, y), _words(random, 2), fill=colour, font=font, stroke_width=stroke, stroke_fill=rim)
    return np.asarray(picture)


def logo(a: Pixels, other: Pixels, random: np.random.Generator) -> Pixels:
    picture = Image.fromarray(a)
    draw = ImageDraw.Draw(picture)
    w = int(a.shape[1] * random.uniform(0.1, 0.2))
    x, y = int(random.integers(8, a.shape[1] - w - 8)), int(random.integers(8, a.shape[0] - w // 2 - 8))
    fill = tuple(map(int, random.integers(0, 255, 3)))
    if random.random() < 0.3:
        draw.ellipse((x, y, x + w // 2, y + w // 2), fill=fill)
    else:
        draw.rounded_rectangle((x, y, x + w, y + w // 2), w // 10, fill=fill)
    ink = "white" if sum(fill) < 450 else "black"
    draw.text((x + 6, y + w // 8), "NEWS 24", fill=ink, font=ImageFont.load_default(size=max(9, w // 5)))
    return np.asarray(picture)


def caption(a: Pixels, other: Pixels, random: np.random.Generator) -> Pixels:
    """Write into a box that lets some of the picture through, or none."""
    height, width = a.shape[:2]
    layer = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    h = int(height * random.uniform(0.06, 0.14))
    x, y = int(width * random.uniform(0.05, 0.3)), int(random.integers(8, height - h - 8))
    fill = (*map(int, random.integers(0, 90, 3)), int(random.choice([150, 200, 255])))
    draw.rectangle((x, y, int(width * random.uniform(0.6, 0.92)), y + h), fill=fill)
    draw.text(
        (x + 8, y + h // 5), _words(random, 3), fill="white", font=ImageFont.load_default(size=max(9, h // 2))
    )
    return np.asarray(Image.alpha_composite(Image.fromarray(a).convert("RGBA"), layer).convert("RGB"))


def marked(a: Pixels, other: Pixels, random: np.random.Generator) -> Pixels:
    """Draw a circle or an arrow, as they point at something."""
    picture = Image.fromarray(a)
    draw = ImageDraw.Draw(picture)
    x, y, w, h = _place(a, random)
    thick, colour = max(3, a.shape[1] // 90), _colour(random)
    if random.random() < 0.5:
        draw.ellipse((x, y, x + w, y + h), outline=colour, width=thick)
    else:
        draw.line((x, y, x + w, y + h), fill=colour, width=thick)
        draw.polygon([(x, y), (x + 5 * thick, y + thick), (x + thick, y + 5 * thick)], fill=colour)
    return np.asarray(picture)


def redacted(a: Pixels, other: Pixels, random: np.random.Generator) -> Pixels:
    x, y, w, h = _place(a, random, 0.06, 0.25)
    result = a.copy()
    result[y : y + h, x : x + w] = _colour(random)
    return result


def watermarked(a: Pixels, other: Pixels, random: np.random.Generator) -> Pixels:
    """Write over a part so that the picture shines through."""
    layer = Image.new("RGBA", a.shape[1::-1], (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    size = int(a.shape[1] * random.uniform(0.08, 0.16))
    x, y = int(random.integers(4, a.shape[1] // 3)), int(random.integers(4, max(5, a.shape[0] - 2 * size)))
    fill = (*_colour(random), int(random.integers(70, 160)))
    draw.text((x, y), _words(random, 1), fill=fill, font=ImageFont.load_default(size=size))
    return np.asarray(Image.alpha_composite(Image.fromarray(a).convert("RGBA"), layer).convert("RGB"))


def blurred(a: Pixels, other: Pixels, random: np.random.Generator) -> Pixels:
    soft = cv2.GaussianBlur(a, (0, 0), a.shape[1] * random.uniform(0.008, 0.02))
    return _mixed(a, soft, _blob(a.shape, _place(a, random)))


def boxed_blur(a: Pixels, other: Pixels, random: np.random.Generator) -> Pixels:
    x, y, w, h = _place(a, random, 0.08, 0.25)
    side = 2 * int(a.shape[1] * random.uniform(0.01, 0.025)) + 1
    result = a.copy()
    result[y : y + h, x : x + w] = cv2.blur(a, (side, side))[y : y + h, x : x + w]
    return result


def pixelated(a: Pixels, other: Pixels, random: np.random.Generator) -> Pixels:
    x, y, w, h = _place(a, random)
    cell = max(6, int(a.shape[1] * random.uniform(0.012, 0.03)))
    cells = max(1, w // cell), max(1, h // cell)
    small = cv2.resize(a[y : y + h, x : x + w], cells, interpolation=cv2.INTER_AREA)
    result = a.copy()
    result[y : y + h, x : x + w] = cv2.resize(small, (w, h), interpolation=cv2.INTER_NEAREST)
    return result


def barred(a: Pixels, other: Pixels, random: np.random.Generator) -> Pixels:
    picture = Image.fromarray(a)
    draw = ImageDraw.Draw(picture)
    h = int(a.shape[0] * random.uniform(0.06, 0.18))
    y = int(random.choice([0, a.shape[0] - h]))
    dark = bool(random.integers(2))
    fill = tuple(map(int, random.integers(0, 90, 3) if dark else random.integers(190, 256, 3)))
    draw.rectangle((0, y, a.shape[1], y + h), fill=fill)
    ink = "white" if dark else "black"
    draw.text((8, y + h * 0.2), _words(random, 3), fill=ink, font=ImageFont.load_default(size=max(8, h // 2)))
    return np.asarray(picture)


def framed(a: Pixels, other: Pixels, random: np.random.Generator) -> Pixels:
    by = int(a.shape[1] * random.uniform(0.03, 0.12))
    sides = ((by, by), (by, by), (0, 0)) if random.random() < 0.5 else ((2 * by, by), (0, 0), (0, 0))
    return np.pad(a, sides, constant_values=int(random.choice([0, 255])))


def bordered(a: Pixels, other: Pixels, random: np.random.Generator) -> Pixels:
    """Draw a frame over the picture's own edges."""
    by = max(5, int(a.shape[1] * random.uniform(0.02, 0.06)))
    result = np.full_like(a, _colour(random))
    result[by:-by, by:-by] = a[by:-by, by:-by]
    return result


def shifted_hue(a: Pixels, other: Pixels, random: np.random.Generator) -> Pixels:
    hue = cv2.cvtColor(a, cv2.COLOR_RGB2HSV)
    hue[..., 0] = (hue[..., 0].astype(int) + int(random.integers(40, 140))) % 180
    hue[..., 1] = np.clip(hue[..., 1].astype(int) + 60, 0, 255)
    return _mixed(a, cv2.cvtColor(hue, cv2.COLOR_HSV2RGB), _blob(a.shape, _place(a, random)))


def tinted(a: Pixels, other: Pixels, random: np.random.Generator) -> Pixels:
    light = cv2.cvtColor(a, cv2.COLOR_RGB2GRAY)[..., None] / 255.0
    colour = np.array(_colour(random)) * 0.5 + 60
    painted = np.clip(light * colour * 1.6, 0, 255).astype(np.uint8)
    return _mixed(a, painted, _blob(a.shape, _place(a, random), 2.5))


def relit(a: Pixels, other: Pixels, random: np.random.Generator) -> Pixels:
    """Darken or brighten a part."""
    gain = float(random.choice([0.55, 0.7, 1.4, 1.7]))
    return _mixed(a, np.clip(a * gain, 0, 255).astype(np.uint8), _blob(a.shape, _place(a, random), 3.0))


KINDS: dict[str, tuple[Maker, ...]] = {
    "replaced": (spliced, put_in, copy_moved, cloned, cut_out),
    "removed": (inpainted, filled),
    "overlay": (text, logo, caption, marked, redacted, watermarked),
    "obscured": (blurred, pixelated, boxed_blur),
    "bar": (barred, framed, bordered),
    "recoloured": (shifted_hue, tinted, relit),
}
"""What is done to a photo, by the kind that it is of."""


def seen_from_beside(pixels: Pixels, parallax: float, random: np.random.Generator) -> Pixels:
    """Return a photo warped by a smooth depth map, so that its parts lie up to `parallax` pixels apart."""
    height, width = pixels.shape[:2]
    coarse = random.normal(size=(max(3, height // 90), max(3, width // 90))).astype(np.float32)
    depth = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    low, high = np.quantile(depth, (0.02, 0.98))
    depth = np.clip((depth - low) / (high - low), 0, 1) * np.float32(parallax)
    angle = float(random.uniform(0, 2 * np.pi))
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    across, down = (
        (x + depth * np.cos(angle)).astype(np.float32),
        (y + depth * np.sin(angle)).astype(np.float32),
    )
    return np.asarray(
        cv2.remap(pixels, across, down, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT), np.uint8
    )
