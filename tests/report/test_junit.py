"""JUnit XML is valid by its XSD, counts rightly, and never passes what was not checked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import xmlschema
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from provenance.report.junit import report_junit

XSD = xmlschema.XMLSchema(Path(__file__).parent / "standards" / "junit-10.xsd")


def valid_suite(report):
    """Return the one suite of the report, which the XSD must find valid and whose counts must be right."""
    root = ET.fromstring(report_junit(report).encode())
    XSD.validate(root)
    (suite,) = root
    cases = suite.findall("testcase")
    assert int(suite.get("tests")) == int(root.get("tests")) == len(cases)
    assert int(suite.get("failures")) == sum(case.find("failure") is not None for case in cases)
    assert int(suite.get("errors")) == sum(case.find("error") is not None for case in cases)
    return suite


def test_the_xsd_is_really_asked(report):
    wrong = ET.fromstring(report_junit(report).encode())
    wrong[0][1].set("file", "a.jpg")
    with pytest.raises(xmlschema.XMLSchemaValidationError):
        XSD.validate(wrong)


def test_it_is_as_it_was(mixed, snapshot):
    valid_suite(mixed)
    snapshot("junit.xml", report_junit(mixed))


def test_a_photo_is_a_case_that_fails_only_for_what_fails_and_errs_for_what_was_not_checked(mixed):
    cases = {case.get("name"): case for case in valid_suite(mixed).findall("testcase")}
    assert {
        name: [(e.tag, e.get("type")) for e in case if e.tag != "system-out"] for name, case in cases.items()
    } == {
        "uploads/clean.jpg": [],
        "uploads/warned.jpg": [],
        "uploads/fails, 100%.jpg": [("failure", "PR101"), ("failure", "PR201")],
        "uploads/let-pass.jpg": [],
        "uploads/unsettled.jpg": [("error", "inconclusive")],
        "uploads/accepted.jpg": [],
        "posts/c.jpg": [("error", "skipped")],
    }


def test_a_failure_says_what_would_settle_it_and_the_case_where_it_was_seen(mixed):
    case = valid_suite(mixed).findall("testcase")[2]
    assert "What would settle it: Open that publication" in case.find("failure").text
    assert "published 2016-12, Example Wire, حلب" in case.find("system-out").text
    accepted = valid_suite(mixed).findall("testcase")[5]
    assert "Accepted until 2025-03-01 by R. Haddad" in accepted.find("system-out").text


def test_the_time_is_told_where_it_is_known(mixed):
    assert valid_suite(mixed).get("timestamp") == "2024-12-01T09:30:00"
    assert valid_suite(replace(mixed, checked=None)).get("timestamp") is None


def test_what_xml_forbids_is_shown_as_escapes(saying):
    suite = valid_suite(saying("a\x00\x0b\ud800\uffff]]>&<b>"))
    assert suite.find("testcase").get("name") == r"a\x00\x0b\ud800\uffff]]>&<b>"


@given(text=st.text(st.characters(exclude_categories=()), max_size=60))
@example(text="\ud800\ufffe\x1b" + "x" * 10_000)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_strangers_wrote_it_stays_valid(saying, text):
    assert len(valid_suite(saying(text)).findall("testcase")) == 7
