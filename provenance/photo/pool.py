"""Work on photos in child processes, so that a decoder's crash, hang or bomb costs one photo and not the run.

Written on bare pipes: a `concurrent.futures` pool breaks as a whole when one of its processes dies, and pools
that survive that watch their children from threads, which do not go with `fork`.

The isolation is against crashes, hangs and bombs: a child has the same rights as its parent. Its values may
therefore cross by pickle, since whoever controls a child needs no pickle to act as the parent.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import sys
import time
import warnings
from collections import deque
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from provenance.errors import ProvenanceError
from provenance.photo.child import Failure, clock_seconds, serve
from provenance.photo.limits import DEFAULT, Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess
    from typing import Self

__all__ = ["Failure", "Pool"]

Item = TypeVar("Item")
Value = TypeVar("Value")

_AHEAD = 4
"""Items in flight a worker, done or not: enough to work on while one is slow, few to hold in memory."""

_WAITING_BYTES = 64 * 2**20
"""Bytes of values done before their turn at which no further item is started, where values are weighed."""

_LAST_WORDS_SECONDS = 2.0
"""For a child that closed its pipe to end by itself, which tells why; it takes milliseconds."""

_FORK = sys.platform == "linux"
"""Forking takes 1 ms; other systems' own libraries do not survive it, so there each child starts afresh."""


@dataclass(slots=True, eq=False)
class _Task(Generic[Item, Value]):
    item: Item
    outcome: list[Value | Failure] = field(default_factory=list)
    """Empty until done."""


@dataclass(slots=True, eq=False)
class _Child(Generic[Item, Value]):
    process: BaseProcess
    connection: Connection[Any, Any]
    deadline: float
    ready: bool = False
    task: _Task[Item, Value] | None = None


class Pool(Generic[Item, Value]):
    """Children that run `work` on one item each at a time; a context manager.

    The first child starts on entry if `eager`, to import while the parent does other things; each further one when
    there is an item and nobody free to take it. `warm` runs in a child before its first item: let it import
    whatever `work` needs, since neither its time nor its memory counts against the limits. A `ProvenanceError`
    that it raises is about no item: `map` raises it.

    On Linux children are forked: the parent must not run threads of its own (a BLAS library's are fine), and
    `work` and `warm` may be anything. Elsewhere they are spawned, and both must be picklable. Items cross by
    pickle and should be small, such as paths: they are sent while the parent waits. Values may be large: `weigh`
    then tells the bytes of one, and the parent holds few that wait for their turn. The bound on a child's memory
    holds on Linux only, as `photo.child` explains.
    """

    def __init__(
        self,
        work: Callable[[Item], Value],
        *,
        limits: Limits = DEFAULT,
        warm: Callable[[], object] | None = None,
        eager: bool = True,
        weigh: Callable[[Value], int] | None = None,
    ) -> None:
        self._work = work
        self._eager = eager
        self._warm = warm
        self._weigh = weigh
        self._limits = limits
        self._context = multiprocessing.get_context("fork") if _FORK else multiprocessing.get_context("spawn")
        self._children: list[_Child[Item, Value]] = []

    def __enter__(self) -> Self:
        if self._eager:
            self._start()
        return self

    def __exit__(self, *_: object) -> None:
        for child in self._children:
            child.process.kill()
        for child in list(self._children):
            self._bury(child)

    def map(
        self,
        items: Iterable[Item],
        *,
        workers: int,
        known: Callable[[Item], Value | Failure | None] = lambda _: None,
    ) -> Iterator[tuple[Item, Value | Failure]]:
        """Yield each item with its value, or with the `Failure` that it met, in the order of `items`.

        Up to `workers` children, one at least, work at a time.
        Items are taken only when there is a child for them, at most a few ahead of the consumer: `items` may
        be endless. A child that died, or took longer for its item than `limits` let it, is replaced.
        An item whose value is `known` takes its place without a child. Leaving the iteration ends the work in
        progress. One iteration at a time.

        Raises:
            ProvenanceError: `warm` raised it.
        """
        source = iter(items)
        tasks: deque[_Task[Item, Value]] = deque()
        more = True
        try:
            while True:
                more = more and self._feed(source, tasks, max(1, workers), known)
                if not tasks:
                    return
                if tasks[0].outcome:
                    task = tasks.popleft()
                    yield task.item, task.outcome[0]
                else:
                    self._await()
        finally:
            for child in self._busy():
                self._kill(child)

    def _busy(self) -> list[_Child[Item, Value]]:
        return [child for child in self._children if child.task is not None]

    def _feed(
        self,
        source: Iterator[Item],
        tasks: deque[_Task[Item, Value]],
        workers: int,
        known: Callable[[Item], Value | Failure | None],
    ) -> bool:
        """Give items to free children; return whether there may be more."""
        while (
            len(self._busy()) < workers
            and len(tasks) < workers * _AHEAD
            and self._waiting(tasks) < _WAITING_BYTES
        ):
            try:
                task: _Task[Item, Value] = _Task(next(source))
            except StopIteration:
                return False
            tasks.append(task)
            value = known(task.item)
            if value is None:
                self._give(task)
            else:
                task.outcome.append(value)
        return True

    def _deadline(self) -> float:
        return time.monotonic() + clock_seconds(self._limits)

    def _waiting(self, tasks: Iterable[_Task[Item, Value]]) -> int:
        """Return the bytes of the values that are there before they could be told."""
        if self._weigh is None:
            return 0
        done = (outcome for task in tasks for outcome in task.outcome)
        return sum(self._weigh(outcome) for outcome in done if not isinstance(outcome, Failure))

    def _give(self, task: _Task[Item, Value]) -> None:
        """Send a task to a free child, or to a new one. A child that died while it was free costs no task."""
        for child in [child for child in self._children if child.task is None]:
            try:
                child.connection.send(task.item)
            except OSError:
                self._kill(child)
                continue
            break
        else:
            child = self._start()
            # A child that is dead already is found out by `_await`.
            with contextlib.suppress(OSError):
                child.connection.send(task.item)
        child.task = task
        child.deadline = self._deadline()

    def _await(self) -> None:
        """Wait until a busy child says something, dies, or is late."""
        busy = self._busy()
        soonest = min(child.deadline for child in busy)
        readable = wait([child.connection for child in busy], max(0.0, soonest - time.monotonic()))
        for child in busy:
            if child.connection in readable:
                self._receive(child)
            elif child.deadline <= time.monotonic():
                self._kill(child, Failure(_too_late(self._limits)))

    def _receive(self, child: _Child[Item, Value]) -> None:
        try:
            message = child.connection.recv()
        except (EOFError, OSError):
            self._bury(child)
            return
        if not child.ready:
            if isinstance(message, ProvenanceError):
                raise message
            child.ready = True
            child.deadline = self._deadline()
        elif child.task is not None:
            child.task.outcome.append(message)
            child.task = None

    def _start(self) -> _Child[Item, Value]:
        ours, theirs = self._context.Pipe()
        inherited = (ours, *(child.connection for child in self._children)) if _FORK else ()
        process = self._context.Process(
            target=serve, args=(theirs, inherited, self._work, self._warm, self._limits), daemon=True
        )
        with _interrupts_held(), warnings.catch_warnings():
            # Python warns when any library has threads; those that numpy starts are ready for a fork.
            warnings.simplefilter("ignore", DeprecationWarning)
            process.start()
        theirs.close()
        child: _Child[Item, Value] = _Child(process, ours, self._deadline())
        self._children.append(child)
        return child

    def _kill(self, child: _Child[Item, Value], failure: Failure | None = None) -> None:
        child.process.kill()
        self._bury(child, failure)

    def _bury(self, child: _Child[Item, Value], failure: Failure | None = None) -> None:
        """Forget a child that is dead or dying; its task, if any, failed for the reason that shows."""
        child.process.join(_LAST_WORDS_SECONDS)
        child.process.kill()
        child.process.join()
        if child.task is not None:
            child.task.outcome.append(
                failure or Failure(_cause_of_death(child.process.exitcode, self._limits))
            )
        child.connection.close()
        child.process.close()
        self._children.remove(child)


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    """Keep Ctrl-C for later, so that a child never meets it before it has learnt to ignore it."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _too_late(limits: Limits) -> str:
    return f"it was not done after {clock_seconds(limits):g} s"


def _cause_of_death(exit_code: int | None, limits: Limits) -> str:
    if exit_code is None or exit_code >= 0:
        return f"the decoder stopped (exit code {exit_code})"
    number = -exit_code
    if sys.platform != "win32" and number == signal.SIGPROF:
        return f"working on it took more than {limits.seconds:g} s"
    if sys.platform != "win32" and number == signal.SIGALRM:
        return _too_late(limits)
    if sys.platform != "win32" and number == signal.SIGKILL:
        return "the decoder was killed, most likely because the machine ran out of memory"
    name = next((known.name for known in signal.Signals if known == number), str(number))
    return f"the decoder crashed (signal {name})"
