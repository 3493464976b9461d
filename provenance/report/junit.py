"""JUnit XML, as Jenkins' xunit plugin (junit-10.xsd) and Surefire have it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from provenance.model.clean import clean
from provenance.report.outcome import (
    Standing,
    acceptance,
    copies,
    counts,
    fails,
    match_words,
    sighting_words,
    standing,
    verdict_words,
    worst_first,
)
from provenance.report.terminal import finding_lines, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.model import Finding, Report, Result

NAME = "provenance"

MATCHES_SHOWN = 5
SIGHTINGS_SHOWN = 5


def report_junit(report: Report) -> str:
    """Return the report as one test suite with a case a photo.

    What fails is a failure; a photo that was skipped or for which nothing follows is an error.
    """
    stands = [standing(result) for result in report.results]
    totals = {
        "tests": str(len(report.results) + len(report.skipped)),
        "failures": str(stands.count(Standing.FAILS)),
        "errors": str(stands.count(Standing.INCONCLUSIVE) + len(report.skipped)),
    }
    root = ET.Element("testsuites", {"name": NAME, **totals})
    when = {"timestamp": f"{report.checked:%Y-%m-%dT%H:%M:%S}"} if report.checked else {}
    suite = ET.SubElement(root, "testsuite", {"name": NAME, **totals, "skipped": "0", **when})
    properties = ET.SubElement(suite, "properties")
    for name, value in _properties(report).items():
        ET.SubElement(properties, "property", {"name": name, "value": clean(value)})
    for result, stands_at in zip(report.results, stands, strict=True):
        _case(suite, result, stands_at)
    for skipped in report.skipped:
        case = _named(suite, skipped.path)
        reason = clean(skipped.reason)
        ET.SubElement(case, "error", {"type": "skipped", "message": reason}).text = f"Not checked: {reason}"
    ET.indent(root, " ")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _properties(report: Report) -> dict[str, str]:
    archive = report.archive
    return {
        "summary": counts(report),
        "archive": archive.location,
        "images": str(archive.images),
        "sightings": str(archive.sightings),
        "match_score": f"{report.match_score:g}",
    }


def _named(suite: ET.Element, path: str) -> ET.Element:
    return ET.SubElement(suite, "testcase", {"classname": NAME, "name": clean(path) or "(no name)"})


def _case(suite: ET.Element, result: Result, stands: Standing) -> None:
    case = _named(suite, result.path)
    for finding in worst_first(result.findings):
        if fails(finding):
            failure = ET.SubElement(case, "failure", {"type": finding.id, "message": clean(finding.message)})
            failure.text = _told(finding)
    if stands is Standing.INCONCLUSIVE:
        reasons = " ".join(f.message for f in worst_first(result.findings) if f.accepted is None)
        message = clean(reasons) or "Nothing follows for this photo."
        ET.SubElement(
            case, "error", {"type": "inconclusive", "message": message}
        ).text = f"Inconclusive, which is not clean: {message}"
    ET.SubElement(case, "system-out").text = "\n".join(_lines(result))


def _told(finding: Finding) -> str:
    evidence = (clean(f"  {e.kind}: {e.value} ({e.source}; {e.reliability})") for e in finding.evidence)
    accepted = clean(acceptance(finding))
    return "\n".join([plain(finding_lines(finding)).strip(), *evidence, *([accepted] if accepted else [])])


def _lines(result: Result) -> Iterator[str]:
    yield verdict_words(result).upper()
    for finding in worst_first(result.findings):
        yield _told(finding)
    found = copies(result)
    for match in found[:MATCHES_SHOWN]:
        yield clean(f"match {match_words(match)}")
        for sighting in match.sightings[:SIGHTINGS_SHOWN]:
            yield clean(f"  {sighting_words(sighting)}")
    if len(found) > MATCHES_SHOWN:
        yield f"and {len(found) - MATCHES_SHOWN} more matches"
