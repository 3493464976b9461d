"""Scores of change as colours over a grey picture, and the bar that says which colour is which score."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from provenance.report.canvas import LEAST_TEXT, put, sheet, text_width, wrapped, written

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from provenance.report.canvas import Pixels

MOST = 15.0
"""The largest score that is told."""

OPAQUE_FROM = 2.0
"""The score from which regions start: below, colours fade into the grey, which they reach at 0."""

OPACITY = 0.85
"""How much of the grey they hide from there on: the picture stays recognisable under them."""

DARKEST, LIGHTEST = 40, 170
"""Grey levels of the picture underneath: what is unchanged must not outshine what is changed."""

TICKS = (0, 5, 10, 15)
MEANING = "expected number of such regions in an unchanged pair: 10"
"""Followed by the raised `POWER`."""
POWER = "-score"

LEGEND = 3.0
"""Heights of the letters that the bar under a heat map takes."""


def over_grey(picture: Pixels, heat: NDArray[np.float32]) -> Pixels:
    """Return `picture`, uint8 (height, width, 3), in grey with `heat` (height, width), scores, over it.

    Colours are those of Matplotlib's plasma: even steps to the eye, colour-blind or not, and none of them grey.
    Nothing is drawn where `heat` is 0 or no number.
    """
    import cv2  # noqa: PLC0415 - slow to import

    grey = cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2GRAY)
    levels = np.arange(256) * ((LIGHTEST - DARKEST) / 255) + DARKEST
    ground = np.rint(levels).astype(np.uint8)[grey]
    return _blended(ground, np.clip(np.nan_to_num(heat, nan=0.0), 0, MOST))


def with_legend(picture: Pixels, text: int) -> Pixels:
    """Return a heat map above its legend: a bar with scores, and what a score means, in letters of `text` pixels."""
    margin = text
    width = max(picture.shape[1], text * 14)
    inner = width - 2 * margin
    # The raised word is narrower than a plain one, so a line that has room for it there has room for this.
    lines = wrapped(f"{MEANING}{POWER}", text, inner)
    ticks = _bar(min(inner, text * 32), text)
    top = picture.shape[0] + margin
    page = sheet(width, top + ticks.shape[0] + round(text * (0.6 + 1.4 * len(lines))) + margin // 2)
    put(page, picture, (width - picture.shape[1]) // 2, 0)
    put(page, ticks, margin - text // 2, top)
    first = top + ticks.shape[0] + round(text * 1.4)
    last = lines[-1].removesuffix(POWER)
    rows = [(line, margin, first + round(1.4 * text * i)) for i, line in enumerate([*lines[:-1], last])]
    page = written(page, rows, text)
    raised = rows[-1][1] + text_width(last, text) + text / 10, rows[-1][2] - text * 0.4
    return written(page, [(POWER, *raised)], max(round(text * 0.75), LEAST_TEXT - 3))


def with_scale(picture: Pixels, text: int) -> Pixels:
    """Return a heat map above its bar with scores alone: where there is no room to say what a score means."""
    room = text // 2
    bar = _bar(min(max(picture.shape[1] - 2 * room, text * 6), text * 24), text)
    top = picture.shape[0] + room
    page = sheet(max(picture.shape[1], bar.shape[1]), top + bar.shape[0])
    put(page, picture, 0, 0)
    put(page, bar, 0, top)
    return page


def _bar(width: int, text: int) -> Pixels:
    """Return a bar of the colours from score 0 to 30 with its ticks: `text` // 2 wider than `width` on both sides."""
    deep, room = text, text // 2
    scores = np.tile(np.linspace(0, MOST, width, dtype=np.float32), (deep, 1))
    page = sheet(width + 2 * room, round(text * 2.4))
    put(page, _blended(np.full(scores.shape, (DARKEST + LIGHTEST) // 2, np.uint8), scores), room, 0)
    words = []
    for tick in TICKS:
        x = room + round(tick / MOST * (width - 1))
        page[deep : deep + text // 4 + 1, x : x + 1] = 90
        words.append((str(tick), float(x), deep + text * 1.25))
    return written(page, words, text, anchor="ms")


def _blended(ground: Pixels, scores: NDArray[np.float32]) -> Pixels:
    """Return colours of scores over grey levels, both (height, width), as (height, width, 3)."""
    import cv2  # noqa: PLC0415 - slow to import

    table = cv2.applyColorMap(np.arange(256, dtype=np.uint8)[:, None], cv2.COLORMAP_PLASMA)[:, 0, ::-1]
    result = np.repeat(ground[:, :, None], 3, axis=2)
    hot = scores > 0
    colours = table[np.rint(scores[hot] * (255 / MOST)).astype(np.uint8)]
    opacity = (OPACITY * np.minimum(scores[hot] / OPAQUE_FROM, 1))[:, None]
    result[hot] = np.rint(opacity * colours + (1 - opacity) * result[hot]).astype(np.uint8)
    return result
