"""What strangers wrote, made fit for a page: Jinja escapes it, this cuts it, links it and embeds its pictures."""

from __future__ import annotations

import base64
from typing import NamedTuple
from urllib.parse import urlsplit

from provenance.model.clean import clean

PICTURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
"""First bytes of the formats that are embedded, WebP besides."""


LONGEST = 4_000
"""Characters of a text that a page holds at all: browsers take minutes to lay out what strangers can write."""


class Shortened(NamedTuple):
    """Harmless text of at most `LONGEST` characters, and its beginning if that is too long to be shown at once."""

    shown: str
    whole: str

    @property
    def is_cut(self) -> bool:
        """Whether not all of it is shown."""
        return self.shown != self.whole


def shortened(text: str, most: int) -> Shortened:
    """Return text without controls, its beginning of at most `most` characters."""
    whole = _bounded(text)
    return Shortened(whole if len(whole) <= most else f"{whole[: most - 1]}…", whole)


def path_shortened(path: str, most: int) -> Shortened:
    """Return a path likewise, cut in its middle: its end says most."""
    whole = clean(path)
    begin = most // 3
    shown = whole if len(whole) <= most else f"{whole[:begin]}…{whole[begin + 1 - most :]}"
    return Shortened(shown, _bounded(path))


def _bounded(text: str) -> str:
    """Return text without controls, and how many characters of it were left out where it is too long."""
    left_out = len(text) - LONGEST
    return clean(text) if left_out <= 0 else f"{clean(text[:LONGEST])}… (+{left_out:,})"


def folder_and_name(path: str) -> tuple[str, str]:
    """Return a path's folder with its last slash, and what stands after that."""
    cut = max(path.rfind("/"), path.rfind("\\")) + 1
    return path[:cut], path[cut:]


def link(url: str | None) -> str | None:
    """Return an address that may be linked: http or https, with a host and nothing hidden in it; else None."""
    if not url or len(url) > LONGEST or clean(url) != url or any(c.isspace() for c in url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.netloc else None


def relative(href: str) -> str:
    """Return the address of a page beside this one so that it can be nothing else: no scheme, no host."""
    return f"./{href}"


def data_uri(picture: bytes) -> str:
    """Return a picture as a data: address; "" where there is none, or none that browsers are asked to show."""
    kind = next((kind for start, kind in PICTURES.items() if picture.startswith(start)), None)
    if picture[:4] == b"RIFF" and picture[8:12] == b"WEBP":
        kind = "image/webp"
    return f"data:{kind};base64,{base64.b64encode(picture).decode()}" if kind else ""
