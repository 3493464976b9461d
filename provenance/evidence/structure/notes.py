"""What the readers of all formats collect, and how it is put into words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from provenance.model import Fact, FactSource
from provenance.model.clean import clean
from provenance.model.file_facts import LONGEST

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_PARTS = 10_000
"""Markers, chunks, boxes or pages that are walked: no camera or editor writes as many, and crafted files may."""

MOST_FAULTS = 20
"""Faults that are told of one file."""

MOST_FACTS = 500
"""Facts that are told of one file."""

_PRINTABLE = re.compile(rb"[ -~]*")

CUT_SHORT = "cut short"


@dataclass(slots=True)
class Notes:
    """Facts and faults as they are found. `end` is the offset at which the picture ends, None if it was not reached."""

    facts: list[Fact] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    end: int | None = None

    def tell(self, name: str, value: str, note: str = "") -> None:
        """Add a fact, its value on one line and no longer than a fact's may be."""
        text = clean(value)
        if len(text) > LONGEST:
            text, note = text[: LONGEST - 1] + "…", f"{note}; {CUT_SHORT}" if note else CUT_SHORT
        if len(self.facts) < MOST_FACTS:
            self.facts.append(Fact(FactSource.STRUCTURE, name, text, note))

    def fault(self, words: str) -> None:
        """Add what could not be read, once."""
        if len(self.faults) < MOST_FAULTS and words not in self.faults:
            self.faults.append(words)


def in_order(names: Iterable[str]) -> str:
    """Return names in their order, those repeated one after the other once, with their number."""
    runs = ((name, sum(1 for _ in run)) for name, run in groupby(names))
    return ", ".join(f"{name} x {count}" if count > 1 else name for name, count in runs)


def ascii_name(data: bytes, longest: int = 32) -> str:
    """Return what of `data` is printable ASCII, up to the first byte that is not."""
    printable = _PRINTABLE.match(data[:longest])
    return printable.group().decode("ascii") if printable else ""


def number(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun: "1 byte", "12,345 bytes"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
