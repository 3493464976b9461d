"""How long the index of many photos takes to be made, and to open in Chromium.

    python tests/benchmarks/html_index.py [--photos 1000] [--seed 1] [--runs 5]

Photos are made: random pictures as thumbnails of 144 pixels, every third flagged with a match and a sighting. The page
is opened from disk, each time by a new tab of one headless Chromium; told are the time to the load event and to the
first paint, both from the start of the navigation (Navigation Timing, Paint Timing), and the memory of its making.
"""

from __future__ import annotations

import argparse
import io
import os
import platform
import resource
import shutil
import statistics
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np
from PIL import Image
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from provenance.model import (
    ArchiveInfo,
    Claim,
    DateRange,
    Finding,
    Kind,
    Level,
    Match,
    Overlap,
    Reference,
    Report,
    Result,
    Sighting,
    Verdict,
)
from provenance.report.html import index_html

SAME = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
DAY = DateRange("2016-12-13", date(2016, 12, 13), date(2016, 12, 13))
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
)


def result(number: int) -> Result:
    """Return a photo; every third is flagged."""
    path = f"uploads/2024-11-29/IMG_{number:05}.jpg"
    if number % 3:
        return Result(path, f"{number:064x}", Verdict.NOTHING_FOUND, (), (), Claim(DAY))
    seen = Sighting(
        f"archive/{number}.jpg", "", "https://example.org/wire/2016", "Example Wire", DAY, place="Aleppo"
    )
    reference = Reference(number, f"archive/2016/{number}.jpg", f"{number:064x}", 1200, 800)
    match = Match(reference, Kind.PARTIAL, 20 + number % 30, 4, Overlap(1, 0.8), SAME, sightings=(seen,))
    finding = Finding("PR101", Level.ERROR, "Seen before the claimed date 2024-11-29.")
    return Result(path, f"{number:064x}", Verdict.FLAGGED, (finding,), (match,), Claim(DAY))


def thumbnail(seed: int) -> bytes:
    """Return a JPEG of 144 x 96 pixels with some structure."""
    small = np.random.default_rng(seed).integers(0, 255, (12, 18, 3), dtype=np.uint8)
    content = io.BytesIO()
    Image.fromarray(small).resize((144, 96), Image.Resampling.BICUBIC).save(content, "JPEG", quality=75)
    return content.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--photos", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    report = Report(
        ArchiveInfo("desk.db", 100_000, 120_000, 3, 9), 3.0, tuple(map(result, range(asked.photos)))
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index.html"
        began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with path.open("w", encoding="utf-8") as page:
            for piece in index_html(
                report, lambda n: thumbnail(asked.seed + n), lambda n: f"photos/{n}.html"
            ):
                page.write(piece)
        made, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(f"machine   {platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
        print(f"data      {asked.photos} made photos, seed {asked.seed}, {path.stat().st_size / 1e6:.1f} MB")
        print(
            f"making    {made:.2f} s with its thumbnails, {(after - before) / 1024:.0f} MB more at the peak"
        )
        loads, paints, version = opened(path, Path(folder), asked.runs)
    print(f"browser   Chromium {version}, {asked.runs} runs")
    for what, times in (("load", loads), ("paint", paints)):
        print(f"{what:<9} median {statistics.median(times):.0f} ms, {min(times):.0f} to {max(times):.0f} ms")


def opened(page: Path, folder: Path, runs: int) -> tuple[list[float], list[float], str]:
    """Return milliseconds to the load event and to the first paint, a run each, and the browser's version."""
    options = ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for flag in (*FLAGS, f"--user-data-dir={folder / 'profile'}"):
        options.add_argument(flag)
    driver = Chrome(options=options, service=Service(shutil.which("chromedriver")))
    loads, paints = [], []
    try:
        for _ in range(runs):
            driver.switch_to.new_window("tab")
            driver.get(page.as_uri())
            load, paint, rows = driver.execute_script(
                """const [navigation] = performance.getEntriesByType("navigation");
                const paint = performance.getEntriesByName("first-contentful-paint")[0];
                const rows = document.querySelectorAll("tbody tr").length;
                return [navigation.loadEventEnd, paint ? paint.startTime : NaN, rows];"""
            )
            assert rows > 0
            loads.append(load)
            paints.append(paint)
        return loads, paints, driver.capabilities["browserVersion"]
    finally:
        driver.quit()


if __name__ == "__main__":
    main()
