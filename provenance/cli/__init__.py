"""The command line: parse, call, print. One file a command; contract in DESIGN §7."""

from __future__ import annotations


def main() -> None:
    """Run the command line; the `provenance` console script."""
    from provenance.cli.app import run

    run()
