"""Local features and pixels of a query against those of shortlisted references: what is a copy of what.

Three things must come together before two pictures are called copies: features that agree on one map of one onto
the other, more of them than accident explains; pixels that agree where that map lays the pictures over each
other; and features that are not furniture, such as a logo, a bar or an app's frame, which many pictures share.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from provenance.compare.budget import FIRST_LOOK
from provenance.compare.geometry import best_model, project, surprise
from provenance.compare.matching import correspondences
from provenance.compare.pixels import compare_pixels
from provenance.compare.without_pixels import compare_features

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

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

AGREEMENT = 0.42
"""Share of the blocks that must agree where two pictures overlap. Copies with bars over a third of them keep more;
pictures that share nothing but furniture reach it on text alone, and lose their furniture first."""

SUPPORT = 0.3
"""Share of one of the two pictures, at least, that must agree: bars and logos that happen to meet cover less."""

SHOWN = 0.25
"""Share of one of the two pictures that the part which shows the same must fill in one piece, unless the frames lie on
each other: two memes with two words in common agree in many blocks, but all in one line. Copies with bars over a third
of them keep a third in one piece."""

DISAGREEMENT_COST = 170.0
"""Surprise that must make up for blocks that disagree, by their share: where half of the overlap shows something
else, a handful of features in the other half may be a line of text. Of 620 edited copies none has less than 130 with
an agreement below 0.6, of 80 pairs that share a template none more than 60."""

CORE_AGREEMENT, CORE_SURPRISE = 0.9, 200.0
"""Within the box of the inliers, and of them, for a part of one picture inside another."""

CORE_AREA = 0.06
"""Share of the query that such a part must fill with agreeing blocks: a logo fills less."""

ALONE, ALONE_AGREEMENT = 40.0, 0.42
"""Without pixels: surprise, and share of the cells that must agree where the pictures overlap (docs/exchange.md)."""

ALONE_SHOWN = 0.25
"""Share of one of the two pictures that the part which agrees must fill: an app's bar fills a fifth."""

ALONE_CORE = 0.75
"""Agreement within the box of the inliers for a part of one picture inside another: cells at its border are cut."""

IN_PLACE = 0.04
"""Furniture stands at the same place in both: corners that move by less than this share of the sides."""

RECURRING = 2
"""Other references, not copies of the query themselves, in which a feature fits the same way: furniture."""


@dataclass(frozen=True, slots=True, eq=False)
class Shortlisted:
    """A reference to compare with: its features, and in which variant.

    `preview` gives its picture in grey, uint8 (height, width): few of those shortlisted ever need it. It is None where
    the archive holds no picture; then features must do.
    """

    image_id: int
    variant: Variant
    features: LocalFeatures
    preview: Callable[[], NDArray[np.uint8]] | None


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """One map of the query onto a reference, and what speaks for it.

    `surprise` is -log10 of the number of false alarms within these two pictures, furniture left out. The
    comparison's matrix maps pixels of the query's variant onto pixels of the preview, both counted from the
    picture's corner. Without a preview it is that of `without_pixels`, and the frame that of the features.
    """

    candidate: Shortlisted
    pairs: Correspondences
    model: Model
    surprise: float
    comparison: Comparison
    frame: tuple[int, int]
    """(height, width) of the query's picture."""
    preview_frame: tuple[int, int]
    """(height, width) of the reference's preview."""

    @property
    def pictured(self) -> bool:
        """Return whether pixels were compared."""
        return self.candidate.preview is not None

    @property
    def whole_agreement(self) -> float:
        """Return the agreement from which two pictures share more than furniture."""
        return (1 + AGREEMENT) / 2 if self.pictured else (1 + ALONE_AGREEMENT) / 2

    @property
    def copy_like(self) -> bool:
        """Return whether enough of the pixels agree for the pictures to be one; without them, of the features."""
        seen = self.comparison
        if not self.pictured:
            return self._features_agree
        in_one_piece = seen.same_frame or max(seen.query_shown, seen.reference_shown) >= SHOWN
        if seen.agreement >= AGREEMENT and seen.support >= SUPPORT and in_one_piece:
            return self.surprise >= DISAGREEMENT_COST * (1 - seen.agreement)
        return (
            seen.core_agreement >= CORE_AGREEMENT
            and self.surprise >= CORE_SURPRISE
            and seen.agreeing_area >= CORE_AREA
            and not seen.in_place(IN_PLACE)
        )

    @property
    def _features_agree(self) -> bool:
        seen = self.comparison
        if max(seen.query_shown, seen.reference_shown) < ALONE_SHOWN:
            return False
        if seen.agreement >= ALONE_AGREEMENT:
            return self.surprise >= ALONE
        return (
            seen.core_agreement >= ALONE_CORE
            and self.surprise >= CORE_SURPRISE
            and not seen.in_place(IN_PLACE)
        )


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
    return _without_furniture(found)


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


def _without_furniture(found: Sequence[Alignment]) -> list[Alignment]:
    """Weigh alignments anew, without the features that fit the same way in references of other pictures."""
    fits: Counter[int] = Counter()
    own: dict[int, set[int]] = {}
    for alignment in found:
        if not alignment.copy_like or alignment.comparison.agreement < alignment.whole_agreement:
            own.setdefault(alignment.candidate.image_id, set()).update(_features(alignment))
    for features in own.values():
        fits.update(features)
    # What fits in just enough references does not for one of these: it is not another.
    everywhere = {feature for feature, count in fits.items() if count > RECURRING}
    elsewhere = {feature for feature, count in fits.items() if count == RECURRING}
    return [
        _weighed(alignment, everywhere | elsewhere - own.get(alignment.candidate.image_id, set()))
        for alignment in found
    ]


def _features(alignment: Alignment) -> list[int]:
    return [int(feature) for feature in alignment.pairs.feature[alignment.model.inliers]]


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
