"""Content Credentials (C2PA) of a file, validated offline.

Nearly all files have none, which is normal. Those are told by one search for the box that a manifest store must have;
only the others load the library, which is large and starts threads: it runs in child processes, never in the parent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.evidence.credentials.trust import TrustList, trust_list, trust_list_from
from provenance.model import Credentials, CredentialState

if TYPE_CHECKING:
    from provenance.evidence.credentials.library import Reading

__all__ = ["STORE", "TrustList", "media_type", "read_credentials", "trust_list", "trust_list_from"]

STORE = b"jumdc2pa\x00\x11\x00\x10\x80\x00\x00\xaa\x00\x38\x9b\x71"
"""How the description box of a manifest store begins, in every container: the box's type and the store's UUID
(C2PA specification 2.2, 11.1.4.2)."""

UNREADABLE = "general.error"
"""The standard's code for what has no code of its own: here, a store that the library cannot read."""

_MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "HEIF": "image/heif",
    "AVIF": "image/avif",
    "TIFF": "image/tiff",
    "GIF": "image/gif",
}


def media_type(format: str) -> str | None:  # noqa: A002 - named as the photo's field
    """Return the media type of a photo's format ("JPEG"), None where it is one that carries no Content Credentials."""
    return _MEDIA_TYPES.get(format)


def read_credentials(data: bytes, media_type: str, trust: TrustList | None = None) -> Credentials | None:
    """Read and validate the Content Credentials embedded in a file; the network is never asked.

    A manifest that lies elsewhere is not fetched, and revocation is not asked for: a file that only names a manifest
    has none here. Whatever the bytes are, nothing is raised for them.

    Args:
        data: the file.
        media_type: as `media_type` tells it.
        trust: who is trusted; the shipped list if None.

    Returns:
        What was found, texts clean and bounded; None where there is something to read and c2pa-python is not installed.
    """
    if STORE not in data:
        return Credentials(CredentialState.ABSENT)
    from provenance.evidence.credentials import library  # noqa: PLC0415 - few files have credentials

    c2pa = library.load()
    if c2pa is None:
        return None
    trust = trust or trust_list()
    return _told(library.read(c2pa, data, media_type, trust), library.version(c2pa), trust)


def _told(reading: Reading, validator: str, trust: TrustList) -> Credentials:
    from provenance.evidence.credentials import contents, states  # noqa: PLC0415 - as above

    if reading.none:
        return Credentials(CredentialState.ABSENT)
    if reading.store is None:
        return Credentials(CredentialState.BROKEN, (UNREADABLE,), validator, str(trust))
    state, codes = states.judged(reading.store)
    told = contents.told(reading.store)
    return Credentials(state, codes, validator, str(trust), **told)
