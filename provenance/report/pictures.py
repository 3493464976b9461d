"""What was found to differ between a photo and a reference, as pictures to look at, to compare and to print."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from provenance.report.canvas import fitted, on_ground, png, resized
from provenance.report.heat_map import LEGEND, over_grey, with_legend, with_scale
from provenance.report.outlines import outlined
from provenance.report.sheets import SHEET_SIDE, arranged, panel_size, text_for
from provenance.report.warping import laid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from provenance.model import ChangedRegion
    from provenance.report.canvas import Pixels
    from provenance.report.outlines import Rectangle
    from provenance.report.warping import Floats

BLINK_SIDE = 900
"""Pixels of the longer side of the picture: with its caption, it stays within 1,000."""
BLINK_MILLISECONDS = 600

QUERY, REFERENCE = "query", "reference, aligned"


def layers(  # noqa: PLR0917 - two pictures, the map between them, and what was found
    query: Pixels,
    reference: Pixels,
    matrix: Floats,
    regions: Sequence[ChangedRegion],
    mask: NDArray[np.bool_],
    heat: NDArray[np.float32],
) -> Layers:
    """Return what lies on each other: a `query`, and a `reference` laid on its pixels; both uint8 (height, width, 3).

    `matrix`, float64 (3, 3), maps query onto reference pixels, counted from the corner of the first one, mirroring
    included. `regions` are numbered in their order, from 1. `mask`, bool, and `heat`, float32 scores 0 to 30, have the
    query's height and width.

    Raises:
        ValueError: the arrays do not belong together, or the matrix is none.
    """
    if mask.shape != query.shape[:2] or heat.shape != query.shape[:2]:
        raise ValueError(f"a mask {mask.shape} and scores {heat.shape} for a picture {query.shape}")
    if matrix.shape != (3, 3) or not np.isfinite(matrix).all() or not np.linalg.det(matrix):
        raise ValueError("no map between two pictures")
    size = query.shape[1], query.shape[0]
    boxes = tuple(region.query for region in regions)
    return Layers(query, laid(reference, matrix, size), mask.astype(np.uint8) * np.uint8(255), heat, boxes)


def drawn(whole: Layers) -> dict[str, bytes]:
    """Return pictures of what differs: name -> PNG. The same layers give the same bytes.

    - `query.png`: the query as it was decoded.
    - `aligned.png`: the reference on exactly the query's pixels, transparent where it has nothing.
    - `mask.png`: 255 where changed, else 0; one channel of the query's size.
    - `outlined.png`: the query, at most 2,000 pixels a side, with the regions outlined and numbered.
    - `heatmap.png`: the scores over the query in grey, likewise, and a legend under it.
    - `side_by_side.png`: the four of them on one sheet of at most about 2,000 pixels a side.
    - `blink.png`: an animated PNG of at most about 1,000, query and reference in turn, for ever.
    """
    size = whole.query.shape[1], whole.query.shape[0]
    small = whole.reduced(fitted(size, (SHEET_SIDE, SHEET_SIDE)))
    return {
        "query.png": png(whole.query),
        "aligned.png": png(whole.aligned),
        "mask.png": png(whole.mask),
        "outlined.png": png(small.outlined()),
        "heatmap.png": png(with_legend(small.heat_map(), text_for(small.query))),
        "side_by_side.png": png(_side_by_side(small)),
        "blink.png": _blink(small),
    }


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """What lies on each other, all of one height and width.

    `query` is uint8 (height, width, 3), `aligned` likewise with its opacity as a fourth channel and 0 where there is
    nothing; `mask` is uint8 and not 0 where anything of a pixel is changed, `heat` holds scores; `boxes` are x, y,
    width, height of the regions.
    """

    query: Pixels
    aligned: Pixels
    mask: Pixels
    heat: NDArray[np.float32]
    boxes: tuple[Rectangle, ...]

    def reduced(self, size: tuple[int, int]) -> Layers:
        """Return them at another `size`, (width, height), no larger than theirs."""
        across, down = size[0] / self.query.shape[1], size[1] / self.query.shape[0]
        return Layers(
            resized(self.query, size),
            resized(self.aligned, size),
            resized(self.mask, size),
            resized(self.heat, size),
            tuple((x * across, y * down, w * across, h * down) for x, y, w, h in self.boxes),
        )

    def outlined(self) -> Pixels:
        """Return the query with its regions outlined and numbered."""
        return outlined(self.query, self.mask > 0, self.boxes)

    def heat_map(self) -> Pixels:
        """Return the query in grey with the scores over it."""
        return over_grey(self.query, self.heat)


def unaligned(query: Pixels, reference: Pixels) -> dict[str, bytes]:
    """Return those two of the pictures that can be drawn of two that could not be aligned."""
    return {"query.png": png(query), "side_by_side.png": png(_unaligned(query, reference))}


def _side_by_side(drawn: Layers) -> Pixels:
    size = drawn.query.shape[1], drawn.query.shape[0]
    columns = max((2, 4, 1), key=lambda n: panel_size(size, n, 4, extra=LEGEND)[0])
    small = drawn.reduced(panel_size(size, columns, 4, extra=LEGEND))
    text, count = text_for(small.query), len(small.boxes)
    panels = [
        (REFERENCE, on_ground(small.aligned)),
        (QUERY, small.query),
        ("1 region marked" if count == 1 else f"{count or 'no'} regions marked", small.outlined()),
        ("how surprising", with_scale(small.heat_map(), text)),
    ]
    return arranged(panels, columns, text)


def _unaligned(query: Pixels, reference: Pixels) -> Pixels:
    both = query, reference
    sizes = [(each.shape[1], each.shape[0]) for each in both]
    columns = max((2, 1), key=lambda n: sum(panel_size(s, n, 2)[0] / s[0] for s in sizes))
    small = [resized(each, panel_size(s, columns, 2)) for each, s in zip(both, sizes, strict=True)]
    captions = QUERY, "reference: could not be aligned"
    return arranged(list(zip(captions, small, strict=True)), columns, max(map(text_for, small)))


def _blink(drawn: Layers) -> bytes:
    """Return query and reference in turn, each with its name: without, nobody could tell which is which."""
    from PIL import Image  # noqa: PLC0415 - a check without pictures must not wait for it

    size = drawn.query.shape[1], drawn.query.shape[0]
    small = drawn.reduced(fitted(size, (BLINK_SIDE, BLINK_SIDE)))
    text = text_for(small.query)
    frames = [
        Image.fromarray(arranged([panel], 1, text, room_for=(QUERY, REFERENCE)))
        for panel in ((QUERY, small.query), (REFERENCE, on_ground(small.aligned)))
    ]
    content = io.BytesIO()
    frames[0].save(
        content,
        "PNG",
        save_all=True,
        append_images=frames[1:],
        duration=BLINK_MILLISECONDS,
        loop=0,
        compress_level=3,
    )
    return content.getvalue()
