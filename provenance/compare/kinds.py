"""From an alignment to a match: a copy or another photo of the scene, which part of which, and how sure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from provenance.compare.pixels import WHOLE
from provenance.compare.significance import local_score
from provenance.model import Kind, Match, Overlap

if TYPE_CHECKING:
    from provenance.compare.alignment import Alignment
    from provenance.compare.geometry import Floats
    from provenance.compare.pixels import Comparison
    from provenance.model import Homography, Reference
    from provenance.model.changes import Box

STILL_STEPS, STILL_NOISE = 0.06, 0.4
"""A copy lies still: its drift, in grid steps, is at most STILL_STEPS, and STILL_NOISE over the root of its agreeing
blocks, for of few the mean is less certain. Of 928 edited copies one has more, a crop of 23 blocks. Of 14 pairs of
photos of one building all have more; docs/look-alikes.md has what is told of such pairs."""


def match_of(alignment: Alignment, reference: Reference, size: tuple[int, int], images: int) -> Match:
    """Return the match that an alignment with `reference` stands for.

    `size` is the query's (width, height), upright; `images` how many are archived.
    """
    seen = alignment.comparison
    return Match(
        reference=reference,
        kind=_kind(seen),
        # Cells that agree are the features once more, and no second chance.
        score=local_score(alignment.surprise, seen.agreeing * alignment.pictured, seen.blocks, images),
        distance=None,
        overlap=Overlap(query=round(seen.query_shown, 4), reference=round(seen.reference_shown, 4)),
        transform=_transform(alignment, reference, size),
        mirrored=alignment.candidate.variant.mirrored,
        inverted=alignment.candidate.variant.inverted,
        rotation=_rotation(seen.matrix),
        region=_region(alignment, size),
        inliers=len(alignment.model.inliers),
        agreement=round(seen.agreement, 4) if alignment.pictured else None,
    )


def lies_still(seen: Comparison) -> bool:
    """Return whether nothing moved between the pictures but by noise, so that one is a copy."""
    return seen.drift <= STILL_STEPS + STILL_NOISE / math.sqrt(max(1, seen.agreeing))


def _kind(seen: Comparison) -> Kind:
    if not lies_still(seen):
        return Kind.SAME_SCENE
    all_of_query, all_of_reference = seen.query_shown >= WHOLE, seen.reference_shown >= WHOLE
    if seen.same_frame or (all_of_query and all_of_reference):
        return Kind.NEAR_DUPLICATE
    if all_of_query:
        return Kind.PARTIAL
    return Kind.CONTAINED if all_of_reference else Kind.COMPOSITE


def _rotation(matrix: Floats) -> int:
    turned = math.degrees(math.atan2(matrix[0, 1] - matrix[1, 0], matrix[0, 0] + matrix[1, 1]))
    return round(turned) % 360


def _region(alignment: Alignment, size: tuple[int, int]) -> Box:
    """Return the box of the query that shows the reference, in whole pixels of the full query."""
    height, width = alignment.frame
    (left, top), (right, bottom) = alignment.comparison.part / (width, height)
    if alignment.candidate.variant.mirrored:
        left, right = 1 - right, 1 - left
    low = [math.floor(side * max(0.0, share) + 1e-6) for side, share in zip(size, (left, top), strict=True)]
    high = [
        math.ceil(side * min(1.0, share) - 1e-6) for side, share in zip(size, (right, bottom), strict=True)
    ]
    return low[0], low[1], high[0] - low[0], high[1] - low[1]


def _transform(alignment: Alignment, reference: Reference, size: tuple[int, int]) -> Homography:
    """Return the map of full query pixels onto full reference pixels, as displayed."""
    (frame_height, frame_width), (height, width) = alignment.frame, alignment.preview_frame
    into = np.diag([frame_width / size[0], frame_height / size[1], 1.0])
    flip = np.array([[-1.0, 0, frame_width], [0, 1, 0], [0, 0, 1]])
    out = np.diag([reference.size[0] / width, reference.size[1] / height, 1.0])
    variant = flip if alignment.candidate.variant.mirrored else np.eye(3)
    matrix = out @ alignment.comparison.matrix @ variant @ into
    a, b, c, d, e, f, g, h, i = (round(float(v), 9) for v in (matrix / matrix[2, 2]).ravel())
    return a, b, c, d, e, f, g, h, i
