"""`provenance add`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from provenance.cli import KEEP_ORIGINALS
from provenance.cli.guard import guarded, say
from provenance.cli.options import DEFAULT_ARCHIVE, ArchiveOption, WorkersOption, load_settings
from provenance.errors import ExitCode
from provenance.model import Skipped
from provenance.model.clean import clean


@guarded()
def add(
    context: typer.Context,
    sources: Annotated[
        list[Path],
        typer.Argument(
            metavar="SOURCE...",
            help="Photos, folders of photos, or lists of sightings (CSV or JSONL) with the columns "
            "path, url, outlet, published, place, caption, credit, licence.",
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
    """
    from provenance.archive.interface import Added
    from provenance.archive.sqlite import SqliteArchive
    from provenance.cli.files import write_whole
    from provenance.cli.progress import progress
    from provenance.cli.skipped import skipped_table
    from provenance.cli.sources import collect, count, sources_to_add
    from provenance.pipeline import add as add_photos

    settings = load_settings(workers)
    with SqliteArchive.writing(archive) as store:
        found = sources_to_add(sources)
        skipped: list[Skipped] = []
        added, undecoded = Added(), 0
        try:
            with progress("Adding", count(found)) as step:
                for batch in add_photos(
                    context.obj,
                    collect(found, skipped),
                    store,
                    settings=settings,
                    keep_originals=keep_originals,
                    restore=restore,
                    on_photo=step,
                ):
                    added += batch.added
                    undecoded += batch.undecoded
                    skipped += batch.skipped
            store.refresh_index()
        finally:
            for item in skipped:
                say(f"Skipped {clean(item.path)}: {clean(item.reason)}")
            completed = f"{added.completed} known images completed, " if added.completed else ""
            say(
                f"{added.images} new images, {added.sightings} new sightings, {added.known} known already, "
                f"{completed}{len(skipped)} skipped. {clean(str(archive))} holds {store.info().images} images."
            )
            if undecoded:
                say(f"{undecoded} of the known were not decoded again.")
            if skipped_list:
                write_whole(skipped_list, skipped_table(skipped))
    if skipped:
        raise SystemExit(ExitCode.NOT_COMPLETED)
