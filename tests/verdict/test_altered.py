"""When each rule on alteration speaks, what it says, and when it is silent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.model import Against, ChangeKind, ChangeOutcome, Evidence, Kind, Level, Verdict
from provenance.verdict.altered import ADDED, ALTERED, MOST_GONE
from provenance.verdict.case import Case
from provenance.verdict.decide import decide, findings, ratings
from provenance.verdict.parts import SAME_FRAME, shared

LEFT, RIGHT, MIDDLE = (0, 0, 100, 100), (100, 0, 100, 100), (50, 0, 100, 100)
INSIDE = [kind for kind in ChangeKind if kind not in ADDED]


def told(*matches):
    return {f.id: f for f in findings(Case(matches, 10), ALTERED)}


def step(*matches):
    (evidence,) = told(*matches)["PR200"].evidence
    return evidence.value


def test_without_a_comparison_nothing_is_said(matched):
    assert told() == told(matched()) == told(matched(kind=Kind.IDENTICAL)) == {}


def test_an_unchanged_picture_gets_a_note_that_says_what_became_of_the_whole(compared):
    found = told(compared(scale=0.5, quality=80))
    assert set(found) == {"PR200"}
    note = found["PR200"]
    assert note.level is Level.NOTE
    assert note.message == "Against old.jpg, the picture as a whole: reduced to 50%, a JPEG of quality 80."
    assert note.evidence == (
        Evidence("step", "resized", "old.jpg", "compared with the archived file itself"),
    )
    assert decide(tuple(found.values())) is Verdict.NOTHING_FOUND


def test_the_best_match_that_could_be_compared_is_told_of(compared, matched):
    unclear = compared(path="unclear.jpg", outcome=ChangeOutcome.CANNOT_ALIGN)
    found = told(matched("untried.jpg"), unclear, compared(path="b.jpg"), compared(path="c.jpg"))
    assert set(found) == {"PR200"}
    assert "b.jpg" in found["PR200"].message


def test_a_changed_region_flags_and_says_where_how_much_and_how_surely(compared, region):
    match = compared(region(), region(box=(1, 2, 3, 4), score=5.0, area=0.01))
    finding = told(match)["PR201"]
    assert finding.level is Level.ERROR
    assert finding.message == (
        "The content differs from old.jpg in 2 regions, 3.0% of the picture; most surely at 10, 20 "
        "(30 x 40 pixels), score 9.0."
    )
    assert [(e.kind, e.value, e.source) for e in finding.evidence] == [
        ("changed_region", "at 10, 20 (30 x 40 pixels), score 9.0", "old.jpg"),
        ("changed_region", "at 1, 2 (3 x 4 pixels), score 5.0", "old.jpg"),
    ]
    assert "side by side" in finding.settle
    assert decide([finding]) is Verdict.FLAGGED
    assert ratings([finding]) == ("TransformedContent",)


def test_against_a_preview_a_changed_region_is_a_warning_and_the_original_would_settle_it(compared, region):
    finding = told(compared(region(), against=Against.PREVIEW))["PR201"]
    assert finding.level is Level.WARNING
    assert "in one region, 2.0% of" in finding.message
    assert "small preview" in finding.evidence[0].reliability
    assert "original" in finding.settle


@pytest.mark.parametrize(("area", "written"), [(0.0004, "less than 0.1% of"), (0.001, "0.1% of")])
def test_a_small_share_is_never_written_as_none(compared, region, area, written):
    assert f"{written} the picture" in told(compared(region(area=area)))["PR201"].message


def test_only_the_strongest_regions_are_evidence_but_all_are_counted(compared, region):
    finding = told(compared(*(region(box=(n, 0, 5, 5)) for n in range(5))))["PR201"]
    assert "in 5 regions, 10.0%" in finding.message
    assert [e.value.split(",")[0] for e in finding.evidence] == ["at 0", "at 1", "at 2"]


@pytest.mark.parametrize("kind", INSIDE)
def test_content_differs_where_anything_but_an_addition_lies_in_the_reference(compared, region, kind):
    found = told(compared(region(kind)))
    assert set(found) == {"PR200", "PR201"}
    assert set(told(compared(region(kind, inside=False)))) == {"PR200"}


def test_a_match_without_regions_does_not_hide_those_of_the_next(compared, region):
    found = told(compared(path="same.jpg"), compared(region(), path="other.jpg"))
    assert "differs from other.jpg" in found["PR201"].message


@pytest.mark.parametrize("inside", [True, False])
@pytest.mark.parametrize(
    ("kind", "named"), [(ChangeKind.OVERLAY, "text, a logo or a drawing"), (ChangeKind.BAR, "a bar or frame")]
)
def test_what_was_added_is_a_warning_and_no_change_of_content(compared, region, kind, named, inside):
    found = told(compared(region(kind, inside=inside)))
    assert set(found) == {"PR200", "PR204"}
    finding = found["PR204"]
    assert finding.level is Level.WARNING
    assert finding.message == (
        f"Something lies over or around what old.jpg shows ({named}), 2.0% of the picture; most surely at 10, 20 "
        f"(30 x 40 pixels) ({named}), score 9.0."
    )
    assert finding.evidence[0].source == "old.jpg"
    assert finding.settle
    assert decide(tuple(found.values())) is Verdict.NOTHING_FOUND


def test_each_kind_of_addition_is_named_once(compared, region):
    kinds = (ChangeKind.BAR, ChangeKind.OVERLAY, ChangeKind.BAR)
    message = told(compared(*map(region, kinds)))["PR204"].message
    assert "(a bar or frame; text, a logo or a drawing), 6.0%" in message


@pytest.mark.parametrize(("gone", "speaks"), [(MOST_GONE - 0.001, False), (MOST_GONE, True), (0.6, True)])
def test_a_crop_is_told_where_much_of_the_content_is_gone(compared, gone, speaks):
    assert ("PR202" in told(compared(gone=0.4, content_gone=gone))) is speaks


def test_a_crop_is_told_by_content_and_by_area(compared):
    finding = told(compared(gone=0.4, content_gone=0.62))["PR202"]
    assert finding.level is Level.WARNING
    assert finding.message == (
        "The crop leaves out 62% of what old.jpg shows, by its edges (40% of its area)."
    )
    assert finding.evidence == (Evidence("content_gone", "0.6200", "old.jpg", "measured on edges"),)
    assert "outside the crop" in finding.settle
    assert ratings([finding]) == ("EditedOrCroppedContent",)
    assert "PR202" not in told(compared(outcome=ChangeOutcome.TOO_SMALL, content_gone=0.62))


def test_a_mirrored_picture_is_a_warning_whether_or_not_it_was_compared(compared, matched):
    for match in (compared(mirrored=True), matched(mirrored=True)):
        finding = told(match)["PR203"]
        assert finding.level is Level.WARNING
        assert finding.message == "Left and right are exchanged against old.jpg."
        assert "number plates" in finding.settle
    assert "PR203" not in told(compared())


def test_two_references_beside_each_other_make_a_composite(compared, matched):
    one = compared(path="one.jpg", kind=Kind.CONTAINED, box=LEFT)
    found = told(one, matched("other.jpg", Kind.CONTAINED, RIGHT))
    finding = found["PR205"]
    assert finding.level is Level.WARNING
    assert finding.message == (
        "The picture is made of several: one.jpg at 0, 0 (100 x 100 pixels) and other.jpg at 100, 0 "
        "(100 x 100 pixels)."
    )
    assert finding.evidence == (
        Evidence("part", "at 0, 0 (100 x 100 pixels)", "one.jpg", "score 30.0"),
        Evidence("part", "at 100, 0 (100 x 100 pixels)", "other.jpg", "score 30.0"),
    )
    assert "one larger picture" in finding.settle
    assert step(one, matched("other.jpg", Kind.CONTAINED, RIGHT)) == "composite"


def test_of_more_parts_the_first_are_named_and_the_others_counted(matched):
    boxes = {"a.jpg": LEFT, "b.jpg": RIGHT, "c.jpg": (0, 100, 100, 100), "d.jpg": (100, 100, 100, 100)}
    finding = told(*(matched(path, Kind.CONTAINED, box) for path, box in boxes.items()))["PR205"]
    assert "a.jpg at" in finding.message
    assert "b.jpg at" in finding.message
    assert finding.message.endswith(", and 2 more.")
    assert [e.source for e in finding.evidence] == list(boxes)


@pytest.mark.parametrize("there", [LEFT, MIDDLE, (10, 10, 20, 20), (0, 0, 200, 100)])
def test_references_that_overlap_are_copies_of_one_picture_and_no_composite(matched, there):
    found = told(matched("one.jpg", Kind.CONTAINED, LEFT), matched("two.jpg", Kind.CONTAINED, there))
    assert "PR205" not in found


def test_a_copy_of_the_whole_and_second_copies_of_a_part_are_no_parts(compared, matched):
    whole = compared(path="whole.jpg", box=(0, 0, 200, 100))
    left, right = matched("left.jpg", Kind.CONTAINED, LEFT), matched("right.jpg", Kind.CONTAINED, RIGHT)
    again = compared(path="again.jpg", kind=Kind.CONTAINED, box=LEFT)
    finding = told(whole, left, again, right)["PR205"]
    assert [e.source for e in finding.evidence] == ["left.jpg", "right.jpg"]
    assert step(whole, left, right) == "re-encoded"
    assert step(left, again, right) == "composite"


def test_the_very_file_is_no_part(matched):
    known = matched("one.jpg", Kind.IDENTICAL, LEFT)
    assert told(known, matched("two.jpg", Kind.CONTAINED, RIGHT)) == {}


def test_a_part_of_one_reference_in_something_larger_is_a_composite(compared):
    part = compared(kind=Kind.COMPOSITE, box=LEFT, gone=0.5, added=0.5)
    finding = told(part)["PR205"]
    assert finding.level is Level.WARNING
    assert finding.message == (
        "The picture shows a part of old.jpg at 0, 0 (100 x 100 pixels), and something else around it."
    )
    assert [e.value for e in finding.evidence] == ["at 0, 0 (100 x 100 pixels)"]
    assert "search for it by itself" in finding.settle
    assert step(part) == "composite"


@pytest.mark.parametrize(("outside", "speaks"), [(SAME_FRAME, False), (SAME_FRAME + 0.01, True)])
@pytest.mark.parametrize("side", ["gone", "added"])
def test_a_part_that_fills_the_same_frame_is_no_composite(compared, side, outside, speaks):
    match = compared(kind=Kind.COMPOSITE, box=LEFT, **{side: outside})
    assert ("PR205" in told(match)) is speaks


@pytest.mark.parametrize("kind", [ChangeKind.CHANGED, ChangeKind.OVERLAY])
def test_regions_beside_a_part_do_not_count_but_those_in_it_or_in_the_same_frame_do(compared, region, kind):
    rule = "PR204" if kind in ADDED else "PR201"
    beside, within = region(kind, (150, 10, 20, 20)), region(kind, (50, 10, 20, 20))
    part = {"kind": Kind.COMPOSITE, "box": LEFT}
    assert rule not in told(compared(beside, **part, gone=0.5))
    assert rule in told(compared(within, **part, gone=0.5))
    assert "at 50, 10" in told(compared(beside, within, **part, gone=0.5))[rule].message
    assert "at 150, 10" in told(compared(beside, within, **part))[rule].message
    assert rule in told(compared(beside, kind=Kind.CONTAINED, box=LEFT, gone=0.5))


@pytest.mark.parametrize(
    ("outcome", "why"),
    [
        (ChangeOutcome.CANNOT_ALIGN, "the two do not lie on each other exactly"),
        (ChangeOutcome.TOO_SMALL, "too little of the two overlaps, or it is too small"),
    ],
)
def test_that_nothing_could_be_compared_stays_open(compared, outcome, why):
    found = told(compared(outcome=outcome), compared(path="second.jpg", outcome=ChangeOutcome.CANNOT_ALIGN))
    assert set(found) == {"PR200", "PR207"}
    finding = found["PR207"]
    assert finding.level is Level.WARNING
    assert finding.message == f"Whether anything was changed against old.jpg cannot be told: {why}."
    assert "larger version" in finding.settle
    assert found["PR200"].message == "Against old.jpg, the picture as a whole: nothing can be said."
    assert decide(tuple(found.values())) is Verdict.INCONCLUSIVE


def test_nothing_stays_open_where_another_match_was_compared_or_the_file_is_known(compared, matched):
    unclear = compared(outcome=ChangeOutcome.CANNOT_ALIGN)
    assert "PR207" not in told(unclear, compared())
    assert told(matched("known.jpg", Kind.IDENTICAL), unclear) == {}
    assert "PR207" not in told(compared(kind=Kind.COMPOSITE, box=LEFT, outcome=ChangeOutcome.CANNOT_ALIGN))


def test_the_step_is_the_furthest_that_holds(compared, region):
    ladder = [
        compared(same_pixels=True),
        compared(quality=70),
        compared(scale=0.5),
        compared(scale=0.5, gain=1.2),
        compared(scale=0.5, gain=1.2, gone=0.2),
        compared(region(ChangeKind.OVERLAY), gain=1.2, gone=0.2),
        compared(region(ChangeKind.OVERLAY), region(), gone=0.2),
        compared(region(), kind=Kind.COMPOSITE, box=LEFT, gone=0.5),
        compared(outcome=ChangeOutcome.CANNOT_ALIGN),
    ]
    assert [step(match) for match in ladder] == [
        "same pixels", "re-encoded", "resized", "benign tone", "cropped", "overlay", "altered", "composite",
        "cannot align",
    ]  # fmt: skip


BOXES = st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(1, 50), st.integers(1, 50))


@given(BOXES, BOXES)
def test_what_boxes_share_is_symmetric_and_a_share(one, other):
    assert 0 <= shared(one, other) == shared(other, one) <= 1


@given(BOXES, st.data())
def test_a_box_shares_all_with_one_that_it_lies_in(outer, data):
    x, y, width, height = outer
    w, h = data.draw(st.integers(1, width)), data.draw(st.integers(1, height))
    left, top = data.draw(st.integers(x, x + width - w)), data.draw(st.integers(y, y + height - h))
    assert shared((left, top, w, h), outer) == 1


@given(BOXES, st.integers(0, 9))
def test_boxes_beside_each_other_share_nothing(box, away):
    x, y, width, height = box
    assert shared(box, (x + width + away, y, width, height)) == 0
    assert shared(box, (x, y + height + away, width, height)) == 0
