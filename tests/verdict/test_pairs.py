"""What `compare` says of two files beyond the rules on alteration."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provenance.model import ChangeOutcome, Evidence, Kind, Level, Verdict
from provenance.verdict.altered import ALTERED
from provenance.verdict.case import Case
from provenance.verdict.decide import decide, findings
from provenance.verdict.pairs import PAIR


def told(*matches, scenes=()):
    return findings(Case(matches, 1, scenes=scenes), PAIR)


def test_the_same_bytes_are_a_note_and_all_that_is_said(matched):
    (finding,) = told(matched(kind=Kind.IDENTICAL))
    assert (finding.id, finding.level) == ("PR200", Level.NOTE)
    assert finding.message == "The two files are the same, byte for byte."
    assert finding.evidence == (Evidence("step", "identical bytes", "old.jpg", f"SHA-256 {'a' * 64}"),)
    assert decide([finding]) is Verdict.NOTHING_FOUND


def test_two_files_of_which_neither_shows_the_other_stay_open():
    (finding,) = told()
    assert (finding.id, finding.level) == ("PR208", Level.WARNING)
    assert finding.message == (
        "No part of one photo was found in the other: whether one was made from the other cannot be told."
    )
    assert "larger version" in finding.settle
    assert decide([finding]) is Verdict.INCONCLUSIVE


def test_two_photos_of_one_scene_are_said_to_show_no_alteration_and_stay_open(matched):
    (finding,) = told(scenes=(matched(kind=Kind.SAME_SCENE),))
    assert (finding.id, finding.level) == ("PR208", Level.WARNING)
    assert finding.message == (
        "These look like two photos of one scene. Neither was made from the other, so what differs shows no "
        "alteration."
    )
    assert finding.settle
    assert decide([finding]) is Verdict.INCONCLUSIVE


@pytest.mark.parametrize("outcome", ChangeOutcome)
def test_a_copy_is_told_by_the_rules_on_alteration_alone_whatever_came_of_it(compared, region, outcome):
    match = compared(region(), outcome=outcome)
    if outcome is not ChangeOutcome.COMPARED:
        match = replace(match, alteration=replace(match.alteration, regions=(), area=0.0))
    found = told(match)
    assert found == findings(Case((match,), 1), ALTERED)
    assert [f.id for f in found] == ["PR200", "PR201" if outcome is ChangeOutcome.COMPARED else "PR207"]


def test_the_note_on_the_whole_is_written_once_for_any_pair(compared, matched):
    for match in (compared(), matched(kind=Kind.IDENTICAL), compared(same_pixels=True)):
        assert [f.id for f in told(match)].count("PR200") == 1
