"""What remains between a query and a reference that was given its place, tones and sharpness; and what may remain.

The null is made, not assumed: the reference as it lies is compressed as the query was, and what that does to it
tells, place by place and in bins of local detail, how much difference means nothing. Files hide part of
their history, so each bin may be as much noisier as the calmer part of this query shows it to be, within
bounds: where most of a frame was replaced, there is no calm part, and the bounds hold.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from provenance.compare.filters import gradient, opponent, smooth

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from provenance.compare.filters import Image

SCALES = (2.0, 4.0, 8.0)
"""Sigmas of the windows that are looked at, working pixels: of 7, 14 and 28 pixels a side."""

ASSUMED_QUALITY = 75
"""Of the JPEG that a query without quantisation tables may have been: only its shape counts, not its strength."""

FLOOR = 1.0
"""Squared grey levels that rounding leaves, a few times over."""

SOFTENED = 1.0
"""Sigma, working pixels, of the second look at a difference. What compression and resampling leave is fine for the
most part and loses most of its energy to it; what shows something else keeps it."""

SOFT_FLOOR = 0.25
"""Squared grey levels that rounding leaves after softening."""

SLIP = 0.07
"""Pixels by which details may lie beside where they belong: interpolation and lens corrections move them so."""

ENDS, ENDS_SLIP = 24.0, 8.0
"""Grey levels from black and white within which tones may have been cut off, so that no curve can be fitted there, and
by how many they may be beside it at the very end."""

FILTERED = 0.15
"""Share of what a fitted filter did to a picture by which it may be wrong: sharpening with a threshold, or with a
radius between the fitted ones, is no mix of them."""

BLOCK = 8
"""Pixels a side of what JPEG compresses together."""

BINS = 8
"""Of local detail, equally full."""

CALM = 0.35
"""Quantile of what remains that is taken for unchanged."""

LOUDEST = 40.0
"""How much more energy than compression may remain in a bin: beyond, nothing in it can be told."""

UNEVEN = 3.0
"""How much louder than the typical bin a bin may be: beyond, it is the bin that was changed."""


@dataclass(frozen=True, slots=True, eq=False)
class Residual:
    """What remains, against what may remain.

    `difference` is float32 (height, width, 3): brightness and two colour differences, grey levels. `ratio` holds
    for each of `SCALES` the natural logarithm of what remains over what may, the larger of brightness and colour,
    float32 (height, width), and `soft_ratio` the same of the softened difference. `power` is what remains pixel by
    pixel, and `noise` what may, of all three planes together, squared grey levels, float32 (height, width);
    `soft_power` and `soft_noise` are those of the softened difference. `level` is how much louder the query is
    than its compression explains.
    """

    difference: Image
    ratio: tuple[Image, ...]
    soft_ratio: tuple[Image, ...]
    power: Image
    noise: Image
    soft_power: Image
    soft_noise: Image
    level: float


def residual(  # noqa: PLR0917 - two pictures, where they lie, and what explains their difference
    predicted: Image,
    query: Image,
    inside: NDArray[np.bool_],
    tables: Sequence[Sequence[int]] | None,
    filtered: Image | None = None,
    lost: Image | None = None,
) -> Residual:
    """Compare a query with what the reference predicts, both float32 (height, width, 3), 0 to 255.

    `tables` are the query's own JPEG quantisation tables, brightness first, 64 numbers each. `filtered` is what of
    the prediction a fitted filter added, likewise; `lost` what the reference's own compression may have taken from it.
    """
    tones = opponent(predicted)
    difference = np.asarray(opponent(query) - tones, np.float32)
    difference[~inside] = 0
    errors = [opponent(recompressed(predicted, tables)) - tones]
    if lost is not None:
        errors.append(opponent(lost))
    ends = _ends(predicted)
    known = tables is not None
    added = None if filtered is None else opponent(filtered)
    fine = _band(difference, errors, _slip(tones, added), ends, inside, FLOOR, known=known)
    soft_difference, soft_tones, *soft_errors = (
        smooth(picture, SOFTENED) for picture in (difference, tones, *errors)
    )
    added = None if added is None else smooth(added, SOFTENED)
    soft = _band(
        soft_difference, soft_errors, _slip(soft_tones, added), ends, inside, SOFT_FLOOR, known=known
    )
    return Residual(
        difference, fine.ratio, soft.ratio, fine.power, fine.noise, soft.power, soft.noise, fine.level
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Band:
    ratio: tuple[Image, ...]
    power: Image
    noise: Image
    level: float


def _band(  # noqa: PLR0917 - the terms of one comparison
    difference: Image,
    errors: Sequence[Image],
    slip: tuple[Image, Image],
    ends: Image,
    inside: NDArray[np.bool_],
    floor: float,
    *,
    known: bool,
) -> _Band:
    """Return what is seen of a difference against what may be, brightness and colours by themselves."""
    light, colour = (
        _channel(
            _energy(difference, c),
            np.asarray(sum(_energy(error, c) for error in errors), np.float32),
            slip[c],
            ends,
            inside,
            floor,
            known=known,
        )
        for c in (0, 1)
    )
    ratio = tuple(np.maximum(a, b) for a, b in zip(light[0], colour[0], strict=True))
    power = _energy(difference, 0) + _energy(difference, 1)
    return _Band(ratio, power, light[1] + colour[1], light[2])


def recompressed(picture: Image, tables: Sequence[Sequence[int]] | None) -> Image:
    """Return a picture as it comes out of a JPEG file with these quantisation tables."""
    from PIL import Image as Pillow  # noqa: PLC0415
    from PIL import JpegImagePlugin  # noqa: F401, PLC0415 - saving would otherwise import five more

    content = io.BytesIO()
    pixels = Pillow.fromarray(np.rint(picture).astype(np.uint8))
    if tables is None:
        pixels.save(content, "JPEG", quality=ASSUMED_QUALITY)
    else:
        pixels.save(content, "JPEG", qtables=[list(t) for t in tables], subsampling=2)
    return np.asarray(Pillow.open(content).convert("RGB"), np.float32)


def off_grid(picture: Image, tables: Sequence[Sequence[int]]) -> Image:
    """Return a picture that came out of a JPEG file with these tables as it would come out of one like it again.

    The blocks lie elsewhere: in their old place they would give the same once more.
    """
    moved = np.roll(picture, (BLOCK // 2, BLOCK // 2), axis=(0, 1))
    return np.roll(recompressed(moved, tables), (-BLOCK // 2, -BLOCK // 2), axis=(0, 1))


def _energy(difference: Image, channel: int) -> Image:
    if channel == 0:
        return difference[..., 0] ** 2
    result: Image = difference[..., 1] ** 2 + difference[..., 2] ** 2
    return result


def _slip(tones: Image, added: Image | None) -> tuple[Image, Image]:
    """Return what details a little beside their place, and a filter a little beside the right one, would leave.

    Of brightness and of colour; `tones` and what the filter `added` are Y'CbCr.
    """
    x, y = gradient(tones)
    power = (x * x + y * y) * np.float32(SLIP**2)
    if added is not None:
        power += added * added * np.float32(FILTERED**2)
    return power[..., 0], power[..., 1] + power[..., 2]


def _ends(predicted: Image) -> Image:
    """Return what tones near black and white may be beside the curve, squared grey levels."""
    red, green, blue = (predicted[..., c] for c in range(3))
    high, low = np.maximum(np.maximum(red, green), blue), np.minimum(np.minimum(red, green), blue)
    beyond = np.maximum(high - (255 - ENDS), ENDS - low) / np.float32(ENDS)
    return np.asarray((np.clip(beyond, 0, 1) * np.float32(ENDS_SLIP)) ** 2, np.float32)


def _channel(  # noqa: PLR0917 - the terms of one comparison
    seen: Image,
    made: Image,
    slip: Image,
    ends: Image,
    inside: NDArray[np.bool_],
    floor: float,
    *,
    known: bool,
) -> tuple[list[Image], Image, float]:
    """Return the logarithms of what is seen over what is expected, a window each, the latter, and the level."""
    expected = smooth(made, 8.0)
    detail = smooth(slip, 4.0)
    bins = _bins(detail, inside)
    base = _by_bin(expected, bins, inside)
    slips = smooth(slip, 2.0)
    level = _levels(
        smooth(seen, 4.0), np.maximum(expected, base[bins]) + slips + floor, bins, inside, known=known
    )
    loud = level[bins].astype(np.float32)
    loud = smooth(loud, 4.0)
    ratios = []
    for sigma in SCALES:
        local = np.maximum(smooth(made, sigma), base[bins])
        may = loud * local + np.maximum(loud, 1) * smooth(slip, sigma) + smooth(ends, sigma) + floor
        ratio = np.log((smooth(seen, sigma) + 0.1 * floor) / may)
        ratios.append(np.where(inside, ratio, -9).astype(np.float32))
    noise = loud * np.maximum(smooth(made, 2.0), base[bins]) + np.maximum(loud, 1) * smooth(slip, 1.5) + ends
    return ratios, np.asarray(noise, np.float32), float(np.median(level))


def _bins(detail: Image, inside: NDArray[np.bool_]) -> NDArray[np.intp]:
    values = detail[inside]
    values = values[:: max(1, len(values) // 50_000)]
    edges = np.quantile(values, np.linspace(0, 1, BINS + 1)[1:-1])
    return np.digitize(detail, edges)


def _by_bin(values: Image, bins: NDArray[np.intp], inside: NDArray[np.bool_]) -> Image:
    count = np.bincount(bins[inside], minlength=BINS)
    total = np.bincount(bins[inside], values[inside], minlength=BINS)
    result: Image = (total / np.maximum(count, 1)).astype(np.float32)
    return result


def _levels(
    seen: Image, expected: Image, bins: NDArray[np.intp], inside: NDArray[np.bool_], *, known: bool
) -> NDArray[np.float64]:
    """Return for each bin how much more remains, in its calmer part, than compression leaves."""
    ratio = (seen / expected)[inside]
    place = bins[inside]
    found = np.array(
        [np.quantile(part, CALM) if len(part := ratio[place == b]) > 50 else np.nan for b in range(BINS)]
    )
    typical = float(np.nanmedian(found)) if np.any(np.isfinite(found)) else 1.0
    least = 1.0 if known else 0.0
    found = np.where(np.isfinite(found), found, typical)
    even = np.clip(found, typical / UNEVEN, typical * UNEVEN)
    return np.asarray(np.clip(even * 1.2, least, LOUDEST), np.float64)
