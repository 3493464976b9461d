"""`--changed-since`: the photos of a run that changed, or all of them where what they are judged by did."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from provenance.cli.guard import say
from provenance.model.clean import clean
from provenance.settings import FILES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from provenance.ingest.changed import Changes
    from provenance.ingest.interface import Source
    from provenance.settings import Settings


def changed_sources(
    sources: Sequence[Source], revision: str | None, archive: Path, claims: Path | None, settings: Settings
) -> Sequence[Source]:
    """Return what of the sources changed since `revision`, and say how much that leaves out; all without one.

    Raises:
        UsageError: Git cannot say what changed.
    """
    if revision is None:
        return sources
    from provenance.cli.sources import collect
    from provenance.ingest.changed import ChangedSource, changes_since

    changes, photos = changes_since(revision), len(list(collect(sources, [])))
    basis = _changed_basis(changes, archive, claims, settings)
    since = clean(revision)
    if basis is not None:
        say(
            f"All {photos} photos are checked: {clean(str(basis))} changed since {since}, or Git does not know it, "
            "and photos that did not change may be judged otherwise by it."
        )
        return sources
    changed = [ChangedSource(source, changes) for source in sources]
    left = len(list(collect(changed, [])))
    say(
        f"{left} of {photos} photos changed since {since}; "
        f"{photos - left}, unchanged since then or ignored by Git, are not checked."
    )
    return changed


def _changed_basis(changes: Changes, archive: Path, claims: Path | None, settings: Settings) -> Path | None:
    """Return a file that changed and by which photos are judged.

    Archives mostly lie outside Git and grow every day; one that is kept there counts if Git knows that it changed.
    """
    named = [claims, *(Path(name) for name in (settings.policy.baseline, settings.trust_anchors) if name)]
    files = [file for file in named if file and not changes.same(file)]
    # A settings file that is gone or new changes as much as one that differs.
    settled = [file for file in map(Path, FILES) if file.exists() or changes.differs(file)]
    files += [file for file in settled if not changes.same(file)]
    files += [archive] if changes.differs(archive) else []
    return files[0] if files else None
