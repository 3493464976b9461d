"""What photos go through without a change of their content."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter
from pixels import Made, Pixels, filtered, resized, saved, toned

UNCHANGED: dict[str, Callable[[Pixels], Made]] = {
    "jpeg90": lambda a: saved(a, 90),
    "jpeg70": lambda a: saved(a, 70),
    "jpeg50": lambda a: saved(a, 50),
    "jpeg30": lambda a: saved(a, 30),
    "half": lambda a: (resized(a, 0.5), None),
    "half, jpeg75": lambda a: saved(resized(a, 0.5, Image.Resampling.LANCZOS), 75),
    "x0.7, jpeg80": lambda a: saved(resized(a, 0.7, Image.Resampling.LANCZOS), 80),
    "x1.5": lambda a: (resized(a, 1.5), None),
    "x2, jpeg75": lambda a: saved(resized(a, 2), 75),
    "brighter, jpeg85": lambda a: saved(toned(a, 1.15, 8), 85),
    "gamma, jpeg85": lambda a: saved(toned(a, 1, 0, 1.4), 85),
    "contrast": lambda a: (toned(a, 1.35, -40), None),
    "saturation": lambda a: (np.asarray(ImageEnhance.Color(Image.fromarray(a)).enhance(1.5)), None),
    "grey, jpeg80": lambda a: saved(np.asarray(Image.fromarray(a).convert("L").convert("RGB")), 80),
    "unsharp mask": lambda a: (filtered(a, ImageFilter.UnsharpMask(2, 120, 2)), None),
    "sharpened, jpeg75": lambda a: saved(filtered(a, ImageFilter.SHARPEN), 75),
    "softened, jpeg75": lambda a: saved(filtered(a, ImageFilter.GaussianBlur(1.2)), 75),
    "messenger": lambda a: saved(saved(resized(a, 0.8), 75)[0], 60),
    "three times": lambda a: saved(saved(saved(a, 75)[0], 70)[0], 65),
    "320 pixels": lambda a: saved(resized(a, 320 / max(a.shape)), 60),
    "160 pixels": lambda a: saved(resized(a, 160 / max(a.shape)), 70),
}


def drawn(pixels: Pixels, random: np.random.Generator) -> Made:
    """Return a photo as some chain of rescaling, tones, filters and files leaves it; its content stays."""
    if random.random() < 0.6:
        factor = float(np.exp(random.uniform(np.log(0.5), np.log(2))))
        how = (
            Image.Resampling.BICUBIC,
            Image.Resampling.LANCZOS,
            Image.Resampling.BILINEAR,
            Image.Resampling.BOX,
        )
        # Enlarging by boxes repeats pixels, which moves details by up to half of one.
        pixels = resized(pixels, factor, how[random.integers(4 if factor < 1 else 3)])
    if random.random() < 0.5:
        pixels = _retouched(Image.fromarray(pixels), random)
    if random.random() < 0.4:
        radius, percent, threshold = random.uniform(0.6, 3), random.uniform(50, 180), random.integers(0, 4)
        pixels = filtered(pixels, ImageFilter.UnsharpMask(radius, round(percent), int(threshold)))
    made: Made = pixels, None
    for _ in range(int(random.integers(1, 4))):
        made = saved(made[0], int(random.integers(30, 96)), ("JPEG", "JPEG", "WEBP")[random.integers(3)])
    return made


def _retouched(picture: Image.Image, random: np.random.Generator) -> Pixels:
    how = (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color)[random.integers(3)]
    pixels = np.asarray(how(picture).enhance(float(random.uniform(0.6, 1.6)))) / 255.0
    warmth = random.uniform(-0.1, 0.1)
    pixels = pixels ** random.uniform(0.75, 1.35) * (1 + warmth, 1, 1 - warmth)
    return np.clip(255 * pixels, 0, 255).astype(np.uint8)
