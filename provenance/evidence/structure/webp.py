"""The chunks of a WebP file (RFC 9649)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.evidence.structure.notes import MOST_PARTS, ascii_name, in_order, number

if TYPE_CHECKING:
    from provenance.evidence.structure.notes import Notes

_HEADER = 12
_FLAGS = ((0x20, "ICC profile"), (0x10, "alpha"), (0x08, "Exif"), (0x04, "XMP"), (0x02, "animation"))


def read_webp(data: bytes, notes: Notes) -> None:
    """Tell how the WebP file that `data` begins with is built."""
    size = int.from_bytes(data[4:8], "little")
    end = 8 + size + size % 2
    if end > len(data) + size % 2:
        notes.fault("the file is shorter than it says (RIFF)")
    else:
        notes.end = end
    position = _HEADER
    names: list[str] = []
    kinds: list[bytes] = []
    end = min(end, len(data))
    while position + 8 <= end and len(names) < MOST_PARTS:
        kind, length = (
            data[position : position + 4],
            int.from_bytes(data[position + 4 : position + 8], "little"),
        )
        names.append(ascii_name(kind).rstrip())
        kinds.append(kind)
        if position + 8 + length > end:
            notes.fault(f"chunk {names[-1]} at {position:,} runs beyond the file")
            break
        if kind == b"VP8X" and length:
            flags = [words for bit, words in _FLAGS if data[position + 8] & bit]
            notes.tell("VP8X", ", ".join(flags) or "no features")
        position += 8 + length + length % 2
    notes.tell("Chunks", in_order(names))
    frames = kinds.count(b"ANMF")
    if frames:
        notes.tell("ANMF", number(frames, "frame"))
    elif b"VP8L" in kinds or b"VP8 " in kinds:
        notes.tell("Compression", "lossless (VP8L)" if b"VP8L" in kinds else "lossy (VP8)")
