"""Reports say everything, stay valid, and cannot be steered by what strangers wrote."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from importlib.resources import files

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provenance.model import Acceptance, Kind, Level, Result, Sighting, Skipped, Verdict
from provenance.model.clean import clean
from provenance.report.json_report import SCHEMA_VERSION, report_json
from provenance.report.terminal import report_styled, report_text

SCHEMA = json.loads((files("provenance.report") / "schemas" / "report-1.0.json").read_text())


def assert_valid(document):
    jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(document)


def test_the_schema_is_a_schema_of_this_version():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["schema_version"]["const"] == SCHEMA_VERSION


def test_the_schema_knows_the_enumerations_of_the_model():
    assert SCHEMA["$defs"]["result"]["properties"]["verdict"]["enum"] == [v.value for v in Verdict]
    assert SCHEMA["$defs"]["match"]["properties"]["kind"]["enum"] == [k.value for k in Kind]


def test_json_is_valid_and_holds_what_was_found(report):
    document = json.loads(report_json(report))
    assert_valid(document)
    first = document["results"][0]
    assert document["tool"]["expected_false_alarms"] == 0.001
    assert first["verdict"] == "flagged"
    assert first["matches"][0]["relation"] == "The query shows the whole frame of the reference."
    assert (first["matches"][0]["inliers"], first["matches"][0]["agreement"]) == (None, None)
    assert first["matches"][0]["transform"] == [-0.5, 0.0, 900.0, 0.0, 0.5, 0.0, 0.0, 0.0, 1.0]
    assert first["matches"][0]["first_seen"]["date"] == {
        "edtf": "2016-12",
        "earliest": "2016-12-01",
        "latest": "2016-12-31",
    }
    assert first["matches"][0]["sightings"][0]["place"] == "حلب"
    assert document["skipped"] == [{"path": "posts/c.jpg", "reason": "0 bytes: fetch the file again"}]


def with_finding(report, **changes):
    first = report.results[0]
    finding = replace(first.findings[0], **changes)
    return replace(report, results=(replace(first, findings=(finding,)), *report.results[1:]))


def test_an_accepted_finding_says_who_accepted_it_until_when_and_why(report):
    accepted = Acceptance("Our \x1b[2Jseries", "A.\u202eHaddad", "a file", date(2027, 1, 31))
    told = report_text(with_finding(report, accepted=accepted, fails=True))
    assert "accepted by A.\\u202eHaddad until 2027-01-31: Our \\x1b[2Jseries\n" in told
    assert "1 skipped, 1 finding accepted; against" in told
    assert "accepted" not in report_text(report)


@pytest.mark.parametrize(
    ("level", "fails", "told"), [("warning", True, 1), ("warning", False, 0), ("error", True, 0)]
)
def test_what_fails_though_it_does_not_flag_says_so(report, level, fails, told):
    text = report_text(with_finding(report, level=Level(level), fails=fails))
    assert text.count("The policy fails a run for this.") == told


def test_thresholds_of_folders_are_told(report):
    assert "from 5 in uploads/**" in report_text(replace(report, folder_scores=(("uploads/**", 5.0),)))


@given(text=st.text(max_size=60), score=st.floats(-5, 80))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_strangers_wrote_json_stays_valid_and_text_stays_on_its_lines(report, text, score):
    sighting = Sighting(path=text, location=text, outlet=text, caption=text, place=text, url=text or None)
    match = replace(report.results[0].matches[0], sightings=(sighting,), score=score)
    result = Result(text, "d" * 64, Verdict.FLAGGED, report.results[0].findings, (match,))
    hostile = replace(report, results=(result,), skipped=(Skipped(text, text or "x"),))
    assert_valid(json.loads(report_json(hostile)))
    plain = report_text(hostile)
    assert len(plain.splitlines()) == len(
        report_text(
            replace(
                report,
                results=(
                    replace(result, path="p", matches=(replace(match, sightings=(Sighting("p", "p"),)),)),
                ),
            )
        ).splitlines()
    )
    assert not set(plain) & set("\x1b\x07\x08\r\u202e\u2066")


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("a\r\nb", "a\\r\\nb"),
        ("gpj.\u202egnp", "gpj.\\u202egnp"),
        ("\ud800", "\\ud800"),
        ("حلب می\u200cخواهم", "حلب می\u200cخواهم"),
        ("café 阿勒颇 🏰", "café 阿勒颇 🏰"),
    ],
)
def test_what_could_steer_a_terminal_is_escaped_and_ordinary_text_is_not(hostile, shown):
    assert clean(hostile) == shown


def test_text_tells_verdict_reason_match_and_what_would_settle_it(report):
    assert report_text(report) == (
        "FLAGGED  posts/a.jpg\n"
        "  PR101 error   Seen before the claimed date 2024-11-29: published 2016-12 by Example Wire"
        " (https://example.org/1).\n"
        "                What would settle it: Open that publication and confirm its date and picture.\n"
        "  match archive/citadel.jpg  the query shows the whole frame of the reference, score 31.2, "
        "6 of 256 bits differ, mirrored\n"
        "    published 2016-12  Example Wire  حلب  “The gate, “before””  https://example.org/1\n"
        "NOTHING FOUND  posts/b.jpg\n"
        "SKIPPED  posts/c.jpg: 0 bytes: fetch the file again\n"
        "2 photos: 1 flagged, 1 nothing found, 0 inconclusive, 1 skipped; against 12 images with 14 sightings"
        " in desk.db.\n"
        "Matches are told from score 3: at most one accidental match is expected in 1,000 checks. “Nothing found” says"
        " that this archive does not know the picture, not that it is authentic.\n"
    )


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_is_told_in_words_and_valid(report, kind):
    match = replace(report.results[0].matches[0], kind=kind, inliers=40, agreement=0.9, rotation=359)
    told = replace(report, results=(replace(report.results[0], matches=(match,)),))
    assert_valid(json.loads(report_json(told)))
    assert f"archive/citadel.jpg  the query {kind.relation}, score 31.2, 40 details agree" in report_text(
        told
    )


@pytest.mark.parametrize("rotation", [-1, 360, 0.5])
def test_what_is_no_whole_degree_of_a_turn_is_not_valid(report, rotation):
    document = json.loads(report_json(report))
    document["results"][0]["matches"][0]["rotation"] = rotation
    with pytest.raises(jsonschema.ValidationError):
        assert_valid(document)


def scenes(report, *kinds, verdict=Verdict.NOTHING_FOUND):
    match = report.results[0].matches[0]
    matches = tuple(
        replace(match, kind=kind, reference=replace(match.reference, path=f"{n}.jpg"))
        for n, kind in enumerate(kinds)
    )
    result = replace(report.results[1], verdict=verdict, matches=matches)
    return report_text(replace(report, results=(result,), skipped=()))


def test_another_photo_of_the_scene_alone_leaves_nothing_found(report):
    told = scenes(report, Kind.SAME_SCENE)
    assert told.startswith(
        "NOTHING FOUND  posts/b.jpg\n  scene 0.jpg  the query is another photo of the scene"
    )
    assert "match 0.jpg" not in told


def test_a_copy_that_fits_the_claim_is_told_as_such(report):
    assert scenes(report, Kind.PARTIAL).startswith("NOTHING AGAINST THE CLAIM  posts/b.jpg\n  match 0.jpg")


def test_scenes_are_listed_after_the_copies_whatever_their_score(report):
    told = scenes(report, Kind.SAME_SCENE, Kind.COMPOSITE, Kind.SAME_SCENE, Kind.SAME_SCENE)
    listed = [line.split()[:2] for line in told.splitlines() if line.startswith(("  match", "  scene"))]
    assert listed == [["match", "1.jpg"], ["scene", "0.jpg"], ["scene", "2.jpg"]]
    assert "  and 1 more of the scene (--format json has all)\n" in told


def test_colours_go_where_no_color_is_set(report, monkeypatch):
    assert "\x1b[" in report_styled(report, width=100)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[3" not in report_styled(report, width=100)


def test_the_word_authentic_is_only_ever_denied(report):
    text = report_text(report)
    assert text.count("authentic") == text.count("not that it is authentic") == 1


def many(report, *, flagged, clean_ones):
    first, second = report.results
    named = [replace(first, path=f"flagged{n}.jpg") for n in range(flagged)]
    return replace(
        report, results=(*named, *[replace(second, path=f"clean{n}.jpg") for n in range(clean_ones)])
    )


def test_of_many_photos_only_those_are_listed_that_someone_must_look_at(report):
    told = report_text(many(report, flagged=2, clean_ones=30))
    assert [line for line in told.splitlines() if "clean" in line] == []
    assert "30 photos with nothing against them are not listed (--format json has all).\n" in told
    assert told.count("FLAGGED  flagged") == 2
    assert "32 photos: 2 flagged, 30 nothing found, 0 inconclusive, 1 skipped" in told


def test_of_few_photos_each_is_listed(report):
    told = report_text(many(report, flagged=2, clean_ones=18))
    assert len([line for line in told.splitlines() if line.startswith("NOTHING FOUND  clean")]) == 18


def test_a_picture_stands_before_its_photo_and_none_before_what_is_only_counted(report):
    told = report_styled(many(report, flagged=1, clean_ones=30), width=200, picture=lambda n: f"<{n}>\n")
    assert told.startswith("<0>\n")
    assert "<1>" not in told
