"""Bad input: the right words, the right exit code, never a traceback, never a lost row."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import zlib

import pytest


@pytest.fixture(scope="module")
def made(tmp_path_factory, picture, run_in):
    """An archive of one photo, beside it."""
    folder = tmp_path_factory.mktemp("made")
    picture(1).save(folder / "known.jpg")
    assert run_in(folder, "add", "known.jpg", "-a", "a.db").returncode == 0
    return folder


@pytest.fixture
def archive(made, tmp_path):
    """A copy of it, where the program runs."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return "a.db"


def says(done, code, *words):
    told = done.stdout + done.stderr
    assert "Traceback" not in told
    assert done.returncode == code, told
    for word in words:
        assert word in told


def bomb(width=50_000, height=50_000):
    """Return a PNG of a few kilobytes that decodes to gigabytes."""

    def chunk(kind, content):
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(10**6)))
        + chunk(b"IEND", b"")
    )


HOSTILE = {
    "missing": (None, "no such file"),
    "text": (b"not a picture at all, just words", "not an image"),
    "empty": (b"", "0 bytes"),
    "bomb": (bomb(), "decompression bomb"),
}


@pytest.mark.parametrize("command", ["add", "check"])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_photo_that_cannot_be_read_is_skipped_with_its_reason(tmp_path, archive, run, command, name):
    content, reason = HOSTILE[name]
    if content is not None:
        (tmp_path / f"{name}.jpg").write_bytes(content)
    says(run(command, f"{name}.jpg", "-a", archive), 3, f"{name}.jpg", reason)


@pytest.mark.parametrize("command", ["add", "check"])
def test_a_truncated_jpeg_is_skipped_and_the_rest_goes_on(tmp_path, photo, archive, run, command):
    whole = photo("batch/a.jpg", 2, (400, 300)).read_bytes()
    (tmp_path / "batch" / "b.jpg").write_bytes(whole[: len(whole) // 2])
    photo("batch/c.jpg", 3)
    done = run(command, "batch", "-a", archive)
    says(done, 3, "batch/b.jpg", "truncated JPEG")
    if command == "add":
        assert "2 new images" in done.stderr


def test_a_skipped_photo_is_in_the_json_report(tmp_path, archive, run):
    (tmp_path / "empty.jpg").touch()
    report = json.loads(run("check", "empty.jpg", "-a", archive, "-f", "json").stdout)
    assert report["skipped"][0]["path"] == "empty.jpg"
    assert report["results"] == []


@pytest.mark.parametrize("command", ["add", "check"])
def test_a_folder_without_photos_is_told(tmp_path, archive, run, command):
    (tmp_path / "bare").mkdir()
    says(run(command, "bare", "-a", archive), 3, "bare", "the folder holds no photos")


def test_a_flat_photo_is_inconclusive_and_says_why(tmp_path, archive, run):
    from PIL import Image

    Image.new("RGB", (200, 150), (90, 90, 90)).save(tmp_path / "flat.png")
    says(run("check", "flat.png", "-a", archive), 3, "INCONCLUSIVE", "PR002", "too little texture")


def test_an_empty_archive_is_inconclusive(tmp_path, photo, run):
    (tmp_path / "none").mkdir()
    run("add", "none", "-a", "empty.db")
    photo("a.jpg")
    says(run("check", "a.jpg", "-a", "empty.db"), 3, "INCONCLUSIVE", "PR001", "The archive is empty")


def test_a_missing_archive_is_told_with_what_to_do(photo, run):
    photo("a.jpg")
    says(run("check", "a.jpg", "-a", "nowhere.db"), 3, "There is no archive at nowhere.db", "provenance add")


@pytest.mark.parametrize("command", [["add", "known.jpg"], ["check", "known.jpg"], ["archive", "info"]])
@pytest.mark.parametrize(
    "content",
    [b"some text that is long enough to be no database header" * 50, b"SQLite format 3\0" + b"\xff" * 5000],
)
def test_an_archive_that_is_no_database_is_told_and_left_alone(tmp_path, photo, run, command, content):
    photo("known.jpg")
    (tmp_path / "notes.db").write_bytes(content)
    says(run(*command, "-a", "notes.db"), 3, "notes.db is not an archive")
    assert (tmp_path / "notes.db").read_bytes() == content


@pytest.mark.parametrize("command", [["add", "known.jpg"], ["check", "known.jpg"], ["archive", "verify"]])
def test_an_archive_of_a_newer_schema_is_told(tmp_path, archive, run, command):
    connection = sqlite3.connect(tmp_path / archive)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    says(run(*command, "-a", archive), 3, "schema 99", "Upgrade this program")


@pytest.mark.skipif(sys.platform != "linux", reason="drops root's capabilities through prctl")
def test_a_read_only_folder_can_be_checked_against_but_not_added_to(
    tmp_path, photo, run, bound_by_permissions
):
    photo("known.jpg", 1)
    folder = tmp_path / "shelf"
    folder.mkdir()
    run("add", "known.jpg", "-a", "shelf/a.db")
    (folder / "a.db").chmod(0o444)
    folder.chmod(0o555)
    try:
        options = {"preexec_fn": bound_by_permissions}
        says(run("check", "known.jpg", "-a", "shelf/a.db", **options), 1, "FLAGGED")
        says(run("add", "known.jpg", "-a", "shelf/a.db", **options), 3, "shelf/a.db cannot be", "permissions")
        says(
            run("add", "known.jpg", "-a", "shelf/new.db", **options),
            3,
            "shelf/new.db cannot be",
            "permissions",
        )
    finally:
        folder.chmod(0o755)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on file sizes")
def test_a_full_disk_is_told_and_every_batch_before_it_is_kept(tmp_path, photo, run, monkeypatch):
    """The limit on file size makes the same write fail that a full disk would."""
    for seed in range(40):
        photo(f"many/{seed:02}.jpg", seed)
    monkeypatch.setenv("PROVENANCE_BATCH", "5")
    limit = 450_000
    done = run(
        "add",
        "many",
        "-a",
        "a.db",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    says(done, 3, "No space is left for a.db", "run the same command again")
    assert run("archive", "verify", "-a", "a.db").returncode == 0
    kept = json.loads(run("archive", "info", "-a", "a.db", "-f", "json").stdout)["images"]
    assert 0 < kept < 40
    assert kept % 5 == 0
    says(run("add", "many", "-a", "a.db"), 0, f"{40 - kept} new images", "holds 40 images")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--claims", "wrong.csv"], ["wrong.csv: there is no column 'datum'", "Did you mean 'date'?"]),
        (["--claims", "nowhere.csv"], ["nowhere.csv cannot be read: No such file"]),
        (["--claims", "dates.csv"], ["dates.csv, line 2: '13/12/2016' is not an EDTF date"]),
        (["--claimed-date", "last winter"], ["'last winter' is not an EDTF date", "2016-12"]),
        (["--claimed-date", ""], ["is not an EDTF date"]),
        (["--format", "jsno"], ["There is no format 'jsno'", "Did you mean 'json'?"]),
        (["--output", "report.json"], ["is not FORMAT:FILE"]),
        (["--no-such-option"], ["no-such-option"]),
    ],
)
def test_a_wrong_call_is_a_usage_error(tmp_path, archive, run, arguments, words):
    (tmp_path / "wrong.csv").write_text("path,datum\nknown.jpg,2024-11-29\n")
    (tmp_path / "dates.csv").write_text("path,date\nknown.jpg,13/12/2016\n")
    says(run("check", "known.jpg", "-a", archive, *arguments), 2, *words)


def test_a_row_with_a_bad_date_is_skipped_with_its_line_and_the_rest_is_taken(tmp_path, photo, run):
    photo("a.jpg", 1)
    photo("b.jpg", 2)
    (tmp_path / "list.csv").write_text("path,published\na.jpg,13.12.2016\nb.jpg,2016-12-13\n")
    says(run("add", "list.csv"), 3, "list.csv:2: '13.12.2016' is not an EDTF date", "1 new images")


def test_a_claim_that_meets_no_photo_is_told_and_the_run_is_not_complete(tmp_path, photo, archive, run):
    photo("new.jpg", 7)
    (tmp_path / "claims.csv").write_text("path,date\nnew.jpgg,2024-11-29\n")
    done = run("check", "new.jpg", "-a", archive, "--claims", "claims.csv")
    says(done, 3, "NOTHING FOUND  new.jpg", "SKIPPED  claims.csv:2: no such file: new.jpgg")


def test_a_report_that_cannot_be_written_is_told(archive, run):
    says(
        run("check", "known.jpg", "-a", archive, "-o", "json:nowhere/report.json"),
        3,
        "nowhere/report.json cannot be written",
    )


def test_an_unknown_setting_is_an_error_with_a_suggestion(tmp_path, archive, run):
    (tmp_path / "provenance.toml").write_text("match_scor = 4\n")
    says(
        run("check", "known.jpg", "-a", archive),
        2,
        "there is no setting 'match_scor' here",
        "Did you mean 'match_score'?",
    )


def committed(path):
    """Return how many images are committed; 0 while the archive is being made."""
    try:
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            return connection.execute("SELECT count(*) FROM image").fetchone()[0]
        finally:
            connection.close()
    except sqlite3.Error:
        return 0


def listening() -> None:
    """Let a child take SIGINT: what a shell runs in the background ignores it, and so do its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def interrupted(tmp_path, photo, start, monkeypatch):
    """Interrupt an `add` of 120 photos with a signal, once some batches are committed."""
    for seed in range(60):
        content = photo(f"many/{seed:02}.jpg", seed).read_bytes()
        (tmp_path / "many" / f"{seed:02}-again.jpg").write_bytes(content + b"again")
    monkeypatch.setenv("PROVENANCE_BATCH", "10")

    def interrupt(number):
        process = start("add", "many", "-a", "a.db", "-j", "2", preexec_fn=listening)
        while committed(tmp_path / "a.db") < 20 and process.poll() is None:
            # Looking without a rest would take the processor from what is looked at.
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.02)
        process.send_signal(number)
        _, told = process.communicate(timeout=60)
        return process.returncode, told

    return interrupt


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_add_keeps_whole_batches_and_can_be_resumed(tmp_path, interrupted, run, number):
    code, told = interrupted(number)
    kept = committed(tmp_path / "a.db")
    assert 20 <= kept < 120
    assert kept % 10 == 0
    if number == signal.SIGINT:
        assert code == 130
        assert "Interrupted." in told
        assert f"holds {kept} images" in told
        assert "Traceback" not in told
    assert run("archive", "verify", "-a", "a.db").returncode == 0
    done = run("add", "many", "-a", "a.db")
    assert "holds 120 images" in done.stderr
    assert run("archive", "verify", "-a", "a.db").returncode == 0


def test_two_writers_at_once_wait_for_each_other(tmp_path, photo, start, run):
    for side in "ab":
        for seed in range(30):
            photo(f"{side}/{seed}.jpg", seed + (1000 if side == "b" else 0))
    writers = [start("add", side, "-a", "shared.db", env=None) for side in "ab"]
    for writer in writers:
        _, told = writer.communicate(timeout=60)
        assert writer.returncode == 0, told
    assert json.loads(run("archive", "info", "-a", "shared.db", "-f", "json").stdout)["images"] == 60
    assert run("archive", "verify", "-a", "shared.db").returncode == 0


def test_a_reader_that_stops_reading_ends_the_program_quietly(photo, run, tmp_path):
    for seed in range(3):
        photo(f"{seed}.jpg", seed)
    run("add", ".", "-a", "a.db")
    reading, writing = os.pipe()
    os.close(reading)
    for command in (["check", ".", "-a", "a.db"], ["archive", "list", "-a", "a.db"]):
        done = run(*command, capture_output=False, stdout=writing, stderr=subprocess.PIPE)
        assert (done.returncode, done.stderr) == (3, "")
    os.close(writing)
