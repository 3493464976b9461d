"""Photos that look alike and are no copies: other photos of one scene, stereo pairs, neighbouring frames of films.

    python tests/benchmarks/look_alikes.py PAIRS.csv... [--json FILE]

Runs in the project's environment. PAIRS.csv names pairs of photos: the columns a and b are paths relative to the CSV
file, `relation` (if it has that column) says what the two are to each other. Every a is archived, every b checked
against them, and the other way round: two checks a pair, each against an archive that holds the other pairs' photos
as well. What a check tells counts only where it speaks of the pair's own other photo; what it says of others, which
may be of the same scene too, is counted apart.

Prints for each relation how many of these checks end in a copy, in another photo of the same scene or in nothing, and
how many pairs are told as a copy at least once; then each pair that is, with what was told.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import platform
import tempfile
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from program import provenance

NOTHING, SCENE = "not told", "same_scene"


@dataclass(frozen=True)
class Pair:
    """Two photos, and what they are to each other."""

    a: Path
    b: Path
    relation: str

    def turned(self) -> Pair:
        """Return the pair with the other photo to be archived."""
        return Pair(self.b, self.a, self.relation)


@dataclass(frozen=True)
class Told:
    """What one check told of a pair: b against archived a. `inliers` is None where only hashes matched."""

    pair: Pair
    kind: str
    score: float = 0.0
    inliers: int | None = None

    @property
    def as_copy(self) -> bool:
        """Return whether the two were taken for the same picture."""
        return self.kind not in {NOTHING, SCENE}


@dataclass(frozen=True)
class Run:
    """Every check in one direction, and the kinds of matches with photos that are not the pair's own other one."""

    told: list[Told]
    others: Counter[str]
    images: int
    queries: int


def pairs_of(table: Path) -> list[Pair]:
    """Return the pairs that a CSV file names."""
    with table.open(newline="", encoding="utf-8-sig") as file:
        return [
            Pair(table.parent / row["a"], table.parent / row["b"], row.get("relation") or "another photo")
            for row in csv.DictReader(file)
        ]


def digest(photo: Path) -> str:
    """Return what names a photo in reports: two files may hold the same bytes."""
    return hashlib.sha256(photo.read_bytes()).hexdigest()


def checked(pairs: list[Pair]) -> Run:
    """Archive each pair's a, check each b; return what was told."""
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "a.db"
        provenance("add", *dict.fromkeys(pair.a for pair in pairs), "-a", archive)
        queries = dict.fromkeys(pair.b for pair in pairs)
        report = json.loads(provenance("check", *queries, "-a", archive, "--format", "json"))
    if report["skipped"]:
        raise SystemExit(f"skipped: {report['skipped']}")
    matches = {r["sha256"]: {m["reference"]["sha256"]: m for m in r["matches"]} for r in report["results"]}
    asked = [(digest(pair.b), digest(pair.a)) for pair in pairs]
    told = [_told(pair, matches[b].get(a)) for pair, (b, a) in zip(pairs, asked, strict=True)]
    own = set(asked)
    others = Counter(
        m["kind"] for b, found in matches.items() for a, m in found.items() if a != b and (b, a) not in own
    )
    return Run(told, others, report["archive"]["images"], len(queries))


def _told(pair: Pair, match: dict[str, Any] | None) -> Told:
    return Told(pair, match["kind"], match["score"], match["inliers"]) if match else Told(pair, NOTHING)


def table(runs: list[Run]) -> None:
    """Print, for each relation, what the checks of both directions came to."""
    told = [it for run in runs for it in run.told]
    print(
        "| relation | pairs | checks | told as a copy | as the same scene | not told | pairs told as a copy |"
    )
    print("|---|---|---|---|---|---|---|")
    for relation in dict.fromkeys(it.pair.relation for it in told):
        of = [it for it in told if it.pair.relation == relation]
        copies, scenes = sum(it.as_copy for it in of), sum(it.kind == SCENE for it in of)
        mistaken = {frozenset((it.pair.a, it.pair.b)) for it in of if it.as_copy}
        cells = (relation, len(of) // 2, len(of), copies, scenes, len(of) - copies - scenes, len(mistaken))
        print("|", " | ".join(map(str, cells)), "|")


def listing(runs: list[Run]) -> None:
    """Print each pair told as a copy, query first, and what was told of photos that are not a pair's own."""
    print("\ntold as a copy: query, reference, kind, score, details that agree")
    mistaken = [it for run in runs for it in run.told if it.as_copy]
    for it in sorted(mistaken, key=lambda it: (it.pair.relation, -it.score)):
        print(
            f"  {it.pair.relation}: {it.pair.b.name} {it.pair.a.name} {it.kind} {it.score:.1f} {it.inliers or '-'}"
        )
    others = sum((run.others for run in runs), Counter[str]())
    print(
        f"\n{others[SCENE]} matches with photos of other pairs are told as the same scene, as copies", end=" "
    )
    print(others.total() - others[SCENE], dict(sorted((others - Counter({SCENE: others[SCENE]})).items())))


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pairs", type=Path, nargs="+", metavar="PAIRS.csv")
    parser.add_argument("--json", type=Path, help="write what was told of each pair")
    arguments = parser.parse_args()
    pairs = [pair for named in arguments.pairs for pair in pairs_of(named)]
    runs = [checked(pairs), checked([pair.turned() for pair in pairs])]
    if arguments.json:
        told = [asdict(it) for run in runs for it in run.told]
        arguments.json.write_text(json.dumps(told, default=str, indent=1))
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    held = " and ".join(f"{run.queries} checked against {run.images}" for run in runs)
    print(f"{len(pairs)} pairs: {held}\n")
    table(runs)
    listing(runs)


if __name__ == "__main__":
    main()
