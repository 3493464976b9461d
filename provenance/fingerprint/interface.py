"""What every fingerprinter is given and gives back."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

CODE_BITS = 256
"""Length of every code; one length lets one index serve all algorithms."""


class Frame:
    """One frame of a photo, with what several fingerprinters need of it made once.

    `pixels` is uint8 of shape (height, width, 3), sRGB, upright, as `Photo.frames` holds it.
    """

    def __init__(self, pixels: NDArray[np.uint8]) -> None:
        self.pixels = pixels

    @cached_property
    def grey(self) -> Image.Image:
        """The frame as an 8-bit grey Pillow image (mode `L`, ITU-R 601 luma)."""
        from PIL import Image  # noqa: PLC0415 - a check needs numpy only

        return Image.fromarray(self.pixels).convert("L")


class Fingerprinter(Protocol):
    """A perceptual hash. Every member of `FINGERPRINTERS` is held to `tests/fingerprint/test_contract.py`."""

    @property
    def algorithm(self) -> str:
        """Stable name, as stored in archives."""

    @property
    def version(self) -> int:
        """Grows whenever the same pixels may give another code; codes of two versions never compare."""

    def __call__(self, frame: Frame) -> tuple[bytes, int | None]:
        """Return the code, `CODE_BITS` bits as bytes, and a quality from 0 to 100 if the algorithm has one.

        Any frame of at least one pixel has a code; this never raises for the content of a picture.
        """


def distance(a: bytes, b: bytes) -> int:
    """Return the number of bits in which two codes of the same algorithm and version differ.

    Raises ValueError when the codes differ in length.
    """
    if len(a) != len(b):
        raise ValueError(f"codes of {len(a)} and {len(b)} bytes do not compare")
    return (int.from_bytes(a) ^ int.from_bytes(b)).bit_count()
