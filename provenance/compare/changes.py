"""What was altered between two photos, and where: the whole comparison on one page.

    lay -> register -> tone and sharpness -> residual against its null -> areas -> regions with kinds

All of it happens on the query's pixels, reduced to a working size (`frame.WORKING_SIDE`); what is told is in pixels of
the two photos as they were given.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from provenance.compare.change_kinds import likeliest_kind, told
from provenance.compare.frame import lay
from provenance.compare.geometry import project
from provenance.compare.global_changes import global_changes
from provenance.compare.motion import motion, only_moved
from provenance.compare.regions import areas, outside, score_map
from provenance.compare.registration import register
from provenance.compare.residual import off_grid, residual
from provenance.compare.tone import fit_tone
from provenance.model import ChangedRegion, ChangeKind, ChangeOutcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from provenance.compare.filters import Image
    from provenance.compare.frame import Frame, Pixels
    from provenance.compare.geometry import Floats
    from provenance.compare.motion import Motion
    from provenance.compare.regions import Area
    from provenance.compare.residual import Residual
    from provenance.model import GlobalChanges
    from provenance.model.changes import Box

    Sizes = tuple[tuple[int, int], tuple[int, int]]
    """The full query's and the full reference's (width, height)."""

Number = TypeVar("Number", np.uint8, np.float32)

LEAST_SIDE = 48
"""Working pixels of the overlap's shorter side: below, a region would be a tenth of the picture."""

LEAST_BLOCKS = 6
"""Blocks that show something, from which it can be told whether the photos lie on each other."""

MOST_MOVED = 0.2
"""Share of the blocks that may still move."""

LEAST_AGREEING = 0.2
"""Share of the blocks that must show the same."""

MOST_LEVEL = 12.0
"""How much more energy than compression explains may remain in the calmer part."""

MOST_SCORE = 15.0
"""Scores are told up to this: the tails they come from were seen up to 3, and are taken on as straight lines."""


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """What differs between a query and a reference.

    `matrix` (float64, 3x3) maps full query onto full reference pixels, refined. `mask` (bool) and `heat` (float32,
    scores, 0 where nothing was compared) are of the full query's height and width. Where the photos were not
    compared there are no regions, the mask is empty, and `overall` and the map are None.
    """

    outcome: ChangeOutcome
    regions: tuple[ChangedRegion, ...]
    mask: NDArray[np.bool_]
    heat: Image
    matrix: Floats | None = None
    overall: GlobalChanges | None = None
    motion: Motion | None = None


def find_changes(
    query: Pixels,
    reference: Pixels,
    matrix: Floats,
    *,
    tables: Sequence[Sequence[int]] | None = None,
    inverted: bool = False,
    reference_tables: Sequence[Sequence[int]] | None = None,
) -> Changes:
    """Tell what was altered in `query`, uint8 (height, width, 3), against `reference`, likewise, and where.

    `matrix`, (3, 3), maps query onto reference pixels, some pixels off at most, mirroring included; coordinates
    count from the corner of the first pixel. `tables` are the quantisation tables of the query's JPEG file,
    brightness first, 64 numbers each; None for other files. `inverted` says that the query is a negative.
    `reference_tables` are those of the reference if it was compressed apart from what the query was made of, as
    previews are: then what that took from it is no change.
    """
    frame = lay(255 - query if inverted else query, reference, np.asarray(matrix, np.float64))
    registered = None if frame is None or min(frame.size) < LEAST_SIDE else register(frame)
    if registered is None:
        return _not_compared(ChangeOutcome.TOO_SMALL, query)
    frame, inside = registered.frame, registered.overlap
    if min(_extent(inside)) < LEAST_SIDE:
        return _not_compared(ChangeOutcome.TOO_SMALL, query)
    laid = frame.warped(frame.reference)
    tone = fit_tone(laid, frame.query, inside)
    predicted, filtered = tone.told_apart(laid)
    still = motion(predicted, frame.query, inside)
    lost = None
    if reference_tables:
        lost = tone.told_apart(frame.warped(off_grid(frame.reference, reference_tables)))[0] - predicted
    found = residual(predicted, frame.query, inside, tables, filtered, lost)
    outcome = _outcome(still, found)
    if outcome is not ChangeOutcome.COMPARED:
        return _not_compared(outcome, query, still)
    sizes = (query.shape[1], query.shape[0]), (reference.shape[1], reference.shape[0])
    overall = global_changes(
        sizes,
        frame.full_matrix,
        (frame.query[inside], laid[inside]),
        tone,
        tables=tables,
        inverted=inverted,
    )
    return _told(_Seen(frame, inside, predicted, still, found), sizes, overall)


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    frame: Frame
    inside: NDArray[np.bool_]
    predicted: Image
    motion: Motion
    residual: Residual


def _outcome(still: Motion, found: Residual) -> ChangeOutcome:
    if still.moved > MOST_MOVED or (still.blocks >= LEAST_BLOCKS and still.agreeing < LEAST_AGREEING):
        return ChangeOutcome.CANNOT_ALIGN
    if found.level > MOST_LEVEL:
        return ChangeOutcome.CANNOT_ALIGN
    return ChangeOutcome.COMPARED if still.blocks >= LEAST_BLOCKS else ChangeOutcome.TOO_SMALL


def _told(seen: _Seen, sizes: Sizes, overall: GlobalChanges) -> Changes:
    frame, inside = seen.frame, seen.inside
    scores = score_map(seen.residual, inside)
    found = [
        area
        for area in areas(seen.residual, inside, scores)
        if not only_moved(area.mask, seen.predicted, frame.query)
    ]
    beyond = outside(frame)
    regions = [
        _region(a, likeliest_kind(a, seen.predicted, frame.query), frame, sizes, inside=True) for a in found
    ]
    for area in beyond:
        kind = ChangeKind.BAR if area.plain else ChangeKind.CHANGED
        regions.append(_region(area, (kind, 1.0), frame, sizes, inside=False))
    mask = np.zeros(inside.shape, bool)
    for area in (*found, *beyond):
        mask |= area.mask
    heat = np.where(inside, np.clip(scores, 0, MOST_SCORE), 0).astype(np.float32)
    return Changes(
        outcome=ChangeOutcome.COMPARED,
        regions=tuple(sorted(regions, key=lambda r: (-r.score, r.query))),
        mask=_enlarged(mask.view(np.uint8), sizes[0]).view(np.bool_),
        heat=_enlarged(heat, sizes[0]),
        matrix=frame.full_matrix,
        overall=overall,
        motion=seen.motion,
    )


def _region(
    area: Area,
    likeliest: tuple[ChangeKind, float],
    frame: Frame,
    sizes: tuple[tuple[int, int], tuple[int, int]],
    *,
    inside: bool,
) -> ChangedRegion:
    x, y, w, h = area.box
    corners = np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]], float)
    full = project(frame.to_query, corners)
    share = float(np.count_nonzero(area.mask) / area.mask.size)
    there = _bounds(project(frame.full_matrix, full), sizes[1]) if inside else None
    return ChangedRegion(
        query=_bounds(full, sizes[0]) or (0, 0, 0, 0),
        reference=there,
        kind=told(*likeliest),
        score=round(min(area.score, MOST_SCORE), 2),
        area=round(share, 6),
        likeliest=likeliest[0],
    )


def _bounds(points: Floats, size: tuple[int, int]) -> Box | None:
    low = np.clip(np.floor(points.min(axis=0) + 1e-6), 0, size).astype(int)
    high = np.clip(np.ceil(points.max(axis=0) - 1e-6), 0, size).astype(int)
    w, h = (int(v) for v in high - low)
    return (int(low[0]), int(low[1]), w, h) if w > 0 and h > 0 else None


def _extent(inside: NDArray[np.bool_]) -> tuple[int, int]:
    rows, columns = inside.any(axis=1), inside.any(axis=0)
    return int(np.count_nonzero(columns)), int(np.count_nonzero(rows))


def _enlarged(picture: NDArray[Number], size: tuple[int, int]) -> NDArray[Number]:
    import cv2  # noqa: PLC0415 - slow to import

    if picture.shape[1::-1] == size:
        return picture
    # Full pictures stay of their type: a copy of one takes as long as a step of the comparison.
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_NEAREST), picture.dtype)


def _not_compared(outcome: ChangeOutcome, query: Pixels, still: Motion | None = None) -> Changes:
    shape = query.shape[:2]
    return Changes(outcome, (), np.zeros(shape, bool), np.zeros(shape, np.float32), motion=still)
