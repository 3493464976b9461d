"""Patterns describe the paths that a shell's would, and folders change what holds key by key."""

from __future__ import annotations

import glob
import itertools
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.model import FailOn, FolderTerms, Metadata, Policy, Terms
from provenance.model.globs import glob_matches, placed

NAMES = ("a", "ab", ".a", "b.jpg")
PATHS = ["/".join(names) for depth in (1, 2, 3) for names in itertools.product(NAMES, repeat=depth)]


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A folder with a file `x` at every path, so that patterns which end in `x` find files only."""
    root = tmp_path_factory.mktemp("tree")
    for path in PATHS:
        (root / path).mkdir(parents=True, exist_ok=True)
        (root / path / "x").touch()
    (root / "x").touch()
    return root


@given(parts=st.lists(st.sampled_from(["**", "*", "a*", "?b", "[ab]*", ".a", "ab", "b.*", "."]), max_size=5))
def test_patterns_mean_what_the_standard_librarys_mean_on_a_disk(tree, parts):
    pattern = "/".join([*parts, "x"])
    found = glob.glob(pattern, root_dir=tree, recursive=True, include_hidden=True)  # noqa: PTH207 - pathlib leaves out what is hidden
    expected = {os.path.normpath(path) for path in found}
    assert {p for p in ["x", *(f"{p}/x" for p in PATHS)] if glob_matches(pattern, p)} == expected


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("uploads/agency/**", "uploads/agency/2024/a.jpg", True),
        ("uploads/agency/**", "uploads/agency-2/a.jpg", False),
        ("uploads/agency/", "uploads/agency/2024/a.jpg", True),
        ("./uploads//agency/*", "uploads/agency/a.jpg", True),
        ("uploads/*", "uploads/agency/a.jpg", False),
        ("uploads/agency", "uploads/agency/a.jpg", False),
        ("**/*.jpg", "a.jpg", True),
        ("**", "any/where/at/all.png", True),
        ("*.jpg", "A.JPG", False),
        ("uploads/[!a]*", "uploads/b.jpg", True),
        ("/mnt/in/**", "/mnt/in/a.jpg", True),
        ("mnt/in/**", "/mnt/in/a.jpg", False),
        ("uploads/[", "uploads/[", True),
    ],
)
def test_a_pattern_describes_the_whole_path(pattern, path, matches):
    assert glob_matches(pattern, path) is matches


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_may_stand_as_pattern_and_as_path(pattern, path):
    assert glob_matches(pattern, path) in {True, False}


def test_many_stars_take_no_time_that_grows_with_their_combinations():
    assert not glob_matches("/".join(["**", "a*"] * 40) + "/x", "/".join(["ab"] * 200) + "/y")


@pytest.mark.skipif(os.name == "nt", reason="paths of POSIX")
@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ("uploads/a.jpg", "uploads/a.jpg"),
        ("./uploads//a.jpg", "uploads/a.jpg"),
        ("/desk/uploads/a.jpg", "uploads/a.jpg"),
        ("uploads/agency/../series/a.jpg", "uploads/series/a.jpg"),
        ("../desk/uploads/a.jpg", "uploads/a.jpg"),
        ("/elsewhere/a.jpg", "/elsewhere/a.jpg"),
        ("../a.jpg", "/a.jpg"),
        ("/desk-2/a.jpg", "/desk-2/a.jpg"),
    ],
)
def test_a_path_is_seen_from_the_folder_of_the_policy_however_it_is_given(given, seen):
    assert placed(given, "/desk") == seen


def test_without_a_folder_relative_paths_stay_relative():
    assert placed("./uploads/a.jpg", "") == "uploads/a.jpg"


POLICY = Policy(
    Terms(ignore=frozenset({"PR107"}), require=(Metadata.CREDIT,)),
    (
        FolderTerms("uploads/**", {"fail_on": FailOn.WARNING, "match_score": 5.0}),
        FolderTerms("uploads/agency/**", {"require": (), "match_score": 8.0}),
    ),
    root="/desk",
)


def test_every_folder_that_describes_a_photo_changes_only_what_it_names_and_the_last_wins():
    assert POLICY.of("a.jpg") == POLICY.terms
    uploads = Terms(FailOn.WARNING, ignore=frozenset({"PR107"}), require=(Metadata.CREDIT,), match_score=5.0)
    assert POLICY.of("./uploads/a.jpg") == uploads
    assert POLICY.of("/desk/uploads/agency/a.jpg") == Terms(
        FailOn.WARNING, ignore=frozenset({"PR107"}), match_score=8.0
    )


def test_a_level_of_the_command_line_wins_in_every_folder_and_never_lets_nothing_fail():
    stricter, never = POLICY.with_fail_on(FailOn.NOTE), POLICY.with_fail_on(FailOn.NEVER)
    for path in ("a.jpg", "uploads/a.jpg", "uploads/agency/a.jpg"):
        assert stricter.of(path).fail_on is FailOn.NOTE
        assert stricter.of(path).fail == POLICY.of(path).fail
        assert (never.of(path).fail_on, never.of(path).fail) == (FailOn.NEVER, frozenset())
    assert never.of("uploads/a.jpg").match_score == 5.0
