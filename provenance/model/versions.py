"""How several archived copies of one picture relate to each other and to the photo being checked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Version:
    """One copy of the picture: the photo being checked (`reference` None) or an archived one, by its id.

    `parents` are the versions, by their place in `Versions.all`, whose frame holds all of this one's and more, and
    between which and this one lies no other: those that it can be a crop of. They go by the maps of all versions onto
    the photo being checked: what lies outside of it is assumed to lie in one plane with it.
    """

    reference: int | None
    parents: tuple[int, ...] = ()
    same_frame: tuple[int, ...] = ()
    """Other versions, by their place in `Versions.all`, that show the same frame as this one."""
    density: float = 1.0
    """How many of its pixels, along a line, show what one pixel of the photo being checked does."""


@dataclass(frozen=True, slots=True)
class Versions:
    """The photo being checked, first, and its archived copies, best match first.

    `earliest`, `largest` and `least_edited` are places in `all`, None where nothing tells. The least edited has a
    frame that no other reaches beyond and, among those, the finest pixels; what was retouched is not told by that.
    """

    all: tuple[Version, ...]
    earliest: int | None = None
    largest: int | None = None
    least_edited: int | None = None
