"""A baseline round-trips, reads well, and is refused where it is not one."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.errors import BaselineError
from provenance.ingest.baseline import baseline_text, read_baseline, upgraded
from provenance.model import Acceptance
from provenance.model.baseline import Accepted, Baseline
from provenance.model.clean import clean

ENTRY = {
    "path": "uploads/a.jpg",
    "sha256": "a" * 64,
    "finding": "PR103",
    "message": "Seen before.",
    "reason": "Our own series",
    "author": "A. Haddad",
    "expires": None,
    "added": "2026-11-28",
}
FILE = {"version": 1, "accepted": [ENTRY]}


@pytest.fixture
def read(tmp_path):
    def call(content):
        path = tmp_path / "b.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return read_baseline(path)

    return call


said = st.text(min_size=1, max_size=20).filter(str.strip)
entries = st.builds(
    Accepted,
    sha256=st.text("0123456789abcdef", min_size=64, max_size=64),
    finding=st.sampled_from(["PR103", "PR601"]),
    message=st.text(max_size=30),
    path=st.text(st.characters(), max_size=20),
    acceptance=st.builds(
        Acceptance, said, said, st.just(""), st.none() | st.dates(min_value=date(1000, 1, 1))
    ),
    added=st.dates(min_value=date(1000, 1, 1)),
)


@given(st.lists(entries, max_size=5))
def test_what_is_written_is_read_again_whatever_strangers_named_their_files(tmp_path_factory, told):
    baseline = Baseline({entry.key: entry for entry in told})
    path = tmp_path_factory.mktemp("b") / "b.json"
    path.write_text(baseline_text(baseline), encoding="utf-8")
    again = read_baseline(path)
    assert baseline_text(again) == baseline_text(baseline)
    assert set(again.entries) == set(baseline.entries)


@given(st.lists(entries, max_size=4, unique_by=lambda e: e.key))
def test_the_order_of_entries_is_their_own_not_that_of_their_coming(told):
    forth, back = (Baseline({e.key: e for e in order}) for order in (told, reversed(told)))
    assert baseline_text(forth) == baseline_text(back)


def test_letters_stay_letters_and_what_could_mislead_is_escaped(read):
    text = baseline_text(
        read({"version": 1, "accepted": [{**ENTRY, "path": "حلب\u202egpj.a", "reason": "\x1b[2J"}]})
    )
    assert "حلب\\u202egpj.a" in text
    assert "\\u001b[2J" in text
    assert all(clean(line) == line for line in text.splitlines())


def test_an_entry_says_where_it_stands_and_how_long_it_holds(read):
    (entry,) = read({"version": 1, "accepted": [{**ENTRY, "expires": "2027-01-31"}]}).entries.values()
    assert entry.acceptance.expires == date(2027, 1, 31)
    assert entry.acceptance.source.endswith("b.json, entry 1")


def without(key):
    return {k: v for k, v in ENTRY.items() if k != key}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('{"version": 1,\n"accepted": [}', "line 2"),
        ("[" * 100_000, "not JSON"),
        ([], "no JSON object"),
        ({}, "no version"),
        ({"version": True, "accepted": []}, "no version"),
        ({"version": 2, "accepted": []}, "later version"),
        ({"version": 1}, "no list"),
        ({"version": 1, "acepted": []}, "no 'acepted' here"),
        ({"version": 1, "accepted": [ENTRY, 3]}, "entry 2 is no JSON object"),
        ({"version": 1, "accepted": [{**ENTRY, "expire": None}]}, "entry 1: there is no 'expire' here"),
        ({"version": 1, "accepted": [without("author")]}, "entry 1: author is None"),
        ({"version": 1, "accepted": [{**ENTRY, "reason": "  "}]}, "entry 1: reason is '  '"),
        ({"version": 1, "accepted": [{**ENTRY, "sha256": "abc"}]}, "sha256 cannot be 'abc'"),
        ({"version": 1, "accepted": [{**ENTRY, "finding": "seen"}]}, "finding cannot be 'seen'"),
        ({"version": 1, "accepted": [{**ENTRY, "expires": "2027-02-30"}]}, "it must be a day"),
        ({"version": 1, "accepted": [{**ENTRY, "added": "today"}]}, "it must be a day"),
        ({"version": 1, "accepted": [ENTRY, ENTRY]}, "accepted twice"),
    ],
)
def test_what_is_no_baseline_is_refused_and_the_place_is_named(read, content, told):
    with pytest.raises(BaselineError, match=told):
        read(content)


def test_a_mistyped_key_gets_a_suggestion(read):
    with pytest.raises(BaselineError) as error:
        read({"version": 1, "accepted": [{**ENTRY, "expire": None}]})
    assert error.value.advice == "Did you mean 'expires'?"


def test_a_missing_file_and_a_folder_and_other_bytes_are_refused(tmp_path):
    (tmp_path / "latin.json").write_bytes(b'{"version": "\xe9"}')
    for name, told in (("none.json", "no baseline"), (".", "cannot be read"), ("latin.json", "UTF-8")):
        with pytest.raises(BaselineError, match=told):
            read_baseline(tmp_path / name)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*ENTRY, "version", "accepted"]), inner)
    ),
    max_leaves=12,
)


@given(json_values)
def test_any_json_is_a_baseline_or_refused(tmp_path_factory, value):
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_text(json.dumps(value))
    try:
        read_baseline(path)
    except BaselineError as error:
        assert "any.json" in error.message


def test_files_of_earlier_versions_go_through_each_version_between():
    steps = {1: lambda c: {**c, "one": True}, 2: lambda c: {**c, "two": c["one"]}}
    assert upgraded(Path("b.json"), {"version": 1}, steps, 3) == {"version": 3, "one": True, "two": True}
