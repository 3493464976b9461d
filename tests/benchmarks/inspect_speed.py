"""How many photos a second `provenance inspect` takes, and what reading a file's own words adds to `check`.

    python tests/benchmarks/inspect_speed.py PHOTOS [--small 1000] [--large 240]

From the photos in PHOTOS it makes `--small` of 500 x 375 and `--large` of 4000 x 3000 pixels, each with EXIF: dates, a
position, a program and a thumbnail of 160 x 120. Each set is inspected with the installed program, without and (a
tenth) with --hints, and held against the same reduced decoding alone on as many processes. Must hold: 40 photos of
500 x 375 a second without --hints; 5 ms a photo for what `check` reads. Processor time is printed besides: on a busy
machine it says more than the clock.
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from provenance.evidence.file_facts import read_facts

SEED = 1
EXIF, GPS = 0x8769, 0x8825
WANTED_RATE, WANTED_MS = 40, 5


def exif_of(picture: Image.Image) -> bytes:
    """Return an EXIF block as phones write it, with a thumbnail in its second directory."""
    small = io.BytesIO()
    picture.resize((160, 120)).save(small, "JPEG", quality=75)
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0131] = "Example", "Phone 1", "Camera 1.0"
    exif[0x0132] = "2024:11:29 10:15:30"
    exif.get_ifd(EXIF).update({0x9003: "2024:11:29 10:15:30", 0x9004: "2024:11:29 10:15:30"})
    exif.get_ifd(GPS).update({1: "N", 2: (36.0, 12.0, 4.0), 3: "E", 4: (37.0, 9.0, 40.0)})
    block = exif.tobytes()
    return with_thumbnail(block, small.getvalue())


def with_thumbnail(block: bytes, thumbnail: bytes) -> bytes:
    """Append a second directory, which points at a thumbnail, to a block as Pillow writes it."""
    tiff = bytearray(block.removeprefix(b"Exif\0\0"))
    order = "little" if tiff[:2] == b"II" else "big"
    first = int.from_bytes(tiff[4:8], order)
    count = int.from_bytes(tiff[first : first + 2], order)
    link = first + 2 + 12 * count
    second = len(tiff)
    tiff[link : link + 4] = second.to_bytes(4, order)
    data = second + 2 + 12 * 2 + 4
    entries = ((0x0201, data), (0x0202, len(thumbnail)))
    tiff += len(entries).to_bytes(2, order)
    for tag, value in entries:
        tiff += tag.to_bytes(2, order) + (4).to_bytes(2, order) + (1).to_bytes(4, order)
        tiff += value.to_bytes(4, order)
    return b"Exif\0\0" + bytes(tiff) + bytes(4) + thumbnail


def make(job: tuple[Path, Path, tuple[int, int], int]) -> None:
    """Write one JPEG of `size` with grain of its own, and EXIF."""
    source, path, size, seed = job
    with Image.open(source) as image:
        pixels = np.asarray(image.convert("RGB").resize(size, Image.Resampling.BICUBIC), np.int16)
    tile = np.random.default_rng([SEED, seed]).integers(-6, 7, (64, 64, 3), np.int16)
    grain = np.tile(tile, (size[1] // 64 + 1, size[0] // 64 + 1, 1))[: size[1], : size[0]]
    picture = Image.fromarray((pixels + grain).clip(0, 255).astype(np.uint8))
    picture.save(path, quality=88, exif=exif_of(picture))


def made(sources: list[Path], folder: Path, count: int, size: tuple[int, int]) -> list[Path]:
    """Write `count` photos of `size`, each a little different, from the sources in turn."""
    folder.mkdir()
    paths = [folder / f"IMG_20241129_{i:06}.jpg" for i in range(count)]
    with multiprocessing.Pool() as pool:
        pool.map(make, [(sources[i % len(sources)], path, size, i) for i, path in enumerate(paths)])
    return paths


def processor_seconds() -> float:
    """Return the processor time of all children so far that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def inspected(*arguments: object) -> tuple[float, float]:
    """Return the seconds of one run of the program, start to exit, by the clock and of processors."""
    started, used = time.perf_counter(), processor_seconds()
    command = [sys.executable, "-m", "provenance", "inspect", *map(str, arguments), "-f", "json"]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    if done.returncode not in {0, 1}:
        raise SystemExit(f"provenance inspect ended with exit code {done.returncode}")
    return time.perf_counter() - started, processor_seconds() - used


def decode(path: Path) -> None:
    """Decode as `inspect` does without --hints: read the file, and let the decoder reduce it."""
    with Image.open(path) as image:
        scale = next((s for s in (8, 4, 2) if max(image.size) // s >= 480), 1)
        image.draft("RGB", (image.width // scale, image.height // scale))
        image.load()


def decode_alone(paths: list[Path]) -> float:
    """Return the seconds that the same reduced decoding takes on as many processes, once they stand."""
    with multiprocessing.Pool(len(os.sched_getaffinity(0))) as pool:
        pool.map(decode, paths[:8], chunksize=1)
        started = time.perf_counter()
        pool.map(decode, paths, chunksize=1)
        return time.perf_counter() - started


def reading_ms(paths: list[Path]) -> list[float]:
    """Return the milliseconds of processor time that each file's own words take, in this process."""
    contents = [path.read_bytes() for path in paths]
    read_facts(contents[0], paths[0].name, "JPEG")
    told = []
    for path, content in zip(paths, contents, strict=True):
        started = time.process_time()
        read_facts(content, path.name, "JPEG")
        told.append((time.process_time() - started) * 1000)
    return told


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("photos", type=Path)
    p.add_argument("--small", type=int, default=1000)
    p.add_argument("--large", type=int, default=240)
    a = p.parse_args()
    sources = sorted(f for f in a.photos.iterdir() if f.suffix.lower() in {".jpg", ".jpeg"})
    cores = len(os.sched_getaffinity(0))
    print(
        f"{platform.processor() or platform.machine()}, {cores} cores, Python {platform.python_version()}, "
        f"{len(sources)} sources, seed {SEED}"
    )
    with tempfile.TemporaryDirectory() as scratch:
        for name, count, size in (("small", a.small, (500, 375)), ("large", a.large, (4000, 3000))):
            if not count:
                continue
            paths = made(sources, Path(scratch) / name, count, size)
            alone = decode_alone(paths)
            seconds, used = inspected(paths[0].parent)
            few = paths[: max(1, count // 10)]
            hinted, _ = inspected("--hints", *few)
            took = reading_ms(paths[: min(count, 200)])
            wanted = f" ({WANTED_RATE} wanted)" if name == "small" else ""
            print(
                f"{size[0]} x {size[1]}: {count / seconds:.1f} photos/s{wanted}, {count} in {seconds:.1f} s; "
                f"{seconds / alone:.2f} times the reduced decoding alone ({count / alone:.1f} photos/s); "
                f"{used / count * 1000:.1f} ms of processor a photo, start-up included\n"
                f"  with --hints {len(few) / hinted:.1f} photos/s ({len(few)} in {hinted:.1f} s)\n"
                f"  what check reads besides: median {statistics.median(took):.2f} ms, "
                f"worst {max(took):.1f} ms of {len(took)} ({WANTED_MS} ms wanted)"
            )


if __name__ == "__main__":
    main()
