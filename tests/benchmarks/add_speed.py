"""How fast `provenance add` is, everything included, and whether its memory stays flat.

    python tests/benchmarks/add_speed.py PHOTOS [--small 1000] [--large 240] [--growth 10000]

From the photos in PHOTOS it makes `--small` of 500 x 375 and `--large` of 4000 x 3000 pixels, adds each set to
a new archive with the installed program, and holds the second against the same reduced JPEG decoding alone on
as many processes. `--growth` photos against a tenth of them tell whether memory grows.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

SEED = 1


def make(job: tuple[Path, Path, tuple[int, int], int]) -> None:
    """Write one JPEG of `size` with grain of its own."""
    source, path, size, seed = job
    with Image.open(source) as image:
        pixels = np.asarray(image.convert("RGB").resize(size, Image.Resampling.BICUBIC), np.int16)
    tile = np.random.default_rng([SEED, seed]).integers(-6, 7, (64, 64, 3), np.int16)
    grain = np.tile(tile, (size[1] // 64 + 1, size[0] // 64 + 1, 1))[: size[1], : size[0]]
    Image.fromarray((pixels + grain).clip(0, 255).astype(np.uint8)).save(path, quality=88)


def made(sources: list[Path], folder: Path, count: int, size: tuple[int, int]) -> list[Path]:
    """Write `count` photos of `size`, each a little different, from the sources in turn.

    In other processes: what this one once held would count as the peak of those that it starts.
    """
    folder.mkdir()
    paths = [folder / f"{i:06}.jpg" for i in range(count)]
    with multiprocessing.Pool() as pool:
        pool.map(make, [(sources[i % len(sources)], path, size, i) for i, path in enumerate(paths)])
    return paths


def add(folder: Path) -> tuple[float, int]:
    """Return the seconds that adding a folder took, start to exit, and the largest process in bytes."""
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, "-m", "provenance", "add", str(folder), "-a", f"{scratch}/a.db"]
        started = time.perf_counter()
        pid = os.posix_spawn(sys.executable, command, os.environ, file_actions=[
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)
        ])  # fmt: skip
        _, status, usage = os.wait4(pid, 0)
        seconds = time.perf_counter() - started
    if status:
        raise SystemExit(f"provenance add failed: {status}")
    return seconds, usage.ru_maxrss * 1024


def decode(path: Path) -> None:
    """Decode as `add` does: read the file, and let the decoder give 1/8."""
    with Image.open(path) as image:
        image.draft("RGB", (image.width // 8, image.height // 8))
        image.load()


def decode_alone(paths: list[Path]) -> float:
    """Return the seconds that the same reduced decoding takes on as many processes, once they stand."""
    with multiprocessing.Pool(len(os.sched_getaffinity(0))) as pool:
        pool.map(decode, paths[:8], chunksize=1)
        started = time.perf_counter()
        pool.map(decode, paths, chunksize=1)
        return time.perf_counter() - started


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("photos", type=Path)
    p.add_argument("--small", type=int, default=1000)
    p.add_argument("--large", type=int, default=240)
    p.add_argument("--growth", type=int, default=10_000)
    a = p.parse_args()
    sources = sorted(f for f in a.photos.iterdir() if f.suffix.lower() in {".jpg", ".jpeg"})
    cores = len(os.sched_getaffinity(0))
    print(
        f"{platform.processor() or platform.machine()}, {cores} cores, Python {platform.python_version()}, seed {SEED}"
    )
    with tempfile.TemporaryDirectory() as scratch:
        small = made(sources, Path(scratch) / "small", a.small, (500, 375))
        seconds, peak = add(small[0].parent)
        print(
            f"500 x 375:   {a.small / seconds:6.1f} photos/s ({a.small} in {seconds:.1f} s), "
            f"largest process {peak / 2**20:.0f} MiB"
        )
        large = made(sources, Path(scratch) / "large", a.large, (4000, 3000))
        megabytes = sum(p.stat().st_size for p in large) / len(large) / 1e6
        alone = decode_alone(large)
        seconds, peak = add(large[0].parent)
        print(
            f"4000 x 3000: {a.large / seconds:6.1f} photos/s ({a.large} of {megabytes:.1f} MB in {seconds:.1f} s), "
            f"largest process {peak / 2**20:.0f} MiB; {seconds / alone:.2f} times the reduced decoding alone "
            f"({a.large / alone:.1f} photos/s)"
        )
        if a.growth:
            many = made(sources, Path(scratch) / "many", a.growth, (320, 240))
            _, whole = add(many[0].parent)
            for path in many[a.growth // 10 :]:
                path.unlink()
            _, tenth = add(many[0].parent)
            print(
                f"memory:      {tenth / 2**20:.0f} MiB at {a.growth // 10} photos, "
                f"{whole / 2**20:.0f} MiB at {a.growth}"
            )


if __name__ == "__main__":
    main()
