"""Regions that are seen twice in one picture."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from provenance.evidence.pixels import copy_moves
from provenance.model.file_facts import HintKind

SOURCE, TARGET, SIDE = (40, 50), (233, 171), 96


def with_copy(pixels: np.ndarray) -> np.ndarray:
    made = pixels.copy()
    (x, y), (u, v) = SOURCE, TARGET
    made[v : v + SIDE, u : u + SIDE] = pixels[y : y + SIDE, x : x + SIDE]
    return made


@pytest.mark.parametrize("quality", [None, 95])
def test_an_exact_copy_is_found_with_its_source(
    textured: Callable, as_file: Callable, quality: int | None
) -> None:
    (hint,) = copy_moves(as_file(with_copy(textured(1)), quality)[1])
    assert hint.kind is HintKind.COPY_MOVE
    first, second = hint.regions
    assert (second[0] - first[0], second[1] - first[1]) == (TARGET[0] - SOURCE[0], TARGET[1] - SOURCE[1])
    assert max(abs(a - b) for a, b in zip(first, (*SOURCE, SIDE, SIDE), strict=True)) <= 24


@pytest.mark.parametrize("quality", [None, 75])
def test_an_untouched_picture_gives_nothing(
    textured: Callable, as_file: Callable, quality: int | None
) -> None:
    assert copy_moves(as_file(textured(2), quality)[1]) == ()


@pytest.mark.parametrize("quality", [None, 85])
def test_tiles_drawn_alike_each_with_its_own_noise_give_nothing(
    textured: Callable, as_file: Callable, quality: int | None
) -> None:
    tile = cv2.GaussianBlur(textured(3, 64, 64, noise=0), (0, 0), 0.7)
    wall = np.tile(tile, (5, 6, 1)).astype(np.float32)
    wall += np.random.default_rng(4).normal(0, 8, (*wall.shape[:2], 1))
    assert copy_moves(as_file(wall.clip(0, 255).astype(np.uint8), quality)[1]) == ()


def test_a_pattern_that_goes_on_is_not_copied_over_itself(textured: Callable, as_file: Callable) -> None:
    grille = textured(5)
    tile = textured(6, 24, 24, noise=6)
    grille[60:252, 60:300] = np.tile(tile, (8, 10, 1))
    assert all(
        not (abs(b[0] - a[0]) < a[2] and abs(b[1] - a[1]) < a[3])
        for a, b in (hint.regions for hint in copy_moves(as_file(grille, 90)[1]))
    )


def test_text_and_drawn_boxes_give_nothing_though_they_repeat_exactly(as_file: Callable) -> None:
    page = np.full((320, 384, 3), 255, np.uint8)
    for row in range(10):
        cv2.putText(
            page, "The same words again", (10, 28 + 30 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (0, 0, 0), 2
        )
        cv2.rectangle(page, (330, 8 + 30 * row), (370, 30 + 30 * row), (30, 90, 220), -1)
    for quality in (None, 85):
        assert copy_moves(as_file(page, quality)[1]) == ()


@pytest.mark.parametrize("move", [(8, 0), (0, 16), (24, 8)])
def test_cutting_whole_blocks_off_a_picture_moves_both_regions(
    textured: Callable, move: tuple[int, int]
) -> None:
    pixels = with_copy(textured(5))
    (whole,) = copy_moves(pixels)
    (cut,) = copy_moves(np.ascontiguousarray(pixels[move[1] :, move[0] :]))
    for before, after in zip(whole.regions, cut.regions, strict=True):
        assert abs(before[0] - move[0] - after[0]) <= 8
        assert abs(before[1] - move[1] - after[1]) <= 8


@pytest.mark.parametrize("shape", [(1, 1), (63, 400), (64, 64)])
def test_small_and_flat_pictures_give_nothing(shape: tuple[int, int]) -> None:
    assert copy_moves(np.full((*shape, 3), 90, np.uint8)) == ()
