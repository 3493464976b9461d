"""The rules on what differs from a reference: PR2xx. Pure; ids are stable.

None accuses: they say what differs, where, and how surely.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.model import Against, ChangeKind, ChangeOutcome, Evidence, Finding, Kind, Level
from provenance.verdict.parts import APART, at, composite, parts, same_frame, shared
from provenance.verdict.whole_picture import Step, benign_step, in_words
from provenance.verdict.words import shared_of, sources

if TYPE_CHECKING:
    from collections.abc import Callable

    from provenance.model import Alteration, ChangedRegion, Match
    from provenance.verdict.case import Case

ADDED = frozenset({ChangeKind.OVERLAY, ChangeKind.BAR})
"""Kinds that lie over a picture or around it, and leave the rest as it was."""

MOST_GONE = 0.25
"""Share of the reference's content from which a crop that leaves it out is a finding."""

LEAST_SHARE = 0.001
"""Share of a picture below which no number is written out."""

SHOWN = 3
"""Regions that a finding names."""

_RELIABILITY = {
    Against.ORIGINAL: "compared with the archived file itself",
    Against.PREVIEW: "compared with the archive's small preview: what is small or faint is not seen",
}
_SETTLES = {
    Against.ORIGINAL: "Look at both side by side (--pictures DIR), and ask the sender for the file as it was taken.",
    Against.PREVIEW: "Compare with the original file (provenance compare): only its preview was at hand.",
}


def whole_picture(case: Case) -> Finding | None:
    """PR200: what happened to the picture as a whole, from the best match that could be compared, if one could."""
    match = _best(case)
    if match is None or match.alteration is None:
        return None
    path = match.reference.path
    return Finding(
        "PR200",
        Level.NOTE,
        f"Against {path}, the picture as a whole: {in_words(match)}.",
        (Evidence("step", _step(case, match).value, path, _RELIABILITY[match.alteration.against]),),
    )


def _step(case: Case, match: Match) -> Step:
    """Return how far the query is from one reference: the furthest step that any rule here would take."""
    here = match.region
    if any(part is match or (here and shared(here, box) <= APART) for part, box in parts(case)):
        return Step.COMPOSITE
    if _altered_regions(match):
        return Step.ALTERED
    return Step.OVERLAY if _added_regions(match) else benign_step(match)


def regions_differ(case: Case) -> Finding | None:
    """PR201: what the picture shows differs from the reference somewhere."""
    found = _strongest(case, _altered_regions)
    if found is None:
        return None
    match, alteration, regions = found
    some = f"in {len(regions)} regions" if len(regions) > 1 else "in one region"
    return Finding(
        "PR201",
        Level.ERROR if alteration.against is Against.ORIGINAL else Level.WARNING,
        f"The content differs from {match.reference.path} {some}, {_area(regions)} of the picture; most surely "
        f"{_where(regions[0])}.",
        tuple(_region_evidence(r, match, alteration) for r in regions[:SHOWN]),
        settle=_SETTLES[alteration.against],
    )


def crop_removes_content(case: Case) -> Finding | None:
    """PR202: a crop leaves out much of what the reference shows."""
    for match in case.matches:
        alteration = match.alteration
        if alteration is None or alteration.overall is None or alteration.content_gone < MOST_GONE:
            continue
        return Finding(
            "PR202",
            Level.WARNING,
            f"The crop leaves out {alteration.content_gone:.0%} of what {match.reference.path} shows, by its edges "
            f"({alteration.overall.gone:.0%} of its area).",
            (
                Evidence(
                    "content_gone",
                    f"{alteration.content_gone:.4f}",
                    match.reference.path,
                    "measured on edges",
                ),
            ),
            settle="Look at what lies outside the crop: does it change what the picture says?",
        )
    return None


def mirrored(case: Case) -> Finding | None:
    """PR203: left and right are exchanged."""
    match = next((m for m in case.matches if m.mirrored), None)
    if match is None:
        return None
    return Finding(
        "PR203",
        Level.WARNING,
        f"Left and right are exchanged against {match.reference.path}.",
        settle="Read signs and number plates in both: one of the two shows the scene as it was.",
    )


def something_added(case: Case) -> Finding | None:
    """PR204: text, a logo, a bar or a frame lies over the picture or around it."""
    found = _strongest(case, _added_regions)
    if found is None:
        return None
    match, alteration, regions = found
    kinds = "; ".join(dict.fromkeys(_KINDS[r.kind] for r in regions))
    return Finding(
        "PR204",
        Level.WARNING,
        f"Something lies over or around what {match.reference.path} shows ({kinds}), {_area(regions)} of the "
        f"picture; most surely {_where(regions[0])}.",
        tuple(_region_evidence(r, match, alteration) for r in regions[:SHOWN]),
        settle="Read what was added, and who may have added it.",
    )


def cannot_align(case: Case) -> Finding | None:
    """PR207: no match could be compared for changes, so nothing says that there are none."""
    if case.matches and not any(match.confirmed for match in case.matches):
        return _not_here(case.matches[0])
    match = _best(case)
    # What a part of the reference is set into cannot be compared with it; PR205 says so.
    if match is None or _compared(match) or match.kind is Kind.COMPOSITE:
        return None
    small = match.alteration is not None and match.alteration.outcome is ChangeOutcome.TOO_SMALL
    why = (
        "too little of the two overlaps, or it is too small"
        if small
        else "the two do not lie on each other exactly"
    )
    return Finding(
        "PR207",
        Level.WARNING,
        f"Whether anything was changed against {match.reference.path} cannot be told: {why}.",
        settle="A larger version of the picture, or the original of the reference.",
    )


def _not_here(match: Match) -> Finding:
    told = sources(match)
    return Finding(
        "PR207",
        Level.WARNING,
        f"Whether anything was changed against {match.reference.path}, or whether it is another photo of the same "
        f"scene, cannot be told: the archive holds no picture of it, only {shared_of(match)} that {told} shared.",
        settle=f"Ask {told} for the picture.",
    )


_KINDS = {
    ChangeKind.CHANGED: "something that changed",
    ChangeKind.REPLACED: "other content",
    ChangeKind.REMOVED: "something removed",
    ChangeKind.OVERLAY: "text, a logo or a drawing",
    ChangeKind.OBSCURED: "something blurred or pixelated",
    ChangeKind.BAR: "a bar or frame",
    ChangeKind.RECOLOURED: "other colours",
}


def _best(case: Case) -> Match | None:
    """Return the best match that could be compared, else the best of those that could not.

    The same bytes need no comparison: beside them, that another one could not be compared leaves nothing open.
    """
    tried = [m for m in case.matches if m.alteration is not None]
    compared = next((m for m in tried if _compared(m)), None)
    if compared is not None or any(m.kind is Kind.IDENTICAL for m in case.matches):
        return compared
    return tried[0] if tried else None


def _compared(match: Match) -> bool:
    return match.alteration is not None and match.alteration.outcome is ChangeOutcome.COMPARED


def _altered_regions(match: Match) -> tuple[ChangedRegion, ...]:
    """Return the regions in which the content differs, strongest first; what lies beside a part is none."""
    return tuple(
        r for r in _regions(match) if r.reference is not None and r.kind not in ADDED and _counts(r, match)
    )


def _added_regions(match: Match) -> tuple[ChangedRegion, ...]:
    return tuple(r for r in _regions(match) if r.kind in ADDED and _counts(r, match))


def _regions(match: Match) -> tuple[ChangedRegion, ...]:
    return match.alteration.regions if match.alteration else ()


def _counts(region: ChangedRegion, match: Match) -> bool:
    """Whether a region belongs to what the query shows of the reference."""
    if match.region is None or match.kind is not Kind.COMPOSITE or same_frame(match):
        return True
    return shared(region.query, match.region) > 1 - APART


def _strongest(
    case: Case, told: Callable[[Match], tuple[ChangedRegion, ...]]
) -> tuple[Match, Alteration, tuple[ChangedRegion, ...]] | None:
    """Return the first match, best first, with such regions."""
    return next(
        ((m, m.alteration, regions) for m in case.matches if m.alteration and (regions := told(m))), None
    )


def _region_evidence(region: ChangedRegion, match: Match, alteration: Alteration) -> Evidence:
    return Evidence(
        "changed_region",
        _where(region),
        match.reference.path,
        _RELIABILITY[alteration.against],
    )


def _where(region: ChangedRegion) -> str:
    named = "" if region.kind is ChangeKind.CHANGED else f" ({_KINDS[region.kind]})"
    return f"{at(region.query)}{named}, score {region.score:.1f}"


def _area(regions: tuple[ChangedRegion, ...]) -> str:
    share = sum(r.area for r in regions)
    return f"{share:.1%}" if share >= LEAST_SHARE else f"less than {LEAST_SHARE:.1%}"


ALTERED = (
    whole_picture,
    regions_differ,
    crop_removes_content,
    mirrored,
    something_added,
    composite,
    cannot_align,
)
"""The rules on alteration, in the order in which their findings are told."""
