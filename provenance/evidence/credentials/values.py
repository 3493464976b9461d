"""Values out of a hostile report, as the kinds that are hoped for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from provenance.model.clean import clean
from provenance.model.file_facts import LONGEST

if TYPE_CHECKING:
    from collections.abc import Callable

_Value = TypeVar("_Value")


def mapping(value: object) -> dict[str, Any]:
    """Return a mapping as it is, anything else as an empty one."""
    return value if isinstance(value, dict) else {}


def listed(value: object) -> list[Any]:
    """Return a list as it is, anything else as an empty one."""
    return value if isinstance(value, list) else []


def text(value: object) -> str:
    """Return a text on one line, without controls, cut to `LONGEST`; numbers as text, anything else as an empty one."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return clean(str(value)[:LONGEST]).strip()[:LONGEST]


def bounded(values: list[_Value], most: int, told: Callable[[_Value], str]) -> tuple[str, ...]:
    """Return the first `most` of the values in words; one more tells how many were left out."""
    rest = len(values) - most
    words = tuple(map(told, values[:most]))
    return (*words, f"and {rest} more") if rest > 0 else words
