"""Matches of the whole picture: the same bytes, or global fingerprints that agree."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from provenance.compare.significance import digest_score, hash_score
from provenance.model import Kind, Match, Orientation, Overlap

if TYPE_CHECKING:
    from provenance.model import Candidate, Reference

WHOLE = Overlap(query=1.0, reference=1.0)

SCORE_PLACES = 3
"""Decimal places of a score that are told: finer than any calibration of it."""


def as_told(match: Match) -> Match:
    """Return a match with its score as reports give it: what is read back from one is then the same value."""
    return replace(match, score=round(match.score, SCORE_PLACES))


def same_bytes(reference: Reference, images: int) -> Match:
    """Return the match of a query whose digest is the reference's, in an archive of `images`."""
    size = reference.size
    return Match(
        reference=reference,
        kind=Kind.IDENTICAL,
        score=digest_score(images),
        distance=None,
        overlap=WHOLE,
        transform=Orientation.IDENTITY.homography(size, size),
    )


def near_duplicate(
    candidate: Candidate, reference: Reference, size: tuple[int, int], *, images: int, codes: int
) -> Match:
    """Return the match that a candidate stands for; the caller weighs its score.

    `size` is the query's (width, height), upright; `images` and `codes` are how many archived images met
    how many query codes, hence how often accident had its chance.
    """
    orientation = candidate.query.orientation
    return Match(
        reference=reference,
        kind=Kind.NEAR_DUPLICATE,
        score=hash_score(candidate.distance, images, codes),
        distance=candidate.distance,
        overlap=WHOLE,
        transform=orientation.homography(size, reference.size),
        mirrored=orientation.mirrored,
        inverted=candidate.query.inverted,
        rotation=orientation.rotation,
    )
