"""When the camera's clock says the shutter fired.

Only the EXIF block is located here and handed to ExifRead, not the file: ExifRead walks the containers of
hostile files without bounds. The reader it gets is bounded as well.
"""

from __future__ import annotations

import io
import logging
import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from provenance.model import DateRange

if TYPE_CHECKING:
    from collections.abc import Iterator

_TIFF = rb"(?=II\*\0|MM\0\*)"
# JPEG and most HEIF; JPEG XL; PNG; WebP
_BLOCK = re.compile(rb"(?:Exif\0\0(?:\0\0)?|eXIf|EXIF[\0-\xff]{4})" + _TIFF)
_BLOCK_OF_HEIF = re.compile(rb"\0\0\0\0" + _TIFF)
"""HEIF and AVIF may store the block after a bare offset of zero."""
_TIFF_FILE = re.compile(_TIFF)
_BLOCK_SIZE = 1 << 20
_START_OF_SCAN = 0xDA

_TAGS = tuple(
    f"{directory} {tag}"
    for tag in ("DateTimeOriginal", "DateTimeDigitized")
    for directory in ("EXIF", "Image")
)
"""`DateTime` is not among them: it says when the file was changed. Raw files keep theirs in "Image"."""
_STAMP = re.compile(r"\s*(\d{4})[:/.-](\d\d)[:/.-](\d\d)(?!\d)", re.ASCII)
_FIRST_PHOTOGRAPH = date(1826, 1, 1)
_CLOCK_RESETS = (date(1904, 1, 1), date(1970, 1, 1), date(1980, 1, 1), date(2000, 1, 1))
"""Where the clocks of cameras and phones start again after their battery was out."""


def captured(data: bytes, today: date | None = None) -> DateRange | None:
    """Return the day of capture as the file states it, or `None` where it states none that can be true."""
    block = _exif_block(data)
    if block is None:
        return None
    # local clocks run ahead of UTC by up to 14 hours
    latest = (today or datetime.now(UTC).date()) + timedelta(days=1)
    for stamp in _stamps(block):
        if (day := _day(stamp)) and _FIRST_PHOTOGRAPH <= day <= latest and day not in _CLOCK_RESETS:
            return DateRange(day.isoformat(), day, day)
    return None


def _exif_block(data: bytes) -> bytes | None:
    """Return the TIFF structure that holds the tags, however the container wraps it."""
    if _TIFF_FILE.match(data):
        return data
    # a JPEG keeps it in its header, the others anywhere
    end = _jpeg_header_end(data) if data.startswith(b"\xff\xd8") else len(data)
    found = _BLOCK.search(data, 0, end)
    if found is None and data[4:8] == b"ftyp" and b"Exif" in data:
        found = _BLOCK_OF_HEIF.search(data)
    return data[found.end() : found.end() + _BLOCK_SIZE] if found else None


def _jpeg_header_end(data: bytes) -> int:
    """Return where the picture data of a JPEG begins, or the segments before it stop making sense."""
    position = 2
    while position < _BLOCK_SIZE:
        marker, length = data[position : position + 2], int.from_bytes(data[position + 2 : position + 4])
        if len(marker) < 2 or marker[0] != 0xFF or marker[1] == _START_OF_SCAN or length < 2:  # noqa: PLR2004
            break
        position += 2 + length
    return min(position, len(data))


class _BoundedReader(io.BytesIO):
    """Answers a limited number of short reads: crafted tags point at each other, or claim the whole file."""

    _LONGEST = 64
    """A date has 19 characters; a tag's number, 8 bytes."""
    _reads = 10_000

    def read(self, size: int | None = -1, /) -> bytes:
        self._reads -= 1
        if self._reads < 0:
            raise EOFError
        return super().read(self._LONGEST if size is None or not 0 <= size <= self._LONGEST else size)


def _stamps(block: bytes) -> Iterator[str]:
    import exifread  # noqa: PLC0415 - only photos with an EXIF block pay for it

    logging.getLogger("exifread").disabled = True  # each damaged tag is a warning
    try:
        tags = exifread.process_file(_BoundedReader(block), details=False, extract_thumbnail=False)
    except Exception:  # it raises nearly anything on damaged blocks
        return
    yield from (str(tags[name]) for name in _TAGS if name in tags)


def _day(stamp: str) -> date | None:
    written = _STAMP.match(stamp)
    try:
        return date(*map(int, written.groups())) if written else None
    except ValueError:
        return None
