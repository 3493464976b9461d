"""Killing a run of `provenance` at instants that a seed decides, and what an archive holds whatever its numbers are."""

from __future__ import annotations

import contextlib
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

LOOK_SECONDS = 0.01
"""Between two looks at how far a run has come; its cores are for the run."""

LONGEST_RUN = 600.0
"""Seconds after which a run that was to be killed counts as hung."""

CONTENTS = {
    "image": "SELECT sha256, format, width, height, byte_count, frame_count FROM image",
    "sighting": """SELECT sha256, identity, path, location, url, outlet, published, published_from, published_to,
        captured, captured_from, captured_to, place, caption, credit, licence, archived, archived_from, archived_to,
        page, rating, desk, moment, note FROM sighting JOIN image ON image.id = image_id""",
    "fingerprint": """SELECT sha256, name, version, frame, quality, searchable, code FROM fingerprint
        JOIN image ON image.id = image_id JOIN algorithm ON algorithm.id = algorithm_id""",
    "chunk": """SELECT name, version, key, following, sha256 FROM chunk
        JOIN image ON image.id = image_id JOIN algorithm ON algorithm.id = algorithm_id""",
    "local_feature": """SELECT sha256, name, version, words, signatures, features FROM local_feature
        JOIN image ON image.id = image_id JOIN algorithm ON algorithm.id = algorithm_id""",
    "earlier_local_feature": "SELECT image_id FROM earlier_local_feature",
    "preview": "SELECT sha256, jpeg FROM preview JOIN image ON image.id = image_id",
    "original": "SELECT sha256, content FROM original JOIN image ON image.id = image_id",
    "source_file": "SELECT location, size, mtime_ns, sha256 FROM source_file",
    "removed": "SELECT sha256, byte_count, reason, removed_by FROM removed",
    "meta": "SELECT name, value FROM meta WHERE name NOT IN ('identity', 'generation', 'epoch')",
    "sighting_fts": "SELECT rowid IN (SELECT id FROM sighting), caption, place, outlet, credit FROM sighting_fts",
}
"""Every table, with digests in the place of numbers, and without times of recording and counts of commits."""


def contents(archive: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return what an archive holds, in an order of its own: equal for archives of equal contents."""
    with contextlib.closing(sqlite3.connect(f"file:{archive}?mode=ro", uri=True)) as connection:
        return {name: sorted(connection.execute(query), key=repr) for name, query in CONTENTS.items()}


def committed(archive: Path) -> int:
    """Return how many images are committed; 0 while the archive is being made."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{archive}?mode=ro", uri=True)) as connection:
            return int(connection.execute("SELECT count(*) FROM image").fetchone()[0])
    except sqlite3.Error:
        return 0


def killed(arguments: list[str], archive: Path, images: int, *, times: int, seed: int, **options: Any) -> int:
    """Run `provenance` `times` times, kill each run, and return how many had anything left to do.

    A run is killed a random while, up to a fifth of a second, after a random share of the images is committed; the
    shares rise. So kills fall at starts, within batches and within commits.
    """
    rng = random.Random(seed)
    at_work = 0
    for target in sorted(rng.randrange(images) for _ in range(times)):
        process = subprocess.Popen([sys.executable, "-m", "provenance", *arguments], **options)
        deadline = time.monotonic() + LONGEST_RUN
        while (
            committed(archive) < target and time.monotonic() < deadline and not _ends(process, LOOK_SECONDS)
        ):
            pass
        at_work += not _ends(process, rng.uniform(0, 0.2))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        if time.monotonic() > deadline:
            raise TimeoutError(f"{arguments} did not come to {target} images")
    return at_work


def _ends(process: subprocess.Popen[Any], seconds: float) -> bool:
    """Return whether a process ends, or has ended, within some seconds."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True
