"""The lines of an exchange file, both ways: a header, an image with its sightings a line, the count at the end.

Each is one JSON object. Reading is strict: whatever is not as `docs/exchange.md` has it is refused, since a signature
only says whose mistake it is.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from provenance.errors import ArchiveError, DateError
from provenance.model import Fingerprint, ImageRecord, LocalCode, Sighting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from provenance.model import DateRange

FORMAT, VERSION = "provenance-exchange", 1

MAX_LINE = 16 * 2**20
"""Bytes: a megabyte of what one table row may say, escaped, and the features of the largest image."""

MAX_TEXT = 2**20
"""Characters of one text: those of a whole table row."""

MAX_SIGHTINGS, MAX_FINGERPRINTS = 1_000, 64
"""On one line. An image may have more sightings: it then has more lines."""

MAX_WORDS, MAX_FEATURES = 4_096, 65_536
"""Features that can be looked up, and bytes of those that are compared."""

MAX_NUMBER = 2**48
SHARED = ("pdq", "phash", "dhash")
"""Algorithms whose codes are exchanged: those that everyone has."""

TEXTS = ("url", "outlet", "place", "caption", "credit", "licence", "page", "rating", "desk", "moment", "note")
DATES = ("published", "captured", "archived")

_IMAGE = re.compile(r"(pdq:)?[0-9a-f]{64}")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_CODE = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Header:
    """What the first line says: who wrote this, from which archive, when. Nobody has to believe it."""

    desk: str
    archive: str
    generation: int
    created: str


@dataclass(frozen=True, slots=True)
class End:
    """What the last line says: how many lines of images and how many sightings came before it."""

    images: int
    sightings: int


@dataclass(frozen=True, slots=True)
class Shared:
    """One line: an image, and sightings of it. Their `path` is the name of a file, if that was shared, else empty."""

    image: ImageRecord
    sightings: tuple[Sighting, ...]


@dataclass(frozen=True, slots=True)
class Understood:
    """What of a line other rooms must say whether it makes sense."""

    parse_date: Callable[[str], DateRange]
    """Reads an EDTF date; raises DateError."""
    local: tuple[str, int]
    """Algorithm and version of the local features that this program compares; others are left out."""
    check_features: Callable[[bytes], object]
    """Raises ArchiveError where `LocalCode.features` make no sense."""


def header_line(header: Header) -> bytes:
    """Return the first line."""
    return _line(
        {
            "format": FORMAT,
            "version": VERSION,
            "desk": header.desk,
            "archive": header.archive,
            "generation": header.generation,
            "created": header.created,
        }
    )


def end_line(end: End) -> bytes:
    """Return the last line."""
    return _line({"images": end.images, "sightings": end.sightings})


def shared_line(shared: Shared) -> bytes:
    """Return the line of an image."""
    image, local = shared.image, shared.image.local
    return _line(
        {
            "image": image.sha256,
            "format": image.format,
            "width": image.width,
            "height": image.height,
            "byte_count": image.byte_count,
            "frame_count": image.frame_count,
            "fingerprints": [
                {
                    "algorithm": f.algorithm,
                    "version": f.version,
                    "frame": f.frame,
                    "quality": f.quality,
                    "code": f.code.hex(),
                }
                for f in image.fingerprints
            ],
            "local": local
            and {
                "algorithm": local.algorithm,
                "version": local.version,
                **{name: base64.b64encode(getattr(local, name)).decode() for name in _LOCAL_PARTS},
            },
            "sightings": [_said(sighting) for sighting in shared.sightings],
        }
    )


_LOCAL_PARTS = ("words", "signatures", "features")


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _said(sighting: Sighting) -> dict[str, str]:
    """Return what a sighting says; what it does not is left out."""
    dates = {name: when.text for name in DATES if (when := getattr(sighting, name))}
    texts = {name: text for name in TEXTS if (text := getattr(sighting, name))}
    held = {"held": sighting.held.isoformat()} if sighting.held else {}
    return {**({"name": sighting.path} if sighting.path else {}), **texts, **dates, **held}


def read_header(line: bytes) -> Header:
    """Read the first line. Raises ArchiveError."""
    value = _Object(line, 1)
    if value.fields.get("format") != FORMAT:
        raise ArchiveError("This is no exchange file.", "One is written by `provenance archive export`.")
    if value.fields.get("version") != VERSION:
        raise ArchiveError(
            f"The exchange file has version {str(value.fields.get('version'))[:20]}; this program knows {VERSION}.",
            "Upgrade this program, or ask the desk for a file of that version.",
        )
    value.has({"format", "version", "desk", "archive", "generation", "created"})
    return Header(
        value.text("desk"), value.text("archive"), value.number("generation"), value.text("created")
    )


def read_line(line: bytes, number: int, understood: Understood) -> Shared | End:
    """Read the line of an image, or the last line. Raises ArchiveError."""
    value = _Object(line, number)
    if set(value.fields) == {"images", "sightings"}:
        return End(value.number("images"), value.number("sightings"))
    value.has(
        {
            "image",
            "format",
            "width",
            "height",
            "byte_count",
            "frame_count",
            "fingerprints",
            "local",
            "sightings",
        }
    )
    prints = tuple(map(_fingerprint, value.objects("fingerprints", MAX_FINGERPRINTS)))
    if len({(f.algorithm, f.version, f.frame) for f in prints}) < len(prints):
        raise value.wrong("fingerprints")
    sightings = value.objects("sightings", MAX_SIGHTINGS)
    image = ImageRecord(
        sha256=value.text("image", _IMAGE),
        format=value.text("format"),
        width=value.number("width"),
        height=value.number("height"),
        byte_count=value.number("byte_count"),
        frame_count=value.number("frame_count"),
        fingerprints=prints,
        local=_local(value, understood),
    )
    if not prints or not sightings:
        raise value.wrong("sightings" if prints else "fingerprints")
    return Shared(image, tuple(_sighting(each, understood) for each in sightings))


class _Object:
    """A JSON object whose fields are asked for by type; each error names the line."""

    def __init__(self, content: bytes | Mapping[str, Any], number: int) -> None:
        self.number_of_line = number
        try:
            value = json.loads(content) if isinstance(content, bytes) else content
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise self.wrong("it")
        self.fields: dict[str, Any] = value

    def wrong(self, name: str) -> ArchiveError:
        return ArchiveError(
            f"Line {self.number_of_line} of the exchange file makes no sense: {name!r} is not as it must be. "
            "Nothing was imported.",
            "Ask the desk that signed it for another file.",
        )

    def has(self, names: set[str]) -> None:
        for name in names ^ set(self.fields):
            raise self.wrong(name[:40])

    def text(self, name: str, pattern: re.Pattern[str] | None = None) -> str:
        value = self.fields[name]
        if not isinstance(value, str) or len(value) > MAX_TEXT or _UNSTORABLE.search(value):
            raise self.wrong(name)
        if pattern and not pattern.fullmatch(value):
            raise self.wrong(name)
        return value

    def number(self, name: str, most: int = MAX_NUMBER) -> int:
        value = self.fields[name]
        if type(value) is not int or not 0 <= value <= most:
            raise self.wrong(name)
        return value

    def objects(self, name: str, most: int) -> list[_Object]:
        value = self.fields[name]
        if not isinstance(value, list) or len(value) > most:
            raise self.wrong(name)
        return [_Object(each if isinstance(each, dict) else b"", self.number_of_line) for each in value]

    def bytes(self, name: str, most: int) -> bytes:
        try:
            content = base64.b64decode(self.text(name), validate=True)
        except (binascii.Error, ValueError):
            raise self.wrong(name) from None
        if len(content) > most:
            raise self.wrong(name)
        return content


def _fingerprint(value: _Object) -> Fingerprint:
    value.has({"algorithm", "version", "frame", "quality", "code"})
    quality = None if value.fields["quality"] is None else value.number("quality", 100)
    algorithm = value.text("algorithm")
    if algorithm not in SHARED:
        raise value.wrong("algorithm")
    code = bytes.fromhex(value.text("code", _CODE))
    return Fingerprint(algorithm, value.number("version"), code, quality, value.number("frame"))


def _local(value: _Object, understood: Understood) -> LocalCode | None:
    if value.fields["local"] is None:
        return None
    local = _Object(
        value.fields["local"] if isinstance(value.fields["local"], dict) else b"", value.number_of_line
    )
    local.has({"algorithm", "version", *_LOCAL_PARTS})
    words, signatures = local.bytes("words", 3 * MAX_WORDS), local.bytes("signatures", 4 * MAX_WORDS)
    features = local.bytes("features", MAX_FEATURES)
    code = LocalCode(local.text("algorithm"), local.number("version"), words, signatures, features)
    if (code.algorithm, code.version) != understood.local:
        return None
    if len(words) * 4 != len(signatures) * 3 or len(words) % 3:
        raise local.wrong("words")
    try:
        understood.check_features(features)
    except ArchiveError as error:
        raise local.wrong("features") from error
    return code


def _sighting(value: _Object, understood: Understood) -> Sighting:
    for name in set(value.fields) - {"name", "held", *TEXTS, *DATES}:
        raise value.wrong(name[:40])
    said: dict[str, Any] = {name: value.text(name) for name in value.fields}
    try:
        dates: dict[str, Any] = {name: understood.parse_date(said[name]) for name in DATES if name in said}
        held = date.fromisoformat(said["held"]) if "held" in said else None
    except (DateError, ValueError) as error:
        raise value.wrong("date") from error
    return Sighting(
        path=said.get("name", ""),
        location="",
        held=held,
        **{name: said.get(name) for name in TEXTS},
        **dates,
    )


def grouped(sightings: Iterable[Sighting]) -> Iterable[tuple[Sighting, ...]]:
    """Yield sightings as they go on lines: no more than fit, by number and by size."""
    group: list[Sighting] = []
    size = 0
    for sighting in sightings:
        longer = len(_line(_said(sighting)))
        if group and (len(group) == MAX_SIGHTINGS or size + longer > MAX_TEXT):
            yield tuple(group)
            group, size = [], 0
        group.append(sighting)
        size += longer
    if group:
        yield tuple(group)
