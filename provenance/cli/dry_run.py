"""What `add` would do: a table for a person, made without decoding or writing anything."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

from provenance.ingest.folder import shown
from provenance.model import DateRange, Mention, Skipped
from provenance.model.clean import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from provenance.cli.sources import Named
    from provenance.model import Sighting, Submission

SHOWN = 3
"""Rows of a source that are shown as they would be recorded."""
SHOWN_SKIPPED = 20
"""Skipped items that are told one by one; more of the same source are counted."""
_LONGEST = 80
_LEFT_OUT = frozenset({"path", "location", "recorded"})


@dataclass(slots=True)
class _Tally:
    """What one source would bring."""

    photos: int = 0
    mentions: int = 0
    said: Counter[str] = field(default_factory=Counter)
    first: list[tuple[str, Sighting]] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def take(self, item: Submission | Mention | Skipped) -> None:
        if isinstance(item, Skipped):
            self.skipped.append(item)
            return
        if isinstance(item, Mention):
            self.mentions += 1
        else:
            self.photos += 1
        said = item.sighting
        self.said.update(
            name for name in ("place", "url", "outlet", "caption", "rating") if getattr(said, name)
        )
        self.said.update(["date"] if said.datings else [])
        if len(self.first) < SHOWN:
            self.first.append((said.path, said))


def dry_run(sources: Iterable[Named]) -> tuple[str, bool]:
    """Return the table, and whether everything could be taken.

    Raises:
        TableError: a table is wrong, as in a real run.
    """
    lines: list[str] = []
    photos = skipped = 0
    for named in sources:
        tally = _Tally()
        for item in named.source.collect():
            tally.take(item)
        photos, skipped = photos + tally.photos, skipped + len(tally.skipped)
        lines += [f"{clean(shown(named.path))}: a {named.kind.what}", *_told(tally), ""]
    lines.append(
        f"{photos:,} photos would be examined, {skipped:,} items skipped. Nothing was decoded or written: photos that "
        "cannot be read, and those that the archive has already, show only in a real run."
    )
    return "\n".join(lines) + "\n", not skipped


def _told(tally: _Tally) -> Iterator[str]:
    yield f"  {tally.photos:,} photos{_with(tally.said)}"
    if tally.mentions:
        yield f"  {tally.mentions:,} sightings of pictures that are not with it: recorded if the archive has them"
    for path, sighting in tally.first:
        yield f"    {_short(path)}"
        yield from (f"      {name:<10} {value}" for name, value in _fields(sighting))
    rest = tally.photos + tally.mentions - len(tally.first)
    if rest:
        yield f"    and {rest:,} more"
    if tally.skipped:
        yield f"  {len(tally.skipped):,} skipped"
    for item in tally.skipped[:SHOWN_SKIPPED]:
        yield f"    {_short(item.path)}: {clean(item.reason)}"
    if len(tally.skipped) > SHOWN_SKIPPED:
        yield f"    and {len(tally.skipped) - SHOWN_SKIPPED:,} more"


def _with(said: Counter[str]) -> str:
    told = [
        f"{count:,} with {name}" for name, count in sorted(said.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
    return f": {', '.join(told)}" if told else ""


def _fields(sighting: Sighting) -> Iterator[tuple[str, str]]:
    """Yield what would be recorded, by name."""
    for each in fields(sighting):
        value = getattr(sighting, each.name)
        if value is not None and each.name not in _LEFT_OUT:
            yield each.name, _days(value) if isinstance(value, DateRange) else _short(str(value))


def _days(when: DateRange) -> str:
    return f"{clean(when.text)} ({when.earliest or '..'} to {when.latest or '..'})"


def _short(text: str) -> str:
    told = clean(text)
    return told if len(told) <= _LONGEST else f"{told[: _LONGEST - 3]}..."
