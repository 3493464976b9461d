"""Feeds of fact-checks: schema.org ClaimReview and MediaReview, as JSON-LD, JSON lines or a DataFeed.

A feed seldom has the pictures that it is about. One that lies beside it, or is in it as a `data:` URI, is taken; of the
others only the sighting is told, with the digest and the addresses under which the archive may know the picture.
Nothing is fetched, and nothing outside the feed's folder is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import unquote, urlsplit

from provenance.errors import DateError
from provenance.ingest.data_uri import data_uri_bytes
from provenance.ingest.feed_records import Record, feed_records, inner, listed, text_of
from provenance.ingest.folder import shown, sighting_at
from provenance.model import Mention, Sighting, Skipped, Submission

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from provenance.ingest.interface import Reading

FEED_SUFFIXES = frozenset({".json", ".jsonld", ".jsonl", ".ndjson"})
_LOOKED_AT = 1 << 20
"""Characters of a file in which its first review must begin for it to be recognised."""
_REVIEW = re.compile(r'"@type"\s*:\s*\[?\s*"(?:schema:|https?://schema\.org/)?(?:ClaimReview|MediaReview)"')
_MOST_MEDIA = 100
"""Pictures of one review."""
_DIGEST = re.compile(r"[0-9a-fA-F]{64}")
_MOVING = frozenset({"VideoObject", "AudioObject", "Clip", "Movie"})
_SCHEMA = re.compile(r"^(?:schema:|https?://schema\.org/)")


def is_feed(path: Path) -> bool:
    """Return whether a file is a feed of reviews, by its name and its beginning."""
    if path.suffix.lower() not in FEED_SUFFIXES or not path.is_file():
        return False
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            return _REVIEW.search(file.read(_LOOKED_AT)) is not None
    except OSError:
        return False


@dataclass(frozen=True, slots=True)
class FactChecks:
    """The pictures that the reviews of a feed are about."""

    streamed: ClassVar[bool] = False

    feed: Path
    reading: Reading

    def collect(self) -> Iterator[Submission | Mention | Skipped]:
        """Yield a photo or a mention for each picture of each review; those about no picture are told by number.

        Raises:
            TableError: the feed is no JSON, or too large.
        """
        about_nothing = about_moving = 0
        for number, record in feed_records(self.feed):
            media = [*_media(record)][:_MOST_MEDIA]
            pictures = [item for item in media if not _MOVING & set(_types(item))]
            addresses = _appearances(record)
            about_moving += bool(media) and not pictures
            if not pictures and not addresses:
                about_nothing += not media
                continue
            said = self._sighting(f"{shown(self.feed)}#{number}", record)
            if said.rating is None:
                yield Skipped(said.path, "the review gives no rating in words or numbers")
            elif pictures:
                for item in pictures:
                    yield self._item(said, item, addresses)
            elif not media:
                yield Mention(shown(self.feed), said, addresses=addresses)
        for count, what in (
            (about_nothing, "are about no picture and no address"),
            (about_moving, "are about video or sound"),
        ):
            if count:
                yield Skipped(shown(self.feed), f"{count:,} reviews {what}")

    def _sighting(self, path: str, record: Record) -> Sighting:
        url = text_of(record.get("url"))
        day = text_of(record.get("datePublished"))
        note = text_of(record.get("originalMediaContextDescription"))
        published = None
        if day:
            try:
                published = self.reading.parse_date(day)
            except DateError:
                # A rating with a date that nobody can read is worth more than none.
                note = "; ".join(filter(None, (note, f"dated “{day[:100]}”")))
        return Sighting(
            path=path,
            location=shown(self.feed.absolute()),
            url=url,
            outlet=_name(record.get("author")) or _name(record.get("publisher")) or _host(url),
            published=published,
            caption=text_of(record.get("claimReviewed")),
            rating=_rating(record),
            note=note,
        )

    def _item(
        self, said: Sighting, item: Record, addresses: tuple[str, ...]
    ) -> Submission | Mention | Skipped:
        """Return a photo, or a mention of one, from an object of a review that stands for a picture."""
        given = [text for name in ("path", "contentUrl", "url") if (text := text_of(item.get(name)))]
        for text in given:
            if text.startswith("data:"):
                content = data_uri_bytes(text)
                if not content:
                    return Skipped(said.path, "the picture in it is no base64 data: URI, or too large")
                return Submission(self.feed, said.path, said, content)
            if file := self._beside(text):
                where = sighting_at(shown(file), file)
                return Submission(file, where.path, replace(said, path=where.path, location=where.location))
        digest = text_of(item.get("sha256")) or ""
        own = tuple(text for text in given if _is_address(text))
        if not own and not _DIGEST.fullmatch(digest) and not addresses:
            missing = (
                f"no such file beside the feed: {given[0][:200]}" if given else "its picture is not named"
            )
            return Skipped(said.path, missing)
        return Mention(
            shown(self.feed), said, digest.lower() if _DIGEST.fullmatch(digest) else "", own or addresses
        )

    def _beside(self, given: str) -> Path | None:
        """Return the file that a relative path names, if it lies in the feed's folder or below."""
        folder = self.feed.parent.resolve()
        for name in dict.fromkeys((given, unquote(given))):
            try:
                file = (folder / name).resolve()
                if file.is_relative_to(folder) and file.is_file():
                    return self.feed.parent / name
            except (OSError, ValueError):
                continue
        return None


def _is_address(text: str) -> bool:
    try:
        return urlsplit(text).scheme in {"http", "https"}
    except ValueError:
        return False


def _media(record: Record) -> Iterator[Record]:
    """Yield the objects that stand for what a review is about: its media, not the pictures of its own article."""
    for review in (record, *inner(record.get("associatedMediaReview"))):
        for reviewed in inner(review.get("itemReviewed")):
            types = _types(reviewed)
            if any(name.endswith("Object") for name in types) or _MOVING & set(types):
                yield reviewed
            for name in ("mediaItemAppearance", "appearance", "firstAppearance", "associatedMedia", "image"):
                for item in inner(reviewed.get(name)):
                    if any(kind.endswith("Object") for kind in _types(item)) or _MOVING & set(_types(item)):
                        yield item


def _appearances(record: Record) -> tuple[str, ...]:
    """Return the addresses at which the claim appeared."""
    found: dict[str, None] = {}
    for reviewed in inner(record.get("itemReviewed")):
        for name in ("firstAppearance", "appearance"):
            for item in listed(reviewed.get(name)):
                address = text_of(item) or (text_of(item.get("url")) if isinstance(item, dict) else None)
                if address and _is_address(address):
                    found[address] = None
    return tuple(found)[:_MOST_MEDIA]


def _rating(record: Record) -> str | None:
    """Return what the review says of it, in its own words."""
    words = []
    for review in (record, *inner(record.get("associatedMediaReview"))):
        for rating in inner(review.get("reviewRating")):
            value, best = text_of(rating.get("ratingValue")), text_of(rating.get("bestRating"))
            numbers = f"{value} of {best}" if value and best else None
            words += [text_of(rating.get("alternateName")) or text_of(rating.get("name")) or numbers]
        for category in listed(review.get("mediaAuthenticityCategory")):
            name = text_of(category) or (text_of(category.get("@id")) if isinstance(category, dict) else None)
            words += [_SCHEMA.sub("", name) if name else None]
    return "; ".join(dict.fromkeys(filter(None, words))) or None


def _types(item: Record) -> list[str]:
    return [_SCHEMA.sub("", name) for name in map(text_of, listed(item.get("@type"))) if name]


def _name(value: object) -> str | None:
    names = [
        text_of(one) or (text_of(one.get("name")) if isinstance(one, dict) else None) for one in listed(value)
    ]
    return ", ".join(filter(None, names)) or None


def _host(url: str | None) -> str | None:
    try:
        return urlsplit(url or "").hostname
    except ValueError:
        return None
