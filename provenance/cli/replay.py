"""`provenance replay`."""

from __future__ import annotations

import dataclasses
import enum
import os
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated, ClassVar

import typer

from provenance.cli.guard import guarded
from provenance.cli.options import (
    DEFAULT_ARCHIVE,
    ArchiveOption,
    FormatOption,
    WorkersOption,
    load_settings,
)
from provenance.errors import BundleError, ExitCode, SettingsError, UsageError
from provenance.model import Submission

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.model import Report, Skipped
    from provenance.model.replays import Replay
    from provenance.report.bundle_reading import Bundle
    from provenance.settings import Settings

LONGEST_NAME = 200
"""Bytes of a file's name: systems allow 255."""


class SettingsOf(enum.StrEnum):
    """Whose settings a replay uses."""

    BUNDLE = "bundle"
    CURRENT = "current"


@guarded()
def replay(
    bundle: Annotated[
        Path, typer.Argument(metavar="BUNDLE", help="An evidence bundle, a ZIP file that `check` wrote.")
    ],
    archive: ArchiveOption = DEFAULT_ARCHIVE,
    format: FormatOption = "text",
    settings: Annotated[
        SettingsOf,
        typer.Option(
            help="bundle: numbers as they were set for the bundle's check; current: all as they are now."
        ),
    ] = SettingsOf.BUNDLE,
    workers: WorkersOption = None,
) -> None:
    """Check the photos of an evidence bundle again: does each verdict stand, and if not, what moved, and why?

    The bundle is verified first: nothing in it may have been changed. Its photos are checked as they were, with the
    claims and settings of that time, against an archive as it is now: the same one or any other.

    \b
    Examples:
      provenance replay evidence.zip
      provenance replay evidence.zip -a desk.db --format json
    """
    from provenance.photo.limits import MAX_BYTES
    from provenance.report.bundle_reading import open_bundle
    from provenance.report.replays import replay_json, replay_text

    if format not in {"text", "json"}:
        raise UsageError(f"There is no format {format!r}.", "Formats here are: text, json.")
    try:
        file = bundle.open("rb")
    except OSError as error:
        raise BundleError(f"{bundle} cannot be read: {error.strerror}.") from error
    with file, tempfile.TemporaryDirectory(prefix="provenance-") as folder:
        opened = open_bundle(file, largest=MAX_BYTES)
        current = load_settings(workers)
        used = current if settings is SettingsOf.CURRENT else settings_of(opened, current)
        told = _replayed(opened, archive, used, Path(folder))
    sys.stdout.write(replay_json(told) if format == "json" else replay_text(told))
    sys.stdout.flush()
    raise SystemExit(exit_code(told))


def exit_code(told: Replay) -> ExitCode:
    """Return what a replay tells its caller: what moved wins over what was not completed."""
    if not told.stands:
        return ExitCode.FLAGGED
    return ExitCode.NOT_COMPLETED if told.skipped else ExitCode.OK


def settings_of(bundle: Bundle, current: Settings) -> Settings:
    """Return the current settings with those of a bundle that are numbers and still exist.

    A bundle comes from strangers: it must not name files for us to open.

    Raises:
        BundleError: one of its values is none that we take.
    """
    kinds = {field.name: type(getattr(current, field.name)) for field in dataclasses.fields(current)}
    numbers = {
        name: kinds[name](value)
        for name, value in bundle.about.circumstances.settings.items()
        if kinds.get(name) in {int, float} and isinstance(value, int | float)
    }
    try:
        return dataclasses.replace(current, **numbers)
    except SettingsError as error:
        raise BundleError(f"The settings in the bundle cannot be used: {error.message}") from error


@dataclass(frozen=True, slots=True)
class BundledPhotos:
    """The photos of a bundle as a source: written into a folder, under the names that they had."""

    streamed: ClassVar[bool] = False

    bundle: Bundle
    folder: Path

    def collect(self) -> Iterator[Submission | Skipped]:
        """Yield the photos in the order of the bundle's results. Raises BundleError."""
        from provenance.ingest.folder import sighting_at

        for number, result in enumerate(self.bundle.report.results):
            file = self.file(number)
            if not file.exists():
                file.parent.mkdir()
                file.write_bytes(self.bundle.query(number))
            yield Submission(file, result.path, sighting_at(result.path, file))

    def file(self, number: int) -> Path:
        """Return where a photo lies: a folder each, since names may be alike."""
        return self.folder / str(number) / _name(self.bundle.report.results[number].path)


def _name(path: str) -> str:
    """Return the name that a file had, which is evidence, or another if this system could not give it."""
    name = PurePosixPath(path.replace("\\", "/")).name if os.name == "nt" else PurePosixPath(path).name
    unfit = name in {"", ".", ".."} or "\0" in name or (os.name == "nt" and set(name) & set('<>:"|?*'))
    try:
        return "photo" if unfit or len(os.fsencode(name)) > LONGEST_NAME else name
    except UnicodeEncodeError:
        return "photo"


def _replayed(bundle: Bundle, archive: Path, settings: Settings, folder: Path) -> Replay:
    from provenance.archive.sqlite import SqliteArchive
    from provenance.children import query_pool
    from provenance.circumstances import circumstances
    from provenance.cli.checking import Request, check_photos
    from provenance.ingest.claims import Claims
    from provenance.verdict.moved import Past, replayed

    fast = bundle.about.circumstances.fast
    photos = BundledPhotos(bundle, folder)
    claims = Claims(
        {
            photos.file(number).resolve(): result.claim
            for number, result in enumerate(bundle.report.results)
            if result.claim
        }
    )
    request = Request([photos], archive, settings, claims, fast=fast)
    with query_pool(settings.embedding_model, local=not fast, trust_anchors=settings.trust_anchors) as pool:
        now: Report = check_photos(pool, request)
    with SqliteArchive.reading(archive) as store:
        digests = {m.reference.sha256 for result in bundle.report.results for m in result.matches}
        held = {digest for digest in digests if store.by_digest(digest)}
    past = Past(bundle.report, bundle.about.circumstances, bundle.about.checked)
    return replayed(past, now, circumstances(settings, fast=fast), datetime.now(UTC), held)
