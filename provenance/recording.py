"""What is recorded of photos besides how they look: what files state of themselves, and what is said of absent ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from provenance.model import Skipped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from provenance.archive.interface import Added, Archive
    from provenance.model import Mention, Sighting, Stated


def with_statements(sighting: Sighting, stated: Stated) -> Sighting:
    """Return a sighting with what the file states of itself, where its source says nothing; a note says whose word.

    The place goes into the note only: programs write that of the desk or of the phone, and a place that contradicts
    a claim flags.
    """
    texts = {"caption": stated.caption, "credit": stated.credit, "licence": stated.licence}
    new: dict[str, Any] = {
        name: text for name, text in texts.items() if text and getattr(sighting, name) is None
    }
    place = f"place “{stated.place}”" if stated.place and stated.place != sighting.place else ""
    told = ", ".join(filter(None, (*new, place)))
    note = "; ".join(filter(None, (sighting.note, told and f"{told}: as the file itself says")))
    return replace(sighting, **new, captured=stated.captured or sighting.captured, note=note or None)


def attach(mentions: Sequence[Mention], archive: Archive) -> tuple[Added, tuple[Skipped, ...]]:
    """Record sightings of photos that their source does not have, where the archive knows the photo.

    It is known by digest, else by an address under which the archive holds one image and no other. What is not known
    is told once a source, with how many these are.
    """
    held = archive.digests_at({address for mention in mentions for address in mention.addresses})
    known: list[tuple[str, Sighting]] = []
    unknown: dict[str, list[Mention]] = {}
    for mention in mentions:
        if sha256 := _known_digest(mention, held, archive):
            known.append((sha256, mention.sighting))
        else:
            unknown.setdefault(mention.origin, []).append(mention)
    skipped = tuple(Skipped(origin, _missing(missing)) for origin, missing in unknown.items())
    return archive.add_sightings(known), skipped


def _known_digest(mention: Mention, held: Mapping[str, Sequence[str]], archive: Archive) -> str:
    """Return the digest of the image that a mention is of; empty where the archive has none, or several."""
    if mention.sha256 and archive.by_digest(mention.sha256):
        return mention.sha256
    found = {digest for address in mention.addresses for digest in held.get(address, ())}
    return found.pop() if len(found) == 1 else ""


def _missing(mentions: Sequence[Mention]) -> str:
    first = mentions[0].sighting
    return (
        f"{len(mentions):,} records are of pictures that neither lie with it nor are, by digest or by an address of "
        f"their own, in the archive; the first is {first.path} ({first.url or 'no address'})"
    )
