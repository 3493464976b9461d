"""From exceptions to words and exit codes: the only place that does it.

Every command is decorated with `guarded()`: Typer would end an interruption without a word, and a broken pipe
with the exit code that means flagged.
"""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from typing import TYPE_CHECKING, NoReturn

from provenance.errors import ExitCode, ProvenanceError
from provenance.model.clean import clean

if TYPE_CHECKING:
    from collections.abc import Iterator


def say(text: str) -> None:
    """Print a line for the person at the terminal, to standard error."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201


@contextlib.contextmanager
def guarded() -> Iterator[None]:
    """Turn every exception inside the block into a message and an exit code, never a traceback."""
    try:
        yield
        sys.stdout.flush()
    except ProvenanceError as error:
        say(f"Error: {clean(error.message)}")
        if error.advice:
            say(f"       {clean(error.advice)}")
        raise SystemExit(error.exit_code) from error
    except KeyboardInterrupt as error:
        say("Interrupted.")
        raise SystemExit(ExitCode.INTERRUPTED) from error
    except BrokenPipeError:
        _reader_left()
    except Exception as error:
        if os.environ.get("PROVENANCE_DEBUG"):
            traceback.print_exc()
        say(f"Error: something unforeseen went wrong: {clean(f'{type(error).__name__}: {error}')}")
        say("       Set PROVENANCE_DEBUG=1, run the command again and report what it prints.")
        raise SystemExit(ExitCode.NOT_COMPLETED) from error


def _reader_left() -> NoReturn:
    """End quietly when whoever read our output stopped reading, as `head` does."""
    # Python flushes standard output once more at exit; that must not fail again.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    raise SystemExit(ExitCode.NOT_COMPLETED)
