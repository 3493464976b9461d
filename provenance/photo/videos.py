"""Videos to their key frames, stretch by stretch in child processes: a decoder's crash or hang costs one stretch."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from provenance.model import Skipped
from provenance.photo.limits import DEFAULT
from provenance.photo.pool import Failure, Pool
from provenance.photo.video import Stretch, key_frames, weigh

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from provenance.model import KeyFrame

LENGTH = 20.0
"""Seconds of video that a child does at a time: some ten megabytes of frames at most."""

LIMITS = replace(DEFAULT, seconds=180.0)
"""20 seconds of the largest video that is read take some 100 seconds on a slow core."""


def frames_of(file: Path, name: str, workers: int) -> Iterator[KeyFrame | Skipped]:
    """Yield the key frames of a video in their order; a stretch that cannot be decoded is skipped with its times.

    `name` is the path as reports show it.
    """
    with Pool(key_frames, limits=LIMITS, weigh=weigh) as pool:
        ((_, first),) = pool.map([Stretch(file, 0.0, LENGTH)], workers=1)
        if isinstance(first, Failure):
            yield Skipped(name, first.reason)
            return
        yield from first.frames
        starts = (LENGTH * n for n in range(1, math.ceil(first.duration / LENGTH)))
        rest = (Stretch(file, start, start + LENGTH) for start in starts)
        for stretch, shots in pool.map(rest, workers=workers):
            if isinstance(shots, Failure):
                yield Skipped(f"{name}#t={stretch.start:g},{stretch.end:g}", shots.reason)
            else:
                yield from shots.frames
