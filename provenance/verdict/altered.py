"""The rules on what differs from a reference: PR2xx. Pure; ids are stable.

None accuses: they say what differs, where, and how surely.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from provenance.model import Against, ChangeKind, ChangeOutcome, Evidence, Finding, Kind, Level
from provenance.verdict.whole_picture import Step, benign_step, in_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from provenance.model import Alteration, ChangedRegion, Match
    from provenance.model.changes import Box
    from provenance.verdict.case import Case

ADDED = frozenset({ChangeKind.OVERLAY, ChangeKind.BAR})
"""Kinds that lie over a picture or around it, and leave the rest as it was."""

SAME_FRAME = 0.15
"""Shares of reference and query up to which these lie outside each other where the two have one frame."""

MOST_GONE = 0.25
"""Share of the reference's content from which a crop that leaves it out is a finding."""

APART = 0.2
"""Share of the smaller of two boxes that lies in the other at most, where they lie beside each other."""

READABLE = 6.0
"""Score up to which a number is written out."""

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
    """PR200: what happened to the picture as a whole, from the best match that could be compared."""
    compared = next((m for m in case.matches if m.alteration and m.alteration.overall), None)
    if compared is None or compared.alteration is None or compared.kind is Kind.IDENTICAL:
        return None
    step = Step.ALTERED if _altered_regions(compared) else benign_step(compared)
    return Finding(
        "PR200",
        Level.NOTE,
        f"Against {compared.reference.path}, the picture as a whole: {in_words(compared)}.",
        (Evidence("step", step.value, compared.reference.path, _RELIABILITY[compared.alteration.against]),),
    )


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
        f"The content differs from {match.reference.path} {some}, {sum(r.area for r in regions):.1%} of the "
        f"picture; most surely {_where(regions[0])}.",
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
    kinds = " and ".join(
        dict.fromkeys("a bar or frame" if r.kind is ChangeKind.BAR else _KINDS[r.kind] for r in regions)
    )
    return Finding(
        "PR204",
        Level.WARNING,
        f"Against {match.reference.path} there is {kinds}, {sum(r.area for r in regions):.1%} of the picture; first "
        f"{_where(regions[0])}.",
        tuple(_region_evidence(r, match, alteration) for r in regions[:SHOWN]),
        settle="Read what was added, and who may have added it.",
    )


def composite(case: Case) -> Finding | None:
    """PR205: the query is made of several pictures."""
    parts = [(m, m.region) for m in case.matches if m.region is not None and m.kind is not Kind.IDENTICAL]
    for (one, here), (other, there) in combinations(parts, 2):
        if _shared(here, there) <= APART:
            return Finding(
                "PR205",
                Level.WARNING,
                f"The picture is made of several: {one.reference.path} {_at(here)} and {other.reference.path} "
                f"{_at(there)}.",
                tuple(
                    Evidence("part", _at(box), m.reference.path, f"score {m.score:.1f}") for m, box in parts
                ),
                settle="Check when and where each of them was first shown.",
            )
    part = next(((m, box) for m, box in parts if m.kind is Kind.COMPOSITE and not _same_frame(m)), None)
    if part is None:
        return None
    match, box = part
    return Finding(
        "PR205",
        Level.WARNING,
        f"The picture shows a part of {match.reference.path} {_at(box)}, and something else around it.",
        (Evidence("part", _at(box), match.reference.path, f"score {match.score:.1f}"),),
        settle="Find out what the rest is: search for it by itself.",
    )


def cannot_align(case: Case) -> Finding | None:
    """PR207: no match could be compared for changes, so nothing says that there are none."""
    tried = [m for m in case.matches if m.alteration is not None]
    if not tried or any(m.alteration and m.alteration.outcome is ChangeOutcome.COMPARED for m in tried):
        return None
    match = tried[0]
    if match.kind is Kind.COMPOSITE:
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


_KINDS = {
    ChangeKind.CHANGED: "something that changed",
    ChangeKind.REPLACED: "other content",
    ChangeKind.REMOVED: "something removed",
    ChangeKind.OVERLAY: "text, a logo or a drawing",
    ChangeKind.OBSCURED: "something blurred or pixelated",
    ChangeKind.BAR: "a bar or frame",
    ChangeKind.RECOLOURED: "other colours",
}


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
    if match.region is None or match.kind is not Kind.COMPOSITE or _same_frame(match):
        return True
    return _shared(region.query, match.region) > 1 - APART


def _same_frame(match: Match) -> bool:
    overall = match.alteration.overall if match.alteration else None
    return overall is not None and max(overall.gone, overall.added) <= SAME_FRAME


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
        f"{_RELIABILITY[alteration.against]}; one such region is "
        f"expected in {_often(region.score)} unchanged pictures",
    )


def _often(score: float) -> str:
    return f"{10**score:,.0f}" if score < READABLE else f"10^{score:.0f}"


def _where(region: ChangedRegion) -> str:
    named = "" if region.kind is ChangeKind.CHANGED else f" ({_KINDS[region.kind]})"
    return f"{_at(region.query)}{named}, score {region.score:.1f}"


def _at(box: Box) -> str:
    x, y, width, height = box
    return f"at {x}, {y} ({width} x {height} pixels)"


def _shared(one: Box, other: Box) -> float:
    """Return the share of the smaller box that lies in the other."""
    across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    smaller = max(1, min(one[2] * one[3], other[2] * other[3]))
    return max(0, across) * max(0, down) / smaller


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
