"""What `add` and `check` ask of a source of photos."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.model import Skipped, Submission


class Source(Protocol):
    """Somewhere photos come from."""

    def collect(self) -> Iterator[Submission | Skipped]:
        """Yield every photo in a stable order, and what could not be taken with the reason."""
