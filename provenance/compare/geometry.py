"""Robust models between two pictures: similarity, affine, homography, the simplest that explains.

Each correspondence proposes a similarity by itself, since features have an orientation and a scale (Philbin
et al., "Object retrieval with large vocabularies and fast spatial matching", 2007): every proposal is tried,
so nothing is drawn at random. The best are refined, and judged a contrario: by the expected number of equally
good alignments among correspondences that have nothing to do with each other (Moisan & Stival 2004).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from provenance.compare.matching import Correspondences

    Floats = NDArray[np.float64]

TOLERANCE = 3.0
"""Pixels of the reference's frame (long side 352): localisation errors of both features, and codes' rounding."""

SEEDS = 12
"""Proposals that are refined: the ones with most support."""

SHRINKING = (15.0, 9.0, 6.0, 4.0, TOLERANCE, TOLERANCE)
"""Tolerances of the refinement, pixels: proposals are coarse far from the feature that makes them."""

LEAST_ZOOM, MOST_ZOOM = 1 / 25, 12.0
"""Singular values allowed: below, everything falls onto one place, which always 'fits'."""

MOST_SHEAR = 3.0
"""Ratio of singular values allowed: a picture seen more obliquely shows nothing that SIFT would match."""

TURN_RADIANS, ZOOM_FACTOR = 0.6, 2.0
"""How far a feature's orientation and scale may be off the model's."""

CONSISTENT = (2 * TURN_RADIANS / (2 * math.pi)) * 0.4
"""The chance that an unrelated feature is consistent so; scales of matched features lie within some octaves."""

PROJECTIVE_FROM = 12
"""Inliers from which the two further parameters of a homography are worth trying."""


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A map of query pixels onto reference pixels, float64 (3, 3), with what supports it.

    `inliers` are row numbers; `surprise` is -log10 of the number of false alarms of this alignment alone,
    within these two pictures; `degrees` 2, 3 or 4 for similarity, affine, homography.
    """

    matrix: Floats
    inliers: NDArray[np.intp]
    surprise: float
    degrees: int


def best_model(pairs: Correspondences, area: float) -> Model | None:
    """Return the model with the most surprising support, or None where nothing plausible fits.

    `area` is that of the reference's frame in pixels: what an accidental match could have hit instead.
    """
    best: Model | None = None
    explained = np.zeros(len(pairs), bool)
    for number, seed in _seeds(pairs):
        # What a model explains would propose that model again.
        if explained[number]:
            continue
        for model in _refined(pairs, seed, area):
            explained[model.inliers] = True
            if best is None or model.surprise > best.surprise:
                best = model
    return best


def project(matrix: Floats, points: Floats) -> Floats:
    """Return the (n, 2) images of `points` (n, 2); points at infinity become very large."""
    mapped = points @ matrix[:, :2].T + matrix[:, 2]
    depth = mapped[:, 2:]
    result: Floats = mapped[:, :2] / np.where(np.abs(depth) < 1e-9, 1e-9, depth)
    return result


def plausible(matrix: Floats, at: Floats) -> bool:
    """Return whether the map is within bounds of scale and shear, and keeps handedness, at these points."""
    x, y = at[:, 0], at[:, 1]
    depth = matrix[2, 0] * x + matrix[2, 1] * y + matrix[2, 2]
    if not np.all(np.isfinite(matrix)) or np.any(depth <= 0):
        return False
    u, v = project(matrix, at).T
    a, b = (matrix[0, 0] - u * matrix[2, 0]) / depth, (matrix[0, 1] - u * matrix[2, 1]) / depth
    c, d = (matrix[1, 0] - v * matrix[2, 0]) / depth, (matrix[1, 1] - v * matrix[2, 1]) / depth
    determinant = a * d - b * c
    if np.any(determinant <= 0):
        return False
    # Singular values of [[a, b], [c, d]] in closed form.
    half = (a * a + b * b + c * c + d * d) / 2
    root = np.sqrt(np.maximum(half * half - determinant * determinant, 0))
    largest, smallest = np.sqrt(half + root), determinant / np.sqrt(half + root)
    return bool(
        np.all(smallest >= LEAST_ZOOM)
        and np.all(largest <= MOST_ZOOM)
        and np.all(largest <= MOST_SHEAR * smallest)
    )


def _seeds(pairs: Correspondences) -> list[tuple[int, NDArray[np.bool_]]]:
    """Return the best proposals, most support first: a pair's row, and those that agree with its similarity."""
    if len(pairs) <= 2:
        return []
    factor = np.exp(np.clip(pairs.zoom, math.log(LEAST_ZOOM), math.log(MOST_ZOOM)))
    cosine, sine = factor * np.cos(pairs.turn), factor * np.sin(pairs.turn)
    dx, dy = (pairs.query[None] - pairs.query[:, None]).transpose(2, 0, 1)
    offset = pairs.reference[None] - pairs.reference[:, None]
    error = np.hypot(
        cosine[:, None] * dx - sine[:, None] * dy - offset[..., 0],
        sine[:, None] * dx + cosine[:, None] * dy - offset[..., 1],
    )
    # Orientation and scale of one feature are some degrees and percent off: errors grow with distance.
    allowed = 2 * TOLERANCE + 0.2 * np.hypot(offset[..., 0], offset[..., 1])
    support = (error < allowed) & _alike(
        pairs.turn[None] - pairs.turn[:, None], pairs.zoom[None] - pairs.zoom[:, None]
    )
    count = support.sum(axis=1)
    first = np.argsort(-count, kind="stable")[:SEEDS]
    return [(int(i), support[i]) for i in first if count[i] > 2]


def _alike(turn: Floats, zoom: Floats) -> NDArray[np.bool_]:
    near: NDArray[np.bool_] = (np.abs((turn + np.pi) % (2 * np.pi) - np.pi) < TURN_RADIANS) & (
        np.abs(zoom) < math.log(ZOOM_FACTOR)
    )
    return near


def _refined(pairs: Correspondences, support: NDArray[np.bool_], area: float) -> list[Model]:
    """Fit and select in turn while the tolerance shrinks; return the models that come out, one a degree."""
    for tolerance in SHRINKING:
        rows = np.flatnonzero(support)
        if len(rows) < 3:
            return []
        matrix = _fit(pairs.take(rows), 3 if len(rows) >= 6 else 2)
        if matrix is None:
            return []
        support = _inliers(pairs, matrix, tolerance)
    models = []
    for degrees in (2, 3, 4):
        rows = np.flatnonzero(support)
        if degrees == 4 and len(rows) < PROJECTIVE_FROM:
            continue
        matrix = _fit(pairs.take(rows), degrees) if len(rows) > degrees else None
        if matrix is None:
            continue
        if degrees == 4:
            for _ in range(3):
                wider = np.flatnonzero(_inliers(pairs, matrix, TOLERANCE))
                again = _fit(pairs.take(wider), 4) if len(wider) > 4 else None
                matrix = matrix if again is None else again
        model = _judged(pairs, matrix, degrees, area)
        if model is not None:
            models.append(model)
    return models


def _inliers(pairs: Correspondences, matrix: Floats, tolerance: float) -> NDArray[np.bool_]:
    error = np.linalg.norm(project(matrix, pairs.query) - pairs.reference, axis=1)
    turn = math.atan2(matrix[1, 0] - matrix[0, 1], matrix[0, 0] + matrix[1, 1])
    zoom = math.log(max(abs(matrix[0, 0] * matrix[1, 1] - matrix[0, 1] * matrix[1, 0]), 1e-9)) / 2
    within: NDArray[np.bool_] = (error < tolerance) & _alike(pairs.turn - turn, pairs.zoom - zoom)
    return within


def _fit(pairs: Correspondences, degrees: int) -> Floats | None:
    """Return the least-squares model of these pairs, or None where it is implausible."""
    matrix = (_similarity, _affine, _homography)[degrees - 2](pairs.query, pairs.reference)
    return matrix if matrix is not None and plausible(matrix, pairs.query) else None


def _similarity(query: Floats, reference: Floats) -> Floats | None:
    """Umeyama's closed form, without reflection."""
    q, r = query - query.mean(axis=0), reference - reference.mean(axis=0)
    spread = float((q * q).sum())
    if spread < 1e-6:
        return None
    cosine = float((q * r).sum()) / spread
    sine = float((q[:, 0] * r[:, 1] - q[:, 1] * r[:, 0]).sum()) / spread
    linear = np.array([[cosine, -sine], [sine, cosine]])
    shift = reference.mean(axis=0) - linear @ query.mean(axis=0)
    return np.vstack([np.column_stack([linear, shift]), [0.0, 0.0, 1.0]])


def _affine(query: Floats, reference: Floats) -> Floats | None:
    design = np.column_stack([query, np.ones(len(query))])
    solution, _, rank, _ = np.linalg.lstsq(design, reference, rcond=None)
    return np.vstack([solution.T, [0.0, 0.0, 1.0]]) if rank == 3 else None


def _homography(query: Floats, reference: Floats) -> Floats | None:
    """The normalised direct linear transform (Hartley & Zisserman, 2nd ed., algorithm 4.2)."""
    from_query, from_reference = _normaliser(query), _normaliser(reference)
    x, y = project(from_query, query).T
    u, v = project(from_reference, reference).T
    one, none = np.ones_like(x), np.zeros_like(x)
    rows = np.vstack(
        [
            np.column_stack([x, y, one, none, none, none, -u * x, -u * y, -u]),
            np.column_stack([none, none, none, x, y, one, -v * x, -v * y, -v]),
        ]
    )
    # The smallest eigenvector of the 9x9 normal matrix: as exact as needed here, and quick for any number.
    matrix = np.linalg.inv(from_reference) @ np.linalg.eigh(rows.T @ rows)[1][:, 0].reshape(3, 3) @ from_query
    return matrix / matrix[2, 2] if abs(matrix[2, 2]) > 1e-12 else None


def _normaliser(points: Floats) -> Floats:
    centre = points.mean(axis=0)
    scale = math.sqrt(2) / max(float(np.linalg.norm(points - centre, axis=1).mean()), 1e-9)
    return np.array([[scale, 0, -scale * centre[0]], [0, scale, -scale * centre[1]], [0, 0, 1.0]])


def _judged(pairs: Correspondences, matrix: Floats, degrees: int, area: float) -> Model | None:
    rows = np.flatnonzero(_inliers(pairs, matrix, TOLERANCE))
    if len(rows) <= degrees or not plausible(matrix, pairs.query[rows]):
        return None
    error = np.linalg.norm(project(matrix, pairs.query[rows]) - pairs.reference[rows], axis=1)
    return Model(matrix, rows, surprise(np.sort(error), len(pairs), degrees, area), degrees)


LEAST_ERROR = 0.5
"""Pixels: coordinates are rounded to about that, so smaller errors say no more."""


def surprise(errors: Floats, pairs: int, degrees: int, area: float) -> float:
    """Return -log10 NFA of the best prefix of sorted `errors` (pixels) among `pairs` correspondences.

    The NFA of k inliers up to an error e is C(n, k) C(k, d) a^(k - d), with a the chance that an unrelated
    correspondence is consistent and falls within e of its place; the minimum over k adapts the precision.
    """
    chance = CONSISTENT * np.minimum(1.0, np.pi * np.maximum(errors, LEAST_ERROR) ** 2 / area)
    k = np.arange(1, len(errors) + 1)
    logs = _log10_factorials(pairs)
    tests = logs[pairs] - logs[k] - logs[pairs - k]
    samples = np.where(k > degrees, logs[k] - logs[degrees] - logs[np.maximum(k - degrees, 0)], 0.0)
    nfa = tests + samples + (k - degrees) * np.log10(chance)
    return float(-(nfa[degrees:].min()))


def _log10_factorials(n: int) -> Floats:
    return _table(1 << max(4, n.bit_length()))


@cache
def _table(size: int) -> Floats:
    logs: Floats = np.concatenate([[0.0], np.cumsum(np.log10(np.arange(1, size + 1)))])
    return logs
