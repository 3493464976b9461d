"""One map of a query onto a reference, and whether what speaks for it makes the pictures copies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from provenance.compare.geometry import Model
    from provenance.compare.matching import Correspondences
    from provenance.compare.pixels import Comparison
    from provenance.model import LocalFeatures, Variant

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
        if seen.shares_page:
            return False
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
