"""Every exit code, each by the real program in a clean clone of a repository of uploads."""

from __future__ import annotations

import os
import signal
import sys

import pytest

CHECK = ("check", "-a", "provenance.db", "--claims", "claims.csv")


@pytest.fixture
def check(clone, run):
    return lambda *arguments: run(*CHECK, *arguments, cwd=clone)


def test_0_nothing_is_flagged(check):
    done = check("uploads/new-100.jpg", "uploads/new-101.jpg")
    assert (done.returncode, "2 nothing found" in done.stdout) == (0, True)


def test_1_a_photo_is_flagged_though_another_could_not_be_read(clone, check):
    (clone / "broken.jpg").write_bytes(b"no photo")
    done = check("uploads/recycled.jpg", "broken.jpg", "uploads/new-100.jpg")
    assert (done.returncode, "1 flagged, 1 nothing found, 0 inconclusive, 1 skipped" in done.stdout) == (
        1,
        True,
    )


def test_2_the_call_is_wrong_and_nothing_is_reported(clone, check):
    done = check("uploads", "--output", "sarfi:report.sarif")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Did you mean 'sarif'?" in done.stderr
    assert not (clone / "report.sarif").exists()


def test_3_a_photo_could_not_be_read(clone, check):
    (clone / "broken.jpg").write_bytes(b"no photo")
    done = check("broken.jpg", "uploads/new-100.jpg")
    assert (done.returncode, "SKIPPED  broken.jpg" in done.stdout) == (3, True)


@pytest.mark.skipif(sys.platform == "win32", reason="needs named pipes and signals")
def test_130_interrupted_by_a_signal_no_report_is_left_behind(clone, start):
    """The claims are a pipe: once it is open on our side, the program runs and waits for what we never write."""
    os.mkfifo(clone / "claims")
    process = start(
        *("check", "uploads", "-a", "provenance.db", "--claims", "claims", "--output", "json:report.json"),
        cwd=clone,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    with (clone / "claims").open("w"):
        process.send_signal(signal.SIGINT)
        told, said = process.communicate(timeout=60)
    assert (process.returncode, told) == (130, "")
    assert "Interrupted." in said
    assert "Traceback" not in said
    assert not (clone / "report.json").exists()
