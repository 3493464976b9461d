"""When the camera's clock says the shutter fired.

Only the EXIF block is located here and handed to ExifRead, not the file: ExifRead walks the containers of
hostile files without bounds. The reader it gets is bounded as well.
"""

from __future__ import annotations

import logging
import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from provenance.evidence.metadata.bounded import BoundedReader
from provenance.evidence.metadata.exif_block import exif_block
from provenance.model import DateRange

if TYPE_CHECKING:
    from collections.abc import Iterator

_TAGS = tuple(
    f"{directory} {tag}"
    for tag in ("DateTimeOriginal", "DateTimeDigitized")
    for directory in ("EXIF", "Image")
)
"""`DateTime` is not among them: it says when the file was changed. Raw files keep theirs in "Image"."""
_LONGEST_READ = 64
"""A date has 19 characters; a tag's number, 8 bytes."""
_READS = 10_000

_STAMP = re.compile(r"\s*(\d{4})[:/.-](\d\d)[:/.-](\d\d)(?!\d)", re.ASCII)
FIRST_PHOTOGRAPH = date(1826, 1, 1)
CLOCK_RESETS = (date(1904, 1, 1), date(1970, 1, 1), date(1980, 1, 1), date(2000, 1, 1))
"""Where the clocks of cameras and phones start again after their battery was out."""


def captured(data: bytes, today: date | None = None) -> DateRange | None:
    """Return the day of capture as the file states it, or `None` where it states none that can be true."""
    block = exif_block(data)
    if block is None:
        return None
    # local clocks run ahead of UTC by up to 14 hours
    latest = (today or datetime.now(UTC).date()) + timedelta(days=1)
    for stamp in _stamps(block):
        if (day := _day(stamp)) and FIRST_PHOTOGRAPH <= day <= latest and day not in CLOCK_RESETS:
            return DateRange(day.isoformat(), day, day)
    return None


def _stamps(block: bytes) -> Iterator[str]:
    import exifread  # noqa: PLC0415 - only photos with an EXIF block pay for it

    logging.getLogger("exifread").disabled = True  # each damaged tag is a warning
    try:
        tags = exifread.process_file(
            BoundedReader(block, _LONGEST_READ, _READS), details=False, extract_thumbnail=False
        )
    except Exception:  # it raises nearly anything on damaged blocks
        return
    yield from (str(tags[name]) for name in _TAGS if name in tags)


def _day(stamp: str) -> date | None:
    written = _STAMP.match(stamp)
    try:
        return date(*map(int, written.groups())) if written else None
    except ValueError:
        return None
