"""Where a file keeps its EXIF block, however the container wraps it."""

from __future__ import annotations

import re

_TIFF = rb"(?=II\*\0|MM\0\*)"
# JPEG and most HEIF; JPEG XL; PNG; WebP
_BLOCK = re.compile(rb"(?:Exif\0\0(?:\0\0)?|eXIf|EXIF[\0-\xff]{4})" + _TIFF)
_BLOCK_OF_HEIF = re.compile(rb"\0\0\0\0" + _TIFF)
"""HEIF and AVIF may store the block after a bare offset of zero."""
_TIFF_FILE = re.compile(_TIFF)
BLOCK_SIZE = 1 << 20
"""Bytes that are looked at: maker notes and thumbnails included, cameras write less than a quarter of it."""
_START_OF_SCAN = 0xDA
_APP1 = b"\xff\xe1"


def exif_block(data: bytes) -> bytes | None:
    """Return the TIFF structure that holds the tags and what follows it, at most 1 MiB; of a TIFF file, all."""
    span = exif_span(data)
    if span is None:
        return None
    return data if span == (0, len(data)) else data[span[0] : span[0] + BLOCK_SIZE]


def exif_span(data: bytes, searched: int | None = None) -> tuple[int, int] | None:
    """Return where the TIFF structure begins and where it ends at the latest.

    Args:
        data: the whole file.
        searched: bytes of it that are searched; all by default.
    """
    if _TIFF_FILE.match(data):
        return 0, len(data)
    limit = len(data) if searched is None else min(searched, len(data))
    # a JPEG keeps it in its header, the others anywhere
    is_jpeg = data.startswith(b"\xff\xd8")
    found = _BLOCK.search(data, 0, jpeg_header_end(data) if is_jpeg else limit)
    if found is None and data[4:8] == b"ftyp" and b"Exif" in data:
        found = _BLOCK_OF_HEIF.search(data, 0, limit)
    if found is None:
        return None
    end = min(found.end() + BLOCK_SIZE, len(data))
    segment = found.start() - 4
    if is_jpeg and data[segment : segment + 2] == _APP1:
        end = min(end, segment + 2 + int.from_bytes(data[segment + 2 : segment + 4]))
    return found.end(), end


def jpeg_header_end(data: bytes) -> int:
    """Return where the picture data of a JPEG begins, or the segments before it stop making sense."""
    position = 2
    while position < BLOCK_SIZE:
        marker, length = data[position : position + 2], int.from_bytes(data[position + 2 : position + 4])
        if len(marker) < 2 or marker[0] != 0xFF or marker[1] == _START_OF_SCAN or length < 2:  # noqa: PLR2004
            break
        position += 2 + length
    return min(position, len(data))
