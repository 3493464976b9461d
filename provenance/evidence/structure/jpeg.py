"""What the markers of a JPEG file say of how it was made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.evidence.structure import jpeg_markers as marker
from provenance.evidence.structure.jpeg_markers import FRAMES, Markers, walk
from provenance.evidence.structure.mpf import tell_mpf
from provenance.evidence.structure.notes import in_order, number
from provenance.evidence.structure.quantisation import ZIGZAG, tell_tables

if TYPE_CHECKING:
    from provenance.evidence.structure.notes import Notes
    from provenance.evidence.structure.quantisation import Table

_PROCESSES = {
    0: "baseline DCT",
    1: "extended sequential DCT",
    2: "progressive DCT",
    3: "lossless",
    5: "differential sequential DCT",
    6: "differential progressive DCT",
    7: "differential lossless",
    9: "extended sequential DCT, arithmetic coding",
    10: "progressive DCT, arithmetic coding",
    11: "lossless, arithmetic coding",
    13: "differential sequential DCT, arithmetic coding",
    14: "differential progressive DCT, arithmetic coding",
    15: "differential lossless, arithmetic coding",
}
"""T.81, table B.1."""

_SUBSAMPLINGS = {
    (1, 1): "4:4:4",
    (2, 1): "4:2:2",
    (2, 2): "4:2:0",
    (1, 2): "4:4:0",
    (4, 1): "4:1:1",
    (4, 2): "4:1:0",
}

_TRANSFORMS = {0: "none (RGB or CMYK)", 1: "YCbCr", 2: "YCCK"}
"""Adobe Technical Note 5116, section 18."""

_LENGTHS = {
    0x00: "00010501010101010100000000000000",
    0x01: "00030101010101010101010000000000",
    0x10: "0002010303020403050504040000017d",
    0x11: "00020102040403040705040400010277",
}
"""How many codes of each length the tables of T.81, annex K.3, have: by class and destination, 16 bytes each."""

_OF_COMPONENT = 3
"""Bytes that a frame header spends on a component."""


def read_jpeg(data: bytes, notes: Notes) -> None:
    """Tell how the JPEG file that `data` begins with is built."""
    found = walk(data, notes)
    notes.end = found.end
    notes.tell("Markers", in_order(segment.name for segment in found.segments))
    tables = _tables(found, notes)
    destinations = _tell_frame(found, notes)
    _tell_scans(found, notes)
    _tell_huffman(found, notes)
    if destinations and tables:
        luma = tables.get(destinations[0])
        chroma = [tables[d] for d in destinations[1:] if d in tables]
        if luma is not None:
            tell_tables(luma, chroma, notes)
    _tell_applications(found, notes)
    tell_mpf(data, found, notes)


def _tell_frame(found: Markers, notes: Notes) -> list[int]:
    """Tell of the frame; return the quantisation tables of its components, in order."""
    frames = [s for s in found.segments if s.code in FRAMES]
    if not frames:
        notes.fault("no frame header (SOF)")
        return []
    frame = frames[0]
    notes.tell(frame.name, _PROCESSES.get(frame.code - 0xC0, "reserved"))
    content = frame.content
    if len(content) < 6 or len(content) < 6 + _OF_COMPONENT * content[5]:  # noqa: PLR2004
        notes.fault("the frame header (SOF) is too short")
        return []
    height, width = int.from_bytes(content[1:3], "big"), int.from_bytes(content[3:5], "big")
    notes.tell("Sample precision", number(content[0], "bit"))
    notes.tell("Samples per line x lines", f"{width} x {height}")
    parts = [content[6 + _OF_COMPONENT * k : 9 + _OF_COMPONENT * k] for k in range(content[5])]
    notes.tell("Components", str(len(parts)))
    if len(parts) > 1:
        notes.tell("Chroma subsampling", _subsampling([(p[1] >> 4, p[1] & 15) for p in parts]))
    if len(frames) > 1:
        notes.tell("Frames", str(len(frames)), "a hierarchical file, or parts of another one")
    return [part[2] for part in parts]


def _subsampling(factors: list[tuple[int, int]]) -> str:
    (h, v), *others = factors[:3]
    if len(set(others)) == 1 and 0 not in others[0] and h % others[0][0] == 0 and v % others[0][1] == 0:
        known = _SUBSAMPLINGS.get((h // others[0][0], v // others[0][1]))
        if known:
            return known
    return "sampling factors " + ", ".join(f"{a} x {b}" for a, b in factors)


def _tell_scans(found: Markers, notes: Notes) -> None:
    scans = sum(1 for _ in found.of(marker.SOS))
    notes.tell("Scans", str(scans))
    for segment in found.of(marker.DRI):
        interval = int.from_bytes(segment.content[:2], "big")
        if interval:
            notes.tell("Restart interval", number(interval, "MCU"))
            return


def _tell_huffman(found: Markers, notes: Notes) -> None:
    """Tell whether codes are the standard's examples, or made for this picture."""
    usual = []
    for segment in found.of(marker.DHT):
        position, content = 0, segment.content
        while position + 17 <= len(content):
            counts = content[position + 1 : position + 17]
            usual.append(_LENGTHS.get(content[position]) == counts.hex())
            position += 17 + sum(counts)
    if usual:
        words = "as in annex K" if all(usual) else "not those of annex K"
        note = "" if all(usual) else "made for this picture, or by an encoder with its own"
        notes.tell("Huffman tables", words, note)


def _tables(found: Markers, notes: Notes) -> dict[int, Table]:
    """Return the quantisation tables by destination, the first of each, in natural order."""
    tables: dict[int, Table] = {}
    for segment in found.of(marker.DQT):
        position, content = 0, segment.content
        while position < len(content):
            width, destination = 1 + (content[position] >> 4 != 0), content[position] & 15
            values = content[position + 1 : position + 1 + 64 * width]
            if len(values) < 64 * width:
                notes.fault("a quantisation table (DQT) is cut short")
                break
            numbers = [int.from_bytes(values[k * width : (k + 1) * width], "big") for k in range(64)]
            natural = [0] * 64
            for place, value in zip(ZIGZAG, numbers, strict=True):
                natural[place] = value
            tables.setdefault(destination, tuple(natural))
            position += 1 + 64 * width
    return tables


def _tell_applications(found: Markers, notes: Notes) -> None:
    for segment in found.segments:
        content = segment.content
        if segment.name == "APP14 Adobe" and len(content) >= 12:  # noqa: PLR2004
            notes.tell("Adobe colour transform", _TRANSFORMS.get(content[11], str(content[11])))
        elif segment.name == "APP12 Ducky" and content[5:9] == b"\0\1\0\4" and len(content) >= 13:  # noqa: PLR2004
            quality = int.from_bytes(content[9:13], "big")
            notes.tell("Ducky quality", str(quality), "as Photoshop's Save for Web writes it")
        elif segment.code == marker.COM:
            notes.tell("COM", content[:600].rstrip(b"\0").decode("latin-1"))
