"""Results of earlier runs, recalled where nothing that they rest on has changed.

A result rests on the photo's bytes and its name, on what is claimed of it and asked of it, on the archive's state, on
versions, settings and the trust list, and on the files it was compared with: all of these are in its key or checked
when it is recalled. The day is not, though a check knows it: as days pass, a date stops lying in the future (PR302),
and certificates expire. Results that tell of either are recalled on the day they were made, all others on later days.

In the folder: `CONTEXT/KEY.json`, an entry a photo, its own digest on the first line. Whoever can write there can say
what a check finds, as whoever can write the archive can.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from provenance.errors import ReportError
from provenance.index.replacing import remove_abandoned, replacing
from provenance.model import Result, Skipped
from provenance.photo.limits import MAX_BYTES
from provenance.report.json_report import claim_value, result_value
from provenance.report.reading import read_result

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from provenance.ingest.claims import Claims
    from provenance.model import ArchiveInfo, Claim, Submission
    from provenance.model.circumstances import Circumstances

KEPT = 4
"""Contexts that are kept: an archive that just grew, and runs that alternate between settings."""

MOST_BYTES = 16 * 2**20
"""Of an entry: a result with a hundred matches takes a tenth."""

DATED = frozenset({"PR302"})
"""Rules that know the day."""

CREDENTIALS = "content_credentials"
"""The evidence of a file with Content Credentials, whose certificates expire."""

_CONTEXT = re.compile("[0-9a-f]{32}")


def context_of(circumstances: Circumstances, archive: ArchiveInfo, newest: str) -> str:
    """Return the name of all that results of many photos rest on, 32 hexadecimal digits.

    `newest` tells what the archive recorded last: two copies of one archive that grew apart can have counted alike.
    """
    state = (archive.identity, archive.generation, archive.images, archive.sightings, newest)
    return _digest([dataclasses.asdict(circumstances), state])[:32]


class Recall:
    """Results kept in a folder under one context. What cannot be read is a miss, what cannot be written is let go.

    `trouble` says why the folder cannot be written, once that has shown; nothing more is written then.
    """

    def __init__(self, folder: Path, context: str) -> None:
        self._folder = folder / context
        self._begun = False
        self.trouble = ""

    def get(self, submission: Submission, claims: Claims, terms: str = "") -> Result | None:
        """Return what an earlier run found, or None. `terms` is what else is asked of this photo by itself."""
        held = submission.content
        sha256 = hashlib.sha256(held).hexdigest() if held else _file_digest(submission.file)
        if sha256 is None:
            return None
        claim = claims.of(submission.file, sha256)
        return self._read(_key(sha256, submission, claim, terms), submission, sha256)

    def put(self, submission: Submission, result: Result, terms: str = "") -> None:
        """Keep a result, without what a policy says of it."""
        if self.trouble:
            return
        key = _key(result.sha256, submission, result.claim, terms)
        content = json.dumps(
            {
                "key": key,
                "day": _today(),
                "compared": _states(result),
                "result": result_value(result),
            },
            ensure_ascii=False,
        ).encode("utf-8", "backslashreplace")
        try:
            self._begin()
            with replacing(self._folder / f"{key}.json") as file:
                file.write(hashlib.sha256(content).hexdigest().encode() + b"\n" + content)
        except OSError as error:
            self.trouble = error.strerror or type(error).__name__

    def _read(self, key: str, submission: Submission, sha256: str) -> Result | None:
        try:
            with (self._folder / f"{key}.json").open("rb") as file:
                digest, _, content = file.read(MOST_BYTES).partition(b"\n")
            if hashlib.sha256(content).hexdigest().encode() != digest:
                return None
            entry = json.loads(content)
            result = read_result(entry["result"])
            held = entry["key"] == key and result.sha256 == sha256
            if held and _holds_today(entry["day"], result) and _as_they_were(entry["compared"]):
                return replace(result, path=submission.path)
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError, ReportError):
            pass
        return None

    def _begin(self) -> None:
        """Make the folder of this context, and remove those of the oldest others."""
        if self._begun:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        os.utime(self._folder)
        remove_abandoned(self._folder)
        contexts = [path for path in self._folder.parent.iterdir() if _CONTEXT.fullmatch(path.name)]
        for path in sorted(contexts, key=lambda path: path.stat().st_mtime_ns, reverse=True)[KEPT:]:
            _remove(path)
        self._begun = True


def recalled(
    recall: Recall,
    submissions: Iterable[Submission],
    claims: Claims,
    check_rest: Callable[[list[Submission]], Iterator[Result | Skipped]],
    *,
    terms: Callable[[Submission], str] = lambda _: "",
    serves: Callable[[Result], bool] = lambda _: True,
) -> Iterator[Result | Skipped]:
    """Yield what came of each photo, in the order given: recalled, or checked with all others that are not.

    `check_rest` yields what came of photos in their order, as `pipeline.check` does: it is asked once, for all that
    must be checked, and not at all if there are none. A photo that came to a result and was not skipped is kept.
    What is recalled but does not serve, as a result whose pictures are wanted, is checked all the same.
    """
    known = [(s, _serving(recall.get(s, claims, terms(s)), serves)) for s in submissions]
    rest = [submission for submission, result in known if result is None]
    outcomes = check_rest(rest) if rest else iter(())
    ahead = next(outcomes, None)
    for submission, result in known:
        if result is not None:
            yield result
            continue
        clean = True
        # One photo may be skipped, or skipped in part and come to a result, which is told last.
        while ahead is not None and ahead.path == submission.path:
            told, ahead = ahead, next(outcomes, None)
            yield told
            if isinstance(told, Result):
                if clean:
                    recall.put(submission, told, terms(submission))
                break
            clean = False


def _serving(result: Result | None, serves: Callable[[Result], bool]) -> Result | None:
    return result if result is not None and serves(result) else None


def _key(sha256: str, submission: Submission, claim: Claim | None, terms: str) -> str:
    return _digest([sha256, submission.file.name, claim and claim_value(claim), terms])


def _digest(value: object) -> str:
    # ASCII: names may hold what is no Unicode text.
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _file_digest(path: Path) -> str | None:
    """Return the digest of a file within the limits, or None: the check will say what is wrong with it."""
    digest, left = hashlib.sha256(), MAX_BYTES
    try:
        with path.open("rb", buffering=0) as file:
            while block := file.read(2**20):
                digest.update(block)
                left -= len(block)
                if left < 0:
                    return None
    except OSError:
        return None
    return digest.hexdigest()


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _holds_today(day: str, result: Result) -> bool:
    passing = any(f.id in DATED for f in result.findings) or any(
        e.kind == CREDENTIALS for e in result.evidence
    )
    return day == _today() or (day < _today() and not passing)


def _states(result: Result) -> dict[str, list[int] | None]:
    """Return the state of each file that the photo may have been compared with, and None for those not there."""
    places = {s.location for m in result.matches if m.alteration for s in m.sightings if s.location}
    return {place: _state(place) for place in sorted(places)}


def _state(place: str) -> list[int] | None:
    try:
        told = Path(place).stat()
    except (OSError, ValueError):
        return None
    return [told.st_size, told.st_mtime_ns]


def _as_they_were(states: dict[str, Any]) -> bool:
    return all(_state(place) == state for place, state in states.items())


def _remove(context: Path) -> None:
    """Remove a context that holds nothing but entries."""
    with contextlib.suppress(OSError):
        for path in [*context.glob("*.json"), *context.glob("*.unfinished")]:
            path.unlink()
        context.rmdir()
