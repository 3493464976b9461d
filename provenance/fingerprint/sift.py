"""SIFT: small patches that look the same after cropping, turning, scaling and many edits.

D. Lowe, "Distinctive Image Features from Scale-Invariant Keypoints", IJCV 2004, as OpenCV has it. OpenCV takes
170 ms to import, so only extraction does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

DIMENSIONS = 128

_CONTRAST = 0.003
"""A thirteenth of OpenCV's default: faint regions still give features, since each region keeps its strongest."""

_GRID = 8
"""Regions a side. Strength alone gathers on a few busy places, and a crop from elsewhere keeps too little."""

_SHIFT = 0.25
"""Pixels by which OpenCV tells every place too far right and down: it searches the frame at twice its size, where
pixel 0 became pixels 0 and 1, and takes their middle for 0. A mirrored frame would seem moved by twice that."""

_SMALLEST_SIDE = 8  # pixels; there is no scale space of anything smaller
_HEAP_KEPT = 31 * 2**20  # bytes, just below the 32 MiB up to which glibc's thresholds adapt


class Keypoints(NamedTuple):
    """SIFT features, in the order that `keypoints` promises.

    `size` is (width, height) of the frame as it was searched, perhaps reduced; `xy` float32 (n, 2) pixels,
    `angle` float32 (n,) degrees clockwise, `scale` float32 (n,) pixels, `descriptors` uint8 (n, 128).
    """

    size: tuple[int, int]
    xy: NDArray[np.float32]
    angle: NDArray[np.float32]
    scale: NDArray[np.float32]
    descriptors: NDArray[np.uint8]


def set_up() -> None:
    """Import OpenCV and make it quick for a process that examines one photo at a time; its children only.

    A pyramid is 30 MB of arrays, and glibc would give their pages back to the system after each photo, to have
    them zeroed again for the next: a quarter of the time. It stops doing so for blocks up to the size of the
    largest that was ever freed (mallopt(3), "dynamic mmap threshold"); other allocators do not mind.
    """
    import cv2  # noqa: PLC0415 - see above

    cv2.setNumThreads(1)
    np.empty(_HEAP_KEPT, np.uint8)


def keypoints(pixels: NDArray[np.uint8], side: int, most: int) -> Keypoints:
    """Return at most `most` features of a (height, width, 3) sRGB frame, reduced to at most `side` pixels.

    Every beginning of them is spread over the picture: first the strongest of each region, then the second
    strongest, and so on. The order is total, so neither threads nor equal strengths change which are kept. A frame
    that is flat or too small has none.
    """
    import cv2  # noqa: PLC0415 - see above

    brightness = grey(pixels, side)
    size = brightness.shape[1], brightness.shape[0]
    if min(size) < _SMALLEST_SIDE:
        return _none(size)
    detector = cv2.SIFT.create(contrastThreshold=_CONTRAST)
    # Descriptors cost more than the search, and most of what is found is not kept.
    found = detector.detect(brightness, None)
    if not found:
        return _none(size)
    table = np.array(
        [(*point.pt, point.angle, point.size, point.response, point.octave) for point in found], np.float32
    )
    chosen = _spread(table, size)[:most]
    described, descriptors = detector.compute(brightness, [found[i] for i in chosen])
    if len(described) != len(chosen):
        raise RuntimeError("OpenCV described other features than it was given")
    x, y, angle, scale, _, _ = table[chosen].T
    xy = np.stack([x, y], axis=1) - np.float32(_SHIFT)
    return Keypoints(size, xy, angle, scale, descriptors.astype(np.uint8))


def _spread(table: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.intp]:
    """Return the order that takes the strongest of each cell of a grid in turn, cells with a strong one first."""
    x, y, angle, scale, response, octave = table.T
    strongest = np.lexsort((octave, scale, angle, x, y, -response))
    place = (table[strongest, :2] / np.array(size, np.float32) * _GRID).astype(np.intp).clip(0, _GRID - 1)
    cell = place[:, 1] * _GRID + place[:, 0]
    by_cell = np.argsort(cell, kind="stable")
    sorted_cells = cell[by_cell]
    rank = np.empty_like(cell)
    rank[by_cell] = np.arange(len(cell)) - np.searchsorted(sorted_cells, sorted_cells)
    return strongest[np.argsort(rank, kind="stable")]


def grey(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Return brightness, uint8 (height, width), reduced if a side is longer than `side`; never enlarged."""
    import cv2  # noqa: PLC0415 - see above

    brightness = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY)
    height, width = brightness.shape
    longer = max(height, width)
    if longer > side:
        size = (max(1, round(width * side / longer)), max(1, round(height * side / longer)))
        brightness = cv2.resize(brightness, size, interpolation=cv2.INTER_AREA)
    return np.asarray(brightness, np.uint8)


def _none(size: tuple[int, int]) -> Keypoints:
    nothing = np.zeros(0, np.float32)
    return Keypoints(size, nothing.reshape(0, 2), nothing, nothing, np.zeros((0, DIMENSIONS), np.uint8))
