"""Which references a query is made of, and the rule on that."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from provenance.model import Evidence, Finding, Kind, Level

if TYPE_CHECKING:
    from provenance.model import Match
    from provenance.model.changes import Box
    from provenance.verdict.case import Case

SAME_FRAME = 0.15
"""Shares of reference and query up to which these lie outside each other where the two have one frame."""

APART = 0.2
"""Share of the smaller of two boxes that lies in the other at most, where they lie beside each other."""

NAMED = 2
"""Parts that a message names."""


def composite(case: Case) -> Finding | None:
    """PR205: the query is made of several pictures."""
    placed = parts(case)
    if not placed:
        return None
    match, box = placed[0]
    if len(placed) > 1:
        first = " and ".join(f"{m.reference.path} {at(there)}" for m, there in placed[:NAMED])
        more = f", and {len(placed) - NAMED} more" if len(placed) > NAMED else ""
        message = f"The picture is made of several: {first}{more}."
        settle = (
            "Check when and where each was first shown, and that they are not parts of one larger picture."
        )
    else:
        message = (
            f"The picture shows a part of {match.reference.path} {at(box)}, and something else around it."
        )
        settle = "Find out what the rest is: search for it by itself."
    return Finding(
        "PR205",
        Level.WARNING,
        message,
        tuple(Evidence("part", at(there), m.reference.path, f"score {m.score:.1f}") for m, there in placed),
        settle=settle,
    )


def parts(case: Case) -> list[tuple[Match, Box]]:
    """Return the references that lie beside each other in the query, best first, else one that it shows a part of."""
    placed = [(m, m.region) for m in case.matches if m.region is not None and m.kind is not Kind.IDENTICAL]
    beside = next(
        (list(two) for two in combinations(placed, 2) if shared(two[0][1], two[1][1]) <= APART), None
    )
    if beside is None:
        return [(m, box) for m, box in placed if m.kind is Kind.COMPOSITE and not same_frame(m)][:1]
    for further in placed:
        # Two copies of one part say no more than one of them.
        if all(shared(further[1], box) <= APART for _, box in beside):
            beside.append(further)
    return beside


def same_frame(match: Match) -> bool:
    """Return whether the two pictures were compared, and show the same frame but for its margins."""
    overall = match.alteration.overall if match.alteration else None
    return overall is not None and max(overall.gone, overall.added) <= SAME_FRAME


def at(box: Box) -> str:
    """Return a place in words."""
    x, y, width, height = box
    return f"at {x}, {y} ({width} x {height} pixels)"


def shared(one: Box, other: Box) -> float:
    """Return the share of the smaller box that lies in the other."""
    across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    smaller = max(1, min(one[2] * one[3], other[2] * other[3]))
    return max(0, across) * max(0, down) / smaller
