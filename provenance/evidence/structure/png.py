"""The chunks of a PNG file (W3C PNG, third edition)."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from provenance.evidence.structure.notes import MOST_PARTS, ascii_name, in_order, number

if TYPE_CHECKING:
    from provenance.evidence.structure.notes import Notes

_SIGNATURE = 8
_FRAME = 12
"""Bytes of a chunk besides its content: length, type, checksum."""

_COLOURS = {
    0: "greyscale",
    2: "truecolour",
    3: "indexed-colour",
    4: "greyscale with alpha",
    6: "truecolour with alpha",
}

_WRITTEN_BY = {
    b"CgBI": "Apple's tools for iOS; not a valid PNG",
    b"iDOT": "Apple's image writer (macOS, iOS)",
    b"caNv": "ImageMagick",
    b"vpAg": "ImageMagick",
    b"orNT": "ImageMagick",
    b"mkBF": "Macromedia or Adobe Fireworks",
    b"mkBS": "Macromedia or Adobe Fireworks",
    b"mkBT": "Macromedia or Adobe Fireworks",
    b"mkTS": "Macromedia or Adobe Fireworks",
    b"prVW": "Macromedia or Adobe Fireworks",
    b"npOl": "Android's build tools",
    b"npTc": "Android's build tools",
    b"caBX": "Content Credentials (C2PA)",
}
"""Private chunks whose writer is public knowledge (ImageMagick's coders/png.c; ExifTool's list of PNG tags; C2PA)."""

_KEYWORDS = (b"tEXt", b"zTXt", b"iTXt")


def read_png(data: bytes, notes: Notes) -> None:
    """Tell how the PNG file that `data` begins with is built."""
    position, wrong = _SIGNATURE, 0
    names: list[str] = []
    while position + _FRAME <= len(data) and len(names) < MOST_PARTS:
        length = int.from_bytes(data[position : position + 4], "big")
        kind = data[position + 4 : position + 8]
        after = position + _FRAME + length
        if after > len(data):
            notes.fault(f"chunk {ascii_name(kind)} at {position:,} runs beyond the file")
            break
        content = memoryview(data)[position + 8 : position + 8 + length]
        wrong += zlib.crc32(content, zlib.crc32(kind)) != int.from_bytes(data[after - 4 : after], "big")
        names.append(_named(kind, content))
        _tell_chunk(kind, content, notes)
        position = after
        if kind == b"IEND":
            notes.end = position
            break
    notes.tell("Chunks", in_order(names))
    if wrong:
        notes.fault(f"the checksum of {number(wrong, 'chunk')} is wrong")
    if notes.end is None:
        notes.fault("the picture has no end (IEND)")


def _named(kind: bytes, content: memoryview) -> str:
    name = ascii_name(kind)
    if kind in _KEYWORDS:
        return f"{name} {ascii_name(bytes(content[:79]), 79)}"
    return name


def _tell_chunk(kind: bytes, content: memoryview, notes: Notes) -> None:
    if kind == b"IHDR" and len(content) >= 13:  # noqa: PLR2004
        width, height = int.from_bytes(content[:4], "big"), int.from_bytes(content[4:8], "big")
        notes.tell("Width x height", f"{width} x {height}")
        notes.tell("Bit depth", str(content[8]))
        notes.tell("Colour type", _COLOURS.get(content[9], str(content[9])))
        notes.tell("Interlace method", "Adam7" if content[12] else "none")
    elif kind == b"acTL" and len(content) >= 8:  # noqa: PLR2004
        notes.tell("acTL", number(int.from_bytes(content[:4], "big"), "frame"), "an animated PNG")
    elif kind in _WRITTEN_BY and all(fact.name != ascii_name(kind) for fact in notes.facts):
        notes.tell(ascii_name(kind), _WRITTEN_BY[kind])
