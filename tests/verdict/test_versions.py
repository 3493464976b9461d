"""How archived copies of one picture relate: by their frames, their pixels and their dates."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.model import DateRange, Kind, Match, Overlap, Reference, Sighting
from provenance.verdict.frames import inverse, mapped, share
from provenance.verdict.versions import versions

SIZE = (400, 300)


def crop(number, box, size, *, kind=Kind.PARTIAL, published=None, mirrored=False):
    """Return the match of a reference of `size` that shows the box (x, y, width, height) of the query's plane."""
    x, y, width, height = box
    across, down = size[0] / width, size[1] / height
    transform = (across, 0, -x * across, 0, down, -y * down, 0, 0, 1)
    if mirrored:
        transform = (-across, 0, size[0] + x * across, 0, down, -y * down, 0, 0, 1)
    day = published and DateRange(str(published), published, published)
    recorded = datetime(2024, 1, 1, tzinfo=UTC)
    return Match(
        Reference(number, f"{number}.jpg", f"{number:064}", *size),
        kind, 30.0, None, Overlap(1, 1), transform, mirrored=mirrored,
        sightings=(Sighting(f"{number}.jpg", f"/{number}.jpg", published=day, recorded=recorded),),
    )  # fmt: skip


def test_one_copy_has_nobody_to_relate_to():
    assert versions(SIZE, [crop(7, (0, 0, 400, 300), (800, 600))]) is None


def test_a_chain_of_crops_is_told_link_by_link():
    whole = crop(7, (-200, -150, 800, 600), (1600, 1200))
    middle = crop(8, (-100, -75, 600, 450), (600, 450))
    found = versions(SIZE, [middle, whole])
    assert [(v.reference, v.parents) for v in found.all] == [(None, (1,)), (8, (2,)), (7, ())]
    assert found.least_edited == found.largest == 2


def test_the_same_frame_in_two_sizes_is_no_crop():
    small, large = crop(7, (0, 0, 400, 300), (200, 150)), crop(8, (0, 0, 400, 300), (1600, 1200))
    found = versions(SIZE, [small, large])
    assert [(v.parents, v.same_frame) for v in found.all] == [((), (1, 2)), ((), (0, 2)), ((), (0, 1))]
    assert (found.largest, found.least_edited) == (2, 2)
    assert [v.density for v in found.all] == [1, 0.5, 4]


def test_frames_that_only_overlap_hold_neither_the_other():
    left, right = crop(7, (-200, 0, 400, 300), (400, 300)), crop(8, (200, 0, 400, 300), (400, 300))
    assert all(not v.parents and not v.same_frame for v in versions(SIZE, [left, right]).all)


def test_a_mirrored_reference_has_its_frame_where_it_lies():
    whole = crop(7, (-200, -150, 800, 600), (1600, 1200), mirrored=True)
    found = versions(SIZE, [crop(8, (0, 0, 400, 300), (400, 300)), whole])
    assert found.all[0].parents == found.all[1].parents == (2,)


def test_a_screenshot_is_made_from_what_it_shows_and_not_the_other_way_round():
    shown = crop(7, (100, 50, 200, 150), (800, 600), kind=Kind.CONTAINED)
    cropped = crop(8, (150, 80, 100, 75), (100, 75), kind=Kind.CONTAINED)
    found = versions(SIZE, [shown, cropped])
    assert [v.parents for v in found.all] == [(1,), (), (1,)]


@pytest.mark.parametrize(
    ("days", "earliest"),
    [((date(2016, 1, 2), date(2015, 1, 2)), 2), ((None, date(2020, 1, 1)), 2), ((None, None), None)],
)
def test_the_earliest_goes_by_stated_dates_and_never_by_our_own_clock(days, earliest):
    frame = (0, 0, 400, 300)
    copies = [crop(n, frame, (400, 300), published=day) for n, day in enumerate(days, 1)]
    assert versions(SIZE, copies).earliest == earliest


def test_equals_in_everything_but_date_leave_the_earliest_as_least_edited():
    frame = (-50, -50, 600, 450)
    copies = [crop(1, frame, (600, 450), published=date(2016, 5, 1)), crop(2, frame, (600, 450))]
    found = versions(SIZE, copies)
    assert (found.largest, found.least_edited) == (None, 1)


boxes = st.tuples(st.integers(-500, 300), st.integers(-500, 300), st.integers(20, 900), st.integers(20, 900))


@given(st.lists(st.tuples(boxes, st.sampled_from(Kind)), min_size=2, max_size=8))
def test_whatever_the_frames_nobody_descends_from_itself_and_equals_are_mutual(given):
    copies = [crop(n, box, (box[2], box[3]), kind=kind) for n, (box, kind) in enumerate(given, 1)]
    found = versions(SIZE, copies)
    for place, version in enumerate(found.all):
        assert all(place in found.all[other].same_frame for other in version.same_frame)
        seen, waiting = set(), list(version.parents)
        while waiting:
            parent = waiting.pop()
            assert parent != place
            if parent not in seen:
                seen.add(parent)
                waiting += found.all[parent].parents


numbers = st.floats(-4, 4, allow_nan=False)


@given(st.tuples(*[numbers] * 6), st.tuples(st.floats(-1e-4, 1e-4), st.floats(-1e-4, 1e-4)))
def test_a_map_and_its_inverse_bring_every_corner_back(affine, bent):
    m = (*affine, *bent, 1.0)
    back = inverse(m)
    if back is None or abs(affine[0] * affine[4] - affine[1] * affine[3]) < 1e-2:
        return
    for x, y in ((0, 0), (400, 0), (400, 300)):
        u, v, w = (m[i] * x + m[i + 1] * y + m[i + 2] for i in (0, 3, 6))
        p, q, r = (back[i] * u + back[i + 1] * v + back[i + 2] * w for i in (0, 3, 6))
        assert (p / r, q / r) == pytest.approx((x, y), abs=1e-3)


def test_a_frame_beyond_the_horizon_is_none():
    assert mapped((1, 0, 0, 0, 1, 0, -1 / 200, 0, 1), SIZE) is None
    assert inverse((1, 2, 3, 2, 4, 6, 0, 0, 1)) is None


@given(boxes, boxes)
def test_shares_of_upright_boxes_are_those_of_their_sides(one, other):
    def polygon(box):
        x, y, width, height = box
        return ((x, y), (x + width, y), (x + width, y + height), (x, y + height))

    across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    wanted = max(across, 0) * max(down, 0) / (one[2] * one[3])
    assert share(polygon(one), polygon(other)) == pytest.approx(wanted, abs=1e-9)
