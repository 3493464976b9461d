"""The pages of a TIFF file (TIFF 6.0, BigTIFF)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from provenance.evidence.structure.notes import number

if TYPE_CHECKING:
    from provenance.evidence.structure.notes import Notes

MOST_PAGES = 1000
"""Pages that are walked."""

_WIDTH, _HEIGHT, _COMPRESSION = 256, 257, 259
_SHORT = 3
_COMPRESSIONS = {
    1: "none",
    2: "CCITT group 3, one-dimensional",
    3: "CCITT group 3",
    4: "CCITT group 4",
    5: "LZW",
    6: "JPEG (old style)",
    7: "JPEG",
    8: "Deflate",
    32773: "PackBits",
    32946: "Deflate (Adobe's old code)",
    34892: "lossy JPEG (DNG)",
}


@dataclass(frozen=True, slots=True)
class _Layout:
    """Byte order and sizes: TIFF's, or BigTIFF's."""

    data: bytes
    order: Literal["little", "big"]
    big: bool

    def at(self, offset: int, size: int) -> int:
        return int.from_bytes(self.data[offset : offset + size], self.order)

    @property
    def count_size(self) -> int:
        return 8 if self.big else 2

    @property
    def entry_size(self) -> int:
        return 20 if self.big else 12

    @property
    def offset_size(self) -> int:
        return 8 if self.big else 4


def read_tiff(data: bytes, notes: Notes) -> None:
    """Tell how the TIFF file that `data` begins with is built. What follows its end cannot be told from its parts."""
    big = data[2:4] in {b"+\0", b"\0+"}
    layout = _Layout(data, "little" if data[:2] == b"II" else "big", big)
    notes.tell("Byte order", f"{layout.order}-endian{' (BigTIFF)' if big else ''}")
    page = layout.at(8, 8) if big else layout.at(4, 4)
    seen: set[int] = set()
    while page and page not in seen and len(seen) < MOST_PAGES:
        entries = layout.at(page, layout.count_size)
        following = page + layout.count_size + entries * layout.entry_size
        if page + layout.count_size > len(data) or following + layout.offset_size > len(data):
            notes.fault(f"page {len(seen) + 1} lies beyond the file")
            break
        if not seen:
            _tell_page(layout, page + layout.count_size, min(entries, 1000), notes)
        seen.add(page)
        page = layout.at(following, layout.offset_size)
    if page in seen:
        notes.fault("the pages run in a circle")
    notes.tell("Pages", number(len(seen), "page"))


def _tell_page(layout: _Layout, first: int, entries: int, notes: Notes) -> None:
    values: dict[int, int] = {}
    for entry in range(first, first + entries * layout.entry_size, layout.entry_size):
        place = entry + 4 + layout.offset_size
        size = 2 if layout.at(entry + 2, 2) == _SHORT else 4
        values.setdefault(layout.at(entry, 2), layout.at(place, size))
    if _WIDTH in values and _HEIGHT in values:
        notes.tell("ImageWidth x ImageLength", f"{values[_WIDTH]} x {values[_HEIGHT]}")
    if _COMPRESSION in values:
        code = values[_COMPRESSION]
        notes.tell("Compression", _COMPRESSIONS.get(code, str(code)))
