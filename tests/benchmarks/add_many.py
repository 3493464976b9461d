"""`add` of many photos: whether time is linear and memory flat, and what kills cost.

    python tests/benchmarks/add_many.py PHOTOS [--photos 20000] [--kills 20] [--killed-photos 2000]

From the photos in PHOTOS it makes `--photos` by crops, scaling, tone and recompression as a seed decides, adds them
with the program, and tells each quarter's photos a second and the largest size of the parent and of its children
(resident memory without mapped files, which Linux takes back; pages of forks are counted in each). Then
`--killed-photos` of them are added in runs that are killed at `--kills` instants and resumed, and the archive is held
against that of a run that nobody killed.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageEnhance
from resume import committed, contents, killed

SEED = 1
QUARTERS = 4
LOOK_SECONDS = 0.2
"""Between two looks at a run's memory and progress."""
WRITTEN = 1_000_000_000
"""When the photos seem to have been written: files of just now are digested again when they are added again."""


def make(job: tuple[Path, Path, int]) -> None:
    """Write one edited photo: cropped, scaled, toned and recompressed as its number decides."""
    source, path, number = job
    rng = np.random.default_rng([SEED, number])
    with Image.open(source) as image:
        picture = image.convert("RGB")
    share = float(np.sqrt(rng.uniform(0.6, 1.0)))
    width, height = max(64, round(picture.width * share)), max(64, round(picture.height * share))
    left = int(rng.integers(0, max(1, picture.width - width + 1)))
    top = int(rng.integers(0, max(1, picture.height - height + 1)))
    picture = picture.crop((left, top, left + width, top + height))
    factor = rng.uniform(0.5, 1.2)
    picture = picture.resize((max(64, round(width * factor)), max(64, round(height * factor))))
    picture = ImageEnhance.Brightness(picture).enhance(float(rng.uniform(0.8, 1.2)))
    picture = ImageEnhance.Color(picture).enhance(float(rng.uniform(0.6, 1.4)))
    picture.save(path, "JPEG", quality=int(rng.integers(40, 95)))
    os.utime(path, (WRITTEN + number, WRITTEN + number))


def made(sources: list[Path], folder: Path, count: int) -> None:
    """Write `count` photos, in processes that end before anything is measured."""
    folder.mkdir()
    jobs = [(sources[n % len(sources)], folder / f"{n:06}.jpg", n) for n in range(count)]
    with multiprocessing.get_context("spawn").Pool() as pool:
        pool.map(make, jobs, chunksize=64)


class Look(NamedTuple):
    """What was seen of a run at one moment."""

    seconds: float
    images: int
    """Committed."""
    parent: int
    """Bytes of memory, as of the largest child."""
    child: int


def resident(pid: int) -> int:
    """Return the bytes of memory that a process has to itself, without mapped files; 0 if it is gone."""
    try:
        _, whole, mapped, *_ = map(int, Path(f"/proc/{pid}/statm").read_text("ascii").split())
        return (whole - mapped) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def children_of(pid: int) -> list[int]:
    """Return the processes that a process has started."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]
    except OSError:
        return []


def watched(folder: Path, archive: Path) -> tuple[list[Look], float]:
    """Add a folder; return what was seen meanwhile, and the seconds that it took."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "provenance", "add", str(folder), "-a", str(archive)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    looks = [Look(0.0, 0, 0, 0)]
    while process.poll() is None:
        child = max(map(resident, children_of(process.pid)), default=0)
        looks.append(Look(time.perf_counter() - started, committed(archive), resident(process.pid), child))
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(LOOK_SECONDS)
    if process.returncode:
        raise SystemExit(f"provenance add ended with exit code {process.returncode}")
    return looks, time.perf_counter() - started


def tell_growth(folder: Path, archive: Path, count: int) -> None:
    """Print what adding everything to a new archive cost, and what adding it again costs."""
    looks, seconds = watched(folder, archive)
    commits = [look for before, look in pairwise(looks) if look.images > before.images]
    last = commits[-1].seconds
    print(
        f"{count} photos, {count / seconds:.1f} photos/s; {seconds - last:.1f} s after the last commit (word index)"
    )
    ends = np.interp(
        np.arange(QUARTERS + 1) * count / QUARTERS,
        [0, *(look.images for look in commits)],
        [0.0, *(look.seconds for look in commits)],
    )
    for number, (start, end) in enumerate(pairwise(ends.tolist()), 1):
        seen = [look for look in looks if start <= look.seconds <= end]
        print(
            f"  quarter {number}: {count / QUARTERS / (end - start):7.1f} photos/s, "
            f"parent {max(look.parent for look in seen) / 2**20:4.0f} MiB, "
            f"largest child {max(look.child for look in seen) / 2**20:4.0f} MiB"
        )
    print(f"  at the end: parent {max(look.parent for look in looks) / 2**20:4.0f} MiB")
    before = time.perf_counter()
    add(folder, archive)
    seconds = time.perf_counter() - before
    print(f"again: {count / seconds:.0f} photos/s ({seconds:.1f} s), none decoded")
    print(f"archive: {archive.stat().st_size / count / 1024:.1f} KiB a photo")


def add(folder: Path, archive: Path) -> None:
    """Add a folder with the program."""
    command = [sys.executable, "-m", "provenance", "add", str(folder), "-a", str(archive)]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)


def tell_kills(folder: Path, scratch: Path, count: int, kills: int) -> None:
    """Print whether an archive made by runs that were killed is that of one run."""
    add(folder, scratch / "whole.db")
    command = ["add", str(folder), "-a", str(scratch / "killed.db")]
    at_work = killed(command, scratch / "killed.db", count, times=kills, seed=SEED, stderr=subprocess.DEVNULL)
    add(folder, scratch / "killed.db")
    same = contents(scratch / "killed.db") == contents(scratch / "whole.db")
    print(
        f"{count} photos, killed {kills} times ({at_work} at work): {'the same archive' if same else 'NOT THE SAME'}"
    )
    if not same:
        raise SystemExit(1)


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("folder", metavar="PHOTOS", type=Path)
    p.add_argument("--photos", type=int, default=20_000)
    p.add_argument("--kills", type=int, default=20)
    p.add_argument("--killed-photos", type=int, default=2_000)
    a = p.parse_args()
    sources = sorted(f for f in a.folder.iterdir() if f.suffix.lower() in {".jpg", ".jpeg"})
    cores = len(os.sched_getaffinity(0))
    print(
        f"{platform.processor() or platform.machine()}, {cores} cores, load {os.getloadavg()[0]:.1f}, "
        f"Python {platform.python_version()}, seed {SEED}, {len(sources)} photos of {a.folder.name} edited"
    )
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        made(sources, scratch / "many", a.photos)
        tell_growth(scratch / "many", scratch / "a.db", a.photos)
        if a.kills:
            (scratch / "some").mkdir()
            for path in sorted((scratch / "many").iterdir())[: a.killed_photos]:
                shutil.copy2(path, scratch / "some")
            tell_kills(scratch / "some", scratch, min(a.photos, a.killed_photos), a.kills)


if __name__ == "__main__":
    main()
