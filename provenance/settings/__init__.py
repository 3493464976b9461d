"""One frozen `Settings`, from a TOML file and the environment. Thresholds name the run they came from.

`files` finds and reads the file, `tables` knows what may stand in it, `policy` makes a `Policy` of its table; they are
imported where there is a file, since every check starts with its settings.
"""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from provenance.errors import SettingsError
from provenance.model.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

ENVIRONMENT_PREFIX = "PROVENANCE_"
FILES = ("provenance.toml", "pyproject.toml")

NO_SETTINGS = frozenset({"archive", "debug"})
"""Variables of ours that are no settings, and must not be taken for misspelt ones ("cache")."""

LONGEST_SHOWN = 80
"""Characters of a wrong value that its error shows."""

RANGES = {
    "search_radius": (0, 255),
    "match_score": (-10.0, 80.0),
    "workers": (0, 256),
    "batch": (1, 100_000),
}
"""Least and most of each number."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be tuned. Every change is a change of behaviour: see CHANGELOG.md."""

    search_radius: int = 47
    """Bits of 256. Exact to 31, the radius of the chunk table; 98% of what lies at 47 comes at no further
    cost (tests/benchmarks/hamming_lookup.py, docs/hamming-lookup.md)."""

    match_score: float = 3.0
    """Least score of a match: at most one accidental match is expected in 10**3 checks
    (tests/benchmarks/global_hashes.py, docs/global-hashes.md)."""

    workers: int = 0
    """Child processes that decode; 0 means one a core."""

    batch: int = 256
    """Photos an `add` commits at once: what a kill can cost."""

    embedding_model: str = ""
    """The path of an ONNX file, from the working directory: a model whose embeddings propose further candidates
    (`provenance.fingerprint.embedding`). None is shipped, and none is used unless one is named here."""

    trust_anchors: str = ""
    """The path of a PEM file, from the working directory: the certificates whose signers of Content Credentials are
    trusted, instead of the list that is shipped (docs/content-credentials.md)."""

    user: str = ""
    """Whose name the custody log tells (docs/custody.md); empty for the name of the operating system's user."""

    cache: str = ""
    """The path of a folder, from the working directory, in which results are kept, to be recalled while nothing that
    they rest on has changed (docs/recheck.md). Nothing is kept unless one is named."""

    policy: Policy = field(default_factory=Policy)
    """Which findings fail a run, where, what is required and what is accepted (docs/policy.md); in the file only."""

    def __post_init__(self) -> None:
        for name in RANGES:
            check_range(name, name, getattr(self, name))

    @property
    def worker_count(self) -> int:
        """Child processes to start: as set, else one for each core that this process may use."""
        if self.workers:
            return self.workers
        if hasattr(os, "sched_getaffinity"):
            return len(os.sched_getaffinity(0))
        return os.cpu_count() or 1

    def least_score(self, path: str) -> float:
        """Return the least score of a match of the photo at `path`: its folder's, else that of all."""
        of_folder = self.policy.of(path).match_score
        return self.match_score if of_folder is None else of_folder

    @classmethod
    def load(cls, folder: Path | None = None, environment: Mapping[str, str] = os.environ) -> Self:
        """Read the settings file in `folder` (default: here), then `PROVENANCE_*` variables, which win.

        The file is `provenance.toml`, or `pyproject.toml` if that has a table `tool.provenance`.

        Raises:
            SettingsError: both have settings, a key is unknown, or a value is wrong.
        """
        folder = folder or Path()
        kinds = {f.name: type(f.default) for f in dataclasses.fields(cls) if f.name != "policy"}
        values: dict[str, Any] = {}
        if any((folder / name).exists() for name in FILES):
            from provenance.settings.files import from_files  # noqa: PLC0415 - most runs have none

            values = from_files(folder, kinds)
        for key, value in _from_environment(environment, kinds).items():
            where = f"The variable {ENVIRONMENT_PREFIX}{key.upper()}"
            if key not in kinds:
                from provenance.settings.tables import suggestion  # noqa: PLC0415 - for mistakes only

                raise SettingsError(f"{where} is no setting.", suggestion(key, kinds))
            values[key] = converted(where, value, kinds[key])
        return cls(**values)


def check_range(where: str, name: str, value: float) -> None:
    """Raise SettingsError where a number lies outside the range of the setting `name`; `where` is what errors say."""
    least, most = RANGES[name]
    if not least <= value <= most:
        raise SettingsError(
            f"{where} is {quoted(value)}; it must lie between {least} and {most}.",
            "Correct it in the settings.",
        )


def quoted(value: object) -> str:
    """Return a value as errors show it: in one line, cut short, whatever it is."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # a number of thousands of digits, tables in tables in tables
        return "too large to show"
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"


def _from_environment(environment: Mapping[str, str], known: Collection[str]) -> dict[str, Any]:
    """Return our variables and those that seem to be meant so; build systems have `PROVENANCE_*` of their own."""
    ours = {
        name.removeprefix(ENVIRONMENT_PREFIX).lower(): value
        for name, value in environment.items()
        if name.startswith(ENVIRONMENT_PREFIX)
        and name.removeprefix(ENVIRONMENT_PREFIX).lower() not in NO_SETTINGS
    }
    if not ours:
        return {}
    import difflib  # noqa: PLC0415 - a check starts with its settings, and mostly without variables

    return {key: value for key, value in ours.items() if difflib.get_close_matches(key, known, n=1)}


def converted(where: str, value: object, kind: type) -> Any:
    """Return a value as its setting has it; numbers may come as text, for variables are nothing else.

    Raises:
        SettingsError: it is of another kind; `where` says what of.
    """
    accepted = str if kind is str else str | int | float
    if isinstance(value, accepted) and not isinstance(value, bool):
        try:
            number = kind(value)
        except (ValueError, OverflowError):
            pass
        else:
            if number == value or isinstance(value, str):
                return number
    wanted = {str: "text", int: "a whole number", float: "a number"}[kind]
    raise SettingsError(f"{where} is {quoted(value)}; it must be {wanted}.", "Correct it in the settings.")
