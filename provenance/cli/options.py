"""Options that several commands share."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provenance.cli import CACHE
from provenance.model import Claim, FailOn
from provenance.settings import Settings

if TYPE_CHECKING:
    from provenance.model import DateRange, Stated


class Language(enum.StrEnum):
    """The languages that the HTML report speaks: those of `provenance.report.html`, which is slow to import."""

    EN = "en"
    FR = "fr"
    AR = "ar"


PhotosArgument = Annotated[
    list[Path],
    typer.Argument(metavar="PHOTO...", help="Photos, folders of them, or - for a list on stdin."),
]
ClaimedDateOption = Annotated[
    str | None,
    typer.Option(help="The date that the post claims, EDTF: 2024-11-29, 2024-11, 2016~, ../2016."),
]
ClaimedPlaceOption = Annotated[
    str | None, typer.Option(help="The place that the post claims: a name or lat, lon.")
]
ClaimsOption = Annotated[
    Path | None,
    typer.Option(help="CSV or JSONL with the columns path or sha256, and date, place, caption, url."),
]
ChangedSinceOption = Annotated[
    str | None,
    typer.Option(
        metavar="REVISION",
        help="Only photos that changed in Git since the working tree left that branch, tag or commit.",
    ),
]
FormatOption = Annotated[
    str, typer.Option("--format", "-f", help="What goes to standard output: text or json.")
]
LanguageOption = Annotated[Language, typer.Option(help="The language of the HTML report.")]
OutputOption = Annotated[
    list[str] | None,
    typer.Option("--output", "-o", metavar="FORMAT:FILE", help="Also write FILE; repeatable."),
]
FailOnOption = Annotated[
    FailOn | None,
    typer.Option(
        help="The weakest finding that makes the exit code 1; never: only report. "
        "By default as the policy has it, else error."
    ),
]
FastOption = Annotated[
    bool,
    typer.Option(
        "--fast", help="Compare hashes of whole pictures only: finds no crops, collages, screenshots."
    ),
]
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
CacheOption = Annotated[
    Path | None,
    typer.Option(
        CACHE,
        metavar="DIR",
        help="Keep results there, and recall those of earlier runs where nothing that they rest on has changed.",
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


def load_settings(workers: int | None = None, fail_on: FailOn | None = None) -> Settings:
    """Return the settings, with what the command line overrides."""
    from dataclasses import replace

    settings = Settings.load()
    if workers is not None:
        settings = replace(settings, workers=workers)
    if fail_on is not None:
        settings = replace(settings, policy=settings.policy.with_fail_on(fail_on))
    return settings


def parse_date(text: str) -> DateRange:
    """Read an EDTF date. Raises DateError."""
    from provenance.evidence.dates import parse_edtf

    return parse_edtf(text)


def read_sidecar(packet: bytes) -> Stated:
    """Read an XMP file that lies beside a photo. Raises UsageError."""
    from provenance.evidence.statements import stated_beside

    return stated_beside(packet)


def parse_claim(date: str | None, place: str | None) -> Claim:
    """Read what `--claimed-date` and `--claimed-place` say, either of them perhaps nothing. Raises DateError."""
    return Claim(date=None if date is None else parse_date(date), place=(place or "").strip() or None)
