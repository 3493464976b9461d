"""What the outcome of a check rests on besides the photo, what is claimed of it, and the archive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

Setting = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Versions, settings and lists in force. Where all of it is equal, the same check gives the same result."""

    tool: str
    """The version of this program."""
    python: str
    platform: str
    libraries: Mapping[str, str]
    """Versions of those that are installed and can move an outcome, by the names that package indexes have."""
    settings: Mapping[str, Setting]
    """Those that can change a result, but for files, whose contents count and not their names."""
    trust_list: str
    """Whose signers of Content Credentials are trusted: name, date and SHA-256."""
    embedding_model: str = ""
    """The SHA-256 of the user's own model, if one is used."""
    fast: bool = False
    """Whether hashes of whole pictures are compared only."""
