"""The command line: parse, call, print. One file a command."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING, Any

from provenance.cli.guard import guarded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from provenance.photo.pool import Pool


KEEP_ORIGINALS = "--keep-originals"
"""The option of `add`, in one place: the first child has to know of it before the command line is parsed."""

DRY_RUN = "--dry-run"
"""Likewise: it decodes nothing."""

ILLUSTRATED = ("html", "bundle")
"""The forms of report that show pictures, likewise; `cli.outputs` has what writes them."""

CACHE = "--cache"
"""The option of `check`, likewise: where results may be recalled, no child is started before there is work for it."""

BLAS_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def main() -> None:
    """Run the command line; the `provenance` console script."""
    # Every core has a child at work already. Threads that a BLAS library adds wait for one another: a product of
    # 6 ms was seen to take seconds. They read this once, when numpy is imported.
    for name in BLAS_THREADS:
        os.environ.setdefault(name, "1")
    with guarded(), decoding_child(sys.argv[1:]) as pool:
        from provenance.cli.app import run

        run(pool)


def decoding_child(arguments: Sequence[str]) -> contextlib.AbstractContextManager[Pool[Any, Any] | None]:
    """Start the first decoding child of a command that needs one, before the command line is parsed.

    It imports numpy and Pillow, which takes as long as importing everything else: the two go side by side.
    """
    checks = arguments[:1] == ["check"] or arguments[:2] == ["baseline", "update"]
    if not (checks or arguments[:1] == ["add"]) or {"--help", DRY_RUN} & {*arguments}:
        return contextlib.nullcontext()
    from provenance import children
    from provenance.cli.inline_pictures import shown_here
    from provenance.settings import Settings

    settings = Settings.load()
    embedding_model = settings.embedding_model
    return (
        children.query_pool(
            embedding_model,
            local="--fast" not in arguments,
            trust_anchors=settings.trust_anchors,
            # More arguments than those that mean a form may hold these words; the pictures cost a millisecond a photo.
            previews=shown_here() is not None
            or any(form in argument for argument in arguments for form in ILLUSTRATED),
            eager=not settings.cache and not any(argument.startswith(CACHE) for argument in arguments),
        )
        if checks
        else children.reference_pool(embedding_model, keep_original=KEEP_ORIGINALS in arguments)
    )
