"""All that a file's metadata says, in one value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from provenance.evidence.metadata.blocks import MOST_ICC, MOST_RESOURCES, MOST_XMP, Blocks
from provenance.evidence.metadata.containers import find_blocks
from provenance.evidence.metadata.exif import MOST_THUMBNAIL, Exif, read_exif
from provenance.evidence.metadata.icc import read_icc
from provenance.evidence.metadata.iptc import read_iptc
from provenance.evidence.metadata.photoshop import IPTC, resource_facts, resource_thumbnail, resources
from provenance.evidence.metadata.stamp_text import stamped
from provenance.evidence.metadata.texts import fact
from provenance.evidence.metadata.tiff import Directories, walk
from provenance.evidence.metadata.traces import known_trace
from provenance.evidence.metadata.xmp import read_xmp
from provenance.model.clean import clean
from provenance.model.file_facts import LONGEST, Fact, FactSource, Moment

if TYPE_CHECKING:
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


def read_metadata(data: bytes) -> Metadata:
    """Return what the metadata of a whole file says. Any bytes give a value; damage is in its faults."""
    blocks = find_blocks(data)
    exif = Exif()
    if blocks.exif is not None:
        directories = walk(blocks.exif)
        exif = read_exif(blocks.exif, directories)
        _take_tiff_tags(blocks, directories)
    facts, stamps, positions, faults = list(exif.facts), list(exif.stamps), [], [*blocks.faults, *exif.faults]
    positions.extend([exif.position] if exif.position else [])
    for packet in blocks.xmp[:_MOST_PACKETS]:
        xmp = read_xmp(packet)
        facts.extend(xmp.facts)
        stamps.extend(xmp.stamps)
        positions.extend(xmp.positions)
        faults.extend(xmp.faults)
    found = list(resources(blocks.photoshop, faults))
    for data_sets in filter(None, [blocks.iptc, *(body for number, body in found if number == IPTC)][:2]):
        iptc_facts, iptc_stamps = read_iptc(data_sets, faults)
        facts.extend(iptc_facts)
        stamps.extend(iptc_stamps)
    facts.extend(resource_facts(found))
    facts.extend(read_icc(blocks.icc))
    _read_texts(blocks, facts, stamps)
    if len(facts) > MOST_FACTS:
        faults.append(f"{len(facts)} facts: the first {MOST_FACTS} are told")
    return Metadata(
        tuple(dict.fromkeys(facts[:MOST_FACTS])),
        tuple(dict.fromkeys(stamps)),
        tuple(dict.fromkeys(positions)),
        exif.thumbnail or resource_thumbnail(found, MOST_THUMBNAIL),
        exif.orientation,
        tuple(clean(fault)[:LONGEST] for fault in dict.fromkeys(faults[:_MOST_FAULTS])),
    )


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


def _read_texts(blocks: Blocks, facts: list[Fact], stamps: list[Stamp]) -> None:
    for name, text in blocks.texts:
        if one := fact(FactSource.STRUCTURE, name, text, known_trace(FactSource.STRUCTURE, name, text)):
            facts.append(one)
            if moment := _TEXT_DATES.get(name):
                stamps.append(stamped(moment, FactSource.STRUCTURE, name, text))
