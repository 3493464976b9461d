"""What happens to one photo in a decoding child: bytes -> Photo -> fingerprints.

The children import what they need themselves; this module stays light, so that the first child can start
before the rest of the program has been imported.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from provenance.model import ImageRecord
from provenance.photo.limits import DEFAULT
from provenance.photo.pool import Pool

if TYPE_CHECKING:
    from provenance.model import DateRange, Photo, QueryCode, Submission


@dataclass(frozen=True, slots=True)
class ReferenceExam:
    """What a child learns of a photo that is to be archived."""

    image: ImageRecord
    captured: DateRange | None


@dataclass(frozen=True, slots=True)
class QueryExam:
    """What a child learns of a photo that is to be checked."""

    sha256: str
    size: tuple[int, int]
    codes: tuple[QueryCode, ...]
    flat: bool


def examine_reference(submission: Submission) -> ReferenceExam:
    """Decode and fingerprint an earlier photo. Raises PhotoError."""
    from provenance.evidence.exif_time import captured
    from provenance.fingerprint import fingerprints, sha256
    from provenance.photo.preview import preview

    data, photo = _decoded(submission)
    image = ImageRecord(
        sha256=sha256(data),
        format=photo.format,
        width=photo.width,
        height=photo.height,
        byte_count=len(data),
        frame_count=photo.frame_count,
        fingerprints=fingerprints(photo),
        preview=preview(photo),
    )
    return ReferenceExam(image, captured(data))


def examine_query(submission: Submission) -> QueryExam:
    """Decode a photo and make the codes to look up. Raises PhotoError."""
    from provenance.fingerprint import query_codes, sha256

    data, photo = _decoded(submission)
    query = query_codes(photo)
    return QueryExam(sha256(data), (photo.width, photo.height), query.codes, query.flat)


def _decoded(submission: Submission) -> tuple[bytes, Photo]:
    from provenance.photo.decode import decode
    from provenance.photo.reading import read_bytes

    data = read_bytes(submission.file, DEFAULT.bytes)
    return data, decode(data)


def load_query_tools() -> None:
    """Import what `examine_query` needs; a child does so while the parent still opens the archive."""
    import_module("provenance.fingerprint")
    import_module("provenance.photo.decode")


def load_reference_tools() -> None:
    """Import what `examine_reference` needs; imagehash would load scipy at its first photo."""
    load_query_tools()
    import_module("imagehash")
    import_module("scipy.fftpack")


def reference_pool() -> Pool[Submission, ReferenceExam]:
    """Return the children that examine photos for `add`; enter it before opening the archive."""
    return Pool(examine_reference, warm=load_reference_tools)


def query_pool() -> Pool[Submission, QueryExam]:
    """Return the children that examine photos for `check`; enter it before opening the archive."""
    return Pool(examine_query, warm=load_query_tools)
