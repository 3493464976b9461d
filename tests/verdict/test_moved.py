"""What moved between two checks is told with every cause that can be shown, and no other."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from provenance.model import (
    ArchiveInfo,
    Finding,
    Kind,
    Level,
    Match,
    Overlap,
    Reference,
    Report,
    Result,
    Sighting,
    Verdict,
)
from provenance.model.circumstances import Circumstances
from provenance.model.replays import Cause, Moved
from provenance.verdict.moved import Past, replayed

CHECKED = datetime(2026, 3, 1, 12, 0, 0, 500_000, UTC)
BEFORE, AFTER = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
ARCHIVE = ArchiveInfo("a.db", 10, 12, 6, 4, identity="one")
THEN = Circumstances("1.0", "3.11", "linux", {"pillow": "13"}, {"match_score": 3.0}, "a list")


def match(digest="a", recorded=BEFORE, score=31.0, **said):
    sighting = Sighting(f"{digest}.jpg", "/somewhere", recorded=recorded, **said)
    return Match(
        Reference(1, f"{digest}.jpg", digest * 64, 4, 3),
        Kind.PARTIAL,
        score,
        None,
        Overlap(1.0, 1.0),
        (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0),
        sightings=(sighting,),
    )


def finding(name, message="It says so.", level=Level.ERROR):
    return Finding(name, level, message)


def result(*told, verdict=Verdict.FLAGGED):
    findings = tuple(item for item in told if isinstance(item, Finding))
    return Result(
        "a.jpg", "f" * 64, verdict, findings, tuple(item for item in told if isinstance(item, Match))
    )


def moved(before, after, *, archive=ARCHIVE, today=THEN, at=CHECKED, held=()):
    past = Past(Report(ARCHIVE, 3.0, (before,)), THEN, CHECKED)
    return replayed(past, Report(archive, 3.0, (after,)), today, at, held)


def told(replay):
    return [(move.kind, move.causes) for move in replay.photos[0].moves]


GROWN = replace(ARCHIVE, generation=5, images=11)
OTHER = replace(ARCHIVE, identity="two")
NEWER = replace(THEN, tool="2.0")


@pytest.mark.parametrize(
    ("after", "archive", "causes"),
    [
        (match("b", AFTER), GROWN, (Cause.REFERENCE_ADDED,)),
        (match("b", BEFORE), GROWN, (Cause.ARCHIVE_CHANGED,)),
        (match("b", AFTER), OTHER, (Cause.ANOTHER_ARCHIVE,)),
        (match("b", BEFORE), ARCHIVE, (Cause.UNEXPLAINED,)),
    ],
)
def test_a_new_match_was_added_since_only_if_all_its_sightings_were(after, archive, causes):
    assert told(moved(result(), result(after), archive=archive)) == [(Moved.MATCH_ADDED, causes)]


@pytest.mark.parametrize(
    ("held", "archive", "today", "causes"),
    [
        ((), GROWN, THEN, (Cause.REFERENCE_REMOVED,)),
        (("a" * 64,), GROWN, THEN, (Cause.ARCHIVE_CHANGED,)),
        (("a" * 64,), ARCHIVE, NEWER, (Cause.VERSIONS,)),
        ((), OTHER, NEWER, (Cause.ANOTHER_ARCHIVE, Cause.VERSIONS)),
    ],
)
def test_a_match_that_is_gone_was_removed_only_if_the_archive_lacks_it(held, archive, today, causes):
    replay = moved(result(match()), result(), archive=archive, today=today, held=held)
    assert told(replay) == [(Moved.MATCH_GONE, causes)]
    assert replay.stands


def test_a_score_that_moves_with_the_archives_size_leaves_the_verdict_standing():
    replay = moved(result(match()), result(match(score=30.0)), archive=GROWN)
    assert told(replay) == [(Moved.MATCH_CHANGED, (Cause.ARCHIVE_CHANGED,))]
    assert replay.stands


def test_sightings_that_came_and_went_are_told_each():
    replay = moved(result(match()), result(match(recorded=AFTER, outlet="Wire")), archive=GROWN)
    assert told(replay) == [
        (Moved.SIGHTING_ADDED, (Cause.SIGHTING_ADDED,)),
        (Moved.SIGHTING_GONE, (Cause.SIGHTING_REMOVED,)),
    ]


def test_findings_on_matches_move_for_what_moved_among_the_matches():
    before = result(verdict=Verdict.NOTHING_FOUND)
    after = result(match("b", AFTER), finding("PR101"))
    replay = moved(before, after, archive=GROWN)
    assert told(replay)[:2] == [
        (Moved.VERDICT, (Cause.REFERENCE_ADDED,)),
        (Moved.FINDING_ADDED, (Cause.REFERENCE_ADDED,)),
    ]
    assert not replay.stands


@pytest.mark.parametrize(
    ("name", "causes"),
    [
        ("PR305", (Cause.UNEXPLAINED,)),
        ("PR302", (Cause.DAY,)),
        ("PR403", (Cause.TRUST_LIST, Cause.DAY)),
    ],
)
def test_findings_on_the_file_never_move_for_the_archive(name, causes):
    today = replace(THEN, trust_list="another list")
    replay = moved(
        result(), result(finding(name)), archive=GROWN, today=today, at=datetime(2026, 3, 2, tzinfo=UTC)
    )
    assert told(replay) == [(Moved.FINDING_ADDED, causes)]


def test_a_finding_in_other_words_or_of_another_level_has_changed():
    for after in (finding("PR305", "Other words."), finding("PR305", level=Level.NOTE)):
        replay = moved(result(finding("PR305")), result(after), today=NEWER)
        assert told(replay) == [(Moved.FINDING_CHANGED, (Cause.VERSIONS,))]


def test_every_difference_is_told_in_words_and_equal_circumstances_have_none():
    today = replace(THEN, libraries={"numpy": "2"}, settings={"match_score": 4.0}, fast=True)
    words = " ".join(d.words for d in moved(result(), result(), archive=GROWN, today=today).differences)
    for said in (
        "generation 4 to 5",
        "pillow 13 then, none now",
        "numpy none then",
        "match_score 3.0 then, 4.0",
    ):
        assert said in words
    assert moved(result(match()), result(match())).differences == ()
    assert moved(result(match()), result(match())).photos[0].moves == ()


def test_a_photo_without_a_result_now_is_left_to_what_was_skipped():
    past = Past(Report(ARCHIVE, 3.0, (replace(result(), path="b.jpg"), result())), THEN, CHECKED)
    replay = replayed(past, Report(ARCHIVE, 3.0, (result(),)), THEN, CHECKED, ())
    assert [photo.path for photo in replay.photos] == ["a.jpg"]
