"""Web archives in WACZ files: WARC files with the digests of what they hold and the pages that were visited.

https://specs.webrecorder.net/wacz/1.1.1/. A signature, if there is one, is not verified.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, ClassVar

from provenance.ingest.decoders import Unusable
from provenance.ingest.folder import shown
from provenance.ingest.warc import WARC_SUFFIXES, Pictures
from provenance.ingest.warc_record import Place
from provenance.ingest.warc_stream import Window
from provenance.ingest.zip_entries import Entries
from provenance.model import Skipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from provenance.model import DateRange, Submission

PACKAGE, PACKAGE_DIGEST = "datapackage.json", "datapackage-digest.json"

MOST_PACKAGE = 4 * 2**20
"""Bytes of the list of what a WACZ holds."""

MOST_LINE = 4 * 2**20
"""Bytes of one line of the list of pages: it may hold all of a page's text."""

MOST_PAGES = 100_000
"""Pages that are remembered."""

DEEPEST = 2
"""A WACZ may hold others, as crawls of several machines do; those hold none."""

_DIGESTS = {"sha256": hashlib.sha256, "md5": hashlib.md5}
"""What py-wacz writes. Who could forge the second could as well state another: it is there against damage."""


@dataclass(slots=True)
class _Pages:
    """The pages that were visited."""

    urls: set[str] = field(default_factory=set)
    of_site: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, url: str) -> None:
        """Remember a page."""
        if url.startswith(("http://", "https://")) and len(self.urls) < MOST_PAGES:
            self.urls.add(url)
            self.of_site[_site(url)].add(url)

    def page_of(self, referer: str | None, uri: str) -> str | None:
        """Return the page that showed a picture, as far as it is sure.

        Browsers tell other sites only which site sent them: if one page of that site was visited, it was that one.
        Without a word of the browser, it was the only page there is.
        """
        if referer is None:
            return next(iter(self.urls)) if len(self.urls) == 1 and uri not in self.urls else None
        of_site = self.of_site.get(_site(referer), set())
        if referer.rstrip("/") == _site(referer) and referer not in self.urls and len(of_site) == 1:
            return next(iter(of_site))
        return referer


def _site(url: str) -> str:
    return "/".join(url.split("/", 3)[:3])


@dataclass(frozen=True, slots=True)
class WaczSource:
    """A WACZ file: the pictures of the WARC files in it whose digests are as it states."""

    streamed: ClassVar[bool] = True

    file: Path
    parse_date: Callable[[str], DateRange]

    def collect(self) -> Iterator[Submission | Skipped]:
        """Yield the pictures, WARC file by WARC file in the order of their names; what is damaged is skipped.

        Raises:
            UsageError: a WARC file is compressed with what is not installed.
        """
        place = Place(self.file, shown(self.file), shown(self.file.absolute()))
        try:
            with self.file.open("rb") as file, ExitStack() as until:
                yield from self._package(file, place, until, DEEPEST)
        except OSError as error:
            yield Skipped(place.path, f"the web archive cannot be read: {error.strerror}")

    def _package(
        self, file: BinaryIO, place: Place, until: ExitStack, depth: int
    ) -> Iterator[Submission | Skipped]:
        try:
            entries = Entries(file)
            stated = _stated_digests(entries)
        except Unusable as error:
            yield Skipped(place.path, str(error))
            return
        pages = _Pages()
        pictures = Pictures(self.parse_date, pages.page_of)
        found = False
        # Pages first: they say more of the pictures.
        for name in [*filter(_is_pages, entries.names()), *filter(_is_archive, entries.names())]:
            within = place.within(name)
            try:
                opened = _verified(entries, name, stated, until)
            except Unusable as error:
                yield Skipped(within.path, str(error))
                continue
            if _is_pages(name):
                _read_pages(opened, pages)
            elif name.lower().endswith(".wacz"):
                found = True
                if depth > 1:
                    yield from self._package(opened, within, until, depth - 1)
                else:
                    yield Skipped(within.path, "web archives within web archives are not read any deeper")
            else:
                found = True
                yield from pictures.of(opened, within)
        if not found:
            yield Skipped(place.path, "the WACZ file holds no WARC file that can be used")


def _is_pages(name: str) -> bool:
    return name.startswith("pages/") and name.endswith(".jsonl")


def _is_archive(name: str) -> bool:
    lower = name.lower()
    return lower.endswith(".wacz") or (lower.startswith("archive/") and lower.endswith(WARC_SUFFIXES))


def _stated_digests(entries: Entries) -> dict[str, str]:
    """Return what each file's digest should be. Raises Unusable: nothing states it, or that was changed itself."""
    if PACKAGE not in entries:
        raise Unusable(f"it holds no {PACKAGE}, so nothing vouches for what it holds")
    content = _small(entries, PACKAGE)
    if PACKAGE_DIGEST in entries:
        stated = _json(_small(entries, PACKAGE_DIGEST), PACKAGE_DIGEST).get("hash")
        if not _agrees([content], stated):
            raise Unusable(f"its {PACKAGE} is not the one whose digest {PACKAGE_DIGEST} states")
    resources = _json(content, PACKAGE).get("resources")
    digests: dict[str, str] = {}
    for resource in resources if isinstance(resources, list) else []:
        if isinstance(resource, dict) and isinstance(resource.get("path"), str):
            digests[resource["path"]] = str(resource.get("hash") or "")
    return digests


def _small(entries: Entries, name: str) -> bytes:
    with ExitStack() as until:
        content = entries.open(name, until).read(MOST_PACKAGE + 1)
    if len(content) > MOST_PACKAGE:
        raise Unusable(f"its {name} is larger than {MOST_PACKAGE:,} bytes")
    return content


def _json(content: bytes, name: str) -> dict[str, object]:
    try:
        read = json.loads(content)
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise Unusable(f"its {name} cannot be read")
    return read


def _verified(entries: Entries, name: str, stated: dict[str, str], until: ExitStack) -> BinaryIO:
    """Return an entry whose bytes are those that the package states. Raises Unusable."""
    if name not in stated:
        raise Unusable(f"{PACKAGE} does not name it, so nothing vouches for it")
    opened = entries.open(name, until)
    if not _agrees(Window(opened).pieces(), stated[name]):
        raise Unusable(f"its bytes are not those whose digest {PACKAGE} states")
    return opened


def _agrees(pieces: Iterator[bytes] | list[bytes], stated: object) -> bool:
    """Whether bytes have the digest stated, as `sha256:` and hexadecimal digits. Raises Unusable: of no known kind."""
    kind, _, value = str(stated).partition(":")
    if kind not in _DIGESTS:
        raise Unusable(f"{PACKAGE} states no digest of a kind that is known ({', '.join(_DIGESTS)})")
    digest = _DIGESTS[kind](usedforsecurity=False)
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest() == value.lower()


def _read_pages(file: BinaryIO, pages: _Pages) -> None:
    """Read a list of pages: JSON lines, of which the first says only that it is one."""
    file.seek(0)
    lines = iter(lambda: file.readline(MOST_LINE), b"")
    for line in lines:
        try:
            page = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(page, dict) and isinstance(page.get("url"), str):
            pages.add(page["url"])
