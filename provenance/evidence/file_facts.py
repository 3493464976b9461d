"""All that a file's bytes and name say, each reader in turn; the pixels are not asked.

The readers bound themselves and never raise, as their tests show. A check must go on all the same, should one fail on a
file that nobody thought of: that is told as a fault of the file's reading, never as one of the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from provenance.errors import PhotoError
from provenance.evidence.file_names import read_name
from provenance.model import FileFacts

if TYPE_CHECKING:
    from collections.abc import Callable

    from provenance.evidence.metadata import Metadata
    from provenance.evidence.structure import Structure
    from provenance.model import Credentials

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class ReadFacts:
    """What a file says, and the embedded thumbnail as it lies there, with how viewers turn the picture."""

    facts: FileFacts
    thumbnail: bytes | None = None
    orientation: int = 1
    """The EXIF orientation, 1 to 8."""


def read_facts(
    data: bytes,
    name: str,
    format: str | None,  # noqa: A002 - Pillow's word for it
    trust_anchors: str = "",
) -> ReadFacts:
    """Return what the bytes of a file and its name, without folder, say.

    `format` is Pillow's name of the content's format, None if it is unknown: it tells whether there is a reader of
    Content Credentials for it, whose signers are trusted by the list of that path or, without one, by the shipped one.
    Never raises.
    """
    faults: list[str] = []
    metadata = tried("metadata", lambda: _metadata(data), faults)
    structure = tried("structure", lambda: _structure(data), faults)
    credentials = tried("Content Credentials", lambda: _credentials(data, format, trust_anchors), faults)
    named = read_name(name)
    facts = FileFacts(
        facts=(*(metadata.facts if metadata else ()), *(structure.facts if structure else ()), *named.facts),
        stamps=(*(metadata.stamps if metadata else ()), *named.stamps),
        positions=metadata.positions if metadata else (),
        credentials=credentials,
        faults=(
            *(metadata.faults if metadata else ()),
            *(structure.faults if structure else ()),
            *faults,
        ),
    )
    return ReadFacts(facts, metadata.thumbnail if metadata else None, metadata.orientation if metadata else 1)


def _metadata(data: bytes) -> Metadata:
    from provenance.evidence.metadata import read_metadata  # noqa: PLC0415 - children only

    return read_metadata(data)


def _structure(data: bytes) -> Structure:
    from provenance.evidence.structure import read_structure  # noqa: PLC0415 - children only

    return read_structure(data)


def _credentials(data: bytes, name: str | None, trust_anchors: str) -> Credentials | None:
    from provenance.evidence.credentials import (  # noqa: PLC0415 - children only
        STORE,
        media_type,
        read_credentials,
        trust_list_from,
    )

    kind = media_type(name) if name else None
    if kind is None:
        return None
    own = trust_anchors and STORE in data
    return read_credentials(data, kind, trust_list_from(Path(trust_anchors)) if own else None)


def tried(what: str, reader: Callable[[], Value], faults: list[str]) -> Value | None:
    """Return what a reader makes of `what`, a part of a file; if it fails, None, and why as one more of `faults`."""
    try:
        return reader()
    except PhotoError as error:
        faults.append(f"its {what} cannot be read: {error.message}")
        return None
    except Exception as error:
        faults.append(f"the program failed to read its {what} ({type(error).__name__})")
        return None
