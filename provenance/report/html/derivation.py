"""How archived copies descend from each other, laid out: frames in layers, what holds more above what holds less."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from provenance.model import Match, Result, Versions

WIDTH, HEIGHT = 168, 178
"""Of one version, in units of the drawing."""

GAP, BETWEEN = 20, 56
"""Between neighbours, and between layers."""

PAD = 12
"""Around versions of one frame, and around the drawing."""

MOST_DRAWN = 12
"""Versions drawn, best match first; the table has all."""

LEAST = 3
"""Versions, the photo being checked among them, from which there is something to draw."""


@dataclass(frozen=True, slots=True)
class Node:
    """One version, by its place in `Versions.all`; its corner in the drawing."""

    place: int
    match: Match | None
    """None for the photo being checked."""
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Frame:
    """Versions that show one frame, and the box around them."""

    x: int
    y: int
    width: int
    height: int
    several: bool


@dataclass(frozen=True, slots=True)
class Edge:
    """From a frame to one that can be a crop of it: ends in the drawing."""

    x1: int
    y1: int
    x2: int
    y2: int

    @property
    def bend(self) -> int:
        """Return the height at which the line turns."""
        return (self.y1 + self.y2) // 2


@dataclass(frozen=True, slots=True)
class Derivation:
    """The drawing; `left_out` is how many versions it does not show."""

    width: int
    height: int
    nodes: tuple[Node, ...]
    frames: tuple[Frame, ...]
    edges: tuple[Edge, ...]
    left_out: int


def derivation(result: Result) -> Derivation | None:
    """Return the drawing of a photo's versions; None where fewer than two are archived."""
    versions = result.versions
    if versions is None or len(versions.all) < LEAST:
        return None
    groups = _frames(versions)
    parents = _parents(versions, groups)
    placed = _placed(groups, _layers(parents))
    matches = {match.reference.id: match for match in result.matches}
    nodes = [
        Node(
            place=place,
            match=matches.get(version.reference)
            if (version := versions.all[place]).reference is not None
            else None,
            x=frame.x + PAD + number * (WIDTH + GAP),
            y=frame.y + PAD,
        )
        for group, frame in zip(groups, placed, strict=True)
        for number, place in enumerate(group)
    ]
    edges = [_edge(placed[parent], placed[child]) for child, above in enumerate(parents) for parent in above]
    return Derivation(
        width=max(frame.x + frame.width for frame in placed) + PAD,
        height=max(frame.y + frame.height for frame in placed) + PAD,
        nodes=tuple(nodes),
        frames=tuple(placed),
        edges=tuple(edges),
        left_out=max(0, len(versions.all) - MOST_DRAWN),
    )


def _frames(versions: Versions) -> list[list[int]]:
    """Return the versions drawn, those of one frame together."""
    groups: list[list[int]] = []
    for place, version in enumerate(versions.all[:MOST_DRAWN]):
        group = next((g for g in groups if g[0] in version.same_frame), None)
        if group is None:
            groups.append([place])
        else:
            group.append(place)
    return groups


def _parents(versions: Versions, groups: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return, for each frame, the frames that it can be a crop of."""
    frame_of = {place: number for number, group in enumerate(groups) for place in group}
    return [
        sorted(
            {
                frame_of[parent]
                for place in group
                for parent in versions.all[place].parents
                if parent in frame_of and frame_of[parent] != number
            }
        )
        for number, group in enumerate(groups)
    ]


def _layers(parents: Sequence[Sequence[int]]) -> list[int]:
    """Return each frame's distance from the largest above it."""
    layers = [0] * len(parents)
    for _ in parents:  # as often as the longest chain can be
        layers = [max((layers[p] + 1 for p in above), default=0) for above in parents]
    return layers


def _placed(groups: Sequence[Sequence[int]], layers: Sequence[int]) -> list[Frame]:
    """Return where each frame lies: layers below each other, each in the middle."""
    widths = [len(g) * WIDTH + (len(g) - 1) * GAP + 2 * PAD for g in groups]
    layer_width = dict.fromkeys(layers, -GAP)
    for width, layer in zip(widths, layers, strict=True):
        layer_width[layer] += width + GAP
    widest = max(layer_width.values())
    x = {layer: PAD + (widest - width) // 2 for layer, width in layer_width.items()}
    placed = []
    for group, width, layer in zip(groups, widths, layers, strict=True):
        y = PAD + layer * (HEIGHT + 2 * PAD + BETWEEN)
        placed.append(Frame(x[layer], y, width, HEIGHT + 2 * PAD, len(group) > 1))
        x[layer] += width + GAP
    return placed


def _edge(parent: Frame, child: Frame) -> Edge:
    """Return the line between two frames, or between the versions in them where there is one in each."""
    return Edge(
        parent.x + parent.width // 2,
        parent.y + parent.height - (0 if parent.several else PAD),
        child.x + child.width // 2,
        child.y + (0 if child.several else PAD),
    )
