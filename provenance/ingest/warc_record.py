"""One record of a WARC file, as its reader and its users see it."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from provenance.ingest.decoders import PIECE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from warcio.recordloader import ArcWarcRecord
    from warcio.statusandheaders import StatusAndHeaders

_DIGESTS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "md5": hashlib.md5}


@dataclass(frozen=True, slots=True)
class Place:
    """A file that WARC records lie in: how it is named to the user, and where it is."""

    file: Path
    path: str
    location: str

    def within(self, name: str) -> Place:
        """Return the place of a file that lies in this one."""
        return Place(self.file, f"{self.path}/{url_safe(name)}", f"{self.location}/{url_safe(name)}")


class Where(NamedTuple):
    """Where a record begins: the byte of the file, or of the member that it lies in, and the byte within that."""

    at: int
    inner: int


@dataclass(frozen=True, slots=True, eq=False)
class Digest:
    """What a record's block is digested to, and what it should be."""

    hash: hashlib._Hash
    expected: bytes

    @property
    def update(self) -> Callable[[bytes], None]:
        """What is to be given the block's bytes."""
        return self.hash.update

    @property
    def agrees(self) -> bool:
        """Whether the bytes so far are the right ones."""
        return self.hash.digest() == self.expected


@dataclass(slots=True, eq=False)
class Record:
    """A record whose headers are read; `read` and `readline` give what follows them, once."""

    where: Where
    parsed: ArcWarcRecord
    http: StatusAndHeaders | None = None
    digest: Digest | None = None

    def header(self, name: str) -> str:
        """Return a WARC header, empty if there is none."""
        return str(self.parsed.rec_headers.get_header(name) or "").strip()

    def headers(self, name: str) -> list[str]:
        """Return every value of a WARC header that may stand several times."""
        return [
            value.strip() for key, value in self.parsed.rec_headers.headers if key.lower() == name.lower()
        ]

    def http_header(self, name: str) -> str:
        """Return a header of the HTTP message within, empty if there is none."""
        return str((self.http and self.http.get_header(name)) or "").strip()

    @property
    def status(self) -> str:
        """The HTTP status, empty where there is no HTTP message within."""
        return str(self.http.get_statuscode()) if self.http and self.http.statusline else ""

    @property
    def uri(self) -> str:
        """What was archived, with what no URL may hold written as URLs write it."""
        return url_safe(self.header("WARC-Target-URI"))

    def read(self, length: int = PIECE) -> bytes:
        """Return some of what is left, none at the end."""
        return bytes(self.parsed.raw_stream.read(length))

    def readline(self, length: int) -> bytes:
        """Return the next line, or its first `length` bytes."""
        return bytes(self.parsed.raw_stream.readline(length))


def url_safe(text: str) -> str:
    """Return text with what no URL may hold written as URLs write it."""
    return "".join(c if c.isprintable() and c != " " else _percent(c) for c in text)


def _percent(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))


def stated_digest(text: str) -> Digest | None:
    """Read e.g. `sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ`: in base 32, or in hexadecimal digits."""
    name, _, value = text.partition(":")
    make = _DIGESTS.get(name.lower().replace("-", ""))
    if make is None:
        return None
    made = make(usedforsecurity=False)
    try:
        if len(value) == 2 * made.digest_size:
            return Digest(made, bytes.fromhex(value))
        expected = base64.b32decode(value + "=" * (-len(value) % 8), casefold=True)
    except ValueError:
        return None
    return Digest(made, expected) if len(expected) == made.digest_size else None
