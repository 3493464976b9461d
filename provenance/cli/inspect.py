"""`provenance inspect`."""

from __future__ import annotations

import enum
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provenance.cli.guard import guarded, say
from provenance.cli.options import (
    ClaimedDateOption,
    ClaimedPlaceOption,
    ClaimsOption,
    FailOnOption,
    FormatOption,
    OutputOption,
    PhotosArgument,
    WorkersOption,
    load_settings,
    parse_claim,
    parse_date,
)
from provenance.errors import UsageError
from provenance.model import Claim, Inspection, Inspections

if TYPE_CHECKING:
    from provenance.settings import Settings


class Picture(enum.StrEnum):
    """What can be drawn of one file by itself."""

    ELA = "ela"
    """Error level analysis."""


@guarded()
def inspect(
    photos: PhotosArgument,
    claimed_date: ClaimedDateOption = None,
    claimed_place: ClaimedPlaceOption = None,
    claims: ClaimsOption = None,
    format: FormatOption = "text",
    output: OutputOption = None,
    fail_on: FailOnOption = None,
    hints: Annotated[
        bool,
        typer.Option(
            "--hints/--no-hints", help="Also look for traces of work in the pixels: slower, and never proof."
        ),
    ] = False,
    picture: Annotated[
        Picture | None,
        typer.Option(help="ela: draw an error level analysis into --pictures DIR. It proves nothing."),
    ] = None,
    pictures: Annotated[
        Path | None, typer.Option("--pictures", metavar="DIR", help="Where --picture goes.")
    ] = None,
    workers: WorkersOption = None,
) -> None:
    """Say what a file itself says: metadata, structure, thumbnail, Content Credentials, name.

    No archive is needed. The facts come first, then what follows from them, alone and against what the post claims,
    then what does not. Everything that a file says of itself can be written by anybody.

    \b
    Examples:
      provenance inspect viral.jpg
      provenance inspect viral.jpg --claimed-date 2024-11-29 --claimed-place Aleppo --hints
      provenance inspect uploads/ --format json --output text:report.txt
      provenance inspect viral.jpg --picture ela --pictures evidence/
    """
    from provenance.cli.outputs import INSPECTION_WRITERS, inspection_reporter, parse_outputs
    from provenance.cli.policy import baseline_of, under_policy

    if (picture is None) != (pictures is None):
        raise UsageError(
            "--picture and --pictures go together.", "Write for example --picture ela --pictures evidence/."
        )
    settings = load_settings(workers, fail_on)
    policy, baseline = settings.policy, baseline_of(settings.policy)
    to_stdout = inspection_reporter(format)
    targets = parse_outputs(output or [], INSPECTION_WRITERS)
    said = parse_claim(claimed_date, claimed_place)
    report = _run(photos, settings, claims, said, hints=hints, pictures=pictures)
    # Not before: the children start while nothing else is imported yet.
    from provenance.verdict.policy import outcome

    report = replace(report, results=under_policy(policy, baseline, report.results))
    for target in targets:
        target.write(report)
    sys.stdout.write(to_stdout(report))
    sys.stdout.flush()
    raise SystemExit(outcome(report.results, report.skipped, policy))


def _run(
    photos: list[Path],
    settings: Settings,
    claims: Path | None,
    said: Claim,
    *,
    hints: bool,
    pictures: Path | None,
) -> Inspections:
    from provenance.inspection import inspecting_pool

    drawing = pictures is not None
    with inspecting_pool(hints=hints, error_levels=drawing, trust_anchors=settings.trust_anchors) as pool:
        from provenance.cli.pictures import ErrorLevelFolder
        from provenance.cli.progress import progress
        from provenance.cli.sources import collect, count, sources_to_check
        from provenance.ingest.claims import Claims, read_claims
        from provenance.pipeline import inspect as inspect_photos
        from provenance.report.error_levels import CAUTION

        default = said if said != Claim() else None
        claimed = read_claims(claims, parse_date, default) if claims else Claims(default=default)
        found = sources_to_check(photos)
        total = count(found)
        drawn = ErrorLevelFolder(pictures, several=total is None or total > 1) if pictures else None
        skipped = list(claimed.skipped)
        results: list[Inspection] = []
        with progress("Inspecting", total) as step:
            for outcome in inspect_photos(
                pool,
                collect(found, skipped),
                claims=claimed,
                settings=settings,
                on_picture=drawn.write if drawn else lambda _path, _picture: None,
            ):
                if isinstance(outcome, Inspection):
                    results.append(outcome)
                else:
                    skipped.append(outcome)
                step()
        if drawn:
            say(CAUTION)
        return Inspections(tuple(results), tuple(skipped))
