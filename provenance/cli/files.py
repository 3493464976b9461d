"""Files written whole or not at all."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.errors import ProvenanceError

if TYPE_CHECKING:
    from collections.abc import Iterable


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; into what is no plain file, such as /dev/stdout, directly.

    Raises:
        ProvenanceError: it cannot be written.
    """
    write_pieces(path, [content])


def write_pieces(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file of many pieces, likewise; they are never all in memory. Raises ProvenanceError."""
    try:
        if path.is_symlink() or (path.exists() and not path.is_file()):
            with path.open("wb") as file:
                file.writelines(pieces)
            return
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as temporary:
            temporary.writelines(pieces)
        Path(temporary.name).chmod(0o644)
        Path(temporary.name).replace(path)
    except OSError as error:
        raise ProvenanceError(
            f"{path} cannot be written: {error.strerror}.", "Check its folder's permissions and space."
        ) from error
