"""What the containers hold, found but not yet read."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Blocks:
    """Pieces of one file, each bounded; filled by the container's own module, then read by the formats'."""

    exif: bytes | None = None
    """The TIFF structure; of a TIFF file, the file."""
    xmp: list[bytes] = field(default_factory=list)
    photoshop: bytes = b""
    """Image resources, from the first `8BIM` on."""
    iptc: bytes = b""
    """Data sets that stand outside Photoshop's resources."""
    icc: bytes = b""
    texts: list[tuple[str, str]] = field(default_factory=list)
    """Name and text of comments and of the container's own fields."""
    faults: list[str] = field(default_factory=list)


MOST_XMP = 1 << 22
"""Bytes of XMP that are read: depth maps in extended packets are larger, and say nothing."""
MOST_RESOURCES = 1 << 22
"""Bytes of Photoshop's resources."""
MOST_ICC = 1 << 20
"""Bytes of a colour profile: those of cameras have 500 to 4,000, of printers rarely more than a mega."""
MOST_TEXTS = 64
"""Comments and text chunks that are told."""
MOST_TEXT = 1 << 16
"""Bytes of one text that are looked at, inflated."""


def add_text(blocks: Blocks, name: str, text: str) -> None:
    """Add a comment or field while there is room, and say once where there is none."""
    if len(blocks.texts) < MOST_TEXTS:
        blocks.texts.append((name, text))
    elif (fault := f"more than {MOST_TEXTS} comments and texts: the rest was not read") not in blocks.faults:
        blocks.faults.append(fault)
