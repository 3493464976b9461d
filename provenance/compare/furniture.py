"""Furniture: what many pictures share without being copies, such as a logo, a bar or an app's frame.

A feature of the query that fits the same way in several references of other pictures is furniture, and does not speak
for any of them. An archive may hold one picture many times, as frames of one shot or with one bar after another under
it; these count as one reference.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from provenance.compare.geometry import project, surprise
from provenance.compare.pixels import compare_pixels

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from provenance.compare.alignment import Alignment

RECURRING = 2
"""Other references, not copies of the query themselves, in which a feature fits the same way: furniture."""

SIDE = 128
"""Pixels of the longer side, at most about, at which references are held against each other."""

ONE_PICTURE = 0.5
"""Share of one of two references that the part which shows the same must fill for them to be one picture, where less of
them agrees than in a copy without bars: bars and frames around other pictures fill less."""

MOST_PICTURES = 3
"""Pictures, best first, whose further references are looked for: each costs a comparison with all candidates."""


def without_furniture(found: Sequence[Alignment]) -> list[Alignment]:
    """Weigh alignments anew, without the features that fit the same way in references of other pictures."""
    weighed = _all_weighed(found, {})
    doubted = [a for a, after in zip(found, weighed, strict=True) if a.copy_like and after is not a]
    return _all_weighed(found, _pictures(doubted, found)) if doubted else weighed


def _all_weighed(found: Sequence[Alignment], pictures: Mapping[int, int]) -> list[Alignment]:
    """Weigh alignments, of which `pictures` tells those that are of the same picture: id -> one id for all of it."""
    fits: Counter[int] = Counter()
    own: dict[int, set[int]] = {}
    for alignment in filter(_counts, found):
        own.setdefault(_picture(alignment, pictures), set()).update(_features(alignment))
    for features in own.values():
        fits.update(features)
    # What fits in just enough references does not for one of these: it is not another.
    everywhere = {feature for feature, count in fits.items() if count > RECURRING}
    elsewhere = {feature for feature, count in fits.items() if count == RECURRING}
    return [_weighed(a, everywhere | elsewhere - own.get(_picture(a, pictures), set())) for a in found]


def _counts(alignment: Alignment) -> bool:
    """Return whether a reference may be of another picture than the query's."""
    return not alignment.copy_like or alignment.comparison.agreement < alignment.whole_agreement


def _picture(alignment: Alignment, pictures: Mapping[int, int]) -> int:
    return pictures.get(alignment.candidate.image_id, alignment.candidate.image_id)


def _features(alignment: Alignment) -> list[int]:
    return [int(feature) for feature in alignment.pairs.feature[alignment.model.inliers]]


def _pictures(doubted: Sequence[Alignment], found: Sequence[Alignment]) -> dict[int, int]:
    """Return which references show the picture of one of `doubted`, the best of them: id -> one id for all of it."""
    pictures: dict[int, int] = {}
    others = [a for a in found if a.pictured and _counts(a)]
    for first in sorted(doubted, key=lambda a: (-a.surprise, a.candidate.image_id)):
        one = first.candidate.image_id
        if one in pictures or not first.pictured:
            continue
        pictures[one] = one
        for other in others:
            if other.candidate.image_id not in pictures and _are_one_picture(first, other):
                pictures[other.candidate.image_id] = one
        if len(set(pictures.values())) == MOST_PICTURES:
            break
    return pictures


def _are_one_picture(first: Alignment, second: Alignment) -> bool:
    """Return whether the references of two alignments show the same, by their previews and through the query."""
    if first.candidate.variant != second.candidate.variant:
        return False
    (one, into_one), (other, into_other) = map(_reduced, (first, second))
    matrix = into_other @ np.linalg.inv(into_one)
    everywhere = np.array([[0, 0], other.shape[::-1]], float)
    seen = compare_pixels(one, other, matrix, inliers=everywhere, inverted=False)
    if seen is None or seen.shares_page:
        return False
    shown = max(seen.query_shown, seen.reference_shown)
    return seen.agreement >= first.whole_agreement or shown >= ONE_PICTURE


def _reduced(alignment: Alignment) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Return the reference's preview, reduced, and the map of the query's pixels onto it."""
    if alignment.candidate.preview is None:
        raise ValueError("a reference without a picture shows nothing")
    preview = alignment.candidate.preview()
    by = max(1, round(max(preview.shape) / SIDE))
    rows, columns = (side // by * by for side in preview.shape)
    tiles = preview[:rows, :columns].reshape(rows // by, by, columns // by, by)
    small = tiles.mean(axis=(1, 3)).astype(np.uint8)
    return small, np.diag([1 / by, 1 / by, 1.0]) @ alignment.comparison.matrix


def _weighed(alignment: Alignment, furniture: set[int]) -> Alignment:
    if not furniture:
        return alignment
    pairs, model = alignment.pairs, alignment.model
    known = np.isin(pairs.feature, list(furniture))
    rows = model.inliers[~known[model.inliers]]
    if len(rows) == len(model.inliers):
        return alignment
    if len(rows) <= model.degrees:
        return replace(alignment, surprise=0.0)
    error = np.linalg.norm(project(model.matrix, pairs.query[rows]) - pairs.reference[rows], axis=1)
    size = alignment.candidate.features.size
    left = int(np.count_nonzero(~known))
    return replace(alignment, surprise=surprise(np.sort(error), left, model.degrees, size[0] * size[1]))
