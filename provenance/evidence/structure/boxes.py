"""The boxes of a HEIF or AVIF file (ISO/IEC 14496-12 and 23008-12)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from provenance.evidence.structure.notes import MOST_PARTS, ascii_name, in_order, number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.evidence.structure.notes import Notes

    Box = tuple[bytes, int, int]
    """Type, and where the content begins and ends."""

_HEADER, _LARGE_HEADER = 8, 16
_ITEM = b"infe"
MOST_BRANDS = 32
"""Compatible brands that are told."""


def read_boxes(data: bytes, notes: Notes) -> None:
    """Tell how the file of boxes that `data` begins with is built."""
    names, end = [], 0
    for kind, start, stop in _boxes(data, 0, len(data)):
        names.append(ascii_name(kind))
        end = stop
        if kind == b"ftyp" and start == _HEADER:
            notes.tell("Major brand", ascii_name(data[start : start + 4]).rstrip())
            brands = [
                ascii_name(data[at : at + 4]).rstrip() for at in range(start + 8, stop - 3, 4)[:MOST_BRANDS]
            ]
            notes.tell("Compatible brands", ", ".join(brands))
        elif kind == b"meta":
            _tell_items(data, start, stop, notes)
    notes.tell("Boxes", in_order(names))
    whole = bool(names)
    if end < len(data) and not _looks_like_a_box(data, end):
        notes.end = end if whole else None
    elif end < len(data):
        notes.fault(f"box {ascii_name(data[end + 4 : end + 8])} at {end:,} runs beyond the file")
    else:
        notes.end = end


def _boxes(data: bytes, position: int, stop: int) -> Iterator[Box]:
    """Yield the boxes that lie whole within a range."""
    for _ in range(MOST_PARTS):
        if position + _HEADER > stop:
            return
        size, kind, header = (
            int.from_bytes(data[position : position + 4], "big"),
            data[position + 4 : position + 8],
            8,
        )
        if size == 1:
            size, header = int.from_bytes(data[position + 8 : position + 16], "big"), _LARGE_HEADER
        elif size == 0:
            size = stop - position
        if size < header or position + size > stop or not _is_name(kind):
            return
        yield kind, position + header, position + size
        position += size


def _is_name(kind: bytes) -> bool:
    return len(kind) == 4 and all(0x20 <= byte < 0x7F or byte == 0xA9 for byte in kind)  # noqa: PLR2004


def _looks_like_a_box(data: bytes, position: int) -> bool:
    return data[position + 4 : position + 8] in {
        b"mdat",
        b"meta",
        b"moov",
        b"mpvd",
        b"free",
        b"skip",
        b"uuid",
    }


def _tell_items(data: bytes, start: int, stop: int, notes: Notes) -> None:
    """Tell how many items of each type the file has: pictures, tiles, Exif, XMP."""
    kinds: Counter[str] = Counter()
    for kind, first, last in _boxes(data, start + 4, stop):
        if kind != b"iinf":
            continue
        counted = 6 if data[first] == 0 else 8
        for item, inner, _ in _boxes(data, first + counted, last):
            version = data[inner]
            if item == _ITEM and version in {2, 3}:
                place = inner + (8 if version == 2 else 10)  # noqa: PLR2004
                kinds[ascii_name(data[place : place + 4]).rstrip()] += 1
    if kinds:
        notes.tell(
            "Items", ", ".join(f"{name} x {count}" if count > 1 else name for name, count in kinds.items())
        )
        notes.tell("Number of items", number(sum(kinds.values()), "item"))
