"""`provenance archive custody` and `provenance archive stamp`, and what `verify` and `check` do for the custody log."""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provenance.cli.guard import guarded, say
from provenance.cli.options import DEFAULT_ARCHIVE, ArchiveOption, load_settings
from provenance.errors import TimestampError, UsageError
from provenance.model.clean import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.archive.custody import CustodyEntry
    from provenance.archive.sqlite import SqliteArchive
    from provenance.archive.stamps import Stamp
    from provenance.model import Report
    from provenance.settings import Settings

AuthoritiesOption = Annotated[
    Path | None,
    typer.Option(
        "--ca", metavar="FILE", help="Certificates (PEM) of the timestamp authorities that you trust."
    ),
]


@guarded()
def custody(
    archive: ArchiveOption = DEFAULT_ARCHIVE,
    format: Annotated[str, typer.Option("--format", "-f", help="text or json (one entry a line).")] = "text",
    head: Annotated[
        bool, typer.Option("--head", help="Print the newest entry's hash alone, to note it down elsewhere.")
    ] = False,
) -> None:
    """List who added, removed and checked what: each entry is bound to the one before by a hash."""
    from provenance.archive import custody as log
    from provenance.archive.connection import translated
    from provenance.archive.sqlite import SqliteArchive

    if format not in {"text", "json"}:
        raise UsageError(f"There is no format {format!r}.", "Formats here are: text, json.")
    with SqliteArchive.reading(archive) as store, translated(archive):
        entries = [log.head(store.connection)] if head else log.entries(store.connection)
        for entry in entries:
            _print(entry.hash if head else _as_json(entry) if format == "json" else _as_text(entry))


@guarded()
def stamp(
    archive: ArchiveOption = DEFAULT_ARCHIVE,
    url: Annotated[
        str | None, typer.Option(metavar="URL", help="Ask this timestamp authority (RFC 3161) over HTTP.")
    ] = None,
    request: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Only write the request, for a machine with a network."),
    ] = None,
    response: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keep the answer that an authority gave to a request.")
    ] = None,
    ca: AuthoritiesOption = None,
) -> None:
    """Have an authority state when the custody log was as it is now.

    Nothing but the hash of its newest entry is sent, and with --url only. With --ca the answer's signature is verified
    before it is kept.

    \b
    Examples:
      provenance archive stamp --url https://tsa.example.org --ca tsa-root.pem
      provenance archive stamp --request head.tsq
      curl -H 'Content-Type: application/timestamp-query' --data-binary @head.tsq https://tsa.example.org > head.tsr
      provenance archive stamp --response head.tsr --ca tsa-root.pem
    """
    if sum(way is not None for way in (url, request, response)) != 1:
        raise UsageError("One way is needed, and only one.", "Give --url, --request or --response.")
    if request:
        _write_request(archive, request)
        return
    from provenance.archive import stamps
    from provenance.archive.connection import require_file
    from provenance.archive.sqlite import SqliteArchive

    require_file(archive)
    authorities = stamps.read_authorities(ca) if ca else ()
    nonce = None
    if url:
        answer, nonce = _asked(archive, url)
    else:
        answer = _read(response or Path())
    with SqliteArchive.writing(archive, load_settings().user) as store:
        kept = stamps.keep(store, answer, authorities=authorities, nonce=nonce, source=url or str(response))
    _print(_told(kept))


def record_check(archive: Path, report: Report, settings: Settings, *, fast: bool) -> None:
    """Write to the custody log what was checked, with what, and what came of it. Raises ArchiveError."""
    from provenance.archive import custody as log
    from provenance.archive.connection import require_file, translated
    from provenance.archive.sqlite import SqliteArchive
    from provenance.archive.transactions import transaction

    details = {
        "photos": [result.sha256 for result in report.results],
        "verdicts": dict(Counter(str(result.verdict) for result in report.results)),
        "skipped": len(report.skipped),
        "checked_generation": report.archive.generation,
        "settings": {
            "match_score": settings.match_score,
            "search_radius": settings.search_radius,
            "embedding_model": settings.embedding_model,
            "trust_anchors": settings.trust_anchors,
            "fail_on": str(settings.policy.terms.fail_on),
            "fast": fast,
        },
    }
    require_file(archive)
    with (
        SqliteArchive.writing(archive, settings.user) as store,
        translated(archive),
        transaction(store.connection),
    ):
        log.append(store.connection, store.who, "checked", details, changes=0)


def stamp_problems(store: SqliteArchive, ca: Path | None) -> Iterator[str]:
    """Tell of each timestamp that holds, or that none was verified; yield why the others do not hold."""
    from provenance.archive import stamps

    kept = stamps.count(store)
    if ca is None or not kept:
        if kept:
            say(f"{kept} timestamps of the custody log were not verified: --ca FILE names whom you trust.")
        return
    for outcome in stamps.verified(store, stamps.read_authorities(ca)):
        if isinstance(outcome, str):
            yield outcome
        else:
            _print(_told(outcome))


def _write_request(archive: Path, target: Path) -> None:
    from provenance.archive import custody as log
    from provenance.archive import stamps
    from provenance.archive.connection import translated
    from provenance.archive.sqlite import SqliteArchive
    from provenance.cli.files import write_whole

    with SqliteArchive.reading(archive) as store, translated(archive):
        entry = log.head(store.connection)
    # Without a nonce: an entry's hash is like no other, and the answer may come much later.
    write_whole(target, stamps.request_for(entry, nonce=False).as_bytes())
    say(
        f"{clean(str(target))} asks for a timestamp of entry {entry.id}. Keep the answer with --response FILE."
    )


def _asked(archive: Path, url: str) -> tuple[bytes, int | None]:
    """Return what an authority answers to a request of the log's head, and the request's nonce."""
    from provenance.archive import custody as log
    from provenance.archive import stamps
    from provenance.archive.authority import asked
    from provenance.archive.connection import translated
    from provenance.archive.sqlite import SqliteArchive

    with SqliteArchive.reading(archive) as store, translated(archive):
        request = stamps.request_for(log.head(store.connection), nonce=True)
    return asked(url, request.as_bytes()), request.nonce


def _read(response: Path) -> bytes:
    try:
        return response.read_bytes()
    except OSError as error:
        raise TimestampError(f"{response} cannot be read: {error.strerror}.", "Check the path.") from error


def _told(stamp: Stamp) -> str:
    unverified = "" if stamp.verified else " The signature was not verified: --ca FILE names whom you trust."
    return (
        f"Entry {stamp.covers} of the custody log existed at {stamp.time:%Y-%m-%d %H:%M:%S} UTC.{unverified}"
    )


def _as_json(entry: CustodyEntry) -> str:
    try:
        details = json.loads(entry.details)
    except (ValueError, TypeError):
        details = entry.details  # as it is: `verify` says what is wrong with it
    return json.dumps(asdict(entry) | {"details": details}, default=repr)


def _as_text(entry: CustodyEntry) -> str:
    return clean(f"{entry.id}  {entry.at}  {entry.who}  {entry.what}  {_summary(entry.details)}")


def _summary(details: str) -> str:
    """Return what an entry says in a few words: lists by their length."""
    try:
        told = json.loads(details).items()
    except (ValueError, TypeError, AttributeError):
        return "details that make no sense"
    return ", ".join(
        f"{name.replace('_', ' ')} {len(value) if isinstance(value, list) else value}"
        for name, value in told
        if isinstance(value, list | int | str) and value and name not in {"generation", "tool"}
    )


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
