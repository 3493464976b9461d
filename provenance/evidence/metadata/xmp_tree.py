"""An XMP packet -> a tree of named nodes, by expat with every declaration refused.

The standard library's expat is used, not defusedxml: that package wraps the same parser with the same three refusals,
and its last release is of 2021. A document type is refused as a whole, so that there are no entities to expand.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.parsers import expat

_MOST_NODES = 20_000
_MOST_DEPTH = 40
_MOST_TEXT = 1 << 14
"""Characters of one node."""
_PIECE = 1 << 16


@dataclass(slots=True)
class Node:
    """An element: `name` is "namespace local" as expat joins them; so are the keys of `attributes`."""

    name: str
    attributes: dict[str, str]
    children: list[Node] = field(default_factory=list)
    text: str = ""


class _RefusedError(Exception):
    """The packet declares a document type, or is larger or deeper than any real one; says which."""


class _Builder:
    """Keeps what was read when the packet breaks off."""

    def __init__(self) -> None:
        self.root = Node("", {})
        self._open = [self.root]
        self._nodes = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._nodes += 1
        if self._nodes > _MOST_NODES:
            raise _RefusedError(f"more than {_MOST_NODES} elements")
        if len(self._open) > _MOST_DEPTH:
            raise _RefusedError(f"nested more than {_MOST_DEPTH} deep")
        node = Node(name, {key: value[:_MOST_TEXT] for key, value in attributes.items()})
        self._open[-1].children.append(node)
        self._open.append(node)

    def end(self, _name: str) -> None:
        self._open.pop()

    def characters(self, text: str) -> None:
        node = self._open[-1]
        if len(node.text) < _MOST_TEXT:
            node.text += text[: _MOST_TEXT - len(node.text)]

    def refuse(self, *_: object) -> None:
        raise _RefusedError("it declares a document type")


def parse_xmp(packet: bytes) -> tuple[Node, str]:
    """Return the tree, as far as it could be read, and why it ends early; empty if it does not."""
    root, fault = _parsed(packet)
    if fault and not root.children:
        # bytes that are not UTF-8 end the first reading before anything is in it
        root, again = _parsed(packet.strip(b" \t\r\n\0").decode("utf-8", "replace").encode())
        fault = again or "it holds bytes that are not UTF-8"
    return root, fault


def _parsed(packet: bytes) -> tuple[Node, str]:
    builder = _Builder()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.buffer_size = _PIECE
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.characters
    parser.StartDoctypeDeclHandler = builder.refuse
    parser.EntityDeclHandler = builder.refuse
    parser.ExternalEntityRefHandler = builder.refuse  # type: ignore[assignment]
    try:
        for start in range(0, len(packet), _PIECE):
            parser.Parse(
                packet[start : start + _PIECE].rstrip(b"\0")
                if start + _PIECE >= len(packet)
                else packet[start : start + _PIECE]
            )
        parser.Parse(b"", True)
    except _RefusedError as refused:
        return builder.root, str(refused)
    except (expat.ExpatError, ValueError, LookupError, UnicodeError):
        return builder.root, "it is not well-formed"
    return builder.root, ""
