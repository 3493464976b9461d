"""What files say of themselves, as text and JSON: everything, in order, valid, and not to be steered by strangers."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provenance.model import (
    Credentials,
    CredentialState,
    Fact,
    FactSource,
    FileFacts,
    Finding,
    Hint,
    HintKind,
    Inspection,
    Inspections,
    Level,
    Moment,
    Position,
    Skipped,
    Stamp,
    ThumbnailComparison,
    ThumbnailOutcome,
    Verdict,
)
from provenance.report.inspections import FACTS_SHOWN, inspections_styled, inspections_text
from provenance.report.inspections_json import SCHEMA_VERSION, inspections_json

SCHEMA = json.loads((files("provenance.report") / "schemas" / "inspection-1.0.json").read_text())
CAPTURED = Stamp(
    Moment.CAPTURED,
    FactSource.EXIF,
    "DateTimeOriginal",
    "2016:12:13 10:00:00",
    datetime(2016, 12, 12, 20, tzinfo=UTC),
    datetime(2016, 12, 13, 22, tzinfo=UTC),
)
UNSET = Stamp(Moment.MODIFIED, FactSource.EXIF, "DateTime", "0000:00:00", None, None)


def assert_valid(document):
    jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(document)


@pytest.fixture
def facts():
    return FileFacts(
        facts=(
            Fact(FactSource.XMP, "xmp:CreatorTool", "GIMP"),
            Fact(FactSource.EXIF, "Make", "Example"),
            Fact(FactSource.EXIF, "DateTimeOriginal", "2016:12:13 10:00:00", "without a zone"),
        ),
        stamps=(UNSET, CAPTURED),
        positions=(Position(FactSource.EXIF, 36.2, 37.15, 8.0),),
        credentials=Credentials(
            CredentialState.UNTRUSTED, signer="Example Desk", signed=datetime(2024, 1, 2, tzinfo=UTC)
        ),
        thumbnail=ThumbnailComparison(ThumbnailOutcome.DIFFERS, (160, 120), ((1, 2, 3, 4),), 6.0),
        hints=(Hint(HintKind.GRID_SHIFT, 3.5, ((8, 8, 16, 16),), "blocks begin at 3, 5"),),
        faults=("the IPTC block is cut short",),
    )


@pytest.fixture
def report(facts):
    finding = Finding("PR305", Level.ERROR, "The thumbnail shows something else.", settle="Look at both.")
    return Inspections(
        (
            Inspection("a.jpg", "a" * 64, Verdict.FLAGGED, (finding,), facts, "JPEG", (640, 480)),
            Inspection("b.png", "b" * 64, Verdict.NOTHING_FOUND, (), FileFacts(), "PNG", (64, 48)),
        ),
        (Skipped("c.jpg", "0 bytes; fetch the file again"),),
    )


def test_the_schema_is_a_schema_of_this_version_and_knows_the_model():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["schema_version"]["const"] == SCHEMA_VERSION
    defined = SCHEMA["$defs"]
    for name, key, members in (
        ("fact", "source", FactSource),
        ("stamp", "moment", Moment),
        ("credentials", "state", CredentialState),
        ("thumbnail", "outcome", ThumbnailOutcome),
        ("hint", "kind", HintKind),
        ("result", "verdict", Verdict),
    ):
        assert defined[name]["properties"][key]["enum"] == [m.value for m in members]


def test_json_is_valid_and_holds_everything(report):
    document = json.loads(inspections_json(report))
    assert_valid(document)
    first, second = document["results"]
    assert (first["format"], first["width"], first["height"], first["verdict"]) == (
        "JPEG",
        640,
        480,
        "flagged",
    )
    assert [f["name"] for f in first["facts"]] == ["xmp:CreatorTool", "Make", "DateTimeOriginal"]
    assert first["timeline"][0]["earliest"] == "2016-12-12T20:00:00Z"
    assert first["timeline"][1]["earliest"] is None
    assert first["credentials"]["signed"] == "2024-01-02T00:00:00Z"
    assert first["thumbnail"]["regions"] == [{"x": 1, "y": 2, "width": 3, "height": 4}]
    assert first["hints"][0]["words"] == "blocks begin at 3, 5"
    assert (second["hints"], second["credentials"], second["facts"]) == (None, None, [])
    assert document["skipped"] == [{"path": "c.jpg", "reason": "0 bytes; fetch the file again"}]


def test_text_tells_the_facts_by_source_then_the_findings_then_what_they_do_not_mean(report):
    told = inspections_text(report)
    order = [
        "FLAGGED  a.jpg  JPEG, 640 x 480 pixels\n",
        "  EXIF         Make              Example\n"
        "               DateTimeOriginal  2016:12:13 10:00:00  (without a zone)\n",
        "  XMP          xmp:CreatorTool   GIMP\n",
        "  thumbnail    160 x 120 pixels, shows something else in places\n",
        "  credentials  signature and hashes hold; the signer is on no trust list that was used\n"
        "               signer: Example Desk\n"
        "               signed: 2024-01-02 00:00 UTC\n",
        "  position     36.20000, 37.15000, to within 8 m  (EXIF)\n",
        "  timeline     2016-12-12/2016-12-13  captured    2016:12:13 10:00:00  (EXIF DateTimeOriginal)\n"
        "               no date                modified    0000:00:00  (EXIF DateTime)\n",
        "  unread       the IPTC block is cut short\n",
        "  PR305 error   The thumbnail shows something else.\n",
        "NOTHING FOUND  b.png  PNG, 64 x 48 pixels\n  metadata     none\n"
        "  pixels       the pixels were not looked at; --hints does that\n",
        "SKIPPED  c.jpg: 0 bytes; fetch the file again\n",
        "2 photos: 1 flagged, 1 nothing found, 0 inconclusive, 1 skipped; 0 with warnings.\n",
        "What this does not mean:",
    ]
    places = [told.index(part) for part in order]
    assert places == sorted(places)


def test_that_pixels_gave_no_hint_is_not_told_as_proof(report, facts):
    looked = replace(report.results[0], facts=replace(facts, hints=()))
    assert "that does not show that there was none" in inspections_text(Inspections((looked,)))


def test_a_photo_with_warnings_is_not_headed_nothing_found(report):
    warned = replace(report.results[1], findings=(Finding("PR301", Level.WARNING, "Earlier."),))
    told = inspections_text(Inspections((warned,)))
    assert told.startswith("WORTH A LOOK  b.png")
    assert (
        told.splitlines()[4]
        == "1 photo: 0 flagged, 1 nothing found, 0 inconclusive, 0 skipped; 1 with warnings."
    )


def test_a_file_that_is_merely_built_somehow_has_no_metadata(report):
    built = FileFacts(facts=(Fact(FactSource.STRUCTURE, "quality", "90"),))
    told = inspections_text(Inspections((replace(report.results[1], facts=built),)))
    assert "  metadata     none\n  structure    quality  90\n" in told


def test_facts_beyond_those_shown_are_counted(report):
    many = FileFacts(facts=tuple(Fact(FactSource.EXIF, f"tag {n}", "x") for n in range(FACTS_SHOWN + 7)))
    told = inspections_text(Inspections((replace(report.results[0], facts=many),)))
    assert told.count("  x\n") == FACTS_SHOWN
    assert "and 7 more (--format json has all)" in told


def test_the_word_authentic_is_only_ever_denied(report):
    text = inspections_text(report)
    assert text.count("authentic") == text.count("not that the photo is authentic") == 1


def test_colours_go_where_no_color_is_set(report, monkeypatch):
    assert "\x1b[" in inspections_styled(report, width=100)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[3" not in inspections_styled(report, width=100)


@given(text=st.text(max_size=60), number=st.floats())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_strangers_wrote_json_stays_valid_and_text_stays_on_its_lines(report, facts, text, number):
    hostile = FileFacts(
        facts=(Fact(FactSource.EXIF, text, text, text),),
        stamps=(replace(CAPTURED, name=text, text=text),),
        positions=(Position(FactSource.XMP, 1.0, 2.0, number),),
        credentials=replace(facts.credentials, signer=text, actions=(text,), codes=(text,), validator=text),
        faults=(text,),
    )
    shown = replace(report.results[0], path=text, facts=hostile, unreadable=text)
    document = json.loads(inspections_json(Inspections((shown,), (Skipped(text, text or "x"),))))
    assert_valid(document)
    plain = inspections_text(Inspections((shown,)))
    assert not set(plain) & set("\x1b\x07\x08\r\u202e\u2066\u2028")
