"""Which file has the settings, and what stands in it."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from provenance.errors import SettingsError
from provenance.settings import FILES, RANGES, check_range, converted, quoted
from provenance.settings.policy import POLICY_KEYS, policy_from
from provenance.settings.tables import Table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def from_files(folder: Path, kinds: Mapping[str, type]) -> dict[str, Any]:
    """Return the settings that the file in `folder` makes, each of its kind; none if there is no such file.

    Raises:
        SettingsError: both files have settings, a key is unknown, or a value is wrong.
    """
    own, project = (folder / name for name in FILES)
    table, within = _toml(own), _project(project)
    if table and within:
        raise SettingsError(
            f"Both {own} and [tool.provenance] in {project} have settings.",
            "Keep them in one place: half of them must not be passed over.",
        )
    where = Table(str(project), "[tool.provenance]", within) if within else Table(str(own), "", table)
    # In TOML, what is written after a [table] belongs to it: the commonest mistake.
    where.require_known(
        [*kinds, "policy"], dict.fromkeys(POLICY_KEYS, f"under [{'tool.provenance.' * bool(within)}policy]")
    )
    values = {key: converted(where.of(key), v, kinds[key]) for key, v in where.values.items() if key in kinds}
    for key in values.keys() & RANGES.keys():
        check_range(where.of(key), key, values[key])
    if "policy" in where.values:
        values["policy"] = policy_from(where, str(folder.absolute()), kinds)
    return values


def _project(path: Path) -> dict[str, Any]:
    """Return the table `tool.provenance` of a pyproject.toml; most of these files are not about us at all."""
    tool = _toml(path, about="provenance").get("tool")
    table = tool.get("provenance", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise SettingsError(f"{path}: tool.provenance is {quoted(table)}; it must be a table.")
    return table


def _toml(path: Path, about: str = "") -> dict[str, Any]:
    """Return what a file has; nothing if there is none, or if the word `about` is nowhere in it."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        return tomllib.loads(text) if about in text else {}
    except FileNotFoundError:
        return {}
    except RecursionError as error:
        raise SettingsError(f"{path} cannot be read: its values are nested too deeply.") from error
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"{path} cannot be read: {error}.", "Correct the file or move it away."
        ) from error
