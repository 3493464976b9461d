"""`provenance baseline ...`: findings that people have accepted."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provenance.cli.guard import guarded, say
from provenance.cli.options import (
    DEFAULT_ARCHIVE,
    ArchiveOption,
    ClaimedDateOption,
    ClaimedPlaceOption,
    ClaimsOption,
    FailOnOption,
    FastOption,
    PhotosArgument,
    WorkersOption,
    load_settings,
    parse_claim,
)
from provenance.errors import ExitCode, ProvenanceError, UsageError
from provenance.model.clean import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from provenance.model import Policy
    from provenance.model.baseline import Accepted

app = typer.Typer(
    help="Look after the findings that people have accepted.", no_args_is_help=True, rich_markup_mode=None
)


@app.command()
@guarded()
def update(
    context: typer.Context,
    photos: PhotosArgument,
    reason: Annotated[str, typer.Option(help="Why what is found now is accepted.")],
    author: Annotated[str, typer.Option(help="Who accepts it.")],
    expires: Annotated[
        str | None, typer.Option(metavar="DATE", help="The last day on which that holds: 2027-01-31.")
    ] = None,
    archive: ArchiveOption = DEFAULT_ARCHIVE,
    claimed_date: ClaimedDateOption = None,
    claimed_place: ClaimedPlaceOption = None,
    claims: ClaimsOption = None,
    fail_on: FailOnOption = None,
    fast: FastOption = False,
    workers: WorkersOption = None,
) -> None:
    """Check photos, and accept whatever keeps the check from passing.

    Give the options that the check itself is run with. What was accepted before and still holds stays as it is; what
    the photos checked no longer have is dropped. An acceptance holds for the same file, the same finding and the same
    words: where the archive learns something else, the finding fails again.

    \b
    Examples:
      provenance baseline update uploads/ --reason "Our own series of 2016" --author "A. Haddad"
      provenance baseline update uploads/a.jpg --reason "Licensed" --author "A. Haddad" --expires 2027-01-31
    """
    from provenance.cli.checking import Request, check_photos
    from provenance.cli.files import write_whole
    from provenance.cli.policy import baseline_of, today
    from provenance.cli.sources import sources_to_check
    from provenance.ingest.baseline import baseline_text
    from provenance.model import Acceptance
    from provenance.model.baseline import Baseline
    from provenance.verdict.policy import updated

    settings = load_settings(workers, fail_on)
    file, policy = _file(settings.policy), settings.policy
    acceptance = Acceptance(
        _said("--reason", reason), _said("--author", author), str(file), _coming(expires) if expires else None
    )
    old = baseline_of(policy) if file.exists() else Baseline()
    said = parse_claim(claimed_date, claimed_place)
    report = check_photos(
        context.obj, Request(sources_to_check(photos), archive, settings, claims, said, fast=fast)
    )
    if not report.archive.images:
        raise ProvenanceError(
            "The archive is empty: nothing was found, so nothing can be accepted.",
            "Add earlier photos with `provenance add`.",
        )
    done = updated(policy, old, report.results, acceptance, today())
    write_whole(file, baseline_text(done.baseline).encode())
    for word, entries in (("added", done.added), ("renewed", done.renewed), ("dropped", done.dropped)):
        _print(f"{word:<8} {_told(entry)}" for entry in entries)
    for item in report.skipped:
        say(f"Skipped {clean(item.path)}: {clean(item.reason)}")
    say(
        f"{len(done.added)} added, {len(done.renewed)} renewed, {len(done.kept)} kept, {len(done.dropped)} dropped; "
        f"{clean(str(file))} has {len(done.baseline.entries)}."
    )
    raise SystemExit(ExitCode.NOT_COMPLETED if report.skipped else ExitCode.OK)


@app.command()
@guarded()
def show() -> None:
    """List what is accepted, by whom, why, and for how long."""
    from provenance.cli.policy import baseline_of, today

    policy = load_settings(None).policy
    _file(policy)
    entries = sorted(baseline_of(policy).entries.values(), key=lambda e: (e.path, *e.key))
    for entry in entries:
        acceptance = entry.acceptance
        _print(
            [
                f"{_state(acceptance.expires, today())}  {_told(entry)}",
                f"    {clean(acceptance.author)}, {entry.added}: {clean(acceptance.reason)}",
            ]
        )
    say(f"{len(entries)} accepted in {clean(policy.baseline)}.")


def _file(policy: Policy) -> Path:
    if not policy.baseline:
        raise UsageError(
            "The policy names no baseline.",
            'Write baseline = "provenance-baseline.json" under [policy] in provenance.toml.',
        )
    return Path(policy.baseline)


def _said(option: str, text: str) -> str:
    if not text.strip():
        raise UsageError(f"{option} is blank.", "Whoever reads the baseline must know why, and whom to ask.")
    return text.strip()


def _coming(text: str) -> date:
    from provenance.cli.policy import today

    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--expires {text!r} is no day.", "Write it like 2027-01-31.") from error
    if day < today():
        raise UsageError(f"--expires {text} has passed.", "Give the last day on which it shall hold.")
    return day


def _state(expires: date | None, today: date) -> str:
    if expires is None:
        return "holds"
    if expires < today:
        return f"expired on {expires}"
    days = (expires - today).days
    return f"holds until {expires} ({f'in {days} days' if days != 1 else 'tomorrow'})" if days else "last day"


def _told(entry: Accepted) -> str:
    return f"{entry.finding} {clean(entry.path)}: {clean(entry.message)}"


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        sys.stdout.write(line + "\n")
