"""SARIF 2.1.0 (OASIS, errata 01), so made that GitHub's code scanning takes it."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from provenance.model import CATALOGUE
from provenance.report.escaping import json_text, portable, web_address
from provenance.report.json_report import TOOL, box_value
from provenance.report.outcome import (
    Standing,
    acceptance,
    copies,
    counts,
    fails,
    first_seen,
    link,
    match_words,
    standing,
    verdict_words,
)

if TYPE_CHECKING:
    from provenance.model import Finding, Report, Result, RuleInfo, Sighting

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

FINGERPRINT = "photoAndRule/v1"
"""Not GitHub's `primaryLocationLineHash`: its upload action makes that of the file, and warns of any other."""

ABOUT_MATCHES = ("PR1", "PR2")
"""Beginnings of the ids of the rules that look at matches."""

RELATED_SHOWN = 10
"""References of one result: copies, best first."""

CAUTION = (
    "A finding says what was found, where and how sure that is; a person judges. "
    "That nothing is found never says that a photo is authentic."
)
SKIPPED, INCONCLUSIVE = "photo-skipped", "photo-inconclusive"
NOTIFICATIONS = {
    SKIPPED: ("error", "A photo could not be read or checked"),
    INCONCLUSIVE: ("warning", "A photo was checked, but nothing follows for it"),
}


def report_sarif(report: Report) -> str:
    """Return the report as one SARIF log with one run."""
    seen: Counter[str] = Counter()
    # A photo that was named twice is one artifact: SARIF wants them unique.
    artifacts = {_target(r): _artifact(r) for r in report.results}
    indices = {target: index for index, target in enumerate(artifacts)}
    run = {
        "tool": {"driver": _driver()},
        "invocations": [_invocation(report)],
        "artifacts": list(artifacts.values()),
        "results": [
            _result(indices[_target(result)], result, finding, seen)
            for result in report.results
            for finding in result.findings
        ],
    }
    return json_text({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _driver() -> dict[str, Any]:
    return {
        "name": TOOL["name"],
        "semanticVersion": TOOL["version"],
        "rules": [_rule(info) for info in CATALOGUE.values()],
        "notifications": [
            {"id": name, "shortDescription": {"text": words}, "defaultConfiguration": {"level": level}}
            for name, (level, words) in NOTIFICATIONS.items()
        ],
    }


def _rule(info: RuleInfo) -> dict[str, Any]:
    return {
        "id": info.id,
        "name": info.name,
        "shortDescription": {"text": info.title},
        "fullDescription": {"text": f"{info.title}."},
        "help": {"text": f"{info.id}: {info.title}. {CAUTION}"},
        "defaultConfiguration": {"level": info.level.value},
    }


def _invocation(report: Report) -> dict[str, Any]:
    skipped = [_notification(SKIPPED, s.path, s.reason) for s in report.skipped]
    unsettled = [
        _notification(INCONCLUSIVE, r.path, " ".join(f.message for f in r.findings))
        for r in report.results
        if standing(r) is Standing.INCONCLUSIVE
    ]
    ended = {"endTimeUtc": f"{report.checked:%Y-%m-%dT%H:%M:%SZ}"} if report.checked else {}
    return {
        "executionSuccessful": not report.skipped,
        **ended,
        "toolExecutionNotifications": skipped + unsettled,
        "properties": {"summary": counts(report), "matchScore": report.match_score},
    }


def _notification(name: str, path: str, reason: str) -> dict[str, Any]:
    level, words = NOTIFICATIONS[name]
    return {
        "descriptor": {"id": name, "index": list(NOTIFICATIONS).index(name)},
        "level": level,
        "message": {"text": _message(f"{words}. {path}: {reason}")},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(path)}}}],
    }


def _target(result: Result) -> tuple[str, str]:
    return _uri(result.path), result.sha256


def _artifact(result: Result) -> dict[str, Any]:
    return {
        "location": {"uri": _uri(result.path)},
        "roles": ["analysisTarget"],
        "hashes": {"sha-256": result.sha256},
    }


def _result(index: int, result: Result, finding: Finding, seen: Counter[str]) -> dict[str, Any]:
    rule = {"ruleIndex": list(CATALOGUE).index(finding.id)} if finding.id in CATALOGUE else {}
    about_matches = finding.id.startswith(ABOUT_MATCHES)
    return {
        "ruleId": finding.id,
        **rule,
        "level": "error" if fails(finding) else finding.level.value,
        "message": {"text": _message(f"{finding.message} {finding.settle}".rstrip() or finding.id)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(result.path), "index": index},
                    # A photo has no lines, but GitHub shows no result without one.
                    "region": {"startLine": 1},
                }
            }
        ],
        "relatedLocations": _related(result) if about_matches else [],
        "partialFingerprints": {FINGERPRINT: _fingerprint(result, finding, seen)},
        "suppressions": _suppressions(finding),
        "properties": _properties(result, finding),
    }


def _related(result: Result) -> list[dict[str, Any]]:
    """Return where references lie; not those on the web, for which GitHub would refuse the whole file."""
    files = [m for m in copies(result) if not web_address(m.reference.path)][:RELATED_SHOWN]
    return [
        {
            "id": number,
            "physicalLocation": {"artifactLocation": {"uri": _uri(match.reference.path)}},
            "message": {"text": _message(match_words(match))},
        }
        for number, match in enumerate(files, start=1)
    ]


def _fingerprint(result: Result, finding: Finding, seen: Counter[str]) -> str:
    """Return what stays the same between runs, whatever the archive has learnt since."""
    stable = hashlib.sha256(f"{finding.id}\0{result.sha256}".encode("utf-8", "surrogatepass")).hexdigest()
    key = f"{portable(result.path)}\0{stable}"
    seen[key] += 1
    return f"{stable}:{seen[key]}"


def _suppressions(finding: Finding) -> list[dict[str, Any]]:
    accepted = finding.accepted
    if accepted is None:
        return []
    return [
        {
            "kind": "external",
            "status": "accepted",
            "justification": acceptance(finding),
            "properties": {
                "reason": accepted.reason,
                "author": accepted.author,
                "source": accepted.source,
                "expires": accepted.expires and accepted.expires.isoformat(),
            },
        }
    ]


def _properties(result: Result, finding: Finding) -> dict[str, Any]:
    found, first = copies(result), first_seen(result)
    return {
        "verdict": result.verdict.value,
        "heading": verdict_words(result),
        "fails": fails(finding),
        "sha256": result.sha256,
        "score": round(found[0].score, 3) if found else None,
        "references": [
            {"path": m.reference.path, "sha256": m.reference.sha256, "score": round(m.score, 3)}
            for m in found[:RELATED_SHOWN]
        ],
        "firstSeen": first and _first_seen(first),
        "changedRegions": [
            {**(box_value(region.query) or {}), "kind": region.kind.value, "score": round(region.score, 3)}
            for match in found
            if match.alteration
            for region in match.alteration.regions
        ],
    }


def _first_seen(sighting: Sighting) -> dict[str, str | None]:
    dating = sighting.datings[0]
    return {
        "basis": dating.basis.value,
        "date": dating.when.text,
        "outlet": sighting.outlet,
        "place": sighting.place,
        "caption": sighting.caption,
        "url": link(sighting),
        "path": sighting.path,
        "rating": sighting.rating,
    }


def _message(text: str) -> str:
    """Return text in which brackets are no link and braces no placeholder (SARIF 3.11.5, 3.11.6)."""
    return text.replace("[", r"\[").replace("]", r"\]").replace("{", "{{").replace("}", "}}")


def _uri(path: str) -> str:
    """Return a path as a URI: relative, without base, is what GitHub reads as from the repository's root."""
    slashed = portable(path)
    try:
        content = slashed.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        content = slashed.encode("utf-8", "surrogatepass")
    if not PurePath(path).is_absolute():
        return quote(content)
    return f"file://{'' if slashed.startswith('/') else '/'}{quote(content)}"
