"""The custody log through the real program: what each command writes, and how tampering is told."""

from __future__ import annotations

import hashlib
import json
import sqlite3

import pytest


@pytest.fixture
def kept(run, photo, monkeypatch):
    """Return the path of an archive to which A. Haddad added two photos."""
    monkeypatch.setenv("PROVENANCE_USER", "A. Haddad")
    photos = [photo("photos/1.jpg", seed=1), photo("photos/2.jpg", seed=2)]
    assert run("add", *photos, "-a", "a.db").returncode == 0
    return photos[0].parent.parent / "a.db"


def entries(run):
    done = run("archive", "custody", "-a", "a.db", "--format", "json")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_adding_removing_and_a_recorded_check_are_in_the_log(run, kept):
    photo = kept.parent / "photos/1.jpg"
    digest = hashlib.sha256(photo.read_bytes()).hexdigest()
    assert run("check", photo, "-a", "a.db", "--fast", "--record").returncode == 1
    assert run("archive", "remove", "1", "-a", "a.db").returncode == 0
    began, added, checked, removed = entries(run)
    assert [e["who"] for e in (began, added, checked, removed)] == ["A. Haddad"] * 4
    assert digest in added["details"]["images_added"]
    assert checked["details"]["photos"] == [digest]
    assert checked["details"]["verdicts"] == {"flagged": 1}
    assert checked["details"]["settings"]["fast"] is True
    assert removed["details"]["images_removed"] == [digest]
    assert run("archive", "verify", "-a", "a.db").returncode == 0
    assert "by A. Haddad" in run("add", photo, "-a", "a.db").stderr


def test_a_check_that_is_not_recorded_leaves_the_log_and_the_file_as_they_were(run, kept):
    before = kept.read_bytes()
    run("check", kept.parent / "photos/1.jpg", "-a", "a.db", "--fast")
    assert kept.read_bytes() == before


def test_a_check_that_cannot_be_recorded_is_not_completed(run, kept, bound_by_permissions):
    kept.chmod(0o444)
    kept.parent.chmod(0o555)
    done = run(
        *("check", "photos/1.jpg", "-a", "a.db", "--fast", "--record"), preexec_fn=bound_by_permissions
    )
    kept.parent.chmod(0o755)
    assert (done.returncode, "cannot be written" in done.stderr) == (3, True), done.stderr
    assert "flagged" in done.stdout.lower()


def test_the_log_is_listed_for_people_and_its_head_for_noting_down(run, kept):
    began, added = run("archive", "custody", "-a", "a.db").stdout.splitlines()
    assert "A. Haddad  began" in began
    assert "A. Haddad  added" in added
    assert "images added 2, " in added
    assert run("archive", "custody", "-a", "a.db", "--head").stdout.strip() == entries(run)[-1]["hash"]


def test_a_hostile_name_does_not_steer_the_terminal(run, photo, monkeypatch):
    monkeypatch.setenv("PROVENANCE_USER", "\x1b[2Jevil\nline")
    run("add", photo("1.jpg"), "-a", "a.db")
    listed = run("archive", "custody", "-a", "a.db").stdout
    assert "\x1b" not in listed
    assert len(listed.splitlines()) == 2


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE custody SET who = 'B. Saleh' WHERE id = 2", "custody log: entry 2 is not as it was written"),
        ("DELETE FROM custody WHERE id = 2", "custody log: it ends with entry 1, but 2 were written"),
        ("UPDATE sighting SET published = '2016' WHERE id = 1", "sighting 1 does not say what it said"),
        ("DELETE FROM custody", "custody log: it ends with entry 0, but 2 were written"),
    ],
)
def test_a_tampered_file_is_told(run, kept, change, told):
    connection = sqlite3.connect(kept)
    for verb in ("changed", "removed"):
        connection.execute(f"DROP TRIGGER custody_{verb}")
    connection.execute(change)
    connection.commit()
    connection.close()
    done = run("archive", "verify", "-a", "a.db")
    assert done.returncode == 3
    assert told in done.stdout
    assert "custody_changed" in done.stdout
