"""JPEG: the segments before the picture data (ITU-T T.81 annex B; XMP specification part 3; JFIF 1.02)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.evidence.metadata.blocks import (
    MOST_ICC,
    MOST_RESOURCES,
    MOST_TEXT,
    MOST_XMP,
    Blocks,
    add_text,
)
from provenance.evidence.metadata.exif_block import BLOCK_SIZE
from provenance.evidence.metadata.texts import decoded

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_SEGMENTS = 2_000
_MOST_HEADER = 1 << 25
"""Bytes of segments that are walked: 500 full ones."""
_XMP, _EXTENDED = b"http://ns.adobe.com/xap/1.0/\0", b"http://ns.adobe.com/xmp/extension/\0"
_RESOURCES, _ICC, _JFIF, _ADOBE, _EXIF = (
    b"Photoshop 3.0\0",
    b"ICC_PROFILE\0",
    b"JFIF\0",
    b"Adobe",
    b"Exif\0\0",
)
_APP0, _APP1, _APP2, _APP13, _APP14, _COMMENT = 0xE0, 0xE1, 0xE2, 0xED, 0xEE, 0xFE
_TIFF = (b"II*\0", b"MM\0*")
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})
_SCAN, _END = 0xDA, 0xD9
_GUID = 32
_UNITS = {0: "no unit", 1: "per inch", 2: "per centimetre"}
_ADOBE_TRANSFORMS = {0: "none", 1: "YCbCr", 2: "YCCK"}


def read_jpeg(data: bytes, blocks: Blocks) -> None:
    """Fill `blocks` from the segments of a JPEG.

    An EXIF block too long for one segment goes on in the next; a second block of its own is said, and not read.
    """
    extended: dict[bytes, list[tuple[int, bytes]]] = {}
    exif: list[bytes] = []
    profile: list[tuple[int, bytes]] = []
    for marker, body in _segments(data, blocks):
        if marker == _APP1 and body.startswith(_XMP):
            blocks.xmp.append(body[len(_XMP) :])
        elif marker == _APP1 and body.startswith(_EXTENDED):
            _extend(extended, body[len(_EXTENDED) :])
        elif marker == _APP1 and body.startswith(_EXIF):
            exif.append(body[len(_EXIF) :])
        elif marker == _APP13 and body.startswith(_RESOURCES):
            blocks.photoshop = (blocks.photoshop + body[len(_RESOURCES) :])[:MOST_RESOURCES]
        elif marker == _APP2 and body.startswith(_ICC) and len(profile) * 0xFFFF < MOST_ICC:
            profile.append((body[len(_ICC)] if len(body) > len(_ICC) else 0, body[len(_ICC) + 2 :]))
        else:
            _tell(marker, body, blocks)
    blocks.icc = b"".join(part for _, part in sorted(profile, key=lambda part: part[0]))[:MOST_ICC]
    blocks.xmp.extend(b"".join(part for _, part in sorted(parts))[:MOST_XMP] for parts in extended.values())
    _join(exif, blocks)


def _segments(data: bytes, blocks: Blocks) -> Iterator[tuple[int, bytes]]:
    position = 2
    for _ in range(_MOST_SEGMENTS):
        while data[position : position + 2] == b"\xff\xff":
            # fill bytes; a run of them is skipped at once
            run = len(data[position : position + 0xFFFF]) - len(
                data[position : position + 0xFFFF].lstrip(b"\xff")
            )
            position += max(run - 1, 1)
        if position > _MOST_HEADER:
            break
        marker = data[position : position + 2]
        if len(marker) < 2 or marker[0] != 0xFF or marker[1] in {_SCAN, _END}:  # noqa: PLR2004
            return
        if marker[1] in _STANDALONE:
            position += 2
            continue
        length = int.from_bytes(data[position + 2 : position + 4])
        if length < 2:  # noqa: PLR2004 - the length counts itself
            return
        yield marker[1], data[position + 4 : position + 2 + length]
        position += 2 + length
    blocks.faults.append("the JPEG's header is longer than what is read of it")


def _join(exif: list[bytes], blocks: Blocks) -> None:
    others = sum(part.startswith(_TIFF) for part in exif[1:])
    if others:
        blocks.faults.append(f"{others + 1} EXIF blocks: the first was read")
    elif exif and exif[0].startswith(_TIFF):
        blocks.exif = b"".join(exif[: BLOCK_SIZE // 0xFFFF])


def _extend(extended: dict[bytes, list[tuple[int, bytes]]], body: bytes) -> None:
    guid, offset, part = body[:_GUID], int.from_bytes(body[_GUID + 4 : _GUID + 8]), body[_GUID + 8 :]
    if len(extended) < 2 or guid in extended:  # noqa: PLR2004 - a file has one; a second is told as well
        parts = extended.setdefault(guid, [])
        if len(parts) * 0xFFFF < MOST_XMP:
            parts.append((offset, part))


def _tell(marker: int, body: bytes, blocks: Blocks) -> None:
    if marker == _COMMENT:
        add_text(blocks, "JPEG comment", decoded(body[:MOST_TEXT]))
    elif marker == _APP0 and body.startswith(_JFIF) and len(body) >= 12:  # noqa: PLR2004
        unit, x, y = body[7], int.from_bytes(body[8:10]), int.from_bytes(body[10:12])
        density = f"{x} x {y} {_UNITS.get(unit, f'in unit {unit}')}"
        add_text(blocks, "JFIF", f"version {body[5]}.{body[6]:02}, density {density}")
    elif marker == _APP14 and body.startswith(_ADOBE) and len(body) >= 12:  # noqa: PLR2004
        transform = _ADOBE_TRANSFORMS.get(body[11], str(body[11]))
        add_text(blocks, "Adobe", f"version {int.from_bytes(body[5:7])}, colour transform {transform}")
