"""`provenance archive export`, `import` and `key`: what desks share without sharing pictures."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provenance.cli.guard import guarded, say
from provenance.cli.options import DEFAULT_ARCHIVE, ArchiveOption, load_settings
from provenance.errors import UsageError
from provenance.model.clean import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from provenance.archive.signing import PublicKey

keys = typer.Typer(help="The key that a desk signs with.", no_args_is_help=True, rich_markup_mode=None)

KeyFile = Annotated[Path, typer.Argument(metavar="FILE", help="The file of the secret key.")]


@keys.command("new")
@guarded()
def new_key(file: KeyFile) -> None:
    """Make a key, and print the public key that other desks need.

    The file is the desk's signature: who has it can speak in the desk's name. It has the form of minisign's keys.
    """
    from provenance.archive import signing

    _show(signing.new_key(file).public)


@keys.command("show")
@guarded()
def show_key(file: KeyFile) -> None:
    """Print the public key of a secret key, and its fingerprint, which two desks compare by telephone."""
    from provenance.archive import signing

    _show(signing.secret_key(file).public)


def _show(key: PublicKey) -> None:
    sys.stdout.write(f"{key}\n")
    say(f"Fingerprint: {key.fingerprint}")


@guarded()
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The exchange file to write.")],
    key: Annotated[
        Path, typer.Option(metavar="FILE", help="The secret key to sign with: `archive key new`.")
    ],
    desk: Annotated[str, typer.Option(metavar="NAME", help="What this desk calls itself.")],
    since: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Only what was recorded on this day, 2024-11-29, or later."),
    ] = None,
    others: Annotated[
        bool, typer.Option("--others", help="Pass on what other desks said too, as their word.")
    ] = False,
    names: Annotated[
        bool, typer.Option("--names", help="Tell the names of files too; their folders are never told.")
    ] = False,
    archive: ArchiveOption = DEFAULT_ARCHIVE,
) -> None:
    """Write what this archive has seen, for other desks: hashes, local features and sightings, and no pictures.

    Captions, credits, notes, places, dates and URLs of sightings are told; where files lie is not.

    \b
    Example:
      provenance archive export ours.exchange --key desk.key --desk "Example Desk"
    """
    from provenance.archive import signing
    from provenance.archive.exchange import Wanted, exported
    from provenance.archive.sqlite import SqliteArchive
    from provenance.cli.files import write_pieces
    from provenance.cli.progress import progress

    wanted = Wanted(desk, _day(since), others, names)
    secret = signing.secret_key(key)
    with SqliteArchive.reading(archive) as store, progress("Exporting", store.info().images) as step:
        write_pieces(file, exported(store, secret, wanted, on_image=step))
    say(f"{clean(str(file))} is signed with the key {secret.public.fingerprint}.")


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no day.", "Write it as 2024-11-29.") from error


@guarded()
def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Another desk's exchange file.")],
    trust: Annotated[
        list[str],
        typer.Option(
            metavar="NAME=KEY",
            help="What you call a desk, and its public key, as it gave it to you; or a file of such lines. Repeatable.",
        ),
    ],
    archive: ArchiveOption = DEFAULT_ARCHIVE,
) -> None:
    """Add what another desk has seen, as that desk's word.

    Nothing is imported of a file that none of the trusted desks signed, or of which a byte was changed. Importing a
    file twice changes nothing; what this archive holds itself stays as it is.

    \b
    Example:
      provenance archive import theirs.exchange --trust "Desk B=RW..."
    """
    from provenance.archive.exchange import imported
    from provenance.archive.exchange_lines import Understood
    from provenance.archive.sqlite import SqliteArchive
    from provenance.cli.options import parse_date
    from provenance.cli.progress import progress
    from provenance.fingerprint.local import ALGORITHM
    from provenance.fingerprint.local_code import decode_local

    trusted = trusted_keys(trust)
    understood = Understood(parse_date, ALGORITHM, decode_local)
    with SqliteArchive.writing(archive, load_settings().user) as store:
        with progress("Importing", None) as step:
            done = imported(store, file, trusted, understood, on_image=step)
        store.refresh_index()
        images = store.info().images
    say(
        f"Signed by {clean(done.desk)}, key {done.key.fingerprint}, which calls itself {clean(done.header.desk)!r} "
        f"and wrote this {clean(done.header.created)}."
    )
    if done.without_features:
        say(
            f"{done.without_features:,} come without local features that this version compares: no crop is found."
        )
    if done.added.refused:
        say(f"{len(done.added.refused):,} sightings are of images that were removed here, and are left out.")
    say(
        f"{done.added.images} new images, {done.added.sightings} new sightings, {done.added.known} known already. "
        f"{clean(str(archive))} holds {images} images."
    )


def trusted_keys(values: Sequence[str]) -> dict[str, PublicKey]:
    """Read `NAME=KEY`, or files with a line of that each. Raises UsageError."""
    from provenance.archive.exchange import require_name
    from provenance.archive.signing import public_key

    keys: dict[str, PublicKey] = {}
    for line in _trust_lines(values):
        name, _, text = line.rpartition("=")
        name, key = name.strip(), public_key(text.strip())
        require_name(name)
        if keys.setdefault(name, key) != key:
            raise UsageError(f"Two keys are given for {name!r}.", "Give each desk a name of its own.")
        if sum(key.number == other.number for other in keys.values()) > 1:
            raise UsageError(f"The key of {name!r} is given twice.", "Give each key one name.")
    return keys


def _trust_lines(values: Sequence[str]) -> Iterator[str]:
    for value in values:
        if "=" in value:
            yield value
            continue
        try:
            lines = Path(value).read_text(encoding="utf-8").splitlines()
        except (OSError, ValueError) as error:
            raise UsageError(
                f"{value!r} is neither NAME=KEY nor a file of such lines.",
                "Name the desk yourself: what a file calls its desk is not known to be true.",
            ) from error
        yield from (line for line in lines if line.strip() and not line.lstrip().startswith("#"))
