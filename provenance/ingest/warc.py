"""Web archives in WARC files: every picture that was fetched, when, and the page that showed it.

WARC 1.0 and 1.1 (ISO 28500), plain or compressed record by record with gzip or Zstandard.
"""

from __future__ import annotations

import io
import re
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, BinaryIO, ClassVar, NamedTuple

from provenance.errors import DateError
from provenance.ingest.decoders import Unusable
from provenance.ingest.folder import shown
from provenance.ingest.http_body import body
from provenance.ingest.magic import begun, is_picture
from provenance.ingest.warc_record import Place
from provenance.ingest.warc_records import Fault, WarcFile
from provenance.ingest.warc_stream import Broken
from provenance.model import Sighting, Skipped, Submission

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from provenance.ingest.warc_record import Record, Where
    from provenance.model import DateRange

WARC_SUFFIXES = (".warc", ".warc.gz", ".warc.zst")

MOST_PICTURE = 64 * 2**20
"""Bytes of one picture: pages show some of 20 MB. Several are in memory at once while photos are examined."""

MOST_REMEMBERED = 150_000
"""Keys of pictures, up to three each, that a later record may say it repeats: some 40 MB. The oldest are forgotten."""

MOST_REQUESTS = 256
"""Requests whose responses may still come."""

MOST_PAGE = 8_192
"""Characters of the URL of a page: servers refuse longer ones."""

WEB_BEGAN = date(1991, 8, 6)
"""The first page went public. An earlier date is a clock that was reset, and would contradict every claim."""

_DATE = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?Z)?)?)?", re.ASCII)
_RANGE = re.compile(r"bytes 0-(\d+)/(\d+)", re.ASCII)
_SCREENSHOT = re.compile(r"urn:[A-Za-z-]+:(https?://.+)")
_SHOWN = frozenset({"", "200", "203"})
_NO_PHOTOS = ("image/svg", "image/x-icon", "image/vnd.microsoft.icon")


class _Capture(NamedTuple):
    """A picture as an archive recorded it."""

    uri: str
    archived: DateRange
    content: bytes
    ids: frozenset[str]
    """Of its record, and of the records that belong to it."""
    referer: str | None
    record: Record | None
    """Where its bytes lie, for those that repeat it; None where it repeats another."""


class _Request(NamedTuple):
    ids: frozenset[str]
    referer: str


_Warc = WarcFile[_Capture | _Request]


@dataclass(slots=True)
class Remembered:
    """Where pictures lie that later records may repeat: by digest, by record, by URL and date."""

    _places: OrderedDict[str, tuple[_Warc, Where]] = field(default_factory=OrderedDict)

    def add(self, record: Record, warc: _Warc) -> None:
        """Remember where a picture lies."""
        keys = (record.header("WARC-Payload-Digest"), record.header("WARC-Record-ID"), _key(record, "WARC-"))
        if warc.can_return_to(record.where):
            for key in filter(None, keys):
                self._places.setdefault(key, (warc, record.where))
        while len(self._places) > MOST_REMEMBERED:
            self._places.popitem(last=False)

    def repeated_by(self, record: Record) -> Record | None:
        """Return the record that one says it repeats, to be read; None if it is not held. Raises Unusable."""
        digest = record.header("WARC-Payload-Digest")
        keys = (digest, record.header("WARC-Refers-To"), _key(record, "WARC-Refers-To-"))
        place = next((self._places[key] for key in keys if key in self._places), None)
        if place is None:
            return None
        held = place[0].record_at(place[1])
        if digest and digest != (held.header("WARC-Payload-Digest") or digest):
            raise Unusable("it says that it repeats a picture, but has another digest")
        return held


def _key(record: Record, prefix: str) -> str:
    uri, when = record.header(f"{prefix}Target-URI"), record.header(f"{prefix}Date")
    return f"{when} {uri}" if uri and when else ""


def _own_word(referer: str | None, _uri: str) -> str | None:
    return referer


@dataclass(slots=True)
class Pictures:
    """What WARC files hold of pictures; one for all that may repeat each other's."""

    parse_date: Callable[[str], DateRange]
    page_of: Callable[[str | None, str], str | None] = _own_word
    """The page that showed a picture, by the page that its request named, if any, and by the picture's URL."""
    _remembered: Remembered = field(default_factory=Remembered)
    _referers: OrderedDict[str, str] = field(default_factory=OrderedDict)
    """By the ids of a request, and of the records that belong to it."""

    def of(self, file: BinaryIO, place: Place) -> Iterator[Submission | Skipped]:
        """Yield every picture of a WARC file, and what could not be used.

        Raises:
            UsageError: the file is compressed with what is not installed.
        """
        try:
            warc: _Warc = WarcFile(file)
        except Unusable as error:
            yield Skipped(place.path, str(error))
            return
        found = False
        for item in self._in_order(warc):
            found = True
            yield self._submission(item, place) if isinstance(item, _Capture) else _skipped(item, place)
        if not found:
            yield Skipped(place.path, "the web archive holds no pictures")

    def _in_order(self, warc: _Warc) -> Iterator[_Capture | Fault]:
        """Hold each picture back until the next one: the request for it may come after it."""
        held: _Capture | None = None
        for item in warc.read(self._taken):
            if isinstance(item, _Request):
                if held and held.ids & item.ids:
                    held = held._replace(referer=item.referer)
                continue
            if held:
                yield held
            held = item if isinstance(item, _Capture) else None
            if isinstance(item, Fault):
                yield item
            elif item.record:
                self._remembered.add(item.record, warc)
        if held:
            yield held

    def _taken(self, record: Record) -> _Capture | _Request | None:
        kind = record.header("WARC-Type")
        if kind == "request":
            return self._request(record)
        if kind in {"response", "resource"}:
            return self._capture(record, record)
        if kind == "revisit" and record.status in {*_SHOWN, "304"}:
            return self._again(record)
        return None

    def _again(self, record: Record) -> _Capture | None:
        try:
            if repeated := self._remembered.repeated_by(record):
                capture = self._capture(record, repeated)
                return capture and capture._replace(record=None)
        except Broken as error:  # there, not here
            raise Unusable(f"the picture that it repeats cannot be read again: {error}") from error
        if _says_picture(record):
            raise Unusable("it repeats a picture that this file does not hold")
        return None

    def _request(self, record: Record) -> _Request | None:
        referer = record.http_header("Referer")
        if not referer.startswith(("http://", "https://")) or len(referer) > MOST_PAGE:
            return None
        if referer.partition("?")[0].lower().endswith(".css"):  # what a style sheet has fetched, pages showed
            return None
        request = _Request(_ids(record), referer)
        self._referers.update(dict.fromkeys(request.ids, referer))
        while len(self._referers) > MOST_REQUESTS:
            self._referers.popitem(last=False)
        return request

    def _capture(self, record: Record, holder: Record) -> _Capture | None:
        """Return the picture that `record` tells of and `holder` holds; None if it is no picture, or was not shown."""
        if holder.status not in _SHOWN and not _is_whole(holder):
            return None
        try:
            head, pieces = begun(body(holder))
        except Unusable:
            if _says_picture(holder):
                raise
            return None
        if not is_picture(head):
            return None
        if reason := holder.header("WARC-Truncated"):
            raise Unusable(f"the web archive cut it short ({reason[:40]})")
        if holder.header("WARC-Segment-Number"):
            raise Unusable("it is one of several segments, which are not joined")
        if not record.uri:
            raise Unusable("it does not say what was fetched")
        ids = _ids(record)
        referer = next((self._referers[i] for i in ids if i in self._referers), None)
        return _Capture(record.uri, self._archived(record), _whole(pieces), ids, referer, record)

    def _archived(self, record: Record) -> DateRange:
        text = record.header("WARC-Date")
        try:
            when = self.parse_date(text) if _DATE.fullmatch(text) else None
        except DateError:
            when = None
        if when is None:
            raise Unusable(f"its WARC-Date is no date: {text[:40]!r}")
        if when.earliest is None or when.earliest < WEB_BEGAN:
            raise Unusable(f"its WARC-Date is older than the web, so that clock was wrong: {text}")
        return when

    def _submission(self, capture: _Capture, place: Place) -> Submission:
        screenshot = _SCREENSHOT.fullmatch(capture.uri)
        page = screenshot[1] if screenshot else self.page_of(capture.referer, capture.uri)
        path = f"{place.path}#{capture.uri}"
        sighting = Sighting(
            path=path,
            location=f"{place.location}#{capture.uri}",
            url=capture.uri,
            archived=capture.archived,
            page=page if page != capture.uri else None,
        )
        return Submission(file=place.file, path=path, sighting=sighting, content=capture.content)


def _ids(record: Record) -> frozenset[str]:
    return frozenset(filter(None, (record.header("WARC-Record-ID"), *record.headers("WARC-Concurrent-To"))))


def _is_whole(record: Record) -> bool:
    """Whether a server sent the whole picture as the answer to a request for a range of it."""
    sent = _RANGE.fullmatch(record.http_header("Content-Range")) if record.status == "206" else None
    return sent is not None and int(sent[1]) + 1 == int(sent[2])


def _says_picture(record: Record) -> bool:
    kind = (record.http_header("Content-Type") or record.header("Content-Type")).lower()
    return kind.startswith("image/") and not kind.startswith(_NO_PHOTOS)


def _whole(pieces: Iterator[bytes]) -> bytes:
    content = io.BytesIO()
    for piece in pieces:
        content.write(piece)
        if content.tell() > MOST_PICTURE:
            raise Unusable(f"its picture is larger than {MOST_PICTURE:,} bytes, the most that is read")
    return content.getvalue()


def _skipped(fault: Fault, place: Place) -> Skipped:
    path = f"{place.path}#{fault.uri}" if fault.uri else place.path
    return Skipped(path, f"the record at byte {fault.at:,}: {fault.reason}")


@dataclass(frozen=True, slots=True)
class WarcSource:
    """A WARC file: every picture that a browser would have shown, with the day on which it was fetched."""

    streamed: ClassVar[bool] = True

    file: Path
    parse_date: Callable[[str], DateRange]

    def collect(self) -> Iterator[Submission | Skipped]:
        """Yield the pictures in the order of their records; damaged records are skipped, the rest goes on.

        Raises:
            UsageError: the file is compressed with what is not installed.
        """
        place = Place(self.file, shown(self.file), shown(self.file.absolute()))
        try:
            with self.file.open("rb") as file:
                yield from Pictures(self.parse_date).of(file, place)
        except OSError as error:
            yield Skipped(place.path, f"the web archive cannot be read: {error.strerror}")
