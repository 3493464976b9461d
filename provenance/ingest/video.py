"""Videos: each key frame is a photo whose sighting says of which video it is, and when in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from provenance.ingest.folder import shown, sighting_at
from provenance.model import DateRange, Skipped, Submission

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from provenance.model import KeyFrame

VIDEO_SUFFIXES = frozenset(
    f".{name}"
    for name in ("mp4", "m4v", "mov", "mkv", "webm", "avi", "3gp", "mpg", "mpeg", "ts", "mts", "ogv")
)


@dataclass(frozen=True, slots=True)
class VideoSource:
    """One video. `key_frames` decodes it: given its file and its name in reports."""

    streamed: ClassVar[bool] = True

    file: Path
    key_frames: Callable[[Path, str], Iterator[KeyFrame | Skipped]] | None

    def collect(self) -> Iterator[Submission | Skipped]:
        """Yield its key frames in their order; a video that cannot be read is skipped."""
        name = shown(self.file)
        if not self.file.is_file():
            yield Skipped(name, "no such file")
            return
        if self.key_frames is None:
            yield Skipped(name, "videos are not read here")
            return
        for frame in self.key_frames(self.file, name):
            yield frame if isinstance(frame, Skipped) else self._submission(name, frame)

    def _submission(self, name: str, frame: KeyFrame) -> Submission:
        # Media fragments (https://www.w3.org/TR/media-frags): many players open a video there.
        fragment = f"#t={frame.seconds:.3f}"
        bare = sighting_at(name + fragment, self.file)
        day = frame.created.date() if frame.created else None
        sighting = replace(
            bare,
            location=bare.location + fragment,
            captured=DateRange(day.isoformat(), day, day) if day else None,
            moment=time_code(frame.seconds),
        )
        return Submission(file=self.file, path=sighting.path, sighting=sighting, content=frame.content)


def time_code(seconds: float) -> str:
    """Return hours, minutes and seconds to the millisecond: `00:01:12.400`."""
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}"
