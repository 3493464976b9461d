"""What follows the end of a picture: bytes that no viewer shows, and what they look like."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from provenance.evidence.structure.notes import number

if TYPE_CHECKING:
    from provenance.evidence.structure.notes import Notes

LOOKED_AT = 1 << 16
"""Bytes of its beginning that are searched: phones put a label before an appended video."""

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "another JPEG"),
    (b"\x89PNG\r\n\x1a\n", "a PNG"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"%PDF", "a PDF document"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"GIF8", "a GIF"),
    (b"RIFF", "a RIFF file (WebP, AVI, WAVE)"),
)
_INSIDE: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"MotionPhoto_Data"), "a motion photo's video (as Samsung phones append it)"),
    (re.compile(rb"\0\0\0[\x08-\x40]ftyp"), "a video in ISO media (MP4), as motion photos have it"),
    (re.compile(rb"\xff\xd8\xff[\xdb\xe0-\xef\xc0\xc2]"), "a JPEG among them"),
    (re.compile(rb"PK\x03\x04"), "a ZIP archive among them"),
)


def tell_trailing(data: bytes, end: int, notes: Notes) -> None:
    """Tell how many bytes follow the picture, and what they look like."""
    count = len(data) - end
    indexed = any(fact.name == "MPF images" for fact in notes.facts)
    note = "the MPF index names pictures there" if indexed else ""
    notes.tell("Bytes after the end", f"{number(count, 'byte')}: {_looks_like(data, end)}", note)


def _looks_like(data: bytes, end: int) -> str:
    head = data[end : end + LOOKED_AT]
    for start, words in _STARTS:
        if head.startswith(start):
            return words
    if data.count(head[:1], end) == len(data) - end:
        return f"all of them {head[0]:#04x}"
    for pattern, words in _INSIDE:
        if pattern.search(head):
            return words
    if data.endswith(b"SEFT"):
        return "a Samsung trailer (SEFT)"
    if all(0x20 <= byte < 0x7F or byte in {9, 10, 13} for byte in head[:256]):  # noqa: PLR2004
        return "text"
    return "of no kind that is known here"
