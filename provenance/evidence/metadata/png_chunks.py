"""PNG: the chunks beside the picture (PNG third edition, W3C 2025, chapter 11)."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from provenance.evidence.metadata.blocks import MOST_ICC, MOST_TEXT, MOST_XMP, Blocks, add_text
from provenance.evidence.metadata.texts import decoded

if TYPE_CHECKING:
    from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MOST_CHUNKS = 100_000
_MOST_CHUNK = 1 << 24
"""Bytes of one chunk that are looked at."""
_XMP = "XML:com.adobe.xmp"
_PROFILES = {
    "Raw profile type iptc": "iptc",
    "Raw profile type 8bim": "photoshop",
    "Raw profile type xmp": "xmp",
}
"""ImageMagick writes these as hexadecimal text (coders/png.c)."""
_TIME = 7
_METRE = 1


def read_png(data: bytes, blocks: Blocks) -> None:
    """Fill `blocks` from the chunks of a PNG, in their order."""
    for kind, body in _chunks(data, blocks):
        if kind == b"eXIf":
            if blocks.exif is None:
                blocks.exif = body
        elif kind == b"iCCP":
            name, _, packed = body.partition(b"\0")
            blocks.icc = _inflated(packed[1:], MOST_ICC)
            add_text(blocks, "PNG colour profile name", decoded(name[:79]))
        elif kind == b"tIME" and len(body) >= _TIME:
            year, rest = int.from_bytes(body[:2]), body[2:7]
            date, clock = f"{year:04}-{rest[0]:02}-{rest[1]:02}", f"{rest[2]:02}:{rest[3]:02}:{rest[4]:02}"
            add_text(blocks, "PNG tIME", f"{date}T{clock}Z")
        else:
            _read_text(kind, body, blocks)


def _chunks(data: bytes, blocks: Blocks) -> Iterator[tuple[bytes, bytes]]:
    position = len(SIGNATURE)
    for _ in range(_MOST_CHUNKS):
        head = data[position : position + 8]
        if len(head) < 8 or head[4:] == b"IEND":  # noqa: PLR2004
            return
        length, kind = int.from_bytes(head[:4]), head[4:]
        if kind != b"IDAT":
            yield kind, data[position + 8 : position + 8 + min(length, _MOST_CHUNK)]
        position += 12 + length
    blocks.faults.append(f"more than {_MOST_CHUNKS} chunks: the rest was not read")


def _read_text(kind: bytes, body: bytes, blocks: Blocks) -> None:
    key, separator, rest = body.partition(b"\0")
    if kind not in {b"tEXt", b"zTXt", b"iTXt"} or not separator:
        return
    name = key[:79].decode("latin-1")
    most = MOST_XMP if name == _XMP or name in _PROFILES else MOST_TEXT
    if kind == b"tEXt":
        text = rest[:most]
    elif kind == b"zTXt":
        text = _inflated(rest[1:], most)
    else:
        packed, rest = rest[:1] == b"\1", rest[2:]
        text = rest.split(b"\0", 2)[-1]
        text = _inflated(text, most) if packed else text[:most]
    if name == _XMP:
        blocks.xmp.append(text)
    elif name in _PROFILES:
        _take_profile(_PROFILES[name], text, blocks)
    else:
        # tEXt and zTXt are Latin-1 by the standard, UTF-8 as often as not
        add_text(blocks, f"PNG {name}", decoded(text))


def _take_profile(form: str, text: bytes, blocks: Blocks) -> None:
    """Take what ImageMagick wrote: a blank line, the profile's name, its length, lines of hexadecimal digits."""
    try:
        raw = bytes.fromhex(text.split(b"\n", 3)[3].decode("ascii"))
    except (IndexError, ValueError):
        blocks.faults.append(f"the PNG text with the {form} profile could not be read")
        return
    if form == "xmp":
        blocks.xmp.append(raw)
    elif raw.startswith(b"8BIM"):
        blocks.photoshop = blocks.photoshop or raw
    else:
        blocks.iptc = blocks.iptc or raw


def _inflated(packed: bytes, most: int) -> bytes:
    """Return at most `most` bytes, and what there was before any damage."""
    inflater, out = zlib.decompressobj(), b""
    try:
        out = inflater.decompress(packed, most)
    except zlib.error:
        return out
    return out
