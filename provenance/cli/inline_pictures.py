"""Small pictures in a terminal that can show them; elsewhere none: blocks of colour show nobody what is in a photo."""

from __future__ import annotations

import base64
import enum
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ROWS = 8
"""Lines of the terminal that a picture is high."""

CHUNK = 4096
"""Bytes of one escape sequence: more is not allowed by kitty's protocol."""


class Protocol(enum.Enum):
    """How a terminal is told to show a picture."""

    KITTY = "kitty"
    """https://sw.kovidgoyal.net/kitty/graphics-protocol; Ghostty, Konsole and WezTerm speak it too."""
    ITERM = "iterm"
    """https://iterm2.com/documentation-images.html."""


_BY_PROGRAM = {"ghostty": Protocol.KITTY, "WezTerm": Protocol.KITTY, "iTerm.app": Protocol.ITERM}
"""Values of TERM_PROGRAM."""


def protocol(environment: Mapping[str, str]) -> Protocol | None:
    """Return what the terminal says that it understands; multiplexers pass on neither, so none inside them."""
    if "TMUX" in environment or environment.get("TERM", "").startswith(("screen", "tmux")):
        return None
    if "KITTY_WINDOW_ID" in environment or "KONSOLE_VERSION" in environment:
        return Protocol.KITTY
    if environment.get("TERM") in {"xterm-kitty", "xterm-ghostty"}:
        return Protocol.KITTY
    return _BY_PROGRAM.get(environment.get("TERM_PROGRAM", ""))


def shown_here() -> Protocol | None:
    """Return how standard output can be told to show a picture; None where it goes to a file, or cannot."""
    return protocol(os.environ) if sys.stdout.isatty() else None


def drawn(png: bytes, how: Protocol) -> str:
    """Return what draws a PNG `ROWS` lines high, and leaves the cursor at the start of the line below."""
    text = base64.standard_b64encode(png).decode("ascii")
    if how is Protocol.ITERM:
        return f"\x1b]1337;File=inline=1;height={ROWS};preserveAspectRatio=1:{text}\x07\n"
    chunks = [text[start : start + CHUNK] for start in range(0, len(text), CHUNK)]
    sequences = []
    for number, chunk in enumerate(chunks):
        # `q=2`: the terminal must not answer, since nobody reads what it says.
        first = f"a=T,f=100,q=2,r={ROWS}," if number == 0 else ""
        sequences.append(f"\x1b_G{first}m={int(number < len(chunks) - 1)};{chunk}\x1b\\")
    return "".join(sequences) + "\n"
