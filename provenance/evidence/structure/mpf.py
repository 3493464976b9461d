"""The index of several pictures in one JPEG file (CIPA DC-007, Multi-Picture Format)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from provenance.evidence.structure.notes import number

if TYPE_CHECKING:
    from provenance.evidence.structure.jpeg_markers import Markers
    from provenance.evidence.structure.notes import Notes

_MP_ENTRY = 0xB002
_ENTRY_SIZE = 16
MOST_ENTRIES = 64
"""Pictures that are told; bursts of cameras have fewer in one file."""

MOST_FIELDS = 64
"""Fields of the index directory that are read: the standard has three."""

_TYPES = {
    0x030000: "baseline primary image",
    0x010001: "large thumbnail (VGA)",
    0x010002: "large thumbnail (full HD)",
    0x020001: "panorama",
    0x020002: "disparity",
    0x020003: "multi-angle",
    0x000000: "undefined",
}
"""Table 4 of the standard. Gain maps and depth maps of phones are of the undefined type."""


def tell_mpf(data: bytes, found: Markers, notes: Notes) -> None:
    """Tell which pictures the file's index names, and whether they are there."""
    for segment in found.segments:
        if segment.name == "APP2 MPF":
            origin = segment.offset + 8
            entries = _entries(segment.content[4:], notes)
            if entries:
                told = [_told(data, origin, place, entry) for place, entry in enumerate(entries)]
                notes.tell("MPF images", f"{len(entries)}: " + "; ".join(told))
            return


def _entries(index: bytes, notes: Notes) -> list[tuple[int, int, int]]:
    """Return type, size and offset of each picture."""
    order: Literal["little", "big"] = "little" if index[:2] == b"II" else "big"

    def at(offset: int, size: int) -> int:
        return int.from_bytes(index[offset : offset + size], order)

    first = at(4, 4)
    for field in range(min(at(first, 2), MOST_FIELDS)):
        entry = first + 2 + 12 * field
        if at(entry, 2) == _MP_ENTRY:
            size, start = at(entry + 4, 4), at(entry + 8, 4)
            if start + size > len(index):
                break
            places = range(start, start + size - _ENTRY_SIZE + 1, _ENTRY_SIZE)[:MOST_ENTRIES]
            return [(at(p, 4) & 0xFFFFFF, at(p + 4, 4), at(p + 8, 4)) for p in places]
    notes.fault("the MPF index cannot be read")
    return []


def _told(data: bytes, origin: int, place: int, entry: tuple[int, int, int]) -> str:
    kind, size, offset = entry
    words = f"{_TYPES.get(kind, f'type {kind:06X}')}, {number(size, 'byte')}"
    if place == 0:
        return words
    start = origin + offset
    there = data[start : start + 2] == b"\xff\xd8" and start + size <= len(data)
    return words if there else f"{words}, not in the file"
