"""A reference without a picture is found by its features, as long as they cover it and are not furniture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageOps

from provenance.compare.alignment import Shortlisted
from provenance.compare.kinds import match_of
from provenance.compare.local import alignments
from provenance.fingerprint.local import QUERY_SIDE, local_code, query_features
from provenance.fingerprint.local_code import decode_local
from provenance.fingerprint.sift import grey
from provenance.fingerprint.variants import as_variant
from provenance.model import Kind, Photo, Reference, Variant
from provenance.photo.preview import grey_preview, preview

AS_IT_IS = Variant(mirrored=False, inverted=False)
MIRRORED = Variant(mirrored=True, inverted=False)


def photo(picture):
    return Photo("PNG", *picture.size, 1, (np.asarray(picture.convert("RGB")),))


def shortlisted(number, picture, variant=AS_IT_IS, *, pictured=False):
    held = photo(picture)
    small = preview(held)
    return Shortlisted(
        number,
        variant,
        decode_local(local_code(held).features),
        (lambda: grey_preview(small)) if pictured else None,
    )


def aligned(query, shortlist):
    features = query_features(photo(query))
    variants = {c.variant: as_variant(features, c.variant) for c in shortlist}
    return alignments(variants, grey(np.asarray(query), QUERY_SIDE), shortlist)


def match(query, reference, variant=AS_IT_IS, size=None):
    (held,) = aligned(query, [shortlisted(1, reference, variant)])
    return match_of(
        held, Reference(1, "old", "a" * 64, *(size or reference.size), pictured=False), query.size, 1
    )


def found(held):
    return sorted(alignment.candidate.image_id for alignment in held)


def test_a_crop_is_found_where_it_lies_and_unrelated_pictures_are_not(drawn):
    query = drawn(1).crop((60, 40, 330, 250))
    assert found(aligned(query, [shortlisted(n, drawn(n)) for n in (2, 1, 3)])) == [1]
    told = match(query, drawn(1))
    corners = np.array(told.transform).reshape(3, 3) @ np.array([[0, 270], [0, 210], [1, 1]])
    assert corners[:2] / corners[2] == pytest.approx(np.array([[60, 330], [40, 250]]), abs=4)
    assert (told.kind, told.confirmed) == (Kind.PARTIAL, False)
    assert told.overlap.reference == pytest.approx(270 * 210 / (480 * 360), abs=0.08)
    assert told.score > 10


def test_no_agreement_of_pixels_is_stated(drawn):
    assert match(drawn(1), drawn(1)).agreement is None


def test_kinds_follow_from_the_frames(drawn):
    page = Image.new("RGB", (700, 900), "white")
    page.paste(drawn(1), (100, 200))
    part = Image.new("RGB", (700, 900), "white")
    part.paste(drawn(1).crop((0, 0, 300, 250)), (100, 200))
    assert match(drawn(1).resize((300, 225)), drawn(1)).kind is Kind.NEAR_DUPLICATE
    assert match(page, drawn(1)).kind is Kind.CONTAINED
    assert match(part, drawn(1)).kind is Kind.COMPOSITE


def test_the_part_that_shows_the_reference_is_told(drawn):
    page = Image.new("RGB", (700, 900), "white")
    page.paste(drawn(1), (100, 200))
    x, y, width, height = match(page, drawn(1)).region
    assert (x, y, x + width, y + height) == pytest.approx((100, 200, 580, 560), abs=12)


def test_a_mirrored_crop_is_found_as_such(drawn):
    query = ImageOps.mirror(drawn(1).crop((60, 40, 400, 300)))
    assert match(query, drawn(1), MIRRORED).mirrored


def test_of_a_reference_of_unknown_size_the_map_leads_to_shares_of_it(drawn):
    told = match(drawn(1), drawn(1), size=(0, 0))
    middle = np.array(told.transform).reshape(3, 3) @ (240, 180, 1)
    assert middle[:2] / middle[2] == pytest.approx([0.5, 0.5], abs=0.02)


def bar(drawn):
    strip = Image.new("RGB", (480, 70), "white")
    for number in range(7):
        strip.paste(drawn(100 + number, 56, 48), (6 + 68 * number, 10))
    return strip


def screenshot(picture, strip):
    screen = Image.new("RGB", (picture.width, picture.height + strip.height), "white")
    screen.paste(strip, (0, 0))
    screen.paste(picture, (0, strip.height))
    return screen


@pytest.mark.parametrize("others", [1, 2, 5])
def test_screenshots_of_other_pictures_in_the_same_app_are_not_found(drawn, others):
    strip = bar(drawn)
    archived = [shortlisted(n, screenshot(drawn(n), strip)) for n in range(2, 2 + others)]
    assert aligned(screenshot(drawn(1), strip), archived) == []


def test_the_right_screenshot_is_found_among_others_in_the_same_app(drawn):
    strip = bar(drawn)
    archived = [shortlisted(n, screenshot(drawn(n), strip)) for n in range(1, 6)]
    assert found(aligned(screenshot(drawn(3), strip), archived)) == [3]


def test_many_copies_of_one_picture_are_all_found_and_not_taken_for_furniture(drawn):
    sides = (480, 440, 400, 360, 320)
    archived = [shortlisted(n, drawn(1).resize((s, s * 3 // 4))) for n, s in enumerate(sides)]
    assert found(aligned(drawn(1).crop((40, 30, 440, 330)), archived)) == list(range(len(sides)))


def test_references_with_a_picture_are_compared_as_before_whatever_stands_beside_them(drawn):
    query = drawn(1).crop((60, 40, 330, 250))
    pictured = [shortlisted(n, drawn(n), pictured=True) for n in (1, 2)]
    (alone,), beside = aligned(query, pictured), aligned(query, [*pictured, shortlisted(3, drawn(1))])
    assert found(beside) == [1, 3]
    again = next(a for a in beside if a.candidate.image_id == 1)
    assert (again.surprise, again.comparison.agreement) == (alone.surprise, alone.comparison.agreement)


def test_a_picture_without_features_matches_nothing(drawn):
    assert aligned(drawn(1), [shortlisted(1, Image.new("RGB", (480, 360), "grey"))]) == []


def test_features_that_cover_a_corner_only_are_no_copy(drawn):
    changed = Image.new("RGB", (480, 360))
    changed.paste(drawn(2), (0, 0))
    changed.paste(drawn(1).crop((0, 0, 130, 100)), (0, 0))
    assert aligned(changed, [shortlisted(1, drawn(1))]) == []


def test_what_is_shortlisted_with_a_picture_says_so(drawn):
    (held,) = aligned(drawn(1), [shortlisted(1, drawn(1), pictured=True)])
    assert held.pictured
    assert not replace(held, candidate=replace(held.candidate, preview=None)).pictured
