"""What runs in a pool's child: answer items with values or `Failure`s, under bounds, while the parent lives.

The bound on memory holds on Linux only: Windows has no such limit, and macOS does not keep it. On Windows a
child that hangs while its parent is killed stays; elsewhere its own alarm ends it.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from provenance.errors import ProvenanceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from multiprocessing.connection import Connection

    from provenance.photo.limits import Limits

_PATIENCE = 1 if sys.platform == "win32" else 6
"""Seconds by the clock for each that an item may take of a processor: where others want the processors too, the work
goes on as slowly as this. Who takes longer waits for what never comes. Windows ends nothing by the time it was at work.
"""

_GRACE_SECONDS = 5.0
"""The parent kills a child that waits too long; this alarm is for the child that no longer has one."""

_MAX_DETAIL = 200


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no value for an item, as a clause without full stop."""

    reason: str


def serve(
    connection: Connection[Any, Any],
    inherited: Iterable[Connection[Any, Any]],
    work: Callable[[Any], object],
    warm: Callable[[], object] | None,
    limits: Limits,
) -> None:
    """Send the outcome of `_warmed`, then a value or a `Failure` for each item received, until the pipe ends.

    `inherited` are ends of pipes that a fork left open here: until closed they hide the parent's death.
    """
    _hold_signals()
    for other in inherited:
        other.close()
    _mute()
    fault = _warmed(warm)
    _bound_memory(limits.memory)
    with contextlib.suppress(EOFError, OSError):
        connection.send(fault)
        while True:
            item = connection.recv()
            with _alarms(limits):
                outcome = _outcome(work, item, limits)
            try:
                connection.send(outcome)
            except (MemoryError, TypeError, ValueError, AttributeError) as error:
                connection.send(_failure(error, limits))


def _warmed(warm: Callable[[], object] | None) -> ProvenanceError | None:
    """Return the error that `warm` has words for, so that it is told once; `None` means ready."""
    try:
        if warm is not None:
            warm()
    except ProvenanceError as error:
        return error
    except Exception:
        # Whatever is wrong comes up again in the work, which can say so.
        return None
    return None


def _outcome(work: Callable[[Any], object], item: object, limits: Limits) -> object:
    try:
        return work(item)
    except Exception as error:  # the run must go on whatever a photo makes its decoder raise
        return _failure(error, limits)


def _failure(error: Exception, limits: Limits) -> Failure:
    if isinstance(error, ProvenanceError):
        return Failure(f"{error.message}; {error.advice}" if error.advice else error.message)
    if isinstance(error, MemoryError):
        return Failure(f"decoding it {limits.out_of_memory}")
    detail = "".join(c if c.isprintable() else " " for c in str(error))[:_MAX_DETAIL].strip()
    return Failure(f"the program failed on it ({type(error).__name__}{': ' if detail else ''}{detail})")


def _hold_signals() -> None:
    """Leave Ctrl-C to the parent, and take back whatever handlers a fork copied."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if sys.platform != "win32":
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _mute() -> None:
    """Send what decoders print to nowhere: hostile content decides it, and reports share the terminal."""
    faulthandler.disable()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)


def _bound_memory(extra: int) -> None:
    """Allow `extra` bytes of address space above what the process has now."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - POSIX only

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
            most = pages * resource.getpagesize() + extra
            allowed = resource.getrlimit(resource.RLIMIT_AS)[1]
            most = most if allowed == resource.RLIM_INFINITY else min(most, allowed)
            resource.setrlimit(resource.RLIMIT_AS, (most, most))


def clock_seconds(limits: Limits) -> float:
    """Return how long an item may take by the clock."""
    return limits.seconds * _PATIENCE


@contextlib.contextmanager
def _alarms(limits: Limits) -> Iterator[None]:
    """Let the kernel end this process if the block works or waits too long, even within a decoder's endless loop."""
    if sys.platform == "win32":
        yield
        return
    signal.setitimer(signal.ITIMER_PROF, limits.seconds)
    signal.setitimer(signal.ITIMER_REAL, clock_seconds(limits) + _GRACE_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
