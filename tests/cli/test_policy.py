"""A policy through the real program: what fails, where, what is required, what is accepted and until when."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

FAR, PAST = "2999-12-31", "2020-01-01"
ACCEPTED_BY = ("--reason", "Our own series", "--author", "A. Haddad")


@pytest.fixture(scope="module")
def built(tmp_path_factory, picture):
    """An archive of two photos; uploads that show one of them, another one, and one that nobody has seen."""
    folder = tmp_path_factory.mktemp("desk")
    for name, seed, quality in (
        ("old/1.jpg", 1, 92),
        ("old/2.jpg", 2, 92),
        ("uploads/agency/known.jpg", 1, 70),
        ("uploads/series/known.jpg", 2, 70),
        ("uploads/new.jpg", 9, 70),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        picture(seed, 400, 300).save(folder / name, quality=quality)
    add = [sys.executable, "-m", "provenance", "add", "old", "-a", "desk.db"]
    subprocess.run(add, cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture
def desk(built, tmp_path):
    """A copy of it, where the program runs."""
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture
def check(desk, run):
    """Write a policy and check with it; return what the program did."""

    def call(policy, *arguments, photos="uploads", command=("check",)):
        if policy is not None:
            (desk / "provenance.toml").write_text(policy)
        return run(*command, photos, "-a", "desk.db", "--fast", *arguments)

    return call


@pytest.fixture
def update(check):
    """Bring the baseline up to date, under the policy that is there or another."""
    return lambda policy=None, *more, **where: check(
        policy, *ACCEPTED_BY, *more, command=("baseline", "update"), **where
    )


def listed(done):
    """Return the lines under each photo of a text report, by path."""
    photos, current = {}, None
    for line in done.stdout.splitlines():
        if not line.startswith(" "):
            current = photos.setdefault(line.rpartition("  ")[2], [])
        else:
            current.append(line.strip())
    return photos


def test_without_a_policy_errors_fail_and_with_one_what_it_says(check):
    assert check(None).returncode == 1
    assert check('[policy]\nignore = ["PR103"]').returncode == 0
    assert check('[policy]\nfail_on = "never"\nfail = ["PR1xx"]').returncode == 1


def test_the_command_line_wins_over_every_level_of_the_policy(check):
    policy = '[policy]\nfail_on = "never"\nfail = ["PR104"]\n[[policy.folder]]\npath = "uploads/**"\nfail_on = "never"'
    assert check(policy, "--fail-on", "error").returncode == 1
    strict = '[policy]\nfail_on = "note"\nfail = ["PR103"]\nrequire = ["credit"]'
    assert check(strict, "--fail-on", "never").returncode == 0


def test_a_folder_has_its_own_threshold_and_the_report_says_so(check):
    done = check('[[policy.folder]]\npath = "uploads/agency/**"\nmatch_score = 60')
    assert listed(done)["uploads/agency/known.jpg"] == []
    assert any("PR103" in line for line in listed(done)["uploads/series/known.jpg"])
    assert "from 60 in uploads/agency/**" in done.stdout


def test_a_folders_rules_hold_however_its_photos_are_named(check, desk):
    policy = '[[policy.folder]]\npath = "uploads/agency/**"\nfail_on = "never"'
    assert check(policy, photos=desk / "old" / ".." / "uploads" / "agency").returncode == 0


def test_required_metadata_fails_where_it_is_required_and_lacking(check, desk, photo):
    from PIL import Image

    exif = Image.Exif()
    exif[0x013B], exif[0x8298] = "Jane Doe", "Jane Doe, all rights reserved"
    photo("uploads/signed.jpg", 8, (400, 300), exif=exif)
    policy = '[policy]\nrequire = ["credit", "licence"]\n[[policy.folder]]\npath = "uploads/agency/**"\nrequire = []'
    done = check(policy)
    lacking = [path for path, lines in listed(done).items() if any("PR601" in line for line in lines)]
    assert lacking == ["uploads/new.jpg", "uploads/series/known.jpg"]
    assert "The policy fails a run for this." in listed(done)["uploads/new.jpg"]
    assert check(None, photos="uploads/new.jpg").returncode == 1
    assert check(None, photos="uploads/signed.jpg").returncode == 0


def test_inspect_and_compare_obey_the_same_policy(check, run):
    check('[policy]\nrequire = ["credit"]\nfail = ["PR208"]')
    assert run("inspect", "uploads/new.jpg").returncode == 1
    assert run("inspect", "uploads/new.jpg", "--fail-on", "never").returncode == 0
    assert run("compare", "old/1.jpg", "old/2.jpg").returncode == 1
    check('[policy]\nignore = ["PR208"]')
    assert run("inspect", "uploads/new.jpg").returncode == 0
    assert run("compare", "old/1.jpg", "old/2.jpg").returncode == 0


ALLOW = """
[[policy.allow]]
finding = "PR103"
path = "uploads/**"
reason = "Our own series"
author = "A. Haddad"
expires = {}
"""


def test_what_is_allowed_is_told_and_fails_nothing_until_it_expires(check):
    held = check(ALLOW.format(FAR))
    assert held.returncode == 0
    assert held.stdout.startswith("FLAGGED")
    assert f"accepted by A. Haddad until {FAR}: Our own series" in held.stdout
    assert "2 findings accepted" in held.stdout
    over = check(ALLOW.format(PAST))
    assert (over.returncode, "accepted" in over.stdout) == (1, False)
    assert f"Expired on {PAST}: A. Haddad had accepted 2 findings of this run (Our own series;" in over.stderr


BASELINE = '[policy]\nbaseline = "accepted.json"\n'


def test_a_baseline_accepts_what_is_there_now_and_nothing_that_comes_later(check, update, desk, photo):
    first = update(BASELINE, "--expires", FAR)
    assert (first.returncode, first.stdout.count("added ")) == (0, 2)
    assert "2 added, 0 renewed, 0 kept, 0 dropped; accepted.json has 2." in first.stderr
    assert check(None).returncode == 0
    photo("uploads/later.jpg", 2, (400, 300), quality=60)
    assert check(None).returncode == 1


def test_updating_again_changes_no_byte_and_drops_what_is_gone(update, desk):
    update(BASELINE)
    written = (desk / "accepted.json").read_bytes()
    assert "0 added, 0 renewed, 2 kept, 0 dropped" in update().stderr
    assert (desk / "accepted.json").read_bytes() == written
    done = update(None, "--claimed-date", "2999", photos="uploads/agency")
    assert "0 renewed, 1 kept, 1 dropped" in done.stderr
    assert "dropped  PR103 uploads/agency/known.jpg" in done.stdout


def edited(desk, **changes):
    path = desk / "accepted.json"
    content = json.loads(path.read_text())
    for entry in content["accepted"]:
        entry.update(changes)
    path.write_text(json.dumps(content))


def test_an_acceptance_ends_on_its_last_day_and_when_the_archive_knows_something_else(check, update, desk):
    update(BASELINE)
    edited(desk, expires=PAST)
    done = check(None)
    assert done.returncode == 1
    assert f"Expired on {PAST}" in done.stderr
    assert "accepted.json, entry 1" in done.stderr
    assert "0 added, 2 renewed, 0 kept" in update().stderr
    edited(desk, message="Seen before, in another paper.")
    assert check(None).returncode == 1


def test_show_lists_each_entry_with_its_state(check, update, run, desk):
    update(BASELINE, photos="uploads/agency")
    soon = (datetime.now(UTC).date() + timedelta(days=40)).isoformat()
    update(None, "--expires", soon)
    done = run("baseline", "show")
    assert done.returncode == 0
    assert "holds  PR103 uploads/agency/known.jpg" in done.stdout
    assert f"holds until {soon} (in " in done.stdout
    assert "A. Haddad, " in done.stdout
    edited(desk, expires=PAST)
    assert run("baseline", "show").stdout.count(f"expired on {PAST}") == 2


def test_an_unsettled_finding_can_be_accepted_too(check, update):
    claim = ("--claimed-date", "2024-11-29")
    assert check("[policy]", *claim, photos="uploads/agency").returncode == 3
    assert "added    PR106" in update(BASELINE, *claim, photos="uploads/agency").stdout
    assert check(None, *claim, photos="uploads/agency").returncode == 0


@pytest.mark.parametrize(
    ("policy", "more", "told"),
    [
        ("[policy]\n", (), "The policy names no baseline."),
        (BASELINE, ("--reason", " "), "--reason is blank."),
        (BASELINE, ("--expires", PAST), "has passed."),
    ],
)
def test_an_update_that_says_too_little_is_refused(update, desk, policy, more, told):
    done = update(policy, *more)
    assert (done.returncode, told in done.stderr) == (2, True)
    assert not (desk / "accepted.json").exists()


def test_an_update_is_honest_about_what_was_not_checked(update, desk, run):
    (desk / "uploads" / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    done = update(BASELINE)
    assert done.returncode == 3
    assert "Skipped uploads/broken.jpg" in done.stderr
    assert "accepted.json has 2." in done.stderr


def test_an_empty_archive_is_nothing_to_accept(update, desk, run):
    (desk / "nothing").mkdir()
    run("add", "nothing", "-a", "empty.db")
    done = update(BASELINE, "-a", "empty.db")
    assert done.returncode == 3
    assert "The archive is empty" in done.stderr
    assert not (desk / "accepted.json").exists()


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        ("[policy]\nfial = []", "Did you mean 'fail'?"),
        ("[[policy.folder]]\npath = '**'\nfailon = 'note'", "[[policy.folder]] number 1"),
        (BASELINE, "There is no baseline accepted.json."),
    ],
)
def test_a_mistake_in_the_policy_stops_the_run_before_any_work(check, policy, told):
    done = check(policy)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_project_file_serves_as_well_but_not_beside_the_other(check, desk):
    (desk / "pyproject.toml").write_text('[tool.provenance.policy]\nfail_on = "never"')
    assert check(None).returncode == 0
    done = check("workers = 1")
    assert done.returncode == 2
    assert "Both provenance.toml and [tool.provenance] in pyproject.toml have settings." in done.stderr
