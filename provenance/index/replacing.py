"""Files beside an archive that come to be whole or not at all, and one writer at a time."""

from __future__ import annotations

import os
import sys
import time
import uuid
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ABANDONED_AFTER = 3600
"""Seconds after which an unfinished file is taken for that of a killed run."""


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write that takes the place of `path` in one step, once it is written and safe on disk.

    Whatever is raised meanwhile (OSError: a read-only folder, a full disk) leaves what was there.
    """
    unfinished = path.with_name(f"{uuid.uuid4().hex}.unfinished")
    try:
        with unfinished.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


def remove_abandoned(folder: Path) -> None:
    """Remove what killed runs left half written."""
    for path in folder.glob("*.unfinished"):
        with suppress(OSError):
            if path.stat().st_mtime < time.time() - ABANDONED_AFTER:
                path.unlink()


@contextmanager
def only_writer(path: Path) -> Iterator[bool]:
    """Tell whether this is the only one, thread or process, that holds the lock file at `path`; never wait.

    The system lets go of the lock of a process that is killed. Raises OSError where `path` cannot be opened.
    """
    with path.open("ab") as file:
        yield _locked(file.fileno())


def _locked(descriptor: int) -> bool:
    """Lock an open file until it is closed; False where another holds it, or the file system has no locks."""
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
