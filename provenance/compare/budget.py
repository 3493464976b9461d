"""How much of a query is compared with how many candidates: what one check may cost."""

from __future__ import annotations

FIRST_LOOK = 1200
"""Features of the query that every candidate is tried with; all are used where these find something."""

COMPARED = 29_000
"""Features of the query that are compared in all, candidates together. A crop has few features, so more candidates
can be tried; and they must be, since few features make few votes and the right reference ranks low."""

FEWEST, MOST = 16, 120
"""Candidates."""


def candidates(features: int) -> int:
    """Return how many candidates a query of so many features is compared with."""
    return max(FEWEST, min(MOST, COMPARED // max(1, min(FIRST_LOOK, features))))
