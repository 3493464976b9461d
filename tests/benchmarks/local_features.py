"""What local features cost: milliseconds a photo on one core, for what is archived and for what is checked.

    python tests/benchmarks/local_features.py [PHOTO...] [--sizes 500x375 4000x3000] [--sides 320 400 512]

Photos are scaled to each size and saved as JPEG, which is not timed; without any, they are drawn. Each step is
repeated, and its fastest run counts, in processor time: what else runs only ever adds to it. `all of add` is all
that `add` does with one photo in a child, `all of check` likewise. `--sides` tells what SIFT would cost for
references of other sizes, with as many features for their area.
"""

from __future__ import annotations

import argparse
import io
import os
import platform
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image

from provenance.children import load_reference_tools
from provenance.evidence.exif_time import captured
from provenance.fingerprint import fingerprints, query_codes, sha256
from provenance.fingerprint.codebook import codebook
from provenance.fingerprint.local import QUERY_FEATURES, QUERY_SIDE, local_code, query_features, set_up
from provenance.fingerprint.local_code import REFERENCE_FEATURES, REFERENCE_SIDE, decode_local
from provenance.fingerprint.sift import keypoints
from provenance.fingerprint.variants import VARIANTS, as_variant
from provenance.photo.decode import decode
from provenance.photo.preview import preview

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    Size = tuple[int, int]

DRAWN = 8


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", type=Path, nargs="*", metavar="PHOTO")
    parser.add_argument("--sizes", type=size, nargs="+", default=[(500, 375), (4000, 3000)])
    parser.add_argument("--sides", type=int, nargs="*", default=[320, 400, 512])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(f"machine: {platform.machine()}, {os.cpu_count()} threads, {platform.system()}")
    print(f"python {platform.python_version()}, numpy {np.__version__}, OpenCV {cv2.__version__}")
    print(f"data: {f'{len(options.photos)} photos' if options.photos else f'drawn, seed {options.seed}'}")
    load_reference_tools()
    set_up()
    codebook()
    for each in options.sizes:
        files = [jpeg(picture, each) for picture in pictures(options.photos, options.seed)]
        report(each, files, options)


def size(text: str) -> Size:
    width, height = text.split("x")
    return int(width), int(height)


def pictures(photos: Iterable[Path], seed: int) -> Iterable[Image.Image]:
    for path in photos:
        with Image.open(path) as picture:
            yield picture.convert("RGB")
    if not photos:
        number = np.random.default_rng(seed)
        for _ in range(DRAWN):
            yield Image.fromarray(drawn(number))


def drawn(number: np.random.Generator) -> NDArray[np.uint8]:
    """Return something of every size, 1000 x 750, as photos have it."""
    layers = []
    for cells in (4, 12, 40, 130):
        values = Image.fromarray(number.integers(0, 256, (cells * 3 // 4, cells, 3), np.uint8))
        layers.append(np.asarray(values.resize((1000, 750), Image.Resampling.BICUBIC), np.uint16))
    return (np.sum(layers, axis=0) // len(layers)).astype(np.uint8)


def jpeg(picture: Image.Image, to: Size) -> bytes:
    file = io.BytesIO()
    picture.resize(to, Image.Resampling.BICUBIC).save(file, "JPEG", quality=88)
    return file.getvalue()


def report(at: Size, files: list[bytes], options: argparse.Namespace) -> None:
    photos = [decode(data) for data in files]
    codes = [local_code(photo) for photo in photos]
    queries = [query_features(photo) for photo in photos]
    frames = [photo.frames[0] for photo in photos]
    found = statistics.median(len(decode_local(code.features).xy) for code in codes)
    kept = statistics.median(len(query.xy) for query in queries)
    stored = max(len(code.words) + len(code.signatures) + len(code.features) for code in codes)
    print(
        f"\n{at[0]} x {at[1]}: {found:.0f} features of a reference, {kept:.0f} of a query; {stored:,} bytes"
    )

    def row(words: str, work: Callable[..., object], *items: list[object]) -> float:
        spent = [fastest(work, each, options.repeats) for each in zip(*items, strict=True)]
        print(f"  {words:<40}{statistics.mean(spent):7.1f} ms (median {statistics.median(spent):.1f})")
        return statistics.mean(spent)

    decoding = row("decode", decode, files)
    named = row("digest, EXIF", lambda data: (sha256(data), captured(data)), files)
    hashes = row("hashes, preview", lambda photo: (fingerprints(photo), preview(photo)), photos)
    row("SIFT of a reference", lambda frame: keypoints(frame, REFERENCE_SIDE, REFERENCE_FEATURES), frames)
    added = row("SIFT of a reference, coded", local_code, photos)
    print(f"  {'all of add':<40}{decoding + named + hashes + added:7.1f} ms")
    pdq = row("PDQ in 16 variants", query_codes, photos)
    row("SIFT of a query", lambda frame: keypoints(frame, QUERY_SIDE, QUERY_FEATURES), frames)
    checked = row("SIFT of a query, keys of 4 variants", query_features, photos)
    print(f"  {'all of check':<40}{decoding + pdq + checked:7.1f} ms")
    row("decoding a code", lambda code: decode_local(code.features), codes)
    row("one variant", lambda query: as_variant(query, VARIANTS[-1]), queries)
    for side in options.sides:
        most = round(REFERENCE_FEATURES * (side / REFERENCE_SIDE) ** 2)
        row(
            f"SIFT at {side}, {most} features",
            lambda frame, side=side, most=most: keypoints(frame, side, most),
            frames,
        )


def fastest(work: Callable[..., object], arguments: tuple[object, ...], repeats: int) -> float:
    """Return the processor milliseconds, of all threads, of the fastest run."""
    spent = []
    for _ in range(repeats):
        began = time.process_time()
        work(*arguments)
        spent.append(time.process_time() - began)
    return min(spent) * 1000


if __name__ == "__main__":
    main()
