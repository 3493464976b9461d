"""Evidence bundles as files: a ZIP of the members that `report.bundle` names."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from provenance.errors import ProvenanceError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from typing import IO

    from provenance.report.bundle import Member

TEXTS = frozenset({"", ".txt", ".json", ".html", ".xml", ".sarif", ".csv"})
"""Endings of members outside `queries/` and `matches/` that are compressed; all others are stored as they are."""

_FIRST_YEAR = 1980
"""The first that a ZIP file can tell."""


def write_bundle(path: Path, members: Iterable[Member], made: datetime) -> None:
    """Write a bundle whole or not at all; the same members and moment (UTC) give the same bytes.

    Members are taken one at a time and never all in memory.

    Raises:
        ProvenanceError: it cannot be written.
    """
    unfinished: Path | None = None
    try:
        if path.is_symlink() or (path.exists() and not path.is_file()):
            with path.open("wb") as file:
                _write(file, members, made)
            return
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as temporary:
            unfinished = Path(temporary.name)
            _write(temporary, members, made)
        unfinished.chmod(0o644)
        unfinished.replace(path)
        unfinished = None
    except OSError as error:
        raise ProvenanceError(
            f"{path} cannot be written: {error.strerror}.", "Check its folder's permissions and space."
        ) from error
    finally:
        if unfinished:
            unfinished.unlink(missing_ok=True)


def _write(file: IO[bytes], members: Iterable[Member], made: datetime) -> None:
    date = (max(_FIRST_YEAR, made.year), made.month, made.day, made.hour, made.minute, made.second)
    with zipfile.ZipFile(file, "w") as archive:
        for member in members:
            entry = zipfile.ZipInfo(member.name, date)
            entry.create_system = 3  # Unix, wherever it is made: the bytes are the same
            entry.external_attr = 0o100644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED if _is_text(member.name) else zipfile.ZIP_STORED
            archive.writestr(entry, member.content, compresslevel=6)


def _is_text(name: str) -> bool:
    path = PurePosixPath(name)
    return path.parts[0] not in {"queries", "matches"} and path.suffix in TEXTS
