"""How much memory `provenance add` takes for a web archive, everything included.

    python tests/benchmarks/warc_memory.py [--gigabytes 1] [--gzip]

It writes a WARC of made pictures with warcio, one of some 250 KB to three of some 3 MB, in turn with pages of text,
adds it to a new archive with the installed program, and samples the memory of the program and its children. What the
program and its largest child had is the kernel's own peak; `all together` counts what they share once, as sampled.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

SEED = 1
SMALL, LARGE = (800, 600), (3600, 2700)
MADE = 8
"""Pictures made of each size; each copy of one gets a comment of its own, so that no two files are the same."""


def made(rng: np.random.Generator, size: tuple[int, int]) -> bytes:
    """Return a JPEG with structure at several scales, and grain."""
    width, height = size
    pixels = rng.normal(scale=10, size=(height, width, 3))
    for cells in (4, 16, 64):
        grid = Image.fromarray(rng.normal(scale=40, size=(cells, cells)).astype(np.float32))
        pixels += np.asarray(grid.resize(size, Image.Resampling.BICUBIC))[:, :, None]
    content = io.BytesIO()
    Image.fromarray((pixels + 128).clip(0, 255).astype(np.uint8)).save(content, "JPEG", quality=85)
    return content.getvalue()


def commented(picture: bytes, number: int) -> bytes:
    """Return a JPEG with a comment behind its first marker."""
    return picture[:2] + b"\xff\xfe\0\x0a" + f"{number:08}".encode() + picture[2:]


def write(path: Path, most: int, compressed: bool) -> int:
    """Write a WARC of about `most` bytes; return how many pictures it holds."""
    rng = np.random.default_rng(SEED)
    small, large = ([made(rng, size) for _ in range(MADE)] for size in (SMALL, LARGE))
    page = b"<p>" + rng.integers(97, 123, 200_000, np.uint8).tobytes() + b"</p>"
    count = 0
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=compressed)

        def response(uri: str, kind: str, content: bytes) -> None:
            http = StatusAndHeaders("200 OK", [("Content-Type", kind)], protocol="HTTP/1.1")
            writer.write_record(
                writer.create_warc_record(
                    uri, "response", payload=io.BytesIO(content), length=len(content), http_headers=http,
                    warc_headers_dict={"WARC-Date": "2016-12-13T09:14:55Z"},
                )
            )  # fmt: skip

        while file.tell() < most:
            response(f"https://example.org/{count}.html", "text/html", page)
            for pictures in (small, large, large, large):
                content = commented(pictures[count % MADE], count)
                response(f"https://example.org/{count}.jpg", "image/jpeg", content)
                count += 1
    return count


def proportional(pid: int) -> int:
    """Return the bytes of a process, its share of what it shares; 0 if it ended."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def family(pid: int) -> list[int]:
    """Return a process and its children, theirs included."""
    with contextlib.suppress(OSError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        return [pid, *(one for child in children for one in family(int(child)))]
    return []


def peak(pid: int) -> int:
    """Return the most memory, in bytes, that a process has had so far; 0 if it ended."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


def add(path: Path, folder: Path) -> tuple[float, int, int, int]:
    """Return the seconds that adding took, and the peaks of the program, of its children and of all together."""
    command = [sys.executable, "-m", "provenance", "add", str(path), "-a", str(folder / "a.db")]
    started = time.perf_counter()
    program = subprocess.Popen(command)
    parent = children = together = 0
    while program.poll() is None:
        members = family(program.pid)
        together = max(together, sum(map(proportional, members)))
        parent = max(parent, peak(program.pid))
        children = max([children, *map(peak, members[1:])])
        time.sleep(0.05)
    if program.returncode:
        raise SystemExit(f"provenance add failed: {program.returncode}")
    return time.perf_counter() - started, parent, children, together


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--gigabytes", type=float, default=1.0)
    p.add_argument("--gzip", action="store_true")
    a = p.parse_args()
    cores = len(os.sched_getaffinity(0))
    print(
        f"{platform.processor() or platform.machine()}, {cores} cores, Python {platform.python_version()}, seed {SEED}"
    )
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / f"crawl.warc{'.gz' if a.gzip else ''}"
        count = write(path, int(a.gigabytes * 2**30), a.gzip)
        size = path.stat().st_size
        seconds, parent, children, together = add(path, Path(scratch))
        print(
            f"{size / 2**20:,.0f} MiB with {count} pictures in {seconds:.0f} s ({count / seconds:.1f} pictures/s)\n"
            f"program {parent / 2**20:.0f} MiB, largest child {children / 2**20:.0f} MiB, "
            f"all together {together / 2**20:.0f} MiB"
        )


if __name__ == "__main__":
    main()
