"""The table `policy` of a settings file -> `Policy`. Every key is known, every rule there is, every reason given."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from provenance.errors import SettingsError
from provenance.model.catalogue import CATALOGUE
from provenance.model.policy import (
    REQUIRED_METADATA,
    Allowance,
    FailOn,
    FolderTerms,
    Metadata,
    Policy,
    Terms,
)
from provenance.model.results import Acceptance
from provenance.settings import check_range, converted
from provenance.settings.tables import ADVICE, Table, suggestion

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

GROUPS = {
    f"{head}xx": frozenset(rule for rule in CATALOGUE if rule.startswith(head))
    for head in dict.fromkeys(rule[:3] for rule in CATALOGUE)
}
"""The rules of each group, as policies name it: PR1xx."""

_DIGEST = re.compile("[0-9a-fA-F]{64}")


def policy_from(settings: Table, root: str, elsewhere: Collection[str]) -> Policy:
    """Return what the table `policy` among `settings` says; `root` is the folder of the file.

    Args:
        settings: the whole of the settings, in which there is a `policy`.
        root: absolute; what patterns are relative to.
        elsewhere: settings that stand above the table, for whom they slip into it.

    Raises:
        SettingsError: a key is unknown, a value wrong, or a rule does not exist.
    """
    given, prefix = settings.values["policy"], settings.name.strip("[]")
    name = f"{prefix}.policy" if prefix else "policy"
    if not isinstance(given, dict):
        raise settings.wrong("policy", f"a table: write its keys under [{name}]")
    table = Table(settings.file, f"[{name}]", given)
    table.require_known(POLICY_KEYS, dict.fromkeys(elsewhere, f"above [{name}], to the other settings"))
    return Policy(
        terms=replace(Terms(), **_terms(table)),
        folders=tuple(_folder(each) for each in table.tables("folder", f"{name}.folder")),
        allowed=tuple(_allowance(each) for each in table.tables("allow", f"{name}.allow")),
        baseline=table.text("baseline") if "baseline" in given else "",
        root=root,
    )


def _terms(table: Table) -> dict[str, Any]:
    fail, ignore = (set(table.texts(key)) if key in table.values else set() for key in ("fail", "ignore"))
    if both := sorted(fail & ignore):
        raise SettingsError(f"{table}: {', '.join(both)} cannot both fail and be ignored.", ADVICE)
    return {key: read(table, key) for key, read in TERMS.items() if key in table.values}


def _folder(table: Table) -> FolderTerms:
    table.require_known(("path", *TERMS), {})
    if "path" not in table.values:
        raise SettingsError(f"{table} has no path.", 'Say which photos it is about: path = "uploads/**".')
    return FolderTerms(_pattern(table, "path"), _terms(table))


def _allowance(table: Table) -> Allowance:
    table.require_known(ALLOWANCE_KEYS, {})
    for key in ("finding", "reason", "author"):
        if key not in table.values:
            raise SettingsError(f"{table} has no {key}.", "Say what is accepted, why, and by whom.")
    if not {"path", "sha256"} & table.values.keys():
        raise SettingsError(
            f"{table} says of no photo.",
            "Give a path or a sha256; what shall never fail anywhere goes to ignore in the policy.",
        )
    return Allowance(
        findings=_rule(table, "finding", table.text("finding")),
        acceptance=Acceptance(
            table.text("reason").strip(),
            table.text("author").strip(),
            str(table),
            _day(table, "expires") if "expires" in table.values else None,
        ),
        path=_pattern(table, "path") if "path" in table.values else "",
        sha256=_digest(table, "sha256") if "sha256" in table.values else "",
    )


def _fail_on(table: Table, key: str) -> FailOn:
    return FailOn(_one_of(table, key, table.text(key), list(FailOn)))


def _rules(table: Table, key: str) -> frozenset[str]:
    return frozenset().union(*(_rule(table, key, text) for text in table.texts(key)))


def _fail(table: Table, key: str) -> frozenset[str]:
    return _rules(table, key) | {REQUIRED_METADATA}


def _required(table: Table, key: str) -> tuple[Metadata, ...]:
    named = {_one_of(table, key, text, list(Metadata)) for text in table.texts(key)}
    return tuple(each for each in Metadata if each in named)


def _match_score(table: Table, key: str) -> float:
    value: float = converted(table.of(key), table.values[key], float)
    check_range(table.of(key), key, value)
    return value


def _rule(table: Table, key: str, text: str) -> frozenset[str]:
    """Return the rules that an id or a group names."""
    if text in CATALOGUE:
        return frozenset({text})
    if text in GROUPS:
        return GROUPS[text]
    by_name = {info.name: info.id for info in CATALOGUE.values()}
    advice = f"Its id is {by_name[text]}." if text in by_name else suggestion(text, [*CATALOGUE, *GROUPS])
    raise SettingsError(f"{table.of(key)}: there is no rule {text!r}.", advice)


def _one_of(table: Table, key: str, text: str, known: list[Any]) -> str:
    if text not in known:
        raise SettingsError(f"{table.of(key)} cannot be {text!r}.", suggestion(text, map(str, known)))
    return text


def _pattern(table: Table, key: str) -> str:
    text = table.text(key)
    if ".." in text.split("/"):
        raise table.wrong(key, "a pattern of paths below the settings file, without ..")
    return text


def _digest(table: Table, key: str) -> str:
    text = table.text(key)
    if not _DIGEST.fullmatch(text):
        raise table.wrong(key, "the SHA-256 of a photo, 64 hexadecimal digits")
    return text.lower()


def _day(table: Table, key: str) -> date:
    day = table.values[key]
    if not isinstance(day, date) or isinstance(day, datetime):
        raise table.wrong(key, "a day, without quotes: 2027-01-31")
    return day


TERMS: Mapping[str, Callable[[Table, str], Any]] = {
    "fail_on": _fail_on,
    "fail": _fail,
    "ignore": _rules,
    "require": _required,
    "match_score": _match_score,
}
"""What may differ by folder, and how it is read."""

POLICY_KEYS = (*(key for key in TERMS if key != "match_score"), "baseline", "folder", "allow")
ALLOWANCE_KEYS = ("finding", "path", "sha256", "reason", "author", "expires")
