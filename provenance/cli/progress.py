"""A progress bar with a rate, on standard error and only on a terminal."""

from __future__ import annotations

import contextlib
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REDRAW_SECONDS = 0.1


@contextlib.contextmanager
def progress(what: str, total: int | None) -> Iterator[Callable[[], None]]:
    """Give a function to call once a photo; it draws nothing where nobody watches. `total` None: nobody knows it.

    The bar is redrawn by those calls and not by a thread: decoding children are forked while it stands.
    """
    if (total is not None and total < 2) or not sys.stderr.isatty():  # noqa: PLR2004 - one photo is done before a bar is drawn
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    started = drawn = time.monotonic()
    with Progress(*columns, console=Console(stderr=True), auto_refresh=False, transient=True) as bar:
        task = bar.add_task(what, total=total, rate="")
        done = 0

        def advance() -> None:
            nonlocal drawn, done
            done += 1
            now = time.monotonic()
            if now - drawn >= REDRAW_SECONDS or done == total:
                bar.update(task, completed=done, rate=f"{done / (now - started):.0f}/s", refresh=True)
                drawn = now

        yield advance
