"""The colour profile's own words (ICC.1:2022, clauses 7.2 and 10.15; ICC.1:2001 for its older description)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.evidence.metadata.texts import decoded, fact
from provenance.model.file_facts import Fact, FactSource

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEADER = 128
_MOST_TAGS = 100
_MOST_TEXT = 2_000


def read_icc(profile: bytes) -> Iterator[Fact]:
    """Yield size, creator, description and copyright of a profile."""
    if len(profile) < _HEADER + 4 or profile[36:40] != b"acsp":
        return
    texts = {
        "ICC profile": f"{len(profile)} bytes, version {profile[8]}.{profile[9] >> 4}",
        "ICC profile creator": decoded(profile[80:84]),
        "ICC profile description": _described(profile, b"desc"),
        "ICC profile copyright": _described(profile, b"cprt"),
    }
    for name, text in texts.items():
        if one := fact(FactSource.ICC, name, text):
            yield one


def _described(profile: bytes, signature: bytes) -> str:
    for number in range(min(int.from_bytes(profile[_HEADER : _HEADER + 4]), _MOST_TAGS)):
        at = _HEADER + 4 + 12 * number
        if profile[at : at + 4] == signature:
            start, size = int.from_bytes(profile[at + 4 : at + 8]), int.from_bytes(profile[at + 8 : at + 12])
            return _text(profile[start : start + min(size, len(profile))])
    return ""


def _text(tag: bytes) -> str:
    kind = tag[:4]
    if kind == b"desc":
        return decoded(tag[12 : 12 + min(int.from_bytes(tag[8:12]), _MOST_TEXT)])
    if kind == b"mluc" and int.from_bytes(tag[8:12]):
        length, start = int.from_bytes(tag[20:24]), int.from_bytes(tag[24:28])
        return tag[start : start + min(length, _MOST_TEXT)].decode("utf-16-be", "replace")
    return decoded(tag[8 : 8 + _MOST_TEXT]) if kind == b"text" else ""
