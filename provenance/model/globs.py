"""Patterns of paths, as policies have them: `uploads/agency/**`."""

from __future__ import annotations

import os.path
from pathlib import PurePath

ANY_DEPTH = "**"


def placed(path: str, root: str) -> str:
    """Return a path as seen from the folder `root`, with `/` between its parts; absolute where it lies elsewhere.

    `.`, `..` and doubled separators are resolved by name alone. With an empty `root` relative paths stay relative.
    """
    whole = PurePath(os.path.normpath(os.path.join(root, path)))  # noqa: PTH118 - by name alone, on no disk
    if root and whole.is_relative_to(root):
        whole = whole.relative_to(root)
    return whole.as_posix()


def glob_matches(pattern: str, path: str) -> bool:
    """Return whether `pattern` describes the whole of `path`, both with `/` between their parts; case counts.

    `*`, `?` and `[...]` stand for characters of one part, `**` alone in a part for any number of parts, also none.
    Names that begin with a dot are no exception. A pattern that ends in `/` means everything below it.
    """
    from fnmatch import fnmatchcase  # noqa: PLC0415 - most runs have no patterns

    parts = _parts(pattern)
    # Before each part of the path: how many parts of the pattern may have been used up.
    reached = _passing({0}, parts)
    for name in path.split("/"):
        used = {
            at if parts[at] == ANY_DEPTH else at + 1
            for at in reached
            if at < len(parts) and (parts[at] == ANY_DEPTH or fnmatchcase(name, parts[at]))
        }
        reached = _passing(used, parts)
    return len(parts) in reached


def _parts(pattern: str) -> list[str]:
    """Return the parts of a pattern, without those that change nothing; an absolute one begins with an empty one."""
    whole = pattern + ANY_DEPTH if pattern.endswith("/") else pattern
    parts = [part for at, part in enumerate(whole.split("/")) if part != "." and (part or at == 0)]
    return [part for at, part in enumerate(parts) if not (at and part == parts[at - 1] == ANY_DEPTH)]


def _passing(reached: set[int], parts: list[str]) -> set[int]:
    """Return the places reached, and those behind a `**` that stands for nothing."""
    return reached | {at + 1 for at in reached if at < len(parts) and parts[at] == ANY_DEPTH}
