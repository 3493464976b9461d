"""The rules: each looks at a case and returns a finding or nothing. Pure; ids are stable.

PR0xx  what could not be checked
PR1xx  seen before
PR2xx  what differs from the reference: `verdict.altered`
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import wraps
from itertools import islice
from typing import TYPE_CHECKING

from provenance.model import DateBasis, Evidence, Finding, Kind, Level, PlaceRelation
from provenance.verdict.altered import ALTERED
from provenance.verdict.credentials import CREDENTIALS
from provenance.verdict.file_says import FILE_SAYS
from provenance.verdict.hints import HINTS
from provenance.verdict.required import required_metadata
from provenance.verdict.words import describe, shared_of, shortened, sighting_evidence, sources

if TYPE_CHECKING:
    from collections.abc import Callable

    from provenance.model import DateRange, Dating, Match, Sighting
    from provenance.verdict.case import Case

STORED = frozenset({DateBasis.RECORDED, DateBasis.HELD})
"""Dates at which an archive stored a picture: it existed by then, whenever it first appeared."""

AGREEING = frozenset({PlaceRelation.SAME, PlaceRelation.CONTAINS, PlaceRelation.NEAR})


def empty_archive(case: Case) -> Finding | None:
    """PR001: an archive without photos can find nothing."""
    if case.archive_images:
        return None
    return Finding(
        "PR001",
        Level.WARNING,
        "The archive is empty: nothing could be compared.",
        settle="Add earlier photos with `provenance add`, then check again.",
    )


def flat_photo(case: Case) -> Finding | None:
    """PR002: a photo without texture has no fingerprint worth comparing; equal bytes would still be found."""
    if not case.flat or case.matches:
        return None
    return Finding(
        "PR002",
        Level.WARNING,
        "The photo has too little texture for its look as a whole to be compared: nothing found says little.",
        settle="A larger or less processed version of the same picture.",
    )


def _surely(rule: Callable[[Case], Finding | None]) -> Callable[[Case], Finding | None]:
    """Let a rule find by matches that are confirmed; by the others only if these say nothing, and as a warning.

    What others shared of a picture finds copies of it, but also other photos of the scene, without telling which.
    """

    @wraps(rule)
    def surely(case: Case) -> Finding | None:
        sure = [match for match in case.matches if match.confirmed]
        found = rule(replace(case, matches=tuple(sure)))
        if found is not None:
            return found
        told = (
            (match, rule(replace(case, matches=(match,)))) for match in case.matches if not match.confirmed
        )
        return next((_unconfirmed(found, match) for match, found in told if found), None)

    return surely


def _unconfirmed(found: Finding, match: Match) -> Finding:
    told = sources(match)
    return replace(
        found,
        level=Level.WARNING,
        message=f"{found.message} It was found by {shared_of(match)} that {told} shared: the picture itself is not "
        "here.",
        settle=f"Ask {told} for the picture and compare: it may be another photo of the scene. {found.settle}",
    )


@_surely
def contradicts_date(case: Case) -> Finding | None:
    """PR101: a sighting's latest possible day lies before the claim's earliest possible day."""
    if case.claim is None or case.claim.date is None:
        return None
    claimed = case.claim.date
    contradicting = [
        (dating, sighting)
        for sighting in case.sightings()
        for dating in sighting.datings
        if dating.when.precedes(claimed)
    ]
    if not contradicting:
        return None
    dating, sighting = min(contradicting, key=_strength)
    return Finding(
        "PR101",
        Level.ERROR,
        f"Seen before the claimed date {claimed.text}: {describe(sighting, dating)}.",
        (
            *(sighting_evidence(s, d) for d, s in sorted(contradicting, key=_strength) if s == sighting),
            Evidence(
                "claimed_date",
                _interval(claimed.text, claimed.earliest, claimed.latest),
                "the claim",
                "to be checked",
            ),
        ),
        settle=_SETTLES[dating.basis] + (_ADJACENT if _adjacent(dating, claimed) else ""),
    )


def _adjacent(dating: Dating, claimed: DateRange) -> bool:
    latest, earliest = dating.when.latest, claimed.earliest
    return latest is not None and earliest is not None and (earliest - latest).days == 1


_ADJACENT = " The days are adjacent, so time zones alone could explain it: compare the hours."
_SETTLES = {
    DateBasis.PUBLISHED: "Open that publication and confirm its date and picture.",
    DateBasis.ARCHIVED: "Open that capture in the web archive and confirm its picture and date.",
    DateBasis.RECORDED: "This archive stored the picture before the claimed date; look for its publication.",
    DateBasis.HELD: "Ask that desk when and where it got the picture; look for its publication.",
    DateBasis.CAPTURED: "The camera's clock may be wrong: look for a dated publication of the same picture.",
}
"""What would settle each kind of date, in the order in which a finding rests on them."""


def _strength(found: tuple[Dating, Sighting]) -> tuple[int, date]:
    dating, _ = found
    return list(_SETTLES).index(dating.basis), dating.when.latest or date.max


def _interval(text: str, earliest: date | None, latest: date | None) -> str:
    return f"{text} ({earliest or '..'} to {latest or '..'})"


@_surely
def contradicts_place(case: Case) -> Finding | None:
    """PR102: a sighting names a place that cannot be the claimed one."""
    for sighting in case.sightings():
        compared = case.places.get(sighting.place or "")
        if case.claim is None or compared is None or compared.relation is not PlaceRelation.DIFFERENT:
            continue
        away = f"at least {compared.distance_km:,.0f} km from" if compared.distance_km else "not"
        return Finding(
            "PR102",
            Level.ERROR,
            f"Seen as a picture of {sighting.place}, {away} {case.claim.place}: {describe(sighting)}.",
            (
                sighting_evidence(sighting),
                Evidence("claimed_place", case.claim.place or "", "the claim", "to be checked"),
            ),
            settle="Compare landmarks in the picture with both places.",
        )
    return None


@_surely
def seen_before(case: Case) -> Finding | None:
    """PR103: nothing was claimed and the photo is in the archive."""
    if case.claims_something or not case.matches:
        return None
    sighting = next(case.sightings(), None)
    return Finding(
        "PR103",
        Level.ERROR,
        f"Seen before: {describe(sighting)}." if sighting else "Seen before, in this archive.",
        (sighting_evidence(sighting),) if sighting else (),
        settle="State what the post claims (--claimed-date, --claimed-place): it may be contradicted.",
    )


def consistent_with_claim(case: Case) -> Finding | None:
    """PR104: seen before, and what we know of it fits the claim."""
    if not _uncontradicted(case) or not _comparable(case):
        return None
    dated, placed = _date_fits(case), _place_fits(case)
    said = [word for word, fits in (("date", dated), ("place", placed)) if fits]
    unknown = [
        word
        for word, claimed, fits in (
            ("date", case.claim and case.claim.date, dated),
            ("place", case.claim and case.claim.place, placed),
        )
        if claimed and not fits
    ]
    rest = f" Its claimed {unknown[0]} could not be compared." if unknown else ""
    return Finding(
        "PR104",
        Level.NOTE,
        f"Seen before, and consistent with the claimed {' and '.join(said)}.{rest}",
        tuple(sighting_evidence(s) for s in islice(case.sightings(), 1)),
    )


def _uncontradicted(case: Case) -> bool:
    """Whether the photo was seen before, and nothing seen contradicts what is claimed of it."""
    seen = bool(case.matches) and case.claims_something
    return seen and not contradicts_date(case) and not contradicts_place(case)


def _date_fits(case: Case) -> bool:
    """Whether a dated sighting could be compared with the claimed date; none contradicts it here."""
    if case.claim is None or case.claim.date is None:
        return False
    return any(d.basis not in STORED for s in case.sightings() for d in s.datings)


def _place_fits(case: Case) -> bool:
    return any(
        s.place and s.place in case.places and case.places[s.place].relation in AGREEING
        for s in case.sightings()
    )


def _comparable(case: Case) -> bool:
    """Whether enough could be compared: the date wherever one is claimed, else the place."""
    if case.claim is not None and case.claim.date is not None:
        return _date_fits(case)
    return _place_fits(case)


def exact_file_known(case: Case) -> Finding | None:
    """PR105: these very bytes are in the archive."""
    match = next((m for m in case.matches if m.kind is Kind.IDENTICAL), None)
    if match is None:
        return None
    return Finding(
        "PR105",
        Level.NOTE,
        f"The archive holds exactly this file: {match.reference.path}.",
        (Evidence("sha256", match.reference.sha256, match.reference.path, "certain"),),
    )


def not_comparable(case: Case) -> Finding | None:
    """PR106: seen before, but no sighting can be held against the claim."""
    if not _uncontradicted(case) or _comparable(case):
        return None
    return Finding(
        "PR106",
        Level.WARNING,
        "Seen before, but no sighting has a date or place that could be held against the claim.",
        tuple(sighting_evidence(s) for s in islice(case.sightings(), 1)),
        settle="Find out when and where the matched picture was first published, and add that sighting.",
    )


def same_scene(case: Case) -> Finding | None:
    """PR107: the archive holds another photo of the scene, which is no copy and proves nothing about this one."""
    if not case.scenes:
        return None
    match = case.scenes[0]
    sighting = next(iter(match.sightings), None)
    seen = f": {describe(sighting)}" if sighting else f": {match.reference.path}"
    return Finding(
        "PR107",
        Level.NOTE,
        f"The archive holds another photo of what looks like the same scene{seen}. It is not a copy.",
        (sighting_evidence(sighting),) if sighting else (),
        settle="Compare the two by eye: another frame, another camera, or the same place on another day.",
    )


@_surely
def already_fact_checked(case: Case) -> Finding | None:
    """PR108: somebody has rated a picture that this one is a copy of. Their words are quoted, and not judged."""
    rated = list(dict.fromkeys(s for s in case.sightings() if s.rating))
    if not rated:
        return None
    told = [
        f"{_fact_checker(s)}: “{shortened(s.rating or '')}” ({s.url or s.path})" for s in rated[:_MOST_TOLD]
    ]
    more = f"; and {len(rated) - _MOST_TOLD} more" if len(rated) > _MOST_TOLD else ""
    return Finding(
        "PR108",
        Level.WARNING,
        f"This picture was fact-checked before, and rated by {'; '.join(told)}{more}. The words are theirs, and about "
        "the picture as it was used then.",
        tuple(
            Evidence("fact_check", s.rating or "", s.url or s.path, f"the judgement of {_fact_checker(s)}")
            for s in rated[:_MOST_RATINGS]
        ),
        settle="Read what was checked there: the same claim, or another use of the same picture?",
    )


def _fact_checker(sighting: Sighting) -> str:
    return shortened(sighting.outlet or sighting.desk or "a fact-checker who is not named")


_MOST_TOLD = 3
"""Ratings that the message quotes."""
_MOST_RATINGS = 12
"""Ratings that are evidence."""


INSPECTION = (*FILE_SAYS, *CREDENTIALS, *HINTS, required_metadata)
"""The rules on one file by itself, which `inspect` runs; some need a claim, one a sighting."""

RULES = (
    empty_archive,
    flat_photo,
    contradicts_date,
    contradicts_place,
    seen_before,
    consistent_with_claim,
    exact_file_known,
    not_comparable,
    same_scene,
    already_fact_checked,
    *ALTERED,
    *INSPECTION,
)
"""Every rule, in the order in which their findings are told."""
