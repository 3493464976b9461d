"""PDQ: 256 bits of a picture's low frequencies, with a quality.

"The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm", Facebook, 2019 (`hashing.pdf` in
facebook/ThreatExchange), written anew in numpy after the paper and the reference implementation. On the same
pixels the codes agree with the reference's (docs/global-hashes.md).

The reference's *file* reader first squeezes anything above 512 pixels to 512x512; its core, and the `pdqhash`
package that python-threatexchange uses, do not. Neither do we: frames are hashed at the size they come in,
which `provenance.photo` bounds.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from provenance.model import Orientation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from provenance.fingerprint.interface import Frame

_CELLS = 64
_SMALLEST_SIDE = 5  # pixels; the reference gives anything smaller the zero code and quality 0
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
# Shape (16, 64), frequencies 1 to 16: frequency 0 is mere brightness.
_DCT = (
    np.sqrt(2 / _CELLS) * np.cos(np.pi / (2 * _CELLS) * np.outer(np.arange(1, 17), 2 * np.arange(_CELLS) + 1))
).astype(np.float32)


class Pdq:
    """The primary fingerprint; `code.hex()` is the text form in which PDQ codes are exchanged."""

    algorithm = "pdq"
    version = 1

    def __call__(self, frame: Frame) -> tuple[bytes, int | None]:
        """Return the 32-byte code and the quality, 0 to 100."""
        cells = _averages(_averages(_luma(frame.pixels)).T).T
        return _code(_frequencies(cells)), _quality(cells)


def oriented_codes(pixels: NDArray[np.uint8]) -> tuple[dict[Orientation, bytes], int]:
    """Return the codes of a (height, width, 3) picture turned to every `Orientation`, and its quality.

    Each equals the code of the picture after `Image.transpose(orientation)`, but for rounding. The dihedral
    hashes of the reference, which turn signs of coefficients instead of averaging from the other end, do not:
    PDQ's windows are off centre, and that costs up to 62 bits (docs/global-hashes.md).
    """
    luma = _luma(pixels)
    cells = {}
    for down in (1, -1):
        bands = _averages(luma[::down]).T
        for right in (1, -1):
            cells[down, right] = _averages(bands[::right]).T
    frequencies = {directions: _frequencies(reflected) for directions, reflected in cells.items()}
    codes = {}
    for orientation in Orientation:
        (a, b, _), (c, d, _) = orientation.value
        right, down = a + b, c + d
        codes[orientation] = _code(frequencies[down, right] if a else frequencies[right, down].T)
    return codes, _quality(cells[1, 1])


def inverted(code: bytes) -> bytes:
    """Return the code of the same picture in negative.

    All its coefficients change sign, and so does their median: every bit turns over.
    """
    return bytes(byte ^ 0xFF for byte in code)


def _luma(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return brightness, 0 to 255, unrounded as in the reference; a picture too small to hash is black."""
    if min(pixels.shape[:2]) < _SMALLEST_SIDE:
        return np.zeros((_CELLS, _CELLS), np.float32)
    return pixels.astype(np.float32) @ _LUMA


def _averages(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return `values`, of any shape (n, m), blurred and decimated along the first axis to (64, m)."""
    pixel, weight = _taps(len(values))
    # Not a product of dense matrices: a large BLAS call starts threads, and on a busy machine waiting for
    # those took 40 ms instead of 0.3.
    averages: NDArray[np.float32] = np.einsum("ik,ikx->ix", weight, values[pixel])
    return averages


@lru_cache(maxsize=512)
def _taps(length: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Return the pixels that each of 64 cells averages along an axis of `length` pixels, and their weights.

    The Jarosz filter is two box filters, each cut off at the borders; of its output only the pixel at each
    cell's centre is kept. So each cell is one tent-shaped sum over few pixels, the product of the two boxes.
    Both arrays have shape (64, 2 * window - 1); pixels beyond a border have weight 0.
    """
    window = -(-length // (2 * _CELLS))
    ahead = (window + 2) // 2
    behind = window - ahead

    def box(centre: NDArray[np.intp], pixel: NDArray[np.intp]) -> NDArray[np.float64]:
        inside = (centre - behind <= pixel) & (pixel < centre + ahead) & (pixel >= 0) & (pixel < length)
        available = np.minimum(centre + ahead, length) - np.maximum(centre - behind, 0)
        share: NDArray[np.float64] = inside / np.maximum(available, 1)
        return share

    centre = ((2 * np.arange(_CELLS) + 1) * length // (2 * _CELLS))[:, np.newaxis]
    between = centre + np.arange(-behind, ahead)
    pixel = centre + np.arange(-2 * behind, 2 * ahead - 1)
    boxes = box(between[:, :, np.newaxis], pixel[:, np.newaxis, :])
    weight = np.einsum("ij,ijk->ik", box(centre, between), boxes)
    return pixel.clip(0, length - 1), weight.astype(np.float32)


def _frequencies(cells: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the 16x16 DCT coefficients of 64x64 cells; row i, column j has frequencies i + 1 and j + 1."""
    frequencies: NDArray[np.float32] = _DCT @ cells @ _DCT.T
    return frequencies


def _code(frequencies: NDArray[np.float32]) -> bytes:
    """Return which coefficients exceed their (lower) median; 0,0 is the last bit, as in `Hash256`."""
    flat = frequencies.ravel()
    middle = flat.size // 2 - 1
    return np.packbits(flat[::-1] > np.partition(flat, middle)[middle]).tobytes()


def _quality(cells: NDArray[np.float32]) -> int:
    """Return the sum of the quantised steps between neighbouring cells, scaled as the reference does."""
    steps = (np.abs(np.diff(cells, axis=axis)) * 100 / 255 for axis in (0, 1))
    return min(sum(int(step.astype(np.int64).sum()) for step in steps) // 90, 100)
