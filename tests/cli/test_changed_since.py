"""`check --changed-since` in a real repository: what is checked, what is not, and what is said of it."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def uploads(tmp_path, photo, run, git):
    """A repository, here, of two known and claimed photos on main, and a branch `work`; the archive is ignored."""
    for seed in (1, 2):
        photo(f"uploads/{seed}.jpg", seed)
    assert run("add", "uploads", "-a", "a.db").returncode == 0
    (tmp_path / "claims.csv").write_text("path,date\nuploads/1.jpg,2024-11-29\n")
    (tmp_path / ".gitignore").write_text("*.db\n")
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "Uploads")
    git(tmp_path, "checkout", "-qb", "work")
    return tmp_path


@pytest.fixture
def check(uploads, run):
    def call(*arguments):
        done = run(
            "check", "uploads", "-a", "a.db", "--changed-since", "main", "-f", "json", "--fast", *arguments
        )
        return done, sorted(
            result["path"] for result in json.loads(done.stdout or '{"results": []}')["results"]
        )

    return call


def test_an_empty_result_does_not_look_like_a_clean_check_of_all(check):
    done, checked = check()
    assert (done.returncode, checked) == (0, [])
    assert (
        "0 of 2 photos changed since main; 2, unchanged since then or ignored by Git, are not checked."
        in done.stderr
    )


def test_a_new_photo_is_checked_alone(check, photo):
    photo("uploads/new.jpg", 1)
    done, checked = check()
    assert (done.returncode, checked) == (1, ["uploads/new.jpg"])
    assert "1 of 3 photos changed since main; 2, unchanged" in done.stderr


def rewrite(path, text):
    path.write_text(text)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda root: rewrite(root / "claims.csv", "path,date\nuploads/1.jpg,2010\n"), "claims.csv"),
        (lambda root: rewrite(root / "provenance.toml", "match_score = 4\n"), "provenance.toml"),
        (lambda root: rewrite(root / "pyproject.toml", '[project]\nname = "x"\n'), "pyproject.toml"),
    ],
)
def test_every_photo_is_checked_where_what_judges_it_changed(uploads, check, change, named):
    change(uploads)
    done, checked = check("--claims", "claims.csv")
    assert checked == ["uploads/1.jpg", "uploads/2.jpg"]
    assert f"All 2 photos are checked: {named} changed since main" in done.stderr


def test_every_photo_is_checked_where_the_accepted_findings_changed(uploads, check, git):
    (uploads / "provenance.toml").write_text('[policy]\nbaseline = "accepted.json"\n')
    (uploads / "accepted.json").write_text('{"version": 1, "accepted": []}\n')
    git(uploads, "add", ".")
    git(uploads, "commit", "-qm", "Policy")
    git(uploads, "branch", "-f", "main")
    assert check()[1] == []
    (uploads / "accepted.json").write_text('{"accepted": [], "version": 1}\n')
    done, checked = check()
    assert len(checked) == 2
    assert "accepted.json changed" in done.stderr


def test_claims_that_did_not_change_do_not_bring_back_every_photo(check):
    assert check("--claims", "claims.csv")[1] == []


def test_every_photo_is_checked_where_the_settings_were_deleted(uploads, check, git):
    (uploads / "provenance.toml").write_text("match_score = 4\n")
    git(uploads, "add", ".")
    git(uploads, "commit", "-qm", "Settings")
    git(uploads, "branch", "-f", "main")
    assert check()[1] == []
    (uploads / "provenance.toml").unlink()
    done, checked = check()
    assert len(checked) == 2
    assert "provenance.toml changed" in done.stderr


def test_every_photo_is_checked_where_an_archive_that_is_kept_in_git_changed(uploads, check, git, run, photo):
    git(uploads, "add", "--force", "a.db")
    git(uploads, "commit", "-qm", "Archive")
    git(uploads, "branch", "-f", "main")
    assert check()[1] == []
    photo("elsewhere/3.jpg", 3)
    run("add", "elsewhere", "-a", "a.db")
    done, checked = check()
    assert len(checked) == 2
    assert "a.db changed" in done.stderr


def test_claims_that_git_does_not_know_bring_back_every_photo(uploads, check, tmp_path_factory):
    claims = tmp_path_factory.mktemp("elsewhere") / "claims.csv"
    claims.write_text(f"path,date\n{uploads}/uploads/1.jpg,2024-11-29\n")
    done, checked = check("--claims", claims)
    assert len(checked) == 2
    assert "or Git does not know it" in done.stderr


def test_git_errors_are_usage_errors(check, uploads, run):
    done, _ = check("--changed-since", "nowhere")
    assert done.returncode == 2
    assert "There is no revision 'nowhere'" in done.stderr
    assert "fetch-depth: 0" in done.stderr
    assert "Traceback" not in done.stderr
