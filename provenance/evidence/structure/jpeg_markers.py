"""The markers of a JPEG file in their order, and what their segments say (ITU-T T.81, annex B)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from provenance.evidence.structure.notes import MOST_PARTS, ascii_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.evidence.structure.notes import Notes

_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
"""A marker within coded data: neither a stuffed zero nor a restart, nor the filling before a marker."""

SOI, EOI, SOS, DQT, DHT, DRI, DNL, COM = 0xD8, 0xD9, 0xDA, 0xDB, 0xC4, 0xDD, 0xDC, 0xFE
_ALONE = {0x01, *range(0xD0, 0xD9)}
"""Markers without a segment: TEM, RST0 to RST7, SOI."""

FRAMES = {n for n in range(0xC0, 0xD0) if n not in {0xC4, 0xC8, 0xCC}}
"""SOF0 to SOF15: DHT, JPG and DAC lie between them."""

_NAMES = {
    SOI: "SOI",
    EOI: "EOI",
    SOS: "SOS",
    DQT: "DQT",
    DHT: "DHT",
    DRI: "DRI",
    DNL: "DNL",
    COM: "COM",
    0x01: "TEM",
    0xC8: "JPG",
    0xCC: "DAC",
    0xDE: "DHP",
    0xDF: "EXP",
}

_LABELS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"JFIF\0", "JFIF"),
    (0, b"JFXX\0", "JFXX"),
    (1, b"Exif\0", "Exif"),
    (1, b"http://ns.adobe.com/xap/1.0/\0", "XMP"),
    (1, b"http://ns.adobe.com/xmp/extension/\0", "extended XMP"),
    (2, b"ICC_PROFILE\0", "ICC"),
    (2, b"MPF\0", "MPF"),
    (2, b"urn:iso:std:iso:ts:21496:-1\0", "ISO 21496-1 gain map"),
    (11, b"JP", "JUMBF"),
    (12, b"Ducky", "Ducky"),
    (13, b"Photoshop 3.0\0", "Photoshop"),
    (14, b"Adobe", "Adobe"),
)
"""APPn segments by their number and how they begin."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One marker: its code, where it stands, and its segment's bytes without their length."""

    code: int
    offset: int
    content: bytes = b""

    @property
    def name(self) -> str:
        """Return the standard's name of the marker, with what an APPn segment begins with."""
        if 0xE0 <= self.code <= 0xEF:  # noqa: PLR2004
            return f"APP{self.code - 0xE0}{self._label}"
        if self.code in FRAMES:
            return f"SOF{self.code - 0xC0}"
        return _NAMES.get(self.code, f"FF{self.code:02X}")

    @property
    def _label(self) -> str:
        app = self.code - 0xE0
        for place, start, words in _LABELS:
            if place == app and self.content.startswith(start):
                return f" {words}"
        name = ascii_name(self.content)
        return f" {name}" if len(name) > 2 else ""  # noqa: PLR2004


@dataclass(slots=True)
class Markers:
    """The segments of one JPEG file up to its EOI. `end` is the offset after that, None if there is none."""

    segments: list[Segment] = field(default_factory=list)
    end: int | None = None

    def of(self, code: int) -> Iterator[Segment]:
        """Yield the segments with one marker."""
        return (segment for segment in self.segments if segment.code == code)


def walk(data: bytes, notes: Notes) -> Markers:
    """Return the markers of `data`, which begins with SOI. Every byte is looked at a bounded number of times."""
    found = Markers([Segment(SOI, 0)])
    position = 2
    while len(found.segments) < MOST_PARTS:
        marker = _next_marker(data, position, found, notes)
        if marker is None:
            notes.fault("the picture has no end (EOI)")
            return found
        position, code = marker
        if code == EOI:
            found.segments.append(Segment(EOI, position))
            found.end = position + 2
            return found
        if code in _ALONE:
            found.segments.append(Segment(code, position))
            position += 2
            continue
        length = int.from_bytes(data[position + 2 : position + 4], "big")
        if length < 2 or position + 2 + length > len(data):  # noqa: PLR2004
            found.segments.append(Segment(code, position))
            notes.fault(f"segment {found.segments[-1].name} at {position:,} runs beyond the file")
            position += 2
            continue
        found.segments.append(Segment(code, position, data[position + 4 : position + 2 + length]))
        position += 2 + length
    notes.fault(f"more than {MOST_PARTS:,} markers: the rest was not read")
    return found


def _next_marker(data: bytes, position: int, found: Markers, notes: Notes) -> tuple[int, int] | None:
    """Return where the next marker stands, and its code."""
    match = _MARKER.search(data, position)
    if match is None:
        return None
    at = match.start()
    between = data.count(0xFF, position, at) != at - position
    if between and found.segments[-1].code != SOS:
        notes.fault(f"bytes between segments at {position:,}")
    return at, data[at + 1]
