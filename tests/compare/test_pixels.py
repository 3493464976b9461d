"""Aligned pictures, block by block: what agrees, how far it moved, and how much of each there is."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from provenance.compare.blocks import BLOCK
from provenance.compare.pixels import Comparison, compare_pixels

Grey = NDArray[np.uint8]

WIDTH, HEIGHT = 360, 270
AS_IT_LIES = np.eye(3)


@pytest.fixture(scope="module")
def old(grey_drawn) -> Grey:
    return grey_drawn(1, WIDTH, HEIGHT)


def shift(x: float, y: float) -> NDArray[np.float64]:
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1.0]])


def zoom(factor: float) -> NDArray[np.float64]:
    return np.diag([factor, factor, 1.0])


def compared(query: Grey, reference: Grey, matrix: NDArray[np.float64], **changes: object) -> Comparison:
    height, width = reference.shape
    options = {"inliers": np.array([[0, 0], [width, height]], float), "inverted": False, **changes}
    found = compare_pixels(query, reference, matrix, **options)
    assert found is not None
    return found


def resized(picture: Grey, width: int, height: int) -> Grey:
    return np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.LANCZOS))


def test_a_picture_agrees_with_itself_everywhere_and_lies_still(old):
    seen = compared(old, old, AS_IT_LIES)
    assert seen.blocks > 400
    assert seen.agreement == seen.core_agreement == 1
    assert seen.drift == pytest.approx(0, abs=1e-3)
    assert min(seen.query_share, seen.reference_share) > 0.97
    assert seen.matrix == pytest.approx(AS_IT_LIES, abs=1e-3)
    assert seen.in_place(0.001)


def test_a_crop_is_all_there_and_a_part_of_the_other(old):
    crop = old[60:210, 80:320]
    seen = compared(crop, old, shift(80, 60))
    assert seen.agreement == 1
    assert seen.query_share > 0.95
    assert seen.reference_share == pytest.approx(crop.size / old.size, rel=0.05)
    assert not seen.in_place(0.1)


def test_the_other_way_round_the_shares_change_sides(old):
    crop = old[60:210, 80:320]
    seen = compared(old, crop, shift(-80, -60))
    assert seen.reference_share > 0.95
    assert seen.query_share == pytest.approx(crop.size / old.size, rel=0.05)
    # Blocks at the edges are incomplete, and some show nothing.
    assert 0.7 * seen.query_share < seen.agreeing_area <= seen.query_share


def test_brightness_and_contrast_do_not_count(old):
    faded = (old * 0.5 + 90).astype(np.uint8)
    seen = compared(faded, old, AS_IT_LIES)
    assert seen.agreement == 1
    assert seen.drift < 0.05


def test_a_negative_agrees_when_it_is_taken_for_one(old):
    assert compared(255 - old, old, AS_IT_LIES, inverted=True).agreement == 1
    assert compared(255 - old, old, AS_IT_LIES).agreeing == 0


def test_unrelated_pictures_agree_nowhere_to_speak_of(old, grey_drawn):
    for seed in range(2, 7):
        seen = compared(grey_drawn(seed, WIDTH, HEIGHT), old, AS_IT_LIES)
        assert seen.blocks > 400
        assert seen.agreement < 0.2


def test_a_flat_picture_agrees_with_nothing(old):
    flat = np.full_like(old, 128)
    assert compared(flat, old, AS_IT_LIES).agreement == 0
    nothing = compared(flat, flat, AS_IT_LIES)
    assert (nothing.blocks, nothing.agreement, nothing.drift) == (0, 0, 0)


@pytest.mark.parametrize("off", [(0.5, 0.0), (-0.5, 0.5), (1.2, -0.8)])
def test_refinement_brings_a_shifted_alignment_back(old, off):
    seen = compared(old, old, shift(*off))
    assert seen.drift < 0.15
    assert np.abs(seen.matrix[:2, 2]).max() < 0.2
    assert seen.matrix[:2, :2] == pytest.approx(np.eye(2), abs=1e-3)


def test_refinement_brings_back_a_slight_turn_and_zoom(old):
    turned = np.array([[1.004, 0.003, -1], [-0.003, 1.004, 0.3], [0, 0, 1]])
    seen = compared(old, old, turned)
    assert seen.drift < 0.05
    assert seen.matrix == pytest.approx(AS_IT_LIES, abs=0.1)


def test_what_moved_by_different_amounts_does_not_lie_still(old):
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    strips = np.clip(x + np.where(y // 30 % 2, 2, -2), 0, WIDTH - 1)
    seen = compared(old[y, strips], old, AS_IT_LIES)
    assert seen.drift > 0.3


@pytest.mark.parametrize("factor", [0.25, 0.5, 3.0])
def test_pictures_of_different_sizes_meet_at_the_coarser_one(old, factor):
    query = resized(old, round(WIDTH * factor), round(HEIGHT * factor))
    seen = compared(query, old, np.diag([WIDTH / query.shape[1], HEIGHT / query.shape[0], 1]))
    assert seen.agreement > 0.98
    assert seen.drift < 0.1
    side = min(query.shape[0], HEIGHT)
    assert seen.blocks <= (side / BLOCK) ** 2 * WIDTH / HEIGHT


def test_noise_that_moves_every_block_by_itself_is_no_drift(old):
    noisy = (old + np.random.default_rng(3).normal(0, 25, old.shape)).clip(0, 255).astype(np.uint8)
    assert compared(noisy, old, AS_IT_LIES).drift < 0.08


def test_one_changed_part_is_where_blocks_disagree(old, grey_drawn):
    pasted = old.copy()
    pasted[:, : WIDTH // 2] = grey_drawn(9, WIDTH, HEIGHT)[:, : WIDTH // 2]
    kept = np.array([[WIDTH / 2 + BLOCK, 20], [WIDTH - 20, HEIGHT - 20]])
    seen = compared(pasted, old, AS_IT_LIES, inliers=kept)
    assert seen.agreement == pytest.approx(0.5, abs=0.07)
    assert seen.core_agreement == 1


def test_the_corners_tell_how_far_the_frame_has_moved(old):
    seen = compared(old, old[:, 36:], shift(-36, 0))
    assert seen.moved[:, 0].min() == pytest.approx(-36 / (WIDTH - 36), abs=0.01)
    assert np.abs(seen.moved[:, 1]).max() < 0.01


@pytest.mark.parametrize(
    "matrix",
    [shift(WIDTH, 0), shift(WIDTH - BLOCK + 1, 0), zoom(0.03), np.zeros((3, 3)), -np.eye(3)],
    ids=["beside", "a sliver", "a speck", "nowhere", "behind"],
)
def test_too_small_an_overlap_gives_nothing(old, matrix):
    assert compare_pixels(old, old, matrix, inliers=np.zeros((3, 2)), inverted=False) is None


@pytest.mark.parametrize("shape", [(1, 1), (1, 400), (2, 400), (6, 1000), (400, 5)])
def test_strips_and_specks_do_not_fail(old, shape):
    strip = np.zeros(shape, np.uint8)
    oblique = np.array([[0.05, -0.05, 100], [0.05, 0.05, 50], [0, 0, 1]])
    for matrix in (AS_IT_LIES, oblique, zoom(0.05), zoom(20)):
        for query, reference in ((strip, old), (old, strip)):
            found = compare_pixels(query, reference, matrix, inliers=np.zeros((3, 2)), inverted=False)
            assert found is None or found.agreeing == 0


def test_the_same_pictures_give_the_same_answer_twice_and_stay_as_they_were(old):
    before = old.copy()
    first, second = (compared(old, old, shift(0.5, 0.3)) for _ in range(2))
    assert first.matrix.tolist() == second.matrix.tolist()
    assert (first.drift, first.agreeing) == (second.drift, second.agreeing)
    assert (old == before).all()
