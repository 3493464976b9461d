"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provenance.settings import Settings

if TYPE_CHECKING:
    from provenance.model import DateRange

ArchiveOption = Annotated[
    Path,
    typer.Option("--archive", "-a", envvar="PROVENANCE_ARCHIVE", help="The archive file.", show_default=True),
]
WorkersOption = Annotated[
    int | None,
    typer.Option(
        "--workers", "-j", min=1, max=256, help="Child processes that decode photos; default one a core."
    ),
]
PicturesOption = Annotated[
    Path | None,
    typer.Option(
        "--pictures",
        metavar="DIR",
        help="Write pictures of what differs there: side by side, outlined, as a mask, as a heat map, blinking.",
    ),
]
DEFAULT_ARCHIVE = Path("provenance.db")


def load_settings(workers: int | None) -> Settings:
    """Return the settings, with what the command line overrides."""
    import dataclasses

    settings = Settings.load()
    return settings if workers is None else dataclasses.replace(settings, workers=workers)


def parse_date(text: str) -> DateRange:
    """Read an EDTF date. Raises DateError."""
    from provenance.evidence.dates import parse_edtf

    return parse_edtf(text)
