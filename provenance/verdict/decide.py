"""From a case to a verdict: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.model import Level, Verdict
from provenance.verdict.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from provenance.model import Finding
    from provenance.verdict.case import Case

UNSETTLED = frozenset({"PR001", "PR002", "PR101", "PR102", "PR103", "PR106", "PR207", "PR208"})
"""Findings that keep "nothing found" from being said, even where they only warn."""

RATINGS = {
    "PR101": "DecontextualizedContent",
    "PR102": "DecontextualizedContent",
    "PR201": "TransformedContent",
    "PR202": "EditedOrCroppedContent",
    "PR205": "TransformedContent",
}
"""schema.org MediaReview categories that a finding suggests; a person assigns."""


def findings(case: Case, rules: Sequence[Callable[[Case], Finding | None]] = RULES) -> tuple[Finding, ...]:
    """Return what every rule found."""
    return tuple(found for rule in rules if (found := rule(case)) is not None)


def decide(found: Sequence[Finding]) -> Verdict:
    """Return the verdict that the findings carry: an error flags; what stayed unsettled is never clean."""
    if any(f.level is Level.ERROR for f in found):
        return Verdict.FLAGGED
    if any(f.id in UNSETTLED for f in found):
        return Verdict.INCONCLUSIVE
    return Verdict.NOTHING_FOUND


def ratings(found: Sequence[Finding]) -> tuple[str, ...]:
    """Return the MediaReview categories suggested, each once."""
    return tuple(dict.fromkeys(RATINGS[f.id] for f in found if f.id in RATINGS))
