"""One run of a check, whoever asks for it: `check` itself, a baseline, a replay."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from provenance.cli.guard import say
from provenance.cli.options import parse_date
from provenance.counterparts import Drawn
from provenance.model import Claim, Report, Result
from provenance.model.clean import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from provenance.archive.sqlite import SqliteArchive
    from provenance.examine import QueryExam
    from provenance.ingest.interface import Source
    from provenance.model import Submission
    from provenance.photo.pool import Pool
    from provenance.pipeline import Pictured
    from provenance.settings import Settings


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a run."""

    sources: Sequence[Source]
    archive: Path
    settings: Settings
    claims: Path | None = None
    """A file of claims."""
    said: Claim = Claim()  # noqa: RUF009 - a frozen value
    """What is claimed of every photo that the file does not name."""
    fast: bool = False
    drawn: Drawn = Drawn.NOTHING


def check_photos(
    pool: Pool[Submission, QueryExam],
    request: Request,
    *,
    on_pictures: Callable[[SqliteArchive, Pictured], None] = lambda _store, _pictured: None,
) -> Report:
    """Check the photos of a request against its archive, telling progress; return what came of it.

    What fails and what is accepted is not yet said of the findings: `cli.policy` does.
    """
    from provenance.archive.sqlite import SqliteArchive
    from provenance.cli.embedding import images_without_embedding, missing_embeddings
    from provenance.cli.progress import progress
    from provenance.cli.sources import collect, count
    from provenance.counterparts import confronting_pool
    from provenance.examine import comparison_pool
    from provenance.ingest.claims import Claims, read_claims
    from provenance.pipeline import Children, check

    settings = request.settings
    default = request.said if request.said != Claim() else None
    with contextlib.ExitStack() as stack:
        children = Children(pool)
        if not request.fast:
            children = Children(
                pool,
                stack.enter_context(comparison_pool()),
                stack.enter_context(confronting_pool(request.drawn)),
            )
        store = stack.enter_context(SqliteArchive.reading(request.archive))
        claimed = (
            read_claims(request.claims, parse_date, default) if request.claims else Claims(default=default)
        )
        skipped = list(claimed.skipped)
        results: list[Result] = []
        with progress("Checking", count(request.sources)) as step:
            for outcome in check(
                children,
                collect(request.sources, skipped),
                store,
                claims=claimed,
                settings=settings,
                on_pictures=lambda pictured: on_pictures(store, pictured),
            ):
                if isinstance(outcome, Result):
                    results.append(outcome)
                else:
                    skipped.append(outcome)
                step()
        unembedded = None if request.fast else images_without_embedding(store, settings)
        if unembedded:
            say(f"{clean(str(request.archive))}: {missing_embeddings(unembedded)}")
        return Report(store.info(), settings.match_score, tuple(results), tuple(skipped), datetime.now(UTC))
