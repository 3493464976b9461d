"""What pixels hint at: false alarms on photos as they are and recompressed, and recall on made cases.

    python tests/benchmarks/pixel_hints.py alarms PHOTOS [--quality 85]
    python tests/benchmarks/pixel_hints.py grid|copy|double PHOTOS [--count 20]

`alarms` prints each hint of a region, to be looked at. `--first` and `--step` choose the photos, so that parts
can be run by themselves.
"""

from __future__ import annotations

import argparse
import io
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from time import process_time

import cv2
import numpy as np
from PIL import Image
from pixels import Pixels, resized

from provenance.evidence.pixels import copy_moves, double_quantisation, grid_shifts
from provenance.model.changes import Box
from provenance.model.file_facts import Hint

SIDES = (32, 64, 96, 128, 192)


def file_of(pixels: Pixels, quality: int | None) -> tuple[bytes, Pixels]:
    """Return a file, a PNG where no quality is given, and what it decodes to."""
    content = io.BytesIO()
    if quality is None:
        Image.fromarray(pixels).save(content, "PNG", compress_level=1)
        return content.getvalue(), pixels
    Image.fromarray(pixels).save(content, "JPEG", quality=quality)
    return content.getvalue(), opened(content.getvalue())


def opened(data: bytes) -> Pixels:
    with Image.open(io.BytesIO(data)) as picture:
        return np.asarray(picture.convert("RGB"))


def overlaps(found: Box, made: Box) -> bool:
    """Return whether half of what was found lies in what was made, and covers a quarter of it."""
    (x, y, w, h), (u, v, s, t) = found, made
    both = max(0, min(x + w, u + s) - max(x, u)) * max(0, min(y + h, v + t) - max(y, v))
    return both >= 0.5 * w * h and both >= 0.25 * s * t


def place(random: np.random.Generator, shape: tuple[int, ...], side: int) -> tuple[int, int]:
    return int(random.integers(0, shape[1] - side)), int(random.integers(0, shape[0] - side))


def alarms(photos: list[Path], quality: int | None) -> None:
    pictures: Counter[str] = Counter()
    start = process_time()
    for path in photos:
        data = path.read_bytes()
        pixels = opened(data)
        if quality is not None:
            data, pixels = file_of(pixels, quality)
        hints = grid_shifts(data, pixels) + copy_moves(pixels)
        kinds = {f"{hint.kind.value}, {'a region' if hint.regions else 'all'}" for hint in hints}
        pictures.update(kinds)
        for hint in hints:
            print(f"{path.name}: {hint.kind.value} {hint.score:.1f} {hint.regions} {hint.words}", flush=True)
    print(f"{len(photos)} photos, {quality or 'as they are'}: {dict(pictures)}")
    print(f"{(process_time() - start) / max(1, len(photos)):.2f} s a photo")


def pairs(photos: list[Path], count: int, random: np.random.Generator) -> Iterator[tuple[Pixels, Pixels]]:
    """Yield pairs of photos at three quarters of their size: what JPEG left in them is gone."""
    chosen = random.permutation(len(photos))[: 2 * count]
    for one, other in zip(chosen[::2], chosen[1::2], strict=False):
        pair = [opened(photos[i].read_bytes()) for i in (one, other)]
        small = [resized(each, 0.75, Image.Resampling.LANCZOS) for each in pair]
        if min(side for each in small for side in each.shape[:2]) > max(SIDES) + 16:
            yield small[0], small[1]


def grid_recall(photos: list[Path], count: int, random: np.random.Generator) -> None:
    found: dict[tuple[int, int | None, int], list[bool]] = defaultdict(list)
    for pixels, other in pairs(photos, count, random):
        for first in (60, 75, 85):
            source = file_of(other, first)[1]
            for side in SIDES:
                (x, y), (u, v) = place(random, pixels.shape, side), place(random, source.shape, side)
                if (x - u) % 8 == 0 and (y - v) % 8 == 0:
                    x = x + 3 if x + 3 + side <= pixels.shape[1] else x - 3
                made = pixels.copy()
                made[y : y + side, x : x + side] = source[v : v + side, u : u + side]
                for last in (None, 95, 90, 80):
                    hints = grid_shifts(*file_of(made, last))
                    hit = any(overlaps(box, (x, y, side, side)) for hint in hints for box in hint.regions)
                    found[first, last, side].append(hit)
    table("first, last", found)


def copy_recall(photos: list[Path], count: int, random: np.random.Generator) -> None:
    found: dict[tuple[int | None, int], list[bool]] = defaultdict(list)
    for pixels, _ in pairs(photos, count, random):
        for side in SIDES[:4]:
            x, y = place(random, pixels.shape, side)
            far = (place(random, pixels.shape, side) for _ in range(200))
            target = next(((u, v) for u, v in far if max(abs(u - x), abs(v - y)) > side), None)
            if target is None:
                continue
            u, v = target
            made = pixels.copy()
            made[v : v + side, u : u + side] = pixels[y : y + side, x : x + side]
            for last in (None, 95, 85, 75):
                hints: tuple[Hint, ...] = copy_moves(file_of(made, last)[1])
                places = ((x, y, side, side), (u, v, side, side))
                hit = any(
                    all(any(overlaps(box, at) for box in hint.regions) for at in places) for hint in hints
                )
                found[last, side].append(hit)
    table("last", found)


def double_recall(photos: list[Path], count: int, random: np.random.Generator) -> None:
    told: dict[tuple[int | None, int | None], list[tuple[bool, bool]]] = defaultdict(list)
    for pixels, _ in pairs(photos, count, random):
        for first in (None, 60, 75, 90):
            source = file_of(pixels, first)[1]
            for last in (None, 95, 85, 75):
                hints = double_quantisation(*file_of(source, last))
                right = bool(hints) and abs(int(hints[0].words.split()[-1]) - (first or 0)) <= 2
                told[first, last].append((bool(hints), right))
    for (first, last), seen in told.items():
        hit, right = (sum(column) for column in zip(*seen, strict=True))
        print(f"{first} then {last}: told {hit}, quality within 2 {right}, of {len(seen)}")


def table(head: str, found: dict) -> None:  # type: ignore[type-arg]
    rows: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for key, hits in found.items():
        rows[key[:-1]].append(f"{key[-1]} px {sum(hits)}/{len(hits)}")
    for row, cells in rows.items():
        print(head, row, "; ".join(cells))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=("alarms", "grid", "copy", "double"))
    parser.add_argument("photos", type=Path)
    parser.add_argument("--quality", type=int, help="recompress the photos")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--step", type=int, default=1)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    cv2.setNumThreads(1)
    photos = sorted(path for path in chosen.photos.iterdir() if path.is_file())[chosen.first :: chosen.step]
    random = np.random.default_rng(chosen.seed)
    if chosen.what == "alarms":
        alarms(photos, chosen.quality)
    else:
        {"grid": grid_recall, "copy": copy_recall, "double": double_recall}[chosen.what](
            photos, chosen.count, random
        )


if __name__ == "__main__":
    main()
