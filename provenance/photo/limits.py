"""The bounds of decoding. Every photo is hostile, so each of its dimensions has one.

A picture may be refused for them, never cut short in silence: what exceeds a bound is a `PhotoError`. The one
exception is the length of an animation, of which the beginning is sampled (see `photo.decode`).
"""

from __future__ import annotations

from dataclasses import dataclass

MAX_BYTES = 512 * 2**20
"""A 16-bit TIFF of a 60 MP camera is 360 MB; nothing that circulates is larger."""

MAX_PIXELS = 200_000_000
"""The largest sensor in a phone: 16,320 x 12,240 pixels."""

MAX_SIDE = 65_535
"""The longest side that JPEG can express; whoever needs more has no photo but a map."""

MAX_FRAMES = 8
"""Shots that a short animation holds; each costs its fingerprints and its look-ups."""

MAX_WALKED_FRAMES = 2_000
"""80 seconds at 25 frames a second. Frames build on one another, so all up to the last
one wanted are decoded."""

MAX_WALKED_PIXELS = 300_000_000
"""Half a minute of 1,280 x 720 at 10 frames a second: 4 seconds of decoding for GIF, 8 for WebP."""

DECODE_SECONDS = 20.0
"""Of a processor's time. The slowest photo within the other bounds takes some 10 seconds on a slow core."""

DECODE_MEMORY = 2 * 2**30
"""Bytes that a child may take above what it starts with: `MAX_PIXELS` at 4 bytes, twice (the picture and its
conversion), and room for the decoder's own tables."""

WORKING_SIDE = 480
"""Pixels. No stage after decoding that works on a single photo needs a larger picture."""

PREVIEW_SIDE = 384
"""Pixels: two previews stand side by side in a report on a narrow screen."""

PREVIEW_QUALITY = 80
"""JPEG quality: small enough that a million previews fit a laptop's disk."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one decoding; sides and areas in pixels, `bytes` and `memory` in bytes."""

    bytes: int = MAX_BYTES
    pixels: int = MAX_PIXELS
    side: int = MAX_SIDE
    frames: int = MAX_FRAMES
    walked_frames: int = MAX_WALKED_FRAMES
    walked_pixels: int = MAX_WALKED_PIXELS
    seconds: float = DECODE_SECONDS
    memory: int = DECODE_MEMORY
    working_side: int = WORKING_SIDE
    preview_side: int = PREVIEW_SIDE
    preview_quality: int = PREVIEW_QUALITY

    @property
    def out_of_memory(self) -> str:
        """Say that decoding needed more than `memory`, in the words of an error."""
        return f"needs more than {self.memory // 2**20:,} MB of memory"


DEFAULT = Limits()
