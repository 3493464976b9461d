"""`provenance add`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from provenance.cli import DRY_RUN, KEEP_ORIGINALS
from provenance.cli.guard import guarded, say
from provenance.cli.options import DEFAULT_ARCHIVE, ArchiveOption, WorkersOption, load_settings
from provenance.errors import ExitCode
from provenance.model import Mention, Skipped, Submission
from provenance.model.clean import clean

if TYPE_CHECKING:
    from provenance.archive.interface import Added
    from provenance.cli.sources import Named
    from provenance.examine import ReferenceExam
    from provenance.ingest.interface import Source
    from provenance.photo.pool import Pool
    from provenance.settings import Settings


@guarded()
def add(
    context: typer.Context,
    sources: Annotated[
        list[Path],
        typer.Argument(
            metavar="SOURCE...",
            help="Photos, folders of photos, web archives, videos, feeds of fact-checks, PDF and office files, or "
            "lists of sightings (CSV, TSV, JSONL, XLSX) with the columns path, url, outlet, published, place, caption, "
            "credit, licence, page, archived, rating, note.",
        ),
    ],
    archive: ArchiveOption = DEFAULT_ARCHIVE,
    workers: WorkersOption = None,
    keep_originals: Annotated[  # the children know of it: see `decoding_child`
        bool,
        typer.Option(
            KEEP_ORIGINALS,
            help="Keep the files themselves in the archive too, which grows by their size; "
            "`provenance archive show IMAGE --original FILE` writes one.",
        ),
    ] = False,
    source: Annotated[
        str | None,
        typer.Option(
            metavar="KIND",
            help="What all sources are, where names do not tell: a wrong name lists the kinds there are.",
        ),
    ] = None,
    map: Annotated[
        list[str] | None,
        typer.Option(metavar="OURS=THEIRS", help="How lists call one of our columns; repeatable."),
    ] = None,
    ignore_other_columns: Annotated[
        bool,
        typer.Option("--ignore-other-columns", help="Leave alone what lists have besides our columns."),
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option(DRY_RUN, help="Tell what would be taken and skipped; decode and write nothing."),
    ] = False,
    restore: Annotated[
        bool, typer.Option("--restore", help="Add images again that `provenance archive remove` took out.")
    ] = False,
    skipped_list: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Also write what was skipped as CSV: path, reason."),
    ] = None,
) -> None:
    """Put earlier photos and their sightings into an archive.

    The same photo twice is one image, the same sighting of it one sighting: a command can be run again, and goes on
    where it was interrupted. Files whose size and time have not changed are not read again. What images
    of an earlier version's archive lack, such as local features, they are given when their photos are added again;
    so are, with --keep-originals, those that were added without.

    \b
    Examples:
      provenance add ~/photos/2016
      provenance add agency.csv -a desk.db
      provenance add agency.csv -a desk.db --keep-originals
      provenance add export.xlsx --dry-run --map path=file --map published=date_online --ignore-other-columns
      provenance add fact-checks.jsonl -a desk.db
    """
    from provenance.cli.sources import sources_to_add

    settings = load_settings(workers)
    named = sources_to_add(
        sources,
        settings.worker_count,
        source,
        map or (),
        ignore_other_columns=ignore_other_columns,
    )
    if dry_run:
        _tell(named)
    skipped = _added(
        context.obj,
        [each.source for each in named],
        archive,
        settings,
        keep_originals=keep_originals,
        restore=restore,
        skipped_list=skipped_list,
    )
    if skipped:
        raise SystemExit(ExitCode.NOT_COMPLETED)


def _added(
    pool: Pool[Submission, ReferenceExam],
    sources: list[Source],
    archive: Path,
    settings: Settings,
    *,
    keep_originals: bool,
    restore: bool,
    skipped_list: Path | None,
) -> list[Skipped]:
    """Add everything, say what came of it even if the run ends early, and return what was skipped."""
    from provenance.archive.interface import Added
    from provenance.archive.sqlite import SqliteArchive
    from provenance.cli.progress import progress
    from provenance.cli.sources import collect, count
    from provenance.pipeline import add as add_photos
    from provenance.recording import attach

    with SqliteArchive.writing(archive, settings.user) as store:
        skipped: list[Skipped] = []
        mentions: list[Mention] = []
        added, undecoded = Added(), 0
        try:
            with progress("Adding", count(sources)) as step:
                for batch in add_photos(
                    pool,
                    collect(sources, skipped, mentions),
                    store,
                    settings=settings,
                    keep_originals=keep_originals,
                    restore=restore,
                    on_photo=step,
                ):
                    added += batch.added
                    undecoded += batch.undecoded
                    skipped += batch.skipped
            attached, unknown = attach(mentions, store)
            added += attached
            skipped += unknown
            store.refresh_index()
        finally:
            _say(added, undecoded, skipped, f"{clean(str(archive))} holds {store.info().images} images.")
            if skipped_list:
                _write(skipped_list, skipped)
    return skipped


def _say(added: Added, undecoded: int, skipped: list[Skipped], holds: str) -> None:
    for item in skipped:
        say(f"Skipped {clean(item.path)}: {clean(item.reason)}")
    completed = f"{added.completed} known images completed, " if added.completed else ""
    say(
        f"{added.images} new images, {added.sightings} new sightings, {added.known} known already, "
        f"{completed}{len(skipped)} skipped. {holds}"
    )
    if undecoded:
        say(f"{undecoded} of the known were not decoded again.")


def _write(file: Path, skipped: list[Skipped]) -> None:
    from provenance.cli.files import write_whole
    from provenance.cli.skipped import skipped_table

    write_whole(file, skipped_table(skipped))


def _tell(named: list[Named]) -> NoReturn:
    """Print what would be done, and end."""
    from provenance.cli.dry_run import dry_run

    table, everything = dry_run(named)
    sys.stdout.write(table)
    sys.stdout.flush()
    raise SystemExit(ExitCode.OK if everything else ExitCode.NOT_COMPLETED)
