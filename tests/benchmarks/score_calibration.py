"""Calibration of scores: how often unrelated photos reach a score, against how often they should.

    python tests/benchmarks/score_calibration.py PHOTOS [--checks 40000] [--seed N] [--json FILE]

Runs in the project's environment. PHOTOS is a folder of distinct photos. All are archived, each is checked with
every match told whatever its score, and its own file left out: what remains is accident. From that, many checks are
made: a photo against a random part of the archive it is not in, of a tenth, a quarter, half or nearly all of it; a
score is -log10 of an expected number, which goes with the number of images, so it rises by log10(all / part).

Prints the observed rate of checks with a best match of at least s beside 10**-s, with its 95% interval (Wilson),
and the strongest pairs: photos that are not so distinct after all show there. Matches of kind same_scene are no
copies and are counted apart. The checks share pairs, so the intervals are too narrow by something.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

LEAST_SCORE = "-10"
PARTS = (0.1, 0.25, 0.5, 0.9)
SCORES = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0)
COMPLETED = {0, 1, 3}


@dataclass(frozen=True)
class Accident:
    """A match between two photos that have nothing to do with each other."""

    query: str
    reference: str
    score: float
    kind: str


def provenance(*arguments: object) -> str:
    """Run a command that tells every match; return its standard output."""
    done = subprocess.run(
        [sys.executable, "-m", "provenance", *map(str, arguments)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PROVENANCE_MATCH_SCORE": LEAST_SCORE},
        text=True,
        check=False,
    )
    if done.returncode not in COMPLETED:
        raise SystemExit(f"provenance {arguments[0]} ended with {done.returncode}")
    return done.stdout


def accidents(photos: Path) -> tuple[int, list[str], list[Accident]]:
    """Return the size of the archive, the photos checked, and every match with another file."""
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "a.db"
        provenance("add", photos, "-a", archive)
        report = json.loads(provenance("check", photos, "-a", archive, "--format", "json"))
    found = [
        Accident(r["path"], m["reference"]["path"], m["score"], m["kind"])
        for r in report["results"]
        for m in r["matches"]
        if m["kind"] != "identical"
    ]
    return report["archive"]["images"], [r["path"] for r in report["results"]], found


def simulated(
    images: int, queries: list[str], found: list[Accident], checks: int, rng: np.random.Generator
) -> np.ndarray:
    """Return the best score of each simulated check, -inf where nothing matched."""
    by_query: dict[str, list[float]] = {}
    for accident in found:
        if accident.kind != "same_scene":
            by_query.setdefault(accident.query, []).append(accident.score)
    best = np.full(checks, -np.inf)
    parts = rng.choice(PARTS, checks)
    for n, (part, query) in enumerate(zip(parts, rng.integers(0, len(queries), checks), strict=True)):
        held = [s for s in by_query.get(queries[query], ()) if rng.random() < part]
        if held:
            best[n] = max(held) - math.log10(part)
    return best


def wilson(hits: int, checks: int) -> tuple[float, float]:
    """Return the 95% interval of a rate."""
    z, rate = 1.96, hits / checks
    middle = (rate + z * z / (2 * checks)) / (1 + z * z / checks)
    half = z / (1 + z * z / checks) * math.sqrt(rate * (1 - rate) / checks + z * z / (4 * checks * checks))
    return max(0.0, middle - half), middle + half


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", type=Path)
    parser.add_argument("--checks", type=int, default=40_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    images, queries, found = accidents(arguments.photos)
    if arguments.json:
        arguments.json.write_text(json.dumps([images, queries, [vars(a) for a in found]]))
    best = simulated(images, queries, found, arguments.checks, np.random.default_rng(arguments.seed))
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, seed {arguments.seed}"
    )
    print(f"{len(queries)} photos of {arguments.photos.name}, {images} archived; {arguments.checks} checks\n")
    print("| score at least | checks | observed rate | 95% | expected | ratio |\n|---|---|---|---|---|---|")
    for score in SCORES:
        hits = int(np.count_nonzero(best >= score))
        low, high = wilson(hits, len(best))
        rate, expected = hits / len(best), 10**-score
        print(
            f"| {score:g} | {hits} | {rate:.6f} | {low:.6f} to {high:.6f} | {expected:.6f} | {rate / expected:.2f} |"
        )
    same = [a for a in found if a.kind == "same_scene"]
    print(
        f"\n{len(same)} matches of kind same_scene left out. The strongest of the {len(found) - len(same)} others:"
    )
    for a in sorted((a for a in found if a.kind != "same_scene"), key=lambda a: -a.score)[:12]:
        print(f"  {a.score:8.2f} {a.kind:15s} {Path(a.query).name}  {Path(a.reference).name}")


if __name__ == "__main__":
    main()
