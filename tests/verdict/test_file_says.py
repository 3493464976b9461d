"""What each rule on a file's own statements finds, what it does not, and how loud it is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.evidence import exif_time
from provenance.model import (
    Claim,
    DateRange,
    Fact,
    FactSource,
    FileFacts,
    Hint,
    HintKind,
    Kind,
    Match,
    Moment,
    Overlap,
    PlaceComparison,
    PlaceRelation,
    Position,
    Reference,
    Sighting,
    Stamp,
    ThumbnailComparison,
    ThumbnailOutcome,
    Verdict,
)
from provenance.verdict.case import Case
from provenance.verdict.decide import decide, findings
from provenance.verdict.file_words import MOST_TOLD, file_evidence
from provenance.verdict.rules import INSPECTION, RULES
from provenance.verdict.timeline import CLOCK_RESETS, SHOWN

NOW = datetime(2026, 6, 1, tzinfo=UTC)
CLAIMED = DateRange("2024-11-29", date(2024, 11, 29), date(2024, 11, 29))
POSITION = Position(FactSource.EXIF, 35.5, 35.8, 12.0)
FIRST = datetime(1, 1, 3, tzinfo=UTC)
MOMENTS = st.integers(0, 9_997 * 365 * 86_400).map(lambda seconds: FIRST + timedelta(seconds=seconds))


def local(text, moment=Moment.CAPTURED, name="DateTimeOriginal", source=FactSource.EXIF):
    """Return a stamp without a zone, as cameras write it."""
    when = datetime.strptime(text, "%Y:%m:%d %H:%M:%S").replace(tzinfo=UTC)
    return Stamp(moment, source, name, text, when - timedelta(hours=14), when + timedelta(hours=12))


def utc(text, moment=Moment.POSITIONED, name="GPSDateStamp", source=FactSource.EXIF):
    when = datetime.strptime(text, "%Y:%m:%d %H:%M:%S").replace(tzinfo=UTC)
    return Stamp(moment, source, name, text, when, when)


def modified(text):
    return local(text, Moment.MODIFIED, "DateTime")


def case(*stamps, date=None, place=None, relation=None, matches=(), **facts):
    claim = Claim(date=date, place=place) if date or place else None
    positions = {p: PlaceComparison(relation, 140.0) for p in facts.get("positions", ()) if relation}
    said = FileFacts(stamps=stamps, **facts)
    return Case(matches, 1, claim, facts=said, positions=positions, checked=NOW)


def found(case_):
    return {f.id: f for f in findings(case_, INSPECTION)}


def levels(case_):
    return {f.id: f.level.value for f in findings(case_, INSPECTION)}


def facts(*named, source=FactSource.XMP):
    return {"facts": tuple(Fact(source, name, value) for name, value in named)}


def seen(when):
    sighting = Sighting("old.jpg", "/old.jpg", published=DateRange(when.isoformat(), when, when))
    return (
        Match(
            Reference(1, "old.jpg", "a" * 64, 4, 3),
            Kind.NEAR_DUPLICATE,
            30.0,
            3,
            Overlap(1, 1),
            (1, 0, 0, 0, 1, 0, 0, 0, 1),
            sightings=(sighting,),
        ),
    )


def test_a_file_that_says_nothing_is_normal():
    assert findings(case(date=CLAIMED, place="Aleppo"), INSPECTION) == ()
    assert findings(Case((), 1), INSPECTION) == ()


def test_every_finding_of_this_room_says_what_would_settle_it_but_for_agreement():
    everything = case(
        local("2016:12:13 10:00:00"),
        modified("2015:01:01 10:00:00"),
        date=CLAIMED,
        place="Aleppo",
        relation=PlaceRelation.DIFFERENT,
        positions=(POSITION,),
        thumbnail=ThumbnailComparison(ThumbnailOutcome.OTHER, (160, 120)),
        facts=(
            Fact(FactSource.EXIF, "Software", "GIMP 2.10"),
            Fact(FactSource.IPTC, "2:040 Special Instructions", "FBMD0a000a88"),
            Fact(FactSource.STRUCTURE, "after the end", "1,234 bytes"),
            Fact(FactSource.XMP, "Iptc4xmpExt:DigitalSourceType", "x/trainedAlgorithmicMedia"),
        ),
        hints=(Hint(HintKind.COPY_MOVE, 4.0, ((1, 2, 3, 4), (5, 6, 3, 4))),),
    )
    told = found(everything)
    assert set(told) == {
        "PR301", "PR302", "PR304", "PR305", "PR306", "PR307", "PR308", "PR309", "PR502",
    }  # fmt: skip
    assert all(f.settle and f.evidence for f in told.values())
    assert decide(tuple(told.values())) is Verdict.NOTHING_FOUND


# PR301: against the claimed date


def test_taken_before_the_claimed_date_warns_and_says_that_anybody_can_write_dates():
    told = found(case(local("2016:12:13 10:00:00"), date=CLAIMED))["PR301"]
    assert told.level.value == "warning"
    assert "taken before the claimed date 2024-11-29: captured 2016:12:13 10:00:00" in told.message
    assert "Anybody can write" in told.message


def test_taken_after_the_claimed_date_warns_in_other_words():
    told = found(case(local("2025:03:01 10:00:00"), date=CLAIMED))["PR301"]
    assert "taken after the claimed date" in told.message


@pytest.mark.parametrize("text", ["2024:11:27 22:00:00", "2024:11:29 12:00:00", "2024:12:01 01:59:59"])
def test_what_time_zones_could_explain_is_not_told(text):
    assert "PR301" not in found(case(local(text), date=CLAIMED))


@pytest.mark.parametrize(
    ("text", "told"), [("2024:11:27 21:59:59", "before"), ("2024:12:01 02:00:00", "after")]
)
def test_what_they_could_not_explain_is(text, told):
    assert f"taken {told}" in found(case(local(text), date=CLAIMED))["PR301"].message


def test_an_open_end_of_the_claim_contradicts_nothing():
    until = DateRange("../2024", None, date(2024, 12, 31))
    since = DateRange("2024/..", date(2024, 1, 1), None)
    assert "PR301" not in found(case(local("2016:12:13 10:00:00"), date=until))
    assert "PR301" not in found(case(local("2025:12:13 10:00:00"), date=since))


@pytest.mark.parametrize("day", CLOCK_RESETS)
def test_where_clocks_start_again_is_ignored_and_said(day):
    told = found(case(local(f"{day:%Y:%m:%d} 00:03:12"), date=CLAIMED))
    assert set(told) == {"PR303"}
    assert "says nothing" in told["PR303"].message


def test_the_resets_are_those_that_archived_photos_are_read_with():
    assert exif_time.CLOCK_RESETS == CLOCK_RESETS


def test_a_capture_that_fits_goes_before_other_dates():
    assert "PR301" not in found(
        case(local("2024:11:29 10:00:00"), modified("2024:11:29 10:00:00"), date=CLAIMED)
    )
    both = (local("2024:11:29 10:00:00"), local("2016:12:13 10:00:00", name="xmp:CreateDate"))
    assert "PR301" not in found(case(*both, date=CLAIMED))


def test_a_messengers_name_from_before_the_claimed_date_warns():
    name = local("2016:12:13 00:00:00", Moment.NAMED, "WhatsApp", FactSource.FILE_NAME)
    assert "has a date before the claimed date" in found(case(name, date=CLAIMED))["PR301"].message


def test_a_later_name_or_change_is_what_happens_to_photos():
    later = local("2025:01:01 10:00:00", Moment.NAMED, "WhatsApp", FactSource.FILE_NAME)
    assert found(case(later, modified("2025:01:01 10:00:00"), date=CLAIMED)) == {}


def test_the_date_of_a_colour_profile_is_not_that_of_the_photo():
    profile = utc("1998:02:09 06:49:00", Moment.CREATED, "dateTime", FactSource.ICC)
    assert found(case(profile, local("2024:11:29 10:00:00"), date=CLAIMED)) == {}


# PR302, PR303: dates among themselves


def test_captured_after_it_was_changed_is_a_contradiction():
    told = found(case(local("2020:05:05 10:00:00"), modified("2019:05:05 10:00:00")))["PR302"]
    assert "captured 2020:05:05 10:00:00 (exif DateTimeOriginal) is after modified" in told.message
    assert len(told.evidence) == 2


@pytest.mark.parametrize("hours", [-26, 0, 26])
def test_an_order_that_zones_explain_is_none(hours):
    later = datetime(2020, 5, 5, 10, tzinfo=UTC) - timedelta(hours=hours)
    assert "PR302" not in found(case(local("2020:05:05 10:00:00"), modified(f"{later:%Y:%m:%d %H:%M:%S}")))


def test_what_lies_in_the_future_is_a_contradiction():
    assert "lies in the future" in found(case(modified("2031:01:01 00:00:00")))["PR302"].message
    assert "PR302" not in found(case(modified("2026:06:01 11:00:00")))


def test_without_the_time_of_the_check_nothing_lies_in_the_future():
    assert findings(Case((), 1, facts=FileFacts(stamps=(modified("2031:01:01 00:00:00"),))), INSPECTION) == ()


@pytest.mark.parametrize(("fix", "apart"), [("2020:05:06 08:00:00", False), ("2020:05:07 10:00:00", True)])
def test_camera_and_satellites_may_be_a_day_apart_and_no_more(fix, apart):
    assert ("PR302" in found(case(local("2020:05:05 10:00:00"), utc(fix)))) is apart


def test_contradictions_beyond_those_shown_are_counted():
    many = [local(f"20{n}:01:01 10:00:00", Moment.MODIFIED, f"d{n}") for n in range(10, 20)]
    told = found(case(local("2022:01:01 10:00:00"), *many))["PR302"]
    assert told.message.count(" is after ") == SHOWN
    assert "and 7 more" in told.message


@pytest.mark.parametrize(
    ("stamps", "told"),
    [
        ((local("2016:12:13 10:00:00"), modified("2024:11:28 10:00:00")), "days or more after capture"),
        (
            (local("2016:12:13 10:00:00"), local("2018:01:01 10:00:00", name="xmp:x")),
            "but also captured 2018",
        ),
        ((local("2016:12:13 10:00:00"), utc("2014:01:01 10:00:00", Moment.CREATED)), "is before captured"),
        (
            (local("2020:12:13 10:00:00"), local("2016:12:13 10:00:00", Moment.NAMED, "WhatsApp")),
            "named 2016:12:13 10:00:00 (exif WhatsApp) is before captured",
        ),
        (
            (Stamp(Moment.CAPTURED, FactSource.EXIF, "d", "2024:02:31", None, None),),
            "no date of our calendar",
        ),
    ],
)
def test_odd_dates_are_a_note(stamps, told):
    finding = found(case(*stamps))["PR303"]
    assert finding.level.value == "note"
    assert told in finding.message


@pytest.mark.parametrize("text", ["0000:00:00 00:00:00", "    :  :     :  :  ", ""])
def test_what_unset_clocks_write_is_not_worth_a_word(text):
    assert found(case(Stamp(Moment.CAPTURED, FactSource.EXIF, "d", text, None, None))) == {}


# PR304: positions


@pytest.mark.parametrize(
    ("relation", "level"),
    [
        (PlaceRelation.DIFFERENT, "warning"),
        (PlaceRelation.NEAR, "note"),
        (PlaceRelation.UNKNOWN, None),
        (None, None),
    ],
)
def test_a_position_counts_as_far_as_it_could_be_compared(relation, level):
    told = levels(case(place="Aleppo", relation=relation, positions=(POSITION,)))
    assert told.get("PR304") == level


def test_a_far_position_says_how_far_and_where():
    told = found(case(place="Aleppo", relation=PlaceRelation.DIFFERENT, positions=(POSITION,)))["PR304"]
    assert "at least 140 km from Aleppo: 35.50000, 35.80000, to within 12 m" in told.message


def test_one_of_two_positions_that_fits_is_enough():
    near, far = POSITION, Position(FactSource.XMP, 1.0, 1.0)
    both = FileFacts(positions=(far, near))
    compared = {
        near: PlaceComparison(PlaceRelation.NEAR, 1.0),
        far: PlaceComparison(PlaceRelation.DIFFERENT, 9.0),
    }
    assert levels(Case((), 1, Claim(place="Aleppo"), facts=both, positions=compared)) == {"PR304": "note"}


# PR305: thumbnails


@pytest.mark.parametrize(
    ("outcome", "level"),
    [
        (ThumbnailOutcome.SAME, None),
        (ThumbnailOutcome.CANNOT_TELL, None),
        (ThumbnailOutcome.OTHER, "warning"),
        (ThumbnailOutcome.DIFFERS, "error"),
    ],
)
def test_only_a_thumbnail_of_the_same_frame_with_other_content_flags(outcome, level):
    told = case(thumbnail=ThumbnailComparison(outcome, (160, 120), ((1, 2, 30, 40),), 6.0))
    assert levels(told).get("PR305") == level
    assert (decide(findings(told, INSPECTION)) is Verdict.FLAGGED) is (level == "error")


def test_where_the_thumbnail_differs_is_told():
    regions = ((1, 2, 30, 40), (5, 6, 7, 8))
    told = found(case(thumbnail=ThumbnailComparison(ThumbnailOutcome.DIFFERS, (160, 120), regions, 6.0)))
    assert "in 2 regions; most surely at 1, 2 (30 x 40 pixels), score 6.0" in told["PR305"].message


# PR306 to PR309: what wrote it, and where it has been


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (FactSource.EXIF, "Software"),
        (FactSource.EXIF, "ProcessingSoftware"),
        (FactSource.XMP, "xmp:CreatorTool"),
        (FactSource.XMP, "xmpMM:History[2]/stEvt:softwareAgent"),
        (FactSource.IPTC, "2:065 Originating Program"),
    ],
)
def test_a_named_program_is_a_note_that_exporting_is_no_manipulation(source, name):
    told = found(case(**facts((name, "Adobe Photoshop 25.0"), source=source)))["PR306"]
    assert told.level.value == "note"
    assert "Adobe Photoshop 25.0" in told.message
    assert "no manipulation" in told.message


def test_the_document_that_it_was_made_from_is_named():
    told = found(case(**facts(("xmpMM:DerivedFrom/stRef:documentID", "xmp.did:1234"))))["PR306"]
    assert "made from: xmp.did:1234" in told.message


@pytest.mark.parametrize("name", ["Make", "xmpMM:OriginalDocumentID", "xmpMM:History[1]/stEvt:action"])
def test_what_names_no_program_is_no_program(name):
    assert found(case(**facts((name, "saved")))) == {}


def test_traces_of_platforms_are_a_note():
    iptc = facts(("2:040 Special Instructions", "FBMD0a000a88010000"), source=FactSource.IPTC)
    name = facts(("WhatsApp", "IMG-20241129-WA0003"), source=FactSource.FILE_NAME)
    assert "traces of Facebook or Instagram:" in found(case(**iptc))["PR307"].message
    assert "traces of WhatsApp:" in found(case(**name))["PR307"].message
    assert levels(case(**name)) == {"PR307": "note"}


def test_a_cameras_name_and_other_instructions_are_no_trace():
    assert found(case(**facts(("phone camera", "IMG_1"), source=FactSource.FILE_NAME))) == {}
    assert (
        found(case(**facts(("2:040 Special Instructions", "Mandatory credit"), source=FactSource.IPTC))) == {}
    )


def test_what_follows_the_end_of_the_picture_is_a_note():
    told = case(**facts(("after the end", "2,345 bytes"), ("quality", "90"), source=FactSource.STRUCTURE))
    assert levels(told) == {"PR308": "note"}
    assert "after the end 2,345 bytes" in found(told)["PR308"].message


@pytest.mark.parametrize(
    ("value", "claimed", "level"),
    [
        ("http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia", True, "warning"),
        ("http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia", False, "note"),
        ("trainedAlgorithmicMedia", True, "warning"),
        ("http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia", True, "note"),
        ("http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture", True, None),
        ("made up", True, None),
    ],
)
def test_a_declared_source_type_warns_only_against_a_claim(value, claimed, level):
    said = facts(("Iptc4xmpExt:DigitalSourceType", value))
    assert levels(case(date=CLAIMED if claimed else None, **said)).get("PR309") == level


# PR310: against sightings


def test_a_capture_later_than_a_sighting_of_the_same_picture_is_a_note():
    told = found(case(local("2024:11:28 10:00:00"), matches=seen(date(2016, 12, 13))))["PR310"]
    assert told.level.value == "note"
    assert "later than the same picture was seen: published 2016-12-13" in told.message


@pytest.mark.parametrize("text", ["2016:12:12 10:00:00", "2016:12:13 23:00:00", "2016:12:14 12:00:00"])
def test_a_capture_before_the_sighting_or_about_then_is_as_it_should_be(text):
    assert "PR310" not in found(case(local(text), matches=seen(date(2016, 12, 13))))


def test_check_runs_these_rules_too_and_after_its_own():
    assert RULES[-len(INSPECTION) :] == INSPECTION


# PR5xx: hints


@pytest.mark.parametrize("kind", HintKind)
def test_hints_never_flag_and_say_that_alone_they_prove_nothing(kind):
    strong = case(hints=(Hint(kind, 50.0, ((1, 2, 3, 4),), "words of the reader"),))
    (told,) = findings(strong, INSPECTION)
    assert decide((told,)) is Verdict.NOTHING_FOUND
    assert "Alone this proves nothing" in told.message
    assert "words of the reader" in told.message


def test_a_foreign_grid_in_a_part_warns_and_one_all_over_is_a_note():
    part, whole = Hint(HintKind.GRID_SHIFT, 5.0, ((1, 2, 3, 4),)), Hint(HintKind.GRID_SHIFT, 50.0)
    assert levels(case(hints=(part, whole))) == {"PR501": "warning", "PR504": "note"}
    assert "part" not in found(case(hints=(whole,)))["PR504"].message


def test_an_earlier_compression_is_only_ever_a_note():
    assert levels(case(hints=(Hint(HintKind.DOUBLE_QUANTISATION, 90.0),))) == {"PR503": "note"}


# Evidence of a check, and properties


def test_a_checks_evidence_is_bounded():
    many = FileFacts(facts=tuple(Fact(FactSource.EXIF, f"tag {n}", "x") for n in range(5_000)))
    assert len(file_evidence(many)) == MOST_TOLD
    assert file_evidence(None) == ()


@given(st.lists(st.tuples(st.sampled_from(Moment), MOMENTS, st.text(max_size=30)), max_size=12), MOMENTS)
def test_any_dates_give_findings_that_name_only_this_rooms_rules(stamps, claimed):
    day = claimed.date()
    made = (Stamp(m, FactSource.EXIF, "x", text, w, w + timedelta(days=1)) for m, w, text in stamps)
    told = found(case(*made, date=DateRange(str(day), day, day), matches=seen(day)))
    assert set(told) <= {"PR301", "PR302", "PR303", "PR310"}


@given(MOMENTS.filter(lambda w: w.date() not in CLOCK_RESETS))
def test_a_capture_on_the_claimed_day_never_contradicts_it(moment):
    day = moment.date()
    stamp = local("2024:11:29 10:00:00")
    bounds = (moment - timedelta(hours=14), moment + timedelta(hours=12))
    there = Stamp(stamp.moment, stamp.source, "x", "as read", *bounds)
    assert "PR301" not in found(case(there, date=DateRange(str(day), day, day)))
