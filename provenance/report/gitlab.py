"""GitLab's code quality report: an array of issues, shown in merge requests."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from provenance.model import Level
from provenance.report.escaping import json_text, portable
from provenance.report.outcome import (
    Standing,
    acceptance,
    fails,
    standing,
    title,
    worst_first,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.model import Finding, Report

FAILING = "critical"
SEVERITIES = {Level.ERROR: "major", Level.WARNING: "minor", Level.NOTE: "info"}
ACCEPTED = "info"


class Issue(NamedTuple):
    """One entry; `sha256` is empty where the photo could not be read."""

    path: str
    sha256: str
    check: str
    severity: str
    words: str


def report_gitlab(report: Report) -> str:
    """Return an issue a finding, and one for each photo that was skipped or for which nothing follows."""
    seen: Counter[tuple[str, ...]] = Counter()
    return json_text([_value(issue, seen) for issue in _issues(report)])


def _issues(report: Report) -> Iterator[Issue]:
    for result in report.results:
        if standing(result) is Standing.INCONCLUSIVE:
            told = "Inconclusive, which is not clean"
            yield Issue(result.path, result.sha256, "inconclusive", SEVERITIES[Level.ERROR], told)
        for finding in worst_first(result.findings):
            told = f"{title(finding)}. {finding.message} {finding.settle} {acceptance(finding)}".rstrip()
            yield Issue(result.path, result.sha256, finding.id, _severity(finding), told)
    for skipped in report.skipped:
        yield Issue(skipped.path, "", "skipped", FAILING, f"Not checked: {skipped.reason}")


def _severity(finding: Finding) -> str:
    if finding.accepted:
        return ACCEPTED
    return FAILING if fails(finding) else SEVERITIES[finding.level]


def _value(issue: Issue, seen: Counter[tuple[str, ...]]) -> dict[str, Any]:
    place = portable(issue.path)
    # What was found may be worded anew as the archive grows; where it was found, and by which rule, may not.
    stable = (place, issue.sha256, issue.check)
    seen[stable] += 1
    identity = "\0".join((*stable, str(seen[stable])))
    return {
        "description": issue.words,
        "check_name": issue.check,
        "fingerprint": hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest(),
        "severity": issue.severity,
        "location": {"path": place, "lines": {"begin": 1}},
    }
