"""Whose signatures are trusted: a list of certificates with a name and a date."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from provenance.errors import SettingsError
from provenance.model.clean import clean

if TYPE_CHECKING:
    from pathlib import Path

SHIPPED_DATE = "2026-09-06"
"""The day of which the shipped list is (provenance/evidence/trust/README.md)."""

LARGEST_FILE = 4 << 20
"""Bytes of a file of anchors: the whole C2PA list has 38,000."""

_BEGIN = "-----BEGIN "
_BLOCK = re.compile(_BEGIN + r"CERTIFICATE-----([^-]*)-----END CERTIFICATE-----")
_SEQUENCE = 0x30
"""The first byte of every certificate in DER."""


@dataclass(frozen=True, slots=True)
class TrustList:
    """Certificates, in PEM, of the authorities whose signers and time stamps are trusted.

    `dated` is an ISO day. Without anchors nobody is trusted.
    """

    name: str
    dated: str
    anchors: str

    def __str__(self) -> str:
        """Return e.g. "the C2PA Trust List of 2026-09-06"."""
        return f"{self.name} of {self.dated}"


def trust_list() -> TrustList:
    """Return the list that is shipped: the C2PA's own, pinned."""
    from importlib import resources  # noqa: PLC0415 - slow to import, and few files have a signature

    shipped = resources.files("provenance.evidence") / "trust" / "c2pa-trust-list.pem"
    return TrustList("the C2PA Trust List", SHIPPED_DATE, shipped.read_text("ascii"))


def trust_list_from(path: Path) -> TrustList:
    """Return a desk's own list, which replaces the shipped one.

    Its date is that of the file's last change, in UTC.

    Raises:
        SettingsError: where the file cannot be read, or has no certificate or a damaged one.
    """
    advice = (
        "Correct trust_anchors in the settings: a PEM file of certificates (docs/content-credentials.md)."
    )
    try:
        with path.open("rb") as file:
            text = file.read(LARGEST_FILE + 1).decode("utf-8")
            changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The trust list {path} cannot be read: {error}.", advice) from error
    blocks = _BLOCK.findall(text)
    whole = len(text) <= LARGEST_FILE and len(blocks) == text.count(_BEGIN) > 0
    # the library passes over a whole list in silence where one block is damaged
    if not whole or not all(map(_is_certificate, blocks)):
        raise SettingsError(f"The trust list {path} is not a PEM file of certificates.", advice)
    return TrustList(f"the trust list {clean(path.name)}", changed.date().isoformat(), text)


def _is_certificate(block: str) -> bool:
    try:
        content = base64.b64decode("".join(block.split()), validate=True)
    except (binascii.Error, ValueError):
        return False
    return content[:1] == bytes([_SEQUENCE])
