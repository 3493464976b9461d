"""Posting lists in files beside the archive, so that ten photos more do not rewrite those of a million.

A folder holds files, each of the features of one range of ids (a log-structured set: O'Neil et al., "The Log-Structured
Merge-Tree", Acta Informatica 33, 1996). What is added becomes a file of its own, and is merged with those before it
while these are not more than twice as large. So each file is more than twice as large as the next, up to a least
size; there are at most about log2 of them, and a photo is rewritten no more often than that.

The files are derived, as `cache` says of its own: they name the archive, the algorithm and the epoch that they were
made from, and what does not fit, is damaged or is missing is left out. Files appear whole, and are removed only when
others hold what they hold. So whoever reads the folder finds, at any time, files that cover the ids from 0 on without
gap or overlap; which these are, `longest_chain` says.
"""

from __future__ import annotations

import uuid
from contextlib import suppress
from typing import TYPE_CHECKING

from provenance.index.posting_lists import MAX_POSTINGS, MAX_SPAN
from provenance.index.replacing import only_writer, remove_abandoned, replacing
from provenance.index.segment_file import open_segment, write

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from provenance.index.cache import CacheKey
    from provenance.index.posting_lists import PostingLists
    from provenance.index.segment_file import SegmentFile

    Held = list[tuple[SegmentFile, PostingLists]]

SUFFIX = ".words"
LOCK_NAME = "words.lock"
SMALL = 1 << 17
"""Postings that are always merged: rewriting 1.5 MB costs less than one file more at every start."""
_ATTEMPTS = 5
"""How often a folder is listed, at most, until nobody has changed it meanwhile."""


class SegmentStore:
    """The segments of one archive and algorithm in a folder, which may hold other files, but no other segments."""

    def __init__(self, folder: Path, key: CacheKey) -> None:
        self._folder = folder
        self._key = key

    def load(self) -> list[PostingLists]:
        """Return the segments that fit the key and are whole: neighbours, in order, from id 0 on; or none.

        What the last of them does not reach is for the caller to add.
        """
        return [lists for _, lists in self._held()]

    def append(self, segment: PostingLists) -> bool:
        """Keep `segment`, which goes on where those held end, or at id 0; return whether it is kept.

        False leaves what was there: the folder is read-only or full, another run is writing at this moment, or
        it has changed what is held so that `segment` does not go on from it. What the key does not fit is
        removed, so of several writers with different keys the last one wins.
        """
        if segment.last_id < segment.first_id:
            return True  # covers nothing
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with only_writer(self._folder / LOCK_NAME) as alone:
                return alone and self._append(segment)
        except OSError:
            return False

    def clear(self) -> bool:
        """Remove all segments, as after a `CorruptIndexError`; return whether none is left."""
        try:
            with only_writer(self._folder / LOCK_NAME) as alone:
                if alone:
                    self._keep_only([])
        except OSError:
            pass  # no folder holds no segments; of a read-only one the next line tells
        return not self._paths()

    def _append(self, segment: PostingLists) -> bool:
        remove_abandoned(self._folder)
        held = self._held()
        reached = held[-1][0].last_id if held else -1
        if segment.last_id <= reached:
            return True  # another run was quicker
        if segment.first_id != reached + 1:
            return False
        self._write([segment])
        # Merged in one step, whatever the number: each posting is moved once.
        tail = _mergeable([*(lists for _, lists in held), segment])
        if len(tail) > 1:
            with suppress(OSError):  # then there is one file more
                self._write(tail)
        self._keep_only([file.path for file, _ in self._held()])
        return True

    def _write(self, segments: Sequence[PostingLists]) -> None:
        """Make a file of what `segments` hold. The name is for people; only the header counts."""
        name = f"{segments[0].first_id}-{segments[-1].last_id}-{uuid.uuid4().hex[:8]}{SUFFIX}"
        with replacing(self._folder / name) as file:
            write(file, segments, self._key)

    def _held(self) -> Held:
        """Return the files that hold the most, with what they list."""
        files = self._files()
        while True:
            chain = longest_chain(files)
            held = [(file, lists) for file in chain if (lists := file.lists()) is not None]
            if len(held) == len(chain):
                return held
            whole = {file.path for file, _ in held}
            files = [file for file in files if file.path in whole or file not in chain]

    def _files(self) -> list[SegmentFile]:
        """Return all files that fit.

        A file opened stays readable when it is removed. But while others come and go a listing may miss both the
        old and the new, so it is only believed when it is still the same after all were opened.
        """
        files: list[SegmentFile] = []
        for _ in range(_ATTEMPTS):
            paths = self._paths()
            files = [file for path in paths if (file := open_segment(path, self._key)) is not None]
            if self._paths() == paths:
                break
        return files

    def _paths(self) -> list[Path]:
        try:
            return sorted(self._folder.glob("*" + SUFFIX))
        except OSError:
            return []

    def _keep_only(self, kept: Collection[Path]) -> None:
        """Remove all other segments. On Windows those that someone has open stay until the next time."""
        for path in self._paths():
            if path not in kept:
                with suppress(OSError):
                    path.unlink()


def longest_chain(files: Sequence[SegmentFile]) -> list[SegmentFile]:
    """Return files that cover the ids from 0 on, each going on where the one before ends.

    Of several such chains it is one that reaches farthest, and of these one with the fewest files: merged files
    come before those that they were merged from.
    """
    best: dict[int, list[SegmentFile]] = {}  # from each id on
    for file in sorted(files, key=lambda file: file.first_id, reverse=True):
        chain = [file, *best.get(file.last_id + 1, [])]
        known = best.get(file.first_id)
        if known is None or (chain[-1].last_id, -len(chain)) > (known[-1].last_id, -len(known)):
            best[file.first_id] = chain
    return best.get(0, [])


def _mergeable(segments: Sequence[PostingLists]) -> Sequence[PostingLists]:
    """Return the last of these neighbours, as many as are to become one."""
    first = len(segments) - 1
    total = len(segments[first])
    for before in range(first - 1, -1, -1):
        size = len(segments[before])
        if 2 * total < size and total + size > SMALL:
            break
        if total + size > MAX_POSTINGS or segments[-1].last_id - segments[before].first_id >= MAX_SPAN:
            break
        first, total = before, total + size
    return segments[first:]
