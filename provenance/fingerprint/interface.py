"""What every fingerprinter is given and gives back."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image


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
        """Return the code, 256 bits as bytes, and a quality from 0 to 100 if the algorithm has one.

        All codes are of one length, so that one index serves all algorithms.

        Any frame of at least one pixel has a code; this never raises for the content of a picture.
        """
