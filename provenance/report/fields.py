"""Members of JSON objects by name and type: for reading what we wrote from a file that anybody may have touched."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from provenance.errors import ReportError

if TYPE_CHECKING:
    import enum
    from collections.abc import Callable, Mapping

Choice = TypeVar("Choice", bound="enum.StrEnum")
Value = TypeVar("Value")

MOST_CHARACTERS = 2**28
"""Of one document: a thousand photos with dozens of matches each take a tenth of that."""

MOST_WHOLE = 2**63 - 1

_SHA256 = re.compile("[0-9a-f]{64}")
_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parsed(text: str) -> Fields:
    """Return the members of a document that is one JSON object.

    Raises:
        ReportError: it is none, is too long, or nests too deeply.
    """
    if len(text) > MOST_CHARACTERS:
        raise ReportError(f"It has more than {MOST_CHARACTERS:,} characters, the most that is read.")
    try:
        value = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise ReportError(f"It is not JSON: {error}.") from error
    return Fields.of(value, "")


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number")


@dataclass(frozen=True, slots=True)
class Fields:
    """The members of one JSON object, and where in the document it stands. Members not asked for are passed over.

    Every method raises ReportError, with the member's place, where it is missing or not of the type it should be.
    """

    members: Mapping[str, Any]
    place: str

    @classmethod
    def of(cls, value: object, place: str) -> Fields:
        """Return a value's members."""
        if not isinstance(value, dict):
            raise wrong(place, "a JSON object")
        return cls(value, place)

    def value(self, name: str) -> Any:
        """Return a member of any type."""
        if name not in self.members:
            raise wrong(self.at(name), "there")
        return self.members[name]

    def at(self, name: str) -> str:
        """Return where a member stands: `results.3.path`."""
        return f"{self.place}.{name}" if self.place else name

    def text(self, name: str) -> str:
        """Return a text."""
        value = self.value(name)
        if not isinstance(value, str):
            raise wrong(self.at(name), "text")
        return value

    def flag(self, name: str) -> bool:
        """Return true or false."""
        value = self.value(name)
        if not isinstance(value, bool):
            raise wrong(self.at(name), "true or false")
        return value

    def number(self, name: str, least: float = -math.inf, most: float = math.inf) -> float:
        """Return a finite number from `least` to `most`."""
        return _number(self.value(name), self.at(name), least, most)

    def numbers(self, name: str, count: int) -> tuple[float, ...]:
        """Return exactly `count` finite numbers."""
        values = self._array(name)
        if len(values) != count:
            raise wrong(self.at(name), f"{count} numbers")
        return tuple(_number(value, self.at(name), -math.inf, math.inf) for value in values)

    def whole(self, name: str, least: int = 0, most: int = MOST_WHOLE) -> int:
        """Return a whole number from `least` to `most`."""
        return _whole(self.value(name), self.at(name), least, most)

    def wholes(self, name: str, most: int) -> tuple[int, ...]:
        """Return any count of whole numbers from 0 to `most`."""
        return tuple(_whole(value, self.at(name), 0, most) for value in self._array(name))

    def texts(self, name: str) -> tuple[str, ...]:
        """Return any count of texts."""
        values = self._array(name)
        if not all(isinstance(value, str) for value in values):
            raise wrong(self.at(name), "a list of texts")
        return tuple(values)

    def choice(self, name: str, kind: type[Choice]) -> Choice:
        """Return a member of an enumeration."""
        value = self.text(name)
        if value not in list(kind):
            raise wrong(self.at(name), f"one of {', '.join(kind)}")
        return kind(value)

    def sha256(self, name: str) -> str:
        """Return a digest: 64 lower-case hexadecimal digits."""
        value = self.text(name)
        if not _SHA256.fullmatch(value):
            raise wrong(self.at(name), "a SHA-256 of 64 digits, 0 to 9 and a to f")
        return value

    def date(self, name: str) -> date:
        """Return a day."""
        value = self.text(name)
        try:
            if _DATE.fullmatch(value):
                return date.fromisoformat(value)
        except ValueError:
            pass
        raise wrong(self.at(name), "a date, YYYY-MM-DD")

    def moment(self, name: str) -> datetime:
        """Return a moment with its offset from UTC."""
        try:
            value = datetime.fromisoformat(self.text(name))
        except ValueError:
            value = datetime.min  # noqa: DTZ901 - refused below, as all without an offset
        if value.tzinfo is None:
            raise wrong(self.at(name), "a date and time with its offset from UTC")
        return value

    def inner(self, name: str) -> Fields:
        """Return the members of an object."""
        return Fields.of(self.value(name), self.at(name))

    def each(self, name: str) -> list[Fields]:
        """Return the members of every object of a list."""
        return [Fields.of(value, f"{self.at(name)}.{i}") for i, value in enumerate(self._array(name))]

    def maybe(self, name: str, read: Callable[[str], Value]) -> Value | None:
        """Return what `read`, a method of this object, makes of a member, or None where it is null."""
        return None if self.value(name) is None else read(name)

    def _array(self, name: str) -> list[Any]:
        value = self.value(name)
        if not isinstance(value, list):
            raise wrong(self.at(name), "a list")
        return value


def _number(value: object, place: str, least: float, most: float) -> float:
    if isinstance(value, float) and math.isfinite(value) and least <= value <= most:
        return value
    # A whole number stays one: what is written again is then the same text.
    if type(value) is int and abs(value) <= MOST_WHOLE and least <= value <= most:
        return value
    raise wrong(place, f"a number{_between(least, most)}")


def _whole(value: object, place: str, least: int, most: int) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
        return value
    raise wrong(place, f"a whole number{_between(least, most)}")


def _between(least: float, most: float) -> str:
    return "" if math.isinf(least) and math.isinf(most) else f" from {least:g} to {most:g}"


def wrong(place: str, wanted: str) -> ReportError:
    """Return the error of a member that is not what it should be."""
    return ReportError(f"{place or 'The document'} is not {wanted}.")
