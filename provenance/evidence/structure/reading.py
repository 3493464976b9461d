"""Any bytes -> the structure of the picture that they hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from provenance.evidence.structure.boxes import read_boxes
from provenance.evidence.structure.gif import read_gif
from provenance.evidence.structure.jpeg import read_jpeg
from provenance.evidence.structure.notes import Notes
from provenance.evidence.structure.png import read_png
from provenance.evidence.structure.tiff import read_tiff
from provenance.evidence.structure.trailing import tell_trailing
from provenance.evidence.structure.webp import read_webp

if TYPE_CHECKING:
    from collections.abc import Callable

    from provenance.model import Fact

    Reader = Callable[[bytes, Notes], None]

READERS: tuple[tuple[int, bytes, Reader], ...] = (
    (0, b"\xff\xd8\xff", read_jpeg),
    (0, b"\x89PNG\r\n\x1a\n", read_png),
    (8, b"WEBP", read_webp),
    (0, b"GIF8", read_gif),
    (0, b"II*\0", read_tiff),
    (0, b"MM\0*", read_tiff),
    (0, b"II+\0", read_tiff),
    (0, b"MM\0+", read_tiff),
    (4, b"ftyp", read_boxes),
)
"""Where a format's mark stands, the mark, and who reads that format."""


@dataclass(frozen=True, slots=True)
class Structure:
    """How one file is built.

    `faults` are parts that could not be read, in words; a fault is no finding. `trailing` is how many bytes follow the
    end of the picture.
    """

    facts: tuple[Fact, ...] = ()
    faults: tuple[str, ...] = ()
    trailing: int = 0


def read_structure(data: bytes) -> Structure:
    """Return how the picture in `data` is built: nothing of bytes that are in none of the formats known.

    Never raises; the time grows with the bytes at most. JPEG (ITU-T T.81, CIPA DC-007), PNG (W3C, third edition),
    WebP (RFC 9649), GIF89a, TIFF 6.0, HEIF and AVIF (ISO/IEC 23008-12).
    """
    notes = Notes()
    for offset, mark, read in READERS:
        if data[offset : offset + len(mark)] == mark:
            try:
                read(data, notes)
            except (ArithmeticError, LookupError, ValueError):
                # A reader checks what it reads. Should one have missed a case, the rest of the check goes on.
                notes.fault("the structure could not be read to its end")
            break
    trailing = 0 if notes.end is None else max(0, len(data) - notes.end)
    if trailing and notes.end is not None:
        tell_trailing(data, notes.end, notes)
    return Structure(tuple(notes.facts), tuple(notes.faults), trailing)
