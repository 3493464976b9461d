"""Pictures that a report shows of one checked photo, encoded as JPEG, PNG or WebP; b"" where there is none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class MatchPictures:
    """Pictures of one match.

    `query`, `aligned` and `heat` are of one size, at most 1,000 pixels a side, and lie on each other exactly:
    the photo, the reference as it lies on it (transparent where it has nothing), and the scores of what differs
    over the photo in grey. They are missing where the two were not compared.
    """

    reference: bytes = b""
    """The small picture that the archive keeps of the reference."""
    query: bytes = b""
    aligned: bytes = b""
    heat: bytes = b""


@dataclass(frozen=True, slots=True)
class Illustrations:
    """Pictures of one photo: the photo itself, small, and those of its matches by the reference's id."""

    query: bytes = b""
    matches: Mapping[int, MatchPictures] = field(default_factory=dict)
