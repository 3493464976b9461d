"""The catalogue names every rule, and only rules that there are."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from provenance.model import CATALOGUE
from provenance.verdict.pairs import PAIR
from provenance.verdict.rules import RULES

DOCUMENTED = Path(__file__).parents[2] / "docs" / "what-is-checked.md"


def ids_in(text: str) -> set[str]:
    return set(re.findall(r"\bPR\d{3}\b", text))


def test_every_rule_is_in_the_catalogue_and_the_catalogue_has_no_other():
    told = {found for rule in (*RULES, *PAIR) for found in ids_in(inspect.getsource(inspect.getmodule(rule)))}
    assert told == set(CATALOGUE)


def test_every_rule_is_documented():
    assert ids_in(DOCUMENTED.read_text(encoding="utf-8")) >= set(CATALOGUE)


def test_names_are_distinct_and_titles_are_one_sentence_without_full_stop():
    assert len({info.name for info in CATALOGUE.values()}) == len(CATALOGUE)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", info.name) for info in CATALOGUE.values())
    assert not [info.id for info in CATALOGUE.values() if "." in info.title]
