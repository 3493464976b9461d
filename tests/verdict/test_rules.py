"""What each rule finds, what it does not, and the verdict that follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.model import (
    Claim,
    DateRange,
    Finding,
    Kind,
    Level,
    Match,
    Overlap,
    PlaceComparison,
    PlaceRelation,
    Reference,
    Sighting,
    Verdict,
)
from provenance.verdict.case import Case, by_first_appearance
from provenance.verdict.decide import decide, findings, ratings

RECORDED = datetime(2026, 1, 1, tzinfo=UTC)
CLAIM = Claim(date=DateRange("2024-11-29", date(2024, 11, 29), date(2024, 11, 29)))


def days(text, earliest, latest):
    return DateRange(text, earliest and date.fromisoformat(earliest), latest and date.fromisoformat(latest))


def sighting(**said):
    return Sighting(**{"path": "old.jpg", "location": "/old.jpg", "recorded": RECORDED, **said})


def matched(*sightings, kind=Kind.NEAR_DUPLICATE):
    return Match(
        Reference(1, "old.jpg", "a" * 64, 4, 3), kind, 30.0, 3, Overlap(1, 1), (1, 0, 0, 0, 1, 0, 0, 0, 1),
        sightings=sightings,
    )  # fmt: skip


def case(*sightings, claim=CLAIM, relation=None, **more):
    places = {s.place: PlaceComparison(relation, 270.0) for s in sightings if s.place and relation}
    return Case((matched(*sightings),), 10, claim, places=places, **more)


def ids(case_):
    return {f.id for f in findings(case_)}


def verdict(case_):
    return decide(findings(case_))


DECEMBER_2016 = days("2016-12", "2016-12-01", "2016-12-31")


def test_a_sighting_before_the_claimed_date_flags_and_names_both_intervals():
    found = case(sighting(published=DECEMBER_2016, outlet="Example Wire", url="https://example.org/1"))
    (finding,) = [f for f in findings(found) if f.id == "PR101"]
    assert finding.message == (
        "Seen before the claimed date 2024-11-29: published 2016-12 by Example Wire (https://example.org/1)."
    )
    assert [e.value for e in finding.evidence] == [
        "published 2016-12 (2016-12-01 to 2016-12-31)",
        "2024-11-29 (2024-11-29 to 2024-11-29)",
    ]
    assert finding.evidence[0].reliability == "stated by the list given to `add`"
    assert verdict(found) is Verdict.FLAGGED


@pytest.mark.parametrize(
    ("earliest", "latest", "contradicts"),
    [
        ("2024-11-28", "2024-11-28", True),
        ("2024-11-29", "2024-11-29", False),
        ("2024-11-28", "2024-11-29", False),
        (None, "2024-11-28", True),
        ("2016-01-01", None, False),
        (None, None, False),
        ("2025-01-01", "2025-01-01", False),
    ],
)
def test_dates_compare_as_intervals(earliest, latest, contradicts):
    assert ("PR101" in ids(case(sighting(published=days("x", earliest, latest))))) is contradicts


@pytest.mark.parametrize(("day", "told"), [("2024-11-28", True), ("2024-11-27", False)])
def test_that_time_zones_may_explain_adjacent_days_is_said(day, told):
    (finding,) = [f for f in findings(case(sighting(published=days(day, day, day)))) if f.id == "PR101"]
    assert ("time zones" in finding.settle) is told


def test_the_earliest_contradicting_sighting_is_named():
    later = sighting(published=days("2020", "2020-01-01", "2020-12-31"), outlet="Later")
    first = sighting(published=DECEMBER_2016, outlet="First")
    (finding,) = [f for f in findings(case(later, first)) if f.id == "PR101"]
    assert "First" in finding.message


def test_when_the_archive_stored_a_photo_proves_that_it_existed():
    found = case(sighting(recorded=datetime(2023, 5, 1, tzinfo=UTC)))
    (finding,) = [f for f in findings(found) if f.id == "PR101"]
    assert "in this archive since 2023-05-01" in finding.message


def test_a_publication_is_named_before_a_camera_clock_that_is_earlier():
    both = sighting(published=DECEMBER_2016, captured=days("2012", "2012-01-01", "2012-12-31"), outlet="Wire")
    (finding,) = [f for f in findings(case(both)) if f.id == "PR101"]
    assert "published 2016-12 by Wire" in finding.message
    assert [e.value.split()[0] for e in finding.evidence] == ["published", "captured", "2024-11-29"]


def test_a_camera_clock_is_named_as_one():
    (finding,) = [f for f in findings(case(sighting(captured=DECEMBER_2016))) if f.id == "PR101"]
    assert "captured 2016-12 by the camera's clock" in finding.message
    assert "clock can be wrong" in finding.evidence[0].reliability


def test_a_place_that_cannot_be_the_claimed_one_flags():
    found = case(sighting(place="Latakia"), claim=Claim(place="Aleppo"), relation=PlaceRelation.DIFFERENT)
    (finding,) = [f for f in findings(found) if f.id == "PR102"]
    assert "Seen as a picture of Latakia, at least 270 km from Aleppo" in finding.message
    assert verdict(found) is Verdict.FLAGGED


@pytest.mark.parametrize("relation", [r for r in PlaceRelation if r is not PlaceRelation.DIFFERENT])
def test_any_other_relation_of_places_does_not(relation):
    found = case(sighting(place="Latakia"), claim=Claim(place="Aleppo"), relation=relation)
    assert "PR102" not in ids(found)


@pytest.mark.parametrize("claim", [None, Claim(), Claim(caption="Shocking!", url="https://example.org")])
def test_seen_before_is_flagged_where_nothing_comparable_is_claimed(claim):
    found = case(sighting(published=DECEMBER_2016), claim=claim)
    assert ids(found) == {"PR103"}
    assert verdict(found) is Verdict.FLAGGED


def test_seen_before_in_keeping_with_the_claim_is_a_note():
    claim = Claim(date=DECEMBER_2016, place="Alep")
    found = case(sighting(published=DECEMBER_2016, place="حلب"), claim=claim, relation=PlaceRelation.SAME)
    assert ids(found) == {"PR104"}
    assert verdict(found) is Verdict.NOTHING_FOUND


def test_what_could_not_be_compared_is_said_in_the_note():
    claim = Claim(date=DECEMBER_2016, place="Aleppo")
    (finding,) = findings(case(sighting(published=DECEMBER_2016), claim=claim))
    assert "consistent with the claimed date. Its claimed place could not be compared" in finding.message


@pytest.mark.parametrize(
    ("claim", "relation"),
    [(CLAIM, None), (Claim(place="Aleppo"), PlaceRelation.UNKNOWN), (Claim(place="Aleppo"), None)],
)
def test_a_match_that_cannot_be_held_against_the_claim_is_inconclusive(claim, relation):
    found = case(sighting(place="somewhere"), claim=claim, relation=relation)
    assert ids(found) == {"PR106"}
    assert verdict(found) is Verdict.INCONCLUSIVE


def test_a_claimed_date_that_no_sighting_can_speak_to_stays_open_though_the_place_agrees():
    claim = Claim(date=CLAIM.date, place="Aleppo")
    assert "PR106" in ids(case(sighting(place="Alep"), claim=claim, relation=PlaceRelation.SAME))


def test_the_exact_file_is_a_note_beside_the_rest():
    found = Case((matched(sighting(published=DECEMBER_2016), kind=Kind.IDENTICAL),), 10, CLAIM)
    assert ids(found) == {"PR101", "PR105"}


def test_an_empty_archive_is_inconclusive():
    assert ids(Case((), 0)) == {"PR001"}
    assert verdict(Case((), 0)) is Verdict.INCONCLUSIVE


def test_a_flat_photo_is_inconclusive_unless_its_bytes_are_known():
    assert verdict(Case((), 10, flat=True)) is Verdict.INCONCLUSIVE
    known = Case((matched(sighting(), kind=Kind.IDENTICAL),), 10, flat=True)
    assert "PR002" not in ids(known)


def test_no_match_in_a_filled_archive_is_nothing_found_without_findings():
    assert findings(Case((), 10)) == ()
    assert verdict(Case((), 10)) is Verdict.NOTHING_FOUND


def test_recycled_media_suggests_the_category_of_decontextualised_content():
    assert ratings(findings(case(sighting(published=DECEMBER_2016)))) == ("DecontextualizedContent",)
    assert ratings(()) == ()


SIGHTINGS = st.builds(
    sighting,
    published=st.none() | st.builds(DateRange, st.just("x"), st.none() | st.dates(), st.none() | st.dates()),
    place=st.none() | st.just("P"),
)


@given(
    st.lists(SIGHTINGS, max_size=3),
    st.sampled_from(PlaceRelation),
    st.sampled_from([None, CLAIM, Claim(place="Q"), Claim(CLAIM.date, "Q")]),
    st.booleans(),
)
def test_a_match_is_never_passed_over_in_silence(sightings, relation, claim, flat):
    found = findings(case(*sightings, claim=claim, relation=relation, flat=flat))
    assert {f.id for f in found} & {"PR101", "PR102", "PR103", "PR104", "PR106"}
    assert all(isinstance(f, Finding) and f.message.endswith(".") for f in found)
    flagged = any(f.level is Level.ERROR for f in found)
    assert (decide(found) is Verdict.FLAGGED) == flagged


def test_sightings_come_earliest_first_and_undated_ones_by_when_they_were_recorded():
    undated = sighting(path="undated")
    old = sighting(path="old", published=DECEMBER_2016)
    new = sighting(path="new", captured=days("2020", "2020-01-01", "2020-12-31"))
    assert [s.path for s in sorted([undated, new, old], key=by_first_appearance)] == ["old", "new", "undated"]


def scene_case(*sightings, claim=CLAIM, copies=(), **more):
    return Case(copies, 10, claim, scenes=(matched(*sightings, kind=Kind.SAME_SCENE),), **more)


OLD = sighting(published=DECEMBER_2016, outlet="Example Wire", place="Latakia")


@pytest.mark.parametrize("claim", [CLAIM, Claim(place="Aleppo"), None])
def test_another_photo_of_the_scene_is_a_note_whatever_is_claimed_and_never_flags(claim):
    found = scene_case(OLD, claim=claim, places={"Latakia": PlaceComparison(PlaceRelation.DIFFERENT, 144.0)})
    (finding,) = findings(found)
    assert (finding.id, finding.level) == ("PR107", Level.NOTE)
    assert "same scene: published 2016-12 by Example Wire" in finding.message
    assert "not a copy" in finding.message
    assert [e.kind for e in finding.evidence] == ["sighting"]
    assert finding.settle
    assert verdict(found) is Verdict.NOTHING_FOUND
    assert ratings(findings(found)) == ()


def test_another_photo_of_the_scene_without_sightings_is_named_by_its_path():
    (finding,) = findings(scene_case())
    assert "same scene: old.jpg" in finding.message
    assert finding.evidence == ()


def test_another_photo_of_the_scene_does_not_make_a_flat_photo_or_an_empty_archive_clean():
    assert verdict(scene_case(OLD, flat=True)) is Verdict.INCONCLUSIVE


def test_another_photo_of_the_scene_leaves_what_copies_say_as_it_is():
    copies = (matched(sighting(published=DECEMBER_2016)),)
    with_scene = scene_case(OLD, copies=copies)
    assert ids(with_scene) == ids(Case(copies, 10, CLAIM)) | {"PR107"} == {"PR101", "PR107"}
    assert list(with_scene.sightings()) == [s for m in copies for s in m.sightings]
    consistent = (matched(sighting(published=days("2024-12-01", "2024-12-01", "2024-12-01"))),)
    assert ids(scene_case(OLD, copies=consistent)) == {"PR104", "PR107"}


def test_without_another_photo_of_the_scene_nothing_is_said_of_one():
    assert "PR107" not in ids(case(OLD))


def rated(**more):
    words = {"rating": "خارج السياق", "outlet": "Facts Example", "url": "https://facts.example/1"}
    return sighting(**{**words, **more})


def fact_checks(case_):
    return [f for f in findings(case_) if f.id == "PR108"]


def test_a_fact_check_is_told_in_its_own_words_with_its_address():
    (finding,) = fact_checks(case(rated()))
    assert finding.level is Level.WARNING
    assert "rated by Facts Example: “خارج السياق” (https://facts.example/1)" in finding.message
    (evidence,) = finding.evidence
    assert (evidence.value, evidence.source, evidence.reliability) == (
        "خارج السياق", "https://facts.example/1", "the judgement of Facts Example",
    )  # fmt: skip


@pytest.mark.parametrize("rating", ["False", "True", "DecontextualizedContent", "Satire"])
def test_a_rating_is_quoted_and_never_judged(rating):
    """It neither flags nor suggests a rating of ours, whatever its words."""
    found = case(rated(rating=rating, published=days("2025", "2025-01-01", "2025-12-31")))
    assert [f.level for f in fact_checks(found)] == [Level.WARNING]
    assert verdict(found) is Verdict.NOTHING_FOUND
    assert ratings(findings(found)) == ()


def test_several_fact_checks_are_one_finding_that_counts_those_it_does_not_quote():
    (finding,) = fact_checks(case(*(rated(outlet=f"Desk {n}") for n in range(5))))
    assert "Desk 2" in finding.message
    assert "Desk 3" not in finding.message
    assert "and 2 more" in finding.message
    assert len(finding.evidence) == 5


def test_a_long_rating_is_cut_in_the_message_and_whole_in_the_evidence():
    (finding,) = fact_checks(case(rated(rating="x" * 5_000)))
    assert len(finding.message) < 600
    assert finding.evidence[0].value == "x" * 5_000


def test_a_fact_check_of_another_photo_of_the_scene_says_nothing_of_this_one():
    assert not fact_checks(Case((), 10, CLAIM, scenes=(matched(rated(), kind=Kind.SAME_SCENE),)))


def test_without_a_rating_there_is_no_fact_check():
    assert not fact_checks(case(sighting(outlet="Facts Example")))


def unseen(*sightings, kind=Kind.NEAR_DUPLICATE, inliers=40):
    """Return a match with an image that a desk told of, without its picture."""
    match = matched(*sightings, kind=kind)
    return replace(match, reference=replace(match.reference, id=2, pictured=False), inliers=inliers)


def finding(case_, rule_id):
    return next((f for f in findings(case_) if f.id == rule_id), None)


THEIRS = sighting(desk="Desk B", published=DECEMBER_2016, url="https://example.org/1")


def test_what_only_features_without_a_picture_found_warns_and_is_inconclusive():
    told = Case((unseen(THEIRS),), 10, CLAIM)
    found = finding(told, "PR101")
    assert found.level is Level.WARNING
    assert "by features that Desk B shared: the picture itself is not here" in found.message
    assert found.settle.startswith("Ask Desk B for the picture")
    assert verdict(told) is Verdict.INCONCLUSIVE


def test_without_a_claim_and_of_another_place_likewise():
    seen = Case((unseen(THEIRS),), 10)
    assert (finding(seen, "PR103").level, verdict(seen)) == (Level.WARNING, Verdict.INCONCLUSIVE)
    place = sighting(desk="Desk B", place="Idlib")
    away = PlaceComparison(PlaceRelation.DIFFERENT, 60.0)
    elsewhere = Case((unseen(place),), 10, Claim(place="Aleppo"), places={"Idlib": away})
    assert finding(elsewhere, "PR102").level is Level.WARNING


def test_a_fact_check_known_by_a_hash_alone_says_so():
    (told,) = fact_checks(Case((unseen(rated(desk="Partner (in list.csv)"), inliers=None),), 10, CLAIM))
    assert "by a hash that Partner (in list.csv) shared: the picture itself is not here" in told.message
    assert "Read what was checked there" in told.settle


def test_a_hash_alone_is_named_as_such():
    listed = sighting(desk="Partner (in list.csv)", note="a known fake")
    found = finding(Case((unseen(listed, inliers=None),), 10), "PR103")
    assert "by a hash that Partner (in list.csv) shared" in found.message
    bare = finding(Case((unseen(sighting(note="x"), inliers=None),), 10), "PR103")
    assert "by a hash that the list that told of it shared" in bare.message


def test_a_picture_that_is_here_decides_as_ever_whatever_stands_beside_it():
    ours = matched(sighting(published=DECEMBER_2016, outlet="Wire"))
    for matches in ((ours, unseen(THEIRS)), (unseen(THEIRS), ours)):
        found = finding(Case(matches, 10, CLAIM), "PR101")
        assert found == finding(Case((ours,), 10, CLAIM), "PR101")
        assert found.level is Level.ERROR
        assert finding(Case(matches, 10, CLAIM), "PR207") is None


def test_a_desks_date_still_warns_where_our_own_copy_has_none():
    ours = matched(sighting())
    found = finding(Case((ours, unseen(THEIRS)), 10, CLAIM), "PR101")
    assert (found.level, "Desk B" in found.message) == (Level.WARNING, True)


def test_equal_bytes_flag_without_a_picture():
    same = Case((unseen(THEIRS, kind=Kind.IDENTICAL, inliers=None),), 10, CLAIM)
    assert finding(same, "PR101").level is Level.ERROR
    assert finding(same, "PR207") is None


def test_that_nothing_was_changed_is_never_implied_without_a_picture():
    fits = sighting(desk="Desk B", published=days("2024-12", "2024-12-01", "2024-12-31"))
    told = Case((unseen(fits),), 10, CLAIM)
    assert {"PR104", "PR207"} <= ids(told)
    assert "another photo of the same scene" in finding(told, "PR207").message
    assert verdict(told) is Verdict.INCONCLUSIVE


def test_another_desks_own_clock_contradicts_a_claim_but_does_not_confirm_one():
    held = sighting(desk="Desk B", held=date(2020, 5, 5))
    found = finding(Case((unseen(held),), 10, CLAIM), "PR101")
    assert "in that desk's archive since 2020-05-05" in found.message
    assert "Ask that desk when and where it got the picture" in found.settle
    later = sighting(desk="Desk B", held=date(2025, 5, 5))
    assert "PR106" in ids(Case((unseen(later),), 10, CLAIM))
