"""Whether `add` and `check` say the same whatever the number of workers: byte for byte, at 10,000 photos.

    python tests/benchmarks/same_answer.py PHOTOS [--images 10000] [--queries 300] [--side 320]
        [--workers 1 3]

PHOTOS is a folder; as many photos as are missing are made of them, mirrored, turned or cropped, all of --side pixels at
most, which only makes this quicker. They are added and queries, every so many-th of them cropped and recompressed, are
checked, once for each number of workers. Then every table of the archives must be equal, but for the time of recording
and the archive's own identity, and so must the reports in JSON, but for the former. Prints what was compared; exits
with 1 if anything differs.
"""

from __future__ import annotations

import argparse
import hashlib
import platform
import re
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from PIL import Image, ImageOps
from program import provenance

VARYING = {"sighting": {"recorded"}, "meta": {"value"}}
"""Columns that tell of when, by table; `meta` has the archive's own identity."""

RECORDED = re.compile(r'"recorded": "[^"]*"')

EDITS: tuple[Callable[[Image.Image], Image.Image], ...] = (
    lambda picture: picture,
    ImageOps.mirror,
    ImageOps.flip,
    lambda picture: picture.rotate(90, expand=True),
    lambda picture: ImageOps.crop(picture, min(picture.size) // 5),
    lambda picture: ImageOps.crop(picture, (0, 0, picture.width // 3, 0)),
    lambda picture: picture.resize((picture.width * 2 // 3, picture.height)),
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", type=Path)
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--queries", type=int, default=300)
    parser.add_argument("--side", type=int, default=320)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 3])
    options = parser.parse_args()
    print(f"{platform.machine()}, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        made(sorted(p for p in options.photos.iterdir() if p.is_file()), root, options)
        told = [answer(root, workers) for workers in options.workers]
    for table in told[0]:
        same = all(one[table] == told[0][table] for one in told)
        print(f"{table:14s} {told[0][table][:16]} {'the same' if same else 'DIFFERS'}")
    sys.exit(any(one != told[0] for one in told))


def made(photos: Sequence[Path], root: Path, options: argparse.Namespace) -> None:
    """Write the photos to add, and some of them recompressed."""
    (root / "old").mkdir()
    (root / "new").mkdir()
    for number in range(options.images):
        edit, photo = divmod(number, len(photos))
        with Image.open(photos[photo]) as opened:
            opened.draft("RGB", (options.side, options.side))
            picture = EDITS[edit % len(EDITS)](opened.convert("RGB"))
        picture.thumbnail((options.side, options.side))
        picture.save(root / "old" / f"{number:05d}.jpg", quality=90 - edit // len(EDITS))
        if number % max(1, options.images // options.queries) == 0:
            ImageOps.crop(picture, min(picture.size) // 10).save(
                root / "new" / f"{number:05d}.jpg", quality=60
            )


def answer(root: Path, workers: int) -> dict[str, str]:
    """Add and check with so many workers, always in the same place; return digests of all that was written."""
    folder = root / "desk"
    folder.mkdir()
    began = time.perf_counter()
    provenance("add", "../old", "-a", "a.db", "-j", workers, cwd=folder)
    added = time.perf_counter()
    report = RECORDED.sub(
        "", provenance("check", "../new", "-a", "a.db", "-j", workers, "-f", "json", cwd=folder)
    )
    print(
        f"{workers} workers: added in {added - began:.0f} s, checked in {time.perf_counter() - added:.0f} s"
    )
    with closing(sqlite3.connect(folder / "a.db")) as connection:
        digests = {table: digest(connection, table) for table in tables(connection)}
    folder.rename(root / f"desk-{workers}")
    return {
        **digests,
        "report": hashlib.sha256(report.encode()).hexdigest(),
        "report, size": str(len(report)),
    }


def tables(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    )
    return sorted(name for (name,) in rows if not name.startswith(("sighting_fts", "_sqlite")))


def digest(connection: sqlite3.Connection, table: str) -> str:
    """Return the SHA-256 of a table's rows, in the order of their first columns, varying columns left out."""
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    kept = ", ".join(c for c in columns if c not in VARYING.get(table, set()))
    total = hashlib.sha256()
    for row in connection.execute(f"SELECT {kept} FROM {table} ORDER BY {kept}"):
        total.update(repr(row).encode())
    return total.hexdigest()


if __name__ == "__main__":
    main()
