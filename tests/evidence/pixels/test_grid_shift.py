"""Regions whose JPEG blocks begin elsewhere than the rest's."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.evidence.pixels import grid_shifts
from provenance.model.file_facts import HintKind

X, Y, SIDE = 123, 86, 96


def with_patch(textured: Callable, as_file: Callable, across: int = 0, down: int = 0) -> np.ndarray:
    """Return a picture never compressed, with a square of a JPEG of quality 70 in it, blocks from X, Y on."""
    pixels = textured(1).copy()
    pixels[Y : Y + SIDE, X : X + SIDE] = as_file(textured(2), 70)[1][
        64 - down : 64 - down + SIDE, 64 - across : 64 - across + SIDE
    ]
    return pixels


@pytest.mark.parametrize("last", [None, 97])
def test_a_pasted_patch_with_a_foreign_grid_is_found_where_it_is(
    textured: Callable, as_file: Callable, last: int | None
) -> None:
    (hint,) = grid_shifts(*as_file(with_patch(textured, as_file), last))
    assert hint.kind is HintKind.GRID_SHIFT
    assert hint.score >= 3
    assert "begin at 3, 6 here" in hint.words
    ((x, y, width, height),) = hint.regions
    assert abs(x - X) <= 16
    assert abs(y - Y) <= 16
    assert abs(x + width - X - SIDE) <= 16
    assert abs(y + height - Y - SIDE) <= 16


@pytest.mark.parametrize("quality", [None, 60, 75, 90, 97])
def test_an_untouched_picture_gives_nothing(
    textured: Callable, as_file: Callable, quality: int | None
) -> None:
    assert grid_shifts(*as_file(textured(3), quality)) == ()


def test_a_picture_cut_off_its_grid_is_told_of_as_a_whole(textured: Callable, as_file: Callable) -> None:
    (hint,) = grid_shifts(*as_file(as_file(textured(4), 70)[1][3:, 5:]))
    assert hint.regions == ()
    assert "begin at 3, 5 everywhere" in hint.words


@given(st.integers(0, 3), st.integers(0, 3))
@settings(max_examples=6, deadline=None)
def test_cutting_whole_blocks_off_a_picture_moves_its_region_and_nothing_else(
    textured: Callable, as_file: Callable, across: int, down: int
) -> None:
    pixels = with_patch(textured, as_file)
    (before,) = grid_shifts(*as_file(pixels))
    (after,) = grid_shifts(*as_file(pixels[8 * down :, 8 * across :]))
    assert after.words == before.words
    x, y, width, height = before.regions[0]
    assert after.regions == ((x - 8 * across, y - 8 * down, width, height),)


@pytest.mark.parametrize("shape", [(1, 1), (7, 300), (63, 64), (64, 64)])
def test_small_and_flat_pictures_give_nothing(as_file: Callable, shape: tuple[int, int]) -> None:
    assert grid_shifts(*as_file(np.full((*shape, 3), 90, np.uint8))) == ()
