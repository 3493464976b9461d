"""What every reporter takes and gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from provenance.model import Inspections, Reference, Report, Result


class Reporter(Protocol):
    """A form in which a run is told. Pure: the caller prints or writes the text."""

    def __call__(self, report: Report) -> str:
        """Return the whole report, ending in a newline."""


class PairReporter(Protocol):
    """A form in which `compare` tells what two files say of each other. Pure, likewise."""

    def __call__(self, result: Result, reference: Reference) -> str:
        """Return it whole, ending in a newline."""


class InspectionReporter(Protocol):
    """A form in which `inspect` tells what files say of themselves. Pure, likewise."""

    def __call__(self, report: Inspections) -> str:
        """Return it whole, ending in a newline."""
