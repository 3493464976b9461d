"""GitLab's code quality report has what GitLab asks for, and fingerprints that stay."""

from __future__ import annotations

import json
from dataclasses import replace

import jsonschema
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from provenance.report.gitlab import report_gitlab

REQUIRED = {
    "type": "array",
    "items": {
        "type": "object",
        "additionalProperties": False,
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": r"^(?!\./)"},
                    "lines": {"type": "object", "required": ["begin"], "properties": {"begin": {"const": 1}}},
                },
            },
        },
    },
}
"""What GitLab's documentation of the code quality report asks for; it publishes no schema."""


def valid_issues(report):
    """Return the issues, which must be valid and distinct."""
    written = report_gitlab(report)
    written.encode()
    issues = json.loads(written)
    jsonschema.validate(issues, REQUIRED)
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)
    return issues


def test_it_is_as_it_was(mixed, snapshot):
    valid_issues(mixed)
    snapshot("gitlab.json", report_gitlab(mixed))


def test_severity_follows_what_fails_the_level_and_what_is_accepted(mixed):
    told = {
        (i["location"]["path"].split("/")[-1], i["check_name"]): i["severity"] for i in valid_issues(mixed)
    }
    assert told == {
        ("clean.jpg", "PR303"): "info",
        ("warned.jpg", "PR203"): "minor",
        ("fails, 100%.jpg", "PR101"): "critical",
        ("fails, 100%.jpg", "PR201"): "critical",
        ("fails, 100%.jpg", "PR203"): "minor",
        ("let-pass.jpg", "PR101"): "major",
        ("unsettled.jpg", "inconclusive"): "major",
        ("unsettled.jpg", "PR106"): "minor",
        ("accepted.jpg", "PR101"): "info",
        ("c.jpg", "skipped"): "critical",
    }


def test_nothing_to_tell_is_an_empty_array(mixed):
    assert report_gitlab(replace(mixed, results=(), skipped=())) == "[]\n"


def test_fingerprints_stay_however_the_findings_are_worded(mixed):
    anew = replace(
        mixed,
        results=tuple(
            replace(r, matches=(), findings=tuple(replace(f, message="anew") for f in r.findings))
            for r in mixed.results
        ),
    )
    assert [i["fingerprint"] for i in valid_issues(anew)] == [i["fingerprint"] for i in valid_issues(mixed)]


@given(text=st.text(st.characters(exclude_categories=()), max_size=60))
@example(text="\ud800\u202e\x00" + "x" * 10_000)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_strangers_wrote_it_stays_valid_and_distinct(saying, text):
    assert len(valid_issues(saying(text))) == 10
