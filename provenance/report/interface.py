"""What every reporter takes and gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from provenance.model import Report


class Reporter(Protocol):
    """A form in which a run is told. Pure: the caller prints or writes the text."""

    def __call__(self, report: Report) -> str:
        """Return the whole report, ending in a newline."""
