"""Several captioned pictures on one sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.report.canvas import LEAST_TEXT, fitted, put, sheet, text_width, written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from provenance.report.canvas import Pixels

    Panel = tuple[str, Pixels]
    """A caption, and the picture under it."""

SHEET_SIDE = 2000
"""Pixels of the longer side of what is drawn: finer than a screen or a page of a newspaper shows it."""

TEXTS_A_SIDE = 36
"""Heights of the letters along the longer side of a picture."""

MOST_TEXT = 36
"""Pixels: captions need no more, however large the picture."""

LINE = 1.9
"""Heights of the letters that a caption takes."""


def text_for(picture: Pixels) -> int:
    """Return the height in pixels of letters that go with a picture."""
    longer = max(picture.shape[0], picture.shape[1])
    return int(min(max(LEAST_TEXT, round(longer / TEXTS_A_SIDE)), MOST_TEXT))


def panel_size(size: tuple[int, int], columns: int, count: int, extra: float = 0) -> tuple[int, int]:
    """Return how large pictures of `size`, (width, height), may be on a sheet of `count` in `columns`.

    `extra` is how many heights of letters the sheet needs besides.
    """
    rows = -(-count // columns)
    text = MOST_TEXT if columns == 1 else SHEET_SIDE / columns / TEXTS_A_SIDE
    across = (SHEET_SIDE - (columns + 1) * text) / columns
    down = (SHEET_SIDE - (rows * (LINE + 1) + extra) * text) / rows
    return fitted(size, (across, down))


def arranged(panels: Sequence[Panel], columns: int, text: int, *, room_for: Sequence[str] = ()) -> Pixels:
    """Return captioned pictures, row by row, on a light sheet; letters are `text` pixels high.

    Columns are as wide as their widest picture or caption, or as any of `room_for`: sheets can have the same size
    whatever they say.
    """
    least = max((text_width(caption, text) for caption in room_for), default=0)
    cells = [(max(least, p.shape[1], text_width(caption, text)), p.shape[0]) for caption, p in panels]
    widths = [max(w for w, _ in cells[i::columns]) for i in range(columns)]
    heights = [max(h for _, h in cells[i : i + columns]) for i in range(0, len(cells), columns)]
    caption_height = round(text * LINE)
    page = sheet(
        sum(widths) + (columns + 1) * text,
        sum(heights) + len(heights) * caption_height + len(heights) * text,
    )
    captions: list[tuple[str, float, float]] = []
    for i, (caption, picture) in enumerate(panels):
        row, column = divmod(i, columns)
        left = sum(widths[:column]) + (column + 1) * text
        top = sum(heights[:row]) + row * (caption_height + text) + caption_height
        put(page, picture, left, top)
        captions.append((caption, left, top - round(text * 0.55)))
    return written(page, captions, text)
