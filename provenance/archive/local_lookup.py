"""Looking local features up in a word index beside the archive.

The index is derived. Most of it is in files, as `SegmentStore` keeps them, mapped into memory; what was added since
is listed in memory, and goes to the files when it is more than `TAIL` images. Where these cannot be written
everything is listed in memory. Nothing depends on the files but speed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from provenance.archive import lookup
from provenance.archive.cached import cache_folder, cache_key
from provenance.archive.local_rows import decoded
from provenance.index.interface import CorruptIndexError
from provenance.index.parts import proposed
from provenance.index.posting_lists import LayeredIndex, PostingLists
from provenance.index.segments import SegmentStore
from provenance.index.words import affordable
from provenance.model import LocalCandidate

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from pathlib import Path

    from provenance.archive.local_rows import Row
    from provenance.index.cache import CacheKey
    from provenance.index.words import WordIndex
    from provenance.model import VariantKeys

TAIL = 512
"""Images listed in memory at every start, in some 50 ms, before they are written."""
READ = 500_000
"""Archived features that one look-up compares with in each variant: shorter lists first, so that what is common is
passed over. Without a bound a look-up takes ever longer as archives grow; small ones are read whole."""
PROBES = 16
"""Features of the newest image that must be in the files for these to be of this archive; each is read from disk."""
CHUNK = 5_000
"""Images that are read and listed together: some 2.5 million features, for which 140 MB are at work, however large the
archive. Twenty thousand took three quarters of the time, and half a gigabyte."""


def local_folder(path: Path) -> Path:
    """Return the folder in which the word index of an archive is kept."""
    return cache_folder(path) / "words"


@dataclass(slots=True)
class _Held:
    """What is in hand: lists that follow on each other, from id 0 on."""

    key: CacheKey
    algorithm: int
    store: SegmentStore | None
    """`None` where its files are damaged and cannot be removed."""
    segments: list[PostingLists]
    """Mapped from files, or in memory where they could not be written."""
    tail: list[PostingLists] = field(default_factory=list)
    """One, in memory, or none if nothing was looked at yet."""

    @property
    def kept_to(self) -> int:
        """The highest id in `segments`, -1 if there is none."""
        return self.segments[-1].last_id if self.segments else -1

    @property
    def index(self) -> LayeredIndex:
        return LayeredIndex([*self.segments, *self.tail])


class LocalLookup:
    """Answers `Archive.local_candidates` from the index, made first where needed."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._folder = local_folder(path)
        self._held: _Held | None = None

    def candidates(
        self, keys: Sequence[VariantKeys], algorithm: tuple[str, int], limit: int
    ) -> list[LocalCandidate]:
        """Return the `limit` best images and variants by shared features; see `Archive`."""
        number = lookup.algorithm_id(self._connection, *algorithm)
        if number is None:
            return []
        held = self._covering(cache_key(self._connection, *algorithm), number)
        try:
            return _voted(held.index, keys, limit)
        except CorruptIndexError:
            pass
        return _voted(self._anew(held).index, keys, limit)

    def refresh(self) -> None:
        """Write what is not in the files yet, if it is more than `TAIL` images of the newest algorithm."""
        row = self._connection.execute(
            """SELECT algorithm.id, name, version FROM local_feature
            JOIN algorithm ON algorithm.id = algorithm_id ORDER BY image_id DESC LIMIT 1"""
        ).fetchone()
        if row:
            number, *algorithm = row
            self._covering(cache_key(self._connection, *algorithm), number)

    def _covering(self, key: CacheKey, algorithm: int) -> _Held:
        """Return lists of everything archived by now: those in hand, those of the files, or new ones."""
        if self._held is None or self._held.key != key:
            store = SegmentStore(self._folder, key)
            held = _Held(key, algorithm, store, store.load())
            if not self._is_of_this_archive(held):
                return self._anew(held)
            self._held = held
        self._extend(self._held)
        return self._held

    def _anew(self, unfit: _Held) -> _Held:
        """Return lists made from the archive alone, in place of others."""
        unfit.segments, unfit.tail = [], []  # Windows removes no file that is mapped
        store = SegmentStore(self._folder, unfit.key)
        self._held = _Held(unfit.key, unfit.algorithm, store if store.clear() else None, [])
        self._extend(self._held)
        return self._held

    def _is_of_this_archive(self, held: _Held) -> bool:
        """Return whether the newest image in the files is in the archive, with its features.

        Only some of these are looked for, in the shorter lists: every process asks this first. It is not if the
        archive's file was replaced by a backup: numbers given since are then given again. The key, identity and
        epoch, does not tell.
        """
        if held.kept_to > self._newest():
            return False
        row = self._connection.execute(
            """SELECT image_id, words, signatures FROM any_local_feature WHERE image_id <= ? AND algorithm_id = ?
            ORDER BY image_id DESC LIMIT 1""",
            (held.kept_to, held.algorithm),
        ).fetchone()
        if row is None:
            return not any(map(len, held.segments))
        features = decoded([row])
        words, signatures = features.words[:PROBES, np.newaxis], features.signatures[:PROBES]
        try:
            read = affordable(held.index.lengths(words), READ)
            hits = held.index.search(words, signatures, READ)
        except CorruptIndexError:
            return False
        return int(np.count_nonzero(hits.id == row[0])) == int(np.count_nonzero(read))

    def _extend(self, held: _Held) -> None:
        """Make what is held reach the newest image."""
        newest = self._newest()
        if held.tail and held.tail[-1].last_id >= newest:
            return
        held.tail = []
        while len(rows := self._rows(held, newest)) > TAIL:
            to = rows[-1][0] if len(rows) == CHUNK else newest
            self._keep(held, PostingLists.build(decoded(rows), held.kept_to + 1, to))
        # Another run may have written even newer ones meanwhile.
        held.tail = [PostingLists.build(decoded(rows), held.kept_to + 1, max(newest, held.kept_to))]

    def _keep(self, held: _Held, segment: PostingLists) -> None:
        """Add a segment, from its file if it could be written: then it needs no memory of ours."""
        if held.store and held.store.append(segment):
            stored = held.store.load()
            # Another run, of another epoch, may have removed it already. Its maps, and ours, stay readable.
            if stored and stored[-1].last_id >= segment.last_id:
                held.segments = stored
                return
        held.segments = [*held.segments, segment]

    def _rows(self, held: _Held, newest: int) -> list[Row]:
        """Return the first rows after those in `held.segments`, at most `CHUNK`.

        Numbers are given under the write lock, and never twice: whatever is committed later has a higher one, or
        comes with another epoch.
        """
        return self._connection.execute(
            """SELECT image_id, words, signatures FROM any_local_feature
            WHERE image_id > ? AND image_id <= ? AND algorithm_id = ? ORDER BY image_id LIMIT ?""",
            (held.kept_to, newest, held.algorithm, CHUNK),
        ).fetchall()

    def _newest(self) -> int:
        """Return the highest number ever given to an image: that of the newest may be removed at any moment."""
        row = self._connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'image'").fetchone()
        return int(row[0]) if row else -1


def _voted(index: WordIndex, keys: Sequence[VariantKeys], limit: int) -> list[LocalCandidate]:
    """Return what all variants' hits propose; see `Archive.local_candidates`."""
    found = [index.search(asked.words, asked.signatures, READ) for asked in keys]
    best = proposed(found, [asked.places for asked in keys], limit)
    return [LocalCandidate(vote.id, keys[order].variant, vote.weight) for order, vote in best]
