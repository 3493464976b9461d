"""XMP: what the packet says, in RDF's several ways of writing the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from provenance.evidence.metadata.positions import xmp_position
from provenance.evidence.metadata.stamp_text import stamped
from provenance.evidence.metadata.texts import fact
from provenance.evidence.metadata.traces import known_trace
from provenance.evidence.metadata.xmp_properties import (
    DATES,
    HISTORY,
    LAYER_TEXT,
    LAYERS,
    NAMESPACES,
    RDF,
    REFERENCE_PARTS,
    REFERENCES,
    SIMPLE,
    XML,
)
from provenance.evidence.metadata.xmp_tree import Node, parse_xmp
from provenance.model.file_facts import Fact, FactSource, Moment, Position, Stamp

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_ITEMS = 100
"""Of one list, history included: the first are told."""
_RDF, _DESCRIPTION = f"{RDF} RDF", f"{RDF} Description"
_ARRAYS = frozenset({f"{RDF} Seq", f"{RDF} Bag", f"{RDF} Alt"})
_ITEM, _RESOURCE, _VALUE, _LANGUAGE = f"{RDF} li", f"{RDF} resource", f"{RDF} value", f"{XML} lang"
_MOST_DEPTH = 12
"""Of descriptions within each other, looking for the one that holds the properties."""


@dataclass(slots=True)
class Xmp:
    """What packets say."""

    facts: list[Fact] = field(default_factory=list)
    stamps: list[Stamp] = field(default_factory=list)
    positions: list[Position] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def read_xmp(packet: bytes) -> Xmp:
    """Return what one packet says; a damaged one as far as it can be read."""
    found = Xmp()
    root, fault = parse_xmp(packet)
    if fault:
        found.faults.append(f"the XMP packet was not read to its end: {fault}")
    properties = _properties(root)
    texts: dict[str, str] = {}
    for name in SIMPLE:
        if name in properties:
            texts[name] = _joined(properties[name])
            _add(found, name, texts[name])
            if (moment := DATES.get(name)) and texts[name].strip():
                found.stamps.append(stamped(moment, FactSource.XMP, name, texts[name]))
    for name in REFERENCES:
        for node in properties.get(name, ())[:_MOST_ITEMS]:
            for item in _items(node):
                parts = _parts(item)
                _add(
                    found,
                    name,
                    ", ".join(
                        f"{key.partition(':')[2]} {parts[key]}" for key in REFERENCE_PARTS if key in parts
                    ),
                )
    _add_history(found, properties)
    _add_layers(found, properties)
    position = xmp_position(
        texts.get("exif:GPSLatitude", ""), texts.get("exif:GPSLongitude", ""), found.faults
    )
    found.positions.extend([position] if position else [])
    return found


def _add(found: Xmp, name: str, text: str, note: str = "") -> None:
    if one := fact(FactSource.XMP, name, text, note or known_trace(FactSource.XMP, name, text)):
        found.facts.append(one)


def _add_history(found: Xmp, properties: dict[str, list[Node]]) -> None:
    events = [item for node in properties.get(HISTORY, ()) for item in _items(node)]
    for number, event in enumerate(events[:_MOST_ITEMS], 1):
        parts = {
            key.partition(":")[2]: value for key, value in _parts(event).items() if key.startswith("stEvt:")
        }
        action, when, agent = (parts.get(key, "").strip() for key in ("action", "when", "softwareAgent"))
        words = [action or "event", when and f"at {when}", agent and f"by {agent}"]
        if changed := parts.get("changed", "").strip():
            words.append(f"changed {changed}")
        if parameters := parts.get("parameters", "").strip():
            words.append(f"({parameters})")
        name = f"{HISTORY}[{number}]"
        _add(found, name, " ".join(filter(None, words)))
        if when:
            moment = Moment.CREATED if action == "created" else Moment.MODIFIED
            found.stamps.append(stamped(moment, FactSource.XMP, name, when))
    if len(events) > _MOST_ITEMS:
        found.faults.append(f"the history has {len(events)} events: the first {_MOST_ITEMS} are told")


def _add_layers(found: Xmp, properties: dict[str, list[Node]]) -> None:
    for node in properties.get(LAYERS, ()):
        for item in _items(node)[:_MOST_ITEMS]:
            _add(found, LAYERS, _parts(item).get(LAYER_TEXT, ""), "text of a layer in the document")


def _properties(root: Node) -> dict[str, list[Node]]:
    """Return the properties of all outer descriptions, by prefixed name; attributes become nodes."""
    found: dict[str, list[Node]] = {}
    for description in _descriptions(root, 0):
        for name, node in _members(description):
            found.setdefault(name, []).append(node)
    return found


def _descriptions(node: Node, depth: int) -> Iterator[Node]:
    for child in node.children:
        if child.name == _DESCRIPTION and node.name == _RDF:
            yield child
        elif depth < _MOST_DEPTH:
            yield from _descriptions(child, depth + 1)


def _members(node: Node) -> Iterator[tuple[str, Node]]:
    for key, value in node.attributes.items():
        if name := _prefixed(key):
            yield name, Node(key, {}, [], value)
    for child in node.children:
        if name := _prefixed(child.name):
            yield name, child


def _prefixed(name: str) -> str:
    namespace, _, local = name.rpartition(" ")
    prefix = NAMESPACES.get(namespace)
    return f"{prefix}:{local}" if prefix else ""


def _items(node: Node) -> list[Node]:
    """Return the items of an array, or the node itself."""
    for child in node.children:
        if child.name in _ARRAYS:
            return [item for item in child.children if item.name == _ITEM]
    return [node]


def _parts(node: Node) -> dict[str, str]:
    """Return the fields of a structure: attributes, child elements, or those of a description within."""
    inner = [child for child in node.children if child.name == _DESCRIPTION]
    return {name: _joined([member]) for holder in (node, *inner[:1]) for name, member in _members(holder)}


def _joined(nodes: list[Node]) -> str:
    """Return texts and lists on one line; of texts in several languages, the default or the first."""
    texts: list[str] = []
    for node in nodes[:_MOST_ITEMS]:
        items = _items(node)
        if any(_LANGUAGE in item.attributes for item in items):
            items = sorted(items, key=lambda item: item.attributes.get(_LANGUAGE) != "x-default")[:1]
        texts.extend(_text(item) for item in items[:_MOST_ITEMS])
    unique = dict.fromkeys(text.strip() for text in texts if text.strip())
    return "; ".join(unique)


def _text(node: Node) -> str:
    if node.text.strip():
        return node.text
    if _RESOURCE in node.attributes:
        return node.attributes[_RESOURCE]
    return next((child.text for child in node.children if child.name == _VALUE), "")
