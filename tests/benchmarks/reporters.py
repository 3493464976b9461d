"""What telling of a run of many photos costs: time and peak memory of the parent, every form of report at once.

    python tests/benchmarks/reporters.py PHOTOS [--photos 1000] [--archived 300] [--copies 0.5] [--side 400] [--seed 1]

Runs in the project's environment, on Linux. PHOTOS is a folder. Of them, --archived go into an archive; the uploads
are --photos files: the share --copies of them crops and recompressions of what is archived, the rest the other photos,
again and again if there are too few, each with a line of its own, all at most --side pixels. They are checked once
without a form that shows pictures, and once with every form. Must hold: less than 500 MB.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image, ImageDraw

from provenance.cli.outputs import WRITERS

LIMIT = 500 * 2**20
FEW = ("json",)


def upload(photo: Path, target: Path, rng: random.Random, side: int, *, copy: bool) -> None:
    """Write an upload: a crop, recompressed; of what is not archived with a line across it."""
    with Image.open(photo) as opened:
        picture = opened.convert("RGB")
    width, height = picture.size
    if copy:
        left, top = rng.uniform(0, 0.2) * width, rng.uniform(0, 0.2) * height
        picture = picture.crop((int(left), int(top), int(left + 0.8 * width), int(top + 0.8 * height)))
    else:
        y = rng.randrange(height)
        ImageDraw.Draw(picture).line((0, y, width, y), fill=(255, 255, 255))
    picture.thumbnail((side, side))
    picture.save(target, "JPEG", quality=rng.randint(55, 90))


def run(command: list[str | Path], output: Path) -> tuple[float, int]:
    """Return the seconds a command takes, and the peak of its own memory in bytes."""
    with output.open("wb") as stdout:
        started = time.monotonic()
        child = subprocess.Popen(list(map(str, command)), stdout=stdout, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in {0, 1}:
        raise SystemExit(f"{command} ended with exit code {child.returncode}")
    return time.monotonic() - started, usage.ru_maxrss * 1024


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("photos_folder", type=Path, metavar="PHOTOS")
    p.add_argument("--photos", type=int, default=1000)
    p.add_argument("--archived", type=int, default=300)
    p.add_argument("--copies", type=float, default=0.5)
    p.add_argument("--side", type=int, default=400)
    p.add_argument("--seed", type=int, default=1)
    a = p.parse_args()
    rng = random.Random(a.seed)
    found = sorted(
        path for path in a.photos_folder.iterdir() if path.suffix.lower() in {".jpg", ".jpeg", ".png"}
    )
    rng.shuffle(found)
    archived, others = found[: a.archived], found[a.archived :]
    print(
        f"{platform.processor() or platform.machine()}, {len(os.sched_getaffinity(0))} cores, Python "
        f"{platform.python_version()}, {a.photos} uploads, {a.copies:.0%} of them copies, {len(archived)} archived, "
        f"at most {a.side} pixels a side, seed {a.seed}"
    )
    program = [sys.executable, "-m", "provenance"]
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        (scratch / "uploads").mkdir()
        for number in range(a.photos):
            copy = number < a.copies * a.photos
            pool = archived if copy else others
            upload(pool[number % len(pool)], scratch / "uploads" / f"{number:04}.jpg", rng, a.side, copy=copy)
        desk = scratch / "desk.db"
        subprocess.run([*program, "add", *archived, "-a", desk], check=True, capture_output=True)
        for forms in (tuple(WRITERS), FEW):
            folder = scratch / f"reports{len(forms)}"
            folder.mkdir()
            outputs = [word for form in forms for word in ("--output", f"{form}:{folder / form}.out")]
            command = [*program, "check", scratch / "uploads", "-a", desk, *outputs]
            seconds, peak = run(command, folder / "stdout")
            print(f"\n{', '.join(forms)}: {seconds:.0f} s, {peak / 2**20:.0f} MB of {LIMIT / 2**20:.0f} MB")
            for file in sorted(folder.iterdir()):
                size = sum(f.stat().st_size for f in file.iterdir()) if file.is_dir() else file.stat().st_size
                print(f"  {file.name:<24} {size / 2**20:8.1f} MB")


if __name__ == "__main__":
    main()
