"""What a match says: which part of which picture, how it is turned, and whether it is a copy at all."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageOps

from provenance.fingerprint.variants import VARIANTS
from provenance.model import Kind, Match, Orientation

SIZE = (480, 360)


def mapped(match: Match, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f, g, h, i = match.transform
    depth = g * x + h * y + i
    return (a * x + b * y + c) / depth, (d * x + e * y + f) / depth


def farthest(
    match: Match, size: tuple[int, int], truth: Callable[[float, float], tuple[float, float]]
) -> float:
    """Return by how many of the reference's pixels the transform is off at most, over the query."""
    width, height = size
    points = [(width * x / 4, height * y / 4) for x in range(5) for y in range(5)]
    return max(math.dist(mapped(match, *point), truth(*point)) for point in points)


def inside(picture: Image.Image, at: tuple[int, int] = (150, 120)) -> Image.Image:
    """Return the picture inside something larger."""
    page = Image.new("RGB", (800, 640), "white")
    page.paste(picture, at)
    return page


def test_the_whole_picture_is_a_near_duplicate(drawn, match):
    smaller = drawn(1).resize((240, 180), Image.Resampling.LANCZOS)
    found = match(smaller, drawn(1))
    assert found.kind is Kind.NEAR_DUPLICATE
    assert min(found.overlap.query, found.overlap.reference) > 0.95
    assert farthest(found, smaller.size, lambda x, y: (2 * x, 2 * y)) < 2


def test_a_crop_is_partial(drawn, match):
    crop = drawn(1).crop((100, 80, 340, 280))
    found = match(crop, drawn(1))
    assert found.kind is Kind.PARTIAL
    assert found.overlap.reference == pytest.approx(240 * 200 / (480 * 360), abs=0.02)
    assert farthest(found, crop.size, lambda x, y: (x + 100, y + 80)) < 2


def test_the_whole_picture_inside_something_larger_is_contained(drawn, match):
    page = inside(drawn(1))
    found = match(page, drawn(1))
    assert found.kind is Kind.CONTAINED
    assert found.overlap.query == pytest.approx(480 * 360 / (800 * 640), abs=0.02)
    # Held against the part of the page that shows the picture: elsewhere small errors grow.
    for corner in ((150, 120), (630, 120), (150, 480), (630, 480)):
        assert math.dist(mapped(found, *corner), (corner[0] - 150, corner[1] - 120)) < 2


def test_a_part_inside_something_larger_is_composite(drawn, match):
    part = drawn(1).crop((160, 120, 480, 360))
    page = Image.new("RGB", (400, 300), "white")
    page.paste(part, (0, 0))
    found = match(page, drawn(1))
    assert found.kind is Kind.COMPOSITE
    assert max(found.overlap.query, found.overlap.reference) < 0.8
    assert math.dist(mapped(found, 0, 0), (160, 120)) < 2
    assert math.dist(mapped(found, 320, 240), (480, 360)) < 2


def test_a_part_inside_a_page_that_would_hold_all_of_the_reference_is_composite(drawn, match):
    page = inside(drawn(1).crop((120, 90, 360, 300)), (280, 210))
    found = match(page, drawn(1))
    assert found.kind is Kind.COMPOSITE
    assert found.overlap.reference == pytest.approx(240 * 210 / (480 * 360), abs=0.08)
    assert found.overlap.query == pytest.approx(240 * 210 / (800 * 640), abs=0.03)


def test_a_logo_in_a_corner_leaves_a_copy_whole(drawn, match):
    marked = drawn(1)
    marked.paste(drawn(2).resize((120, 60)), (340, 290))
    found = match(marked, drawn(1))
    assert found.kind is Kind.NEAR_DUPLICATE
    assert min(found.overlap.query, found.overlap.reference) > 0.95


def test_a_copy_whose_lower_half_is_replaced_keeps_its_frame(drawn, match):
    replaced = drawn(1)
    replaced.paste(drawn(2).crop((0, 180, 480, 360)), (0, 180))
    found = match(replaced, drawn(1))
    assert found.kind is Kind.NEAR_DUPLICATE
    assert found.overlap.reference == pytest.approx(0.5, abs=0.05)


def test_a_mirrored_copy_is_told_and_mapped_back(drawn, match):
    found = match(ImageOps.mirror(drawn(1)), drawn(1), VARIANTS)
    assert (found.mirrored, found.inverted, found.rotation) == (True, False, 0)
    assert found.kind is Kind.NEAR_DUPLICATE
    assert farthest(found, SIZE, lambda x, y: (480 - x, y)) < 2


def test_a_negative_is_told(drawn, match):
    found = match(ImageOps.invert(drawn(1)), drawn(1), VARIANTS)
    assert (found.mirrored, found.inverted, found.rotation) == (False, True, 0)
    assert found.kind is Kind.NEAR_DUPLICATE


@pytest.mark.parametrize(
    ("turn", "clockwise", "truth"),
    [
        (Image.Transpose.ROTATE_270, 90, lambda x, y: (y, 360 - x)),
        (Image.Transpose.ROTATE_180, 180, lambda x, y: (480 - x, 360 - y)),
        (Image.Transpose.ROTATE_90, 270, lambda x, y: (480 - y, x)),
    ],
)
def test_a_turned_copy_is_told_in_degrees_clockwise_and_mapped_back(drawn, match, turn, clockwise, truth):
    turned = drawn(1).transpose(turn)  # Pillow turns counterclockwise
    found = match(turned, drawn(1))
    assert found.rotation == clockwise
    assert found.kind is Kind.NEAR_DUPLICATE
    assert farthest(found, turned.size, truth) < 2


def test_a_slight_turn_is_told_too(drawn, match):
    assert match(drawn(1).rotate(-8, Image.Resampling.BICUBIC), drawn(1)).rotation == 8


@pytest.mark.parametrize("orientation", Orientation)
def test_orientations_are_told_as_they_are_of_a_whole_picture(drawn, match, orientation):
    """An `Orientation` is what must be done to the query, Pillow's names; its inverse is what was done to it."""
    undo = {"ROTATE_90": "ROTATE_270", "ROTATE_270": "ROTATE_90"}
    query = drawn(1)
    if orientation is not Orientation.IDENTITY:
        query = query.transpose(Image.Transpose[undo.get(orientation.name, orientation.name)])
    found = match(query, drawn(1), VARIANTS)
    whole = replace(found, transform=orientation.homography(query.size, SIZE))
    assert (found.mirrored, found.rotation) == (orientation.mirrored, orientation.rotation)
    assert farthest(found, query.size, lambda x, y: mapped(whole, x, y)) < 2


@pytest.mark.parametrize("size", [(1600, 1200), (300, 225)])
def test_the_transform_is_in_full_pixels_of_both(drawn, match, size):
    # The query is looked at in 1,024 pixels at most, the reference in its preview.
    query = drawn(1).resize(size, Image.Resampling.BICUBIC)
    found = match(query, drawn(1))
    assert farthest(found, size, lambda x, y: (x * 480 / size[0], y * 360 / size[1])) < 2


def test_near_and_far_things_that_moved_apart_show_another_photo_of_the_scene(drawn, match):
    # From a step aside, what is nearer moves more: strips here are at different distances.
    old = np.asarray(drawn(1))
    y, x = np.mgrid[:360, :480]
    nearness = np.array([0, 6, 2, 8, 3, 7, 1, 5, 4])[y // 40]
    found = match(Image.fromarray(old[y, np.clip(x + nearness, 0, 479)]), drawn(1))
    assert found.kind is Kind.SAME_SCENE


@pytest.mark.parametrize("edit", ["darker", "noisy", "jpeg"])
def test_a_copy_lies_still_through_common_edits(drawn, match, edit, tmp_path):
    old = np.asarray(drawn(1)).astype(float)
    if edit == "darker":
        query = Image.fromarray((old * 0.6).astype(np.uint8))
    elif edit == "noisy":
        noise = np.random.default_rng(0).normal(0, 8, old.shape)
        query = Image.fromarray((old + noise).clip(0, 255).astype(np.uint8))
    else:
        drawn(1).save(tmp_path / "poor.jpg", quality=25)
        query = Image.open(tmp_path / "poor.jpg").convert("RGB")
    assert match(query, drawn(1)).kind is Kind.NEAR_DUPLICATE


def test_a_match_tells_what_speaks_for_it(drawn, match):
    found = match(drawn(1), drawn(1))
    assert found.reference.path == "old.png"
    assert found.inliers is not None
    assert found.inliers > 100
    assert found.agreement == pytest.approx(1, abs=0.02)
    assert found.score > 20
    assert found.distance is None
