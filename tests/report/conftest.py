from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import provenance
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


@pytest.fixture
def mixed(report: Report) -> Report:
    """Return a report with a photo for each way to stand: fails, let pass, inconclusive, warned, clean, skipped."""
    flagged, clean = report.results
    (match,), (seen,) = flagged.matches, flagged.findings
    regions = (
        ChangedRegion((10, 20, 30, 40), None, ChangeKind.REPLACED, 9.5, 0.02),
        ChangedRegion((0, 560, 900, 40), (0, 560, 900, 40), ChangeKind.BAR, 4.25, 0.06),
    )
    altered = replace(match, alteration=Alteration(ChangeOutcome.COMPARED, Against.ORIGINAL, regions, 0.08))
    changed = Finding("PR201", Level.ERROR, "Something was replaced.", fails=True)
    mirrored = Finding("PR203", Level.WARNING, "Left and right are exchanged.")
    known = Acceptance(
        "Our own crop, agreed with the desk.", "R. Haddad", "provenance-baseline.toml", date(2025, 3, 1)
    )
    unsettled = Finding(
        "PR106", Level.WARNING, "Seen before, but undated.", settle="Find its first publication."
    )
    note = Finding("PR303", Level.NOTE, "The file's dates are odd.")
    fit = replace(match, reference=replace(match.reference, path="https://example.org/a b.jpg"))
    results = (
        replace(clean, path="uploads/clean.jpg", findings=(note,)),
        replace(clean, path="uploads/warned.jpg", findings=(mirrored,)),
        replace(
            flagged,
            path="uploads/fails, 100%.jpg",
            findings=(mirrored, replace(seen, fails=True), changed),
            matches=(altered, fit),
            ratings=("DecontextualizedContent", "TransformedContent"),
            size=(900, 600),
            claim=replace(flagged.claim, caption="The gate, today", url="https://example.com/posts/7"),
        ),
        replace(flagged, path="uploads/let-pass.jpg", sha256="d" * 64),
        replace(
            clean,
            path="uploads/unsettled.jpg",
            verdict=Verdict.INCONCLUSIVE,
            findings=(unsettled,),
            matches=(match,),
        ),
        replace(flagged, path="uploads/accepted.jpg", findings=(replace(seen, fails=True, accepted=known),)),
    )
    return replace(report, results=results, checked=datetime(2024, 12, 1, 9, 30, tzinfo=UTC))


@pytest.fixture
def saying(mixed: Report) -> Callable[[str], Report]:
    """Return a function that puts a text wherever strangers, or people, can put one."""

    def report_saying(text: str) -> Report:
        sighting = Sighting(
            path=text,
            location=text,
            url=text,
            outlet=text,
            place=text,
            caption=text,
            credit=text,
            licence=text,
            desk=text,
            moment=text,
            note=text,
            published=DateRange("2016", date(2016, 1, 1), date(2016, 12, 31)),
        )
        results = tuple(
            replace(
                result,
                path=text,
                claim=Claim(place=text, caption=text, url=text),
                findings=tuple(
                    replace(
                        f,
                        message=text,
                        settle=text,
                        evidence=(Evidence(text, text, text, text),),
                        accepted=f.accepted and Acceptance(text, text, text),
                    )
                    for f in result.findings
                ),
                matches=tuple(
                    replace(m, reference=replace(m.reference, path=text), sightings=(sighting,))
                    for m in result.matches
                ),
            )
            for result in mixed.results
        )
        archive = replace(mixed.archive, location=text)
        return replace(mixed, archive=archive, results=results, skipped=(Skipped(text, text),))

    return report_saying


@pytest.fixture
def snapshot() -> Callable[[str, str], None]:
    """Compare a text with a file in `snapshots/`; with UPDATE_SNAPSHOTS=1 in the environment, write it there first."""

    def assert_same(name: str, text: str) -> None:
        file = Path(__file__).parent / "snapshots" / name
        content = text.replace(provenance.__version__, "VERSION").encode()
        if os.environ.get("UPDATE_SNAPSHOTS"):
            file.write_bytes(content)
        assert content.decode() == file.read_bytes().decode()

    return assert_same
