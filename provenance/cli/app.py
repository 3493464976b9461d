"""The commands, in one place."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

import provenance
from provenance.cli.add import add
from provenance.cli.archive import app as archive_app
from provenance.cli.archive_keeping import register
from provenance.cli.baseline import app as baseline_app
from provenance.cli.check import FALSE_ALARMS, check
from provenance.cli.compare import compare
from provenance.cli.custody import custody, stamp
from provenance.cli.inspect import inspect
from provenance.cli.replay import replay

if TYPE_CHECKING:
    from provenance.photo.pool import Pool

app = typer.Typer(
    help="Has this circulating photo been seen before? When, where, and does that contradict the post?",
    epilog="Exit codes: 0 nothing flagged, 1 flagged, 2 usage, 3 not completed, 130 interrupted. "
    "Nothing leaves this machine, save a hash where `archive stamp --url` is asked to. "
    "“Nothing found” never means “authentic”.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(add)
app.command(epilog=FALSE_ALARMS)(check)
app.command()(compare)
app.command()(inspect)
app.command()(replay)
register(archive_app)
archive_app.command()(custody)
archive_app.command()(stamp)
app.add_typer(archive_app, name="archive")
app.add_typer(baseline_app, name="baseline")


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"provenance {provenance.__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    """Has this circulating photo been seen before? When, where, and does that contradict the post?"""


def run(pool: Pool[Any, Any] | None) -> None:
    """Parse the arguments and run the command, which finds `pool` in its context; each is `guarded`."""
    for stream in (sys.stdout, sys.stderr):
        # A path that the terminal's encoding lacks must not end the run.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    app(obj=pool)
