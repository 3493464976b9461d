"""Whether bytes begin as a picture does: web archives name types of their own, and servers wrong ones."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ENOUGH = 32
"""Bytes from which every kind can be told."""

_BEGINNINGS = (
    b"\xff\xd8\xff",  # JPEG
    b"\x89PNG\r\n\x1a\n",
    b"GIF87a",
    b"GIF89a",
    *(b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),  # TIFF
    *(b"\xff\x0a", b"\0\0\0\x0cJXL "),  # JPEG XL, of which a reader says that it cannot read it
    *(b"\xff\x4f\xff\x51", b"\0\0\0\x0cjP  "),  # JPEG 2000, likewise
)
_BMP_HEADERS = (12, 40, 52, 56, 64, 108, 124)
_BRANDS = (b"avif", b"avis", b"mif1", b"msf1", b"mif2", b"hei", b"hev")
"""Of AVIF and HEIF; a video's are others."""


def is_picture(head: bytes) -> bool:
    """Return whether a file that begins with `head`, of `ENOUGH` bytes if it has so many, is a picture of pixels."""
    return (
        head.startswith(_BEGINNINGS)
        or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")
        or (head[4:8] == b"ftyp" and any(head[8:12].startswith(brand) for brand in _BRANDS))
        or (head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _BMP_HEADERS)
    )


def begun(pieces: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Return how `pieces` begin, in at least `ENOUGH` bytes if there are so many, and all of them again."""
    head = b""
    while len(head) < ENOUGH and (piece := next(pieces, b"")):
        head += piece
    return head, itertools.chain([head] if head else [], pieces)
