"""Photoshop's image resources (Adobe Photoshop File Formats Specification, "Image Resources Section")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.evidence.metadata.texts import fact
from provenance.model.file_facts import Fact, FactSource

if TYPE_CHECKING:
    from collections.abc import Iterator

IPTC, THUMBNAIL = 0x0404, 0x040C
_THUMBNAIL_HEADER = 28
_JPEG_THUMBNAIL = 1
_SIGNATURE = b"8BIM"
_MOST_RESOURCES = 500
_DIGEST, _COPYRIGHT, _URL, _QUALITY = 0x0425, 0x040A, 0x040B, 0x0406
_NAMES = {
    0x03ED: "resolution", 0x03F3: "print flags", 0x0400: "layer state", 0x0402: "layer groups",
    0x0404: "IPTC", 0x0406: "JPEG quality", 0x0408: "grid and guides", 0x0409: "thumbnail of Photoshop 4",
    0x040A: "copyright flag", 0x040B: "URL", 0x040C: "thumbnail", 0x040D: "global angle", 0x040F: "ICC profile",
    0x0411: "ICC untagged", 0x0414: "document id seed", 0x0419: "global altitude", 0x041A: "slices",
    0x041E: "URL list", 0x0421: "version", 0x0422: "EXIF", 0x0424: "XMP", 0x0425: "IPTC digest",
    0x0426: "print scale", 0x0428: "pixel aspect ratio", 0x042D: "layer selection", 0x0430: "layer groups enabled",
    0x0433: "sheet disclosure", 0x0435: "onion skins", 0x043A: "print information", 0x043B: "print style",
    0x0BB7: "clipping path name", 0x2710: "print flags information",
}  # fmt: skip
_FIRST_PATH, _LAST_PATH = 0x07D0, 0x0BB6


def resources(data: bytes, faults: list[str]) -> Iterator[tuple[int, bytes]]:
    """Yield each resource's number and bytes; stop, and say so, where they stop making sense."""
    position = 0
    for _ in range(_MOST_RESOURCES):
        head = data[position : position + 7]
        if not head.strip(b"\0"):
            return
        if len(head) < 7 or head[:4] != _SIGNATURE:  # noqa: PLR2004
            faults.append("Photoshop's resources could not be read to their end")
            return
        name = head[6] + 1
        start = position + 6 + name + name % 2 + 4
        size = int.from_bytes(data[start - 4 : start])
        if start > len(data) or start + size > len(data):
            faults.append("a Photoshop resource claims more bytes than there are")
        yield int.from_bytes(head[4:6]), data[start : start + size]
        position = start + size + size % 2
    faults.append(f"more than {_MOST_RESOURCES} Photoshop resources: the rest was not read")


def resource_facts(found: list[tuple[int, bytes]]) -> Iterator[Fact]:
    """Yield which resources there are, and what the short ones say."""
    for number, body in found:
        if number == _DIGEST and len(body) == 16:  # noqa: PLR2004 - an MD5
            text = body.hex()
        elif number == _COPYRIGHT and body:
            text = "marked as copyrighted" if body[0] else "not marked as copyrighted"
        elif number == _URL:
            text = body[:2000].decode("utf-8", "replace")
        else:
            text = f"{len(body)} bytes"
        name = "path" if _FIRST_PATH <= number <= _LAST_PATH else _NAMES.get(number, "")
        if one := fact(FactSource.PHOTOSHOP, f"0x{number:04X} {name}".strip(), text):
            yield one


def resource_thumbnail(found: list[tuple[int, bytes]], most: int) -> bytes | None:
    """Return the JPEG in the thumbnail resource, if it has at most `most` bytes."""
    for number, body in found:
        jpeg = body[_THUMBNAIL_HEADER:]
        if (
            number == THUMBNAIL
            and int.from_bytes(body[:4]) == _JPEG_THUMBNAIL
            and jpeg.startswith(b"\xff\xd8")
        ):
            return jpeg if len(jpeg) <= most else None
    return None
