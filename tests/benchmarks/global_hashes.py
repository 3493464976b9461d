"""Global hashes: which one to search, within how many bits, and from which quality on.

    python tests/benchmarks/global_hashes.py PHOTOS --attacks ATTACKS

PHOTOS is a folder of distinct photos; ATTACKS a Python file with a dict `ATTACKS` from names to functions
(image, numpy generator, paths of other photos) -> image, of which those in `EDITS` are used. Every photo is a
reference; queries are edited photos in eight orientations and two tones. docs/global-hashes.md holds a run.
"""

from __future__ import annotations

import argparse
import io
import math
import os
import platform
import runpy
import time
from collections import Counter
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import imagehash
import numpy as np
import pdqhash
import PIL
from PIL import Image, ImageOps

from provenance.fingerprint import FINGERPRINTERS, FLAT_QUALITY, PRIMARY, Frame
from provenance.fingerprint.pdq import inverted, oriented_codes
from provenance.index.keys import distance
from provenance.model import Orientation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    Words = NDArray[np.uint64]
    Attack = Callable[[Image.Image, np.random.Generator, Sequence[Path]], Image.Image]

EDITS = (
    *("jpeg30", "messenger", "thumb320", "thumb160", "stretch", "mirror", "rot90", "watermark", "logo"),
    *("bright", "contrast_grey", "filter", "invert", "blur", "noise"),
)
SUFFIXES = {".jpg", ".jpeg", ".png"}
WORKING_SIDE = 960
BANDS = ((0, 9), (10, 29), (30, 49), (50, 69), (70, 89), (90, 99), (100, 100))
EFFECTIVE_BITS = (80, 100, 128, 160)
TAIL = range(70, 101, 2)
DETAILS = 3
DETAIL_TAIL = (50, 60, 70, 80, 90)


class Archive(NamedTuple):
    """Every photo's codes by algorithm, each of shape (photos, 4), and its PDQ quality."""

    codes: dict[str, Words]
    qualities: NDArray[np.int64]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", type=Path)
    parser.add_argument("--attacks", type=Path, required=True)
    parser.add_argument("--queries", type=int, default=60, help="queries an edit and seed")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    options = parser.parse_args()
    paths = sorted(path for path in options.photos.rglob("*") if path.suffix.lower() in SUFFIXES)
    print(f"machine: {platform.machine()}, {os.cpu_count()} threads, {platform.system()}")
    print(f"numpy {np.__version__}, pillow {PIL.__version__}, imagehash {imagehash.__version__}")
    print(f"data: {len(paths)} photos, {options.queries} queries an edit and seed, seeds {options.seeds}")
    archive = hashed(paths)
    agreement(paths[:1000])
    recall(paths, archive, runpy.run_path(str(options.attacks))["ATTACKS"], options)
    unrelated(paths, archive)
    details(paths, np.random.default_rng(options.seeds[0]))


def opened(path: Path) -> Image.Image:
    image = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    image.thumbnail((WORKING_SIDE, WORKING_SIDE))
    return image


def words(codes: Iterable[bytes]) -> Words:
    return np.frombuffer(b"".join(codes), np.uint64).reshape(-1, 4)


def distances(a: Words, b: Words) -> NDArray[np.int64]:
    """Return the distance of every code of `a` (rows) from every code of `b` (columns)."""
    return np.bitwise_count(a[:, np.newaxis] ^ b[np.newaxis]).sum(axis=2, dtype=np.int64)


def turned(image: Image.Image, orientation: Orientation) -> Image.Image:
    return image if orientation.name == "IDENTITY" else image.transpose(Image.Transpose[orientation.name])


def primary_variants(image: Image.Image) -> tuple[Words, int]:
    codes, quality = oriented_codes(np.asarray(image))
    return words([*codes.values(), *map(inverted, codes.values())]), quality


def variants(image: Image.Image) -> tuple[dict[str, Words], int]:
    """Return the 16 codes of `image` by algorithm, and its PDQ quality. Only PDQ has a short way to them."""
    primary, quality = primary_variants(image)
    seen = [turned(tone, each) for tone in (image, ImageOps.invert(image)) for each in Orientation]
    frames = [Frame(np.asarray(each)) for each in seen]
    others = [each for each in FINGERPRINTERS if each.algorithm != PRIMARY]
    codes = {each.algorithm: words(each(frame)[0] for frame in frames) for each in others}
    return {PRIMARY: primary, **codes}, quality


def hashed(paths: Sequence[Path]) -> Archive:
    codes: dict[str, list[bytes]] = {each.algorithm: [] for each in FINGERPRINTERS}
    spent: Counter[str] = Counter()
    qualities = []
    FINGERPRINTERS[1](Frame(np.zeros((8, 8, 3), np.uint8)))  # loads scipy
    for path in paths:
        frame = Frame(np.asarray(opened(path)))
        spent["grey"] -= time.perf_counter_ns()
        _ = frame.grey
        spent["grey"] += time.perf_counter_ns()
        for each in FINGERPRINTERS:
            spent[each.algorithm] -= time.perf_counter_ns()
            code, quality = each(frame)
            spent[each.algorithm] += time.perf_counter_ns()
            codes[each.algorithm].append(code)
            qualities += [quality] if each.algorithm == PRIMARY else []
    print("ms a photo:", ", ".join(f"{name} {total / len(paths) / 1e6:.2f}" for name, total in spent.items()))
    return Archive({name: words(each) for name, each in codes.items()}, np.array(qualities))


def reference_code(pixels: NDArray[np.uint8]) -> tuple[bytes, int]:
    bits, quality = pdqhash.compute(np.ascontiguousarray(pixels))
    return np.packbits(bits).tobytes(), quality


def agreement(paths: Sequence[Path]) -> None:
    """Tell how far our PDQ is from pdqhash, and how well each side foretells the codes of turned photos."""
    bits, qualities, ours, dihedral = [], [], [], []
    for path in paths:
        image = opened(path)
        pixels = np.asarray(image)
        truth, quality = reference_code(pixels)
        codes, our_quality = oriented_codes(pixels)
        bits.append(distance(codes[Orientation.IDENTITY], truth))
        qualities.append(abs(our_quality - quality))
        if quality < FLAT_QUALITY:
            continue
        derived = [np.packbits(each).tobytes() for each in pdqhash.compute_dihedral(pixels)[0]]
        for orientation in Orientation:
            truth, _ = reference_code(np.asarray(turned(image, orientation)))
            ours.append(distance(codes[orientation], truth))
            dihedral.append(min(distance(each, truth) for each in derived))
    print(f"\nPDQ against pdqhash on {len(paths)} photos, the same pixels")
    print(f"  within 2 bits {np.mean(np.array(bits) <= 2):.2%}, farthest {max(bits)} bits")
    print(f"  quality within 2 {np.mean(np.array(qualities) <= 2):.2%}, farthest {max(qualities)}")
    print(
        "  distance of codes of turned photos from pdqhash of the turned pixels: median, 90%, 99%, farthest"
    )
    for name, values in (("ours", ours), ("pdqhash dihedral", dihedral)):
        print(f"    {name:17}", *(f"{value:5.0f}" for value in np.percentile(values, (50, 90, 99, 100))))


def recall(
    paths: Sequence[Path], archive: Archive, attacks: dict[str, Attack], options: argparse.Namespace
) -> None:
    """Look up edited photos. With PDQ flat queries and references abstain: they are 256 bits from all."""
    own = {name: {edit: [] for edit in EDITS} for name in archive.codes}
    other: dict[str, list[int]] = {name: [] for name in archive.codes}
    for seed in options.seeds:
        random = np.random.default_rng(seed)
        for edit in EDITS:
            for number in random.choice(len(paths), options.queries, replace=False):
                codes, quality = variants(attacks[edit](opened(paths[number]), random, paths))
                for name, stored in archive.codes.items():
                    found = distances(codes[name], stored).min(axis=0)
                    if name == PRIMARY:
                        found[np.minimum(quality, archive.qualities) < FLAT_QUALITY] = 256
                    own[name][edit].append(found[number])
                    found[number] = 256
                    other[name].append(found.min())
    for found_again in own.values():
        found_again["all"] = list(chain.from_iterable(found_again.values()))
    show_recall(own, other)


def show_recall(own: dict[str, dict[str, list[int]]], other: dict[str, list[int]]) -> None:
    print("\nqueries with an unrelated photo within 31 bits, within 47 bits, and the nearest unrelated")
    for name, values in other.items():
        print(f"  {name:6}{share(values, 31):8.4f}{share(values, 47):8.4f}{min(values):6}")
    print("\nrecall within 31 bits, 47 bits, and just below the nearest unrelated (abstentions are misses)")
    print(f"  {'':14}" + "".join(f"{name:>20}" for name in own) + f"{'abstained':>12}")
    for edit in (*EDITS, "all"):
        columns = ""
        for name, found_again in own.items():
            radii = (31, 47, min(other[name]) - 1)
            columns += "  " + "".join(f"{share(found_again[edit], bits):6.3f}" for bits in radii)
        print(f"  {edit:14}{columns}{own[PRIMARY][edit].count(256):12}")


def share(values: list[int] | NDArray[np.int64], bits: int) -> float:
    return float(np.mean(np.asarray(values) <= bits))


def unrelated(paths: Sequence[Path], archive: Archive) -> None:
    """Tell how near unrelated photos come to each other, by quality, and how the tail falls."""
    stored, qualities = archive.codes[PRIMARY], archive.qualities
    counts, pairs, nearest = np.zeros(257, np.int64), 0, []
    for number, path in enumerate(paths):
        others = np.arange(len(paths)) != number
        found = distances(primary_variants(opened(path))[0], stored[others])
        nearest.append(int(found.min()))
        if qualities[number] >= FLAT_QUALITY:
            kept = found[:, qualities[others] >= FLAT_QUALITY]
            counts += np.bincount(kept.ravel(), minlength=257)
            pairs += kept.shape[1]
    print("\nquality of the originals, and the nearest other photo of the archive in 16 variants")
    print("  quality    photos   nearest   1%  median")
    for low, high in BANDS:
        band = np.array(nearest)[(qualities >= low) & (qualities <= high)]
        if len(band):
            low_1, median = np.percentile(band, (1, 50))
            print(f"  {low:3}-{high:3} {len(band):10} {band.min():9} {low_1:4.0f} {median:7.0f}")
    print(
        f"\nshare within d bits of {pairs:,} unrelated pairs x 16 variants, quality {FLAT_QUALITY} and more,"
    )
    print("against P(Binomial(N, 1/2) <= d * N / 256)")
    print("    d   pairs seen    observed" + "".join(f"     N = {bits:3}" for bits in EFFECTIVE_BITS))
    for d in TAIL:
        seen = int(counts[: d + 1].sum())
        modelled = "".join(f"{tail(bits, d * bits // 256):12.2e}" for bits in EFFECTIVE_BITS)
        print(f"  {d:3} {seen:12,} {seen / counts.sum():11.2e}{modelled}")


def tail(trials: int, successes: int) -> float:
    return sum(math.comb(trials, k) for k in range(successes + 1)) / 2**trials


def details(paths: Sequence[Path], random: np.random.Generator) -> None:
    """Tell by quality how well details of photos, many of them flat, are found again, and how uniquely."""
    photos = np.repeat(np.arange(len(paths)), DETAILS)
    found = [detail(opened(paths[number]), random) for number in photos]
    stored, qualities = words(code for code, _, _ in found), np.array([quality for _, _, quality in found])
    print(f"\n{len(found)} details of photos (a sixteenth, enlarged to 480x480) after JPEG 30, by quality:")
    print("found again within 31 and 47 bits; share of pairs x 16 variants of other photos within d bits")
    print(f"  quality   details  <= 31  <= 47   nearest{''.join(f'{d:>11}' for d in DETAIL_TAIL)}")
    for low, high in BANDS:
        band = np.flatnonzero((qualities >= low) & (qualities <= high))
        own, counts = [], np.zeros(257, np.int64)
        for number in band:
            apart = distances(found[number][1], stored)
            own.append(int(apart[:, number].min()))
            others = (photos != photos[number]) & (qualities >= low)
            counts += np.bincount(apart[:, others].ravel(), minlength=257)
        if len(band):
            again = "".join(f"{share(own, bits):7.3f}" for bits in (31, 47))
            rates = "".join(f"{counts[: d + 1].sum() / counts.sum():11.1e}" for d in DETAIL_TAIL)
            print(f"  {low:3}-{high:3}{len(band):10}{again}{counts.nonzero()[0][0]:10}{rates}")
    for bits in EFFECTIVE_BITS:
        modelled = "".join(f"{tail(bits, d * bits // 256):11.1e}" for d in DETAIL_TAIL)
        print(f"  {f'Binomial N = {bits}':41}{modelled}")


def detail(image: Image.Image, random: np.random.Generator) -> tuple[bytes, Words, int]:
    """Return the code of a part of `image`, its 16 codes after JPEG, and its quality."""
    side = min(image.size) // 4
    left, top = (int(random.integers(0, length - side + 1)) for length in image.size)
    part = image.crop((left, top, left + side, top + side)).resize((480, 480), Image.Resampling.BICUBIC)
    file = io.BytesIO()
    part.save(file, "JPEG", quality=30)
    codes, quality = oriented_codes(np.asarray(part))
    return codes[Orientation.IDENTITY], primary_variants(Image.open(file).convert("RGB"))[0], quality


if __name__ == "__main__":
    main()
