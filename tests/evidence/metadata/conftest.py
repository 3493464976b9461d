"""Files written byte by byte, so that a test says exactly what is in them."""

from __future__ import annotations

import struct
import sys
import zlib
from dataclasses import dataclass
from types import ModuleType

import pytest

ASCII, SHORT, LONG, RATIONAL, UNDEFINED, BYTE = 2, 3, 4, 5, 7, 1
EXIF, GPS = 0x8769, 0x8825
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1}


@pytest.fixture(scope="session")
def craft() -> ModuleType:
    """Return this module: what it has writes files, piece by piece."""
    return sys.modules[__name__]


@dataclass(frozen=True)
class Entry:
    """One directory entry; `count` and `offset` overrule what `data` implies."""

    tag: int
    type: int
    data: bytes
    count: int | None = None
    offset: int | None = None


def text(tag: int, value: bytes | str) -> Entry:
    raw = value.encode() if isinstance(value, str) else value
    return Entry(tag, ASCII, raw + b"\0")


def short(tag: int, *values: int) -> Entry:
    return Entry(tag, SHORT, struct.pack(f"<{len(values)}H", *values))


def long(tag: int, *values: int) -> Entry:
    return Entry(tag, LONG, struct.pack(f"<{len(values)}I", *values))


def rational(tag: int, *pairs: tuple[int, int]) -> Entry:
    return Entry(tag, RATIONAL, b"".join(struct.pack("<II", *pair) for pair in pairs))


def directory(entries: list[Entry], start: int, following: int = 0) -> bytes:
    """Return a directory as it stands at `start`, its values behind it."""
    head, values = struct.pack("<H", len(entries)), b""
    values_at = start + 2 + 12 * len(entries) + 4
    for entry in entries:
        count = len(entry.data) // _SIZES[entry.type] if entry.count is None else entry.count
        if entry.offset is not None:
            field = struct.pack("<I", entry.offset)
        elif len(entry.data) <= 4:
            field = entry.data.ljust(4, b"\0")
        else:
            field = struct.pack("<I", values_at + len(values))
            values += entry.data + b"\0" * (len(entry.data) % 2)
        head += struct.pack("<HHI", entry.tag, entry.type, count) + field
    return head + struct.pack("<I", following) + values


def tiff(
    image: list[Entry],
    exif: list[Entry] | None = None,
    gps: list[Entry] | None = None,
    thumbnail: bytes = b"",
) -> bytes:
    """Return a little-endian TIFF structure with the directories given, and a thumbnail behind them."""
    pointers = [(EXIF, exif), (GPS, gps)]
    image = image + [long(tag, 0) for tag, entries in pointers if entries is not None]
    size = len(directory(image, 8))
    at, others = 8 + size, b""
    offsets = {}
    for tag, entries in pointers:
        if entries is not None:
            offsets[tag] = at + len(others)
            others += directory(entries, offsets[tag])
    following = at + len(others) if thumbnail else 0
    if thumbnail:
        behind = following + 2 + 2 * 12 + 4
        others += directory([long(0x0201, behind), long(0x0202, len(thumbnail))], following) + thumbnail
    first = [long(entry.tag, offsets[entry.tag]) if entry.tag in offsets else entry for entry in image]
    return b"II*\0\x08\0\0\0" + directory(first, 8, following) + others


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def jpeg(
    *segments: bytes, exif: bytes | None = None, xmp: bytes | str | None = None, iptc: bytes | None = None
) -> bytes:
    parts = list(segments)
    if exif is not None:
        parts.append(segment(0xE1, b"Exif\0\0" + exif))
    if xmp is not None:
        raw = xmp.encode() if isinstance(xmp, str) else xmp
        parts.append(segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + raw))
    if iptc is not None:
        parts.append(segment(0xED, b"Photoshop 3.0\0" + resource(0x0404, iptc)))
    return b"\xff\xd8" + b"".join(parts) + b"\xff\xda\0\x02\x11\x22\xff\xd9"


def resource(number: int, body: bytes) -> bytes:
    return (
        b"8BIM"
        + struct.pack(">H", number)
        + b"\0\0"
        + struct.pack(">I", len(body))
        + body
        + b"\0" * (len(body) % 2)
    )


def data_set(number: int, body: bytes | str, record: int = 2) -> bytes:
    raw = body.encode("latin-1") if isinstance(body, str) else body
    return struct.pack(">BBBH", 0x1C, record, number, len(raw)) + raw


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*chunks: bytes) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + chunk(b"IDAT", b"x") + chunk(b"IEND", b"")


NAMESPACES = (
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
    'xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/" xmlns:stEvt="http://ns.adobe.com/xap/1.0/sType/ResourceEvent#" '
    'xmlns:stRef="http://ns.adobe.com/xap/1.0/sType/ResourceRef#" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/" '
    'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:other="http://example.org/"'
)


def packet(inside: str = "", attributes: str = "", before: str = "") -> str:
    return (
        f'{before}<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF {NAMESPACES}>'
        f'<rdf:Description rdf:about="" {attributes}>{inside}</rdf:Description></rdf:RDF></x:xmpmeta>'
    )
