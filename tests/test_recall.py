"""Results are recalled exactly where nothing that they rest on has changed, and a broken cache costs nothing else."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from provenance import recall as module
from provenance.circumstances import circumstances
from provenance.ingest.claims import Claims
from provenance.model import (
    Against,
    Alteration,
    ArchiveInfo,
    ChangeOutcome,
    Claim,
    DateRange,
    Evidence,
    Finding,
    Kind,
    Level,
    Match,
    Overlap,
    Reference,
    Result,
    Sighting,
    Skipped,
    Submission,
    Verdict,
)
from provenance.photo.limits import MAX_BYTES
from provenance.recall import KEPT, Recall, context_of, recalled
from provenance.settings import Settings

CONTEXT = "0" * 32
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
AFFIRMED = Claim(DateRange("2024", date(2024, 1, 1), date(2024, 12, 31)), "Aleppo")


def submission(path, content=b""):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return Submission(path, str(path), Sighting(str(path), str(path)))


def result(photo, *, evidence=(), findings=(), matches=(), claim=None):
    return Result(photo.path, EMPTY, Verdict.NOTHING_FOUND, findings, matches, claim, (), evidence, (4, 3))


@pytest.fixture
def photo(tmp_path):
    return submission(tmp_path / "uploads" / "a.jpg")


@pytest.fixture
def cache(tmp_path):
    return Recall(tmp_path / "cache", CONTEXT)


def entries(cache):
    return [path for path in Path(cache._folder).iterdir() if path.suffix == ".json"]


def test_a_result_comes_back_as_it_was_under_the_path_that_is_asked_for(tmp_path, cache, photo):
    cache.put(photo, result(photo))
    moved = submission(tmp_path / "elsewhere" / "a.jpg")
    assert cache.get(photo, Claims()) == result(photo)
    assert cache.get(moved, Claims()) == result(moved)


@pytest.mark.parametrize("changed", ["bytes", "name", "claim", "terms", "context"])
def test_what_a_result_rests_on_is_in_its_key(tmp_path, cache, photo, changed):
    cache.put(photo, result(photo))
    other = {
        "bytes": submission(tmp_path / "b" / "a.jpg", b"other"),
        "name": submission(tmp_path / "uploads" / "2016-12-13.jpg"),
    }.get(changed, photo)
    claims = Claims(default=AFFIRMED) if changed == "claim" else Claims()
    asked = Recall(tmp_path / "cache", "1" * 32) if changed == "context" else cache
    assert asked.get(other, claims, "credit" if changed == "terms" else "") is None
    assert cache.get(photo, Claims()) is not None


def test_a_claim_is_found_by_digest_as_a_check_finds_it(cache, photo):
    cache.put(photo, result(photo, claim=AFFIRMED))
    assert cache.get(photo, Claims(by_digest={EMPTY: AFFIRMED})).claim == AFFIRMED


INFO = ArchiveInfo("a.db", 2, 3, 6, 7, identity="x")


@pytest.mark.parametrize(
    ("settings", "info", "newest", "fast"),
    [
        (Settings(match_score=4.0), INFO, "n", False),
        (Settings(search_radius=31), INFO, "n", False),
        (Settings(), replace(INFO, generation=8), "n", False),
        (Settings(), replace(INFO, identity="y"), "n", False),
        (Settings(), INFO, "m", False),
        (Settings(), INFO, "n", True),
    ],
)
def test_settings_and_the_state_of_the_archive_make_another_context(settings, info, newest, fast):
    context = context_of(circumstances(Settings(), fast=False), INFO, "n")
    assert context_of(circumstances(settings, fast=fast), info, newest) != context


def test_what_changes_no_result_makes_no_other_context(tmp_path):
    context = context_of(circumstances(Settings(), fast=False), INFO, "n")
    other = Settings(workers=3, batch=7, cache="elsewhere")
    assert context_of(circumstances(other, fast=False), replace(INFO, location="b.db"), "n") == context


def test_another_trust_list_makes_another_context_and_so_does_another_version(tmp_path):
    own = tmp_path / "own.pem"
    own.write_text("-----BEGIN CERTIFICATE-----\nMAAA\n-----END CERTIFICATE-----\n")
    shipped = circumstances(Settings(), fast=False)
    named = circumstances(Settings(trust_anchors=str(own)), fast=False)
    assert context_of(named, INFO, "n") != context_of(shipped, INFO, "n")
    assert context_of(replace(shipped, tool="9"), INFO, "n") != context_of(shipped, INFO, "n")
    libraries = dict(shipped.libraries) | {"pillow": "1.0"}
    assert context_of(replace(shipped, libraries=libraries), INFO, "n") != context_of(shipped, INFO, "n")


def test_versions_are_those_that_the_installation_tells():
    from importlib.metadata import version

    told = circumstances(Settings(), fast=False).libraries
    assert told["pillow"] == version("pillow")
    assert told["opencv-python-headless"] == version("opencv-python-headless")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: b"",
        lambda content: content[:-2],
        lambda content: content.replace(b"nothing_found", b"inconclusive"),
        lambda _: os.urandom(100),
        lambda content: b"0" * 64 + content[64:],
        lambda _: signed(b"[]"),
        lambda _: signed(b"{}"),
        lambda _: signed(b"[" * 10_000),
        lambda content: signed(content[65:].replace(b'"compared": {}', b'"compared": 3')),
        lambda content: signed(content[65:].replace(b'"day": "', b'"day": "9')),
        lambda content: signed(content[65:].replace(EMPTY.encode(), b"a" * 64)),
    ],
)
def test_a_damaged_or_foreign_entry_is_a_miss_and_written_anew(cache, photo, spoil):
    cache.put(photo, result(photo))
    (entry,) = entries(cache)
    good = entry.read_bytes()
    entry.write_bytes(spoil(good))
    assert cache.get(photo, Claims()) is None
    cache.put(photo, result(photo))
    assert entry.read_bytes() == good


def signed(content):
    import hashlib

    return hashlib.sha256(content).hexdigest().encode() + b"\n" + content


def test_an_entry_under_the_name_of_another_is_a_miss(tmp_path, cache, photo):
    cache.put(photo, result(photo))
    (entry,) = entries(cache)
    other = submission(tmp_path / "uploads" / "b.jpg")
    cache.put(other, result(other))
    (second,) = set(entries(cache)) - {entry}
    second.write_bytes(entry.read_bytes())
    assert cache.get(other, Claims()) is None


class Day(datetime):
    today_is = datetime(2026, 3, 1, 12, tzinfo=UTC)

    @classmethod
    def now(cls, _zone):
        return cls.today_is


FUTURE = Finding("PR302", Level.WARNING, "It lies in the future.")
SIGNED = Evidence("content_credentials", "trusted", "the file's Content Credentials", "as signed")


@pytest.mark.parametrize(
    ("told", "next_day"),
    [({}, True), ({"findings": (FUTURE,)}, False), ({"evidence": (SIGNED,)}, False)],
)
def test_results_hold_on_later_days_unless_they_tell_of_days(cache, photo, monkeypatch, told, next_day):
    monkeypatch.setattr(module, "datetime", Day)
    cache.put(photo, result(photo, **told))
    assert cache.get(photo, Claims()) is not None
    monkeypatch.setattr(Day, "today_is", datetime(2026, 3, 2, tzinfo=UTC))
    assert (cache.get(photo, Claims()) is not None) is next_day
    monkeypatch.setattr(Day, "today_is", datetime(2026, 2, 27, tzinfo=UTC))
    assert cache.get(photo, Claims()) is None


def test_a_file_that_the_photo_was_compared_with_is_looked_at_again(tmp_path, cache, photo):
    original = tmp_path / "original.jpg"
    sighting = Sighting("original.jpg", str(original))
    match = Match(
        Reference(1, "original.jpg", "a" * 64, 4, 3),
        Kind.PARTIAL,
        9.0,
        None,
        Overlap(1.0, 0.5),
        (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0),
        sightings=(sighting,),
        alteration=Alteration(ChangeOutcome.COMPARED, Against.PREVIEW),
    )
    cache.put(photo, result(photo, matches=(match,)))
    assert cache.get(photo, Claims()) is not None
    original.write_bytes(b"it is there again, so more can be told")
    assert cache.get(photo, Claims()) is None


def test_the_oldest_contexts_are_removed_and_nothing_else_ever_is(tmp_path, photo):
    folder = tmp_path / "cache"
    for n in range(KEPT + 2):
        Recall(folder, f"{n:032}").put(photo, result(photo))
        os.utime(folder / f"{n:032}", (n + 1, n + 1))
    (folder / "notes").mkdir()
    (folder / f"{1:032}").mkdir(exist_ok=True)
    (folder / f"{1:032}" / "mine.txt").touch()
    os.utime(folder / f"{1:032}", (1, 1))
    Recall(folder, "f" * 32).put(photo, result(photo))
    kept = {path.name for path in folder.iterdir()}
    assert kept == {"notes", f"{1:032}", *(f"{n:032}" for n in range(3, KEPT + 2)), "f" * 32}
    assert (folder / f"{1:032}" / "mine.txt").exists()


def test_a_folder_that_cannot_be_written_is_trouble_told_once_and_no_error(tmp_path, photo):
    (tmp_path / "cache").write_bytes(b"a file")
    cache = Recall(tmp_path / "cache", CONTEXT)
    cache.put(photo, result(photo))
    cache.put(photo, result(photo))
    assert cache.trouble in {"Not a directory", "File exists"}
    assert cache.get(photo, Claims()) is None


def test_what_is_not_there_or_too_large_is_not_hashed_to_its_end(tmp_path, cache):
    gone = submission(tmp_path / "gone.jpg")
    gone.file.unlink()
    huge = submission(tmp_path / "huge.jpg")
    with huge.file.open("r+b") as file:
        file.truncate(MAX_BYTES + 1)
    assert cache.get(gone, Claims()) is None
    assert cache.get(huge, Claims()) is None


def test_outcomes_come_in_the_order_given_and_only_whole_ones_are_kept(tmp_path, cache):
    a, b, c, d = (submission(tmp_path / f"{name}.jpg") for name in "abcd")
    cache.put(b, result(b))
    asked = []

    def check_rest(rest):
        asked.append([s.path for s in rest])
        for s in rest:
            if s is c:
                yield Skipped(c.path, "it could not be compared in detail")
            if s is d:
                yield Skipped(d.path, "broken")
            else:
                yield result(s)

    told = list(recalled(cache, [a, b, c, d, a, b, d], Claims(), check_rest))
    assert asked == [[a.path, c.path, d.path, a.path, d.path]]
    assert told == [
        result(a),
        result(b),
        Skipped(c.path, "it could not be compared in detail"),
        result(c),
        Skipped(d.path, "broken"),
        result(a),
        result(b),
        Skipped(d.path, "broken"),
    ]
    asked.clear()
    assert list(recalled(cache, [b, a], Claims(), check_rest)) == [result(b), result(a)]
    assert not asked
    list(recalled(cache, [c, d], Claims(), check_rest))
    assert asked == [[c.path, d.path]]


def test_what_does_not_serve_is_checked_again_and_kept(cache, photo):
    def never(_):
        return False

    assert list(recalled(cache, [photo], Claims(), lambda _: iter([result(photo)]), serves=never))
    assert list(recalled(cache, [photo], Claims(), lambda _: iter(()), serves=never)) == []
    assert json.loads(entries(cache)[0].read_bytes().partition(b"\n")[2])["result"]["sha256"] == EMPTY
