"""A file's bytes -> the blocks that hold metadata, by the container's own map where it has one."""

from __future__ import annotations

from provenance.evidence.metadata.blocks import Blocks
from provenance.evidence.metadata.exif_block import exif_span
from provenance.evidence.metadata.jpeg_segments import read_jpeg
from provenance.evidence.metadata.other_containers import SEARCHED, read_gif, read_webp, search
from provenance.evidence.metadata.png_chunks import SIGNATURE, read_png

_TIFF = (b"II*\0", b"MM\0*")


def find_blocks(data: bytes) -> Blocks:
    """Return the blocks of a JPEG, PNG, WebP, GIF, TIFF, HEIF, AVIF or JPEG XL file, or of anything."""
    blocks = Blocks()
    if data.startswith(b"\xff\xd8"):
        read_jpeg(data, blocks)
    elif data.startswith(SIGNATURE):
        read_png(data, blocks)
    elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        read_webp(data, blocks)
    elif data[:4] == b"GIF8":
        read_gif(data, blocks)
    elif data[:4] not in _TIFF:
        search(data, blocks)
    if blocks.exif is None and not data.startswith((SIGNATURE, b"RIFF", b"GIF8")):
        span = exif_span(data, SEARCHED)
        blocks.exif = None if span is None else data if span == (0, len(data)) else data[span[0] : span[1]]
    elif blocks.exif is not None and blocks.exif[:4] not in _TIFF:
        blocks.faults.append("the EXIF block is none")
        blocks.exif = None
    return blocks
