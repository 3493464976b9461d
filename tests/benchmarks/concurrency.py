"""Many at one archive: whether writers lose or double anything, and how long readers wait.

    python tests/benchmarks/concurrency.py [--seconds 60] [--writers 4] [--readers 8]

Each writer adds batches of made images (codes, local features and previews of real size, nothing to decode), half of
all of which add. Each reader looks codes up and reads all that a check reads of what it finds. A reader's wait is
the time of one look-up in which it was neither at work nor ready for work with all cores taken, as Linux counts it:
waiting for locks and for the disk. A look-up that meets a lock counts as an error too: readers here have no patience.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from provenance.archive.interface import Entry
from provenance.archive.sqlite import SqliteArchive
from provenance.archive.verification import verify
from provenance.model import Fingerprint, ImageRecord, LocalCode, QueryCode, Sighting

SEED = 1
BATCH = 32
SHARED = 1 << 40
"""Numbers from here on are added by every writer."""


def made(number: int) -> Entry:
    """Return an image with a sighting, both of which follow from its number."""
    digest = hashlib.sha256(str(number).encode())
    rng = random.Random(number)
    words = b"".join(rng.randrange(1 << 20).to_bytes(3, "little") for _ in range(200))
    image = ImageRecord(
        sha256=digest.hexdigest(),
        format="JPEG",
        width=400,
        height=300,
        byte_count=100_000,
        frame_count=1,
        fingerprints=(Fingerprint("pdq", 1, digest.digest(), 100, searchable=True),),
        preview=rng.randbytes(12_000),
        local=LocalCode("sift", 1, words, rng.randbytes(800), rng.randbytes(6_000)),
    )
    return Entry(image, Sighting(f"{number}.jpg", f"/nowhere/{number}.jpg", caption=f"number {number}"))


def write(archive: Path, seconds: float, which: int) -> dict[str, object]:
    """Add batches until the time is over; return the highest own and shared number and what `add` said."""
    own, shared = (which + 1) << 32, SHARED
    told = {"images": 0, "sightings": 0, "known": 0}
    with SqliteArchive.writing(archive) as store:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            numbers = [*range(own, own + BATCH // 2), *range(shared, shared + BATCH // 2)]
            random.Random(SEED + which + own).shuffle(numbers)
            added = store.add([made(number) for number in numbers])
            own, shared = own + BATCH // 2, shared + BATCH // 2
            for name in told:
                told[name] += getattr(added, name)
    return {"own": own, "shared": shared, **told}


def read(archive: Path, seconds: float, which: int) -> dict[str, object]:
    """Look up what is there until the time is over; return seconds of each look-up, and what was wrong."""
    rng = random.Random(SEED + which)
    walls, waits, errors = [], [], []
    with SqliteArchive.reading(archive) as store:
        store.connection.execute("PRAGMA busy_timeout = 0")
        deadline = time.monotonic() + seconds
        before = 0
        while time.monotonic() < deadline:
            wall, busy = time.perf_counter(), _busy()
            try:
                images = _look_up(store, rng)
            except Exception as error:  # whatever it is, it is told, and the run fails
                errors.append(f"{type(error).__name__}: {error}")
                break
            walls.append(time.perf_counter() - wall)
            waits.append(max(0.0, walls[-1] - (_busy() - busy)))
            if images < before:
                errors.append(f"{before} images became {images}")
            before = images
    return {"walls": walls, "waits": waits, "errors": errors}


def _busy() -> float:
    """Return the seconds for which this thread was at work, or was ready for it and no core was free."""
    try:
        at_work, ready, _ = Path("/proc/thread-self/schedstat").read_text("ascii").split()
    except OSError:
        return time.thread_time()
    return (int(at_work) + int(ready)) / 1e9


def _look_up(store: SqliteArchive, rng: random.Random) -> int:
    """Read what a check reads; return how many images there were."""
    images = store.info().images
    shared = max(1, images // 8)
    asked = hashlib.sha256(str(SHARED + rng.randrange(shared)).encode())
    codes = [
        QueryCode("pdq", 1, asked.digest()),
        *(QueryCode("pdq", 1, rng.randbytes(32)) for _ in range(15)),
    ]
    found = store.candidates(codes, 31)
    known = store.by_digest(asked.hexdigest())
    if known is not None and known.id not in {c.image_id for c in store.candidates(codes, 31)}:
        raise AssertionError(f"image {known.id} is there and not found")
    ids = [c.image_id for c in found]
    for part in (store.references(ids), store.previews(ids), store.local_features(ids)):
        if sorted(part) != sorted(ids):
            raise AssertionError(f"of {ids} only {sorted(part)} are whole")
    for image_id in ids:
        if len(store.sightings(image_id)) != 1:
            raise AssertionError(f"image {image_id} has not one sighting")
    return images


@dataclass(frozen=True)
class Outcome:
    """What came of a run: look-ups in seconds, and everything that was wrong."""

    images: int
    walls: list[float]
    waits: list[float]
    faults: list[str]


def run(archive: Path, seconds: float, writers: int, readers: int) -> Outcome:
    """Let all work at once for some seconds, each in a process of its own, and look at what they left.

    Without writers the archive must be there.
    """
    if writers:
        with SqliteArchive.writing(archive) as store:
            store.add([made(SHARED)])
    roles = [("write", n) for n in range(writers)] + [("read", n) for n in range(readers)]
    told = dict(zip(roles, _together([[role, archive, seconds, n] for role, n in roles]), strict=True))
    read_ones = [said for (role, _), said in told.items() if role == "read"]
    faults = [error for said in read_ones for error in said["errors"]]
    written = [said for (role, _), said in told.items() if role == "write"]
    faults += _lost_or_double(archive, written) if writers else []
    with SqliteArchive.reading(archive) as store:
        images = store.info().images
        faults += [f"{problem.where}: {problem.what}" for problem in verify(store)]
    return Outcome(
        images,
        [wall for said in read_ones for wall in said["walls"]],
        [wait for said in read_ones for wait in said["waits"]],
        faults,
    )


def _together(commands: list[list[object]]) -> list[dict]:
    """Run this file once a command, all at once; they start when all are ready."""
    started = [
        subprocess.Popen(
            [sys.executable, __file__, "--as", *map(str, command)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for command in commands
    ]
    for process in started:
        process.stdout.readline()
    for process in started:
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [process.communicate()[0] for process in started]
    if any(process.returncode for process in started):
        raise RuntimeError("a writer or reader failed; what it said stands above")
    return [json.loads(answer) for answer in answers]


def _lost_or_double(archive: Path, written: list[dict]) -> Iterator[str]:
    expected = {
        number for which, said in enumerate(written) for number in range((which + 1) << 32, said["own"])
    }
    expected |= set(range(SHARED, max([SHARED + 1, *(said["shared"] for said in written)])))
    with SqliteArchive.reading(archive) as store:
        held = [path for (path,) in store.connection.execute("SELECT path FROM sighting")]
    if len(held) != len(set(held)):
        yield f"{len(held) - len(set(held))} sightings are double"
    if lost := {f"{number}.jpg" for number in expected} ^ set(held):
        yield f"{len(lost)} sightings are lost or nobody's"
    told = sum(said["images"] for said in written) + 1
    if told != len(held):
        yield f"writers were told of {told} new images, but {len(held)} are there"


def percentiles(seconds: list[float]) -> str:
    """Return some percentiles in milliseconds."""
    ordered = sorted(seconds)
    at = {
        f"p{share * 100:g}": ordered[int(share * (len(ordered) - 1))]
        for share in (0.5, 0.9, 0.99, 0.999, 1.0)
    }
    return ", ".join(f"{name} {value * 1000:.1f}" for name, value in at.items())


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--seconds", type=float, default=60)
    p.add_argument("--writers", type=int, default=4)
    p.add_argument("--readers", type=int, default=8)
    p.add_argument("--as", nargs=4, dest="role", help=argparse.SUPPRESS)
    a = p.parse_args()
    if a.role:
        role, archive, seconds, which = a.role
        print("ready", flush=True)
        sys.stdin.readline()
        told = (write if role == "write" else read)(Path(archive), float(seconds), int(which))
        print(json.dumps(told))
        return
    cores = len(os.sched_getaffinity(0))
    machine = platform.processor() or platform.machine()
    print(
        f"{machine}, {cores} cores, load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}, seed {SEED}"
    )
    with tempfile.TemporaryDirectory() as scratch:
        archive = Path(scratch) / "a.db"
        for writers in (a.writers, 0):
            done = run(archive, a.seconds, writers, a.readers)
            print(f"{writers} writers, {a.readers} readers, {a.seconds:g} s: {done.images} images at the end")
            print(f"  {len(done.walls)} look-ups, ms: {percentiles(done.walls)}")
            print(f"  of these waiting, ms: {percentiles(done.waits)}")
            print(f"  faults: {'; '.join(done.faults) or 'none'}")
            if done.faults:
                raise SystemExit(1)


if __name__ == "__main__":
    main()
