"""The entries of a hostile ZIP file, each as a file of its own that can be read from any place.

What is stored as it is, as web archives in WACZ are, is read where it lies; what is compressed goes into a temporary
file first. No entry is written under its own name.
"""

from __future__ import annotations

import io
import os
import tempfile
import zipfile
import zlib
from typing import TYPE_CHECKING, BinaryIO, cast

from provenance.ingest.decoders import PIECE, Unusable
from provenance.ingest.warc_stream import MOST_RATIO, MOST_UNFOLDED, Window

if TYPE_CHECKING:
    from contextlib import ExitStack

    from typing_extensions import Buffer  # of collections.abc from Python 3.12 on

MOST_DIRECTORY = 4 * 2**20
"""Bytes of a ZIP file's directory: some 40,000 entries. A WACZ has a dozen."""

MOST_SPOOLED = 200
"""Compressed entries that are open at once, each in a temporary file; web archives are stored as they are."""

MOST_SPOOLED_BYTES = 4 * 2**30
"""Bytes of all of them together."""

_LOCAL_HEADER = 30
_ENCRYPTED = 1


class _Slice(io.RawIOBase):
    """A stretch of a file, as a file."""

    def __init__(self, file: BinaryIO, start: int, size: int) -> None:
        self._file, self._start, self._size, self._at = file, start, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: Buffer, /) -> int:
        target = memoryview(buffer).cast("B")
        left = max(0, min(self._size - self._at, len(target)))
        data = Window(self._file, self._start + self._at).read(left)
        target[: len(data)] = data
        self._at += len(data)
        return len(data)


class _Bounded(_Slice):
    """Reads no more at once than a directory may have: zipfile takes the size that the file states."""

    def read(self, size: int = -1, /) -> bytes:
        if size > MOST_DIRECTORY:
            raise Unusable(f"its directory is larger than {MOST_DIRECTORY:,} bytes")
        return super().read(size) or b""


class Entries:
    """The entries of a ZIP file by name.

    Raises:
        Unusable: it is no ZIP file, or its directory is damaged, too large, or names an entry twice.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._spooled = self._spooled_bytes = 0
        self._size = file.seek(0, os.SEEK_END)
        try:
            self._zip = zipfile.ZipFile(cast("BinaryIO", _Bounded(file, 0, self._size)))
        except Unusable:
            raise
        except Exception as error:  # BadZipFile, and whatever else a damaged directory leads it to
            raise Unusable(f"it is no ZIP file that can be read ({error})") from error
        self._by_name = {info.filename: info for info in self._zip.infolist()}
        if len(self._by_name) < len(self._zip.infolist()):
            raise Unusable("its directory names an entry twice")

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def names(self) -> list[str]:
        """Return the names of all entries, in order."""
        return sorted(self._by_name)

    def open(self, name: str, until: ExitStack) -> BinaryIO:
        """Return an entry as a file, which is there until `until` is closed. Raises Unusable."""
        info = self._by_name[name]
        if info.flag_bits & _ENCRYPTED:
            raise Unusable("it is encrypted")
        if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise Unusable(f"it is compressed in a way that is not read (method {info.compress_type})")
        if info.file_size > max(MOST_UNFOLDED, MOST_RATIO * info.compress_size):
            raise Unusable(f"it unfolds to more than {MOST_RATIO} times its size")
        try:
            with self._zip.open(info) as content:
                if info.compress_type == zipfile.ZIP_STORED:
                    return self._where_it_lies(info)
                self._spooled += 1
                self._spooled_bytes += info.file_size
                if self._spooled > MOST_SPOOLED or self._spooled_bytes > MOST_SPOOLED_BYTES:
                    raise Unusable("too much of this ZIP file is compressed, where a WACZ stores it as it is")
                spooled = until.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - it is entered
                while piece := content.read(PIECE):
                    spooled.write(piece)
                spooled.seek(0)
        except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError) as error:
            raise Unusable(f"it is damaged ({error})") from error
        return cast("BinaryIO", spooled)

    def _where_it_lies(self, info: zipfile.ZipInfo) -> BinaryIO:
        """Return a stored entry; `zipfile` has held its local header against the directory."""
        header = Window(self._file, info.header_offset).read(_LOCAL_HEADER)
        lengths = (int.from_bytes(header[26:28], "little"), int.from_bytes(header[28:30], "little"))
        start = info.header_offset + _LOCAL_HEADER + sum(lengths)
        if start + info.file_size > self._size:
            raise Unusable("it is cut short")
        return io.BufferedReader(_Slice(self._file, start, info.file_size), PIECE)
