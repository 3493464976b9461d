"""The frame in which two registered photos are compared: the query's pixels, no denser than they need to be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from provenance.compare.geometry import project

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from provenance.compare.filters import Image
    from provenance.compare.geometry import Floats

    Pixels = NDArray[np.uint8]

WORKING_SIDE = 1280
"""Pixels of the longer side at most. What is altered to deceive is larger than three pixels of a 12 MP photo, and
the time and memory of a comparison stay bounded whatever the camera."""

MARGIN = 8
"""Pixels kept around the part of the reference that the query covers: refinement may move it."""

EDGE = 2
"""Working pixels at the overlap's border that are not compared: there interpolation invents."""

FINER = 2
"""How much denser than the working pixels a reference is kept where it can be, along each side: it is then averaged
over each of them as it lies, which is what reducing a photo does, and not resampled twice."""

AS_DENSE = 1.03
"""Ratio of densities up to which pictures are taken to be equally dense: resampling would only blur."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A query at its working size, and the part of a reference that it covers, about as dense.

    `query` and `reference` are float32 (height, width, 3), 0 to 255. `matrix`, float64 (3, 3), maps working
    pixels onto pixels of this `reference`, both counted from the corner of the first pixel. `to_query` and
    `from_reference` lead from working pixels to the full query's, and from the full reference's pixels to those of
    this `reference`. `density` is how many of its pixels lie along one working pixel: at most `FINER`.
    """

    query: Image
    reference: Image
    matrix: Floats
    to_query: Floats
    from_reference: Floats
    density: float

    @property
    def size(self) -> tuple[int, int]:
        """Return the working (width, height)."""
        return self.query.shape[1], self.query.shape[0]

    @property
    def full_matrix(self) -> Floats:
        """Return the map of full query pixels onto full reference pixels."""
        matrix = np.linalg.inv(self.from_reference) @ self.matrix @ np.linalg.inv(self.to_query)
        result: Floats = matrix / matrix[2, 2]
        return result

    def moved(self, matrix: Floats) -> Frame:
        """Return the frame with another map of working pixels onto the reference's."""
        return replace(self, matrix=matrix / matrix[2, 2])

    def warped(self, picture: Image) -> Image:
        """Return a picture of the reference's size as it lies on the working pixels, averaged over each."""
        import cv2  # noqa: PLC0415 - slow to import

        if self.density <= AS_DENSE:
            return warp(picture, self.matrix, self.size)
        width, height = self.size
        fine = warp(
            picture, self.matrix @ np.diag([1 / FINER, 1 / FINER, 1.0]), (width * FINER, height * FINER)
        )
        return np.asarray(cv2.resize(fine, self.size, interpolation=cv2.INTER_AREA), np.float32)

    def overlap(self) -> NDArray[np.bool_]:
        """Return which working pixels lie in the reference too, its outermost left out."""
        return inside_of(self.matrix, self.size, self.reference.shape, EDGE)


def lay(query: Pixels, reference: Pixels, matrix: Floats) -> Frame | None:
    """Lay two photos, uint8 (height, width, 3), over each other by `matrix` (query onto reference pixels).

    Returns None where they do not overlap.
    """
    size = np.array([query.shape[1], query.shape[0]])
    box = _covered(query.shape, reference.shape, matrix)
    if box is None:
        return None
    low, high = box
    back = np.asarray(np.linalg.inv(matrix), np.float64)
    zoom = 1 / density(back, (low + high)[None] / 2)
    shrink = max(1 / zoom, size.max() / WORKING_SIDE)
    working = np.maximum(1, np.rint(size / shrink).astype(int)) if shrink > AS_DENSE else size
    part = reference[low[1] : high[1], low[0] : high[0]]
    taken = high - low
    dense = zoom * size.max() / working.max()
    kept = np.maximum(1, np.rint(taken * FINER / dense).astype(int)) if dense > FINER * AS_DENSE else taken
    to_query = np.diag([*(size / working), 1.0])
    shift = np.array([[1, 0, -low[0]], [0, 1, -low[1]], [0, 0, 1.0]])
    from_reference = np.diag([*(kept / taken), 1.0]) @ shift
    laid = from_reference @ matrix @ to_query
    dense *= float(kept.max() / taken.max())
    return Frame(
        _resized(query, working), _resized(part, kept), laid / laid[2, 2], to_query, from_reference, dense
    )


def warp(picture: Image, matrix: Floats, size: tuple[int, int]) -> Image:
    """Return `picture` sampled where `matrix` maps the pixels of a picture of `size`, (width, height), to."""
    import cv2  # noqa: PLC0415 - slow to import

    corner = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    centred = np.linalg.inv(corner) @ matrix @ corner
    if np.allclose(centred, np.round(centred), atol=1e-9) and np.allclose(centred[2], [0, 0, 1]):
        flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    else:
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return np.asarray(
        cv2.warpPerspective(picture, centred, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.float32
    )


def inside_of(
    matrix: Floats, size: tuple[int, int], shape: tuple[int, ...], edge: float
) -> NDArray[np.bool_]:
    """Return which pixels of a picture of `size`, (width, height), `matrix` maps into one of `shape`, by `edge`."""
    x = np.arange(size[0], dtype=np.float32) + np.float32(0.5)
    y = (np.arange(size[1], dtype=np.float32) + np.float32(0.5))[:, None]
    (a, b, c), (d, e, f), (g, h, i) = matrix.astype(np.float32)
    depth = g * x + h * y + i
    u, v = a * x + b * y + c, d * x + e * y + f
    rows, columns = shape[:2]
    inside: NDArray[np.bool_] = (
        (depth > 1e-6)
        & (u >= edge * depth)
        & (u <= (columns - edge) * depth)
        & (v >= edge * depth)
        & (v <= (rows - edge) * depth)
    )
    return inside


def density(matrix: Floats, at: Floats) -> float:
    """Return the linear magnification of a map at one point (1, 2)."""
    near = project(matrix, at + np.array([[0, 0], [0.5, 0], [0, 0.5]]))
    (a, b), (c, d) = (near[1:] - near[0]) * 2
    return max(float(np.sqrt(abs(a * d - b * c))), 1e-6)


def _covered(
    query: tuple[int, ...], reference: tuple[int, ...], matrix: Floats
) -> tuple[NDArray[np.intp], NDArray[np.intp]] | None:
    """Return the corners of the box of reference pixels that the query covers, a margin included."""
    edge = np.linspace(0, 1, 9)
    around = np.stack(np.meshgrid(edge * query[1], edge * query[0]), axis=-1).reshape(-1, 2)
    if not np.all(np.isfinite(matrix)) or abs(np.linalg.det(matrix)) < 1e-12:
        return None
    depth = around @ matrix[2, :2] + matrix[2, 2]
    if not np.all(depth > 1e-9):
        return None
    box = project(matrix, around)
    size = np.array([reference[1], reference[0]])
    zoom = max(1.0, density(matrix, around.mean(axis=0)[None]))
    low = np.clip(np.floor(box.min(axis=0) - MARGIN * zoom), 0, size).astype(np.intp)
    high = np.clip(np.ceil(box.max(axis=0) + MARGIN * zoom), 0, size).astype(np.intp)
    return (low, high) if np.all(high - low >= 2) else None


def _resized(picture: Pixels, size: NDArray[np.intp]) -> Image:
    import cv2  # noqa: PLC0415 - slow to import

    picture = np.ascontiguousarray(picture)
    if tuple(size) == picture.shape[1::-1]:
        return picture.astype(np.float32)
    reduced = cv2.resize(
        picture, (int(size[0]), int(size[1])), dst=None, fx=0, fy=0, interpolation=cv2.INTER_AREA
    )
    return np.asarray(reduced, np.float32)
