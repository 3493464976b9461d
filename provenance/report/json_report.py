"""The JSON report, `schemas/report-1.0.json`: the form that other programs read."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import provenance
from provenance.model import ChangeOutcome

if TYPE_CHECKING:
    from provenance.model import (
        Acceptance,
        Alteration,
        ChangedRegion,
        Claim,
        DateRange,
        Evidence,
        Finding,
        Match,
        Reference,
        Report,
        Result,
        Sighting,
        Versions,
    )
    from provenance.model.changes import Box

SCHEMA_VERSION = "1.0"
"""Grows in the second place when something is added, in the first when something changes or goes."""


TOOL = {"name": "provenance", "version": provenance.__version__}


def report_json(report: Report) -> str:
    """Return the report as one JSON document."""
    return json.dumps(document(report), ensure_ascii=False, indent=1) + "\n"


def document(report: Report) -> dict[str, Any]:
    """Return the report as plain JSON values."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {
            **TOOL,
            "match_score": report.match_score,
            "expected_false_alarms": float(f"{10**-report.match_score:.6g}"),
        },
        "archive": {
            "location": report.archive.location,
            "identity": report.archive.identity,
            "images": report.archive.images,
            "sightings": report.archive.sightings,
            "schema_version": report.archive.schema_version,
            "generation": report.archive.generation,
        },
        "results": [result_value(result) for result in report.results],
        "skipped": [{"path": s.path, "reason": s.reason} for s in report.skipped],
    }


def pair_json(result: Result, reference: Reference) -> str:
    """Return what two files say of each other as one JSON document, `schemas/pair-1.0.json`."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "tool": TOOL,
        "path": result.path,
        "sha256": result.sha256,
        "verdict": result.verdict.value,
        "ratings": list(result.ratings),
        "findings": [finding_value(f) for f in result.findings],
        "reference": _pixels(reference),
        **(_comparison(result.matches[0]) if result.matches else _UNMATCHED),
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def result_value(result: Result) -> dict[str, Any]:
    """Return what one check of one photo says as plain JSON values."""
    width, height = result.size or (None, None)
    return {
        "path": result.path,
        "sha256": result.sha256,
        "width": width,
        "height": height,
        "verdict": result.verdict.value,
        "ratings": list(result.ratings),
        "claim": result.claim and claim_value(result.claim),
        "findings": [finding_value(f) for f in result.findings],
        "matches": [match_value(m) for m in result.matches],
        "evidence": [evidence_value(e) for e in result.evidence],
        "versions": result.versions and _versions(result.versions),
    }


def _versions(versions: Versions) -> dict[str, Any]:
    return {
        "all": [
            {
                "reference": version.reference,
                "parents": list(version.parents),
                "same_frame": list(version.same_frame),
                "density": version.density,
            }
            for version in versions.all
        ],
        "earliest": versions.earliest,
        "largest": versions.largest,
        "least_edited": versions.least_edited,
    }


def claim_value(claim: Claim) -> dict[str, Any]:
    """Return a claim as plain JSON values."""
    return {"date": _range(claim.date), "place": claim.place, "caption": claim.caption, "url": claim.url}


def finding_value(finding: Finding) -> dict[str, Any]:
    """Return a finding as plain JSON values."""
    return {
        "id": finding.id,
        "level": finding.level.value,
        "message": finding.message,
        "settle": finding.settle or None,
        "evidence": [evidence_value(e) for e in finding.evidence],
        "fails": finding.fails,
        "accepted": finding.accepted and _acceptance(finding.accepted),
    }


def _acceptance(accepted: Acceptance) -> dict[str, Any]:
    return {
        "reason": accepted.reason,
        "author": accepted.author,
        "source": accepted.source,
        "expires": accepted.expires and accepted.expires.isoformat(),
    }


def evidence_value(evidence: Evidence) -> dict[str, str]:
    """Return evidence as plain JSON values."""
    return {
        "kind": evidence.kind,
        "value": evidence.value,
        "source": evidence.source,
        "reliability": evidence.reliability,
    }


def match_value(match: Match) -> dict[str, Any]:
    """Return one match as plain JSON values."""
    return {
        "reference": {
            "id": match.reference.id,
            **_pixels(match.reference),
            "pictured": match.reference.pictured,
        },
        **_comparison(match),
        "confirmed": match.confirmed,
        "first_seen": _first_seen(match.sightings),
        "sightings": [sighting_value(s) for s in match.sightings],
    }


def _pixels(reference: Reference) -> dict[str, Any]:
    return {
        "path": reference.path,
        "sha256": reference.sha256,
        "width": reference.width,
        "height": reference.height,
    }


def _comparison(match: Match) -> dict[str, Any]:
    """Return what the two pictures say of each other."""
    alteration = match.alteration
    return {
        "score": match.score,
        "kind": match.kind.value,
        "relation": f"The query {match.kind.relation}.",
        "distance": match.distance,
        "inliers": match.inliers,
        "agreement": match.agreement,
        "overlap": {"query": match.overlap.query, "reference": match.overlap.reference},
        "transform": list(match.transform),
        "mirrored": match.mirrored,
        "inverted": match.inverted,
        "rotation": match.rotation,
        "region": box_value(match.region),
        "alteration_checked": alteration is not None and alteration.outcome is ChangeOutcome.COMPARED,
        "alteration": alteration and _alteration(alteration),
        "changed_regions": [_changed_region(r) for r in alteration.regions] if alteration else [],
    }


_UNMATCHED: dict[str, Any] = {
    "score": None,
    "kind": None,
    "relation": None,
    "distance": None,
    "inliers": None,
    "agreement": None,
    "overlap": None,
    "transform": None,
    "mirrored": None,
    "inverted": None,
    "rotation": None,
    "region": None,
    "alteration_checked": False,
    "alteration": None,
    "changed_regions": [],
}
"""The same keys for two pictures of which neither was found in the other."""


def box_value(box: Box | None) -> dict[str, int] | None:
    """Return a box as plain JSON values."""
    if box is None:
        return None
    x, y, width, height = box
    return {"x": x, "y": y, "width": width, "height": height}


def _alteration(alteration: Alteration) -> dict[str, Any]:
    return {
        "outcome": alteration.outcome.value,
        "against": alteration.against.value,
        "area": alteration.area,
        "same_pixels": alteration.same_pixels,
        "content_gone": alteration.content_gone,
        "overall": alteration.overall and dataclasses.asdict(alteration.overall),
    }


def _changed_region(region: ChangedRegion) -> dict[str, Any]:
    return {
        **(box_value(region.query) or {}),
        "kind": region.kind.value,
        "score": region.score,
        "area": region.area,
        "reference": box_value(region.reference),
    }


def _first_seen(sightings: tuple[Sighting, ...]) -> dict[str, Any] | None:
    """Return the earliest sighting we hold, with the date that makes it so and how we know it."""
    if not sightings or not sightings[0].datings:
        return None
    dating = sightings[0].datings[0]
    return {"basis": dating.basis.value, "date": _range(dating.when), **sighting_value(sightings[0])}


def sighting_value(sighting: Sighting) -> dict[str, Any]:
    """Return one sighting as plain JSON values."""
    return {
        "path": sighting.path,
        "url": sighting.url,
        "outlet": sighting.outlet,
        "published": _range(sighting.published),
        "captured": _range(sighting.captured),
        "recorded": sighting.recorded and sighting.recorded.isoformat(),
        "place": sighting.place,
        "caption": sighting.caption,
        "credit": sighting.credit,
        "licence": sighting.licence,
        "archived": _range(sighting.archived),
        "page": sighting.page,
        "rating": sighting.rating,
        "desk": sighting.desk,
        "moment": sighting.moment,
        "note": sighting.note,
        "held": sighting.held and sighting.held.isoformat(),
    }


def _range(when: DateRange | None) -> dict[str, str | None] | None:
    if when is None:
        return None
    return {
        "edtf": when.text,
        "earliest": when.earliest.isoformat() if when.earliest else None,
        "latest": when.latest.isoformat() if when.latest else None,
    }
