"""What the model's values are called on a page. Each text is a message that the catalogues translate."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, NamedTuple

from provenance.model import (
    Against,
    ChangeKind,
    ChangeOutcome,
    DateBasis,
    Kind,
    Level,
    Verdict,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from provenance.model import Result, Versions


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "to be translated later"
    """Mark a message for the catalogues; whoever shows it translates it."""
    return message


class Headline(enum.StrEnum):
    """What a photo's report begins with, worst first: a verdict, told apart by what stands beside it."""

    FLAGGED = "flagged"
    INCONCLUSIVE = "inconclusive"
    WORTH_A_LOOK = "worth_a_look"
    """Nothing flags, but something warns: "nothing found" would read as if there were nothing."""
    NOTHING_AGAINST = "nothing_against"
    """Known, and nothing contradicts the claim."""
    NOTHING_FOUND = "nothing_found"


def headline(result: Result) -> Headline:
    """Return what a photo's report begins with."""
    if result.verdict is not Verdict.NOTHING_FOUND:
        return Headline(result.verdict.value)
    if any(finding.level is Level.WARNING for finding in result.findings):
        return Headline.WORTH_A_LOOK
    known = any(match.kind.is_copy for match in result.matches)
    return Headline.NOTHING_AGAINST if known else Headline.NOTHING_FOUND


class Told(NamedTuple):
    """A word or two, and a sentence on what they mean."""

    word: str
    meaning: str


HEADLINES: Mapping[Headline, Told] = {
    Headline.FLAGGED: Told(
        N_("Flagged"),
        N_(
            "Something here must be looked at before this photo is used. The reasons follow; a person decides what "
            "they mean."
        ),
    ),
    Headline.INCONCLUSIVE: Told(
        N_("Inconclusive"),
        N_("The check came to no answer, for the reasons that follow. This is not a clean result."),
    ),
    Headline.WORTH_A_LOOK: Told(
        N_("Worth a look"),
        N_("Nothing here contradicts the post, but something deserves a look before this photo is used."),
    ),
    Headline.NOTHING_AGAINST: Told(
        N_("Nothing against the claim"),
        N_(
            "This archive knows the picture, and what it knows does not contradict the claim. That does not make the "
            "claim true."
        ),
    ),
    Headline.NOTHING_FOUND: Told(
        N_("Nothing found"),
        N_("This archive does not know the picture. That does not make it authentic, new or unaltered."),
    ),
}

LEVELS: Mapping[Level, str] = {Level.ERROR: N_("flags"), Level.WARNING: N_("warns"), Level.NOTE: N_("note")}

KINDS: Mapping[Kind, str] = {
    Kind.IDENTICAL: N_("same file"),
    Kind.NEAR_DUPLICATE: N_("whole frame"),
    Kind.PARTIAL: N_("crop"),
    Kind.CONTAINED: N_("inside something larger"),
    Kind.COMPOSITE: N_("a part, inside something larger"),
    Kind.SAME_SCENE: N_("another photo of the scene"),
}

CHANGES: Mapping[ChangeKind, str] = {
    ChangeKind.CHANGED: N_("something changed"),
    ChangeKind.REPLACED: N_("other content put in"),
    ChangeKind.REMOVED: N_("content taken out"),
    ChangeKind.OVERLAY: N_("text, a logo or a drawing"),
    ChangeKind.OBSCURED: N_("blurred or pixelated"),
    ChangeKind.BAR: N_("a bar or frame"),
    ChangeKind.RECOLOURED: N_("other colours"),
}

NOT_COMPARED: Mapping[ChangeOutcome, str] = {
    ChangeOutcome.CANNOT_ALIGN: N_("the two do not lie on each other, so changes cannot be told"),
    ChangeOutcome.TOO_SMALL: N_("too little overlaps, or it is too small, so changes cannot be told"),
}

AGAINST: Mapping[Against, str] = {
    Against.ORIGINAL: N_("compared with the archived file itself"),
    Against.PREVIEW: N_("compared with the archive's small preview only: what is small or faint is not seen"),
}

BASES: Mapping[DateBasis, Told] = {
    DateBasis.PUBLISHED: Told(N_("published"), N_("as the list given to the archive states")),
    DateBasis.CAPTURED: Told(
        N_("captured"), N_("as the file's metadata states; a camera's clock can be wrong")
    ),
    DateBasis.ARCHIVED: Told(N_("archived on the web"), N_("as the record of a web archive states")),
    DateBasis.HELD: Told(
        N_("in another desk's archive"),
        N_("recorded by that desk's own clock, as it says: it existed by then"),
    ),
    DateBasis.RECORDED: Told(
        N_("in this archive"), N_("recorded by this archive's own clock: it existed by then")
    ),
}

RATINGS: Mapping[str, str] = {
    "DecontextualizedContent": N_("missing context"),
    "EditedOrCroppedContent": N_("edited or cropped content"),
    "TransformedContent": N_("transformed content"),
}
"""schema.org's MediaReview categories that the rules suggest."""


def marks(versions: Versions, place: int) -> list[str]:
    """Return what is said of the version at a place in `versions.all`."""
    marked = {
        N_("earliest seen"): versions.earliest,
        N_("largest"): versions.largest,
        N_("least edited"): versions.least_edited,
    }
    return [mark for mark, there in marked.items() if there == place]
