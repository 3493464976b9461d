"""The pixels of two aligned pictures held against each other, block by block.

Features agree where a few corners do; only pixels tell whether the picture between them is the same. Both are
brought to the coarser one's sharpness on a common grid, the alignment is refined on the pixels themselves, and
blocks are compared by normalised correlation, which no change of brightness or contrast alters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from provenance.compare.blocks import BLOCK, agreeing_part, compare_blocks, drift
from provenance.compare.geometry import project
from provenance.compare.page import shares_page
from provenance.compare.sampling import lay_grid, sampled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from provenance.compare.blocks import Blocks
    from provenance.compare.geometry import Floats
    from provenance.compare.sampling import Grid, Plane

CORRECTIONS, MOST_CORRECTIONS = 3, 10
"""How often the alignment is refined, each time from where the one before left it; and how often where much agrees:
a map that few features gave comes to rest slowly, and would pass for motion until then."""

AT_REST = 0.02
"""Grid steps by which a refinement moves a map that has come to rest."""

WORTHWHILE, FEW = 0.4, 100
"""Share of the blocks that agree where an alignment is refined further, and how many these may be: of more, the map is
exact already, and further refinement follows noise."""

AGREES = 0.6
"""Correlation from which a block shows the same thing in both."""

WHOLE = 0.9
"""Share of a picture from which all of it is taken to be there: frames are trimmed by some pixels on the way."""

ENOUGH = 8
"""Unclipped blocks from which only these tell how the pictures move."""


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """What the pixels of an alignment say.

    `matrix` maps query onto reference pixels, float64 (3, 3), refined. `query_share` and `reference_share` are
    the shares of the two pictures that overlap, `query_shown` and `reference_shown` those of the rectangle in it
    that shows the same; `part` is that rectangle's box in the query, (2, 2): its lowest and highest x, y in pixels.
    `blocks` is how many blocks show something in either picture,
    `agreeing` how many show the same in both; `agreeing_area` the share of the query that those cover.
    `drift` is how far agreeing blocks have moved together with their neighbours, in grid steps. `core_agreement` is
    the agreement within the box around the inliers. `shares_page` is whether they agree in a page alone. `moved` is how
    far the query's corners fall beside the reference's, as shares of its sides, float64 (4, 2).
    """

    matrix: Floats
    query_share: float
    reference_share: float
    query_shown: float
    reference_shown: float
    part: Floats
    blocks: int
    agreeing: int
    agreeing_area: float
    drift: float
    core_agreement: float
    shares_page: bool
    moved: Floats

    def in_place(self, share: float) -> bool:
        """Return whether the frames lie on each other, to within this share of their sides."""
        return bool(np.abs(self.moved).max() < share)

    @property
    def same_frame(self) -> bool:
        """Return whether each picture shows nearly all of the other's frame, whatever is in it."""
        return min(self.query_share, self.reference_share) >= WHOLE

    @property
    def support(self) -> float:
        """Return how much of the picture that is covered more agrees, as a share of it."""
        return self.agreement * max(self.query_share, self.reference_share)

    @property
    def agreement(self) -> float:
        """Return the share of the blocks with something to show that show the same."""
        return self.agreeing / self.blocks if self.blocks else 0.0


def compare_pixels(
    query: NDArray[np.uint8],
    reference: NDArray[np.uint8],
    matrix: Floats,
    *,
    inliers: Floats,
    inverted: bool,
) -> Comparison | None:
    """Compare grey pictures, uint8 (height, width), aligned by `matrix` (query onto reference pixels).

    `inliers`, float64 (n, 2), are the places in the reference's pixels where features agree. All coordinates
    count from the corner of the first pixel.

    Returns None where they overlap too little for a single block.
    """
    light = query.astype(np.float32)
    light = 255 - light if inverted else light
    dark = reference.astype(np.float32)
    laid = _laid(light, dark, matrix)
    for number in range(MOST_CORRECTIONS):
        if laid is None:
            return None
        better = _corrected(laid)
        if _at_rest(laid, better) or (number >= CORRECTIONS and not laid.worth_refining):
            break
        laid = _laid(light, dark, better)
    return None if laid is None else _result(laid, inliers)


@dataclass(frozen=True, slots=True, eq=False)
class _Laid:
    """Two pictures of these shapes, (height, width), laid over each other by a matrix, and both on one grid."""

    query: tuple[int, ...]
    reference: tuple[int, ...]
    matrix: Floats
    planes: tuple[Floats, Floats]
    grid: Grid
    blocks: Blocks

    @property
    def agreeing(self) -> NDArray[np.bool_]:
        """Return which blocks show the same, (rows, columns)."""
        return self.blocks.textured & (self.blocks.correlation >= AGREES)

    @property
    def agreement(self) -> float:
        """Return their share of those that show something."""
        return int(np.count_nonzero(self.agreeing)) / max(1, int(np.count_nonzero(self.blocks.textured)))

    @property
    def worth_refining(self) -> bool:
        """Return whether much of it agrees, in few blocks."""
        return self.agreement >= WORTHWHILE and int(np.count_nonzero(self.agreeing)) <= FEW

    @property
    def centres(self) -> Floats:
        """Return the middles of the blocks in pixels of the reference, (rows, columns, 2)."""
        rows, columns = self.blocks.correlation.shape
        return self.grid.points[BLOCK // 2 :: BLOCK, BLOCK // 2 :: BLOCK][:rows, :columns]


def _laid(query: Plane, reference: Plane, matrix: Floats) -> _Laid | None:
    grid = lay_grid(query.shape, reference.shape, matrix)
    if grid is None:
        return None
    planes = sampled(reference, grid.points, grid.step), sampled(query, grid.mapped, grid.step / grid.zoom)
    blocks = compare_blocks(*planes, grid.inside)
    return None if blocks is None else _Laid(query.shape, reference.shape, matrix, planes, grid, blocks)


def _at_rest(laid: _Laid, better: Floats) -> bool:
    """Return whether a refined map moves no block to speak of."""
    centres = laid.centres.reshape(-1, 2)
    moved = project(better @ np.asarray(np.linalg.inv(laid.matrix), np.float64), centres) - centres
    return bool(np.abs(moved).max() < AT_REST * laid.grid.step)


def _corrected(laid: _Laid) -> Floats:
    """Return the matrix moved along an affine fit of the blocks' motion; as it was, if they do not agree."""
    blocks = laid.blocks
    good = blocks.textured & (blocks.correlation > AGREES / 2) & (np.abs(blocks.motion).max(axis=-1) < 2)
    if np.count_nonzero(good) < 4:
        return laid.matrix
    centres = laid.centres[good]
    motion = blocks.motion[good] * laid.grid.step
    design = np.column_stack([centres, np.ones(len(centres))])
    keep = np.ones(len(centres), bool)
    fit = np.zeros((3, 2))
    for _ in range(4):
        # With few blocks only the shift is fitted: six parameters would follow their noise.
        if np.count_nonzero(keep) >= 12:
            fit = np.linalg.lstsq(design[keep], motion[keep], rcond=None)[0]
        else:
            fit = np.vstack([np.zeros((2, 2)), np.median(motion[keep], axis=0)])
        error = np.linalg.norm(motion - design @ fit, axis=1)
        keep = error <= 2.5 * np.median(error) + 1e-6
    shift = np.eye(3)
    shift[:2] -= fit.T
    moved: Floats = shift @ laid.matrix
    return moved


def _result(laid: _Laid, inliers: Floats) -> Comparison:
    query, reference, grid, blocks = laid.query, laid.reference, laid.grid, laid.blocks
    agreeing = laid.agreeing
    count = int(np.count_nonzero(agreeing))
    clear = agreeing & ~blocks.clipped
    clear = clear if np.count_nonzero(clear) >= ENOUGH else agreeing
    boxed = (laid.centres >= inliers.min(axis=0)) & (laid.centres <= inliers.max(axis=0))
    core = blocks.textured & boxed.all(axis=-1)
    # Areas: a grid cell covers step**2 reference pixels, and that over zoom**2 query pixels.
    query_area, reference_area = query[0] * query[1] * grid.zoom**2, reference[0] * reference[1]
    covered = np.count_nonzero(grid.inside) * grid.step**2
    points = _points(laid, agreeing)
    inside = grid.inside[points]
    shown = np.count_nonzero(inside) * grid.step**2
    part = grid.mapped[points][inside]
    size = np.array([reference[1], reference[0]], float)
    unit = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], float)
    return Comparison(
        matrix=laid.matrix,
        query_share=min(1.0, covered / query_area),
        reference_share=min(1.0, covered / reference_area),
        query_shown=min(1.0, shown / query_area),
        reference_shown=min(1.0, shown / reference_area),
        part=np.stack([part.min(axis=0), part.max(axis=0)]) if len(part) else np.zeros((2, 2)),
        blocks=int(np.count_nonzero(blocks.textured)),
        agreeing=count,
        agreeing_area=min(1.0, count * (BLOCK * grid.step) ** 2 / query_area),
        drift=drift(blocks.motion, clear),
        core_agreement=int(np.count_nonzero(core & agreeing)) / max(1, int(np.count_nonzero(core))),
        shares_page=shares_page(blocks, count, laid.planes, grid.inside),
        moved=project(laid.matrix, unit * (query[1], query[0])) / size - unit,
    )


def _points(laid: _Laid, agreeing: NDArray[np.bool_]) -> tuple[slice, slice]:
    """Return the rows and columns of grid points of the part that shows the same."""
    parts = agreeing_part(laid.blocks.textured, agreeing)
    ends = laid.blocks.correlation.shape
    # Points behind the last whole block belong to it.
    rows, columns = (
        slice(part.start * BLOCK, None if part.stop == end else part.stop * BLOCK)
        for part, end in zip(parts, ends, strict=True)
    )
    return rows, columns
