"""The rules of comparing two files: those on alteration, and what to say where there is nothing to compare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.model import Evidence, Finding, Kind, Level
from provenance.verdict.altered import ALTERED
from provenance.verdict.whole_picture import Step

if TYPE_CHECKING:
    from provenance.verdict.case import Case


def same_file(case: Case) -> Finding | None:
    """PR200: both files hold the same bytes."""
    match = next((m for m in case.matches if m.kind is Kind.IDENTICAL), None)
    if match is None:
        return None
    return Finding(
        "PR200",
        Level.NOTE,
        "The two files are the same, byte for byte.",
        (Evidence("step", Step.IDENTICAL.value, match.reference.path, f"SHA-256 {match.reference.sha256}"),),
    )


def not_a_copy(case: Case) -> Finding | None:
    """PR208: neither shows anything of the other, as far as can be seen, or both show one scene."""
    if case.matches:
        return None
    found = (
        "These look like two photos of one scene. Neither was made from the other, so what differs shows no alteration."
        if case.scenes
        else "No part of one photo was found in the other: whether one was made from the other cannot be told."
    )
    return Finding(
        "PR208",
        Level.WARNING,
        found,
        settle="Look at both: is there a larger version of either, or another picture that this one was made from?",
    )


PAIR = (same_file, *ALTERED, not_a_copy)
"""Every rule of `compare`, in the order in which their findings are told."""
