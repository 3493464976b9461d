"""Where the file says that the photo was taken: degrees, minutes and seconds of EXIF, and of XMP."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING

from provenance.model.file_facts import FactSource, Position

if TYPE_CHECKING:
    from provenance.evidence.metadata.exif_readers import Tags
    from provenance.evidence.metadata.exif_values import Value

_LATITUDE_REF, _LATITUDE, _LONGITUDE_REF, _LONGITUDE, _ERROR = (("GPS", n) for n in (1, 2, 3, 4, 0x1F))
_MOST_LATITUDE, _MOST_LONGITUDE = 90, 180
_MINUTES = 60
_MOST_ERROR = 20_037_508
"""Metres: half way round the Earth."""
_XMP = re.compile(r"(\d{1,3}),(\d{1,2}(?:\.\d{1,12})?)(?:,(\d{1,2}(?:\.\d{1,12})?))?([NSEW])", re.ASCII)
_SOUTH_WEST = frozenset("SW")


def exif_position(tags: Tags, faults: list[str]) -> Position | None:
    """Return the position that GPS tags state, `None` for none; one that cannot be is said in `faults`."""
    if _LATITUDE not in tags and _LONGITUDE not in tags:
        return None
    latitude = _signed(tags.get(_LATITUDE), tags.get(_LATITUDE_REF), "NS")
    longitude = _signed(tags.get(_LONGITUDE), tags.get(_LONGITUDE_REF), "EW")
    return _position(FactSource.EXIF, latitude, longitude, faults, _metres(tags.get(_ERROR)))


def xmp_position(latitude: str, longitude: str, faults: list[str]) -> Position | None:
    """Return the position that `exif:GPSLatitude` and `exif:GPSLongitude` state: `36,11.97N` or `36,11,58N`."""
    if not latitude and not longitude:
        return None
    return _position(FactSource.XMP, _of_xmp(latitude, "NS"), _of_xmp(longitude, "EW"), faults, None)


def _position(
    source: FactSource,
    latitude: float | None,
    longitude: float | None,
    faults: list[str],
    error: float | None,
) -> Position | None:
    standard = source.value.upper()
    if latitude is None or longitude is None:
        faults.append(f"{standard} states a position that is incomplete or unreadable")
        return None
    if abs(latitude) > _MOST_LATITUDE or abs(longitude) > _MOST_LONGITUDE:
        faults.append(
            f"{standard} states a position that is not on Earth: {latitude:g}, {longitude:g} degrees"
        )
        return None
    return Position(source, latitude, longitude, error)


def _signed(value: Value | None, reference: Value | None, letters: str) -> float | None:
    if not isinstance(value, tuple) or not 1 <= len(value) <= 3:  # noqa: PLR2004
        return None
    parts = [part for part in value if isinstance(part, Fraction) and part >= 0]
    if len(parts) < len(value):
        return None
    degrees = sum((part / _MINUTES**power for power, part in enumerate(parts)), Fraction(0))
    letter = reference[:1].decode("latin-1").upper() if isinstance(reference, bytes) else ""
    if not letter or letter not in letters:
        return None
    return -float(degrees) if letter in _SOUTH_WEST else float(degrees)


def _metres(value: Value | None) -> float | None:
    if not isinstance(value, tuple) or len(value) != 1 or not isinstance(value[0], Fraction):
        return None
    return float(value[0]) if 0 < value[0] <= _MOST_ERROR else None


def _of_xmp(text: str, letters: str) -> float | None:
    written = _XMP.fullmatch(text.strip())
    if written is None or written[4] not in letters:
        return None
    degrees = int(written[1]) + float(written[2]) / _MINUTES + float(written[3] or 0) / _MINUTES**2
    return -degrees if written[4] in _SOUTH_WEST else degrees
