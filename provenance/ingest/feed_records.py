"""JSON-LD files -> the reviews in them, wherever they stand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

from provenance.errors import TableError
from provenance.ingest.table import storable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Record: TypeAlias = dict[str, object]

MOST_BYTES = 256 * 2**20
"""Of a feed that is one JSON value, which is held in memory. JSON lines have no such bound."""
MOST_LINE = 96 * 2**20
"""Characters of one record, the picture in it included."""
LONGEST = 2_000
"""Characters of a text that are kept."""
_MOST_DEPTH = 8
_HOLDERS = (
    "@graph",
    "dataFeedElement",
    "item",
    "itemListElement",
    "claimReview",
    "review",
    "hasPart",
    "mainEntity",
)
"""Properties in which lists of reviews stand. `item` is that of a DataFeedItem or ListItem."""
_REVIEWS = ("ClaimReview", "MediaReview")


def feed_records(path: Path) -> Iterator[tuple[int, Record]]:
    """Yield the reviews of a feed with their numbers, counted from 1; of JSON lines, with those of their lines.

    Raises:
        TableError: the file cannot be read, is no JSON, or is larger than is held in memory.
    """
    try:
        if path.suffix.lower() in {".jsonl", ".ndjson"}:
            with path.open(encoding="utf-8-sig", errors="replace") as file:
                for line, text in enumerate(iter(lambda: file.readline(MOST_LINE), ""), 1):
                    if text.strip():
                        yield from (
                            (line, review) for review in _reviews(_parsed(path, text, f", line {line}"), 0)
                        )
            return
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise TableError(f"{path} cannot be read: {error.strerror}.", "Check the path.") from error
    if len(data) > MOST_BYTES:
        raise TableError(
            f"{path} is larger than {MOST_BYTES:,} bytes, the most that is read as one JSON value.",
            "Write it as JSON lines, one review a line, for example with jq -c '.dataFeedElement[]'.",
        )
    yield from enumerate(_reviews(_parsed(path, data.decode("utf-8-sig", "replace"), ""), 0), 1)


def _parsed(path: Path, text: str, where: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TableError(f"{path}{where}: not JSON: {error}.", "Write JSON, or one object a line.") from error


def _reviews(value: object, depth: int) -> Iterator[Record]:
    if depth > _MOST_DEPTH:
        return
    for node in inner(value):
        types = [name for name in map(text_of, listed(node.get("@type"))) if name]
        if any(name.endswith(_REVIEWS) for name in types):
            yield node
        else:
            for holder in _HOLDERS:
                yield from _reviews(node.get(holder), depth + 1)


def listed(value: object) -> list[object]:
    """Return the values of a property, which JSON-LD writes as one or as a list of them."""
    return value if isinstance(value, list) else [] if value is None else [value]


def inner(value: object) -> list[Record]:
    """Return the objects among the values of a property."""
    return [item for item in listed(value) if isinstance(item, dict)]


def text_of(value: object) -> str | None:
    """Return a text or number of a property as text, `None` where it is neither or blank. A `data:` URI stays whole."""
    if isinstance(value, dict):
        value = value.get("@value")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = storable(str(value)).strip()
    return (text if text.startswith("data:") else text[:LONGEST]) or None
