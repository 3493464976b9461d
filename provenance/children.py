"""The pools of children that `add` and `check` work with: what runs in them, and what they import before that."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from provenance.examine import check_trust, compare_candidates, examine_query, examine_reference
from provenance.photo.pool import Pool

if TYPE_CHECKING:
    from provenance.examine import Comparison, QueryExam, ReferenceExam
    from provenance.model import Match, Submission


def load_query_tools(*, local: bool, embedding_model: str = "", trust_anchors: str = "") -> None:
    """Import what `examine_query` needs; a child does so while the parent still opens the archive.

    Raises:
        SettingsError: `embedding_model` or `trust_anchors` cannot be used.
    """
    import_module("provenance.fingerprint")
    import_module("provenance.photo.decode")
    import_module("provenance.evidence.file_facts")
    import_module("provenance.evidence.metadata")
    import_module("provenance.evidence.structure")
    check_trust(trust_anchors)
    if local:
        from provenance.fingerprint.local import set_up

        set_up()
    if local and embedding_model:
        from provenance.fingerprint.embedding import embedder

        embedder(embedding_model)


def load_reference_tools(*, embedding_model: str = "") -> None:
    """Import what `examine_reference` needs; imagehash would load scipy at its first photo.

    Raises:
        SettingsError: `embedding_model` cannot be used.
    """
    load_query_tools(local=True, embedding_model=embedding_model)
    import_module("imagehash")
    import_module("scipy.fftpack")


def load_comparison_tools() -> None:
    """Import what `compare_candidates` needs."""
    import_module("provenance.compare.kinds")
    import_module("provenance.photo.preview")
    from provenance.fingerprint.codebook import codebook

    codebook()


def reference_pool(
    embedding_model: str = "", *, keep_original: bool = False
) -> Pool[Submission, ReferenceExam]:
    """Return the children that examine photos for `add`; enter it before opening the archive."""
    return Pool(
        partial(examine_reference, embedding_model=embedding_model, keep_original=keep_original),
        warm=partial(load_reference_tools, embedding_model=embedding_model),
        weigh=_original_bytes,
    )


def _original_bytes(exam: ReferenceExam) -> int:
    return len(exam.image.original)


def query_pool(
    embedding_model: str = "",
    *,
    local: bool,
    trust_anchors: str = "",
    previews: bool = False,
    eager: bool = True,
) -> Pool[Submission, QueryExam]:
    """Return the children that examine photos for `check`; enter it before opening the archive, if `eager`."""
    return Pool(
        partial(
            examine_query,
            local=local,
            embedding_model=embedding_model,
            trust_anchors=trust_anchors,
            previews=previews,
        ),
        warm=partial(
            load_query_tools, local=local, embedding_model=embedding_model, trust_anchors=trust_anchors
        ),
        eager=eager,
    )


def comparison_pool(*, eager: bool = True) -> Pool[Comparison | None, tuple[Match, ...]]:
    """Return the children that compare queries with candidates; enter it before opening the archive, if `eager`."""
    return Pool(compare_candidates, warm=load_comparison_tools, eager=eager)
