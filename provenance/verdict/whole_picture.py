"""What happened to a whole picture, in words: from numbers to a ladder of benign steps."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from provenance.model import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.model import GlobalChanges, Match

TOLD = 0.01
"""Share, of an area, a side, a scale, from which a change of the frame is told; registration errs by less."""

TURNED = 0.5
"""Degrees from which a turn is told."""

BRIGHTER = 4.0
"""Grey levels, of middle grey, from which a change of brightness is told: re-encoding shifts it by less than one."""

CONTRAST, COLOUR, SHARPNESS = 0.05, 0.1, 0.25
"""Departures from 1 from which contrast, saturation and sharpness count as changed."""


class Step(enum.StrEnum):
    """How far a query is from its reference, from nothing to what cannot be told; each includes those before."""

    IDENTICAL = "identical bytes"
    SAME_PIXELS = "same pixels"
    REENCODED = "re-encoded"
    RESIZED = "resized"
    """Or turned, mirrored, stretched."""
    TONE = "benign tone"
    CROPPED = "cropped"
    OVERLAY = "overlay"
    """Something was laid over the picture, or around it."""
    ALTERED = "altered"
    COMPOSITE = "composite"
    CANNOT_ALIGN = "cannot align"


def benign_step(match: Match) -> Step:
    """Return the step that the whole picture has come to, whatever happened in its regions."""
    alteration = match.alteration
    if match.kind is Kind.IDENTICAL:
        return Step.IDENTICAL
    if alteration is None or alteration.overall is None:
        return Step.CANNOT_ALIGN
    if alteration.same_pixels:
        return Step.SAME_PIXELS
    overall = alteration.overall
    furthest_first = {
        Step.OVERLAY: overall.added >= TOLD,
        Step.CROPPED: overall.gone >= TOLD,
        Step.TONE: any(_tone(overall)),
        Step.RESIZED: any(_geometry(overall)),
    }
    return next((step for step, taken in furthest_first.items() if taken), Step.REENCODED)


def in_words(match: Match) -> str:
    """Return what happened to the whole picture, e.g. 'cropped (12% gone: left 8%, top 5%), reduced to 70%'."""
    alteration = match.alteration
    if alteration is None or alteration.overall is None:
        return "nothing can be said"
    if alteration.same_pixels:
        return "the same pixels in another file"
    overall = alteration.overall
    told = [*_crop(overall), *_geometry(overall), *_tone(overall)]
    if overall.quality is not None:
        told.append(f"a JPEG of quality {overall.quality}")
    return ", ".join(told) or "re-encoded at most"


def _crop(overall: GlobalChanges) -> Iterator[str]:
    if overall.gone >= TOLD:
        sides = (
            ("left", overall.left),
            ("top", overall.top),
            ("right", overall.right),
            ("bottom", overall.bottom),
        )
        cut = ", ".join(f"{side} {share:.0%}" for side, share in sides if share >= TOLD)
        yield f"cropped ({overall.gone:.0%} of the area is gone{': ' * bool(cut)}{cut})"
    if overall.added >= TOLD:
        yield f"set into something larger ({overall.added:.0%} of the query lies outside)"


def _geometry(overall: GlobalChanges) -> Iterator[str]:
    if overall.mirrored:
        yield "mirrored"
    if abs(overall.rotation) >= TURNED:
        sense = "clockwise" if overall.rotation > 0 else "anticlockwise"
        yield f"turned by {abs(overall.rotation):g} degrees {sense}"
    if abs(overall.scale - 1) >= TOLD:
        yield f"{'reduced' if overall.scale < 1 else 'enlarged'} to {overall.scale:.0%}"
    if abs(overall.stretch - 1) >= TOLD:
        yield f"stretched by {abs(overall.stretch - 1):.0%}"
    if overall.perspective >= 1 + 2 * TOLD:
        yield "seen in perspective"


def _tone(overall: GlobalChanges) -> Iterator[str]:
    if overall.inverted:
        yield "tones inverted"
    if overall.greyscale:
        yield "without colours"
    elif abs(overall.saturation - 1) >= COLOUR:
        yield f"colours {'weaker' if overall.saturation < 1 else 'stronger'} ({overall.saturation:.0%})"
    shift = (overall.gain - 1) * 128 + overall.offset
    if abs(shift) >= BRIGHTER:
        yield f"{'brighter' if shift > 0 else 'darker'} by {abs(shift):.0f} of 255 levels"
    if abs(overall.gain - 1) >= CONTRAST:
        yield f"contrast {overall.gain:.0%}"
    if abs(overall.sharpness - 1) >= SHARPNESS:
        yield "softer" if overall.sharpness < 1 else "sharper"
