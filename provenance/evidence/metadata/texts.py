"""Bytes and texts of strangers, made into facts that can be shown."""

from __future__ import annotations

from provenance.model.clean import clean
from provenance.model.file_facts import LONGEST, Fact, FactSource

_LOOKED_AT = 4 * LONGEST
"""Characters that are cleaned at most: escapes make texts longer, never shorter."""


def decoded(data: bytes) -> str:
    """Return text up to its first NUL: UTF-8 where it is that, else Latin-1."""
    data = data.split(b"\0", 1)[0]
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def utf16(data: bytes, order: str) -> str:
    """Return UTF-16 text up to its first NUL; `order` is "little" or "big", a byte order mark overrules it."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        order, data = ("little" if data[0] == 0xFF else "big"), data[2:]  # noqa: PLR2004 - the mark itself
    return data.decode("utf-16-le" if order == "little" else "utf-16-be", "replace").split("\0", 1)[0]


def fact(source: FactSource, name: str, text: str, note: str = "") -> Fact | None:
    """Return a fact with its texts clean and short, `None` where the text is blank.

    Args:
        source: where it stands.
        name: the standard's name; cut like the value, since PNG and Photoshop files name things themselves.
        text: as the file has it.
        note: what is known besides; what was cut is said after it.
    """
    text = text.strip(" \t\r\n\0")
    if not text:
        return None
    value, whole = _short(text)
    if not whole:
        note = "; ".join(filter(None, (note, f"cut: the text has {len(text)} characters")))
    return Fact(source, _short(name)[0], value, _short(note)[0])


def quoted(text: str) -> str:
    """Return a file's text as a note may quote it: clean, in quotation marks, at most 100 characters."""
    shown = clean(text[:_QUOTED])
    return f'"{shown[:_QUOTED]}{"..." if len(text) > _QUOTED or len(shown) > _QUOTED else ""}"'


_QUOTED = 100


def _short(text: str) -> tuple[str, bool]:
    cleaned = clean(text[:_LOOKED_AT])
    whole = len(text) <= _LOOKED_AT and len(cleaned) <= LONGEST
    return (cleaned if whole else cleaned[: LONGEST - 3] + "..."), whole
