"""`provenance check`."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provenance.cli.checking import Request, check_photos
from provenance.cli.gallery import Gallery
from provenance.cli.guard import guarded
from provenance.cli.options import (
    DEFAULT_ARCHIVE,
    ArchiveOption,
    CacheOption,
    ChangedSinceOption,
    ClaimedDateOption,
    ClaimedPlaceOption,
    ClaimsOption,
    FailOnOption,
    FastOption,
    FormatOption,
    Language,
    LanguageOption,
    OutputOption,
    PhotosArgument,
    PicturesOption,
    WorkersOption,
    load_settings,
    parse_claim,
)
from provenance.counterparts import Drawn
from provenance.settings import Settings

if TYPE_CHECKING:
    from provenance.archive.sqlite import SqliteArchive
    from provenance.examine import QueryExam
    from provenance.model import Report, Submission
    from provenance.photo.pool import Pool
    from provenance.pipeline import Pictured

FALSE_ALARMS = (
    f"A match is told from score {Settings().match_score:g}: at most one accidental match is expected in "
    f"{10 ** Settings().match_score:,.0f} checks, whatever the archive's size."
)


@guarded()
def check(
    context: typer.Context,
    photos: PhotosArgument,
    archive: ArchiveOption = DEFAULT_ARCHIVE,
    claimed_date: ClaimedDateOption = None,
    claimed_place: ClaimedPlaceOption = None,
    claims: ClaimsOption = None,
    changed_since: ChangedSinceOption = None,
    format: FormatOption = "text",
    output: OutputOption = None,
    fail_on: FailOnOption = None,
    fast: FastOption = False,
    pictures: PicturesOption = None,
    language: LanguageOption = Language.EN,
    cache: CacheOption = None,
    record: Annotated[
        bool, typer.Option("--record", help="Write to the archive's custody log what was checked.")
    ] = False,
    workers: WorkersOption = None,
) -> None:
    """Check photos against an archive.

    Was each seen before, when and where, and does that contradict what the post claims? Without a claim,
    having been seen before is what is flagged.

    Two ways of comparing are used: hashes of the whole picture find it re-encoded, rescaled, turned or changed
    in tone; local features find crops, screenshots, collages and parts of it. The best matches are compared pixel by
    pixel: what was altered, and where. --fast leaves out all but the hashes.

    \b
    Examples:
      provenance check viral.jpg --claimed-date 2024-11-29 --claimed-place Aleppo
      provenance check viral.jpg --claimed-date 2024-11-29 --output html:report.html
      provenance check uploads/ --claims claims.csv --format github --output sarif:report.sarif
      find uploads -name '*.jpg' | provenance check - --format json
      provenance check viral.jpg --pictures evidence/
    """
    from provenance.cli.changed import changed_sources
    from provenance.cli.inline_pictures import shown_here
    from provenance.cli.outputs import ILLUSTRATED, WRITERS, Run, parse_outputs, run_reporter
    from provenance.cli.policy import baseline_of, under_policy
    from provenance.cli.sources import sources_to_check
    from provenance.verdict.policy import outcome

    settings = load_settings(workers, fail_on)
    to_stdout, outputs = run_reporter(format), parse_outputs(output or [], WRITERS)
    policy, baseline = settings.policy, baseline_of(settings.policy)
    illustrated = {format, *(each.name for each in outputs)} & set(ILLUSTRATED)
    inline = format == "text" and shown_here() is not None
    request = Request(
        changed_sources(sources_to_check(photos), changed_since, archive, claims, settings),
        archive,
        settings,
        claims,
        parse_claim(claimed_date, claimed_place),
        fast=fast,
        cache=cache or (Path(settings.cache) if settings.cache else None),
        drawn=(Drawn.FILES if pictures or "bundle" in illustrated else Drawn.NOTHING)
        | (Drawn.PAGES if illustrated or inline else Drawn.NOTHING),
    )
    with tempfile.TemporaryDirectory(prefix="provenance-") as folder:
        gallery = Gallery(Path(folder))
        report = _checked(context.obj, request, gallery if illustrated or inline else None, pictures)
        report = replace(report, results=under_policy(policy, baseline, report.results))
        run = Run(request, report, gallery, language)
        for each in outputs:
            each.write(run)
        sys.stdout.write(to_stdout(run))
    sys.stdout.flush()
    if record:
        from provenance.cli.custody import record_check

        record_check(archive, report, settings, fast=fast)
    raise SystemExit(outcome(report.results, report.skipped, policy))


def _checked(
    pool: Pool[Submission, QueryExam], request: Request, gallery: Gallery | None, pictures: Path | None
) -> Report:
    """Run the check, and keep or write each photo's pictures as they come."""
    from provenance.cli.pictures import PictureFolder

    drawn = PictureFolder(pictures) if pictures else None

    def on_pictures(store: SqliteArchive, pictured: Pictured) -> None:
        if gallery:
            gallery.keep(store, pictured)
        if drawn and pictured.confronted:
            drawn.write(pictured.result.path, pictured.confronted)

    report = check_photos(pool, request, on_pictures=on_pictures)
    if drawn:
        drawn.close()
    return report
