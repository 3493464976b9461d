"""All that a file's metadata says, in one value.

Each reader is imported by the first file that has something for it: most of what circulates has no metadata at all, and
a check must start quickly.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from provenance.evidence.metadata.blocks import MOST_ICC, MOST_RESOURCES, MOST_XMP, Blocks
from provenance.evidence.metadata.containers import find_blocks
from provenance.evidence.metadata.texts import fact
from provenance.model.clean import clean
from provenance.model.file_facts import LONGEST, Fact, FactSource, Moment

if TYPE_CHECKING:
    from provenance.evidence.metadata.tiff import Directories
    from provenance.model.file_facts import Position, Stamp

MOST_FACTS = 1_000
_MOST_FAULTS = 50
_MOST_PACKETS = 4
_TIFF_XMP, _TIFF_IPTC, _TIFF_PHOTOSHOP, _TIFF_ICC = 0x02BC, 0x83BB, 0x8649, 0x8773
_TEXT_DATES = {
    "PNG tIME": Moment.MODIFIED,
    "PNG Creation Time": Moment.CREATED,
    "PNG date:create": Moment.CREATED,
    "PNG date:modify": Moment.MODIFIED,
}
"""The last two are ImageMagick's, and of the file that it read."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a file's metadata says, without weighing it. Facts come as EXIF, XMP, IPTC, Photoshop, ICC, the rest.

    `thumbnail` is the JPEG embedded by EXIF, else by Photoshop, at most 1 MiB and not decoded. `orientation` is EXIF's,
    1 to 8, 1 where it states none. `faults` are the parts that could not be read, in words; a fault is no finding.
    """

    facts: tuple[Fact, ...] = ()
    stamps: tuple[Stamp, ...] = ()
    positions: tuple[Position, ...] = ()
    thumbnail: bytes | None = None
    orientation: int = 1
    faults: tuple[str, ...] = ()


@dataclass(slots=True)
class _Reading:
    """What has been read so far."""

    facts: list[Fact] = field(default_factory=list)
    stamps: list[Stamp] = field(default_factory=list)
    positions: list[Position] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    thumbnail: bytes | None = None
    orientation: int = 1


def read_metadata(data: bytes) -> Metadata:
    """Return what the metadata of a whole file says. Any bytes give a value; damage is in its faults."""
    blocks = find_blocks(data)
    read = _Reading(faults=list(blocks.faults))
    if blocks.exif is not None:
        _read_exif(blocks, read)
    if blocks.xmp:
        _read_xmp(blocks, read)
    if blocks.photoshop or blocks.iptc:
        _read_resources(blocks, read)
    if blocks.icc:
        from provenance.evidence.metadata.icc import read_icc  # noqa: PLC0415 - as the module says

        read.facts.extend(read_icc(blocks.icc))
    _read_texts(blocks, read)
    if len(read.facts) > MOST_FACTS:
        read.faults.append(f"{len(read.facts)} facts: the first {MOST_FACTS} are told")
    return Metadata(
        tuple(dict.fromkeys(read.facts[:MOST_FACTS])),
        tuple(dict.fromkeys(read.stamps)),
        tuple(dict.fromkeys(read.positions)),
        read.thumbnail,
        read.orientation,
        tuple(clean(fault)[:LONGEST] for fault in dict.fromkeys(read.faults[:_MOST_FAULTS])),
    )


def _read_exif(blocks: Blocks, read: _Reading) -> None:
    from provenance.evidence.metadata.exif import read_exif  # noqa: PLC0415 - as the module says
    from provenance.evidence.metadata.tiff import walk  # noqa: PLC0415

    block = blocks.exif or b""
    directories = walk(block)
    exif = read_exif(block, directories)
    read.facts.extend(exif.facts)
    read.stamps.extend(exif.stamps)
    read.positions.extend([exif.position] if exif.position else [])
    read.faults.extend(exif.faults)
    read.thumbnail, read.orientation = exif.thumbnail, exif.orientation
    _take_tiff_tags(blocks, directories)


def _read_xmp(blocks: Blocks, read: _Reading) -> None:
    from provenance.evidence.metadata.xmp import read_xmp  # noqa: PLC0415 - as the module says

    for packet in blocks.xmp[:_MOST_PACKETS]:
        xmp = read_xmp(packet)
        read.facts.extend(xmp.facts)
        read.stamps.extend(xmp.stamps)
        read.positions.extend(xmp.positions)
        read.faults.extend(xmp.faults)


def _read_resources(blocks: Blocks, read: _Reading) -> None:
    """Read Photoshop's resources, and IPTC wherever it lies."""
    from provenance.evidence.metadata.exif import MOST_THUMBNAIL  # noqa: PLC0415 - as the module says
    from provenance.evidence.metadata.iptc import read_iptc  # noqa: PLC0415
    from provenance.evidence.metadata.photoshop import (  # noqa: PLC0415
        IPTC,
        resource_facts,
        resource_thumbnail,
        resources,
    )

    found = list(resources(blocks.photoshop, read.faults))
    for data_sets in filter(None, [blocks.iptc, *(body for number, body in found if number == IPTC)][:2]):
        facts, stamps = read_iptc(data_sets, read.faults)
        read.facts.extend(facts)
        read.stamps.extend(stamps)
    read.facts.extend(resource_facts(found))
    read.thumbnail = read.thumbnail or resource_thumbnail(found, MOST_THUMBNAIL)


def _take_tiff_tags(blocks: Blocks, directories: Directories) -> None:
    """Take what TIFF keeps in tags, JPEG and others beside EXIF."""
    block = blocks.exif or b""
    if packet := directories.value(block, ("Image", _TIFF_XMP), MOST_XMP):
        blocks.xmp.append(packet)
    blocks.iptc = blocks.iptc or directories.value(block, ("Image", _TIFF_IPTC), MOST_RESOURCES)
    blocks.photoshop = blocks.photoshop or directories.value(
        block, ("Image", _TIFF_PHOTOSHOP), MOST_RESOURCES
    )
    blocks.icc = blocks.icc or directories.value(block, ("Image", _TIFF_ICC), MOST_ICC)


def _read_texts(blocks: Blocks, read: _Reading) -> None:
    from provenance.evidence.metadata.traces import known_trace  # noqa: PLC0415 - as the module says

    for name, text in blocks.texts:
        if one := fact(FactSource.STRUCTURE, name, text, known_trace(FactSource.STRUCTURE, name, text)):
            read.facts.append(one)
            if moment := _TEXT_DATES.get(name):
                from provenance.evidence.metadata.stamp_text import stamped  # noqa: PLC0415

                read.stamps.append(stamped(moment, FactSource.STRUCTURE, name, text))
