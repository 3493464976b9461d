"""Hostile text made harmless for a terminal: paths, captions and metadata come from strangers."""

from __future__ import annotations

import unicodedata

DANGEROUS = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories that are not shown as they are: controls (terminal escapes), formats (bidirectional
overrides), lone surrogates, private use, unassigned, line and paragraph separators."""

JOINERS = frozenset("\u200c\u200d")
"""Zero-width (non-)joiners: part of ordinary Arabic and Persian spelling."""


def clean(text: str) -> str:
    """Return `text` on one line, with what could steer a terminal or reorder a line written as escapes."""
    if text.isprintable():  # none of the categories above, and much quicker to tell
        return text
    return "".join(
        c if c in JOINERS or unicodedata.category(c) not in DANGEROUS else c.encode("unicode_escape").decode()
        for c in text
    )
