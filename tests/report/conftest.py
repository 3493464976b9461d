from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from provenance.model import (
    ArchiveInfo,
    Claim,
    DateRange,
    Evidence,
    Finding,
    Kind,
    Level,
    Match,
    Overlap,
    Reference,
    Report,
    Result,
    Sighting,
    Skipped,
    Verdict,
)


@pytest.fixture
def report() -> Report:
    """Return a report with one of everything."""
    december = DateRange("2016-12", date(2016, 12, 1), date(2016, 12, 31))
    sighting = Sighting(
        path="archive/citadel.jpg",
        location="/archive/citadel.jpg",
        url="https://example.org/1",
        outlet="Example Wire",
        published=december,
        place="حلب",
        caption="The gate, “before”",
        recorded=datetime(2024, 1, 31, tzinfo=UTC),
    )
    match = Match(
        reference=Reference(1, "archive/citadel.jpg", "a" * 64, 900, 600),
        kind=Kind.NEAR_DUPLICATE,
        score=31.25,
        distance=6,
        overlap=Overlap(1.0, 1.0),
        transform=(-0.5, 0.0, 900.0, 0.0, 0.5, 0.0, 0.0, 0.0, 1.0),
        mirrored=True,
        sightings=(sighting,),
    )
    finding = Finding(
        "PR101",
        Level.ERROR,
        "Seen before the claimed date 2024-11-29: published 2016-12 by Example Wire (https://example.org/1).",
        (
            Evidence(
                "sighting", "published 2016-12", "https://example.org/1", "stated by the list given to `add`"
            ),
        ),
        settle="Open that publication and confirm its date and picture.",
    )
    claim = Claim(date=DateRange("2024-11-29", date(2024, 11, 29), date(2024, 11, 29)), place="Aleppo")
    return Report(
        archive=ArchiveInfo("desk.db", 12, 14, 3, 5),
        match_score=3.0,
        results=(
            Result(
                "posts/a.jpg",
                "b" * 64,
                Verdict.FLAGGED,
                (finding,),
                (match,),
                claim,
                ("DecontextualizedContent",),
            ),
            Result("posts/b.jpg", "c" * 64, Verdict.NOTHING_FOUND, (), ()),
        ),
        skipped=(Skipped("posts/c.jpg", "0 bytes: fetch the file again"),),
    )
