"""One match a reference, in the order in which a desk should look at them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from provenance.compare.ranking import AS_SURE, BEYOND_DOUBT, merged
from provenance.model import Kind, Match, Overlap, Reference


def match(number: int, score: float, shown: float = 1.0, kind: Kind = Kind.COMPOSITE, **more) -> Match:
    reference = Reference(number, f"{number}.jpg", "a" * 64, 400, 300)
    return Match(reference, kind, score, None, Overlap(shown, 1.0), (1, 0, 0, 0, 1, 0, 0, 0, 1), **more)


def order(*local: Match, whole: tuple[Match, ...] = ()) -> list[int]:
    return [m.reference.id for m in merged(whole, local)]


def test_of_matches_beyond_doubt_the_one_that_shows_most_of_the_query_comes_first():
    assert order(match(1, 47.4, shown=0.77), match(2, 46.5, shown=0.82), match(3, 46.9, shown=0.78)) == [
        2,
        3,
        1,
    ]


def test_shares_that_differ_by_less_than_a_hundredth_leave_it_to_the_score():
    assert order(match(1, 44.0, shown=0.8236), match(2, 45.0, shown=0.8233)) == [2, 1]


def test_what_is_far_less_sure_comes_later_however_much_it_shows():
    assert order(match(1, 13.0, shown=1.0), match(2, 40.0, shown=0.3)) == [2, 1]


def test_below_doubt_the_score_alone_decides():
    assert order(match(1, 4.0, shown=0.3), match(2, 3.9, shown=1.0)) == [1, 2]


def test_a_copy_comes_before_another_photo_of_the_scene_that_is_as_sure():
    assert order(match(1, 46.0, kind=Kind.SAME_SCENE), match(2, 45.0, shown=0.5)) == [2, 1]


def test_the_same_bytes_come_first_and_need_no_further_word():
    same = match(2, 90.0, kind=Kind.IDENTICAL)
    told = merged((same,), (match(1, 47.0), match(2, 46.0)))
    assert [m.reference.id for m in told] == [2, 1]
    assert told[0] is same


def test_what_both_tiers_found_keeps_the_better_score_and_the_place_in_detail():
    (told,) = merged((match(1, 12.0, kind=Kind.NEAR_DUPLICATE),), (match(1, 9.0, shown=0.4, inliers=30),))
    assert (told.score, told.overlap.query, told.inliers, told.kind) == (12.0, 0.4, 30, Kind.COMPOSITE)


@given(st.lists(st.tuples(st.floats(0, 50), st.floats(0, 1)), max_size=8), st.randoms())
def test_the_order_does_not_depend_on_the_order_of_looking(told, random):
    matches = [match(number, score, shown) for number, (score, shown) in enumerate(told)]
    shuffled = random.sample(matches, len(matches))
    assert order(*matches) == order(*shuffled)
    sure = max(BEYOND_DOUBT, AS_SURE * max((m.score for m in matches), default=0))
    scores = [m.score >= sure for m in merged((), matches)]
    assert scores == sorted(scores, reverse=True)
