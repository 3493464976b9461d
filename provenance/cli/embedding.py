"""What to tell of a user's own embedding model, where one is set."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from provenance.archive.sqlite import SqliteArchive
    from provenance.settings import Settings


def images_without_embedding(store: SqliteArchive, settings: Settings) -> int | None:
    """Return how many images have no code of the model that is set; `None` if none is. Raises SettingsError."""
    if not settings.embedding_model:
        return None
    from provenance.fingerprint.embedding import VERSION, algorithm

    return store.without_code(algorithm(settings.embedding_model), VERSION)


def missing_embeddings(count: int) -> str:
    """Return the line that says what images without a code mean."""
    return (
        f"{count:,} images have no code of this embedding_model, so that it proposes none of them. "
        "`provenance add` their files or lists again to give them some."
    )
