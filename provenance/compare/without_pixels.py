"""What an alignment's features say by themselves, where the reference has no picture to hold the query against.

The reference is cut into cells. One that has features, none of which agrees, shows something else, or nothing that the
query kept; so a frame or a logo that two pictures share leaves most cells of the rest against it. That nothing moved,
and that nothing was changed, features of this coarseness do not tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from provenance.compare.blocks import agreeing_part
from provenance.compare.geometry import project
from provenance.compare.pixels import Comparison

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from provenance.compare.geometry import Floats, Model
    from provenance.compare.matching import Correspondences
    from provenance.model import LocalFeatures

CELL = 32
"""Pixels a side, of a frame of at most 352: some eighty cells, with six of 550 features in each."""

CORNER = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
"""Features count from the middle of the first pixel, pictures from its corner."""


def compare_features(
    query: tuple[int, ...], reference: LocalFeatures, pairs: Correspondences, model: Model
) -> Comparison | None:
    """Compare a query of this shape, (height, width), with a reference by the features that agree on a map.

    Cells stand for the blocks of a comparison of pixels; `drift` is 0 and no page is seen, since neither motion nor
    tones are.

    Returns None where no cell of the reference lies in the query.
    """
    matrix: Floats = CORNER @ model.matrix @ np.linalg.inv(CORNER)
    width, height = reference.size
    edges = _edges(width), _edges(height)
    corners = np.stack(np.meshgrid(*edges), axis=-1)
    mapped = project(np.asarray(np.linalg.inv(matrix), np.float64), corners.reshape(-1, 2)).reshape(
        corners.shape
    )
    centres = (mapped[1:, 1:] + mapped[:-1, :-1]) / 2
    inside = np.all((centres > 0) & (centres < (query[1], query[0])), axis=-1)
    if not inside.any():
        return None
    inliers = pairs.reference[model.inliers] + 0.5
    textured = inside & (_counted(reference.xy + 0.5, edges) > 0)
    agreeing = inside & (_counted(inliers, edges) > 0)
    rows, columns = agreeing_part(textured, agreeing)
    part = np.zeros_like(inside)
    part[rows, columns] = inside[rows, columns]
    own, others = _areas(corners), _areas(mapped)
    whole = float(query[0] * query[1]), float(width * height)
    count = int(np.count_nonzero(agreeing))
    core = textured & _boxed(inliers, edges)
    box = mapped[rows.start : rows.stop + 1, columns.start : columns.stop + 1].reshape(-1, 2)
    unit = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], float)
    return Comparison(
        matrix=matrix,
        query_share=min(1.0, others[inside].sum() / whole[0]),
        reference_share=min(1.0, own[inside].sum() / whole[1]),
        query_shown=min(1.0, others[part].sum() / whole[0]),
        reference_shown=min(1.0, own[part].sum() / whole[1]),
        part=np.stack([box.min(axis=0), box.max(axis=0)]),
        blocks=int(np.count_nonzero(textured)),
        agreeing=count,
        agreeing_area=min(1.0, others[agreeing].sum() / whole[0]),
        drift=0.0,
        core_agreement=int(np.count_nonzero(core & agreeing)) / max(1, int(np.count_nonzero(core))),
        shares_page=False,
        moved=project(matrix, unit * (query[1], query[0])) / (width, height) - unit,
    )


def _edges(side: int) -> Floats:
    """Return where cells of about `CELL` pixels begin and end along a side."""
    return np.linspace(0, side, max(1, round(side / CELL)) + 1)


def _counted(points: NDArray[np.floating], edges: tuple[Floats, Floats]) -> Floats:
    """Return how many points (n, 2) lie in each cell, (rows, columns)."""
    counts, _, _ = np.histogram2d(points[:, 1], points[:, 0], bins=edges[::-1])
    return np.asarray(counts, np.float64)


def _boxed(inliers: Floats, edges: tuple[Floats, Floats]) -> NDArray[np.bool_]:
    """Return which cells reach into the box around the inliers."""
    (left, top), (right, bottom) = inliers.min(axis=0), inliers.max(axis=0)
    across = (edges[0][1:] > left) & (edges[0][:-1] < right)
    down = (edges[1][1:] > top) & (edges[1][:-1] < bottom)
    result: NDArray[np.bool_] = down[:, None] & across[None]
    return result


def _areas(corners: Floats) -> Floats:
    """Return the area of each cell, (rows, columns), from the corners of all, (rows + 1, columns + 1, 2)."""
    first = corners[1:, 1:] - corners[:-1, :-1]
    second = corners[1:, :-1] - corners[:-1, 1:]
    result: Floats = np.abs(first[..., 0] * second[..., 1] - first[..., 1] * second[..., 0]) / 2
    return result
