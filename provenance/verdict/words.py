"""How findings name sightings and dates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.model import DateBasis, Evidence

if TYPE_CHECKING:
    from provenance.model import Dating, Match, Sighting

RELIABILITY = {
    DateBasis.PUBLISHED: "stated by the list given to `add`",
    DateBasis.ARCHIVED: "recorded by a web archive when it fetched the picture",
    DateBasis.CAPTURED: "stated by metadata in the file or beside it; a camera's clock can be wrong",
    DateBasis.HELD: "recorded by another desk's own clock, as it says",
    DateBasis.RECORDED: "recorded by this archive's own clock",
}


LONGEST = 100
"""Characters of a stranger's words that a message quotes."""


def shortened(text: str) -> str:
    """Return what a message quotes of a text."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def describe(sighting: Sighting, dating: Dating | None = None) -> str:
    """Return e.g. 'published 2016-12-13 by Example Wire (https://example.org/1)', by default with the first date.

    A picture that a page showed is told with it: '(https://example.org/1.jpg, on https://example.org/story)'.
    """
    dating = dating or next(iter(sighting.datings), None)
    by = ""
    if sighting.outlet and (dating is None or dating.basis is DateBasis.PUBLISHED):
        by = f" by {sighting.outlet}"
    elif dating and dating.basis is DateBasis.CAPTURED:
        by = " by the camera's clock"
    elif dating and dating.basis is DateBasis.ARCHIVED:
        by = " by a web archive"
    return f"{dating or 'shown'}{by} ({_where(sighting)})"


def _where(sighting: Sighting) -> str:
    where = sighting.url or sighting.path
    if sighting.moment:
        return f"frame at {sighting.moment} of {sighting.url or sighting.path.partition('#')[0]}"
    return f"{where}, on {sighting.page}" if sighting.page else where


def sighting_evidence(sighting: Sighting, dating: Dating | None = None) -> Evidence:
    """Return the sighting as a fact, with the interval of `dating` (default: its first) and its basis."""
    dating = dating or next(iter(sighting.datings), None)
    if dating is None:
        return Evidence("sighting", sighting.path, sighting.url or sighting.path, "undated")
    interval = f"{dating.when.earliest or '..'} to {dating.when.latest or '..'}"
    where = f"; {sighting.place}" if sighting.place else ""
    return Evidence(
        "sighting", f"{dating} ({interval}){where}", sighting.url or sighting.path, RELIABILITY[dating.basis]
    )


def sources(match: Match) -> str:
    """Return who told of a reference, as a noun."""
    desks = dict.fromkeys(sighting.desk for sighting in match.sightings if sighting.desk)
    return " and ".join(desks) or "the list that told of it"


def shared_of(match: Match) -> str:
    """Return what of a reference was compared where its picture is not here."""
    return "a hash" if match.inliers is None else "features"
