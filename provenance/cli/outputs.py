"""`--format` and `--output`: reports to standard output and to files."""

from __future__ import annotations

import difflib
import shutil
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from provenance.cli.files import write_whole
from provenance.cli.inline_pictures import drawn, shown_here
from provenance.errors import UsageError
from provenance.report.inspections import inspections_styled, inspections_text
from provenance.report.inspections_json import inspections_json
from provenance.report.json_report import pair_json, report_json
from provenance.report.terminal import pair_styled, pair_text, report_styled, report_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from provenance.cli.checking import Request
    from provenance.cli.gallery import Gallery
    from provenance.model import Illustrations, Report
    from provenance.report.interface import InspectionReporter, PairReporter, Reporter

Form = TypeVar("Form")
Told = TypeVar("Told")


def _later(module: str, name: str) -> Reporter:
    """Return a reporter that is imported when it first tells: a check must not wait for those it does not use."""

    def tell(report: Report) -> str:
        reporter: Reporter = getattr(import_module(f"provenance.report.{module}"), name)
        return reporter(report)

    return tell


REPORTERS: dict[str, Reporter] = {
    "text": report_text,
    "json": report_json,
    "csv": _later("csv_report", "report_csv"),
    "sarif": _later("sarif", "report_sarif"),
    "junit": _later("junit", "report_junit"),
    "github": _later("github", "report_github"),
    "gitlab": _later("gitlab", "report_gitlab"),
    "markdown": _later("markdown", "report_markdown"),
    "media_review": _later("media_review", "report_media_review"),
}
"""Every form of report that is text alone, by its name on the command line."""

PAIR_REPORTERS: dict[str, PairReporter] = {"text": pair_text, "json": pair_json}
"""Every form in which `compare` tells what it found."""

INSPECTION_REPORTERS: dict[str, InspectionReporter] = {"text": inspections_text, "json": inspections_json}
"""Every form in which `inspect` tells what files say."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run of `check` with all that its reports show."""

    request: Request
    report: Report
    gallery: Gallery
    language: str

    def illustrations(self, number: int) -> Illustrations:
        """Return what a page shows of the photo at a place in the results."""
        return self.gallery.illustrations(self.report.results[number].path)

    def thumbnail(self, number: int) -> bytes:
        """Return its smallest picture, likewise."""
        return self.gallery.thumbnail(self.report.results[number].path)


@dataclass(frozen=True, slots=True)
class Output(Generic[Told]):
    """One `--output FORMAT:FILE`."""

    name: str
    writer: Callable[[Path, Told], None]
    file: Path

    def write(self, told: Told) -> None:
        """Write the file whole or not at all. Raises ProvenanceError."""
        self.writer(self.file, told)


def as_file(reporter: Callable[[Told], str]) -> Callable[[Path, Told], None]:
    """Return what writes the text of a reporter into a file."""
    return lambda path, told: write_whole(path, reporter(told).encode("utf-8", "backslashreplace"))


def _write_page(path: Path, run: Run) -> None:
    from provenance.cli.pages import write_page

    write_page(path, run)


def _page(run: Run) -> str:
    from provenance.cli.pages import page

    return page(run)


def _write_bundle(path: Path, run: Run) -> None:
    from provenance.cli.bundles import bundle

    bundle(path, run)


ILLUSTRATED: dict[str, Callable[[Path, Run], None]] = {"html": _write_page, "bundle": _write_bundle}
"""Every form of report that shows pictures."""


def _of_run(reporter: Reporter) -> Callable[[Run], str]:
    return lambda run: reporter(run.report)


WRITERS: dict[str, Callable[[Path, Run], None]] = {
    **{name: as_file(_of_run(reporter)) for name, reporter in REPORTERS.items()},
    **ILLUSTRATED,
}
"""Every form that `check --output` takes."""


INSPECTION_WRITERS = {name: as_file(reporter) for name, reporter in INSPECTION_REPORTERS.items()}
"""Every form that `inspect --output` takes."""


def _styled(run: Run) -> str:
    """Return the text for the terminal that is standard output: as wide as it, with pictures if it shows any."""
    how = shown_here()

    def picture(number: int) -> str:
        strip = run.gallery.strip(run.report.results[number].path) if how else b""
        return drawn(strip, how) if how and strip else ""

    return report_styled(run.report, width=shutil.get_terminal_size().columns, picture=picture)


def run_reporter(name: str) -> Callable[[Run], str]:
    """Return what `check --format` names; text is styled where a person watches standard output.

    Raises:
        UsageError: there is no such form, or it is no text.
    """
    if name == "text" and sys.stdout.isatty():
        return _styled
    if name == "bundle":
        raise UsageError("A bundle goes into a file.", "Write for example --output bundle:evidence.zip.")
    return _named(name, {**{form: _of_run(told) for form, told in REPORTERS.items()}, "html": _page})


def pair_reporter(name: str) -> PairReporter:
    """Return what `--format` of `compare` names; text is styled where a person watches standard output.

    Raises:
        UsageError: there is no such form.
    """
    chosen = _named(name, PAIR_REPORTERS)
    if chosen is pair_text and sys.stdout.isatty():
        width = shutil.get_terminal_size().columns
        return lambda result, reference: pair_styled(result, reference, width=width)
    return chosen


def inspection_reporter(name: str) -> InspectionReporter:
    """Return what `--format` of `inspect` names, likewise.

    Raises:
        UsageError: there is no such form.
    """
    chosen = _named(name, INSPECTION_REPORTERS)
    if chosen is inspections_text and sys.stdout.isatty():
        width = shutil.get_terminal_size().columns
        return lambda report: inspections_styled(report, width=width)
    return chosen


def parse_outputs(
    given: Sequence[str], writers: Mapping[str, Callable[[Path, Told], None]]
) -> list[Output[Told]]:
    """Return the files asked for with `--output`, each in one of the forms that `writers` name.

    Raises:
        UsageError: one is not FORMAT:FILE, or two are the same file.
    """
    outputs: list[Output[Told]] = []
    for text in given:
        name, colon, file = text.partition(":")
        if not colon or not file:
            raise UsageError(
                f"--output {text!r} is not FORMAT:FILE.", "Write for example --output json:report.json."
            )
        special = Path(file).exists() and not Path(file).is_file()
        if not special and Path(file).absolute() in {other.file.absolute() for other in outputs}:
            raise UsageError(f"--output names {file} twice.", "Give each form a file of its own.")
        outputs.append(Output(name, _named(name, writers), Path(file)))
    return outputs


def _named(name: str, forms: Mapping[str, Form]) -> Form:
    if name not in forms:
        near = difflib.get_close_matches(name, forms, n=1)
        hint = f"Did you mean {near[0]!r}? " if near else ""
        raise UsageError(f"There is no format {name!r}.", f"{hint}Formats are: {', '.join(forms)}.")
    return forms[name]
