"""`provenance archive merge, remove, reindex, verify`: what keeps an archive true, and what takes from it."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provenance.cli.archive import open_archive, open_existing
from provenance.cli.custody import AuthoritiesOption, stamp_problems
from provenance.cli.guard import guarded, say
from provenance.cli.options import DEFAULT_ARCHIVE, ArchiveOption, WorkersOption, load_settings, parse_date
from provenance.errors import ExitCode, UsageError
from provenance.model.clean import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.archive.sqlite import SqliteArchive
    from provenance.model import Reference, Skipped


STAMPS = (
    "Check that --ca holds the root certificate of the authority; else compare the log with one of a backup."
)


def register(app: typer.Typer) -> None:
    """Add these commands to those of `provenance archive`."""
    for command in (remove, merge, verify, reindex):
        app.command()(command)


@guarded()
def remove(
    images: Annotated[
        list[str] | None, typer.Argument(metavar="IMAGE...", help="Numbers, digests, paths or URLs.")
    ] = None,
    archive: ArchiveOption = DEFAULT_ARCHIVE,
    before: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help="Remove every image all of whose sightings lie before this EDTF date; needs --yes or --dry-run.",
        ),
    ] = None,
    reason: Annotated[str, typer.Option(help="Why, for whoever adds such a photo again.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be removed.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do remove what --before finds.")] = False,
) -> None:
    """Remove images with everything that is known of them.

    Only the digest is kept, with the time, the user and the reason: `provenance add` then skips the photo and says so,
    unless --restore is given.

    \b
    Examples:
      provenance archive remove 12 old/gate.jpg --reason "the agency withdrew it"
      provenance archive remove --before 2015 --dry-run
    """
    from provenance.archive import maintenance
    from provenance.archive.custody import name_of

    if bool(images) == (before is not None):
        raise UsageError("Name images or give --before DATE.", "One of the two, and not both.")
    with open_archive(archive) if dry_run else open_existing(archive) as store:
        found = [maintenance.find(store, image) for image in images or ()] or _lying_before(
            store, before or ""
        )
        if before is not None and found and not (dry_run or yes):
            raise UsageError(
                f"{len(found)} images would be removed.", "Look at them with --dry-run, then give --yes."
            )
        for reference in found:
            if not dry_run:
                maintenance.remove(store, reference, reason, name_of(store.who))
            say(f"{'Would remove' if dry_run else 'Removed'} image {reference.id}, {clean(reference.path)}.")
        say(f"{len(found)} images {'would be removed' if dry_run else 'removed'}.")


def _lying_before(store: SqliteArchive, text: str) -> list[Reference]:
    from provenance.archive import maintenance

    day = parse_date(text).earliest
    if day is None:
        raise UsageError(
            f"{text!r} is open at its start: nothing lies before it.", "Give a date such as 2015-06."
        )
    return maintenance.before(store, day)


@guarded()
def merge(
    others: Annotated[list[Path], typer.Argument(metavar="OTHER...", help="Archives; they are only read.")],
    archive: ArchiveOption = DEFAULT_ARCHIVE,
    restore: Annotated[
        bool, typer.Option("--restore", help="Take images too that were removed from this archive.")
    ] = False,
) -> None:
    """Take everything that other archives hold into this one.

    The same bytes are one image, the same sighting one sighting, recorded at the earlier of the two times. A second
    run changes nothing. What others removed stays here; what was removed here is skipped.

    \b
    Example:
      provenance archive merge london.db beirut.db -a desk.db
    """
    from provenance.archive.interface import Added
    from provenance.archive.merging import merge as merged
    from provenance.archive.sqlite import SqliteArchive
    from provenance.cli.progress import progress

    settings = load_settings(None)
    refused = 0
    with contextlib.ExitStack() as opened:
        sources = [opened.enter_context(SqliteArchive.reading(other)) for other in others]
        store = opened.enter_context(SqliteArchive.writing(archive, settings.user))
        for source in sources:
            added = Added()
            with progress(f"Merging {clean(source.path.name)}", source.info().images) as step:
                for batch in merged(store, source, batch=settings.batch, restore=restore, on_image=step):
                    added += batch
            for item in added.refused:
                say(f"Skipped {clean(item.path)}: {clean(item.reason)}")
            refused += len(added.refused)
            completed = f"{added.completed} known images completed, " if added.completed else ""
            say(
                f"{clean(str(source.path))}: {added.images} new images, {added.sightings} new sightings, "
                f"{added.known} known already, {completed}{len(added.refused)} skipped."
            )
        store.refresh_index()
        say(f"{clean(str(archive))} holds {store.info().images} images.")
    if refused:
        raise SystemExit(ExitCode.NOT_COMPLETED)


@guarded()
def verify(
    archive: ArchiveOption = DEFAULT_ARCHIVE,
    recompute: Annotated[
        bool,
        typer.Option(
            "--recompute",
            help="Also make fingerprints and local features anew, from originals that are kept and from files that "
            "still lie where they were, and compare.",
        ),
    ] = False,
    ca: AuthoritiesOption = None,
    workers: WorkersOption = None,
) -> None:
    """Check an archive's integrity; exits with 3 if anything is wrong.

    Every row, every digest of what is kept, every file that still lies where it was, every index: it must list what
    the archive holds and nothing else. The custody log, and what it says is there; with --ca, its timestamps too.
    """
    advice: dict[str, int] = {}
    for where, what, told in _problems(archive, ca, recompute=recompute, workers=workers):
        typer.echo(f"{where}: {clean(what)}")
        advice[told] = advice.get(told, 0) + 1
    for told, number in advice.items():
        say(f"{number} problems. {clean(told)}")
    if advice:
        raise SystemExit(ExitCode.NOT_COMPLETED)
    typer.echo(f"{clean(str(archive))} is whole.")


def _problems(
    archive: Path, ca: Path | None, *, recompute: bool, workers: int | None
) -> Iterator[tuple[str, str, str]]:
    from provenance.archive import verification
    from provenance.archive.sqlite import SqliteArchive
    from provenance.cli.progress import progress

    with SqliteArchive.reading(archive) as store:
        with progress("Verifying", store.info().images) as step:
            for problem in verification.verify(store, step):
                yield problem.where, problem.what, problem.advice
        for what in stamp_problems(store, ca):
            yield "custody log", what, STAMPS
    if recompute:
        yield from _differences(archive, workers)


def _differences(archive: Path, workers: int | None) -> Iterator[tuple[str, str, str]]:
    from provenance.archive.sqlite import SqliteArchive
    from provenance.archive.verification import Problem
    from provenance.children import reference_pool
    from provenance.cli.progress import progress
    from provenance.recompute import recomputed

    settings = load_settings(workers)
    left = []
    with reference_pool(settings.embedding_model) as pool, SqliteArchive.reading(archive) as store:
        images = store.info().images
        with progress("Recomputing", images) as step:
            for told in recomputed(pool, store, settings=settings, on_image=step):
                if isinstance(told, Problem):
                    yield told.where, told.what, told.advice
                else:
                    left.append(told)
    _say_left(left)
    say(f"{images - len(left)} of {images} images were recomputed.")


def _say_left(left: list[Skipped]) -> None:
    for item in left:
        say(f"Not recomputed {clean(item.path)}: {clean(item.reason)}")


@guarded()
def reindex(
    archive: ArchiveOption = DEFAULT_ARCHIVE,
    drop_earlier: Annotated[
        bool,
        typer.Option(
            "--drop-earlier",
            help="At the end remove fingerprints of earlier versions from images that have those of this one.",
        ),
    ] = False,
    workers: WorkersOption = None,
) -> None:
    """Give images what this version's algorithms make of them, and look-up tables what the archive holds.

    Made from originals that are kept and from files that still lie where they were; the others are told, and found as
    before by who has the earlier version. It can be interrupted, and goes on where it stopped.
    """
    from provenance.archive import reindexing
    from provenance.children import reference_pool
    from provenance.cli.progress import progress
    from provenance.recompute import reindex as remade
    from provenance.resuming import whole_parts

    settings = load_settings(workers)
    done = 0
    left: list[Skipped] = []
    with reference_pool(settings.embedding_model) as pool, open_existing(archive) as store:
        if reindexing.mend_chunks(store):
            say("The chunk table was not what the codes make it, and was made anew.")
        wanted = whole_parts(settings)
        try:
            with progress("Reindexing", len(reindexing.incomplete(store, wanted))) as step:
                for completed, skipped in remade(pool, store, settings=settings, on_image=step):
                    done += completed
                    left += skipped
            if drop_earlier:
                say(f"{reindexing.drop_earlier(store, wanted.fingerprints)} earlier fingerprints removed.")
            store.refresh_index()
        finally:
            _say_left(left)
            say(f"{done} images brought up to date, {len(left)} left as they were.")
    if left:
        raise SystemExit(ExitCode.NOT_COMPLETED)
