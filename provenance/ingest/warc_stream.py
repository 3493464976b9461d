"""The bytes of a WARC file, plain, gzip or Zstandard, as streams that record headers can be read from.

A compressed WARC is a chain of members (gzip) or frames (Zstandard), each commonly one record: where one is damaged,
the next can still be found. https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/
and .../warc-zstd/
"""

from __future__ import annotations

import enum
import re
from typing import TYPE_CHECKING, BinaryIO

from provenance.ingest.decoders import PIECE, Unusable, inflated, zstd_decoder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from provenance.ingest.decoders import Decoder

MOST_LINE = 1 << 16
"""Bytes of one header line: servers refuse longer ones."""

MOST_HEADER = 1 << 18
"""Bytes of the headers of one record."""

MOST_DICTIONARY = 1 << 24
"""Bytes of a compression dictionary: they commonly have some 100,000."""

MOST_UNFOLDED = 64 * 2**20
"""Bytes that a member may unfold to however small it is; beyond, it may be `MOST_RATIO` times as large as it was."""

MOST_RATIO = 200
"""HTML shrinks to a tenth, a log to a fiftieth; only a bomb does better for long."""

GO_BACK = 4 * PIECE
"""Bytes before the point where a damaged member failed from which the next one is looked for: one that was cut short
swallows the beginning of what follows."""

GZIP, ZSTD = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"
_SKIPPABLE = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18", re.DOTALL)
_DICTIONARY = b"\x5d\x2a\x4d\x18"
_RECORD = re.compile(rb"\n(?=WARC/\d\.\d{1,2}\r?\n)")
_OVERLAP = 32


class Broken(Unusable):
    """Where a record ends cannot be told: the next one has to be looked for."""


class Form(enum.Enum):
    """How a WARC file is compressed."""

    PLAIN = enum.auto()
    GZIP = enum.auto()
    ZSTD = enum.auto()


class Window:
    """A reader of a file with a position of its own, so that several can share the file."""

    def __init__(self, file: BinaryIO, at: int = 0) -> None:
        self._file = file
        self.at = at

    def read(self, length: int = PIECE) -> bytes:
        """Return the next bytes, none at the end."""
        self._file.seek(self.at)
        data = self._file.read(length)
        self.at += len(data)
        return data

    def pieces(self) -> Iterator[bytes]:
        """Yield the rest."""
        return iter(self.read, b"")


class Stream:
    """Bytes pulled piece by piece, with bounded lines: what warcio reads records from. Raises Broken."""

    def __init__(self, pull: Callable[[], bytes], at: int = 0) -> None:
        self._pull = pull
        self._held = b""
        self._next = 0
        self._base = at
        self._header = 0
        self.tap: Callable[[bytes], None] | None = None
        """Is given what is read: to digest it."""

    def tell(self) -> int:
        """Return how many bytes were read, from where the stream began at."""
        return self._base + self._next

    def read(self, length: int | None = None) -> bytes:
        """Return some of the next `length` bytes; none at the end."""
        self._header = 0
        if length == 0 or not self._more():
            return b""
        return self._taken(len(self._held) if length is None else self._next + length)

    def readline(self, length: int | None = None) -> bytes:
        """Return the next line, of at most `length` bytes."""
        most = MOST_LINE + 1 if length is None else min(length, MOST_LINE + 1)
        line = b""
        while len(line) < most and not line.endswith(b"\n") and self._more():
            end = self._held.find(b"\n", self._next) + 1 or len(self._held)
            line += self._taken(min(end, self._next + most - len(line)))
        self._header += len(line)
        if len(line) > MOST_LINE or self._header > MOST_HEADER:
            raise Broken(f"its headers are longer than {MOST_LINE:,} bytes a line or {MOST_HEADER:,} in all")
        return line

    def past_blank_lines(self) -> bytes:
        """Go on to the next line that is not blank; return how it begins, in at most five bytes."""
        self._header = 0
        while self._more():
            left = self._held[self._next :].lstrip(b"\r\n")
            self._next = len(self._held) - len(left)
            if left:
                return left[:5]
        return b""

    def to_next_record(self) -> bool:
        """Go on to where the next record seems to begin; return whether there is one."""
        self.tap = None
        self._header = 0
        while True:
            if found := _RECORD.search(self._held, self._next):
                self._next = found.end()
                return True
            kept = self._held[max(self._next, len(self._held) - _OVERLAP) :]
            fresh = self._pull()
            if not fresh:
                return False
            self._base += len(self._held) - len(kept)
            self._held, self._next = kept + fresh, 0

    def _more(self) -> bool:
        if self._next == len(self._held):
            self._base += self._next
            self._held, self._next = self._pull(), 0
        return bool(self._held)

    def _taken(self, end: int) -> bytes:
        taken = self._held[self._next : end]
        self._next += len(taken)
        if self.tap:
            self.tap(taken)
        return taken


class Member:
    """One member or frame of a compressed file, from `at` on."""

    def __init__(self, file: BinaryIO, at: int, decoder: Decoder) -> None:
        self.at = at
        self._window = Window(file, at)
        self._decoder = decoder
        self._plain = inflated(self._window.pieces(), decoder)
        self._unfolded = 0

    def pull(self) -> bytes:
        """Return the next bytes, none at the end. Raises Broken."""
        try:
            piece = next(self._plain, b"")
        except Unusable as error:
            raise Broken(str(error)) from error
        self._unfolded += len(piece)
        if self._unfolded > max(MOST_UNFOLDED, MOST_RATIO * (self._window.at - self.at)):
            raise Broken(f"it unfolds to more than {MOST_RATIO} times its size")
        return piece

    @property
    def resume(self) -> tuple[int, bool]:
        """Where the next member begins, and whether that is sure; else it is to be looked for from there on."""
        if self._decoder.eof:
            return self._window.at - len(self._decoder.unused_data), True
        return max(self.at + 1, self._window.at - GO_BACK), False


def form_of(file: BinaryIO) -> Form:
    """Return how a file is compressed, by how it begins."""
    head = Window(file).read(4)
    if head.startswith(GZIP):
        return Form.GZIP
    return Form.ZSTD if head == ZSTD or _SKIPPABLE.match(head) else Form.PLAIN


def dictionary_of(file: BinaryIO) -> bytes:
    """Return the dictionary that a Zstandard WARC begins with, if it has one.

    Raises:
        UsageError: it is compressed, and the library is not installed.
        Unusable: it is damaged, or larger than `MOST_DICTIONARY`.
    """
    window = Window(file)
    head = window.read(8)
    if not head.startswith(_DICTIONARY):
        return b""
    length = int.from_bytes(head[4:], "little")
    held = window.read(min(length, MOST_DICTIONARY + 1))
    if held.startswith(ZSTD):
        pieces, whole = inflated([held], zstd_decoder()), bytearray()
        while len(whole) <= MOST_DICTIONARY and (piece := next(pieces, b"")):
            whole += piece
        held = bytes(whole)
    if not held or len(held) > MOST_DICTIONARY:
        raise Unusable("its compression dictionary is missing or too large")
    return held


def after_skippable(file: BinaryIO, at: int) -> int:
    """Return where the first frame from `at` on begins that is none of Zstandard's skippable ones."""
    while _SKIPPABLE.match(head := Window(file, at).read(8)):
        at += 8 + int.from_bytes(head[4:], "little")
    return at


def find_member(file: BinaryIO, at: int, form: Form) -> int | None:
    """Return where the first member from `at` on begins, by its magic bytes; None if there is none."""
    magic = GZIP if form is Form.GZIP else ZSTD
    window = Window(file, at)
    held = b""
    while fresh := window.read():
        held += fresh
        if (found := held.find(magic)) >= 0:
            return window.at - len(held) + found
        held = held[-len(magic) + 1 :]
    return None
