"""The file of accepted findings: JSON, one entry a finding, in an order that keeps changes small and readable."""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import date
from typing import TYPE_CHECKING, Any

from provenance.errors import BaselineError
from provenance.model import Acceptance
from provenance.model.baseline import Accepted, Baseline
from provenance.model.clean import DANGEROUS
from provenance.settings.tables import suggestion

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from provenance.model.baseline import Key

VERSION = 1

UPGRADES: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""From the whole of a file of each earlier version to that of the next."""

REQUIRED = ("path", "sha256", "finding", "message", "reason", "author", "added")
OPTIONAL = ("expires",)
_BLANK = frozenset({"path", "message"})
"""What may be blank."""

_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DIGEST = re.compile("[0-9a-f]{64}")
_RULE = re.compile("PR[0-9]{3}")


def read_baseline(path: Path) -> Baseline:
    """Read a baseline.

    Raises:
        BaselineError: there is no such file, or it is not a baseline that this version can read.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise BaselineError(
            f"There is no baseline {path}.", "`provenance baseline update` writes it; or correct the policy."
        ) from error
    except OSError as error:
        raise BaselineError(f"{path} cannot be read: {error.strerror}.", "Check the path.") from error
    except UnicodeDecodeError as error:
        raise BaselineError(f"{path} is not UTF-8 text.", "Take it back from its history.") from error
    except (ValueError, RecursionError) as error:
        raise BaselineError(
            f"{path} is not JSON: {error}.", "Correct that line, or take it back from its history."
        ) from error
    entries: dict[Key, Accepted] = {}
    for number, value in enumerate(_listed(path, content), 1):
        entry = _entry(f"{path}, entry {number}", value)
        if entry.key in entries:
            raise BaselineError(
                f"{path}, entry {number}: {entry.finding} of {entry.path} is accepted twice.", "Remove one."
            )
        entries[entry.key] = entry
    return Baseline(entries)


def baseline_text(baseline: Baseline) -> str:
    """Return the file's text: sorted by path, then by photo and finding; what could mislead a reader is escaped."""
    entries = sorted(baseline.entries.values(), key=lambda e: (e.path, *e.key))
    values = [
        {
            "path": e.path,
            "sha256": e.sha256,
            "finding": e.finding,
            "message": e.message,
            "reason": e.acceptance.reason,
            "author": e.acceptance.author,
            "expires": e.acceptance.expires and e.acceptance.expires.isoformat(),
            "added": e.added.isoformat(),
        }
        for e in entries
    ]
    text = json.dumps({"version": VERSION, "accepted": values}, ensure_ascii=False, indent=2)
    return "".join(map(_harmless, text)) + "\n"


def upgraded(
    path: Path,
    content: dict[str, Any],
    upgrades: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = UPGRADES,
    version: int = VERSION,
) -> dict[str, Any]:
    """Return what a file of an earlier version has, as `version` has it.

    Raises:
        BaselineError: it is of no version, or of a later one.
    """
    given = content.get("version")
    if not isinstance(given, int) or isinstance(given, bool) or given < 1:
        raise BaselineError(f"{path} names no version of baselines: {given!r}.", "Is it the right file?")
    if given > version:
        raise BaselineError(f"{path} was written by a later version of provenance.", "Update provenance.")
    for each in range(given, version):
        content = {**upgrades[each](content), "version": each + 1}
    return content


def _listed(path: Path, content: Any) -> list[Any]:
    if not isinstance(content, dict):
        raise BaselineError(f"{path} is not a baseline: it is no JSON object.", "Is it the right file?")
    content = upgraded(path, content)
    _require_known(str(path), content, ("version", "accepted"))
    accepted = content.get("accepted")
    if not isinstance(accepted, list):
        raise BaselineError(f"{path} is not a baseline: it has no list accepted.", "Is it the right file?")
    return accepted


def _entry(where: str, value: Any) -> Accepted:
    if not isinstance(value, dict):
        raise BaselineError(f"{where} is no JSON object.", "Correct it, or write it with `baseline update`.")
    _require_known(where, value, (*REQUIRED, *OPTIONAL))
    for key in REQUIRED:
        if not isinstance(value.get(key), str) or not (value[key].strip() or key in _BLANK):
            raise BaselineError(f"{where}: {key} is {value.get(key)!r}; it must be text.", "Fill it in.")
    for key, shape in (("sha256", _DIGEST), ("finding", _RULE)):
        if not shape.fullmatch(value[key]):
            raise BaselineError(f"{where}: {key} cannot be {value[key]!r}.", "Take it from a JSON report.")
    expires = value.get("expires")
    return Accepted(
        sha256=value["sha256"],
        finding=value["finding"],
        message=value["message"],
        path=value["path"],
        acceptance=Acceptance(
            value["reason"],
            value["author"],
            where,
            None if expires is None else _day(where, "expires", expires),
        ),
        added=_day(where, "added", value["added"]),
    )


def _require_known(where: str, value: dict[str, Any], known: tuple[str, ...]) -> None:
    for key in value:
        if key not in known:
            raise BaselineError(f"{where}: there is no {key!r} here.", suggestion(key, known))


def _day(where: str, key: str, text: Any) -> date:
    try:
        if isinstance(text, str) and _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise BaselineError(f"{where}: {key} is {text!r}; it must be a day.", "Write it like 2027-01-31.")


def _harmless(character: str) -> str:
    if character == "\n" or unicodedata.category(character) not in DANGEROUS:
        return character
    return json.dumps(character)[1:-1]
