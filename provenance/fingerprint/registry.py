"""Every fingerprinter there is, and what `add` stores of a photo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from provenance.fingerprint.dhash import DHash
from provenance.fingerprint.interface import Fingerprinter, Frame
from provenance.fingerprint.pdq import Pdq
from provenance.fingerprint.phash import PHash
from provenance.model import FLAT_QUALITY, PRIMARY, Fingerprint

if TYPE_CHECKING:
    from provenance.model import Photo

FINGERPRINTERS: Final[tuple[Fingerprinter, ...]] = (Pdq(), PHash(), DHash())


def fingerprints(photo: Photo) -> tuple[Fingerprint, ...]:
    """Return every algorithm's fingerprint of every frame of `photo`, by frame, then by algorithm.

    Of frames that share an algorithm's code only the one of best quality is kept, the first among equals: an
    animation stands still for many frames, and one that fades in has the same code at any brightness.
    """
    found: dict[tuple[str, bytes], Fingerprint] = {}
    for number, pixels in enumerate(photo.frames):
        frame = Frame(pixels)
        for fingerprinter in FINGERPRINTERS:
            fingerprint = _fingerprint(fingerprinter, frame, number)
            known = found.setdefault((fingerprint.algorithm, fingerprint.code), fingerprint)
            if (fingerprint.quality or 0) > (known.quality or 0):
                found[fingerprint.algorithm, fingerprint.code] = fingerprint
    return tuple(found.values())


def _fingerprint(fingerprinter: Fingerprinter, frame: Frame, number: int) -> Fingerprint:
    code, quality = fingerprinter(frame)
    searchable = fingerprinter.algorithm == PRIMARY and quality is not None and quality >= FLAT_QUALITY
    return Fingerprint(fingerprinter.algorithm, fingerprinter.version, code, quality, number, searchable)
