"""Reading a file's bytes within the limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.errors import PhotoError

if TYPE_CHECKING:
    from pathlib import Path


def read_bytes(path: Path, most: int) -> bytes:
    """Return the bytes of a file of at most `most` bytes.

    Raises:
        PhotoError: the file is larger, or cannot be read.
    """
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise PhotoError(f"the file cannot be read: {error.strerror}") from error
    if len(data) > most:
        raise PhotoError(f"the file is larger than {most:,} bytes, the most that is read")
    return data
