"""Files beside photos that say something of them: XMP, JSON with our names of columns, and Google Takeout's JSON."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from provenance.errors import UsageError
from provenance.ingest.folder import shown
from provenance.ingest.sightings import COLUMNS, said_of
from provenance.ingest.table import Layout, storable, values_of
from provenance.model import DateRange, Sighting, Skipped, Stated, Submission

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from provenance.ingest.interface import Reading

MOST_BYTES = 4 * 2**20
"""Of a file beside a photo; editors' histories make XMP of some 100 KB."""

_TAKEOUT_LONGEST = 46
"""Characters to which Google cuts the name of a sidecar before its `.json`."""
_NUMBERED = re.compile(r"(.*)(\(\d{1,4}\))(\.[^.]*)")
_AHEAD, _BEHIND = timedelta(hours=14), timedelta(hours=12)
"""How far local clocks run ahead of UTC and behind it."""
_FIRST_PHOTOGRAPH = 1826
_UNSET = datetime(1970, 1, 1, tzinfo=UTC)
"""A time within a day of this says that none was known."""


def sidecar_names(photo: str) -> tuple[str, ...]:
    """Return the names under which a photo's sidecars may lie beside it, those that name it most exactly first."""
    stem = Path(photo).stem
    takeout = [f"{name}.json" for name in _cut(photo)]
    if numbered := _NUMBERED.fullmatch(photo):
        bare, number, suffix = numbered.groups()
        takeout += [f"{name}{number}.json" for name in _cut(bare + suffix)]
    names = (f"{photo}.json", f"{photo}.xmp", *takeout, f"{stem}.json", f"{stem}.xmp")
    return tuple(dict.fromkeys(names))


def _cut(photo: str) -> list[str]:
    return [photo[:_TAKEOUT_LONGEST], f"{photo}.supplemental-metadata"[:_TAKEOUT_LONGEST]]


@dataclass(frozen=True, slots=True)
class Sidecars:
    """Adds to a photo's sighting what files beside it say: fields that are empty, never others.

    The first file that says something counts. A note tells whose word it is. One that cannot be read is told as
    skipped, and the photo is taken without it.
    """

    reading: Reading

    def told(self, submission: Submission) -> Iterator[Submission | Skipped]:
        """Yield what could not be read of the files beside a photo, then the photo with what they say."""
        sighting, used = submission.sighting, set[str]()
        for name in sidecar_names(submission.file.name):
            file = submission.file.with_name(name)
            kind = file.suffix.lower()
            if kind in used or (kind == ".xmp" and self.reading.read_xmp is None) or not file.is_file():
                continue
            try:
                said = self._read(file)
            except UsageError as error:
                yield Skipped(shown(file), f"the photo is taken without it: {error.message} {error.advice}")
                continue
            if said:
                used.add(kind)
                sighting = _filled(sighting, said, f"as {shown(name)} says")
        yield replace(submission, sighting=sighting)

    def _read(self, file: Path) -> Mapping[str, str | DateRange]:
        """Return what a sidecar says by our field names. Raises UsageError."""
        try:
            with file.open("rb") as opened:
                data = opened.read(MOST_BYTES + 1)
        except OSError as error:
            raise UsageError(f"it cannot be read: {error.strerror}.") from error
        if len(data) > MOST_BYTES:
            raise UsageError(f"it is larger than {MOST_BYTES:,} bytes.")
        if file.suffix.lower() == ".xmp":
            return _of_stated(self.reading.read_xmp(data)) if self.reading.read_xmp else {}
        try:
            record = json.loads(data.decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            raise UsageError(f"it is not JSON: {error}.") from error
        return self._of_json(file, record) if isinstance(record, dict) else {}

    def _of_json(self, file: Path, record: dict[str, object]) -> Mapping[str, str | DateRange]:
        if "photoTakenTime" in record:
            return _of_stated(_takeout(record))
        columns = [column for column in COLUMNS if column != "path"]
        layout = Layout(columns, (), self.reading.columns, self.reading.ignore_other_columns)
        if not replace(layout, ignore_others=True).ours(file, list(record)):
            return {}  # some other program's file, which is not about where the photo was seen
        said = said_of(Sighting("", ""), values_of(file, record, layout), self.reading.parse_date)
        return {name: value for name in columns if (value := getattr(said, name)) is not None}


def _of_stated(stated: Stated) -> dict[str, str | DateRange]:
    names = ("captured", "caption", "credit", "licence", "place")
    return {name: value for name in names if (value := getattr(stated, name)) is not None}


def _filled(sighting: Sighting, said: Mapping[str, str | DateRange], whose: str) -> Sighting:
    new: dict[str, Any] = {name: value for name, value in said.items() if getattr(sighting, name) is None}
    if not new:
        return sighting
    own = new.pop("note", None)
    note = "; ".join(filter(None, (sighting.note, own, f"{', '.join(new)}: {whose}" if new else "")))
    return replace(sighting, **{**new, "note": note})


def _takeout(record: Mapping[str, object]) -> Stated:
    """Return what Google Takeout says: when the photo was taken, and what its owner wrote about it.

    Its place is left out: it may be where Google believes that the phone was.
    """
    taken, caption = record.get("photoTakenTime"), record.get("description")
    seconds = str(taken.get("timestamp", "")) if isinstance(taken, dict) else ""
    text = storable(caption).strip() if isinstance(caption, str) else ""
    return Stated(captured=_days_of(seconds), caption=text or None)


def _days_of(seconds: str) -> DateRange | None:
    """Return the days on which a moment, in seconds since 1970 in UTC, can have been where the photo was taken."""
    try:
        moment = datetime.fromtimestamp(int(seconds), UTC)
        first, last = (moment - _BEHIND).date(), (moment + _AHEAD).date()
    except (ValueError, OverflowError, OSError):
        return None
    if (
        moment.year < _FIRST_PHOTOGRAPH
        or abs(moment - _UNSET) <= timedelta(days=1)
        or moment > datetime.now(UTC)
    ):
        return None
    return DateRange(f"{first}/{last}" if first != last else str(first), first, last)
