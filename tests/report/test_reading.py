"""Our JSON report comes back as it was, and nothing else comes back at all."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.errors import ExitCode, ReportError
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
from provenance.report.json_report import document, report_json
from provenance.report.reading import read_report, read_result
from provenance.report.terminal import report_text

SCHEMA = jsonschema.Draft202012Validator(
    json.loads((files("provenance.report") / "schemas" / "report-1.0.json").read_text()),
    format_checker=jsonschema.FormatChecker(),
)
TEXT = st.text(max_size=12)
DIGEST = st.text("0123456789abcdef", min_size=64, max_size=64)
SHARE = st.floats(0, 1)
NUMBER = st.floats(allow_nan=False, allow_infinity=False)
WHOLE = st.integers(0, 2**40)
BOX = st.tuples(WHOLE, WHOLE, WHOLE, WHOLE)
MAYBE_TEXT = st.none() | TEXT
RANGE = st.none() | st.builds(DateRange, TEXT, st.none() | st.dates(), st.none() | st.dates())
CLAIM = st.builds(Claim, RANGE, MAYBE_TEXT, MAYBE_TEXT, MAYBE_TEXT)
EVIDENCE = st.lists(st.builds(Evidence, TEXT, TEXT, TEXT, TEXT), max_size=2).map(tuple)
ACCEPTANCE = st.builds(Acceptance, TEXT, TEXT, TEXT, st.none() | st.dates())
FINDING = st.builds(
    Finding,
    st.integers(0, 999).map("PR{:03}".format),
    st.sampled_from(Level),
    st.text(min_size=1, max_size=12),
    EVIDENCE,
    TEXT,
    st.booleans(),
    st.none() | ACCEPTANCE,
)
SIGHTING = st.builds(
    Sighting,
    TEXT,
    st.just(""),
    *(MAYBE_TEXT, MAYBE_TEXT, RANGE, RANGE, MAYBE_TEXT, MAYBE_TEXT, MAYBE_TEXT, MAYBE_TEXT),
    st.none() | st.datetimes(timezones=st.just(UTC)),
    RANGE,
    *[MAYBE_TEXT] * 5,
    st.none() | st.dates(),
)
REGION = st.builds(
    ChangedRegion,
    BOX,
    st.none() | BOX,
    st.sampled_from(ChangeKind),
    NUMBER,
    SHARE,
    st.just(ChangeKind.CHANGED),
)
OVERALL = st.builds(
    GlobalChanges,
    **dict.fromkeys(("gone", "left", "top", "right", "bottom", "added"), SHARE),
    **dict.fromkeys(("mirrored", "inverted", "greyscale"), st.booleans()),
    **dict.fromkeys(("scale", "stretch", "perspective", "bend", "saturation"), st.floats(0, 1e6)),
    **dict.fromkeys(("gain", "offset", "sharpness"), NUMBER),
    rotation=st.floats(-180, 180),
    quality=st.none() | st.integers(1, 100),
)
ALTERATION = st.builds(
    Alteration,
    st.sampled_from(ChangeOutcome),
    st.sampled_from(Against),
    st.lists(REGION, max_size=2).map(tuple),
    SHARE,
    st.none() | OVERALL,
    st.booleans(),
    SHARE,
)
MATCH = st.builds(
    Match,
    st.builds(
        Reference,
        st.integers(1, 2**40),
        TEXT,
        DIGEST | DIGEST.map("pdq:{}".format),
        WHOLE,
        WHOLE,
        st.booleans(),
    ),
    st.sampled_from(Kind),
    NUMBER,
    st.none() | st.integers(0, 256),
    st.builds(Overlap, SHARE, SHARE),
    st.tuples(*[NUMBER] * 9),
    st.booleans(),
    st.booleans(),
    st.integers(0, 359),
    st.none() | BOX,
    st.none() | WHOLE,
    st.none() | SHARE,
    st.lists(SIGHTING, max_size=2).map(tuple),
    st.none() | ALTERATION,
)


@st.composite
def versions(draw, matches):
    """Draw how a photo and its matches relate, or nothing."""
    if not matches or not draw(st.booleans()):
        return None
    references = [None, *(m.reference.id for m in matches)]
    place = st.integers(0, len(references) - 1)
    places = st.lists(place, max_size=2).map(tuple)
    told = tuple(Version(r, draw(places), draw(places), draw(st.floats(0, 100))) for r in references)
    return Versions(told, *(draw(st.none() | place) for _ in range(3)))


@st.composite
def results(draw):
    matches = tuple(draw(st.lists(MATCH, max_size=2)))
    return Result(
        draw(TEXT),
        draw(DIGEST),
        draw(st.sampled_from(Verdict)),
        tuple(draw(st.lists(FINDING, max_size=2))),
        matches,
        draw(st.none() | CLAIM),
        tuple(draw(st.lists(TEXT, max_size=2))),
        draw(EVIDENCE),
        draw(st.none() | st.tuples(WHOLE, WHOLE)),
        draw(versions(matches)),
    )


REPORT = st.builds(
    Report,
    st.builds(ArchiveInfo, TEXT, WHOLE, WHOLE, st.integers(1, 99), WHOLE, identity=TEXT),
    st.floats(-10, 80),
    st.lists(results(), max_size=2).map(tuple),
    st.lists(st.builds(Skipped, TEXT, st.text(min_size=1, max_size=9)), max_size=2).map(tuple),
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


@given(report=REPORT)
@settings(max_examples=60)
def test_what_was_written_is_read_back_as_it_was_and_written_again_as_the_same_text(report):
    text = report_json(report)
    read = read_report(text)
    assert read == report
    assert report_json(read) == text
    SCHEMA.validate(json.loads(text))


def test_what_json_leaves_out_comes_back_as_documented(report):
    location = replace(report.results[0].matches[0].sightings[0], location="/somewhere")
    region = ChangedRegion((1, 2, 3, 4), None, ChangeKind.BAR, 9.0, 0.1, ChangeKind.OVERLAY)
    altered = Alteration(ChangeOutcome.COMPARED, Against.PREVIEW, (region,))
    match = replace(report.results[0].matches[0], sightings=(location,), alteration=altered)
    written = replace(
        report,
        archive=replace(report.archive, originals=3, original_bytes=99),
        results=(replace(report.results[0], matches=(match,)),),
        checked=datetime(2026, 1, 1, tzinfo=UTC),
    )
    read = read_report(report_json(written))
    told = read.results[0].matches[0]
    assert told.sightings[0].location == ""
    assert told.alteration.regions[0] == replace(region, likeliest=ChangeKind.CHANGED)
    assert (read.checked, read.archive.originals, read.archive.original_bytes) == (None, 0, 0)


def test_what_is_read_back_is_told_in_the_same_words(report):
    assert report_text(read_report(report_json(report))) == report_text(report)


def test_members_that_later_versions_add_are_passed_over(report):
    value = json.loads(report_json(report)) | {"schema_version": "1.7", "novelty": [1]}
    assert read_report(json.dumps(value)).results[0].path == report.results[0].path


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "not JSON"),
        ("[]", "The document is not a JSON object"),
        ("{}", "tool is not there"),
        ("[" * 100_000, "not JSON"),
        ('{"schema_version": NaN}', "NaN is no number"),
        ('{"tool": {"name": "another"}}', "tool.name is not provenance"),
        (
            '{"tool": {"name": "provenance"}, "schema_version": "2.0"}',
            "'2.0', which this version does not read",
        ),
        ("1" * 5_000, "not JSON"),
    ],
)
def test_what_is_no_report_of_ours_is_refused_with_the_reason(text, told):
    with pytest.raises(ReportError, match=told) as refused:
        read_report(text)
    assert refused.value.exit_code is ExitCode.USAGE


def places(value, path=()):
    """Yield the path of every value inside a document."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield (*path, key)
        if isinstance(inner, dict | list):
            yield from places(inner, (*path, key))


@given(data=st.data(), report=REPORT)
@settings(max_examples=100)
def test_whatever_stands_in_one_place_it_is_read_or_refused(data, report):
    value = json.loads(report_json(report))
    *path, last = data.draw(st.sampled_from(list(places(value))))
    inside = value
    for key in path:
        inside = inside[key]
    inside[last] = data.draw(JSON)
    try:
        read = read_report(json.dumps(value))
    except ReportError as error:
        assert error.message
    else:
        assert read_report(report_json(read)) == read


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("score", math.inf),
        ("score", True),
        ("score", 10**400),
        ("rotation", 360),
        ("distance", 1.5),
        ("kind", "forged"),
        ("transform", [1] * 8),
    ],
)
def test_a_value_out_of_its_range_is_named_with_its_place(report, name, value):
    result = document(report)["results"][0]
    result["matches"][0][name] = value
    with pytest.raises(ReportError, match=rf"^matches\.0\.{name} is not "):
        read_result(result)


@pytest.mark.parametrize(
    "versions",
    [
        Versions((Version(None), Version(7))),
        Versions((Version(None, parents=(1,)),)),
        Versions((Version(None),), earliest=1),
        Versions(()),
    ],
)
def test_versions_name_nothing_that_is_not_there(report, versions):
    (result, _) = report.results
    with pytest.raises(ReportError, match=r"^versions\."):
        read_result(document(replace(report, results=(replace(result, versions=versions),)))["results"][0])


def test_a_sighting_without_a_zone_is_refused_and_dates_are_days_of_the_calendar(report):
    result = document(report)["results"][0]
    result["matches"][0]["sightings"][0]["recorded"] = "2024-01-31T00:00:00"
    with pytest.raises(ReportError, match="offset from UTC"):
        read_result(result)
    result["claim"]["date"]["earliest"] = "2024-02-30"
    result["matches"] = []
    with pytest.raises(ReportError, match=r"claim.date.earliest is not a date"):
        read_result(result)
