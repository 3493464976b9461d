"""Looking local features up: our posting lists, against FAISS and the same lists in an SQLite file.

Made features, not those of photos: words are pairs of halves drawn with weights like 1/sqrt(rank), signatures are
even. A query has 4,000 features with 4 probes each; 480 of them are those of a stored image, with each bit of the
signature flipped in 5% and its word among the probes in 80% of cases. So lists asked for are about 4 times as long as
the average list. FAISS gets the same lists: as `IndexBinaryIVF`, and as `IndexIVFPQ` whose codebooks are all signs
of 8 dimensions, so that its distance is Hamming's too and the answers must be equal. In SQLite a row holds the 256
lists of one (segment, word >> 8). Everything is asked from files or memory already touched, except where "cold" is
said. Each measurement is made in a process of its own.

    python tests/benchmarks/word_lookup.py [--sizes 10000 100000 1000000] [--queries 9] [--seed 1] [--folder DIR]
"""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from provenance.index.cache import CacheKey
from provenance.index.posting_lists import LayeredIndex, PostingLists
from provenance.index.posting_merge import merge
from provenance.index.segments import SegmentStore
from provenance.index.words import SIGNATURE_BITS, SIGNATURE_RADIUS, WORDS, Features, WordIndex, votes

KEY = CacheKey("00000000-0000-0000-0000-000000000000", "made", 1, 0)
FEATURES, ASKED, PROBES = 480, 4000, 4
UNIT = 10_000
"""Images drawn together, and in a query's reach."""
BATCH = 5
"""Units that one `append` adds."""
FAISS_TO = {"IndexBinaryIVF": 1_000_000, "IndexIVFPQ": 100_000}
"""Images up to which it is filled: with 12 bytes a posting, and more."""
SQLITE_TO = 100_000

Query = tuple[np.ndarray, np.ndarray, int]
"""Words (q, p), signatures (q), and the image that 480 of them are from."""
Row = dict[str, str]


def main() -> None:
    options = arguments()
    print(
        f"{_processor()}, {os.cpu_count()} cores; {platform.system()}; Python {platform.python_version()}; ",
        end="",
    )
    print(f"numpy {version('numpy')}, faiss {version('faiss-cpu')}, SQLite {sqlite3.sqlite_version}")
    print(f"made features, {FEATURES} an image, seed {options.seed}; {options.queries} queries of ", end="")
    print(f"{ASKED} features x {PROBES} probes; milliseconds, median (fastest)", flush=True)
    for size in options.sizes:
        with tempfile.TemporaryDirectory(dir=options.folder) as name:
            measure_all(Path(name), size, options)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=float, nargs="+", default=[1e4, 1e5, 1e6], help="images")
    parser.add_argument("--queries", type=int, default=9)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", help="where the files go: a disk with room for 10 GB")
    options = parser.parse_args()
    options.sizes = [max(int(size) // UNIT, 1) * UNIT for size in options.sizes]
    return options


def measure_all(folder: Path, size: int, options: argparse.Namespace) -> None:
    show(alone(ours, folder, size, options), header=f"{size:,} images, {size * FEATURES:,} postings")
    for kind, largest in FAISS_TO.items():
        if size <= largest:
            for cells in alone(faiss_rows, folder, size, options, kind):
                show(cells)
    if size <= SQLITE_TO:
        show(alone(sqlite_rows, folder, size, options))


def show(cells: Row, header: str = "") -> None:
    if header:
        print(f"\n{header}\n\n| " + " | ".join(cells) + " |\n|" + "---|" * len(cells))
    print("| " + " | ".join(cells.values()) + " |", flush=True)


def alone(measure: Callable[..., Any], *args: object) -> Any:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(measure, *args).result()


def ours(folder: Path, size: int, options: argparse.Namespace) -> Row:
    built = alone(build_ours, folder, size, options)
    asked = list(queries(size, options))
    store = SegmentStore(folder, KEY)
    began = time.perf_counter()
    segments = store.load()
    opened = time.perf_counter() - began
    index = LayeredIndex(segments)

    for path in folder.glob("*.words"):
        with path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    cold = timed(lambda query: index.search(query[0], query[1]), asked[:1], warm=False)
    taken = timed(lambda query: index.search(query[0], query[1]), asked)
    read = [sum(int((s.starts[w + np.uint32(1)] - s.starts[w]).sum()) for s in segments) for w, _, _ in asked]
    first = 0
    for words, signatures, image in asked:
        hits = index.search(words, signatures)
        first += votes(hits, len(words), limit=1)[0].id == image
    tracemalloc.start()
    index.search(asked[0][0], asked[0][1])
    peak = tracemalloc.get_traced_memory()[1]
    print(f"\n{size:,}: {len(segments)} files; opened in {1000 * opened:.0f} ms; a query reads ", end="")
    print(
        f"{statistics.median(read):,.0f} postings, cold in {cold}; memory of a query {peak / 1e6:.0f} MB; ",
        end="",
    )
    print(f"votes put the image asked for first in {first} of {len(asked)}", flush=True)
    stored = sum(path.stat().st_size for path in folder.glob("*.words"))
    return row("posting lists, mapped", stored, size, built, taken)


def build_ours(folder: Path, size: int, options: argparse.Namespace) -> str:
    store, taken = SegmentStore(folder, KEY), 0.0
    for first in range(0, size // UNIT, BATCH):
        units = range(first, min(first + BATCH, size // UNIT))
        parts = [unit_features(unit, options.seed) for unit in units]
        features = Features(
            *(np.concatenate([getattr(p, n) for p in parts]) for n in ("ids", "words", "signatures"))
        )
        del parts
        began = time.perf_counter()
        lists = PostingLists.build(features, units.start * UNIT, units.stop * UNIT - 1)
        if not store.append(lists):
            sys.exit(f"cannot write to {folder}")
        taken += time.perf_counter() - began
    print(
        f"\n{size:,}: memory of building, most at once and with mapped files: {memory('VmHWM')} MB",
        flush=True,
    )
    return f"{taken:.1f}"


def faiss_rows(folder: Path, size: int, options: argparse.Namespace, kind: str) -> list[Row]:
    import faiss

    segments = SegmentStore(folder, KEY).load()
    began = time.perf_counter()
    index = faiss_index(kind)
    lists = faiss.ArrayInvertedLists(WORDS, 4)
    for segment in segments:
        for word in np.flatnonzero(np.diff(segment.starts)).tolist():
            span = slice(int(segment.starts[word]), int(segment.starts[word + 1]))
            ids = segment.ids[span].astype(np.int64) + segment.first_id
            codes = segment.signatures[span].view(np.uint8)
            lists.add_entries(word, len(ids), faiss.swig_ptr(ids), faiss.swig_ptr(codes))
    index.replace_invlists(lists)
    index.ntotal = size * FEATURES
    built = time.perf_counter() - began

    def search(query: Query) -> tuple[np.ndarray, ...]:
        codes = query[1].view(np.uint8).reshape(-1, 4)
        if kind == "IndexBinaryIVF":
            return index.range_search_preassigned(codes, SIGNATURE_RADIUS + 1, query[0], None)
        # Vectors of -1 and 1 lie 4 apart, squared, for each bit that differs.
        vectors = signs(codes).reshape(-1, SIGNATURE_BITS)
        return index.range_search_preassigned(vectors, 4 * SIGNATURE_RADIUS + 1, query[0], None)

    asked, rows = list(queries(size, options)), []
    for threads in (1, 2):
        faiss.omp_set_num_threads(threads)
        taken = timed(search, asked)
        name = f"FAISS {kind}, {threads} thread{'s' * (threads > 1)}"
        rows.append(row(name, size * FEATURES * 12, size, f"{built:.1f} (filled from ours)", taken))
    reference = LayeredIndex(segments)
    for query in asked[:3]:
        limits, _, ids = search(query)
        query_of = np.repeat(np.arange(ASKED), np.diff(limits.astype(np.intp)))
        if set(zip(query_of.tolist(), ids.tolist(), strict=True)) != pairs(reference, query):
            print(f"{kind} and ours differ", flush=True)
    return rows


def faiss_index(kind: str) -> Any:
    import faiss

    if kind == "IndexBinaryIVF":
        index = faiss.IndexBinaryIVF(faiss.IndexBinaryFlat(SIGNATURE_BITS), SIGNATURE_BITS, WORDS)
    else:
        index = faiss.IndexIVFPQ(faiss.IndexFlatL2(SIGNATURE_BITS), SIGNATURE_BITS, WORDS, 4, 8)
        index.by_residual = False
        centroids = np.tile(signs(np.arange(256, dtype=np.uint8)), (4, 1))
        faiss.copy_array_to_vector(centroids.ravel(), index.pq.centroids)
    index.is_trained, index.nprobe = True, PROBES
    return index


def sqlite_rows(folder: Path, size: int, options: argparse.Namespace) -> Row:
    path = folder / "rows.db"
    segments = SegmentStore(folder, KEY).load()
    began = time.perf_counter()
    lists = merge(segments)
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE lists (bucket INTEGER PRIMARY KEY, postings BLOB)")
    with connection:
        connection.executemany(
            "INSERT INTO lists VALUES (?, ?)", ((b, packed(lists, b)) for b in range(WORDS >> 8))
        )
    built = time.perf_counter() - began
    del lists

    def search(query: Query) -> np.ndarray:
        words = query[0].reshape(-1)
        order = np.argsort(words)
        buckets, begins = np.unique(words[order] >> 8, return_index=True)
        found = [np.empty(0, dtype=np.uint64)]
        for bucket, probes in zip(buckets.tolist(), np.split(order, begins[1:]), strict=True):
            (blob,) = connection.execute("SELECT postings FROM lists WHERE bucket = ?", (bucket,)).fetchone()
            found.append(
                in_bucket(
                    np.frombuffer(blob, dtype=np.uint32), words[probes] & 255, probes // PROBES, query[1]
                )
            )
        return np.unique(np.concatenate(found))

    asked = list(queries(size, options))
    taken = timed(search, asked)
    reference = LayeredIndex(segments)
    for query in asked[:3]:
        hits = reference.search(query[0], query[1])
        if not np.array_equal(
            search(query), hits.query.astype(np.uint64) << np.uint64(32) | hits.id.astype(np.uint64)
        ):
            print("SQLite and ours differ", flush=True)
    return row("SQLite, a row for 256 words", path.stat().st_size, size, f"{built:.1f} (from ours)", taken)


def pairs(index: WordIndex, query: Query) -> set[tuple[int, int]]:
    hits = index.search(query[0], query[1])
    return set(zip(hits.query.tolist(), hits.id.tolist(), strict=True))


def packed(lists: PostingLists, bucket: int) -> bytes:
    starts = lists.starts[bucket << 8 : (bucket + 1 << 8) + 1]
    span = slice(int(starts[0]), int(starts[-1]))
    return (starts - starts[0]).tobytes() + lists.ids[span].tobytes() + lists.signatures[span].tobytes()


def in_bucket(row: np.ndarray, words: np.ndarray, asking: np.ndarray, signatures: np.ndarray) -> np.ndarray:
    starts, (ids, stored) = row[:257].astype(np.intp), np.split(row[257:], 2)
    counts = (starts[words + 1] - starts[words]).astype(np.intp)
    at = np.repeat(starts[words] - (np.cumsum(counts) - counts), counts) + np.arange(counts.sum())
    asking = np.repeat(asking, counts)
    near = np.flatnonzero(np.bitwise_count(stored[at] ^ signatures[asking]) <= SIGNATURE_RADIUS)
    return asking[near].astype(np.uint64) << np.uint64(32) | ids[at[near]]


def unit_features(unit: int, seed: int) -> Features:
    random = np.random.default_rng((seed, unit))
    count = UNIT * FEATURES
    ids = np.repeat(np.arange(unit * UNIT, (unit + 1) * UNIT), FEATURES)
    return Features(ids, drawn_words(count, random), random.integers(0, 1 << 32, count, dtype=np.uint32))


def drawn_words(count: int, random: np.random.Generator) -> np.ndarray:
    weights = np.arange(1, 1025) ** -0.5
    table = np.searchsorted(np.cumsum(weights / weights.sum()), np.arange(1 << 16) / (1 << 16)).astype(
        np.uint32
    )
    first, second = (table[random.integers(0, 1 << 16, count, dtype=np.uint16)] for _ in range(2))
    return first << np.uint32(10) | second


def queries(size: int, options: argparse.Namespace) -> Iterator[Query]:
    random = np.random.default_rng((options.seed, size, 0))
    stored: dict[int, Features] = {}
    for _ in range(options.queries):
        image = int(random.integers(min(size, UNIT))) + (size - UNIT)
        unit = stored.setdefault(image // UNIT, unit_features(image // UNIT, options.seed))
        own = slice(image % UNIT * FEATURES, (image % UNIT + 1) * FEATURES)
        words = drawn_words(ASKED * PROBES, random).reshape(ASKED, PROBES)
        signatures = random.integers(0, 1 << 32, ASKED, dtype=np.uint32)
        words[:FEATURES, 0] = np.where(random.random(FEATURES) < 0.8, unit.words[own], words[:FEATURES, 0])
        flips = np.packbits(random.random((FEATURES, 32)) < 0.05, axis=1).view(np.uint32)[:, 0]
        signatures[:FEATURES] = unit.signatures[own] ^ flips
        yield words, signatures, image


def signs(codes: np.ndarray) -> np.ndarray:
    """Return (..., 8) of -1 and 1: the bits of bytes."""
    return np.unpackbits(codes[..., np.newaxis], axis=-1).astype(np.float32) * 2 - 1


def timed(search: Callable[[Query], object], asked: list[Query], *, warm: bool = True) -> str:
    if warm:
        for query in asked:
            search(query)
    taken = []
    for query in asked:
        began = time.perf_counter()
        search(query)
        taken.append(1000 * (time.perf_counter() - began))
    return f"{statistics.median(taken):.1f} ({min(taken):.1f})"


def row(name: str, stored: int, size: int, built: str, taken: str) -> Row:
    return {
        "": name,
        "bytes an image": f"{stored / size:,.0f}",
        "built, s": built,
        "search, ms": taken,
        "memory, MB": f"{memory('RssAnon')}",
        "mapped, MB": f"{memory('RssFile')}",
    }


def memory(name: str) -> int:
    """Return a line of Linux's account of this process, in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1000 for line in lines if line.startswith(name + ":"))


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    return next(
        (line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine()
    )


if __name__ == "__main__":
    main()
