"""What several forms of report need to know of a result, told the same in all of them."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rfc3986_validator import validate_rfc3986

from provenance.model import Acceptance, Finding, Kind, Level, Result, Verdict
from provenance.report.escaping import portable, web_address
from provenance.report.outcome import Standing, copies, first_seen, open_findings, standing, worst_first

NOTE = Finding("PR104", Level.NOTE, "n")
WARNING = Finding("PR106", Level.WARNING, "w")
ERROR = Finding("PR101", Level.ERROR, "e")


def accepted(finding):
    return replace(finding, accepted=Acceptance("r", "a", "s"))


def failing(finding):
    return replace(finding, fails=True)


@pytest.mark.parametrize(
    ("verdict", "findings", "expected"),
    [
        (Verdict.FLAGGED, [WARNING, failing(ERROR)], Standing.FAILS),
        (Verdict.NOTHING_FOUND, [failing(NOTE)], Standing.FAILS),
        (Verdict.FLAGGED, [ERROR], Standing.FLAGGED),
        (Verdict.FLAGGED, [accepted(failing(ERROR))], Standing.CLEAN),
        (Verdict.FLAGGED, [accepted(failing(ERROR)), WARNING], Standing.WARNED),
        (Verdict.INCONCLUSIVE, [WARNING], Standing.INCONCLUSIVE),
        (Verdict.INCONCLUSIVE, [], Standing.INCONCLUSIVE),
        (Verdict.INCONCLUSIVE, [accepted(WARNING), NOTE], Standing.CLEAN),
        (Verdict.INCONCLUSIVE, [accepted(ERROR), WARNING], Standing.INCONCLUSIVE),
        (Verdict.NOTHING_FOUND, [WARNING], Standing.WARNED),
        (Verdict.NOTHING_FOUND, [NOTE], Standing.CLEAN),
    ],
)
def test_a_photo_stands_by_its_worst_finding_that_nobody_accepted(verdict, findings, expected):
    assert standing(Result("a", "b" * 64, verdict, tuple(findings), ())) is expected


def test_what_fails_comes_first_and_what_is_accepted_last():
    told = [NOTE, accepted(ERROR), WARNING, ERROR, failing(WARNING)]
    assert worst_first(told) == [failing(WARNING), ERROR, WARNING, NOTE, accepted(ERROR)]
    result = Result("a", "b" * 64, Verdict.FLAGGED, tuple(told), ())
    assert open_findings(result) == [failing(WARNING), ERROR, WARNING]


def test_the_first_sighting_is_the_earliest_dated_one_of_any_copy(mixed):
    flagged = mixed.results[2]
    (match, other), (sighting,) = flagged.matches, flagged.matches[0].sightings
    earlier = replace(
        sighting, outlet="Earlier", published=None, captured=replace(sighting.published, latest=None)
    )
    day = sighting.published.earliest
    earliest = replace(
        sighting, outlet="Earliest", published=replace(sighting.published, text="2016-12-01", latest=day)
    )
    undated = replace(sighting, published=None, recorded=None)
    matches = (
        replace(match, sightings=(undated,)),
        replace(match, sightings=(sighting,)),
        replace(other, sightings=(earliest, earlier)),
        replace(other, kind=Kind.SAME_SCENE, sightings=(replace(earliest, outlet="of the scene"),)),
    )
    result = replace(flagged, matches=matches)
    assert first_seen(result) == earliest
    assert len(copies(result)) == 3
    assert first_seen(replace(flagged, matches=matches[:1])) is None


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://example.org/a?b=c#d", "https://example.org/a?b=c#d"),
        ("HTTP://example.org/حلب 1.jpg", "http://example.org/%D8%AD%D9%84%D8%A8%201.jpg"),
        ("https://example.org/100%/%41", "https://example.org/100%25/%41"),
        ("https://example.org/#a#b", "https://example.org/#a%23b"),
        ("javascript:alert(1)//https://example.org", None),
        ("https://", None),
        ("https://[", None),
        ("https://example.org:port/", None),
        ("archive/a.jpg", None),
        ("", None),
        (None, None),
    ],
)
def test_only_what_is_an_address_on_the_web_becomes_one(text, address):
    assert web_address(text) == address


@given(
    st.text(st.characters(exclude_categories=()), max_size=60),
    st.sampled_from(["", "http://", "https://a/", "https://a?"]),
)
def test_whatever_becomes_an_address_is_a_valid_one_and_stays_as_it_is(text, start):
    address = web_address(start + text)
    assert address is None or (validate_rfc3986(address) and re.match("https?://.", address))
    assert web_address(address) == address


def test_paths_are_told_with_slashes_and_without_a_dot():
    assert portable("./uploads//a.jpg") == "uploads/a.jpg"
