"""Look-up of 256-bit codes: `MultiIndex` against the exhaustive scan of FAISS (`IndexBinaryFlat`).

    python tests/benchmarks/hamming_lookup.py
    python tests/benchmarks/hamming_lookup.py --sizes 1e6 --repeat-bit 0.75

Codes are random. Half the queries have a stored code within 31 bits, half are random. Both sides answer the
same queries, in the same process, with the same radius; the median of the repetitions is told.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import tempfile
import time
from itertools import combinations, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import faiss
import numpy as np

from provenance.index.arrays import as_rows, as_words, distances
from provenance.index.cache import FILE_NAME, CacheKey, load, save
from provenance.index.keys import CHUNK_BITS, CHUNKS, CODE_BYTES, EXACT_RADIUS
from provenance.index.multi_index import VALUES, MultiIndex, _chunks, _ranges

if TYPE_CHECKING:
    from collections.abc import Callable

    Kinds = tuple[list[list[bytes]], list[list[bytes]]]
    Timing = tuple[float, float]

KEY = CacheKey(archive="benchmark", algorithm="random", version=1, epoch=1)
VARIANTS = 16
FAR = 47


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=float, nargs="+", default=[1e6, 1e7], help="codes stored")
    parser.add_argument("--repeats", type=int, default=50, help="timed queries of each kind")
    parser.add_argument("--seed", type=int, default=2012)
    parser.add_argument(
        "--repeat-bit",
        type=float,
        default=0.5,
        help="chance that a bit equals the one before (0.5: independent)",
    )
    options = parser.parse_args()
    print(f"machine: {_processor()}, {os.cpu_count()} threads, {platform.system()}")
    print(f"python {platform.python_version()}, numpy {np.__version__}, faiss {faiss.__version__}")
    print(f"data: random codes, bit repeats with chance {options.repeat_bit}; seed {options.seed}")
    for size in options.sizes:
        benchmark(int(size), options)


def benchmark(size: int, options: argparse.Namespace) -> None:
    random = np.random.default_rng(options.seed)
    codes = random_codes(size, options.repeat_bit, random)
    began = time.perf_counter()
    index = MultiIndex.build(codes, np.arange(size))
    built = time.perf_counter() - began
    exhaustive = faiss.IndexBinaryFlat(8 * CODE_BYTES)
    exhaustive.add(codes)
    arrays = (index.codes, index.ids, index.starts, index.postings, index.following)
    arrays = (index.codes, index.ids, index.starts, index.postings, index.following)
    stored = sum(array.nbytes for array in arrays) / size
    print(f"\n{size:,} codes")
    print(f"  built in {built:.1f} s; {stored:.0f} bytes a code (FAISS {CODE_BYTES})")
    cached(index, random)
    fresh = random_codes(options.repeats * VARIANTS, options.repeat_bit, random).reshape(
        -1, VARIANTS, CODE_BYTES
    )
    singles = [queries(codes, photo[:1], number % 2, random) for number, photo in enumerate(fresh)]
    photos = [queries(codes, photo, number % 2, random) for number, photo in enumerate(fresh[::2])]
    for radius in (EXACT_RADIUS, FAR):
        compare(index, exhaustive, radius, (singles, photos))
    agreement(index, exhaustive, codes, random)
    beyond(index, codes, random)


def compare(index: MultiIndex, exhaustive: faiss.IndexBinaryFlat, radius: int, asked: Kinds) -> None:
    print(f"  radius {radius}; ms, median (fastest)   {'one code':>20}{'16 variants':>20}")
    ours = [timed(lambda codes: index.search(codes, radius), kind) for kind in asked]
    show("MultiIndex", ours)
    if radius == FAR:
        show("2,192 keys, exact", [timed(lambda codes: exact_far(index, codes), kind) for kind in asked])

    def within(codes: list[bytes]) -> object:
        return exhaustive.range_search(as_rows(codes), radius + 1)

    def nearest(codes: list[bytes]) -> object:
        return exhaustive.search(as_rows(codes), 1)

    few = [kind[:20] for kind in asked]
    for threads in sorted({1, os.cpu_count() or 1}):
        faiss.omp_set_num_threads(threads)
        name = f"FAISS, {threads} thread{'s' * (threads > 1)}"
        show(f"{name}, range", [timed(within, kind) for kind in few], ours)
        if radius == EXACT_RADIUS:
            show(f"{name}, nearest", [timed(nearest, kind) for kind in few], ours)


def random_codes(count: int, repeat_bit: float, random: np.random.Generator) -> np.ndarray:
    if repeat_bit == 0.5:
        return random.integers(0, 256, (count, CODE_BYTES), dtype=np.uint8)
    codes = np.empty((count, CODE_BYTES), dtype=np.uint8)
    for first in range(0, count, 1 << 16):
        part = codes[first : first + (1 << 16)]
        changes = random.random((len(part), 8 * CODE_BYTES)) >= repeat_bit
        changes[:, 0] = random.random(len(part)) < 0.5
        part[:] = np.packbits(np.bitwise_xor.accumulate(changes, axis=1), axis=1)
    return codes


def flipped(code: np.ndarray, bits: int, random: np.random.Generator) -> bytes:
    """Return `code` with so many different bits flipped."""
    unpacked = np.unpackbits(code)
    unpacked[random.choice(8 * CODE_BYTES, bits, replace=False)] ^= 1
    return np.packbits(unpacked).tobytes()


def queries(codes: np.ndarray, fresh: np.ndarray, planted: int, random: np.random.Generator) -> list[bytes]:
    """Return the fresh codes, the first `planted` of them replaced by neighbours of stored ones."""
    asked = [code.tobytes() for code in fresh]
    for position in range(planted):
        asked[position] = flipped(
            codes[random.integers(len(codes))], random.integers(EXACT_RADIUS + 1), random
        )
    return asked


def timed(search: Callable[[list[bytes]], object], batches: list[list[bytes]]) -> tuple[float, float]:
    """Return the median and the least milliseconds."""
    search(batches[0])
    taken = []
    for batch in batches:
        began = time.perf_counter()
        search(batch)
        taken.append(1000 * (time.perf_counter() - began))
    return statistics.median(taken), min(taken)


def show(name: str, taken: list[Timing], ours: list[Timing] | None = None) -> None:
    cells = "".join(f"{f'{median:.2f} ({least:.2f})':>20}" for median, least in taken)
    ratios = [f"{theirs[0] / mine[0]:.1f}" for theirs, mine in zip(taken, ours or taken, strict=True)]
    print(f"    {name:<36}{cells}" + (f"   slower {', '.join(ratios)} times" if ours else ""))


def cached(index: MultiIndex, random: np.random.Generator) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        began = time.perf_counter()
        assert save(index, folder, KEY)
        print(f"  saved in {time.perf_counter() - began:.1f} s")
        for state in ("not in memory", "in memory"):
            with (folder / FILE_NAME).open("rb") as file:
                if state == "not in memory":
                    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
                else:
                    while file.read(1 << 24):
                        pass
            asked = [queries(index.codes, random_codes(VARIANTS, 0.5, random), 1, random) for _ in range(2)]
            laps = [time.perf_counter()]
            mapped = load(folder, KEY)
            assert mapped is not None
            laps.append(time.perf_counter())
            for photo in asked:
                mapped.search(photo, EXACT_RADIUS)
                laps.append(time.perf_counter())
            opened, first, second = (1000 * (b - a) for a, b in pairwise(laps))
            print(f"  file {state}: mapped in {opened:.1f} ms, photos in {first:.1f} and {second:.1f} ms")


def exact_far(index: MultiIndex, asked: list[bytes]) -> int:
    """Return how many codes lie within 47 bits of those asked for: two flipped bits a chunk, 2,192 keys."""
    masks = [sum(1 << bit for bit in bits) for k in range(3) for bits in combinations(range(CHUNK_BITS), k)]
    flips, spent = np.array(masks), np.array([mask.bit_count() for mask in masks], dtype=np.uint8)
    position = np.arange(CHUNKS)[:, np.newaxis]
    found = 0
    for code in as_rows(asked):
        chunks = _chunks(code[np.newaxis])[0].astype(np.intp)
        cells = (chunks[:, np.newaxis] ^ flips) + position * (VALUES + 1)
        begins, ends = (index.starts.ravel()[cells + side] + position * len(index) for side in (0, 1))
        slots, key = _ranges(begins.ravel(), ends.ravel())
        wanted = np.repeat(np.roll(chunks, -1).astype(np.uint16), len(flips))
        apart = np.bitwise_count(index.following.ravel()[slots] ^ wanted[key]) + np.tile(spent, CHUNKS)[key]
        rows = np.unique(index.postings.ravel()[slots[apart <= FAR // 8]])
        found += int(np.count_nonzero(distances(as_words(index.codes)[rows], as_words(code)) <= FAR))
    return found


def agreement(
    index: MultiIndex, exhaustive: faiss.IndexBinaryFlat, codes: np.ndarray, random: np.random.Generator
) -> None:
    """Ask for a neighbour of a stored code at each distance up to 40, five times."""
    distances_asked = list(range(41)) * 5
    asked = [flipped(codes[random.integers(len(codes))], bits, random) for bits in distances_asked]
    limits, distance, row = exhaustive.range_search(as_rows(asked), EXACT_RADIUS + 1)
    query = np.repeat(np.arange(len(asked)), np.diff(limits.astype(np.intp)))
    theirs = set(zip(query.tolist(), row.tolist(), distance.astype(int).tolist(), strict=True))
    ours = {tuple(hit) for hit in index.search(asked, EXACT_RADIUS)}
    print(f"  within {EXACT_RADIUS} bits of {len(asked)} neighbours FAISS found {len(theirs)};", end=" ")
    print(f"of these MultiIndex missed {len(theirs - ours)}, and found {len(ours - theirs)} others")


def beyond(index: MultiIndex, codes: np.ndarray, random: np.random.Generator, planted: int = 400) -> None:
    """Plant neighbours farther away than the promise reaches, and count those found."""
    shares = []
    for bits in (31, 32, 36, 40, 44, 47):
        rows = random.integers(len(codes), size=planted)
        hits = index.search([flipped(codes[row], bits, random) for row in rows], bits)
        found = {(hit.query, hit.id) for hit in hits}
        shares.append(f"{bits}: {sum(pair in found for pair in enumerate(rows.tolist())) / planted:.1%}")
    print(f"  share found of {planted} neighbours at a distance of " + ", ".join(shares))


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    return next(
        (line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine()
    )


if __name__ == "__main__":
    main()
