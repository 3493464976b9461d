"""What a photo's metadata states of the photo: when it was taken, its caption, credit, licence and place.

EXIF's time of capture comes first, then that of XMP, then of IPTC. The rest is from XMP and IPTC only: EXIF's
fields for it are filled by cameras. When the *file* was made, as `xmp:CreateDate` says, is no time of capture.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from provenance.errors import DateError, UsageError
from provenance.evidence.exif_time import CLOCK_RESETS, FIRST_PHOTOGRAPH, captured
from provenance.model import DateRange, FactSource, Moment, Stated

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from provenance.model import Fact, Stamp

_CAPTION = ("dc:description", "2:120 Caption/Abstract")
_CREDIT = ("photoshop:Credit", "2:110 Credit", "dc:creator", "2:080 By-line")
_LICENCE = ("xmpRights:UsageTerms", "dc:rights", "2:116 Copyright Notice", "xmpRights:WebStatement")
_PLACE = (
    ("Iptc4xmpCore:Location", "photoshop:City", "photoshop:State", "photoshop:Country"),
    ("2:092 Sub-location", "2:090 City", "2:095 Province/State", "2:101 Country Name"),
)
_CAPTURE_SOURCES = (FactSource.XMP, FactSource.IPTC)
_WRITTEN = re.compile(r"\s*(\d{4})(?:[-:]?(\d\d)(?:[-:]?(\d\d))?)?(?!\d)", re.ASCII)


def stated(data: bytes, today: date | None = None) -> Stated:
    """Return what the metadata of a whole file states; any bytes give a value."""
    from provenance.evidence.metadata import read_metadata  # noqa: PLC0415 - a few photos of a batch have some

    when = captured(data, today)
    if not _may_state(data):
        return Stated(captured=when)
    read = read_metadata(data)
    return _stated(read.facts, read.stamps, when, today)


def _may_state(data: bytes) -> bool:
    """Return whether the file may hold XMP or IPTC: most of what circulates has neither. PNG and TIFF may hide them."""
    if data.startswith((b"\x89PNG", b"II*\0", b"MM\0*")):
        return True
    return b"http://ns.adobe.com/xap/1.0/" in data or b"Photoshop 3.0\0" in data or b"<x:xmpmeta" in data


def stated_beside(packet: bytes, today: date | None = None) -> Stated:
    """Return what an XMP file beside a photo states.

    Raises:
        UsageError: it is damaged, and nothing could be read of it.
    """
    from provenance.evidence.metadata.xmp import read_xmp  # noqa: PLC0415 - few folders have any

    read = read_xmp(packet)
    if read.faults and not read.facts:
        raise UsageError(f"{read.faults[0]}.")
    return _stated(read.facts, read.stamps, None, today)


def _stated(
    facts: Iterable[Fact], stamps: Iterable[Stamp], when: DateRange | None, today: date | None
) -> Stated:
    texts: dict[str, str] = {}
    for fact in facts:
        texts.setdefault(fact.name, fact.value)
    taken = [stamp for stamp in stamps if stamp.moment is Moment.CAPTURED]
    days = (_day(stamp, today) for source in _CAPTURE_SOURCES for stamp in taken if stamp.source is source)
    return Stated(
        captured=when or next(filter(None, days), None),
        caption=_first(texts, _CAPTION),
        credit=_first(texts, _CREDIT),
        licence=_first(texts, _LICENCE),
        place=next(filter(None, (_joined(texts, names) for names in _PLACE)), None),
    )


def _first(texts: Mapping[str, str], names: Iterable[str]) -> str | None:
    return next((texts[name] for name in names if name in texts), None)


def _joined(texts: Mapping[str, str], names: Iterable[str]) -> str | None:
    return ", ".join(dict.fromkeys(texts[name] for name in names if name in texts)) or None


def _day(stamp: Stamp, today: date | None) -> DateRange | None:
    """Return the day of a stamp as written, whatever its zone; `None` where it cannot be the day of a capture."""
    from provenance.evidence.dates import parse_edtf  # noqa: PLC0415 - the EDTF parser is slow to import

    written = _WRITTEN.match(stamp.text)
    if written is None:
        return None
    # IPTC writes zeros for what is not known.
    parts = [part for part in written.groups() if part and int(part)]
    latest = (today or datetime.now(UTC).date()) + timedelta(days=1)
    try:
        day = parse_edtf("-".join(parts))
    except DateError:
        return None
    if day.earliest is None or not FIRST_PHOTOGRAPH <= day.earliest <= latest or day.earliest in CLOCK_RESETS:
        return None
    return day
