from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from provenance.archive.interface import Entry
from provenance.archive.sqlite import SqliteArchive
from provenance.model import Fingerprint, ImageRecord, LocalCode, Sighting


def made_entry(
    number: int, code: bytes | None = None, local: LocalCode | None = None, **said: object
) -> Entry:
    """Return an entry whose digest and code follow from `number`."""
    digest = f"{number:064x}"
    codes = number.to_bytes(32, "big") if code is None else code
    image = ImageRecord(
        sha256=digest,
        format="JPEG",
        width=400,
        height=300,
        byte_count=1000 + number,
        frame_count=1,
        fingerprints=(
            Fingerprint("pdq", 1, codes, 100, searchable=True),
            Fingerprint("dhash", 1, codes[::-1]),
        ),
        preview=b"\xff\xd8preview",
        local=local,
    )
    sighting = {"path": f"{number}.jpg", "location": f"/nowhere/{number}.jpg", **said}
    return Entry(image, Sighting(**sighting))


@pytest.fixture
def entry() -> Callable[..., Entry]:
    """Return the maker of entries by number."""
    return made_entry


@pytest.fixture
def archive(tmp_path: Path) -> SqliteArchive:
    """Return a new archive, open for writing."""
    with SqliteArchive.writing(tmp_path / "a.db") as it:
        yield it
