"""Files written whole or not at all."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING

from provenance.errors import ProvenanceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; into what is no plain file, such as /dev/stdout, directly.

    Raises:
        ProvenanceError: it cannot be written.
    """
    write_pieces(path, [content])


def write_pieces(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file of many pieces, likewise; they are never all in memory. Raises ProvenanceError."""
    with whole_file(path) as file:
        file.writelines(pieces)


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that is there only once it is whole, likewise. Raises ProvenanceError."""
    unfinished: Path | None = None
    try:
        if path.is_symlink() or (path.exists() and not path.is_file()):
            with path.open("wb") as file:
                yield file
            return
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as temporary:
            unfinished = Path(temporary.name)
            yield temporary
        unfinished.chmod(0o644)
        unfinished.replace(path)
        unfinished = None
    except OSError as error:
        raise ProvenanceError(
            f"{path} cannot be written: {error.strerror}.", "Check its folder's permissions and space."
        ) from error
    finally:
        if unfinished:
            unfinished.unlink(missing_ok=True)
