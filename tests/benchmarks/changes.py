"""Altered photos: what is found, what is found where nothing was altered, and at what cost.

    python tests/benchmarks/changes.py altered PAIRS             PAIRS/NAME.(reference.png|query.*|truth.png)
    python tests/benchmarks/changes.py unchanged PHOTOS          each photo against its own edits
    python tests/benchmarks/changes.py sizes PHOTOS              patches of other photos, by size and quality
    python tests/benchmarks/changes.py kinds PHOTOS              what each made change is called
    python tests/benchmarks/changes.py others PAIRS.csv          other photos of one scene (columns a and b)
    python tests/benchmarks/changes.py parallax PHOTOS           the same scene from a little beside
    python tests/benchmarks/changes.py speed PHOTO               a photo at 12 megapixels, and at 160 pixels
    python tests/benchmarks/changes.py previews PHOTOS           with a small picture in the place of the reference

Runs in the project's environment, on one core. `--first`, `--step` and `--count` choose photos, `--seed` what is
made of them, `--json` keeps a line a pair.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import platform
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

from provenance.compare.changes import Changes, find_changes
from provenance.examine import align
from provenance.model import ChangeOutcome, Photo

Pixels = NDArray[np.uint8]
Tables = list[list[int]] | None
Made = tuple[Pixels, Tables]
WORDS = ["BREAKING", "TODAY", "EXCLUSIVE", "SHARE", "NOW", "WATCH", "LIVE", "CITADEL"]


def opened(path: Path) -> Made:
    """Return a file's pixels, and its quantisation tables."""
    return read(path.read_bytes())


def read(content: bytes) -> Made:
    with Image.open(io.BytesIO(content)) as picture:
        tables = getattr(picture, "quantization", None)
        pixels = np.asarray(picture.convert("RGB"))
    return pixels, [list(tables[k]) for k in sorted(tables)] if tables else None


def saved(pixels: Pixels, quality: int) -> Made:
    """Return pixels as a JPEG file gives them back."""
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, "JPEG", quality=quality)
    return read(content.getvalue())


def photo(pixels: Pixels) -> Photo:
    return Photo("PNG", pixels.shape[1], pixels.shape[0], 1, (pixels,))


def compared(query: Made, reference: Pixels, off: float | None = None) -> Changes | None:
    """Match and compare as the program does; None where the matcher sees no copy.

    With `off`, instead of matching, lay the whole of one over the whole of the other, beside it by so many pixels.
    """
    pixels, tables = query
    if off is not None:
        (h, w), (hr, wr) = pixels.shape[:2], reference.shape[:2]
        matrix = np.array([[1 + off / w, -off / h, off], [off / w, 1 - off / h, -off], [0, 0, 1]])
        return find_changes(pixels, reference, matrix @ np.diag([wr / w, hr / h, 1.0]), tables=tables)
    match = align(photo(pixels), photo(reference))
    if match is None or not match.kind.is_copy:
        return None
    return find_changes(
        pixels, reference, np.array(match.transform).reshape(3, 3), tables=tables, inverted=match.inverted
    )


def resized(pixels: Pixels, factor: float, how: Image.Resampling = Image.Resampling.BICUBIC) -> Pixels:
    height, width = pixels.shape[:2]
    size = max(32, round(width * factor)), max(32, round(height * factor))
    return np.asarray(Image.fromarray(pixels).resize(size, how))


def toned(pixels: Pixels, gain: float, offset: float, gamma: float = 1.0) -> Pixels:
    return np.clip(255 * (pixels / 255.0) ** gamma * gain + offset, 0, 255).astype(np.uint8)


def filtered(pixels: Pixels, how: ImageFilter.Filter | type[ImageFilter.Filter]) -> Pixels:
    return np.asarray(Image.fromarray(pixels).filter(how))


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


def machine(arguments: argparse.Namespace) -> None:
    cv2.setNumThreads(1)
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, OpenCV {cv2.__version__}; "
        f"first {arguments.first}, step {arguments.step}, count {arguments.count}, seed {arguments.seed}\n"
    )


def chosen(arguments: argparse.Namespace, least: int = 200) -> Iterator[tuple[Path, Pixels]]:
    """Yield the photos to work on, those with a longer side of at least `least` pixels."""
    paths = [p for p in sorted(arguments.data.iterdir()) if p.suffix.lower() in {".jpg", ".jpeg", ".png"}]
    given = 0
    for path in paths[arguments.first :: arguments.step]:
        pixels, _ = opened(path)
        if max(pixels.shape) < least:
            continue
        yield path, pixels
        given += 1
        if given == arguments.count:
            return


def keep(arguments: argparse.Namespace, **row: object) -> None:
    if arguments.json:
        with arguments.json.open("a") as file:
            file.write(json.dumps(row, default=str) + "\n")


def altered(arguments: argparse.Namespace) -> None:
    """Pixel F1 of the mask on pairs with a truth."""
    scores = []
    for path in sorted(arguments.data.glob("*.truth.png"))[arguments.first :: arguments.step][
        : arguments.count
    ]:
        name = path.name.removesuffix(".truth.png")
        truth = np.asarray(Image.open(path).convert("L")) > 127
        query = opened(next(iter(arguments.data.glob(f"{name}.query.*"))))
        found = compared(query, opened(path.with_name(f"{name}.reference.png"))[0])
        mask = found.mask if found else np.zeros_like(truth)
        if arguments.masks:
            arguments.masks.mkdir(exist_ok=True)
            Image.fromarray(mask.astype(np.uint8) * 255).save(arguments.masks / f"{name}.png")
        score = 2 * np.count_nonzero(mask & truth) / max(1, np.count_nonzero(mask) + np.count_nonzero(truth))
        scores.append(score)
        told = found.outcome if found else "no match"
        kinds = [(r.likeliest.value, r.score) for r in found.regions] if found else []
        print(f"{name:12s} F1 {score:.3f} {told} {kinds}", flush=True)
        keep(arguments, name=name, f1=score)
    print(f"mean {np.mean(scores):.3f} median {np.median(scores):.3f} of {len(scores)}")


def unchanged(arguments: argparse.Namespace) -> None:
    """Pairs in which nothing was altered."""
    told: dict[str, Counter[str]] = defaultdict(Counter)
    for path, pixels in chosen(arguments):
        for name, edit in UNCHANGED.items():
            if arguments.only and name not in arguments.only:
                continue
            found = compared(edit(pixels), pixels, arguments.off)
            what = "no match" if found is None else found.outcome.value
            if found and found.regions:
                what = "region"
                print(
                    f"  {path.name} {name} {[(r.kind.value, r.score, r.query) for r in found.regions][:3]}",
                    flush=True,
                )
            told[name][what] += 1
            best = float(found.heat.max()) if found else None
            keep(arguments, photo=path.name, edit=name, told=what, heat=best, motion=found and found.motion)
    everything = sum(told.values(), Counter[str]())
    for name, count in [*told.items(), ("all", everything)]:
        alarms = count["region"] / max(1, count.total())
        print(
            f"{name:20s} pairs {count.total():5d}  with a region {count['region']:4d} ({alarms:.2%})  {dict(count)}"
        )


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


def sizes(arguments: argparse.Namespace) -> None:
    """Patches found, by side (pixels at a width of 1,000) and quality of the JPEG."""
    random = np.random.default_rng(arguments.seed)
    photos = list(chosen(arguments, least=480))
    found: dict[tuple[float, int], list[bool]] = defaultdict(list)
    for number, (path, pixels) in enumerate(photos):
        other = photos[(number + 7) % len(photos)][1]
        for share in arguments.sides or (12, 16, 24, 32, 48, 64):
            side = max(6, round(share / 1000 * max(pixels.shape)))
            if side >= min(*pixels.shape[:2], *other.shape[:2]) - 10:
                continue
            changed, (x, y) = pasted(pixels, other, side, random)
            for quality in arguments.qualities or (95, 80, 60, 40):
                seen = compared(saved(changed, quality), pixels, arguments.off)
                here = bool(seen) and bool(seen.mask[y : y + side, x : x + side].any())
                found[share, quality].append(here)
                keep(arguments, photo=path.name, side=share, quality=quality, found=here)
    for (share, quality), hits in sorted(found.items()):
        print(f"side {share:3d}/1000  jpeg {quality:2d}  found {np.mean(hits):.2f} of {len(hits)}")


def _place(
    pixels: Pixels, random: np.random.Generator, low: float = 0.12, high: float = 0.3
) -> tuple[int, int, int, int]:
    height, width = pixels.shape[:2]
    w, h = (int(random.uniform(low, high) * s) for s in (width, height))
    return int(random.integers(4, width - w - 4)), int(random.integers(4, height - h - 4)), w, h


def _blob(shape: tuple[int, ...], box: tuple[int, int, int, int]) -> NDArray[np.float64]:
    x, y, w, h = box
    mask = np.zeros(shape[:2])
    cv2.ellipse(mask, (x + w // 2, y + h // 2), (w // 2, h // 2), 0, 0, 360, 1, -1)
    return cv2.GaussianBlur(mask, (0, 0), 1.5)


def _replaced(a: Pixels, other: Pixels, random: np.random.Generator) -> Pixels:
    box = _place(a, random)
    fitted = cv2.resize(other, a.shape[1::-1], interpolation=cv2.INTER_AREA)
    alpha = _blob(a.shape, box)[..., None]
    return np.rint(a * (1 - alpha) + fitted * alpha).astype(np.uint8)


def _removed(a: Pixels, other: Pixels, random: np.random.Generator) -> Pixels:
    mask = (_blob(a.shape, _place(a, random, 0.08, 0.18)) > 0.5).astype(np.uint8)
    return cv2.inpaint(a, mask, 5, cv2.INPAINT_TELEA)


def _text(a: Pixels, other: Pixels, random: np.random.Generator) -> Pixels:
    picture = Image.fromarray(a)
    draw = ImageDraw.Draw(picture)
    size = max(12, int(a.shape[1] * random.uniform(0.05, 0.1)))
    words = " ".join(random.choice(WORDS, 2))
    x, y = int(random.integers(4, a.shape[1] // 3)), int(random.integers(4, max(5, a.shape[0] - 2 * size)))
    colour = [(255, 255, 255), (250, 220, 0), (220, 20, 20), (0, 0, 0)][int(random.integers(4))]
    draw.text((x, y), words, fill=colour, font=ImageFont.load_default(size=size))
    return np.asarray(picture)


def _logo(a: Pixels, other: Pixels, random: np.random.Generator) -> Pixels:
    picture = Image.fromarray(a)
    draw = ImageDraw.Draw(picture)
    w = a.shape[1] // 6
    x, y = int(random.integers(8, a.shape[1] - w - 8)), int(random.integers(8, a.shape[0] - w // 2 - 8))
    draw.rounded_rectangle(
        (x, y, x + w, y + w // 2), w // 10, fill=tuple(map(int, random.integers(0, 255, 3)))
    )
    draw.text((x + 6, y + 4), "NEWS 24", fill="white", font=ImageFont.load_default(size=max(9, w // 5)))
    return np.asarray(picture)


def _blurred(a: Pixels, other: Pixels, random: np.random.Generator) -> Pixels:
    soft = cv2.GaussianBlur(a, (0, 0), a.shape[1] * random.uniform(0.008, 0.02))
    alpha = _blob(a.shape, _place(a, random))[..., None]
    return np.rint(a * (1 - alpha) + soft * alpha).astype(np.uint8)


def _pixelated(a: Pixels, other: Pixels, random: np.random.Generator) -> Pixels:
    x, y, w, h = _place(a, random)
    cell = max(6, int(a.shape[1] * random.uniform(0.012, 0.03)))
    small = cv2.resize(
        a[y : y + h, x : x + w], (max(1, w // cell), max(1, h // cell)), interpolation=cv2.INTER_AREA
    )
    result = a.copy()
    result[y : y + h, x : x + w] = cv2.resize(small, (w, h), interpolation=cv2.INTER_NEAREST)
    return result


def _barred(a: Pixels, other: Pixels, random: np.random.Generator) -> Pixels:
    picture = Image.fromarray(a)
    draw = ImageDraw.Draw(picture)
    h = int(a.shape[0] * random.uniform(0.08, 0.18))
    y = int(random.choice([0, a.shape[0] - h]))
    draw.rectangle((0, y, a.shape[1], y + h), fill=tuple(map(int, random.integers(0, 90, 3))))
    draw.text(
        (8, y + h * 0.2),
        " ".join(random.choice(WORDS, 3)),
        fill="white",
        font=ImageFont.load_default(size=h // 2),
    )
    return np.asarray(picture)


def _framed(a: Pixels, other: Pixels, random: np.random.Generator) -> Pixels:
    by = int(a.shape[1] * random.uniform(0.04, 0.12))
    return np.pad(a, ((by, by), (by, by), (0, 0)), constant_values=int(random.choice([0, 255])))


def _recoloured(a: Pixels, other: Pixels, random: np.random.Generator) -> Pixels:
    hue = cv2.cvtColor(a, cv2.COLOR_RGB2HSV)
    hue[..., 0] = (hue[..., 0].astype(int) + int(random.integers(40, 140))) % 180
    hue[..., 1] = np.clip(hue[..., 1].astype(int) + 60, 0, 255)
    alpha = _blob(a.shape, _place(a, random))[..., None]
    return np.rint(a * (1 - alpha) + cv2.cvtColor(hue, cv2.COLOR_HSV2RGB) * alpha).astype(np.uint8)


KINDS = {
    "replaced": (_replaced,),
    "removed": (_removed,),
    "overlay": (_text, _logo),
    "obscured": (_blurred, _pixelated),
    "bar": (_barred, _framed),
    "recoloured": (_recoloured,),
}


def kinds(arguments: argparse.Namespace) -> None:
    """Confusion of likeliest kinds, told or not: the region with the largest area counts."""
    random = np.random.default_rng(arguments.seed)
    photos = list(chosen(arguments, least=400))
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for number, (path, pixels) in enumerate(photos):
        other = photos[(number + 7) % len(photos)][1]
        for kind, makers in KINDS.items():
            made = makers[number % len(makers)](pixels, other, random)
            off = arguments.off if made.shape == pixels.shape else None
            found = compared(saved(made, (95, 80, 65)[number % 3]), pixels, off)
            told = "no match" if found is None else found.outcome.value
            if found and found.outcome is ChangeOutcome.COMPARED:
                largest = max(found.regions, key=lambda r: r.area, default=None)
                told = largest.likeliest.value if largest else "nothing"
            table[kind][told] += 1
            keep(
                arguments,
                photo=path.name,
                made=kind,
                told=told,
                traits=found and [str(r) for r in found.regions][:2],
            )
    columns = sorted({told for row in table.values() for told in row})
    print("made        " + "".join(f"{c:>13s}" for c in columns))
    for kind, row in table.items():
        print(f"{kind:12s}" + "".join(f"{row[c]:13d}" for c in columns))
    for kind in KINDS:
        named = sum(row[kind] for row in table.values())
        right = table[kind][kind]
        print(
            f"{kind:12s} named {named:4d}, right {right:4d}: {right / max(1, named):.2f}; of {table[kind].total()} made"
        )


def others(arguments: argparse.Namespace) -> None:
    """Other photos of one scene, both ways."""
    with arguments.data.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))[arguments.first :: arguments.step][: arguments.count]
    told: Counter[str] = Counter()
    for row in rows:
        a, b = (opened(arguments.data.parent / row[c]) for c in ("a", "b"))
        for query, reference in ((a, b), (b, a)):
            match = align(photo(query[0]), photo(reference[0]))
            if match is None:
                told["no match"] += 1
                continue
            # What the matcher tells as the same scene is compared nevertheless: this must hold by itself.
            found = find_changes(
                query[0], reference[0], np.array(match.transform).reshape(3, 3), tables=query[1]
            )
            what = f"{match.kind.value}: {found.outcome.value}" + (" with regions" if found.regions else "")
            told[what] += 1
            print(f"  {row['a']} {row['b']} {what} {found.motion}", flush=True)
    print(dict(told))


def seen_from_beside(pixels: Pixels, parallax: float, random: np.random.Generator) -> Pixels:
    """Return a photo warped by a smooth depth map, so that its parts lie up to `parallax` pixels apart."""
    height, width = pixels.shape[:2]
    coarse = random.normal(size=(max(3, height // 90), max(3, width // 90))).astype(np.float32)
    depth = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    low, high = np.quantile(depth, (0.02, 0.98))
    depth = np.clip((depth - low) / (high - low), 0, 1) * np.float32(parallax)
    angle = random.uniform(0, 2 * np.pi)
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    x, y = x + depth * np.float32(np.cos(angle)), y + depth * np.float32(np.sin(angle))
    return np.asarray(cv2.remap(pixels, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT), np.uint8)


def parallax(arguments: argparse.Namespace) -> None:
    """Renders from a little beside: how each amount of parallax ends."""
    random = np.random.default_rng(arguments.seed)
    told: dict[float, Counter[str]] = defaultdict(Counter)
    for path, pixels in chosen(arguments, least=400):
        for amount in arguments.amounts or (0.5, 1.0, 2.0, 3.0):
            query = saved(seen_from_beside(pixels, amount, random), 90)
            found = compared(query, pixels, arguments.off)
            what = "no match" if found is None else found.outcome.value
            what += " with regions" if found and found.regions else ""
            told[amount][what] += 1
            keep(arguments, photo=path.name, parallax=amount, told=what, motion=found and found.motion)
    for amount, count in sorted(told.items()):
        print(f"parallax {amount:.1f} pixels, {count.total()} pairs: {dict(count)}")


PREVIEWS = [(side, how) for side in (512, 1024, 1600) for how in ("JPEG 75", "JPEG 85", "WEBP 75", "WEBP 80")]


def previewed(pixels: Pixels, side: int, how: str) -> tuple[Pixels, int]:
    """Return the preview of a photo as its file gives it back, and the bytes of that."""
    codec, quality = how.split()
    picture = Image.fromarray(pixels)
    picture.thumbnail((side, side), Image.Resampling.HAMMING)
    content = io.BytesIO()
    picture.save(content, codec, quality=int(quality))
    return read(content.getvalue())[0], content.tell()


def _scene(photos: list[Pixels], start: int, side: int) -> Pixels:
    """Return a scene of four photos, 2 x 2, for a larger photo: its details are as fine."""
    cells = []
    for k in range(4):
        picture = Image.fromarray(photos[(start + k) % len(photos)])
        cells.append(np.asarray(ImageOps.fit(picture, (side // 2, side * 3 // 8), Image.Resampling.LANCZOS)))
    return np.vstack([np.hstack(cells[:2]), np.hstack(cells[2:])])


def previews(arguments: argparse.Namespace) -> None:
    """Mask F1 and small patches found where the reference is replaced by its preview.

    Photos below 1,600 pixels are put together to scenes of that size, four each. The query is the scene at full size,
    JPEG 80, with one part replaced: a blob for F1, then small squares.
    """
    random = np.random.default_rng(arguments.seed)
    photos = [pixels for _, pixels in chosen(arguments, least=400)]
    large = max(max(p.shape) for p in photos) >= 1600
    scores: dict[tuple[int, str], list[float]] = defaultdict(list)
    found: dict[tuple[int, str, int], list[bool]] = defaultdict(list)
    length: dict[tuple[int, str], list[int]] = defaultdict(list)
    for number, own in enumerate(photos):
        pixels = own if large else _scene(photos, number, 1600)
        other = photos[(number + 7) % len(photos)] if large else _scene(photos, number + 7, 1600)
        made = _replaced(pixels, other, random)
        truth = np.abs(made.astype(int) - pixels).max(axis=-1) > 8
        truth = cv2.morphologyEx(truth.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8)) > 0
        query = saved(made, 80)
        patches = []
        for share in arguments.sides or (16, 24, 48):
            side = round(share / 1000 * max(pixels.shape))
            changed, place = pasted(pixels, other, side, random)
            patches.append((share, side, place, saved(changed, 80)))
        for side, how in [(10**5, "JPEG 95"), *PREVIEWS]:
            reference, size = previewed(pixels, side, how)
            length[side, how].append(size)
            seen = compared(query, reference, arguments.off)
            mask = seen.mask if seen else np.zeros_like(truth)
            both = np.count_nonzero(mask) + np.count_nonzero(truth)
            scores[side, how].append(2 * np.count_nonzero(mask & truth) / max(1, both))
            for share, w, (x, y), patch in patches:
                seen = compared(patch, reference, arguments.off)
                found[side, how, share].append(bool(seen) and bool(seen.mask[y : y + w, x : x + w].any()))
    for (side, how), values in scores.items():
        small = "  ".join(
            f"{share}/1000: {np.mean(hits):.2f}"
            for (s, h, share), hits in found.items()
            if (s, h) == (side, how)
        )
        print(
            f"{side if side < 10**5 else 'full':>5} {how:8s} {np.mean(length[side, how]):9,.0f} bytes  "
            f"F1 {np.mean(values):.3f}  patches found {small}  of {len(values)}"
        )


def speed(arguments: argparse.Namespace) -> None:
    """Time and memory of two 12 MP photos, decoding and matching included; and small ones."""
    pixels, _ = opened(arguments.data)
    factor = (12e6 / (pixels.shape[0] * pixels.shape[1])) ** 0.5
    large = resized(pixels, factor)
    changed = large.copy()
    h, w = large.shape[:2]
    changed[h // 3 : h // 3 + h // 10, w // 3 : w // 3 + w // 10] = large[
        h // 2 : h // 2 + h // 10, w // 2 : w // 2 + w // 10
    ]
    files = []
    for picture in (changed, large):
        content = io.BytesIO()
        Image.fromarray(picture).save(content, "JPEG", quality=90)
        files.append(content.getvalue())
    small = resized(pixels, 160 / max(pixels.shape))
    del large, changed
    compared((small, None), small)
    start, cpu = time.perf_counter(), time.process_time()
    query, reference = (read(f) for f in files)
    decoded = time.process_time() - cpu
    found = compared(query, reference[0])
    print(
        f"12 MP {query[0].shape}: {time.perf_counter() - start:.2f} s, {time.process_time() - cpu:.2f} s of CPU"
    )
    print(f"  of it decoding {decoded:.2f} s; {found and [r.query for r in found.regions]}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**10 if sys.platform == "linux" else 2**20)
    print(f"  peak memory {peak:,.0f} MB")
    for query, reference in ((small, pixels), (pixels, small)):
        found = compared((query, None), reference)
        print(f"  {query.shape[:2]} against {reference.shape[:2]}: {found.outcome if found else 'no match'}")


SECTIONS = {f.__name__: f for f in (altered, unchanged, sizes, kinds, others, parallax, speed, previews)}


def main() -> None:
    """Run one section of the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("section", choices=SECTIONS)
    parser.add_argument("data", type=Path)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--step", type=int, default=1)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*", help="edits (unchanged)")
    parser.add_argument("--sides", type=int, nargs="*")
    parser.add_argument("--amounts", type=float, nargs="*", help="pixels (parallax)")
    parser.add_argument("--qualities", type=int, nargs="*")
    parser.add_argument("--off", type=float, help="do not match: give a map that is so many pixels off")
    parser.add_argument("--masks", type=Path, help="where to write masks (altered)")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    machine(arguments)
    SECTIONS[arguments.section](arguments)


if __name__ == "__main__":
    main()
