"""The directories of a TIFF structure, walked within bounds (TIFF 6.0, EXIF 3.0 section 4.6).

Neither reader of tags says how long a maker note is, where the thumbnail lies, or what was wrong. This walk does, and
reads no values but those.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 129: 1}
"""Bytes of one value, by type; 129 is the UTF-8 of EXIF 3.0."""
_POINTERS = {0x8769: "EXIF", 0x8825: "GPS"}
_MOST_ENTRIES = 4_000
"""Of all directories together: a photo has 40 to 120."""
_MOST_FAULTS = 8
_MAIN = ("Image", "Thumbnail")
SHORT, LONG = 3, 4


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a directory: its type, how many values, and where they are in the block."""

    type: int
    count: int
    start: int
    size: int


@dataclass(slots=True)
class Directories:
    """Entries by directory ("Image", "Thumbnail", "EXIF", "GPS") and tag; the first of equal ones is kept."""

    order: str
    """"<" or ">"."""
    entries: dict[tuple[str, int], Entry] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def value(self, block: bytes, key: tuple[str, int], most: int) -> bytes:
        """Return the bytes of an entry, at most `most`; none where there is no such entry."""
        entry = self.entries.get(key)
        return b"" if entry is None else block[entry.start : entry.start + min(entry.size, most)]

    def number(self, block: bytes, key: tuple[str, int]) -> int | None:
        """Return an entry's first value where it is a short or a long."""
        entry = self.entries.get(key)
        if entry is None or entry.type not in {SHORT, LONG} or not entry.count:
            return None
        form = self.order + ("H" if entry.type == SHORT else "I")
        return int(struct.unpack_from(form, block, entry.start)[0])


def walk(block: bytes) -> Directories:
    """Return the directories of a block that begins with a TIFF header; nothing of BigTIFF."""
    found = Directories("<" if block[:1] == b"I" else ">")
    if len(block) < 8:  # noqa: PLR2004 - the header
        found.faults.append("the EXIF block is cut short")
        return found
    seen: set[int] = set()
    following = _read(block, struct.unpack_from(found.order + "I", block, 4)[0], "Image", found, seen)
    for tag, name in _POINTERS.items():
        start = found.number(block, ("Image", tag))
        if start is not None:
            _read(block, start, name, found, seen)
    if following:
        _read(block, following, "Thumbnail", found, seen)
    return found


def _read(block: bytes, start: int, name: str, found: Directories, seen: set[int]) -> int:
    """Read one directory; return where the next one begins, 0 for nowhere."""
    if start in seen:
        _fault(found, f"the {name} directory points back to another one")
        return 0
    seen.add(start)
    if start + 2 > len(block):
        _fault(found, f"the {name} directory lies past the end")
        return 0
    (count,) = struct.unpack_from(found.order + "H", block, start)
    for number in range(count):
        at = start + 2 + 12 * number
        if at + 12 > len(block):
            _fault(found, f"the {name} directory is cut short: {number} of {count} entries")
            return 0
        if len(found.entries) >= _MOST_ENTRIES or number >= _MOST_ENTRIES:
            _fault(found, f"the {name} directory has {count} entries: not all were read")
            return 0
        _take(block, at, name, found)
    end = start + 2 + 12 * count
    return int(struct.unpack_from(found.order + "I", block, end)[0]) if end + 4 <= len(block) else 0


def _take(block: bytes, at: int, name: str, found: Directories) -> None:
    tag, kind, count = struct.unpack_from(found.order + "HHI", block, at)
    size = _SIZES.get(kind, 0) * count
    if kind not in _SIZES:
        return
    inline = size <= 4  # noqa: PLR2004 - values of four bytes stand in the entry itself
    start = at + 8 if inline else struct.unpack_from(found.order + "I", block, at + 8)[0]
    if start + size > len(block):
        _fault(found, f"tag 0x{tag:04X} of the {name} directory claims {count:,} values past the end")
        return
    found.entries.setdefault((name, tag), Entry(kind, count, start, size))


def _fault(found: Directories, words: str) -> None:
    if len(found.faults) < _MOST_FAULTS:
        found.faults.append(words)
