"""What a desk has accepted, finding by finding; not in `provenance.model` itself, since most runs have none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from provenance.model.results import Acceptance


@dataclass(frozen=True, slots=True)
class Accepted:
    """One entry of a baseline: a finding on a photo, word for word, and who accepted it; `path` is for people."""

    sha256: str
    finding: str
    message: str
    path: str
    acceptance: Acceptance
    added: date

    @property
    def key(self) -> Key:
        """What an acceptance holds for: the same bytes, the same finding, the same words."""
        return self.sha256, self.finding, self.message


Key = tuple[str, str, str]
"""Digest of a photo, id and message of a finding."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """Accepted findings by what they hold for."""

    entries: Mapping[Key, Accepted] = field(default_factory=dict)
