"""Tables of a settings file: what may stand in each, and how to say what may not."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from provenance.errors import SettingsError
from provenance.settings import quoted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

ADVICE = "Correct it in the settings."


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its values, its name as errors have it ("[policy]", empty for the whole file), and its file."""

    file: str
    name: str
    values: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.file}, {self.name}" if self.name else self.file

    def of(self, key: str) -> str:
        """Return what errors call one of its values."""
        return f"{self}: {key}"

    def wrong(self, key: str, wanted: str) -> SettingsError:
        """Return the error that says what a value must be."""
        return SettingsError(f"{self.of(key)} is {quoted(self.values[key])}; it must be {wanted}.", ADVICE)

    def require_known(self, known: Collection[str], elsewhere: Mapping[str, str]) -> None:
        """Raise SettingsError for a key that is none of `known`; `elsewhere` says where others belong."""
        for key in self.values:
            if key not in known:
                belongs = f"{key} belongs {elsewhere[key]}." if key in elsewhere else suggestion(key, known)
                raise SettingsError(f"{self}: there is no setting {key!r} here.", belongs)

    def tables(self, key: str, name: str) -> Iterator[Table]:
        """Yield the tables of a list of tables, `[[...]]`; none if it is not there."""
        given = self.values.get(key, [])
        if not isinstance(given, list) or not all(isinstance(values, dict) for values in given):
            raise self.wrong(key, f"tables: write each under [[{name}]]")
        for number, values in enumerate(given, 1):
            yield Table(self.file, f"[[{name}]] number {number}", values)

    def text(self, key: str) -> str:
        """Return a text that is not blank."""
        value = self.values[key]
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(key, "text, not blank")
        return value

    def texts(self, key: str) -> list[str]:
        """Return a list of texts."""
        value = self.values[key]
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise self.wrong(key, "a list of texts")
        return value


def suggestion(text: str, known: Iterable[str]) -> str:
    """Return the advice for a name that is not known, however it is written."""
    names = {name.lower(): name for name in known}
    near = difflib.get_close_matches(text.lower(), names, n=1)
    return f"Did you mean {names[near[0]]!r}?" if near else f"Known here: {', '.join(names.values())}."
