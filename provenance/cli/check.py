"""`provenance check`."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer  # noqa: TC002 - Typer reads annotations at run time

from provenance.cli.guard import guarded, say
from provenance.cli.options import (
    DEFAULT_ARCHIVE,
    ArchiveOption,
    ClaimedDateOption,
    ClaimedPlaceOption,
    ClaimsOption,
    FailOnOption,
    FastOption,
    FormatOption,
    OutputOption,
    PhotosArgument,
    PicturesOption,
    WorkersOption,
    load_settings,
    parse_claim,
    parse_date,
)
from provenance.model import Claim, Report, Result
from provenance.model.clean import clean
from provenance.settings import Settings

if TYPE_CHECKING:
    from provenance.examine import QueryExam
    from provenance.model import Submission
    from provenance.photo.pool import Pool

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
    format: FormatOption = "text",
    output: OutputOption = None,
    fail_on: FailOnOption = None,
    fast: FastOption = False,
    pictures: PicturesOption = None,
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
      provenance check uploads/ --claims claims.csv --output json:report.json
      find uploads -name '*.jpg' | provenance check - --format json
      provenance check viral.jpg --pictures evidence/
    """
    from provenance.cli.outputs import REPORTERS, parse_outputs, reporter
    from provenance.cli.policy import baseline_of, under_policy
    from provenance.verdict.policy import outcome

    settings = load_settings(workers, fail_on)
    to_stdout, targets = reporter(format), parse_outputs(output or [], REPORTERS)
    said = parse_claim(claimed_date, claimed_place)
    policy, baseline = settings.policy, baseline_of(settings.policy)
    report = run_check(context.obj, photos, archive, settings, claims, said, fast=fast, pictures=pictures)
    report = replace(report, results=under_policy(policy, baseline, report.results))
    for target in targets:
        target.write(report)
    sys.stdout.write(to_stdout(report))
    sys.stdout.flush()
    raise SystemExit(outcome(report.results, report.skipped, policy))


def run_check(
    pool: Pool[Submission, QueryExam],
    photos: list[Path],
    archive: Path,
    settings: Settings,
    claims: Path | None,
    said: Claim,
    *,
    fast: bool,
    pictures: Path | None,
) -> Report:
    """Check photos against an archive; what fails and what is accepted is not yet said of the findings."""
    from provenance.archive.sqlite import SqliteArchive
    from provenance.cli.embedding import images_without_embedding, missing_embeddings
    from provenance.cli.pictures import PictureFolder
    from provenance.cli.progress import progress
    from provenance.cli.sources import collect, count, sources_to_check
    from provenance.counterparts import confronting_pool
    from provenance.examine import comparison_pool
    from provenance.ingest.claims import Claims, read_claims
    from provenance.pipeline import Children
    from provenance.pipeline import check as check_photos

    default = said if said != Claim() else None
    drawn = PictureFolder(pictures) if pictures else None
    with contextlib.ExitStack() as stack:
        children = Children(pool)
        if not fast:
            children = Children(
                pool,
                stack.enter_context(comparison_pool()),
                stack.enter_context(confronting_pool(pictures=drawn is not None)),
            )
        store = stack.enter_context(SqliteArchive.reading(archive))
        claimed = read_claims(claims, parse_date, default) if claims else Claims(default=default)
        found = sources_to_check(photos)
        skipped = list(claimed.skipped)
        results: list[Result] = []
        with progress("Checking", count(found)) as step:
            submissions = collect(found, skipped)
            for outcome in check_photos(
                children,
                submissions,
                store,
                claims=claimed,
                settings=settings,
                on_pictures=drawn.write if drawn else lambda _path, _confronted: None,
            ):
                if isinstance(outcome, Result):
                    results.append(outcome)
                else:
                    skipped.append(outcome)
                step()
        unembedded = None if fast else images_without_embedding(store, settings)
        if drawn:
            drawn.close()
        if unembedded:
            say(f"{clean(str(archive))}: {missing_embeddings(unembedded)}")
        return Report(
            store.info(),
            settings.match_score,
            tuple(results),
            tuple(skipped),
            folder_scores=settings.policy.folder_scores(),
        )
