"""A desk's run with one of everything that a page can show, its pictures, and strangers who wish it ill."""

from __future__ import annotations

import io
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image, ImageDraw

from provenance.model import (
    Acceptance,
    Against,
    Alteration,
    ArchiveInfo,
    ChangedRegion,
    ChangeKind,
    ChangeOutcome,
    Claim,
    DateRange,
    Evidence,
    Finding,
    Illustrations,
    Kind,
    Level,
    Match,
    MatchPictures,
    Overlap,
    Reference,
    Report,
    Result,
    Sighting,
    Skipped,
    Verdict,
    Version,
    Versions,
)

if TYPE_CHECKING:
    from selenium.webdriver.chrome.webdriver import WebDriver

CONNECT = socket.socket.connect
"""As it is before tests are kept from it."""

SIZE = (960, 640)
SAME = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
BOXES = ((120, 300, 180, 140), (610, 60, 240, 90), (0, 590, 960, 50))


def scene(*, altered: bool = False, side: int = 960) -> Image.Image:
    """Return a drawn street: sky, houses, a road; altered, with other content in three places."""
    y, x = np.mgrid[0 : SIZE[1], 0 : SIZE[0]]
    grain = np.random.default_rng(1).normal(0, 5, (SIZE[1], SIZE[0], 1))
    sky = np.stack([120 + y / 8, 150 + y / 9, 190 + y / 20], axis=2)
    ground = np.stack([150 + x / 40, 138 + x / 60, 112 + x / 80], axis=2)
    drawn = np.where(y[:, :, None] < 400, sky, ground) + grain
    image = Image.fromarray(drawn.clip(0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for number in range(8):
        left, top = 20 + 118 * number, 180 + 35 * ((number * 5) % 4)
        shade = 150 + 12 * (number % 5)
        draw.rectangle((left, top, left + 104, 420), fill=(shade, shade - 14, shade - 36))
        for window in range(6):
            corner = (left + 14 + 32 * (window % 3), top + 20 + 50 * (window // 3))
            draw.rectangle((*corner, corner[0] + 16, corner[1] + 26), fill=(66, 72, 82))
    if altered:
        x0, y0, width, height = BOXES[0]
        draw.ellipse((x0 + 20, y0 + 20, x0 + width - 20, y0 + height - 10), fill=(150, 40, 30))
        draw.ellipse((625, 75, 840, 140), fill=(240, 240, 238))
        draw.rectangle((0, 590, 960, 640), fill=(20, 20, 20))
    image.thumbnail((side, side))
    return image


def encoded(image: Image.Image, form: str = "JPEG") -> bytes:
    content = io.BytesIO()
    image.save(content, form, quality=85)
    return content.getvalue()


def heat() -> bytes:
    grey = scene(altered=True).convert("L").convert("RGB")
    draw = ImageDraw.Draw(grey, "RGBA")
    for x, y, width, height in BOXES:
        draw.rectangle((x, y, x + width, y + height), fill=(250, 150, 20, 150))
    grey.thumbnail((480, 480))
    return encoded(grey)


def days(text: str, first: date | None, last: date | None) -> DateRange:
    return DateRange(text, first, last)


def day(year: int, month: int, number: int) -> DateRange:
    when = date(year, month, number)
    return DateRange(when.isoformat(), when, when)


RECORDED = datetime(2026, 11, 20, 9, tzinfo=UTC)


def sightings() -> tuple[Sighting, ...]:
    return (
        Sighting(
            "archive/gate.jpg",
            "/archive/gate.jpg",
            "https://example.org/wire/2013/04/gate",
            "Example Wire",
            days("2013-04", date(2013, 4, 1), date(2013, 4, 30)),
            day(2013, 4, 18),
            "حلب",
            "The gate of the old town, “before”",
            "A. Photographer",
            "CC BY 4.0",
            RECORDED,
        ),
        Sighting(
            "archive/gate.jpg",
            "/archive/gate.jpg",
            "https://example.org/revue/2016",
            "Revue Exemple",
            days("../2016", None, date(2016, 12, 31)),
            None,
            "Alep",
            "La porte de la vieille ville",
            recorded=RECORDED,
        ),
        Sighting(
            "archive/gate.jpg",
            "/archive/gate.jpg",
            "https://example.org/blog",
            "A blog",
            days("2019~/2021", date(2019, 1, 1), date(2021, 12, 31)),
            None,
            None,
            None,
            recorded=RECORDED,
        ),
        Sighting(
            "archive/gate.jpg",
            "/archive/gate.jpg",
            "https://example.org/after",
            "Late Paper",
            days("2025-01-03/..", date(2025, 1, 3), None),
            None,
            None,
            None,
            recorded=RECORDED,
        ),
        Sighting(
            "feed.json",
            "/feed.json",
            "https://example.org/check/7",
            "Fact Desk",
            day(2024, 12, 2),
            None,
            "Aleppo",
            recorded=RECORDED,
            archived=day(2024, 12, 5),
            page="https://example.org/check/7#claim",
            rating="Missing context",
            desk="Partner Desk",
            moment="00:01:12.400",
            note="seen in a video first",
        ),
    )


def copies() -> tuple[Match, ...]:
    """Return matches of every kind, the best one altered in three regions."""
    regions = tuple(
        ChangedRegion(box, box, kind, score, box[2] * box[3] / (SIZE[0] * SIZE[1]))
        for box, kind, score in zip(
            BOXES, (ChangeKind.REPLACED, ChangeKind.OVERLAY, ChangeKind.BAR), (14.2, 6.0, 2.4), strict=True
        )
    )
    altered = Alteration(ChangeOutcome.COMPARED, Against.ORIGINAL, regions, 0.12)
    same = Alteration(ChangeOutcome.COMPARED, Against.PREVIEW)
    apart = Alteration(ChangeOutcome.CANNOT_ALIGN, Against.PREVIEW)
    blog = Sighting("archive/undated.jpg", "/archive/undated.jpg", recorded=RECORDED)

    def match(number: int, kind: Kind, score: float, **more: object) -> Match:
        reference = Reference(number, f"archive/{kind.value}_{number}.jpg", f"{number}" * 64, 1200, 800)
        return Match(reference, kind, score, 6, Overlap(0.97, 0.91), SAME, **more)

    return (
        match(
            1,
            Kind.NEAR_DUPLICATE,
            47.5,
            sightings=sightings(),
            alteration=altered,
            inliers=312,
            mirrored=True,
        ),
        match(
            2, Kind.PARTIAL, 31.2, sightings=(blog,), alteration=same, inliers=120, region=(0, 0, 900, 600)
        ),
        match(3, Kind.CONTAINED, 12.0, alteration=apart, region=(100, 80, 640, 420), rotation=90),
        match(4, Kind.COMPOSITE, 5.4, region=(480, 0, 480, 640), inverted=True),
        match(5, Kind.SAME_SCENE, 4.1),
    )


def found() -> tuple[Finding, ...]:
    archived = "compared with the archived file itself"
    return (
        Finding(
            "PR203",
            Level.WARNING,
            "Left and right are exchanged against archive/near_duplicate_1.jpg.",
            settle="Read signs and number plates in both: one of the two shows the scene as it was.",
        ),
        Finding(
            "PR101",
            Level.ERROR,
            "Seen before the claimed date 2024-11-29: published 2013-04 by Example Wire "
            "(https://example.org/wire/2013/04/gate).",
            (
                Evidence(
                    "sighting",
                    "published 2013-04 (2013-04-01 to 2013-04-30); حلب",
                    "https://example.org/wire/2013/04/gate",
                    "stated by the list given to `add`",
                ),
                Evidence(
                    "claimed_date", "2024-11-29 (2024-11-29 to 2024-11-29)", "the claim", "to be checked"
                ),
            ),
            settle="Open that publication and confirm its date and picture.",
            fails=True,
        ),
        Finding(
            "PR201",
            Level.ERROR,
            "The content differs from archive/near_duplicate_1.jpg in 2 regions, 12% of the picture; most surely at "
            "120, 300 (180 x 140 pixels) (other content), score 14.2.",
            (
                Evidence(
                    "changed_region",
                    "at 120, 300 (180 x 140 pixels)",
                    "archive/near_duplicate_1.jpg",
                    archived,
                ),
            ),
            settle="Look at both side by side, and ask the sender for the file as it was taken.",
            accepted=Acceptance(
                "Our own graphics department drew this.", "R. Editor", "provenance.toml", date(2027, 1, 31)
            ),
        ),
        Finding(
            "PR200", Level.NOTE, "Against archive/near_duplicate_1.jpg, the picture as a whole: mirrored."
        ),
    )


@pytest.fixture(scope="session")
def desk() -> Report:
    """Return a run in which every part of a page has something to show."""
    claim = Claim(
        day(2024, 11, 29),
        "Aleppo",
        "Fighters at the gate this morning, مقاتلون عند البوابة",
        "https://example.org/post/1",
    )
    exif = "the file's exif", "stated by the file; anybody can write it, at any time"
    versions = Versions(
        (
            Version(None, (1,), (), 1.0),
            Version(1, (3,), (), 1.25),
            Version(2, (1,), (4,), 0.7),
            Version(3, (), (), 2.1),
            Version(4, (1,), (2,), 0.5),
        ),
        earliest=1,
        largest=3,
        least_edited=3,
    )
    flagged = Result(
        "posts/2024-11-29/viral_gate.jpg",
        "b" * 64,
        Verdict.FLAGGED,
        found(),
        copies(),
        claim,
        ("DecontextualizedContent", "TransformedContent"),
        (
            Evidence("file_fact", "Software: Example Editor 7", *exif),
            Evidence("file_fact", "DateTimeOriginal: 2013:04:18 10:22:31", *exif),
            Evidence(
                "file_fact",
                "quantisation tables: libjpeg, quality 82",
                "the file's structure",
                "read from how the file is built; a program can build it at will",
            ),
        ),
        SIZE,
        versions,
    )
    undated = replace(copies()[1], sightings=(Sighting("archive/undated.jpg", "/archive/undated.jpg"),))
    unclear = Finding(
        "PR106", Level.WARNING, "Seen before, but no sighting has a date.", settle="Find its date."
    )
    declared = Finding("PR403", Level.WARNING, "Broken Content Credentials.")
    fits = Finding("PR104", Level.NOTE, "Seen before, and what is known of it fits the claim.")
    return Report(
        archive=ArchiveInfo("desk/archive.db", 1_234_567, 2_345_678, 3, 812),
        match_score=3.0,
        results=(
            flagged,
            Result("posts/new.jpg", "c" * 64, Verdict.NOTHING_FOUND, (), (), size=(1600, 1067)),
            Result(
                "posts/unclear.jpg", "d" * 64, Verdict.INCONCLUSIVE, (unclear,), (undated,), claim, size=SIZE
            ),
            Result("posts/declared.jpg", "e" * 64, Verdict.NOTHING_FOUND, (declared,), (), size=SIZE),
            Result(
                "posts/known.jpg", "f" * 64, Verdict.NOTHING_FOUND, (fits,), copies()[:1], claim, size=SIZE
            ),
        ),
        skipped=(
            Skipped("posts/broken.jpg", "0 bytes: fetch the file again"),
            Skipped("posts/unclear.jpg", "not compared for changes: the original is gone"),
        ),
        checked=datetime(2026, 11, 28, 10, 5, tzinfo=UTC),
    )


@pytest.fixture(scope="session")
def illustrate() -> Callable[[int], Illustrations]:
    """Return the pictures of any photo of `desk`."""
    before, after = scene(side=480), scene(altered=True, side=480)
    transparent = before.convert("RGBA")
    transparent.paste((0, 0, 0, 0), (0, 0, 32, transparent.height))
    aligned = encoded(transparent, "WEBP")
    small = encoded(scene(side=300))
    pictures = {
        1: MatchPictures(small, encoded(after), aligned, heat()),
        2: MatchPictures(small, encoded(after), encoded(before.quantize(32), "PNG"), b""),
        3: MatchPictures(small),
        4: MatchPictures(small),
    }
    shown = Illustrations(encoded(scene(altered=True, side=400)), pictures)
    return lambda _number: shown


HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</title></style></script><svg onload=alert(1)>",
    "]]><!-- {{ 7 * 7 }} {% raw %} %(n)s ${7*7}",
    "holiday\u202egpj.exe\u2066\u2029\x1b[31m\x00",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    'https://example.org/"onmouseover="alert(1)',
    "https://example.org/\u202eevil",
    "A" * 100_000,
)
"""What strangers write into names, captions, addresses and metadata."""


def said_by(text: str) -> Result:
    """Return a photo of which a stranger wrote every text."""
    said = dict.fromkeys(("caption", "credit", "licence", "page", "rating", "desk", "moment", "note"), text)
    sighting = Sighting(text, text, text, text, day(2013, 4, 1), None, text, recorded=RECORDED, **said)
    match = replace(copies()[0], reference=Reference(1, text, "9" * 64, 30, 20), sightings=(sighting,) * 2)
    finding = Finding(
        "PR101",
        Level.ERROR,
        text,
        (Evidence(text, text, text, text),),
        text,
        accepted=Acceptance(text, text, text),
    )
    versions = Versions((Version(None, (1,)), Version(1, (), (2,)), Version(77, (), (1,))), earliest=1)
    return Result(
        text,
        "a" * 64,
        Verdict.FLAGGED,
        (finding, replace(finding, id=text)),
        (match,),
        Claim(day(2024, 11, 29), text, text, text),
        (text,),
        (Evidence(text, text, text, text),),
        SIZE,
        versions,
    )


@pytest.fixture(scope="session")
def hostile(desk: Report) -> Report:
    """Return a run in which strangers wrote whatever they could."""
    return replace(
        desk,
        archive=replace(desk.archive, location=HOSTILE[0]),
        results=tuple(said_by(text) for text in HOSTILE),
        skipped=tuple(Skipped(text, text) for text in HOSTILE),
    )


@pytest.fixture(scope="session")
def by_stranger() -> Callable[[str], Result]:
    """Return the maker of a photo of which a stranger wrote every text."""
    return said_by


@pytest.fixture(autouse=True)
def _no_network(request: pytest.FixtureRequest, _no_network: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tests of the browser talk to its driver on this machine, and nobody to anything else."""
    if "browser" not in request.fixturenames:
        return
    refuse = socket.socket.connect

    def loopback_only(self: socket.socket, address: object) -> None:
        local = isinstance(address, tuple) and address[0] in {"127.0.0.1", "::1"}
        (CONNECT if local else refuse)(self, address)

    monkeypatch.setattr(socket.socket, "connect", loopback_only)


@pytest.fixture(scope="session")
def artefacts(pytestconfig: pytest.Config) -> Path:
    """Return the folder for screenshots: `TEST_ARTEFACTS`, or build/artefacts."""
    folder = Path(os.environ.get("TEST_ARTEFACTS") or pytestconfig.rootpath / "build" / "artefacts")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--force-device-scale-factor=1",
    "--lang=en",
)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory, no_chromium: str) -> Iterator[WebDriver]:
    """Return a headless Chromium with a new profile, one for all tests; skip where there is none."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        pytest.skip(no_chromium)
    from selenium.webdriver import Chrome, ChromeOptions
    from selenium.webdriver.chrome.service import Service

    home = tmp_path_factory.mktemp("chromium")
    options = ChromeOptions()
    options.binary_location = chromium
    for flag in (*FLAGS, f"--user-data-dir={home / 'profile'}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = Service(driver, env={**os.environ, "HOME": str(home)})
    opened = Chrome(options=options, service=service)
    yield opened
    opened.quit()
