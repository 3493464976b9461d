"""A query against shortlisted references: copies are aligned, the rest is left out, and furniture does not count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from provenance.compare.alignment import Alignment
from provenance.compare.local import alignments
from provenance.fingerprint.variants import VARIANTS
from provenance.model import Variant

AS_IT_IS = Variant(mirrored=False, inverted=False)
MIRRORED = Variant(mirrored=True, inverted=False)
INVERTED = Variant(mirrored=False, inverted=True)


def found(held: Sequence[Alignment]) -> list[int]:
    return [alignment.candidate.image_id for alignment in held]


def with_bar(picture: Image.Image, bar: Image.Image) -> Image.Image:
    """Return a screenshot: the picture below an app's bar."""
    screen = Image.new("RGB", (picture.width, picture.height + bar.height), "white")
    screen.paste(bar, (0, 0))
    screen.paste(picture, (0, bar.height))
    return screen


@pytest.fixture(scope="module")
def bar(drawn) -> Image.Image:
    """Return what an app shows above every picture: small busy marks on white."""
    strip = Image.new("RGB", (480, 60), "white")
    for number in range(7):
        strip.paste(drawn(100 + number, 48, 40), (10 + 68 * number, 10))
    draw = ImageDraw.Draw(strip)
    for x in range(14, 470, 19):
        draw.line((x, 4, x + x % 11, 56), fill="black", width=2)
    return strip


def test_a_crop_is_found_and_unrelated_pictures_are_not(drawn, align):
    held = align(drawn(1).crop((60, 40, 330, 250)), [drawn(2), drawn(1), drawn(3)])
    assert found(held) == [1]
    assert held[0].surprise > 50
    assert held[0].copy_like


def test_a_small_and_recompressed_copy_is_found(drawn, align):
    poor = drawn(1).resize((240, 180)).filter(ImageFilter.GaussianBlur(0.7))
    assert found(align(poor, [drawn(2), drawn(1)])) == [1]


@pytest.mark.parametrize(
    ("change", "variant"),
    [(ImageOps.mirror, MIRRORED), (ImageOps.invert, INVERTED), (ImageOps.flip, MIRRORED)],
)
def test_a_changed_copy_is_found_in_its_variant_alone(drawn, align, change, variant):
    held = align(change(drawn(1)), [drawn(1)], VARIANTS)
    assert found(held) == [0]
    assert held[0].candidate.variant == variant
    assert align(change(drawn(1)), [drawn(1)], [AS_IT_IS]) == []


def test_a_collage_is_aligned_with_both_of_its_parts(drawn, align):
    collage = Image.new("RGB", (900, 700), "white")
    collage.paste(drawn(1).resize((400, 300)), (20, 30))
    collage.paste(drawn(2).resize((440, 330)), (430, 340))
    assert sorted(found(align(collage, [drawn(3), drawn(1), drawn(2)]))) == [1, 2]


def test_unrelated_pictures_are_not_aligned(drawn, align):
    references = [drawn(seed) for seed in range(20, 26)]
    assert align(drawn(10), references, [AS_IT_IS, MIRRORED]) == []


def test_pictures_that_share_only_a_bar_do_not_match(drawn, align, bar):
    query = with_bar(drawn(1), bar)
    references = [with_bar(drawn(seed), bar) for seed in range(2, 6)]
    assert align(query, references) == []


def test_a_copy_inside_the_same_bar_matches_for_what_is_below_the_bar(drawn, align, bar):
    query = with_bar(drawn(1), bar)
    others = [with_bar(drawn(seed), bar) for seed in range(2, 6)]
    assert found(align(query, [*others, with_bar(drawn(1), bar)])) == [4]
    assert found(align(query, [*others, drawn(1)])) == [4]


def test_a_copy_whose_own_near_duplicates_are_archived_too_is_no_furniture(drawn, align):
    copies = [drawn(1), drawn(1).resize((400, 300)), drawn(1).filter(ImageFilter.GaussianBlur(0.8))]
    assert sorted(found(align(drawn(1).crop((40, 30, 400, 300)), copies))) == [0, 1, 2]


def test_each_reference_is_told_once_and_the_most_surprising_first(drawn, align):
    collage = Image.new("RGB", (900, 700), "white")
    collage.paste(drawn(1).resize((160, 120)), (20, 30))
    collage.paste(drawn(2), (400, 300))
    held = align(collage, [drawn(1), drawn(2)], [AS_IT_IS, INVERTED])
    assert found(held) == [1, 0]
    assert held[0].surprise > held[1].surprise


def test_the_matrix_counts_from_the_corners_of_both_pictures(drawn, align):
    (held,) = align(drawn(1).crop((96, 72, 384, 288)), [drawn(1)])
    height, width = held.preview_frame
    assert held.frame == (216, 288)
    expected = np.array([[width / 480, 0, width / 5], [0, height / 360, height / 5], [0, 0, 1]])
    assert held.comparison.matrix == pytest.approx(expected, abs=0.5)


def test_nothing_shortlisted_or_no_features_give_nothing(drawn, align):
    flat = Image.new("RGB", (300, 200), "grey")
    assert align(drawn(1), []) == []
    assert align(flat, [drawn(1)]) == []
    assert align(drawn(1), [flat]) == []


def test_the_same_question_gives_the_same_answer_twice(drawn, align):
    query, references = drawn(1).rotate(7), [drawn(1), drawn(2)]
    first, second = (
        [
            (a.surprise, a.comparison.matrix.tolist(), a.model.inliers.tolist())
            for a in align(query, references)
        ]
        for _ in range(2)
    )
    assert first == second


def test_the_order_of_the_shortlist_does_not_matter(drawn, align, bar):
    query = with_bar(drawn(1), bar)
    references = [with_bar(drawn(seed), bar) for seed in (3, 2, 1, 4)]
    forwards, backwards = align(query, references), align(query, references[::-1])
    assert [(3 - i, a.surprise) for i, a in zip(found(backwards), backwards, strict=True)] == [
        (i, a.surprise) for i, a in zip(found(forwards), forwards, strict=True)
    ]


def test_agreement_over_the_whole_or_in_a_part_elsewhere_makes_a_copy(drawn, align):
    (held,) = align(drawn(1), [drawn(1)])
    seen = held.comparison
    elsewhere, here = np.full((4, 2), 0.3), np.zeros((4, 2))
    line = replace(seen, query_shown=0.1, reference_shown=0.2)
    part = replace(seen, agreeing=1, blocks=100, core_agreement=0.9, agreeing_area=0.2)
    for comparison, copy_like in (
        (seen, True),
        (line, True),
        (replace(line, query_share=0.3, reference_share=0.6), False),
        (replace(line, query_share=0.3, reference_share=0.6, reference_shown=0.3), True),
        (replace(part, moved=elsewhere), True),
        (replace(part, moved=here), False),
        (replace(part, moved=elsewhere, agreeing_area=0.02), False),
        (replace(part, moved=elsewhere, core_agreement=0.4), False),
    ):
        assert replace(held, comparison=comparison).copy_like == copy_like


def test_a_shortlist_is_read_once(align):
    assert alignments({}, np.zeros((9, 9), np.uint8), iter(())) == []
