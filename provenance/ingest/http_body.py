"""The body of an archived HTTP message, as the browser saw it: chunks joined, content encodings undone.

Many archives store bodies decoded and keep the headers that say otherwise: what is not as its header says, but as it
would be decoded, is taken as it is. RFC 9110 and RFC 9112.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from provenance.errors import UsageError
from provenance.ingest.decoders import CONTENT_ENCODINGS, PIECE, Unusable, inflated
from provenance.ingest.magic import begun, is_picture

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.ingest.warc_record import Record

MOST_ENCODINGS = 3
"""Content encodings of one body; servers use one."""

_CHUNK = re.compile(rb"\s*([0-9a-fA-F]{1,15})\s*(?:;.*)?\r?\n?", re.DOTALL)
_CHUNK_LINE = 256


def body(record: Record) -> Iterator[bytes]:
    """Yield the body of a record, decoded, in pieces; each is at most `PIECE` bytes.

    Raises:
        Unusable: it is damaged, ends early, or is in an encoding that is not read.
    """
    pieces = iter(record.read, b"")
    if record.http_header("Transfer-Encoding").lower().endswith("chunked"):
        pieces = _joined(record)
    names = [name.strip().lower() for name in record.http_header("Content-Encoding").split(",")]
    encodings = [name for name in names if name not in {"", "identity", "none"}]
    if len(encodings) > MOST_ENCODINGS:
        raise Unusable(f"its body is encoded {len(encodings)} times")
    for name in reversed(encodings):
        pieces = _decoded(pieces, name)
    return pieces


def _decoded(pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    head, pieces = begun(pieces)
    if not head or is_picture(head):
        return pieces
    if encoding not in CONTENT_ENCODINGS:
        raise Unusable(f"its body is in an encoding that is not read: {encoding[:40]}")
    try:
        return inflated(pieces, CONTENT_ENCODINGS[encoding](head))
    except UsageError as error:
        raise Unusable(f"{error.message} {error.advice}") from error


def _joined(record: Record) -> Iterator[bytes]:
    """Yield what chunks hold; a body that does not begin with one is as it should be already."""
    line = record.readline(_CHUNK_LINE)
    chunk = _CHUNK.fullmatch(line)
    if chunk is None:
        yield line
        yield from iter(record.read, b"")
        return
    while chunk is not None and (left := int(chunk[1], 16)):
        while left:
            piece = record.read(min(left, PIECE))
            if not piece:
                raise Unusable("its body ends within a chunk")
            left -= len(piece)
            yield piece
        record.readline(_CHUNK_LINE)
        line = record.readline(_CHUNK_LINE)
        chunk = _CHUNK.fullmatch(line)
    if chunk is None:
        raise Unusable("its body ends without its last chunk" if not line else "its chunks are damaged")
