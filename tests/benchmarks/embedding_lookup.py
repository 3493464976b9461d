"""Look-up of embeddings' codes: reading them from an archive, and comparing with all of them.

    python tests/benchmarks/embedding_lookup.py [--images 1000000] [--repeats 30] [--seed 1]

The archive holds three hashes and one code of a model an image, all random, and neither sightings nor chunks, which
this look-up does not touch. A photo is asked for in its two codes, one of them 60 bits from an archived one.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from provenance.archive.nearest import NearestLookup
from provenance.archive.sqlite import SqliteArchive
from provenance.index.keys import CODE_BYTES
from provenance.model import Orientation, QueryCode
from provenance.pipeline import MOST_EMBEDDED

if TYPE_CHECKING:
    from collections.abc import Callable

MODEL = "onnx-0123456789abcdef"
FLIPPED = 60  # bits


def fill(path: Path, images: int, random: np.random.Generator) -> None:
    """Write an archive of `images` random codes of each kind."""
    kinds = ("pdq", "phash", "dhash", MODEL)
    with SqliteArchive.writing(path) as archive, archive.connection as connection:
        connection.executemany("INSERT INTO algorithm VALUES (?, ?, 1)", enumerate(kinds, 1))
        connection.executemany(
            "INSERT INTO image VALUES (?, ?, 'JPEG', 500, 375, 50000, 1)",
            ((number, f"{number:064x}") for number in range(1, images + 1)),
        )
        connection.executemany(
            "INSERT INTO fingerprint VALUES (?, ?, 0, NULL, 0, ?)",
            (
                (number, kind, random.bytes(CODE_BYTES))
                for number in range(1, images + 1)
                for kind in range(1, len(kinds) + 1)
            ),
        )
        connection.execute("UPDATE meta SET value = ? WHERE name = 'images'", (images,))


def asked(archive: SqliteArchive, image_id: int, random: np.random.Generator) -> list[QueryCode]:
    """Return the two codes of a photo, the first near the code of an archived image."""
    (code,) = archive.connection.execute(
        """SELECT code FROM fingerprint WHERE image_id = ? AND algorithm_id =
        (SELECT id FROM algorithm WHERE name = ?)""",
        (image_id, MODEL),
    ).fetchone()
    bits = np.unpackbits(np.frombuffer(code, dtype=np.uint8))
    bits[random.choice(len(bits), FLIPPED, replace=False)] ^= 1
    return [
        QueryCode(MODEL, 1, np.packbits(bits).tobytes()),
        QueryCode(MODEL, 1, random.bytes(CODE_BYTES), Orientation.FLIP_LEFT_RIGHT),
    ]


def milliseconds(work: Callable[[], object]) -> float:
    """Return the processor time of `work`, which others on a shared machine change little; it has one thread."""
    began = time.process_time()
    work()
    return 1000 * (time.process_time() - began)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random = np.random.default_rng(options.seed)
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} threads, {platform.system()}")
    print("processor time, the archive in the system's file cache")
    print(f"python {platform.python_version()}, numpy {np.__version__}; seed {options.seed}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.db"
        fill(path, options.images, random)
        with SqliteArchive.reading(path) as archive:
            wanted = random.integers(1, options.images + 1, options.repeats).tolist()
            photos = [asked(archive, image_id, random) for image_id in wanted]
            lookup = NearestLookup(archive.connection)
            reading = milliseconds(lambda: lookup.candidates(photos[0], MOST_EMBEDDED))
            found = [lookup.candidates(photo, MOST_EMBEDDED)[0].image_id for photo in photos]
            taken = [milliseconds(lambda p=photo: lookup.candidates(p, MOST_EMBEDDED)) for photo in photos]
            one = [milliseconds(lambda p=photo: lookup.candidates(p[:1], MOST_EMBEDDED)) for photo in photos]
            counting = milliseconds(lambda: archive.without_code(MODEL, 1))
    first = sum(a == b for a, b in zip(found, wanted, strict=True))
    print(f"{options.images:,} images; the right one stands first for {first} of {len(wanted)} photos")
    print(f"  first photo, with reading the codes: {reading:,.0f} ms")
    for name, values in (("a photo, two codes", taken), ("one code", one)):
        print(f"  {name}: {statistics.median(values):.1f} ms ({min(values):.1f} to {max(values):.1f})")
    print(f"  counting images without a code: {counting:,.0f} ms")


if __name__ == "__main__":
    main()
