"""Embedded thumbnails held against pictures: false alarms, what is found, other pictures, time.

    python tests/benchmarks/thumbnails.py PHOTOS [--first N] [--step N] [--honest | --ratios]

PHOTOS is a folder of photos. Each is given a thumbnail as cameras and software make them, and is then treated as a
whole: resized, toned, sharpened, compressed, turned. That is an honest pair. Of each, four more are made in which
a region of 2, 5, 10 and 20% of the picture was replaced by a piece of another photo after the thumbnail was made, and
one whose thumbnail is of another photo. Everything is drawn from the photo's number, so runs repeat.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter, defaultdict
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageEnhance, ImageFilter
from pixels import Pixels, opened, resized, saved

from provenance.compare.thumbnail_frames import lay_thumbnail
from provenance.compare.thumbnail_residual import USUAL, remainder
from provenance.compare.thumbnails import WORKING_SIDE, _agreement, _reduced, compare_thumbnail
from provenance.model import ThumbnailOutcome
from provenance.model.changes import Box

SHARES = (0.02, 0.05, 0.1, 0.2)
KERNELS = ("box", "bilinear", "bicubic", "lanczos", "hamming", "linear of 4", "nearest")
FRAMINGS = (
    "as it is",
    "4:3 letterboxed",
    "3:2 letterboxed",
    "16:9 letterboxed",
    "3:2 cut to 4:3",
    "stretched",
)
BOX = (160, 120)
EVERY = 20
"""Photos after which the counts so far are printed: a run on a busy machine may be ended early."""


def cut(pixels: Pixels, ratio: float) -> Pixels:
    """Return the middle of a photo at a ratio of its longer to its shorter side."""
    height, width = pixels.shape[:2]
    ratio = ratio if width >= height else 1 / ratio
    w, h = min(width, round(height * ratio)), min(height, round(width / ratio))
    left, top = (width - w) // 2, (height - h) // 2
    return pixels[top : top + h, left : left + w]


def reduced(pixels: Pixels, size: tuple[int, int], kernel: str) -> Pixels:
    if kernel == "linear of 4":  # aliases, as scalers in hardware do
        return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR), np.uint8)
    how = Image.Resampling[kernel.upper()]
    return np.asarray(Image.fromarray(pixels).resize(size, how))


def fitted(pixels: Pixels, kernel: str, random: np.random.Generator) -> Pixels:
    """Return a thumbnail of 160 x 120 with bars where the photo has another shape."""
    height, width = pixels.shape[:2]
    box = BOX if width >= height else BOX[::-1]
    factor = min(box[0] / width, box[1] / height)
    small = reduced(pixels, (max(1, round(width * factor)), max(1, round(height * factor))), kernel)
    canvas = np.full((box[1], box[0], 3), 255 if random.random() < 0.1 else 0, np.uint8)
    left, top = (box[0] - small.shape[1]) // 2, (box[1] - small.shape[0]) // 2
    canvas[top : top + small.shape[0], left : left + small.shape[1]] = small
    return canvas


def thumbnail_of(pixels: Pixels, framing: str, kernel: str, random: np.random.Generator) -> Pixels:
    if framing.endswith("letterboxed"):
        return fitted(pixels, kernel, random)
    if framing == "stretched":
        return reduced(pixels, BOX if pixels.shape[1] >= pixels.shape[0] else BOX[::-1], kernel)
    source = cut(pixels, 4 / 3) if "cut" in framing else pixels
    side = int(random.choice((160, 160, 160, 256, 320)))
    factor = side / max(source.shape)
    size = max(1, round(source.shape[1] * factor)), max(1, round(source.shape[0] * factor))
    return reduced(source, size, kernel)


def retouched(pixels: Pixels, random: np.random.Generator, strength: float) -> Pixels:
    """Return a photo with other tones all over, as cameras' and editors' styles give it."""
    picture = Image.fromarray(pixels)
    for how in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        picture = how(picture).enhance(float(np.exp(random.normal(0, strength))))
    warmth = random.normal(0, strength / 4)
    levels = (np.asarray(picture) / 255.0) ** np.exp(random.normal(0, strength)) * (1 + warmth, 1, 1 - warmth)
    return np.clip(255 * levels, 0, 255).astype(np.uint8)


def sharpened(pixels: Pixels, random: np.random.Generator) -> Pixels:
    mask = ImageFilter.UnsharpMask(random.uniform(0.5, 2), round(random.uniform(30, 150)), 0)
    return np.asarray(Image.fromarray(pixels).filter(mask))


def later(pixels: Pixels, random: np.random.Generator) -> Pixels:
    """Return a picture as it may be treated as a whole after its thumbnail was made."""
    if random.random() < 0.5:
        pixels = resized(pixels, float(np.exp(random.uniform(np.log(0.6), np.log(1.6)))))
    if random.random() < 0.5:
        pixels = retouched(pixels, random, 0.2)
    if random.random() < 0.3:
        pixels = sharpened(pixels, random)
    if random.random() < 0.05:
        pixels = np.asarray(Image.fromarray(pixels).convert("L").convert("RGB"))
    for _ in range(int(random.integers(1, 3))):
        pixels = saved(pixels, int(random.integers(40, 96)))[0]
    return pixels


class Case:
    """One photo, its honest thumbnail, and what may be made of both."""

    def __init__(self, paths: list[Path], number: int) -> None:
        self.random = np.random.default_rng(number)
        photo = opened(paths[number])[0]
        self.other = opened(paths[(number + len(paths) // 2) % len(paths)])[0]
        self.framing = str(self.random.choice(FRAMINGS))
        self.kernel = str(self.random.choice(KERNELS, p=(0.2, 0.15, 0.2, 0.2, 0.1, 0.1, 0.05)))
        self.turns = int(self.random.choice(4, p=(0.55, 0.2, 0.05, 0.2)))
        ratio = {"4:3": 4 / 3, "3:2": 3 / 2, "16:9": 16 / 9}.get(self.framing.split()[0])
        self.photo = cut(photo, ratio) if ratio else photo
        self.thumbnail = self.made(self.photo)

    def made(self, photo: Pixels) -> Pixels:
        random = np.random.default_rng(self.random.integers(1 << 30))
        source = photo
        if random.random() < 0.4:
            source = retouched(source, random, 0.15)
        small = thumbnail_of(source, self.framing, self.kernel, random)
        if random.random() < 0.4:
            small = sharpened(small, random)
        return saved(small, int(random.integers(40, 91)))[0]

    def finished(self, photo: Pixels) -> Pixels:
        return np.ascontiguousarray(np.rot90(later(photo, self.random), self.turns))

    def replaced(self, share: float) -> tuple[Pixels, Box]:
        """Return the picture with a share of it replaced, within what the thumbnail shows, and where."""
        height, width = self.photo.shape[:2]
        shown = cut(self.photo, 4 / 3).shape if "cut" in self.framing else self.photo.shape
        ratio = self.random.uniform(0.6, 1.6)
        area = share * height * width
        w = min(shown[1] - 4, round((area * ratio) ** 0.5))
        h = min(shown[0] - 4, round(area / w))
        left = (width - shown[1]) // 2 + int(self.random.integers(0, shown[1] - w))
        top = (height - shown[0]) // 2 + int(self.random.integers(0, shown[0] - h))
        piece = self.other
        if piece.shape[0] < h or piece.shape[1] < w:
            piece = resized(piece, 1.05 * max(h / piece.shape[0], w / piece.shape[1]))
        y, x = (int(self.random.integers(0, piece.shape[k] - (h, w)[k] + 1)) for k in (0, 1))
        result = self.photo.copy()
        result[top : top + h, left : left + w] = piece[y : y + h, x : x + w]
        marked = np.zeros((height, width), np.uint8)
        marked[top : top + h, left : left + w] = 255
        done = self.finished(result)
        there = np.rot90(marked, self.turns)
        there = cv2.resize(np.ascontiguousarray(there), done.shape[1::-1], interpolation=cv2.INTER_NEAREST)
        return done, tuple(cv2.boundingRect(there))  # type: ignore[return-value]


def overlap(one: Box, other: Box) -> float:
    """Return what share of the smaller of two boxes lies in the other."""
    wide = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    high = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return max(0, wide) * max(0, high) / min(one[2] * one[3], other[2] * other[3])


def excess_of(thumbnail: Pixels, picture: Pixels) -> list[float]:
    """Return the largest logarithm of each ratio, and the share of blocks that agree."""
    small, large = _reduced(thumbnail, WORKING_SIDE), _reduced(picture, 2 * WORKING_SIDE)
    found = lay_thumbnail(small, large)
    if found is None:
        return [np.inf] * 5
    remains = remainder(small, found[1], found[2])
    return [*(float(each.max()) for each in remains.ratios), _agreement(small, found).share]


def ratios(paths: list[Path], numbers: range) -> None:
    """Print what honest thumbnails leave: the numbers in `USUAL`, and the tail that scores are read from."""
    made = []
    for number in numbers:
        case = Case(paths, number)
        made.append(excess_of(case.thumbnail, case.finished(case.photo)))
    seen = np.array(made)
    print("honest:", len(seen))
    print("99% of each ratio:", np.round(np.quantile(seen[:, :4], 0.99, axis=0), 2))
    excess = (seen[:, :4] - USUAL).max(axis=1)
    for share in (0.5, 0.9, 0.95, 0.98, 0.99, 0.995, 1.0):
        print(f"excess at {share:6.1%}: {np.quantile(excess, share):6.2f}")
    print("least share of blocks that agree:", np.round(np.sort(seen[:, 4])[:5], 2))


class Outcomes:
    """Counts of outcomes, of regions beside the place, and the time that honest pairs took."""

    def __init__(self) -> None:
        self.counts: dict[str, Counter[ThumbnailOutcome]] = defaultdict(Counter)
        self.beside: dict[str, list[bool]] = defaultdict(list)
        self.seconds: list[float] = []

    def honest(self, case: Case, number: int) -> Pixels:
        picture = case.finished(case.photo)
        start = time.process_time()
        found = compare_thumbnail(case.thumbnail, picture)
        self.seconds.append(time.process_time() - start)
        self.counts["honest"][found.outcome] += 1
        self.counts[f"  {case.framing}, {'turned' if case.turns else 'upright'}"][found.outcome] += 1
        if found.outcome is not ThumbnailOutcome.SAME:
            print(f"photo {number}, {case.framing}, {case.kernel}: {found}", flush=True)
        return picture

    def others(self, case: Case, picture: Pixels, strange: Pixels) -> None:
        for share in SHARES:
            picture_with, box = case.replaced(share)
            found = compare_thumbnail(case.thumbnail, picture_with)
            self.counts[f"{share:.0%} replaced"][found.outcome] += 1
            if found.regions:
                self.beside[f"{share:.0%} replaced"].append(overlap(found.regions[0], box) < 0.5)
        self.counts["of another photo"][compare_thumbnail(strange, picture).outcome] += 1
        height, width = picture.shape[:2]
        part = picture[height // 10 : height * 8 // 10, width // 5 : width * 9 // 10]
        self.counts["picture cut to 70% of each side"][compare_thumbnail(case.thumbnail, part).outcome] += 1

    def told(self) -> None:
        for name, counter in sorted(self.counts.items()):
            print(f"{name:34}", ", ".join(f"{outcome} {n}" for outcome, n in sorted(counter.items())))
        for name, wrong in self.beside.items():
            print(f"{name}: strongest region beside it in {sum(wrong)} of {len(wrong)}")
        spent = np.array(self.seconds) * 1e3
        print(
            f"CPU time of a comparison: median {np.median(spent):.0f} ms, most {spent.max():.0f} ms",
            flush=True,
        )


def outcomes(paths: list[Path], numbers: range, *, honest_only: bool) -> None:
    seen = Outcomes()
    for done, number in enumerate(numbers, 1):
        case = Case(paths, number)
        picture = seen.honest(case, number)
        if not honest_only:
            seen.others(case, picture, Case(paths, (number + len(paths) // 3) % len(paths)).thumbnail)
        if done % EVERY == 0:
            print(f"after {done} of {len(numbers)} photos:")
            seen.told()
    seen.told()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", type=Path)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--step", type=int, default=2)
    parser.add_argument("--ratios", action="store_true", help="print what honest thumbnails leave instead")
    parser.add_argument("--honest", action="store_true", help="honest thumbnails only")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    paths = sorted(p for p in options.photos.iterdir() if p.is_file())
    numbers = range(options.first, len(paths), options.step)
    if options.ratios:
        ratios(paths, numbers)
    else:
        outcomes(paths, numbers, honest_only=options.honest)


if __name__ == "__main__":
    main()
