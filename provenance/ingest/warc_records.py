"""WARC files -> records, and what is left of a file that is damaged.

Headers are warcio's to read; where records begin and end is found out here: warcio gives a damaged file up.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, Generic, TypeVar

from provenance.ingest.decoders import Unusable, gzip_decoder, zstd_decoder
from provenance.ingest.warc_record import Record, Where, stated_digest
from provenance.ingest.warc_stream import (
    Broken,
    Form,
    Member,
    Stream,
    Window,
    after_skippable,
    dictionary_of,
    find_member,
    form_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from warcio.recordloader import ArcWarcRecordLoader

Taken = TypeVar("Taken")

MOST_FAULTS = 1_000
"""Damaged records after which the rest of a file is left alone: each costs a search for the next one."""

MOST_AGAIN = 2**20
"""Byte of a member up to which a record may begin to be read again."""

_AHEAD = 64


@dataclass(frozen=True, slots=True)
class Fault:
    """A record, or a stretch of a file, that could not be used; `uri` is empty where it is not known."""

    at: int
    uri: str
    reason: str


@dataclass(slots=True, eq=False)
class WarcFile(Generic[Taken]):
    """A WARC file, open for reading at any place.

    Raises:
        UsageError: it is compressed with what is not installed.
        Unusable: its dictionary is damaged.
    """

    file: BinaryIO
    form: Form = field(init=False)
    size: int = field(init=False)
    _dictionary: bytes = field(init=False, default=b"")
    _loader: ArcWarcRecordLoader = field(init=False)

    def __post_init__(self) -> None:
        self.form = form_of(self.file)
        self.size = self.file.seek(0, os.SEEK_END)
        self._loader = _loader()
        if self.form is Form.ZSTD:
            self._dictionary = dictionary_of(self.file)
            zstd_decoder(self._dictionary)

    def read(self, take: Callable[[Record], Taken | None]) -> Iterator[Taken | Fault]:
        """Yield what `take` makes of each record, if anything, and what could not be used.

        `take` may raise Unusable; what it took of a record that turns out to be damaged is dropped.
        """
        faults = 0
        for found in self._streams():
            for item in (found,) if isinstance(found, Fault) else self._in_stream(*found, take):
                yield item
                faults += isinstance(item, Fault)
                if faults >= MOST_FAULTS:
                    yield Fault(self.size, "", f"after {faults:,} damaged records the rest was not read")
                    return

    def can_return_to(self, where: Where) -> bool:
        """Whether a record can be read again at a bounded cost."""
        return self.form is Form.PLAIN or where.inner <= MOST_AGAIN

    def record_at(self, where: Where) -> Record:
        """Return the record that begins there, to be read again. Raises Broken."""
        stream = self._plain(where.inner) if self.form is Form.PLAIN else Stream(self._member(where.at).pull)
        while (before := where.inner - stream.tell()) and stream.read(before):
            pass
        record = self._record(stream, where)
        self._read_http(record)
        return record

    def _streams(self) -> Iterator[tuple[int, Stream] | Fault]:
        if self.form is Form.PLAIN:
            yield 0, self._plain(0)
            return
        at, sure = 0, True
        while True:
            at = after_skippable(self.file, at) if self.form is Form.ZSTD else at
            found = find_member(self.file, at, self.form)
            if sure and at < self.size and found != at:
                yield Fault(at, "", "here begins no compressed record")
            if found is None:
                return
            member = self._member(found)
            yield found, Stream(member.pull)
            at, sure = member.resume

    def _plain(self, at: int) -> Stream:
        return Stream(Window(self.file, at).read, at)

    def _member(self, at: int) -> Member:
        gzip = self.form is Form.GZIP
        return Member(self.file, at, gzip_decoder() if gzip else zstd_decoder(self._dictionary))

    def _in_stream(
        self, member: int, stream: Stream, take: Callable[[Record], Taken | None]
    ) -> Iterator[Taken | Fault]:
        while True:
            start, record = stream.tell(), None
            try:
                if not stream.past_blank_lines():
                    return
                start = stream.tell()
                record = self._record(stream, Where(member, start))
                taken = self._taken(record, stream, take)
            except Unusable as error:
                at = start if self.form is Form.PLAIN else member
                yield Fault(at, record.uri if record else "", str(error))
                if isinstance(error, Broken):
                    # A plain file can be read again from within a record whose length is wrong: it may hold others.
                    stream = self._plain(start + 1) if self.form is Form.PLAIN else stream
                    if not _resumed(stream):
                        return
            else:
                if taken is not None:
                    yield taken

    def _record(self, stream: Stream, where: Where) -> Record:
        """Read the headers of the record that begins here. Raises Broken."""
        stream.tap = None
        line = stream.readline()
        if not line.startswith(b"WARC/"):
            raise Broken(f"here begins no WARC record, but {line[:20]!r}")
        try:
            parsed = self._loader.parse_record_stream(stream, line, "warc", no_record_parse=True)
            length = int(parsed.rec_headers.get_header("Content-Length") or "none")
        except Broken:
            raise
        except Exception as error:  # whatever its parser lets through
            raise Broken("its header is cut short, or states no length") from error
        if length < 0:
            raise Broken("its header states a negative length")
        if self.form is Form.PLAIN:
            end = stream.tell() + length
            if end > self.size:
                raise Broken(f"it is cut short: the file ends {end - self.size:,} bytes before it does")
            _check_end(Window(self.file, end).read(_AHEAD).lstrip(b"\r\n"))
        record = Record(where, parsed)
        record.digest = stated_digest(record.header("WARC-Block-Digest"))
        stream.tap = record.digest.update if record.digest else None
        return record

    def _taken(self, record: Record, stream: Stream, take: Callable[[Record], Taken | None]) -> Taken | None:
        """Return what `take` makes of a record, once its end is known to be right. Raises Unusable, Broken."""
        taken, unusable = None, None
        try:
            self._read_http(record)
            taken = take(record)
        except Broken:
            raise
        except Unusable as error:
            unusable = error
        while record.read():
            pass
        if missing := record.parsed.raw_stream.limit:
            raise Broken(f"it is cut short: {missing:,} bytes are missing")
        stream.tap = None
        _check_end(stream.past_blank_lines())
        if unusable is None and record.digest and not record.digest.agrees:
            unusable = Unusable("its bytes are not those whose digest the archive recorded")
        if unusable:
            raise unusable
        return taken

    def _read_http(self, record: Record) -> None:
        """Read the headers of the HTTP message that a record holds, if it holds one."""
        kind = record.header("WARC-Type")
        try:
            record.http = self._loader.load_http_headers(
                kind, record.uri, record.parsed.raw_stream, record.parsed.length
            )
        except Broken:
            raise
        except Exception as error:  # whatever its parser lets through
            raise Unusable("the HTTP message in it cannot be read") from error


def _loader() -> ArcWarcRecordLoader:
    import logging  # noqa: PLC0415 - as below

    from warcio.recordloader import ArcWarcRecordLoader  # noqa: PLC0415 - whoever adds other sources need not wait for it

    # It warns of odd URLs in their own words, which would reach the terminal as they are.
    logging.getLogger("warcio").addHandler(logging.NullHandler())
    return ArcWarcRecordLoader(verify_http=False, arc2warc=False)


def _check_end(ahead: bytes) -> None:
    """Raise Broken unless a record may end where, after blank lines, a line begins like that, or the file ends."""
    if not ahead.startswith(b"WARC/"[: len(ahead)]):
        raise Broken("it does not end where its stated length says")


def _resumed(stream: Stream) -> bool:
    try:
        return stream.to_next_record()
    except Broken:
        return False
