"""WebP, GIF, and HEIF, AVIF, JPEG XL and whatever else: where they keep what is told of the picture."""

from __future__ import annotations

from provenance.evidence.metadata.blocks import MOST_ICC, MOST_TEXT, MOST_XMP, Blocks, add_text
from provenance.evidence.metadata.texts import decoded

_MOST_CHUNKS = 20_000
_MOST_GIF_BLOCKS = 200_000
"""Of 255 bytes each: 50 MB."""
_EXTENSION, _IMAGE, _GIF_COMMENT, _APPLICATION = 0x21, 0x2C, 0xFE, 0xFF
_GIF_XMP = b"XMP DataXMP"
_TRAILER = 257
"""Bytes behind the packet that make it skippable for readers that do not know it (XMP specification part 3)."""
_PACKET, _PACKET_END = b"<x:xmpmeta", b"</x:xmpmeta>"
_PROFILE = b"colrprof"
_LONGEST_BOX = 4
SEARCHED = 1 << 25
"""Bytes that are searched for a packet where the container is not walked; a second holds many times more."""


def read_webp(data: bytes, blocks: Blocks) -> None:
    """Fill `blocks` from the chunks of a WebP file (RFC 9649)."""
    position = 12
    for _ in range(_MOST_CHUNKS):
        head = data[position : position + 8]
        if len(head) < 8:  # noqa: PLR2004
            return
        kind, length = head[:4], int.from_bytes(head[4:], "little")
        start = position + 8
        if kind == b"EXIF" and blocks.exif is None:
            blocks.exif = data[start : start + min(length, 1 << 20)].removeprefix(b"Exif\0\0")
        elif kind == b"XMP ":
            blocks.xmp.append(data[start : start + min(length, MOST_XMP)])
        elif kind == b"ICCP":
            blocks.icc = data[start : start + min(length, MOST_ICC)]
        position = start + length + length % 2
    blocks.faults.append(f"more than {_MOST_CHUNKS} chunks: the rest was not read")


def read_gif(data: bytes, blocks: Blocks) -> None:
    """Fill `blocks` from the extensions of a GIF (GIF89a)."""
    position = 13 + _colour_table(data[10:11])
    left = _MOST_GIF_BLOCKS
    while left > 0:
        introducer = data[position : position + 1]
        if introducer == bytes((_EXTENSION,)):
            label, start = data[position + 1 : position + 2], position + 2
        elif introducer == bytes((_IMAGE,)):
            label, start = b"", position + 11 + _colour_table(data[position + 9 : position + 10])
        else:
            return
        if label == bytes((_APPLICATION,)) and data[start + 1 : start + 12] == _GIF_XMP:
            _take_gif_xmp(data, start + 12, blocks)
        parts: list[bytes] = []
        position = start
        while left > 0 and (length := int.from_bytes(data[position : position + 1])):
            if label == bytes((_GIF_COMMENT,)) and len(parts) * 255 < MOST_TEXT:
                parts.append(data[position + 1 : position + 1 + length])
            position += 1 + length
            left -= 1
        position, left = position + 1, left - 1
        if parts:
            add_text(blocks, "GIF comment", decoded(b"".join(parts)))
    blocks.faults.append("the GIF has more blocks than are read")


def _colour_table(flags: bytes) -> int:
    """Return the bytes of the colour table that follows, by the packed field that announces it."""
    packed = int.from_bytes(flags)
    return 3 << ((packed & 7) + 1) if packed & 0x80 else 0


def _take_gif_xmp(data: bytes, start: int, blocks: Blocks) -> None:
    end = data.find(_PACKET_END, start, start + MOST_XMP)
    if end >= 0:
        blocks.xmp.append(data[start : end + len(_PACKET_END)])


def search(data: bytes, blocks: Blocks) -> None:
    """Fill `blocks` with the XMP packet and the colour profile that can be found without knowing the container.

    HEIF, AVIF and JPEG XL store the packet in one piece and unpacked, except that JPEG XL may compress its boxes.
    """
    start = data.find(_PACKET, 0, SEARCHED)
    if start >= 0:
        end = data.find(_PACKET_END, start, start + MOST_XMP)
        blocks.xmp.append(data[start : end + len(_PACKET_END) if end >= 0 else start + MOST_XMP])
    profile = data.find(_PROFILE, 0, SEARCHED)
    if profile >= _LONGEST_BOX:
        length = int.from_bytes(data[profile - 4 : profile]) - len(_PROFILE) - 4
        blocks.icc = data[profile + len(_PROFILE) : profile + len(_PROFILE) + max(0, min(length, MOST_ICC))]
    if len(data) > SEARCHED:
        blocks.faults.append(f"only the first {SEARCHED >> 20} MiB were searched for metadata")
