"""All matches of a query, one a reference, in the order in which they are told."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from provenance.model import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from provenance.model import Match

BEYOND_DOUBT, AS_SURE = 10.0, 0.75
"""Score, and share of the best one's score, from which a match is no less sure than that one: neighbouring frames of a
film all are, and the one that shows most of the photo comes first."""


def merged(whole: Iterable[Match], local: Iterable[Match]) -> list[Match]:
    """Return one match a reference, best first, of those of whole pictures and those by local features.

    Where both tiers found one, the alignment tells its kind and place more exactly, and the better score counts;
    the same bytes need no further word.
    """
    matches = {match.reference.id: match for match in whole}
    for match in local:
        known = matches.get(match.reference.id)
        if known is None:
            matches[match.reference.id] = match
        elif known.kind is not Kind.IDENTICAL:
            matches[match.reference.id] = replace(
                match, score=max(match.score, known.score), distance=known.distance
            )
    best = max((m.score for m in matches.values() if m.kind is not Kind.IDENTICAL), default=0.0)
    return sorted(matches.values(), key=partial(_rank, sure=max(BEYOND_DOUBT, AS_SURE * best)))


def _rank(match: Match, sure: float) -> tuple[bool, bool, bool, float, float, int, int]:
    """Return what matches are sorted by: those from a score of `sure` by how much of the query they show."""
    shown = (not match.kind.is_copy, -round(match.overlap.query, 2)) if match.score >= sure else (True, 0.0)
    return (
        match.kind is not Kind.IDENTICAL,
        match.score < sure,
        *shown,
        -match.score,
        -(match.inliers or 0),
        match.reference.id,
    )
