"""IPTC: the data sets of the Information Interchange Model (IPTC-NAA IIM 4.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.evidence.metadata.stamp_text import stamped
from provenance.evidence.metadata.texts import decoded, fact
from provenance.evidence.metadata.traces import known_trace
from provenance.model.file_facts import Fact, FactSource, Moment, Stamp

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARKER = 0x1C
_MOST_SETS = 500
_EXTENDED = 0x8000
_LONGEST = 1 << 16
_CHARACTERS = (1, 90)
_UTF8 = b"\x1b%G"
_RECORD = 2
NAMES = {
    3: "Object Type Reference", 5: "Object Name", 7: "Edit Status", 10: "Urgency", 12: "Subject Reference",
    15: "Category", 20: "Supplemental Category", 22: "Fixture Identifier", 25: "Keywords",
    26: "Content Location Code", 27: "Content Location Name", 30: "Release Date", 35: "Release Time",
    37: "Expiration Date", 38: "Expiration Time", 40: "Special Instructions", 47: "Reference Date",
    50: "Reference Number", 55: "Date Created", 60: "Time Created", 62: "Digital Creation Date",
    63: "Digital Creation Time", 65: "Originating Program", 70: "Program Version", 75: "Object Cycle",
    80: "By-line", 85: "By-line Title", 90: "City", 92: "Sub-location", 95: "Province/State",
    100: "Country Code", 101: "Country Name", 103: "Original Transmission Reference", 105: "Headline",
    110: "Credit", 115: "Source", 116: "Copyright Notice", 118: "Contact", 120: "Caption/Abstract",
    122: "Writer/Editor", 135: "Language Identifier", 221: "Prefs", 228: "Classify State",
    230: "Original Document ID", 231: "Document History", 232: "Exif Camera Info",
}  # fmt: skip
_DATES = ((Moment.CAPTURED, 55, 60), (Moment.DIGITISED, 62, 63))


def read_iptc(data: bytes, faults: list[str]) -> tuple[list[Fact], list[Stamp]]:
    """Return the facts and dates of record 2; what cannot be read is said in `faults`."""
    sets = list(_data_sets(data, faults))
    is_utf8 = any((record, number) == _CHARACTERS and body == _UTF8 for record, number, body in sets)
    facts: list[Fact] = []
    first: dict[int, str] = {}
    for record, number, body in sets:
        if record != _RECORD or number not in NAMES:
            continue
        text = _text(body, is_utf8)
        first.setdefault(number, text)
        name = f"{record}:{number:03} {NAMES[number]}"
        if one := fact(FactSource.IPTC, name, text, known_trace(FactSource.IPTC, name, text)):
            facts.append(one)
    return facts, list(_stamps(first))


def _text(body: bytes, is_utf8: bool) -> str:
    # without the mark the standard says ISO 646, programs write Latin-1 or, as often, UTF-8: valid UTF-8 is no accident
    return body.decode("utf-8", "replace").split("\0", 1)[0] if is_utf8 else decoded(body)


def _data_sets(data: bytes, faults: list[str]) -> Iterator[tuple[int, int, bytes]]:
    position = 0
    for _ in range(_MOST_SETS):
        head = data[position : position + 5]
        if len(head) < 5 or head[0] != _MARKER:  # noqa: PLR2004
            if head.strip(b"\0"):
                faults.append("the IPTC data could not be read to its end")
            return
        length, start = int.from_bytes(head[3:5]), position + 5
        if length & _EXTENDED:
            width = length & ~_EXTENDED
            if width > 4:  # noqa: PLR2004 - four bytes count all that a file can have
                faults.append("the IPTC data could not be read to its end")
                return
            length, start = int.from_bytes(data[start : start + width]), start + width
        if start + length > len(data):
            faults.append("an IPTC data set claims more bytes than there are")
        yield head[1], head[2], data[start : start + min(length, _LONGEST)]
        position = start + length
    faults.append(f"more than {_MOST_SETS} IPTC data sets: the rest was not read")


def _stamps(texts: dict[int, str]) -> Iterator[Stamp]:
    for moment, day, clock in _DATES:
        if day in texts and texts[day].strip():
            name = f"2:{day:03} {NAMES[day]}"
            yield stamped(
                moment, FactSource.IPTC, name, f"{texts[day].strip()} {texts.get(clock, '').strip()}".strip()
            )
