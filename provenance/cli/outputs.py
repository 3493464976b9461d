"""`--format` and `--output`: reports to standard output and to files."""

from __future__ import annotations

import difflib
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from provenance.errors import ProvenanceError, UsageError
from provenance.report.inspections import inspections_styled, inspections_text
from provenance.report.inspections_json import inspections_json
from provenance.report.json_report import pair_json, report_json
from provenance.report.terminal import pair_styled, pair_text, report_styled, report_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from provenance.report.interface import InspectionReporter, PairReporter, Reporter

Form = TypeVar("Form")
Told = TypeVar("Told")

REPORTERS: dict[str, Reporter] = {"text": report_text, "json": report_json}
"""Every form of report, by its name on the command line."""

PAIR_REPORTERS: dict[str, PairReporter] = {"text": pair_text, "json": pair_json}
"""Every form in which `compare` tells what it found."""

INSPECTION_REPORTERS: dict[str, InspectionReporter] = {"text": inspections_text, "json": inspections_json}
"""Every form in which `inspect` tells what files say."""


@dataclass(frozen=True, slots=True)
class Output(Generic[Told]):
    """One `--output FORMAT:FILE`."""

    reporter: Callable[[Told], str]
    file: Path

    def write(self, report: Told) -> None:
        """Write the file whole or not at all.

        Raises:
            ProvenanceError: it cannot be written.
        """
        write_whole(self.file, self.reporter(report).encode("utf-8", "backslashreplace"))


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; into what is no plain file, such as /dev/stdout, directly.

    Raises:
        ProvenanceError: it cannot be written.
    """
    try:
        if path.is_symlink() or (path.exists() and not path.is_file()):
            path.write_bytes(content)
            return
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(content)
        Path(file.name).chmod(0o644)
        Path(file.name).replace(path)
    except OSError as error:
        raise ProvenanceError(
            f"{path} cannot be written: {error.strerror}.", "Check its folder's permissions and space."
        ) from error


def reporter(name: str) -> Reporter:
    """Return what `--format` names; text is styled where a person watches standard output.

    Raises:
        UsageError: there is no such form.
    """
    chosen = _named(name, REPORTERS)
    if chosen is report_text and sys.stdout.isatty():
        width = shutil.get_terminal_size().columns
        return lambda report: report_styled(report, width=width)
    return chosen


def pair_reporter(name: str) -> PairReporter:
    """Return what `--format` of `compare` names, likewise.

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


def parse_outputs(given: Sequence[str], reporters: Mapping[str, Callable[[Told], str]]) -> list[Output[Told]]:
    """Return the files asked for with `--output`, each in one of the forms that `reporters` name.

    Raises:
        UsageError: one is not FORMAT:FILE.
    """
    outputs = []
    for text in given:
        name, colon, file = text.partition(":")
        if not colon or not file:
            raise UsageError(
                f"--output {text!r} is not FORMAT:FILE.", "Write for example --output json:report.json."
            )
        outputs.append(Output(_named(name, reporters), Path(file)))
    return outputs


def _named(name: str, forms: Mapping[str, Form]) -> Form:
    if name not in forms:
        near = difflib.get_close_matches(name, forms, n=1)
        hint = f"Did you mean {near[0]!r}? " if near else ""
        raise UsageError(f"There is no format {name!r}.", f"{hint}Formats are: {', '.join(forms)}.")
    return forms[name]
