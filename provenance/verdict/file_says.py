"""The rules on what the file itself says: PR3xx. Pure; ids are stable.

None accuses. Whatever stands in a file was written by somebody, at some time, with or without reason; a file that
says nothing is the normal case, since platforms remove metadata.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.model import Evidence, Finding, Level, PlaceRelation, ThumbnailOutcome
from provenance.verdict.file_words import (
    ANYBODY,
    MOST_EVIDENCE,
    SHOWN,
    facts_of,
    place_in_words,
    position_evidence,
)
from provenance.verdict.parts import at
from provenance.verdict.timeline import TIMELINE
from provenance.verdict.traces import TRACES_LEFT

if TYPE_CHECKING:
    from provenance.verdict.case import Case

AGREEING = frozenset({PlaceRelation.SAME, PlaceRelation.CONTAINS, PlaceRelation.NEAR})


def position_and_claim(case: Case) -> Finding | None:
    """PR304: where the file says that it was taken, against the claimed place."""
    place = case.claim.place if case.claim else None
    stated = [(p, case.positions[p]) for p in facts_of(case).positions if p in case.positions]
    if place is None or not stated:
        return None
    evidence = (
        *(position_evidence(p) for p, _ in stated[:MOST_EVIDENCE]),
        Evidence("claimed_place", place, "the claim", "to be checked"),
    )
    agreeing = next((p for p, compared in stated if compared.relation in AGREEING), None)
    if agreeing is not None:
        return Finding(
            "PR304",
            Level.NOTE,
            f"The file states a position, {place_in_words(agreeing)}, that fits the claimed place {place}. A position "
            "can be added or rewritten by anybody.",
            evidence,
        )
    position, compared = stated[0]
    if any(c.relation is not PlaceRelation.DIFFERENT for _, c in stated):
        return None
    away = f"at least {compared.distance_km:,.0f} km from" if compared.distance_km else "not in"
    return Finding(
        "PR304",
        Level.WARNING,
        f"The file states a position {away} {place}: {place_in_words(position)}. A position can be added or rewritten "
        "by anybody, and some programs write that of the desk or of the phone that edited it.",
        evidence,
        settle="Compare landmarks in the picture with both places.",
    )


def thumbnail_shows_other(case: Case) -> Finding | None:
    """PR305: the small picture inside the file does not show what the picture shows.

    An error only where both show the same frame with other content somewhere: then the picture was changed after the
    thumbnail was made, whatever for. Another picture altogether may be one that a program carried over.
    """
    compared = facts_of(case).thumbnail
    if compared is None or compared.outcome not in {ThumbnailOutcome.DIFFERS, ThumbnailOutcome.OTHER}:
        return None
    width, height = compared.size
    of = Evidence(
        "thumbnail",
        f"{width} x {height} pixels, {compared.outcome.value}, score {compared.score:.1f}",
        "the thumbnail in the file",
        "made by the camera or the last program that made one; anybody can replace it",
    )
    if compared.outcome is ThumbnailOutcome.OTHER:
        return Finding(
            "PR305",
            Level.WARNING,
            "The thumbnail inside the file shows another picture. Some programs carry over the thumbnail of another "
            "file, or keep that of before a crop.",
            (of,),
            settle="Look at the thumbnail by itself: what does it show, and where has that been seen?",
        )
    regions = compared.regions
    where = f"; most surely {at(regions[0])}" if regions else ""
    some = f"in {len(regions)} regions" if len(regions) > 1 else "in one region"
    return Finding(
        "PR305",
        Level.ERROR,
        f"The thumbnail inside the file shows something else {some}{where}, score {compared.score:.1f}. The picture "
        "was changed after its thumbnail was made; a caption or a logo changes it too.",
        (
            of,
            *(
                Evidence("changed_region", at(box), "the picture against its thumbnail", ANYBODY)
                for box in regions[:SHOWN]
            ),
        ),
        settle="Look at the thumbnail and at the picture side by side, and ask for the file as it was taken.",
    )


FILE_SAYS = (
    *TIMELINE[:-1],
    position_and_claim,
    thumbnail_shows_other,
    *TRACES_LEFT,
    *TIMELINE[-1:],
)
"""The rules on what a file says, in the order in which their findings are told: that of their ids."""
