"""The rules on what the pixels alone hint at: PR5xx. Pure; ids are stable.

Blind forensics see traces of work on a picture, not its meaning. None of these proves anything by itself, and none
ever flags.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.model import Evidence, Finding, HintKind, Level
from provenance.verdict.parts import at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from provenance.model import Hint
    from provenance.verdict.case import Case

SHOWN = 3
"""Regions that a message names."""

MOST_EVIDENCE = 12

ALONE = "Alone this proves nothing"


def grid_shift(case: Case) -> Finding | None:
    """PR501: a region carries the traces of another JPEG grid than the rest."""
    return _told(
        [hint for hint in _hints(case, HintKind.GRID_SHIFT) if hint.regions],
        "PR501",
        "A part of the picture carries another JPEG grid than the rest",
        caution=f"{ALONE}: logos, captions and collages carry one too.",
        settle="Compare with an earlier version (provenance compare): is that part in it?",
    )


def copy_move(case: Case) -> Finding | None:
    """PR502: two regions show exactly the same."""
    return _told(
        _hints(case, HintKind.COPY_MOVE),
        "PR502",
        "Two parts of the picture show exactly the same",
        caution=f"{ALONE}: windows, tiles, printed patterns and lettering repeat as well.",
        settle="Look at both parts enlarged, noise and dirt included, and compare with an earlier version.",
    )


def double_quantisation(case: Case) -> Finding | None:
    """PR503: the picture was compressed as JPEG before, at another quality; so is nearly everything that circulates."""
    return _told(
        _hints(case, HintKind.DOUBLE_QUANTISATION),
        "PR503",
        "The picture was compressed as JPEG before, at another quality",
        caution=f"{ALONE}: sending or exporting a photo does that.",
        settle="Ask for the file as the camera wrote it.",
        level=Level.NOTE,
    )


def grid_moved(case: Case) -> Finding | None:
    """PR504: the whole picture carries the grid of an earlier JPEG file, which does not begin at its corner."""
    return _told(
        [hint for hint in _hints(case, HintKind.GRID_SHIFT) if not hint.regions],
        "PR504",
        "The picture carries the grid of an earlier JPEG file, which does not begin at its corner",
        caution=f"{ALONE}: it was cropped or moved after that, as screenshots and crops are.",
        settle="Ask for the picture before it was cropped.",
        level=Level.NOTE,
    )


def _hints(case: Case, kind: HintKind) -> list[Hint]:
    hints = (case.facts.hints if case.facts else None) or ()
    return sorted((hint for hint in hints if hint.kind is kind), key=lambda hint: -hint.score)


def _told(
    found: Sequence[Hint],
    rule: str,
    what: str,
    *,
    caution: str,
    settle: str,
    level: Level = Level.WARNING,
) -> Finding | None:
    if not found:
        return None
    best = found[0]
    where = "; ".join(map(at, best.regions[:SHOWN]))
    more = f"; and {len(best.regions) - SHOWN} more" if len(best.regions) > SHOWN else ""
    measured = f" ({best.words})" if best.words else ""
    return Finding(
        rule,
        level,
        f"{what}{': ' * bool(where)}{where}{more}{measured}, score {best.score:.1f}. {caution}",
        tuple(map(_evidence, found[:MOST_EVIDENCE])),
        settle=settle,
    )


def _evidence(hint: Hint) -> Evidence:
    places = "; ".join(map(at, hint.regions[:MOST_EVIDENCE])) or "the whole picture"
    words = f", {hint.words}" if hint.words else ""
    return Evidence(
        hint.kind.value, f"{places}, score {hint.score:.1f}{words}", "the pixels", "a hint, never proof"
    )


HINTS = (grid_shift, copy_move, double_quantisation, grid_moved)
"""The rules on hints, in the order in which their findings are told."""
