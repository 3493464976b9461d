"""Tentative correspondences between the local features of a query and of one reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from provenance.model import LocalFeatures

RATIO = 0.92
"""The nearest descriptor must be this much nearer than the next one elsewhere in the reference (Lowe 2004).
Codes of eight bytes blur distances, so the test is laxer than the usual 0.8; geometry decides."""

TWIN_PIXELS = 4.0
"""Features this near are one place seen at several scales or orientations: none competes with the others."""


@dataclass(frozen=True, slots=True, eq=False)
class Correspondences:
    """Pairs of features, one-to-one; `n` rows each.

    `query` and `reference` are float64 (n, 2), pixels of the frames that the features were found in; `turn`
    (radians) and `zoom` (natural logarithm) float64 (n,): by how much the reference's feature is turned and
    larger; `feature` intp (n,): the number of the query's feature, the same in all variants.
    """

    feature: NDArray[np.intp]
    query: NDArray[np.float64]
    reference: NDArray[np.float64]
    turn: NDArray[np.float64]
    zoom: NDArray[np.float64]

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.query)

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> Correspondences:
        """Return the pairs of these rows."""
        return Correspondences(
            self.feature[rows], self.query[rows], self.reference[rows], self.turn[rows], self.zoom[rows]
        )


def correspondences(query: LocalFeatures, reference: LocalFeatures) -> Correspondences:
    """Return the pairs of mutually nearest descriptors that pass the ratio test.

    One-to-one, or a repeated texture would gather any number of matches on one feature.
    """
    if not len(query.descriptors) or not len(reference.descriptors):
        rows = places = np.zeros(0, np.intp)
    else:
        rows, places = _mutual(query, reference)
    return Correspondences(
        rows,
        query.xy[rows].astype(np.float64),
        reference.xy[places].astype(np.float64),
        np.deg2rad(reference.angle[places].astype(np.float64) - query.angle[rows]),
        np.log(reference.scale[places].astype(np.float64) / query.scale[rows]),
    )


def _mutual(query: LocalFeatures, reference: LocalFeatures) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    similarity = query.descriptors @ reference.descriptors.T
    nearest = similarity.argmax(axis=1)
    best = similarity[np.arange(len(similarity)), nearest]
    rows = np.flatnonzero(best >= similarity.max(axis=0)[nearest])
    # Equal codes tie: the first row has the column, or one feature would be matched twice.
    rows = rows[np.unique(nearest[rows], return_index=True)[1]]
    nearest, best = nearest[rows], best[rows]
    others = similarity[rows]
    others[_twins(reference.xy, nearest)] = -1.0
    # Descriptors have unit length: squared distance is 2 - 2 * similarity.
    distinct = 1 - best < RATIO**2 * (1 - others.max(axis=1))
    return rows[distinct], nearest[distinct]


def _twins(xy: NDArray[np.float32], rows: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return which features are at the same place as each of those in `rows`, (rows, n)."""
    x, y = xy.T
    squared = (x[rows, None] - x[None]) ** 2 + (y[rows, None] - y[None]) ** 2
    twins: NDArray[np.bool_] = squared <= TWIN_PIXELS**2
    return twins
