"""Matches that were compared for changes, made from numbers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from provenance.model import (
    Against,
    Alteration,
    ChangedRegion,
    ChangeKind,
    ChangeOutcome,
    GlobalChanges,
    Kind,
    Match,
    Overlap,
    Reference,
)

UNCHANGED = {
    "gone": 0.0, "left": 0.0, "top": 0.0, "right": 0.0, "bottom": 0.0, "added": 0.0, "mirrored": False,
    "rotation": 0.0, "scale": 1.0, "stretch": 1.0, "perspective": 1.0, "inverted": False, "greyscale": False,
    "gain": 1.0, "offset": 0.0, "bend": 0.0, "saturation": 1.0, "sharpness": 1.0, "quality": None,
}  # fmt: skip


def _region(kind=ChangeKind.CHANGED, box=(10, 20, 30, 40), *, score=9.0, area=0.02, inside=True):
    return ChangedRegion(box, box if inside else None, kind, score, area)


def _compared(
    *regions, path="old.jpg", kind=Kind.NEAR_DUPLICATE, box=None, against=Against.ORIGINAL,
    outcome=ChangeOutcome.COMPARED, same_pixels=False, content_gone=0.0, mirrored=False, **overall,
):  # fmt: skip
    told = (
        GlobalChanges(**{**UNCHANGED, "mirrored": mirrored, **overall})
        if outcome is ChangeOutcome.COMPARED
        else None
    )
    alteration = Alteration(
        outcome, against, regions, sum(r.area for r in regions), told, same_pixels, content_gone
    )
    return _matched(path, kind, box, mirrored=mirrored, alteration=alteration)


def _matched(path="old.jpg", kind=Kind.NEAR_DUPLICATE, box=None, *, mirrored=False, alteration=None):
    return Match(
        Reference(1, path, "a" * 64, 400, 300), kind, 30.0, 3, Overlap(1, 1), (1, 0, 0, 0, 1, 0, 0, 0, 1),
        mirrored=mirrored, region=box, alteration=alteration,
    )  # fmt: skip


@pytest.fixture(scope="session")
def region() -> Callable[..., ChangedRegion]:
    """Return the maker of regions; `inside` the reference or not."""
    return _region


@pytest.fixture(scope="session")
def compared() -> Callable[..., Match]:
    """Return the maker of matches that were compared: regions, and what departs from an unchanged picture."""
    return _compared


@pytest.fixture(scope="session")
def matched() -> Callable[..., Match]:
    """Return the maker of matches that were not compared for changes."""
    return _matched
