"""What files say of themselves as JSON, `schemas/inspection-1.0.json`: the form that other programs read."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from provenance.report.json_report import TOOL, box_value, claim_value, finding_value

if TYPE_CHECKING:
    from datetime import datetime

    from provenance.model import (
        Credentials,
        Fact,
        FileFacts,
        Hint,
        Inspection,
        Inspections,
        Position,
        Stamp,
        ThumbnailComparison,
    )

SCHEMA_VERSION = "1.0"
"""Grows in the second place when something is added, in the first when something changes or goes."""


def inspections_json(report: Inspections) -> str:
    """Return the report as one JSON document."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "tool": TOOL,
        "results": [_inspection(result) for result in report.results],
        "skipped": [{"path": s.path, "reason": s.reason} for s in report.skipped],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _inspection(inspection: Inspection) -> dict[str, Any]:
    width, height = inspection.size or (None, None)
    return {
        "path": inspection.path,
        "sha256": inspection.sha256,
        "format": inspection.format,
        "width": width,
        "height": height,
        "unreadable": inspection.unreadable or None,
        "verdict": inspection.verdict.value,
        "claim": inspection.claim and claim_value(inspection.claim),
        "findings": [finding_value(f) for f in inspection.findings],
        **_file_facts(inspection.facts),
    }


def _file_facts(facts: FileFacts) -> dict[str, Any]:
    return {
        "facts": [_fact(f) for f in facts.facts],
        "timeline": [_stamp(s) for s in sorted(facts.stamps, key=_by_time)],
        "positions": [_position(p) for p in facts.positions],
        "credentials": facts.credentials and _credentials(facts.credentials),
        "thumbnail": facts.thumbnail and _thumbnail(facts.thumbnail),
        "hints": None if facts.hints is None else [_hint(h) for h in facts.hints],
        "faults": list(facts.faults),
    }


def _fact(fact: Fact) -> dict[str, str | None]:
    return {
        "source": fact.source.value,
        "name": fact.name,
        "value": fact.value,
        "note": fact.note or None,
    }


def _by_time(stamp: Stamp) -> tuple[bool, float]:
    return stamp.earliest is None, stamp.earliest.timestamp() if stamp.earliest else 0.0


def _stamp(stamp: Stamp) -> dict[str, str | None]:
    return {
        "moment": stamp.moment.value,
        "source": stamp.source.value,
        "name": stamp.name,
        "text": stamp.text,
        "earliest": _moment(stamp.earliest),
        "latest": _moment(stamp.latest),
    }


def _moment(when: datetime | None) -> str | None:
    return when.isoformat(timespec="seconds").replace("+00:00", "Z") if when else None


def _position(position: Position) -> dict[str, Any]:
    return {
        "source": position.source.value,
        "latitude": _number(position.latitude),
        "longitude": _number(position.longitude),
        "uncertainty_m": _number(position.uncertainty_m),
    }


def _number(value: float | None) -> float | None:
    """Return a number that JSON has; it has neither infinity nor what is no number."""
    return value if value is not None and math.isfinite(value) else None


def _credentials(credentials: Credentials) -> dict[str, Any]:
    return {
        "state": credentials.state.value,
        "codes": list(credentials.codes),
        "validator": credentials.validator or None,
        "trust_list": credentials.trust_list or None,
        "signer": credentials.signer or None,
        "issuer": credentials.issuer or None,
        "generator": credentials.generator or None,
        "title": credentials.title or None,
        "signed": _moment(credentials.signed),
        "actions": list(credentials.actions),
        "ingredients": list(credentials.ingredients),
        "source_types": list(credentials.source_types),
    }


def _thumbnail(thumbnail: ThumbnailComparison) -> dict[str, Any]:
    width, height = thumbnail.size
    return {
        "outcome": thumbnail.outcome.value,
        "width": width,
        "height": height,
        "score": _number(thumbnail.score),
        "regions": [box_value(box) for box in thumbnail.regions],
    }


def _hint(hint: Hint) -> dict[str, Any]:
    return {
        "kind": hint.kind.value,
        "score": _number(hint.score),
        "regions": [box_value(box) for box in hint.regions],
        "words": hint.words or None,
    }
