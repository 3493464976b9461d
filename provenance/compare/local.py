"""Local features and pixels of a query against those of shortlisted references: what is a copy of what.

Three things must come together before two pictures are called copies: features that agree on one map of one onto
the other, more of them than accident explains; pixels that agree where that map lays the pictures over each
other; and features that are not furniture, which many pictures share.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from provenance.compare.alignment import Alignment, Shortlisted
from provenance.compare.budget import FIRST_LOOK
from provenance.compare.furniture import without_furniture
from provenance.compare.geometry import best_model, project
from provenance.compare.matching import correspondences
from provenance.compare.pixels import compare_pixels
from provenance.compare.without_pixels import compare_features

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from provenance.compare.geometry import Model
    from provenance.compare.matching import Correspondences
    from provenance.compare.pixels import Comparison
    from provenance.model import LocalFeatures, Variant

PROMISING = 5
"""Inliers of the first look from which all features are used."""

MODELS = 2
"""Maps looked for in turn in one candidate: of two screenshots of one photo the first may be the app's frame."""

LEAST_SURPRISE = 3.0
"""Of a map, before its pixels are looked at."""


def alignments(
    variants: dict[Variant, LocalFeatures], grey: NDArray[np.uint8], shortlist: Iterable[Shortlisted]
) -> list[Alignment]:
    """Return the best alignment of each reference that holds, most surprising first.

    `variants` are the query's features in each variant needed, `grey` its picture, uint8 (height, width), in
    whose pixels they are. A reference may be shortlisted in several variants; its best one counts.
    """
    best: dict[int, Alignment] = {}
    for alignment in aligned(variants, grey, shortlist):
        known = best.get(alignment.candidate.image_id)
        if alignment.copy_like and (known is None or alignment.surprise > known.surprise):
            best[alignment.candidate.image_id] = alignment
    return sorted(best.values(), key=lambda a: (-a.surprise, a.candidate.image_id))


def aligned(
    variants: dict[Variant, LocalFeatures], grey: NDArray[np.uint8], shortlist: Iterable[Shortlisted]
) -> list[Alignment]:
    """Return the best alignment of each that is shortlisted, whether or not it is like a copy; see `alignments`."""
    found = [held for candidate in shortlist if (held := _best(variants, grey, candidate)) is not None]
    return without_furniture(found)


def _best(
    variants: dict[Variant, LocalFeatures], grey: NDArray[np.uint8], candidate: Shortlisted
) -> Alignment | None:
    """Return the map whose pixels agree best of those that the candidate's features propose."""
    query, area = variants[candidate.variant], candidate.features.size[0] * candidate.features.size[1]
    pairs = correspondences(_first(query), candidate.features)
    model = best_model(pairs, area)
    if model is None:
        return None
    if len(model.inliers) >= PROMISING and len(query.xy) > FIRST_LOOK:
        more = correspondences(query, candidate.features)
        again = best_model(more, area)
        if again is not None and again.surprise > model.surprise:
            pairs, model = more, again
    best: Alignment | None = None
    for _ in range(MODELS):
        if model is None or model.surprise < LEAST_SURPRISE:
            break
        alignment = _laid(grey, candidate, pairs, model)
        if alignment is not None:
            if best is None or _rank(alignment) > _rank(best):
                best = alignment
            if best.copy_like:
                break
        rest = np.delete(np.arange(len(pairs)), model.inliers)
        pairs = pairs.take(rest)
        model = best_model(pairs, area)
    return best


def _rank(alignment: Alignment) -> tuple[bool, float]:
    return alignment.copy_like, alignment.surprise


def _first(query: LocalFeatures) -> LocalFeatures:
    if len(query.xy) <= FIRST_LOOK:
        return query
    return replace(
        query,
        xy=query.xy[:FIRST_LOOK],
        angle=query.angle[:FIRST_LOOK],
        scale=query.scale[:FIRST_LOOK],
        descriptors=query.descriptors[:FIRST_LOOK],
    )


def _laid(
    grey: NDArray[np.uint8], candidate: Shortlisted, pairs: Correspondences, model: Model
) -> Alignment | None:
    if candidate.preview is None:
        frame = candidate.features.size[::-1]
        comparison = compare_features(grey.shape, candidate.features, pairs, model)
    else:
        preview = candidate.preview()
        frame = preview.shape
        comparison = _compared(grey, preview, candidate, pairs, model)
    if comparison is None:
        return None
    return Alignment(candidate, pairs, model, model.surprise, comparison, grey.shape, frame)


def _compared(
    grey: NDArray[np.uint8],
    preview: NDArray[np.uint8],
    candidate: Shortlisted,
    pairs: Correspondences,
    model: Model,
) -> Comparison | None:
    height, width = preview.shape
    scale = np.diag([width / candidate.features.size[0], height / candidate.features.size[1], 1.0])
    # Features count from the middle of the first pixel, pictures from its corner.
    to_corner = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    matrix = scale @ to_corner @ model.matrix @ np.linalg.inv(to_corner)
    inliers = project(scale, pairs.reference[model.inliers] + 0.5)
    query = grey[:, ::-1] if candidate.variant.mirrored else grey
    return compare_pixels(query, preview, matrix, inliers=inliers, inverted=candidate.variant.inverted)
