"""The JSON report, read back into the values it was made of.

What the JSON leaves out comes back as a default: `Sighting.location` as "", `ChangedRegion.likeliest` as its kind
`CHANGED`, `ArchiveInfo.originals` and `original_bytes` as 0, `Report.checked` as None. What it says in words besides
(`relation`, `first_seen`, `alteration_checked`, `expected_false_alarms`) follows from the rest and is passed over, as
are members that later versions of the form may add. Nothing is believed unseen: each value has its type and range,
and every place that names another exists.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from provenance.errors import ReportError
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
    GlobalChanges,
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
    Version,
    Versions,
)
from provenance.report.fields import Fields, parsed, wrong

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from provenance.model.changes import Box
    from provenance.model.photos import Homography

_OURS = re.compile(r"1\.[0-9]{1,3}")
"""Versions of the form that only add to the one written here."""

_RULE = re.compile("PR[0-9]{3}")
_HASH = re.compile("pdq:[0-9a-f]{64}")
"""Names an image of which others told no more than this hash."""


def read_report(text: str) -> Report:
    """Return the report that `report_json` wrote.

    Raises:
        ReportError: the text is none of ours.
    """
    document = parsed(text)
    require_version(document, _OURS)
    tool, archive = document.inner("tool"), document.inner("archive")
    return Report(
        archive=ArchiveInfo(
            location=archive.text("location"),
            images=archive.whole("images"),
            sightings=archive.whole("sightings"),
            schema_version=archive.whole("schema_version", 1),
            generation=archive.whole("generation"),
            identity=archive.text("identity"),
        ),
        match_score=tool.number("match_score"),
        results=tuple(_result(result) for result in document.each("results")),
        skipped=tuple(Skipped(s.text("path"), s.text("reason")) for s in document.each("skipped")),
    )


def require_version(document: Fields, known: re.Pattern[str]) -> None:
    """Raise ReportError where a document is not of this program, or of another form of it than `known`."""
    if document.inner("tool").value("name") != "provenance":
        raise wrong("tool.name", "provenance")
    version = document.text("schema_version")
    if not known.fullmatch(version):
        raise ReportError(f"Its form is {version[:20]!r}, which this version does not read.")


def read_result(value: Mapping[str, Any]) -> Result:
    """Return one result of such a report; `value` is the JSON object.

    Raises:
        ReportError: it is none of ours.
    """
    return _result(Fields.of(value, ""))


def _result(it: Fields) -> Result:
    matches = tuple(_match(match) for match in it.each("matches"))
    width, height = it.maybe("width", it.whole), it.maybe("height", it.whole)
    return Result(
        path=it.text("path"),
        sha256=it.sha256("sha256"),
        verdict=it.choice("verdict", Verdict),
        findings=tuple(_finding(finding) for finding in it.each("findings")),
        matches=matches,
        claim=it.maybe("claim", lambda name: _claim(it.inner(name))),
        ratings=it.texts("ratings"),
        evidence=tuple(_evidence(evidence) for evidence in it.each("evidence")),
        size=None if width is None or height is None else (width, height),
        versions=it.maybe("versions", lambda name: _versions(it.inner(name), matches)),
    )


def _claim(it: Fields) -> Claim:
    return Claim(
        date=_range(it, "date"),
        place=it.maybe("place", it.text),
        caption=it.maybe("caption", it.text),
        url=it.maybe("url", it.text),
    )


def read_claim(value: object) -> Claim:
    """Return a claim as `json_report.claim_value` wrote it. Raises ReportError."""
    return _claim(Fields.of(value, "claim"))


def _range(it: Fields, name: str) -> DateRange | None:
    if it.value(name) is None:
        return None
    inner = it.inner(name)
    return DateRange(
        inner.text("edtf"), inner.maybe("earliest", inner.date), inner.maybe("latest", inner.date)
    )


def _finding(it: Fields) -> Finding:
    if not _RULE.fullmatch(it.text("id")):
        raise wrong(it.at("id"), "a rule's id")
    return Finding(
        id=it.text("id"),
        level=it.choice("level", Level),
        message=it.text("message"),
        evidence=tuple(_evidence(evidence) for evidence in it.each("evidence")),
        settle=it.maybe("settle", it.text) or "",
        fails=it.flag("fails"),
        accepted=it.maybe("accepted", lambda name: _acceptance(it.inner(name))),
    )


def _acceptance(it: Fields) -> Acceptance:
    return Acceptance(it.text("reason"), it.text("author"), it.text("source"), it.maybe("expires", it.date))


def _evidence(it: Fields) -> Evidence:
    return Evidence(it.text("kind"), it.text("value"), it.text("source"), it.text("reliability"))


def _match(it: Fields) -> Match:
    reference, overlap = it.inner("reference"), it.inner("overlap")
    return Match(
        reference=Reference(
            reference.whole("id"),
            reference.text("path"),
            _digest_or_hash(reference),
            reference.whole("width"),
            reference.whole("height"),
            reference.flag("pictured"),
        ),
        kind=it.choice("kind", Kind),
        score=it.number("score"),
        distance=it.maybe("distance", lambda name: it.whole(name, 0, 256)),
        overlap=Overlap(overlap.number("query", 0, 1), overlap.number("reference", 0, 1)),
        transform=cast("Homography", it.numbers("transform", 9)),
        mirrored=it.flag("mirrored"),
        inverted=it.flag("inverted"),
        rotation=it.whole("rotation", 0, 359),
        region=_box_or_none(it, "region"),
        inliers=it.maybe("inliers", it.whole),
        agreement=it.maybe("agreement", lambda name: it.number(name, 0, 1)),
        sightings=tuple(_sighting(sighting) for sighting in it.each("sightings")),
        alteration=it.maybe("alteration", lambda name: _alteration(it.inner(name), it)),
    )


def _digest_or_hash(reference: Fields) -> str:
    if _HASH.fullmatch(reference.text("sha256")):
        return reference.text("sha256")
    return reference.sha256("sha256")


def _sighting(it: Fields) -> Sighting:
    return Sighting(
        path=it.text("path"),
        location="",
        url=it.maybe("url", it.text),
        outlet=it.maybe("outlet", it.text),
        published=_range(it, "published"),
        captured=_range(it, "captured"),
        place=it.maybe("place", it.text),
        caption=it.maybe("caption", it.text),
        credit=it.maybe("credit", it.text),
        licence=it.maybe("licence", it.text),
        recorded=it.maybe("recorded", it.moment),
        archived=_range(it, "archived"),
        page=it.maybe("page", it.text),
        rating=it.maybe("rating", it.text),
        desk=it.maybe("desk", it.text),
        moment=it.maybe("moment", it.text),
        note=it.maybe("note", it.text),
        held=it.maybe("held", it.date),
    )


def _box(it: Fields) -> Box:
    return it.whole("x"), it.whole("y"), it.whole("width"), it.whole("height")


def _box_or_none(it: Fields, name: str) -> Box | None:
    return it.maybe(name, lambda inner: _box(it.inner(inner)))


def _alteration(it: Fields, match: Fields) -> Alteration:
    return Alteration(
        outcome=it.choice("outcome", ChangeOutcome),
        against=it.choice("against", Against),
        regions=tuple(_region(region) for region in match.each("changed_regions")),
        area=it.number("area", 0, 1),
        overall=it.maybe("overall", lambda name: _overall(it.inner(name))),
        same_pixels=it.flag("same_pixels"),
        content_gone=it.number("content_gone", 0, 1),
    )


def _region(it: Fields) -> ChangedRegion:
    return ChangedRegion(
        query=_box(it),
        reference=_box_or_none(it, "reference"),
        kind=it.choice("kind", ChangeKind),
        score=it.number("score"),
        area=it.number("area", 0, 1),
    )


def _overall(it: Fields) -> GlobalChanges:
    return GlobalChanges(
        gone=it.number("gone", 0, 1),
        left=it.number("left", 0, 1),
        top=it.number("top", 0, 1),
        right=it.number("right", 0, 1),
        bottom=it.number("bottom", 0, 1),
        added=it.number("added", 0, 1),
        mirrored=it.flag("mirrored"),
        rotation=it.number("rotation", -180, 180),
        scale=it.number("scale", 0),
        stretch=it.number("stretch", 0),
        perspective=it.number("perspective", 0),
        inverted=it.flag("inverted"),
        greyscale=it.flag("greyscale"),
        gain=it.number("gain"),
        offset=it.number("offset"),
        bend=it.number("bend", 0),
        saturation=it.number("saturation", 0),
        sharpness=it.number("sharpness"),
        quality=it.maybe("quality", lambda name: it.whole(name, 1, 100)),
    )


def _versions(it: Fields, matches: tuple[Match, ...]) -> Versions:
    told = it.each("all")
    if not told:
        raise wrong(it.at("all"), "a list with the photo being checked")
    last, held = len(told) - 1, {match.reference.id for match in matches}
    versions = tuple(_version(version, last) for version in told)
    if not {v.reference for v in versions} <= held | {None}:
        raise wrong(it.at("all"), "about the references of the matches")
    return Versions(
        versions,
        *(
            it.maybe(name, lambda place: it.whole(place, 0, last))
            for name in ("earliest", "largest", "least_edited")
        ),
    )


def _version(it: Fields, last: int) -> Version:
    return Version(
        it.maybe("reference", it.whole),
        it.wholes("parents", last),
        it.wholes("same_frame", last),
        it.number("density", 0),
    )
