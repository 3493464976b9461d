"""The two readers of EXIF tags, each within bounds, their values in one form.

ExifRead raises nearly anything on damaged blocks, and reads a maker note byte by byte for as long as its count says
(its issue 182): maker notes are never given to it. Pillow warns and goes on.
"""

from __future__ import annotations

import logging
import warnings
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from provenance.evidence.metadata.bounded import BoundedReader
from provenance.evidence.metadata.exif_values import Number, Value, ratio

if TYPE_CHECKING:
    from collections.abc import Iterator

Tags = dict[tuple[str, int], Value]
"""By directory and number."""

_DIRECTORIES = frozenset({"Image", "EXIF", "GPS"})
_LONGEST = 1 << 14
"""Bytes of one value that ExifRead gets; Pillow drops the rest of a directory when a value is short."""
_READS = 15_000
"""Of ExifRead: a photo takes 500 to 1,500."""
_READS_OF_PILLOW = 4_000
"""A photo takes 100 to 300, one an entry and one a long value."""
_MOST_BYTES = 1 << 21
"""That ExifRead gets altogether."""
_EXIF, _GPS = 0x8769, 0x8825
_BYTE_TYPES = frozenset({1, 7})


def by_exifread(block: bytes) -> Tags | None:
    """Return the tags as ExifRead reads them, `None` where it fails."""
    import exifread  # noqa: PLC0415 - only photos with an EXIF block pay for it

    logging.getLogger("exifread").disabled = True  # each damaged tag is a warning
    try:
        found = exifread.process_file(
            BoundedReader(block, _LONGEST, _READS, _MOST_BYTES), details=False, extract_thumbnail=False
        )
        return dict(_of_exifread(found))
    except Exception:  # it raises nearly anything on damaged blocks
        return None


def _of_exifread(found: dict[str, Any]) -> Iterator[tuple[tuple[str, int], Value]]:
    for name, tag in found.items():
        directory = name.partition(" ")[0]
        if directory not in _DIRECTORIES or not hasattr(tag, "field_type"):
            continue
        values = tag.values
        if isinstance(values, str):
            yield (directory, tag.tag), values.encode("utf-8", "surrogateescape")
        elif isinstance(values, bytes):
            yield (directory, tag.tag), values
        elif values and int(tag.field_type) in _BYTE_TYPES:
            yield (directory, tag.tag), bytes(values)
        elif values:
            yield (directory, tag.tag), tuple(_number(value) for value in values)


def by_pillow(block: bytes) -> Tags | None:
    """Return the tags as Pillow reads them, `None` where it fails."""
    from PIL import Image  # noqa: PLC0415 - only photos with an EXIF block pay for it

    tags: Tags = {}
    exif = Image.Exif()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # each damaged tag is one
        try:
            exif.load_from_fp(BoundedReader(block, reads=_READS_OF_PILLOW))
        except Exception:  # whatever a damaged header leads to
            return None
        for directory, pointer in (("Image", 0), ("EXIF", _EXIF), ("GPS", _GPS)):
            try:
                found = dict(exif.get_ifd(pointer)) if pointer else dict(exif)
            except Exception:  # noqa: S112 - one damaged directory does not take the others away
                continue
            tags.update({(directory, number): _of_pillow(value) for number, value in found.items()})
    return tags


def _of_pillow(value: object) -> Value:
    if isinstance(value, str):
        # Pillow decodes as Latin-1, which gives the bytes back, and keeps what stands behind a NUL
        return value.encode("latin-1", "replace").split(b"\0", 1)[0]
    if isinstance(value, bytes):
        return value
    if isinstance(value, tuple):
        return tuple(_number(part) for part in value)
    return (_number(value),)


def _number(value: Any) -> Number:
    if isinstance(value, tuple):  # ExifRead leaves floats as `struct` unpacks them
        value = value[0] if value else 0
    if isinstance(value, float):
        return value
    if isinstance(value, int):
        return Fraction(value)
    return ratio(int(value.numerator), int(value.denominator))
