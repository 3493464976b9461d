"""A stretch of a video to its key frames. In a child process only: decoders are large, and every video is hostile.

PyAV (https://pyav.org), FFmpeg's libraries for Python, is the extra `video`.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from provenance.errors import PhotoError
from provenance.model import KeyFrame

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from numpy.typing import NDArray

    Sketch = NDArray[np.int16]

MISSING = "PyAV is not installed, which reads videos; install it with: pip install 'provenance[video]'"

OPTIONS = {
    "protocol_whitelist": "file",
    "format_whitelist": "mov,mp4,matroska,webm,avi,mpeg,mpegts,mpegvideo,ogg,flv,asf",
}
"""Playlists and the like, whatever their file's name, would have other files opened, and addresses."""

PER_SECOND = 4
"""Frames of a second that are looked at: between two of them little moves but a camera thrown about."""

SIDE = 1_280
"""Pixels of the longer side that is kept: stills that go round are seldom larger."""

QUALITY = 92
"""libjpeg's scale: the features of a frame must be those that a still of it has."""

MOST_PIXELS = 8_192 * 4_320
"""Of a frame: the largest that any broadcast standard has."""

MOST_DURATION = 24 * 3_600.0
"""Seconds. A file that claims to be longer is cut there."""

SKETCH = (32, 18)
"""Width and height of what frames are compared by."""

MOVED, SOMEWHERE = 3.0, 20.0
"""Mean difference of two sketches, and the one that a tenth of their cells exceed, in grey levels, from which a frame
shows something else than the last one kept. Noise and compression of one still scene stay under 1 and 6."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a video, from `start` until before `end`, in seconds."""

    file: Path
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Shots:
    """The key frames of a stretch, and what the file says of itself."""

    frames: tuple[KeyFrame, ...]
    duration: float
    """Of the whole video, in seconds."""


def key_frames(stretch: Stretch) -> Shots:
    """Return the frames of a stretch that show something new, its first one included.

    Raises:
        PhotoError: it cannot be decoded.
    """
    try:
        import av  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise PhotoError(MISSING) from error
    try:
        with av.open(str(stretch.file), metadata_errors="replace", options=OPTIONS) as container:
            if not container.streams.video:
                raise PhotoError("it holds no video")
            duration = min(float(container.duration or 0) / av.time_base, MOST_DURATION)
            aspect = float(container.streams.video[0].sample_aspect_ratio or 1)
            frames = tuple(
                KeyFrame(float(frame.time or 0.0), _jpeg(frame, aspect), _created(container))
                for frame in _new(_sampled(container, stretch))
            )
    except (av.error.FFmpegError, ValueError, OSError) as error:
        raise PhotoError(f"it cannot be decoded as a video: {error}") from error
    return Shots(frames, duration)


def _created(container: InputContainer) -> datetime | None:
    """Return when the file says that it was made. Cameras write local time as if it were UTC: a day either way."""
    told = container.metadata.get("com.apple.quicktime.creationdate") or container.metadata.get(
        "creation_time"
    )
    try:
        when = datetime.fromisoformat(told) if told else None
    except ValueError:
        return None
    # The epoch of QuickTime, and of Unix, stand for a clock that was never set.
    return when if when and when.year > 1970 else None  # noqa: PLR2004


def _sampled(container: InputContainer, stretch: Stretch) -> Iterator[VideoFrame]:
    """Yield frames of the stretch, `PER_SECOND` at most of each second."""
    stream = container.streams.video[0]
    if stream.codec_context.width * stream.codec_context.height > MOST_PIXELS:
        raise PhotoError(f"its frames have more than {MOST_PIXELS:,} pixels")
    if stretch.start > 0:
        container.seek(int(stretch.start * 1_000_000), backward=True)
    following = stretch.start
    for frame in container.decode(stream):
        at = float(frame.time or 0.0)
        if at >= stretch.end:
            return
        if at + 1e-6 >= following:
            following = max(following, at) + 1 / PER_SECOND
            yield frame


def _new(frames: Iterator[VideoFrame]) -> Iterator[VideoFrame]:
    """Yield the frames that show something else than the last one yielded."""
    last: Sketch | None = None
    for frame in frames:
        grey = frame.reformat(width=SKETCH[0], height=SKETCH[1], format="gray").to_ndarray()
        sketch = np.asarray(grey, np.int16)
        if last is None or _differs(sketch, last):
            last = sketch
            yield frame


def _differs(one: Sketch, other: Sketch) -> bool:
    apart = np.abs(one - other)
    return float(apart.mean()) > MOVED or float(np.percentile(apart, 90)) > SOMEWHERE


def _jpeg(frame: VideoFrame, aspect: float) -> bytes:
    """Return a frame upright, in square pixels, as a JPEG; its own pixels are `aspect` times as wide as high."""
    picture = Image.fromarray(frame.to_ndarray(format="rgb24"))
    width = round(picture.width * aspect)
    scale = min(1.0, SIDE / max(width, picture.height))
    size = max(1, round(width * scale)), max(1, round(picture.height * scale))
    square = picture.resize(size, Image.Resampling.BICUBIC) if size != picture.size else picture
    content = io.BytesIO()
    square.rotate(frame.rotation, expand=True).save(content, "JPEG", quality=QUALITY)
    return content.getvalue()


def weigh(shots: Shots) -> int:
    """Return the bytes of the frames of a stretch."""
    return sum(len(frame.content) for frame in shots.frames)
