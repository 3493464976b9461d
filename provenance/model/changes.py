"""What differs between a query and a reference that lie on each other."""

from __future__ import annotations

import enum
from dataclasses import dataclass

Box = tuple[int, int, int, int]
"""x, y, width, height in whole pixels, as displayed."""


class ChangeOutcome(enum.StrEnum):
    """How a comparison ended."""

    COMPARED = "compared"
    CANNOT_ALIGN = "cannot_align"
    """The photos do not lie on each other: another photo of the scene, or most of it replaced."""
    TOO_SMALL = "too_small"
    """Too little of them overlaps, or it shows too little, to tell."""


class ChangeKind(enum.StrEnum):
    """What was done to a region."""

    CHANGED = "changed"
    """Something; no kind is sure enough."""
    REPLACED = "replaced"
    """Other content was put in."""
    REMOVED = "removed"
    """Content was taken out and its surroundings continued over it."""
    OVERLAY = "overlay"
    """Text, a logo, a drawn box or line."""
    OBSCURED = "obscured"
    """Blurred or pixelated."""
    BAR = "bar"
    """A bar or frame along an edge, over the picture or outside it."""
    RECOLOURED = "recoloured"
    """The same content in other colours."""


@dataclass(frozen=True, slots=True)
class ChangedRegion:
    """A changed region. Boxes are x, y, width, height in whole pixels of the full query and the full reference.

    `kind` is only named where that is right often enough; `score` is -log10 of how many such regions one unchanged
    pair may be expected to show; `area` the share, 0 to 1, of the query's pixels. `reference` is None outside the
    reference.
    """

    query: Box
    reference: Box | None
    kind: ChangeKind
    score: float
    area: float
    likeliest: ChangeKind = ChangeKind.CHANGED
    """What it looks like most, right or not: for whoever measures how often it is."""


@dataclass(frozen=True, slots=True)
class GlobalChanges:
    """What happened to the whole picture.

    `gone` is the share, 0 to 1, of the reference's area that the query does not show; `left`, `top`, `right` and
    `bottom` how much of its width or height is cut off there. `added` is the share of the query that lies outside
    the reference. `rotation` is in degrees clockwise, -180 to 180, after mirroring; `scale` is query pixels a
    reference pixel, `stretch` the ratio of the scales along the reference's width and height, `perspective` by how
    much the scale varies over the query (1: not at all). `gain` and `offset` say how brightness was changed (1 and 0:
    not at all), `bend` by how many grey levels its curve departs from a straight line at most, `saturation` how
    colours were (1: not, or the reference has next to none). `sharpness` is what happened to the amplitude of detail
    four pixels wide (1: nothing). `quality` is that of the JPEG on libjpeg's scale, None if the tables are unknown.
    """

    gone: float
    left: float
    top: float
    right: float
    bottom: float
    added: float
    mirrored: bool
    rotation: float
    scale: float
    stretch: float
    perspective: float
    inverted: bool
    greyscale: bool
    gain: float
    offset: float
    bend: float
    saturation: float
    sharpness: float
    quality: int | None


class Against(enum.StrEnum):
    """What of the reference a query was compared with."""

    ORIGINAL = "original"
    """Its own file, byte for byte as it was archived."""
    PREVIEW = "preview"
    """The small picture that the archive keeps: what is small or faint may not be told."""


@dataclass(frozen=True, slots=True)
class Alteration:
    """What was found to differ between a query and one reference, and what the two were compared by.

    `regions` come strongest first; `area` is the share, 0 to 1, of the query's pixels that lie in one. Where the
    outcome is not COMPARED, nothing was told, and `overall` is None.
    """

    outcome: ChangeOutcome
    against: Against
    regions: tuple[ChangedRegion, ...] = ()
    area: float = 0.0
    overall: GlobalChanges | None = None
    same_pixels: bool = False
    """Whether both decode to exactly the same pixels."""
    content_gone: float = 0.0
    """Share, 0 to 1, of the reference's content, by its edges, that lies outside the query."""
