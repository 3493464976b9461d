"""Names of folders for photos whose own names come from strangers."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_LETTERS = 24
"""Enough to recognise a photo by; paths stay short on systems that allow 260 characters in all."""

LEAST_DIGITS = 3


def folder_names(paths: Sequence[str]) -> list[str]:
    """Return a folder name for each of `paths`, files or addresses, in their order: `001-viral`, `002-viral`.

    Each is a number, counted from 1 and of as many digits as all of them need, and what is left of the path's last
    part in the letters a to z and digits, if anything: safe on every system, unique whatever the paths, sorted as
    they are, and the same each time.
    """
    digits = max(LEAST_DIGITS, len(str(len(paths))))
    names = (f"{number:0{digits}}-{_letters(path)}" for number, path in enumerate(paths, 1))
    return [name.rstrip("-") for name in names]


def _letters(path: str) -> str:
    if "://" in path:
        path = unquote(re.split(r"[?#]", path, maxsplit=1)[0])
    parts = [part for part in re.split(r"[/\\]", path) if part.strip(". ")]
    last = re.sub(r"(?<=.)\.[A-Za-z0-9]{1,5}$", "", parts[-1]) if parts else ""
    # Accents are told apart from their letters, so that the letters remain.
    plain = "".join(c for c in unicodedata.normalize("NFKD", last) if not unicodedata.combining(c))
    words = re.sub(r"[^a-z0-9]+", "-", plain.casefold()).strip("-")
    return words[:MOST_LETTERS].rstrip("-")
