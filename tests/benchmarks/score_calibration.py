"""Calibration of scores: how often unrelated photos reach a score, against how often they should.

    python tests/benchmarks/score_calibration.py PHOTOS [--one-scene GLOB]... [--json FILE] [--plot FILE] [--seed N]

Runs in the project's environment. PHOTOS is a folder of distinct photos. Archives are made of parts drawn at random
from them, of several sizes, and every photo is checked against those that it is not in, as `check` does it: what is
found is accident. Of each check the best score counts, and it counts twice: of all that was aligned at all, and
of what was told as a match, which must also agree in its pixels and rest on more than furniture. Where alignments
begin to be scored (surprise 3) the first of these curves begins.

Prints the observed rates beside 10**-s, with the 95% interval (Wilson) of the first, how they differ by size, and the
strongest pairs: photos that do have to do with each other show there. --one-scene leaves out matches between photos
both of whose names fit; --json keeps what was found, or uses what was kept. The checks of one photo are not
independent, so the intervals are too narrow by something. --plot writes an SVG.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import numpy as np

from provenance.archive.interface import Entry
from provenance.archive.sqlite import SqliteArchive
from provenance.children import load_comparison_tools, load_reference_tools
from provenance.compare.local import aligned
from provenance.compare.significance import hash_score, local_score
from provenance.examine import examine_query, examine_reference, shortlist, variants
from provenance.model import ImageRecord, Sighting, Submission
from provenance.pipeline import comparison
from provenance.settings import Settings

SHARES = (*(0.07,) * 7, *(0.25,) * 6, *(0.5,) * 5, *(0.75,) * 2)
"""Sizes of the archives, as shares of the photos."""
SCORES = (1.0, 1.25, 1.5, 1.75, 2.0, 2.25, 2.5, 2.75, 3.0, 3.25, 3.5, 4.0, 4.5, 5.0)


class Check(NamedTuple):
    """One check of a photo against an archive that it is not in."""

    query: str
    images: int
    found: list[tuple[float, bool, str]]
    """Score, whether it would be told, and the reference: the best of each reference, best first."""

    def apart_from(self, one_scene: Sequence[str]) -> Check:
        """Return this check without matches between photos of one scene."""
        globs = [glob for glob in one_scene if fnmatch(self.query, glob)]
        found = [f for f in self.found if not any(fnmatch(f[2], glob) for glob in globs)]
        return self._replace(found=found)

    @property
    def aligned(self) -> float:
        """The best score of all that was aligned; -inf if nothing was."""
        return self.found[0][0] if self.found else -math.inf

    @property
    def told(self) -> float:
        """The best score of what would be told."""
        return max((score for score, told, _ in self.found if told), default=-math.inf)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", type=Path)
    parser.add_argument("--one-scene", action="append", default=[], metavar="GLOB")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    photos = sorted(p for p in options.photos.iterdir() if p.is_file())
    if options.json and options.json.exists():
        checks = [Check(*row) for row in json.loads(options.json.read_text())]
    else:
        checks = all_checks(photos, options.seed)
        if options.json:
            options.json.write_text(json.dumps(checks))
    checks = [check.apart_from(options.one_scene) for check in checks]
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, seed {options.seed}"
    )
    print(
        f"{len(checks):,} checks of {len(photos)} photos of {options.photos.name}, {len(SHARES)} archives",
        end="; ",
    )
    print(f"taken to be of one scene: {', '.join(options.one_scene) or 'none'}\n")
    print("\n".join(table(checks)))
    print("\n".join(["", *by_size(checks), "", *strongest(checks)]))
    if options.plot:
        options.plot.write_text(plot(checks), encoding="utf-8")


def all_checks(photos: Sequence[Path], seed: int) -> list[Check]:
    checks: list[Check] = []
    with tempfile.TemporaryDirectory() as folder, get_context("fork").Pool() as workers:
        records = workers.map(record, photos, chunksize=8)
        archives = archived(Path(folder), photos, records, np.random.default_rng(seed))
        for done in workers.imap(partial(checked, archives), photos, chunksize=4):
            checks += done
            if sys.stderr.isatty():
                print(f"\r{len(checks)} checks", end="", file=sys.stderr)
    return checks


def submission(path: Path) -> Submission:
    return Submission(path, str(path), Sighting(str(path), str(path)))


def record(path: Path) -> ImageRecord:
    load_reference_tools()
    return examine_reference(submission(path)).image


def archived(
    folder: Path, photos: Sequence[Path], records: Sequence[ImageRecord], rng: np.random.Generator
) -> list[Path]:
    """Write the archives."""
    archives = []
    for number, share in enumerate(SHARES):
        held = sorted(rng.permutation(len(photos))[: round(share * len(photos))].tolist())
        path = folder / f"{number}.db"
        with SqliteArchive.writing(path) as archive:
            archive.add([Entry(records[i], submission(photos[i]).sighting) for i in held])
            archive.refresh_index()
        archives.append(path)
    return archives


@cache
def opened(path: Path) -> SqliteArchive:
    return SqliteArchive.reading(path)


def checked(archives: list[Path], photo: Path) -> list[Check]:
    """Check one photo against each archive that it is not in."""
    load_comparison_tools()
    settings, exam, checks = Settings(), examine_query(submission(photo), local=True), []
    for archive in map(opened, archives):
        if archive.by_digest(exam.sha256):
            continue
        images = archive.info().images
        found = archive.candidates(exam.codes, settings.search_radius)
        # Score, whether it is told, and which image.
        scored = [(hash_score(c.distance, images, len(exam.codes)), True, c.image_id) for c in found]
        wanted = comparison(exam, found, archive, images)
        if wanted is not None and exam.local is not None:
            scored += [
                (
                    local_score(a.surprise, a.comparison.agreeing, a.comparison.blocks, images),
                    a.copy_like,
                    a.candidate.image_id,
                )
                for a in aligned(variants(wanted), exam.local.grey, shortlist(wanted))
            ]
        names = {i: Path(r.path).name for i, r in archive.references(i for _, _, i in scored).items()}
        best: dict[str, tuple[float, bool, str]] = {}
        for score, told, image_id in sorted(scored):
            best[names[image_id]] = round(score, 3), told, names[image_id]
        checks.append(Check(photo.name, images, sorted(best.values(), reverse=True)))
    return checks


def table(checks: Sequence[Check]) -> Iterator[str]:
    best, told = np.array([c.aligned for c in checks]), np.array([c.told for c in checks])
    yield "| score at least | expected | aligned | observed rate | 95% | observed / expected | told |"
    yield "|---|---|---|---|---|---|---|"
    for score in SCORES:
        hits = int(np.count_nonzero(best >= score))
        low, high = wilson(hits, len(best))
        rate, expected = hits / len(best), 10**-score
        yield (
            f"| {score:g} | {expected:.6f} | {hits} | {rate:.6f} | {low:.6f} to {high:.6f} | {rate / expected:.2f} | "
            f"{np.count_nonzero(told >= score)} |"
        )


def wilson(hits: int, checks: int) -> tuple[float, float]:
    """Return the 95% interval of a rate."""
    z, rate = 1.96, hits / checks
    middle = (rate + z * z / (2 * checks)) / (1 + z * z / checks)
    half = z / (1 + z * z / checks) * math.sqrt(rate * (1 - rate) / checks + z * z / (4 * checks * checks))
    return max(0.0, middle - half), middle + half


def by_size(checks: Sequence[Check]) -> Iterator[str]:
    yield "| images | checks | at least 1.5 | at least 2 | at least 2.5 |\n|---|---|---|---|---|"
    for images, count in sorted(Counter(c.images for c in checks).items()):
        rates = [
            sum(c.aligned >= score for c in checks if c.images == images) / count for score in (1.5, 2.0, 2.5)
        ]
        yield f"| {images} | {count} | " + " | ".join(f"{rate:.5f}" for rate in rates) + " |"


def strongest(checks: Sequence[Check]) -> Iterator[str]:
    """Yield the pairs with the best scores, each once."""
    pairs: dict[tuple[str, str], Check] = {}
    for check in sorted(checks, key=lambda c: -c.aligned):
        if check.found:
            pairs.setdefault((check.query, check.found[0][2]), check)
    for (query, nearest), check in list(pairs.items())[:12]:
        yield f"  {check.aligned:6.2f}  {'told' if check.found[0][1] else 'not told'}  {query}  {nearest}"


WIDTH, HEIGHT, MOST, DEEPEST = 480, 320, 5.0, 5.0
"""Pixels of the plot; the scores and the powers of ten that it shows."""


def plot(checks: Sequence[Check]) -> str:
    """Return the observed rate of each score, and 10 ** -score with a factor of five about it, as an SVG."""

    def at(score: float, rate: float) -> str:
        return f"{60 + score / MOST * (WIDTH - 80):.1f},{20 - math.log10(rate) / DEEPEST * (HEIGHT - 70):.1f}"

    best = np.sort([c.aligned for c in checks])
    seen = [(s, (len(best) - int(np.searchsorted(best, s))) / len(best)) for s in np.arange(0.0, MOST, 0.05)]
    observed = " ".join(at(float(s), rate) for s, rate in seen if rate > 10**-DEEPEST)
    low, high = math.log10(5), MOST - math.log10(5)
    band = [at(0, 1 / 5), at(0, 1), at(low, 1), at(MOST, 10**-high), at(MOST, 10**-MOST), at(high, 10**-MOST)]
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<polygon points="{" ".join(band)}" fill="#ddd"/>',
        f'<polyline points="{at(0, 1)} {at(MOST, 10**-MOST)}" stroke="#888" fill="none" stroke-dasharray="4"/>',
        f'<polyline points="{observed}" stroke="#b00" stroke-width="2" fill="none"/>',
    ]
    for power in range(int(DEEPEST) + 1):
        x, y = at(0, 10.0**-power).split(",")
        lines.append(f'<text x="{float(x) - 8}" y="{float(y) + 4}" text-anchor="end">{10.0**-power:g}</text>')
    for score in range(int(MOST) + 1):
        x = at(score, 10**-DEEPEST).split(",")[0]
        lines.append(f'<text x="{x}" y="{HEIGHT - 30}" text-anchor="middle">{score}</text>')
    lines.append(
        f'<text x="{WIDTH / 2}" y="{HEIGHT - 8}" text-anchor="middle">best score of a check; '
        f"share of {len(checks):,} checks that reach it (grey: 5 times either way)</text></svg>"
    )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
