"""What a check looks up: the primary code of a photo, however it was turned, mirrored or inverted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from provenance.fingerprint.pdq import Pdq, inverted, oriented_codes
from provenance.model import FLAT_QUALITY, Orientation, QueryCode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.model import Photo


@dataclass(frozen=True, slots=True)
class QueryFingerprints:
    """The codes to look up, and the quality (0 to 100) of the photo's best frame."""

    codes: tuple[QueryCode, ...]
    quality: int

    @property
    def flat(self) -> bool:
        """Whether no frame holds enough to be recognised by: there are no codes, and that must be said."""
        return self.quality < FLAT_QUALITY


def query_codes(photo: Photo) -> QueryFingerprints:
    """Return `photo`'s PDQ codes in eight orientations and two tones.

    Frames of quality below `FLAT_QUALITY` abstain. Codes come by frame, as they are before inverted, and in
    the order of `Orientation`, so the upright positive is first; a code that comes again is dropped.
    """
    codes: dict[bytes, QueryCode] = {}
    best = 0
    for number, pixels in enumerate(photo.frames):
        oriented, quality = oriented_codes(pixels)
        best = max(best, quality)
        if quality >= FLAT_QUALITY:
            for query in _both_tones(oriented, number):
                codes.setdefault(query.code, query)
    return QueryFingerprints(tuple(codes.values()), best)


def _both_tones(codes: dict[Orientation, bytes], frame: int) -> Iterator[QueryCode]:
    for orientation, code in codes.items():
        yield QueryCode(Pdq.algorithm, Pdq.version, code, orientation, inverted=False, frame=frame)
    for orientation, code in codes.items():
        yield QueryCode(Pdq.algorithm, Pdq.version, inverted(code), orientation, inverted=True, frame=frame)
