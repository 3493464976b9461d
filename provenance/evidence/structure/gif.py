"""The blocks of a GIF file (CompuServe, GIF89a)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.evidence.structure.notes import MOST_PARTS, ascii_name, number

if TYPE_CHECKING:
    from provenance.evidence.structure.notes import Notes

_SCREEN = 13
_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_APPLICATION, _COMMENT = 0xFF, 0xFE


def read_gif(data: bytes, notes: Notes) -> None:
    """Tell how the GIF file that `data` begins with is built."""
    if len(data) < _SCREEN:
        notes.fault("the file ends in its header")
        return
    notes.tell("Version", ascii_name(data[:6]))
    width, height = int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
    notes.tell("Logical screen", f"{width} x {height}")
    position, frames, blocks = _SCREEN + _colours(data[10]), 0, 0
    while position < len(data) and blocks < MOST_PARTS:
        kind = data[position]
        blocks += 1
        if kind == _TRAILER:
            notes.end = position + 1
            break
        if kind == _IMAGE and position + 10 <= len(data):
            frames += 1
            position = _after_blocks(data, position + 11 + _colours(data[position + 9]))
        elif kind == _EXTENSION and position + 2 < len(data):
            _tell_extension(data, position, notes)
            position = _after_blocks(data, position + 2)
        else:
            notes.fault(f"no block that is known at {position:,}")
            break
    notes.tell("Images", number(frames, "image"))
    if notes.end is None:
        notes.fault("the picture has no end (trailer)")


def _colours(packed: int) -> int:
    """Return the bytes of the colour table that a packed field announces."""
    return 3 * 2 ** ((packed & 7) + 1) if packed & 0x80 else 0


def _after_blocks(data: bytes, position: int) -> int:
    """Return the place after a chain of sub-blocks."""
    while position < len(data) and data[position]:
        position += 1 + data[position]
    return position + 1


def _tell_extension(data: bytes, position: int, notes: Notes) -> None:
    label, content = data[position + 1], data[position + 3 : position + 3 + data[position + 2]]
    if len(notes.facts) >= MOST_PARTS // 100:
        return
    if label == _APPLICATION:
        notes.tell("Application extension", ascii_name(content))
    elif label == _COMMENT:
        notes.tell("Comment extension", content.decode("latin-1"))
