"""Whose quantisation tables these are: those that encoders are known to write, exactly, else the nearest of libjpeg's.

Tables tell which software wrote a file last, at which setting. They say nothing of what was done to the picture.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from provenance.evidence.structure.known_tables import (
    ANNEX_K_CHROMA,
    ANNEX_K_LUMA,
    MOZJPEG,
    MPEG_INTRA,
    PHOTOSHOP,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from provenance.evidence.structure.notes import Notes

    Table = tuple[int, ...]
    """64 numbers in natural order, row by row."""

QUALITIES = range(1, 101)
FFMPEG_SCALES = range(1, 32)

ZIGZAG = tuple(
    8 * row + column
    for _, _, row, column in sorted(
        (row + column, row if (row + column) % 2 else -row, row, column)
        for row in range(8)
        for column in range(8)
    )
)
"""Place in natural order of each number as a file holds them (T.81, figure A.6)."""

_LARGEST = 255
"""Of a baseline file's table; libjpeg cuts its tables to it unless told otherwise."""


def tell_tables(luma: Table, chroma: Sequence[Table], notes: Notes) -> None:
    """Tell what is known of the tables of a file's components."""
    distinct = list(dict.fromkeys(chroma))
    notes.tell("Quantisation tables", _listed([luma, *distinct]))
    colour = distinct[0] if len(distinct) == 1 else None
    known = known_encoders(luma, colour) if len(distinct) < 2 else []  # noqa: PLR2004
    if known:
        notes.tell(
            "Tables as written by",
            "; ".join(known),
            "software that writes such tables, not what it was used for",
        )
    _tell_quality(luma, colour, notes)


def known_encoders(luma: Table, chroma: Table | None) -> list[str]:
    """Return who is known to write exactly these tables; `chroma` is None of a grey picture."""
    found = []
    quality = _both(luma, ANNEX_K_LUMA, chroma, ANNEX_K_CHROMA)
    if quality is not None:
        found.append(f"libjpeg and all that use its formula, quality {quality}")
    found += [
        f"{name}"
        for name, (of_luma, of_chroma) in PHOTOSHOP.items()
        if luma == of_luma and chroma in {of_chroma, None}
    ]
    if chroma in {luma, None}:
        found += [
            f"FFmpeg's MJPEG encoder, qscale {scale}"
            for scale in FFMPEG_SCALES
            if luma == ffmpeg_table(scale)
        ]
    if not found:
        found += _mozjpeg(luma, chroma)
    return found


def ijg_table(base: Table, quality: int) -> Table:
    """Return a base table as libjpeg scales it to a quality, 1 to 100 (`jpeg_set_quality`, baseline)."""
    percent = 5000 // quality if quality < 50 else 200 - 2 * quality  # noqa: PLR2004
    return tuple(min(_LARGEST, max(1, (number * percent + 50) // 100)) for number in base)


def ffmpeg_table(scale: int) -> Table:
    """Return the table of FFmpeg's MJPEG encoder at a qscale: MPEG-1's intra matrix, its first number never scaled."""
    first, *others = MPEG_INTRA
    return (first, *(min(_LARGEST, max(1, number * scale >> 3)) for number in others))


def annex_k_percent(table: Table, base: Table) -> tuple[float, float] | None:
    """Return between which percentages of a base table these numbers lie, rounded to the nearest, if all do.

    Cameras scale the standard's examples by percentages that no quality of libjpeg stands for.
    """
    low, high = 0.0, float("inf")
    for number, whole in zip(table, base, strict=True):
        if number > 1:
            low = max(low, (number - 0.5) * 100 / whole)
        if number < _LARGEST:
            high = min(high, (number + 0.5) * 100 / whole)
    return (low, high) if low < high < float("inf") else None


def nearest_quality(table: Table, base: Table) -> tuple[int, float]:
    """Return the quality whose table of libjpeg is nearest, and the mean difference of a number."""
    scales = (
        (q, sum(abs(a - b) for a, b in zip(table, t, strict=True)) / 64) for q, t in _scaled(base).items()
    )
    return min(scales, key=lambda each: (each[1], -each[0]))


def _tell_quality(luma: Table, chroma: Table | None, notes: Notes) -> None:
    of_luma = _quality_words(luma, ANNEX_K_LUMA)
    if chroma is None:
        notes.tell("Luma table", of_luma)
        return
    notes.tell("Luma table", of_luma)
    # Some encoders give colour the table of brightness, scaled or not.
    of_chroma = "the same as for luma" if chroma == luma else _quality_words(chroma, ANNEX_K_CHROMA)
    notes.tell("Chroma table", of_chroma)
    if chroma != luma:
        one, other = nearest_quality(luma, ANNEX_K_LUMA), nearest_quality(chroma, ANNEX_K_CHROMA)
        if one[1] == other[1] == 0:
            same = _both(luma, ANNEX_K_LUMA, chroma, ANNEX_K_CHROMA) is not None
            notes.tell(
                "Luma and chroma", "of one quality" if same else f"of qualities {one[0]} and {other[0]}"
            )


def _quality_words(table: Table, base: Table) -> str:
    quality, beside = nearest_quality(table, base)
    if beside == 0:
        return f"libjpeg's at quality {quality}"
    percent = annex_k_percent(table, base)
    if percent is not None:
        low, high = percent
        return f"annex K's times {(low + high) / 2:.4g}%; nearest of libjpeg's: quality {quality}"
    return f"no multiple of annex K's; nearest of libjpeg's: quality {quality}, {beside:.1f} beside it in the mean"


def _both(luma: Table, of_luma: Table, chroma: Table | None, of_chroma: Table) -> int | None:
    """Return the quality that both tables are of, the best if several give the same."""
    qualities = _numbers(of_luma).get(luma, frozenset())
    if chroma is not None:
        qualities &= _numbers(of_chroma).get(chroma, frozenset())
    return max(qualities, default=None)


def _mozjpeg(luma: Table, chroma: Table | None) -> list[str]:
    found = []
    for preset, (of_luma, of_chroma) in MOZJPEG.items():
        quality = _both(luma, of_luma, chroma, of_chroma)
        if quality is not None:
            found.append(f"mozjpeg, quant-table {preset}, quality {quality}")
    return found


@cache
def _scaled(base: Table) -> dict[int, Table]:
    return {quality: ijg_table(base, quality) for quality in QUALITIES}


@cache
def _numbers(base: Table) -> dict[Table, frozenset[int]]:
    """Return the qualities by table: the worst few give the same."""
    found: dict[Table, frozenset[int]] = {}
    for quality, table in _scaled(base).items():
        found[table] = found.get(table, frozenset()) | {quality}
    return found


def _listed(tables: Sequence[Table]) -> str:
    """Return how many tables there are, with the first row of each and its sum, by which they can be looked up."""
    rows = (f"{' '.join(map(str, t[:8]))} ... (sum {sum(t)})" for t in tables)
    return f"{len(tables)}: " + "; ".join(rows)
