"""One frozen `Settings`, from a TOML file and the environment. Thresholds name the run they came from."""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from provenance.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

FILE_NAME = "provenance.toml"
ENVIRONMENT_PREFIX = "PROVENANCE_"

NO_SETTINGS = frozenset({"archive", "debug"})
"""Variables of ours that are no settings, and must not be taken for misspelt ones ("cache")."""


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

    cache: str = ""
    """The path of a folder, from the working directory, in which results are kept, to be recalled while nothing that
    they rest on has changed (docs/recheck.md). Nothing is kept unless one is named."""

    def __post_init__(self) -> None:
        for name, least, most in (
            ("search_radius", 0, 255),
            ("match_score", -10.0, 80.0),
            ("workers", 0, 256),
            ("batch", 1, 100_000),
        ):
            value = getattr(self, name)
            if not least <= value <= most:
                raise SettingsError(
                    f"{name} is {value}; it must lie between {least} and {most}.",
                    "Correct it in the settings.",
                )

    @property
    def worker_count(self) -> int:
        """Child processes to start: as set, else one for each core that this process may use."""
        if self.workers:
            return self.workers
        if hasattr(os, "sched_getaffinity"):
            return len(os.sched_getaffinity(0))
        return os.cpu_count() or 1

    @classmethod
    def load(cls, folder: Path | None = None, environment: Mapping[str, str] = os.environ) -> Self:
        """Read `provenance.toml` in `folder` (default: here), then `PROVENANCE_*` variables, which win.

        Raises:
            SettingsError: for an unknown key or a value of the wrong type.
        """
        known = {field.name: type(field.default) for field in dataclasses.fields(cls)}
        values = _from_toml((folder or Path()) / FILE_NAME) | _from_environment(environment, known)
        for key, value in values.items():
            if key not in known:
                import difflib  # noqa: PLC0415 - for mistakes only; a check starts with its settings

                near = difflib.get_close_matches(key, known, n=1)
                hint = f"Did you mean {near[0]!r}?" if near else f"Known settings: {', '.join(known)}."
                raise SettingsError(f"There is no setting {key!r}.", hint)
            values[key] = _converted(key, value, known[key])
        return cls(**values)


def _from_toml(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    import tomllib  # noqa: PLC0415 - most runs have no settings file

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(
            f"{path} cannot be read: {error}.", "Correct the file or move it away."
        ) from error


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


def _converted(key: str, value: object, kind: type) -> Any:
    """Return a value as its setting has it; numbers may come as text, for variables are nothing else."""
    accepted = str if kind is str else str | int | float
    if isinstance(value, accepted) and not isinstance(value, bool):
        try:
            return kind(value)
        except ValueError:
            pass
    wanted = "text" if kind is str else "a number"
    raise SettingsError(f"{key} is {value!r}; it must be {wanted}.", "Correct it in the settings.")
