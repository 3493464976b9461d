"""EXIF: what the tags say, read by ExifRead and held against Pillow."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from provenance.evidence.metadata.exif_readers import Tags, by_exifread, by_pillow
from provenance.evidence.metadata.exif_tags import TAGS, USER_COMMENT, Tag
from provenance.evidence.metadata.exif_values import in_words, plain
from provenance.evidence.metadata.positions import exif_position
from provenance.evidence.metadata.stamp_text import stamped
from provenance.evidence.metadata.texts import decoded, fact, quoted
from provenance.evidence.metadata.tiff import Directories, walk
from provenance.evidence.metadata.traces import known_trace
from provenance.model.file_facts import Fact, FactSource, Moment, Position, Stamp

if TYPE_CHECKING:
    from provenance.evidence.metadata.exif_values import Value

MOST_THUMBNAIL = 1 << 20
"""Bytes of a thumbnail that is kept."""
_MAKER_NOTE = 0x927C
_THUMBNAIL_START, _THUMBNAIL_SIZE = ("Thumbnail", 0x0201), ("Thumbnail", 0x0202)
_ORIENTATION = ("Image", 0x0112)
_HEADER_BYTES = 12
_BY_NAME = {tag.name: (tag.directory, tag.number) for tag in TAGS}
_OTHER_DIRECTORY = {"Image": "EXIF", "EXIF": "Image"}
"""Raw files keep tags of the one in the other."""
_DATES = (
    (Moment.CAPTURED, "DateTimeOriginal", "OffsetTimeOriginal", "SubSecTimeOriginal"),
    (Moment.DIGITISED, "DateTimeDigitized", "OffsetTimeDigitized", "SubSecTimeDigitized"),
    (Moment.MODIFIED, "DateTime", "OffsetTime", "SubSecTime"),
    (Moment.CREATED, "PreviewDateTime", "", ""),
)
_MOST_ORIENTATION = 8


@dataclass(slots=True)
class Exif:
    """What an EXIF block says."""

    facts: list[Fact] = field(default_factory=list)
    stamps: list[Stamp] = field(default_factory=list)
    position: Position | None = None
    thumbnail: bytes | None = None
    orientation: int = 1
    faults: list[str] = field(default_factory=list)


def read_exif(block: bytes, directories: Directories | None = None) -> Exif:
    """Return what the TIFF structure `block` says; `directories` spare a second walk of it."""
    found = Exif()
    directories = directories or walk(block)
    found.faults.extend(directories.faults)
    first, second = by_exifread(block), by_pillow(block)
    if first is None:
        found.faults.append(
            "ExifRead could not read the EXIF block" + ("" if second is None else ": Pillow did")
        )
    if second is None:
        found.faults.append(
            "Pillow could not read the EXIF block" + ("" if first is None else ": ExifRead did")
        )
    order = "little" if block[:1] == b"I" else "big"
    told = {}
    for tag in TAGS:
        words, note = _agreed(tag, first, second, order)
        if words:
            told[tag.name] = words
            note = "; ".join(filter(None, (known_trace(FactSource.EXIF, tag.name, words), note)))
            if one := fact(FactSource.EXIF, tag.name, words, note):
                found.facts.append(one)
    merged = {**(second or {}), **(first or {})}
    found.stamps.extend(_stamps(told, merged))
    found.position = exif_position(merged, found.faults)
    found.orientation = _orientation(merged.get(_ORIENTATION))
    found.facts.extend(_maker_note(block, directories))
    found.thumbnail = _thumbnail(block, directories, found.faults)
    return found


def _agreed(tag: Tag, first: Tags | None, second: Tags | None, order: str) -> tuple[str, str]:
    """Return the value in words, and what the other reader says where it says something else."""
    here, there = (_words(tag, tags, order) for tags in (first, second))
    if first is None or second is None or here == there:
        return here or there, ""
    if not here:
        return there, "" if tag.number == USER_COMMENT else "ExifRead does not read it"
    return here, f"Pillow reads {quoted(there)}" if there else "Pillow does not read it"


def _words(tag: Tag, tags: Tags | None, order: str) -> str:
    if tags is None:
        return ""
    value = tags.get((tag.directory, tag.number))
    if value is None and tag.directory in _OTHER_DIRECTORY:
        value = tags.get((_OTHER_DIRECTORY[tag.directory], tag.number))
    return "" if value is None else in_words(value, tag, order)


def _stamps(told: dict[str, str], tags: Tags) -> list[Stamp]:
    stamps = []
    for moment, name, zone, fraction in _DATES:
        if text := told.get(name, ""):
            stamps.append(
                stamped(moment, FactSource.EXIF, name, text, told.get(zone, ""), told.get(fraction, ""))
            )
    if day := told.get("GPSDateStamp", ""):
        value = tags.get(_BY_NAME["GPSTimeStamp"])
        clock = told.get("GPSTimeStamp", "") if isinstance(value, tuple) and len(value) == 3 else ""  # noqa: PLR2004
        stamps.append(stamped(Moment.POSITIONED, FactSource.EXIF, "GPSDateStamp", f"{day} {clock}", "Z"))
    return stamps


def _orientation(value: Value | None) -> int:
    number = plain(value[0]) if isinstance(value, tuple) and len(value) == 1 else ""
    return int(number) if number.isdigit() and 1 <= int(number[:9]) <= _MOST_ORIENTATION else 1


def _maker_note(block: bytes, directories: Directories) -> list[Fact]:
    for directory in ("EXIF", "Image"):
        entry = directories.entries.get((directory, _MAKER_NOTE))
        if entry is not None:
            header = block[entry.start : entry.start + min(entry.size, _HEADER_BYTES)]
            begins = decoded(header).strip()
            shown = quoted(begins) if begins and begins.isprintable() else header.hex(" ")
            words = f"{entry.size} bytes, beginning with {shown}"
            one = fact(FactSource.EXIF, "MakerNote", words, "in the maker's own form: not read")
            return [one] if one else []
    return []


def _thumbnail(block: bytes, directories: Directories, faults: list[str]) -> bytes | None:
    start, size = (directories.number(block, key) for key in (_THUMBNAIL_START, _THUMBNAIL_SIZE))
    if start is None or not size:
        return None
    if start + size > len(block):
        faults.append(f"the thumbnail of {size:,} bytes lies past the end")
        return None
    if size > MOST_THUMBNAIL:
        faults.append(f"the thumbnail has {size:,} bytes, more than are read")
        return None
    thumbnail = block[start : start + size]
    if not thumbnail.startswith(b"\xff\xd8"):
        faults.append("the thumbnail is no JPEG")
        return None
    return thumbnail
