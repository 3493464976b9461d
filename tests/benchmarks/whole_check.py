"""What one whole check costs in archives of growing size, and what such an archive takes on disk and in memory.

    python tests/benchmarks/whole_check.py PHOTOS QUERIES [--sizes 10000 100000 1000000] [--checks 40]
        [--folder DIR] [--truth CSV] [--seed 1]

Runs in the project's environment, on Linux. Archives are written by the archive's own code. Each holds PHOTOS, a
folder, and as many made images as are missing: 550 features, each with the word, the signature, the place and the
descriptor of four features drawn at random from the photos', a hash with 64 of 256 bits flipped, and a photo's preview.
So lists of words are as long as they are with photos, though no two images share more than accident. QUERIES is a
folder of photos to check, edited copies or not; as many as asked for are drawn. --truth says of which photo each is a
copy (columns query and reference, file names): then only those are drawn, and those found first are counted.

Each size is measured in a process of its own: how long its archive and index take to open, then photo after photo as
a desk has them, from the file's name to the result, once the children have started. The first photo is told apart: it
reads the index from disk. The others are timed twice: as they come, and once more, when what they need is in memory.
Then all photos together, as CI has them. Matches are not compared for changes. With --folder the archives are kept, and
used again. A million takes 45 GB there.
"""

from __future__ import annotations

import argparse
import csv
import os
import platform
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from itertools import cycle, islice
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import numpy as np
from program import provenance

from provenance.archive.interface import Entry
from provenance.archive.local_rows import decoded
from provenance.archive.sqlite import SqliteArchive
from provenance.children import comparison_pool, query_pool
from provenance.examine import examine_reference
from provenance.fingerprint import FLAT_QUALITY
from provenance.fingerprint.local_code import (
    REFERENCE_FEATURES,
    REFERENCE_WORDS,
    decode_local,
    packed_signatures,
    packed_words,
)
from provenance.ingest.claims import Claims
from provenance.model import ImageRecord, LocalCode, Result, Sighting, Submission
from provenance.pipeline import Children, check
from provenance.settings import Settings

HEADER = 6
"""Bytes of `LocalCode.features` before the places."""
BATCH = 2000


class Cost(NamedTuple):
    """Milliseconds and bytes of one size."""

    opened: float
    first: float
    fresh: list[float]
    single: list[float]
    together: float
    found: int
    memory: int
    anonymous: int


class Parts(NamedTuple):
    """The features of all photos, a row each, and what else made images are made of."""

    words: np.ndarray
    signatures: np.ndarray
    places: np.ndarray
    descriptors: np.ndarray
    records: list[ImageRecord]


def main() -> None:
    options = arguments()
    print(f"{platform.machine()}, {len(os.sched_getaffinity(0))} cores, {platform.system()}", end="; ")
    print(f"Python {platform.python_version()}, numpy {np.__version__}; seed {options.seed}")
    truth = references(options.truth) if options.truth else {}
    queries = sorted(p for p in options.queries.iterdir() if p.is_file() and (not truth or p.name in truth))
    chosen = np.random.default_rng(options.seed).permutation(len(queries))[: options.checks]
    asked = [queries[i] for i in sorted(chosen)]
    print(f"{len(asked)} queries from {options.queries.name}\n")
    found = "found" if truth else "matched"
    print(
        "| images | opening | first check | a check, median | slowest | the same again, median | slowest "
        f"| together, a photo | {found} |"
    )
    print("|---|---|---|---|---|---|---|---|---|", flush=True)
    notes = []
    with ExitStack() as stack:
        folder = options.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for size in options.sizes:
            archive = folder / f"{size}.db"
            grown = alone(filled, archive, size, options.photos, options.seed)
            cost = alone(measured, archive, asked, truth)
            print(row(size, cost), flush=True)
            notes.append(note(size, archive, cost, grown))
    print("\n" + "\n".join(notes))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", type=Path, metavar="PHOTOS")
    parser.add_argument("queries", type=Path, metavar="QUERIES")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--checks", type=int, default=40)
    parser.add_argument("--folder", type=Path, help="keep the archives here, and use what is here")
    parser.add_argument("--truth", type=Path, metavar="CSV", help="of which photo each query is a copy")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def references(table: Path) -> dict[str, str]:
    """Return the photo that each query is a copy of, by file names."""
    with table.open(newline="", encoding="utf-8") as file:
        return {row["query"]: row["reference"] for row in csv.DictReader(file) if row["reference"]}


def alone(work, *arguments):
    """Return what `work` returns in a process of its own, whose memory is then its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def filled(path: Path, size: int, photos: Path, seed: int) -> float | None:
    """Write an archive of so many images; return made images a second, None if it was there already."""
    if path.exists():
        with SqliteArchive.reading(path) as archive:
            if archive.info().images == size:
                return None
        raise SystemExit(f"{path} is there, but does not hold {size} images")
    provenance("add", photos, "-a", path)
    examples = [submission(p) for p in sorted(photos.iterdir())[:400]]
    parts = in_parts([examine_reference(example).image for example in examples])
    with SqliteArchive.writing(path) as archive:
        held = archive.info().images
        made = made_images(parts, size - held, np.random.default_rng(seed))
        began = time.perf_counter()
        while batch := list(islice(made, BATCH)):
            archive.add(batch)
            if sys.stderr.isatty():
                print(f"\r{path.name}: {archive.info().images:,}", end="", file=sys.stderr)
        archive.refresh_index()
        return (size - held) / (time.perf_counter() - began)


def submission(path: Path) -> Submission:
    return Submission(path, str(path), Sighting(str(path), str(path)))


def in_parts(records: list[ImageRecord]) -> Parts:
    codes = [r.local for r in records if r.local and len(r.local.features) > HEADER]
    looked_up = decoded([(number, c.words, c.signatures) for number, c in enumerate(codes)])
    counts = [len(decode_local(c.features).xy) for c in codes]
    places = [np.frombuffer(c.features, "<u4", n, HEADER) for c, n in zip(codes, counts, strict=True)]
    numbers = [
        np.frombuffer(c.features, np.uint8, offset=HEADER + 4 * n) for c, n in zip(codes, counts, strict=True)
    ]
    return Parts(
        looked_up.words,
        looked_up.signatures,
        np.concatenate(places),
        np.concatenate(numbers).reshape(-1, 8),
        records,
    )


def made_images(parts: Parts, count: int, rng: np.random.Generator) -> Iterator[Entry]:
    """Yield images made of the photos' parts."""
    whole = np.frombuffer(max((r.local.features for r in parts.records if r.local), key=len), np.uint8)
    header = whole[:HEADER].tobytes()
    for number, record in enumerate(islice(cycle(parts.records), count)):
        looked_up = rng.integers(0, len(parts.words), REFERENCE_WORDS)
        told_apart = rng.integers(0, len(parts.words), REFERENCE_WORDS)
        compared = rng.integers(0, len(parts.places), REFERENCE_FEATURES)
        places = parts.places[compared].astype("<u4").tobytes()
        code = LocalCode(
            record.local.algorithm,
            record.local.version,
            packed_words(parts.words[looked_up]),
            packed_signatures(parts.signatures[told_apart]),
            header
            + places
            + parts.descriptors[rng.integers(0, len(parts.places), REFERENCE_FEATURES)].tobytes(),
        )
        hashes = tuple(
            replace(f, code=flipped(f.code, rng), quality=max(FLAT_QUALITY, f.quality or 0))
            for f in record.fingerprints
        )
        image = replace(record, sha256=f"{number:064x}", fingerprints=hashes, local=code)
        yield Entry(image, Sighting(f"made/{number}.jpg", f"/made/{number}.jpg"))


def flipped(code: bytes, rng: np.random.Generator) -> bytes:
    bits = np.zeros(256, np.uint8)
    bits[rng.choice(256, 64, replace=False)] = 1
    return (np.frombuffer(code, np.uint8) ^ np.packbits(bits)).tobytes()


def measured(path: Path, asked: list[Path], truth: dict[str, str]) -> Cost:
    """Check photo after photo, twice, then all of them together."""
    settings = Settings()
    began = time.perf_counter()
    with SqliteArchive.reading(path) as archive:
        archive.refresh_index()
    opened = time.perf_counter() - began
    with (
        query_pool(local=True) as pool,
        comparison_pool() as comparing,
        SqliteArchive.reading(path) as archive,
    ):

        def results(paths: list[Path]) -> list[Result]:
            children = Children(pool, comparing)
            done = check(children, map(submission, paths), archive, claims=Claims(), settings=settings)
            return [r for r in done if isinstance(r, Result)]

        def milliseconds(paths: list[Path]) -> float:
            began = time.perf_counter()
            if len(results(paths)) != len(paths):
                raise SystemExit("some queries could not be checked")
            return (time.perf_counter() - began) * 1000

        first = milliseconds(asked[:1])
        fresh = [milliseconds([path]) for path in asked[1:]]
        single = [milliseconds([path]) for path in asked]
        together = milliseconds(asked) / len(asked)
        found = sum(is_found(r, truth) for r in results(asked))
        memory, anonymous = status("VmHWM"), status("RssAnon")
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    return Cost(opened * 1000, first, fresh, single, together, found, memory + 4 * children, anonymous)


def is_found(result: Result, truth: dict[str, str]) -> bool:
    """Return whether the right photo is the best match, or any is where none is known to be right."""
    best = [Path(match.reference.path).name for match in result.matches[:1]]
    return bool(best) and (not truth or best == [truth[Path(result.path).name]])


def status(field: str) -> int:
    """Return a size from this process's status, in MB."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field + ":")) // 1024


def row(size: int, cost: Cost) -> str:
    cells = [
        f"{size:,}",
        f"{cost.opened:.0f} ms",
        f"{cost.first:.0f} ms",
        *(f"{f(times):.0f} ms" for times in (cost.fresh, cost.single) for f in (statistics.median, max)),
        f"{cost.together:.0f} ms",
        f"{cost.found} of {len(cost.single)}",
    ]
    return "| " + " | ".join(cells) + " |"


def note(size: int, archive: Path, cost: Cost, grown: float | None) -> str:
    index = sum(
        p.stat().st_size for p in archive.with_name(archive.name + ".index").rglob("*") if p.is_file()
    )
    added = "" if grown is None else f"; made images added at {grown:,.0f} a second, indexing included"
    return (
        f"{size:,}: {archive.stat().st_size / size:,.0f} bytes an image in the archive, {index / size:,.0f} in its "
        f"index; at most {cost.memory:,} MB in all processes, mapped files included, {cost.anonymous:,} MB of the "
        f"parent its own{added}"
    )


if __name__ == "__main__":
    main()
