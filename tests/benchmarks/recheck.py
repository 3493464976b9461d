"""How long a folder of uploads takes to be checked, and to be checked again when nothing has changed.

    python tests/benchmarks/recheck.py [--uploads 500] [--archived 1000] [--side 1600] [--runs 9] [--fast]

Photos are made from a seed; a hundredth of the uploads are recompressed copies of archived ones. The first run fills
the cache; of the later ones the median is told, start to exit, beside `provenance --help` and beside hashing the files
alone. Must hold: a second run well under a second, and the same bytes on standard output.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

SEED = 1


def picture(seed: int, side: int) -> Image.Image:
    """Return a made picture with structure at several scales."""
    rng = np.random.default_rng(seed)
    layers = np.zeros((side * 3 // 4, side, 3), np.float32)
    for cells in (4, 16, 64, 256):
        grid = rng.integers(0, 256, (cells * 3 // 4, cells, 3), np.uint8)
        layers += np.asarray(Image.fromarray(grid).resize((side, side * 3 // 4), Image.Resampling.BICUBIC))
    return Image.fromarray((layers / 4).astype(np.uint8))


def make(folder: Path, uploads: int, archived: int, side: int) -> None:
    """Write `old/` and `uploads/`; every hundredth upload is a copy of an archived photo."""
    for name in ("old", "uploads"):
        (folder / name).mkdir()
    for n in range(archived):
        picture(SEED * 1_000_000 + n, side // 4).save(folder / "old" / f"{n:05}.jpg", quality=90)
    for n in range(uploads):
        known = n % 100 == 0
        seed = SEED * 1_000_000 + (n if known else archived + n)
        picture(seed, side).save(folder / "uploads" / f"{n:05}.jpg", quality=75 if known else 90)


def timed(folder: Path, *arguments: str) -> tuple[float, bytes]:
    """Return the seconds of one run, start to exit, and what it printed."""
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "provenance", *arguments], cwd=folder, capture_output=True, check=False
    )
    if done.returncode not in {0, 1}:
        raise SystemExit(done.stderr.decode())
    return time.perf_counter() - started, done.stdout


def told(name: str, seconds: list[float]) -> None:
    print(f"{name:34s} {statistics.median(seconds):7.3f} s ({min(seconds):.3f} to {max(seconds):.3f})")


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--uploads", type=int, default=500)
    p.add_argument("--archived", type=int, default=1000)
    p.add_argument("--side", type=int, default=1600)
    p.add_argument("--runs", type=int, default=9)
    p.add_argument("--fast", action="store_true")
    a = p.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        make(folder, a.uploads, a.archived, a.side)
        files = sorted((folder / "uploads").iterdir())
        print(
            f"{platform.processor() or platform.machine()}, {len(os.sched_getaffinity(0))} cores, "
            f"Python {platform.python_version()}, {a.archived} archived, {a.uploads} uploads of {a.side} x "
            f"{a.side * 3 // 4}, {sum(f.stat().st_size for f in files) / 1e6:.0f} MB, seed {SEED}, "
            f"{'--fast, ' * a.fast}median (and range) of {a.runs} runs"
        )
        timed(folder, "add", "old", "-a", "desk.db")
        check = ["check", "uploads", "-a", "desk.db", "--cache", "kept", "--format", "json"]
        seconds, first = timed(folder, *check, *["--fast"] * a.fast)
        told("first run", [seconds])
        runs = [timed(folder, *check, *["--fast"] * a.fast) for _ in range(a.runs)]
        told("second run", [seconds for seconds, _ in runs])
        told("provenance --help", [timed(folder, "--help")[0] for _ in range(a.runs)])
        started = time.perf_counter()
        for file in files:
            hashlib.sha256(file.read_bytes()).digest()
        print(f"{'hashing the files alone':34s} {time.perf_counter() - started:7.3f} s")
        print("the same bytes" if all(output == first for _, output in runs) else "OTHER BYTES")


if __name__ == "__main__":
    main()
