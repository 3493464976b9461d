"""One run of a check, whoever asks for it: `check` itself, a baseline, a replay."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from provenance.cli.guard import say
from provenance.cli.options import parse_date
from provenance.counterparts import Drawn
from provenance.model import Claim, Report, Result
from provenance.model.clean import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from provenance.archive.sqlite import SqliteArchive
    from provenance.examine import QueryExam
    from provenance.ingest.claims import Claims
    from provenance.ingest.interface import Source
    from provenance.model import Skipped, Submission
    from provenance.photo.pool import Pool
    from provenance.pipeline import Pictured
    from provenance.settings import Settings


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a run."""

    sources: Sequence[Source]
    archive: Path
    settings: Settings
    claims: Path | Claims | None = None
    """What is claimed of each photo, or a file that says it."""
    said: Claim = Claim()  # noqa: RUF009 - a frozen value
    """What is claimed of every photo that the file does not name."""
    fast: bool = False
    cache: Path | None = None
    """Where results of earlier runs are; they are recalled where no picture is asked for."""
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
    from provenance.children import comparison_pool
    from provenance.cli.embedding import images_without_embedding, missing_embeddings
    from provenance.cli.progress import progress
    from provenance.cli.sources import collect, count
    from provenance.counterparts import confronting_pool

    def check_rest(submissions: Iterable[Submission]) -> Iterator[Result | Skipped]:
        from provenance.pipeline import Children, check  # not needed where all is recalled

        return check(
            Children(*pools),
            submissions,
            store,
            claims=claimed,
            settings=settings,
            on_pictures=lambda pictured: on_pictures(store, pictured),
        )

    settings = request.settings
    with contextlib.ExitStack() as stack:
        pools: list[Pool[Any, Any]] = [pool]
        if not request.fast:
            pools.append(stack.enter_context(comparison_pool(eager=request.cache is None)))
            pools.append(stack.enter_context(confronting_pool(request.drawn)))
        store = stack.enter_context(SqliteArchive.reading(request.archive))
        claimed = _claims(request)
        skipped = list(claimed.skipped)
        results: list[Result] = []
        with progress("Checking", count(request.sources)) as step:
            for outcome in _known_or(check_rest, request, store, collect(request.sources, skipped), claimed):
                if isinstance(outcome, Result):
                    results.append(outcome)
                else:
                    skipped.append(outcome)
                step()
        unembedded = None if request.fast else images_without_embedding(store, settings)
        if unembedded:
            say(f"{clean(str(request.archive))}: {missing_embeddings(unembedded)}")
        return Report(
            store.info(),
            settings.match_score,
            tuple(results),
            tuple(skipped),
            datetime.now(UTC),
            settings.policy.folder_scores(),
        )


def _claims(request: Request) -> Claims:
    from provenance.ingest.claims import Claims, read_claims

    default = request.said if request.said != Claim() else None
    if request.claims is None:
        return Claims(default=default)
    if isinstance(request.claims, Claims):
        return request.claims
    return read_claims(request.claims, parse_date, default)


def _known_or(
    check_rest: Callable[[Iterable[Submission]], Iterator[Result | Skipped]],
    request: Request,
    store: SqliteArchive,
    submissions: Iterable[Submission],
    claims: Claims,
) -> Iterator[Result | Skipped]:
    """Yield what came of each photo: recalled where a cache is asked for and has it, else checked."""
    if request.cache is None:
        yield from check_rest(submissions)
        return
    from provenance.circumstances import circumstances
    from provenance.recall import Recall, context_of, recalled

    rests_on = circumstances(request.settings, fast=request.fast)
    recall = Recall(request.cache, context_of(rests_on, store.info(), store.newest()))
    # Results are kept without pictures. A page can do without the thumbnail of a photo of which nothing is found.
    files, pages = (bool(request.drawn & each) for each in (Drawn.FILES, Drawn.PAGES))
    yield from recalled(
        recall,
        submissions,
        claims,
        check_rest,
        terms=lambda submission: _terms(request.settings, submission.path),
        serves=lambda result: not files and not (pages and result.matches),
    )
    if recall.trouble:
        say(f"Results cannot be kept in {clean(str(request.cache))}: {clean(recall.trouble)}.")


def _terms(settings: Settings, path: str) -> str:
    """Return what a policy asks of one photo that its result rests on; the rest is said of results afterwards."""
    return f"{settings.least_score(path)} {' '.join(sorted(settings.policy.of(path).require))}"
