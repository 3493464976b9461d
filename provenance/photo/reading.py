"""Reading a file's bytes within the limits, and telling whether they can have changed since."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from provenance.errors import PhotoError
from provenance.model import FileState

if TYPE_CHECKING:
    from pathlib import Path


_SETTLED_NS = 2_000_000_000
"""A file written less than this before it was read may be written again and keep its time: FAT counts two seconds."""


def read_bytes(path: Path, most: int) -> bytes:
    """Return the bytes of a file of at most `most` bytes.

    Raises:
        PhotoError: the file is larger, or cannot be read.
    """
    return read_settled(path, most)[0]


def state_of(path: Path, stat: os.stat_result) -> FileState | None:
    """Return a file's state; None where its name is no text, which an archive cannot keep."""
    location = str(path.absolute())
    if not location.isascii():
        try:
            location.encode()
        except UnicodeEncodeError:
            return None
    return FileState(location, stat.st_size, stat.st_mtime_ns)


def read_settled(path: Path, most: int) -> tuple[bytes, FileState | None]:
    """Return the bytes of a file, and its state if these are the bytes of it for sure.

    They are not where the file was written while it was read, or so shortly before that its time would be the same
    if it were written again (as Git has it of its index).

    Raises:
        PhotoError: the file is larger, or cannot be read.
    """
    try:
        with path.open("rb") as file:
            started = time.time_ns()
            before = os.fstat(file.fileno())
            data = file.read(most + 1)
            after = os.fstat(file.fileno())
    except OSError as error:
        raise PhotoError(f"the file cannot be read: {error.strerror}") from error
    if len(data) > most:
        raise PhotoError(f"the file is larger than {most:,} bytes, the most that is read")
    settled = (
        (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
        and before.st_size == len(data)
        and before.st_mtime_ns < started - _SETTLED_NS
    )
    return data, state_of(path, after) if settled else None
