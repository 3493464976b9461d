"""What fails, what is accepted, and what a run tells its caller."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from provenance.errors import ExitCode
from provenance.model import (
    Acceptance,
    Allowance,
    FailOn,
    Finding,
    FolderTerms,
    Level,
    Policy,
    Result,
    Skipped,
    Terms,
)
from provenance.model.baseline import Accepted, Baseline
from provenance.verdict.decide import decide
from provenance.verdict.policy import lapsed, outcome, under, updated

TODAY = date(2026, 11, 28)
SEEN = Finding("PR103", Level.ERROR, "Seen before: in the paper.")
MIRRORED = Finding("PR203", Level.WARNING, "Left and right are exchanged.")
UNKNOWN_DATE = Finding("PR106", Level.WARNING, "Seen before, but nothing to hold against the claim.")
SCENE = Finding("PR107", Level.NOTE, "Another photo of the scene.")
NO_CREDIT = Finding("PR601", Level.WARNING, "No credit.")
NOBODY = Baseline()


def result(*findings, path="uploads/a.jpg", sha256="a" * 64):
    return Result(path, sha256, decide(findings), findings, ())


def acceptance(reason="our own", expires=None):
    return Acceptance(reason, "A. Haddad", "somewhere", expires)


def baseline(*entries):
    return Baseline({entry.key: entry for entry in entries})


def entry(finding, *, path="uploads/a.jpg", sha256="a" * 64, **said):
    return Accepted(sha256, finding.id, finding.message, path, acceptance(**said), date(2026, 1, 1))


def failing(policy, *findings):
    return {f.id for f in under(policy, NOBODY, result(*findings), TODAY).findings if f.fails}


@pytest.mark.parametrize(
    ("fail_on", "expected"),
    [
        ("error", {"PR103"}),
        ("warning", {"PR103", "PR203"}),
        ("note", {"PR103", "PR203", "PR107"}),
        ("never", set()),
    ],
)
def test_a_level_and_all_above_it_fail(fail_on, expected):
    assert failing(Policy(Terms(FailOn(fail_on))), SEEN, MIRRORED, SCENE) == expected


def test_a_rule_fails_by_its_id_whatever_its_level_and_ignoring_wins():
    assert failing(Policy(Terms(FailOn.NEVER, frozenset({"PR107"}))), SEEN, SCENE) == {"PR107"}
    ignoring = Terms(FailOn.NOTE, frozenset({"PR107"}), frozenset({"PR107", "PR103"}))
    assert failing(Policy(ignoring), SEEN, MIRRORED, SCENE) == {"PR203"}


def test_required_metadata_fails_because_it_is_required_unless_the_command_line_says_never():
    assert failing(Policy(), NO_CREDIT) == {"PR601"}
    assert failing(Policy(Terms(FailOn.NEVER)), NO_CREDIT) == {"PR601"}
    assert failing(Policy().with_fail_on(FailOn.NEVER), NO_CREDIT) == set()


def test_a_folder_has_its_own_level():
    policy = Policy(folders=(FolderTerms("uploads/**", {"fail_on": FailOn.WARNING}),))
    inside, outside = (
        under(policy, NOBODY, result(MIRRORED, path=p), TODAY) for p in ("uploads/a.jpg", "b.jpg")
    )
    assert inside.findings[0].fails
    assert not outside.findings[0].fails


def test_the_verdict_is_never_changed():
    allowed = Policy(allowed=(Allowance(frozenset({"PR103"}), acceptance(), "**"),))
    before = result(SEEN, SCENE)
    after = under(allowed, NOBODY, before, TODAY)
    assert (after.verdict, after.ratings) == (before.verdict, before.ratings)
    assert [(f.id, f.accepted is not None) for f in after.findings] == [("PR103", True), ("PR107", False)]


@pytest.mark.parametrize(
    ("allowance", "accepted"),
    [
        (Allowance(frozenset({"PR103"}), acceptance(), path="uploads/**"), True),
        (Allowance(frozenset({"PR103"}), acceptance(), path="series/**"), False),
        (Allowance(frozenset({"PR103"}), acceptance(), sha256="a" * 64), True),
        (Allowance(frozenset({"PR103"}), acceptance(), sha256="b" * 64), False),
        (Allowance(frozenset({"PR103"}), acceptance(), path="series/**", sha256="a" * 64), False),
        (Allowance(frozenset({"PR102"}), acceptance(), path="**"), False),
        (Allowance(frozenset({"PR103"}), acceptance(expires=TODAY), path="**"), True),
        (Allowance(frozenset({"PR103"}), acceptance(expires=TODAY - timedelta(1)), path="**"), False),
    ],
)
def test_an_allowance_holds_for_its_rule_its_photos_and_its_time(allowance, accepted):
    (finding,) = under(Policy(allowed=(allowance,)), NOBODY, result(SEEN), TODAY).findings
    assert (finding.accepted is not None) is accepted


@pytest.mark.parametrize(
    "other",
    [
        result(SEEN, sha256="b" * 64),
        result(replace(SEEN, message="Seen before: in two papers.")),
        result(replace(SEEN, id="PR101")),
    ],
)
def test_a_baseline_holds_for_the_same_bytes_finding_and_words_only(other):
    known = baseline(entry(SEEN))
    assert under(Policy(), known, result(SEEN, path="moved.jpg"), TODAY).findings[0].accepted
    assert under(Policy(), known, other, TODAY).findings[0].accepted is None


def told(*findings, policy=Policy(), known=NOBODY, skipped=()):  # noqa: B008 - frozen
    return outcome([under(policy, known, result(*findings), TODAY)], skipped, policy)


SKIPPED = (Skipped("b.jpg", "broken"),)
NEVER = Policy().with_fail_on(FailOn.NEVER)


def test_what_a_run_tells_its_caller():
    assert told() == ExitCode.OK
    assert told(SCENE) == ExitCode.OK
    assert told(SEEN, skipped=SKIPPED) == ExitCode.FLAGGED
    assert told(skipped=SKIPPED) == ExitCode.NOT_COMPLETED
    assert told(UNKNOWN_DATE) == ExitCode.NOT_COMPLETED
    assert told(UNKNOWN_DATE, policy=Policy(Terms(FailOn.WARNING))) == ExitCode.FLAGGED
    assert told(SEEN, UNKNOWN_DATE, policy=NEVER) == ExitCode.OK
    assert told(SEEN, policy=NEVER, skipped=SKIPPED) == ExitCode.NOT_COMPLETED


def test_what_is_accepted_or_ignored_neither_fails_nor_stays_open():
    assert told(SEEN, known=baseline(entry(SEEN))) == ExitCode.OK
    assert told(UNKNOWN_DATE, known=baseline(entry(UNKNOWN_DATE))) == ExitCode.OK
    assert told(UNKNOWN_DATE, policy=Policy(Terms(ignore=frozenset({"PR106"})))) == ExitCode.OK
    assert told(SEEN, UNKNOWN_DATE, known=baseline(entry(SEEN))) == ExitCode.NOT_COMPLETED


def test_what_has_expired_is_named_with_what_it_would_have_accepted_and_only_where_that_matters():
    old = acceptance("until spring", TODAY - timedelta(1))
    policy = Policy(allowed=(Allowance(frozenset({"PR103", "PR107"}), old, "**"),))
    results = [under(policy, NOBODY, result(SEEN, SCENE, path=p), TODAY) for p in ("a.jpg", "b.jpg")]
    assert lapsed(policy, NOBODY, results, TODAY) == {old: 2}
    covered = baseline(entry(SEEN))
    still = [under(policy, covered, r, TODAY) for r in results]
    assert lapsed(policy, covered, still, TODAY) == {}


NEW = acceptance("new", date(2027, 1, 31))


def test_an_update_accepts_what_keeps_the_run_from_passing_and_nothing_else():
    allowed = Policy(
        allowed=(Allowance(frozenset({"PR203"}), acceptance(), "**"),), terms=Terms(FailOn.WARNING)
    )
    done = updated(allowed, NOBODY, [result(SEEN, MIRRORED, SCENE, UNKNOWN_DATE)], NEW, TODAY)
    assert {(e.finding, e.acceptance, e.added) for e in done.added} == {
        ("PR103", NEW, TODAY),
        ("PR106", NEW, TODAY),
    }
    assert told(SEEN, UNKNOWN_DATE, known=done.baseline) == ExitCode.OK


def test_an_update_keeps_what_holds_renews_what_has_expired_and_drops_what_is_gone():
    holding = entry(SEEN, reason="old")
    expired = entry(MIRRORED, reason="old", expires=date(2026, 1, 1))
    gone = entry(replace(SEEN, message="Seen before: elsewhere."))
    unchecked = entry(SEEN, path="z.jpg", sha256="f" * 64, expires=date(2026, 1, 1))
    done = updated(
        Policy(Terms(FailOn.WARNING)),
        baseline(holding, expired, gone, unchecked),
        [result(SEEN, MIRRORED)],
        NEW,
        TODAY,
    )
    assert (done.added, done.kept, done.dropped) == ((), (holding, unchecked), (gone,))
    assert [(e.finding, e.acceptance) for e in done.renewed] == [("PR203", NEW)]
    assert set(done.baseline.entries.values()) == {holding, unchecked, *done.renewed}


def test_the_same_photo_twice_is_accepted_once_and_updating_again_changes_nothing():
    results = [result(SEEN, path="b.jpg"), result(SEEN, path="a.jpg")]
    once = updated(Policy(), NOBODY, results, NEW, TODAY)
    again = updated(Policy(), once.baseline, results, acceptance("other"), TODAY + timedelta(1))
    assert len(once.added) == 1
    assert again.baseline == once.baseline
    assert (again.added, again.renewed, again.dropped) == ((), (), ())
