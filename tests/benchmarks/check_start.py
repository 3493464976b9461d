"""How long one check by hashes alone (--fast) takes from start to exit, beside a bare `provenance --help`.

    python tests/benchmarks/check_start.py PHOTO [--images 100000] [--runs 15]

The archive is written by the archive's own code, with random codes. The photo is checked once as it is (not
archived) and once archived. Must hold: check < 1.5 x help + 100 ms, help < 300 ms.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from provenance.archive.interface import Entry
from provenance.archive.sqlite import SqliteArchive
from provenance.model import Fingerprint, ImageRecord, Sighting

SEED = 1


def fill(path: Path, images: int) -> None:
    """Write an archive of `images` random codes."""
    rng = random.Random(SEED)
    with SqliteArchive.writing(path) as archive:
        for first in range(0, images, 5000):
            archive.add(
                [
                    Entry(
                        ImageRecord(
                            f"{i:064x}", "JPEG", 500, 375, 50_000, 1,
                            (Fingerprint("pdq", 1, rng.randbytes(32), 100, searchable=True),),
                            rng.randbytes(8_000),
                        ),
                        Sighting(path=f"{i}.jpg", location=f"/archive/{i}.jpg", caption=f"photo {i}"),
                    )
                    for i in range(first, min(images, first + 5000))
                ]
            )  # fmt: skip


def timed(*command: object) -> float:
    """Return the seconds of one run, start to exit."""
    started = time.perf_counter()
    done = subprocess.run([*map(str, command)], capture_output=True, check=False)
    if done.returncode not in {0, 1}:
        raise SystemExit(done.stderr.decode())
    return time.perf_counter() - started


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("photo", type=Path)
    p.add_argument("--images", type=int, default=100_000)
    p.add_argument("--runs", type=int, default=15)
    a = p.parse_args()
    program = Path(sys.executable).with_name("provenance")
    print(
        f"{platform.processor() or platform.machine()}, {len(os.sched_getaffinity(0))} cores, "
        f"Python {platform.python_version()}, {a.images} images, seed {SEED}, median (and range) of {a.runs} runs"
    )
    with tempfile.TemporaryDirectory() as scratch:
        archive, known = Path(scratch) / "a.db", Path(scratch) / "known.db"
        fill(archive, a.images)
        known.write_bytes(archive.read_bytes())
        subprocess.run([program, "add", a.photo, "-a", known], check=True, capture_output=True)
        commands = {
            "help": (program, "--help"),
            "unknown": (program, "check", "--fast", a.photo, "-a", archive),
            "known": (program, "check", "--fast", a.photo, "-a", known),
        }
        runs: dict[str, list[float]] = {name: [] for name in commands}
        for i in range(a.runs + 2):
            for name, command in commands.items():
                seconds = timed(*command)
                if i >= 2:  # the first runs fill the caches
                    runs[name].append(seconds * 1000)
    middle = {name: statistics.median(values) for name, values in runs.items()}
    for name, values in runs.items():
        print(f"{name:8s} {middle[name]:6.0f} ms ({min(values):.0f} to {max(values):.0f})")
    allowed = 1.5 * middle["help"] + 100
    for name in ("unknown", "known"):
        print(f"check of a photo that is {name}: {middle[name]:.0f} of {allowed:.0f} ms allowed")


if __name__ == "__main__":
    main()
