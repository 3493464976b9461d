"""What `add` need not decode: files that have not changed, and bytes that the archive holds all of.

Only the archive's word counts, and only of what was committed: an interrupted run goes on where it stopped. Nothing
is left out on a file's size and time alone unless its digest was taken when it had these.
"""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import TYPE_CHECKING

from provenance.archive.parts import Parts
from provenance.errors import PhotoError
from provenance.examine import ReferenceExam
from provenance.photo.limits import DEFAULT
from provenance.photo.pool import Failure
from provenance.photo.reading import read_settled, state_of

if TYPE_CHECKING:
    from provenance.archive.interface import Archive
    from provenance.model import FileState, Submission
    from provenance.settings import Settings


def whole_parts(settings: Settings, *, keep_originals: bool = False) -> Parts:
    """Return what this version stores of an image. Raises SettingsError, as `embedding.algorithm` does."""
    from provenance.fingerprint import FINGERPRINTERS
    from provenance.fingerprint.local import ALGORITHM

    kinds = {(f.algorithm, f.version) for f in FINGERPRINTERS}
    if settings.embedding_model:
        from provenance.fingerprint.embedding import VERSION, algorithm

        kinds.add((algorithm(settings.embedding_model), VERSION))
    return Parts(frozenset(kinds), ALGORITHM, preview=True, original=keep_originals, stated=True)


class Resuming:
    """Tells of submissions what is known of them already; `Pool.map` takes it as `known`."""

    def __init__(
        self, archive: Archive, settings: Settings, *, keep_originals: bool = False, restore: bool = False
    ) -> None:
        self._archive = archive
        self._settings = settings
        self._keep_originals = keep_originals
        self._restore = restore

    @cached_property
    def _wanted(self) -> Parts:
        # Asked for late: of a new archive nothing is known, and naming the algorithms imports them.
        return whole_parts(self._settings, keep_originals=self._keep_originals)

    def __call__(self, submission: Submission) -> ReferenceExam | Failure | None:
        """Return what stands for an exam of the photo, or why it is left out; None if it must be examined."""
        sha256, file = self._digest(submission)
        if sha256 is None:
            return None
        held = self._archive.holding(sha256)
        if held is None:
            reason = None if self._restore else self._archive.removal(sha256)
            return Failure(f"{reason}; --restore adds it again") if reason else None
        if not held.parts.cover(self._wanted):
            return None
        return ReferenceExam(held.image, file, held=True)

    def _digest(self, submission: Submission) -> tuple[str | None, FileState | None]:
        """Return the digest, if it can be one that the archive knows, and the file's state where that is news."""
        if submission.content:
            known = self._archive.knows_size(len(submission.content))
            return hashlib.sha256(submission.content).hexdigest() if known else None, None
        try:
            stat = submission.file.stat()
        except (OSError, ValueError):
            return None, None  # the child has words for it
        state = state_of(submission.file, stat)
        sha256 = self._archive.digest_of(state) if state else None
        if sha256 is not None or stat.st_size > DEFAULT.bytes or not self._archive.knows_size(stat.st_size):
            return sha256, None
        try:
            data, file = read_settled(submission.file, DEFAULT.bytes)
        except PhotoError:
            return None, None
        return hashlib.sha256(data).hexdigest(), file
