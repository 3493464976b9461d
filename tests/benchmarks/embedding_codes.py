"""How near the codes of copies lie, with an embedding model of yours.

    python tests/benchmarks/embedding_codes.py MODEL.onnx PHOTOS [--references 200] [--queries 40]

The first photos of the folder PHOTOS are references; every fifth of them, or as many as make `--queries`, is edited
and asked for, as it is and mirrored. Told are bits of 256 between a copy and its reference (10th, 50th and 90th
percentile), and in how many cases no other reference, or fewer than ten, lie nearer. Other photos will give other
figures.
"""

from __future__ import annotations

import argparse
import io
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageOps

from provenance.fingerprint.embedding import embedder
from provenance.index.arrays import as_rows
from provenance.index.nearest import NearestIndex
from provenance.photo.decode import decode
from provenance.pipeline import MOST_EMBEDDED

if TYPE_CHECKING:
    from collections.abc import Callable

    Edit = Callable[[Image.Image], Image.Image]


def recompressed(image: Image.Image, quality: int) -> Image.Image:
    content = io.BytesIO()
    image.save(content, "JPEG", quality=quality)
    return Image.open(content)


def cropped(image: Image.Image, area: float) -> Image.Image:
    """Return a part of this share of the area, off the middle."""
    width, height = (round(side * area**0.5) for side in image.size)
    left, top = (image.width - width) // 3, (image.height - height) // 3
    return image.crop((left, top, left + width, top + height))


def screenshot(image: Image.Image) -> Image.Image:
    """Return the picture between the lines of a tall page."""
    page = Image.new("RGB", (720, 1280), (240, 240, 245))
    page.paste(ImageOps.contain(image, (680, 680)), (20, 300))
    draw = ImageDraw.Draw(page)
    for y in (*range(60, 260, 22), *range(1010, 1240, 22)):
        draw.text((30, y), "some words of an app " * 5, fill=(40, 40, 40))
    return page


EDITS: dict[str, Edit] = {
    "jpeg30": lambda image: recompressed(image, 30),
    "third of the size": lambda image: image.resize((image.width // 3, image.height // 3)),
    "crop, 70% of the area": lambda image: cropped(image, 0.7),
    "crop, 50%": lambda image: cropped(image, 0.5),
    "crop, 50%, mirrored": lambda image: ImageOps.mirror(cropped(image, 0.5)),
    "crop, 25%": lambda image: cropped(image, 0.25),
    "turned by 7 degrees": lambda image: image.rotate(7),
    "letterbox": lambda image: ImageOps.expand(image, (0, image.height // 4)),
    "screenshot": screenshot,
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model")
    parser.add_argument("photos", type=Path)
    parser.add_argument("--references", type=int, default=200)
    parser.add_argument("--queries", type=int, default=40)
    options = parser.parse_args()
    model = embedder(options.model)
    files = [file for file in sorted(options.photos.iterdir()) if file.is_file()][: options.references]
    frames = [decode(file.read_bytes()).frames[0] for file in files]
    began = time.perf_counter()
    codes = [model.fingerprints(frame)[0].code for frame in frames]
    each = 1000 * (time.perf_counter() - began) / len(codes)
    index = NearestIndex(as_rows(codes), np.arange(len(codes)))
    print(f"{model.algorithm}: {len(codes)} references, {each:.0f} ms each")
    apart = [hit.distance for hit in index.nearest(codes, len(codes)) if hit.id < hit.query]
    print(f"two references: {min(apart)} bits at least, {np.median(apart):.0f} in the middle")
    chosen = range(0, len(codes), max(1, len(codes) // options.queries))
    for name, edit in EDITS.items():
        own, rank = [], []
        for number in chosen:
            query = model.query_codes(np.asarray(edit(Image.fromarray(frames[number])).convert("RGB")))
            nearest = np.full(len(codes), 256)
            for hit in index.nearest([code.code for code in query], len(codes)):
                nearest[hit.id] = min(nearest[hit.id], hit.distance)
            own.append(nearest[number])
            rank.append(np.count_nonzero(nearest < nearest[number]))
        bits = " / ".join(f"{value:.0f}" for value in np.percentile(own, [10, 50, 90]))
        first, among = np.mean(np.array(rank) == 0), np.mean(np.array(rank) < MOST_EMBEDDED)
        print(f"| {name} | {bits} | {first:.2f} | {among:.2f} |", flush=True)


if __name__ == "__main__":
    main()
