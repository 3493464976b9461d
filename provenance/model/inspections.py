"""What comes of an inspection: what one file says, what follows from it, and what does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from provenance.model.file_facts import FileFacts
    from provenance.model.results import Finding, Verdict
    from provenance.model.sightings import Claim, Skipped


@dataclass(frozen=True, slots=True)
class Inspection:
    """What one inspected file says, and the rules' findings on it."""

    path: str
    sha256: str
    verdict: Verdict
    findings: tuple[Finding, ...]
    facts: FileFacts
    format: str | None = None
    """Pillow's name of it; None where the content is of no known format."""
    size: tuple[int, int] | None = None
    """Width and height in pixels, as displayed; None where the picture cannot be decoded."""
    unreadable: str = ""
    """Why the picture cannot be decoded, as a clause without full stop; what else the file says stands."""
    claim: Claim | None = None


@dataclass(frozen=True, slots=True)
class Inspections:
    """One run of `inspect`. A file whose metadata alone can be read is in `results` and in `skipped`."""

    results: tuple[Inspection, ...] = ()
    skipped: tuple[Skipped, ...] = ()
