"""Everything of one archive for another: images with all their parts, sightings with the times they were recorded."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

from provenance.archive.connection import snapshot, translated
from provenance.archive.interface import Added, Entry
from provenance.archive.maintenance import image_record
from provenance.archive.writer import add_batch
from provenance.errors import UsageError
from provenance.model import Skipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from provenance.archive.sqlite import SqliteArchive

BATCH_BYTES = 64 * 2**20
"""Bytes of originals at which a batch is committed early."""


def merge(
    archive: SqliteArchive,
    other: SqliteArchive,
    *,
    batch: int,
    restore: bool = False,
    on_image: Callable[[], None] = lambda: None,
) -> Iterator[Added]:
    """Add all images and sightings of `other`, as it is now, a transaction a batch; yield after each commit.

    A second run changes nothing. What `other` removed stays here; what was removed here is refused, unless it is to be
    restored. Images that are there already are given what they lack, as `Archive.add` has it.

    Raises:
        UsageError: the two are one file.
        ArchiveError: one of them cannot serve.
    """
    if archive.path.samefile(other.path):
        raise UsageError(f"{other.path} is the archive to merge into.", "Name other archives.")
    images, identity = _images(other), other.info().identity
    while taken := _taken(images, batch, on_image):
        entries = [entry for _, of_image in taken for entry in of_image]
        bare = [
            Skipped(f"{other.path}, image {i}", "it has no sighting") for i, of_image in taken if not of_image
        ]
        with translated(archive.path):
            added = add_batch(
                archive.connection,
                entries,
                archive.who,
                restore=restore,
                what="merged",
                source={"merged_from": identity},
            )
        yield added + Added(refused=tuple(bare))


def _taken(
    images: Iterator[tuple[int, list[Entry]]], most: int, on_image: Callable[[], None]
) -> list[tuple[int, list[Entry]]]:
    taken: list[tuple[int, list[Entry]]] = []
    held = 0
    for image_id, entries in itertools.islice(images, most):
        on_image()
        taken.append((image_id, entries))
        held += len(entries[0].image.original) if entries else 0
        if held >= BATCH_BYTES:
            break
    return taken


def _images(other: SqliteArchive) -> Iterator[tuple[int, list[Entry]]]:
    """Yield every image's number and its entries, one a sighting, all as of one moment."""
    with translated(other.path), snapshot(other.connection):
        for (image_id,) in other.connection.execute("SELECT id FROM image ORDER BY id"):
            image = image_record(other, image_id)
            whole = replace(image, original=other.originals([image_id]).get(image_id, b""))
            yield image_id, [Entry(whole, sighting) for sighting in other.sightings(image_id)]
