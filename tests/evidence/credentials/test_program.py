"""Content Credentials through the real program: each state in the terminal, in JSON and in the exit code."""

from __future__ import annotations

import json
import os

import pytest

SAID = {
    "absent": (),
    "untrusted": ("PR401", "is not vouched for by the trust list root.pem"),
    "trusted": ("PR402", "root.pem"),
    "broken": ("PR403", "changed after signing"),
}
STRICT = {"absent": 0, "untrusted": 0, "trusted": 0, "broken": 1}
"""Exit codes where warnings fail; nothing that is only signed is an error or a warning."""


@pytest.fixture
def inspect(run, tmp_path, root, authority, sign, unsigned):  # noqa: PLR0917 - fixtures
    (tmp_path / "root.pem").write_text(root.pem)
    signed = sign()
    files = {
        "absent": unsigned("JPEG"),
        "untrusted": sign(vouched=authority("Other Root")),
        "trusted": signed,
        "broken": signed[:-40] + bytes([signed[-40] ^ 1]) + signed[-39:],
    }
    for state, content in files.items():
        (tmp_path / f"{state}.jpg").write_bytes(content)

    def call(*arguments, anchors="root.pem"):
        return run(*arguments, env={**os.environ, "PROVENANCE_TRUST_ANCHORS": anchors, "NO_COLOR": "1"})

    return call


@pytest.mark.parametrize("state", SAID)
def test_each_state_is_told_in_text_in_json_and_by_the_exit_code(inspect, state):
    told = inspect("inspect", f"{state}.jpg", "--fail-on", "warning")
    (result,) = json.loads(inspect("inspect", f"{state}.jpg", "-f", "json").stdout)["results"]
    assert told.returncode == STRICT[state]
    assert result["credentials"]["state"] == state
    for words in SAID[state]:
        assert words in told.stdout
    assert {f["id"] for f in result["findings"] if f["id"].startswith("PR4")} == set(SAID[state][:1])


def test_a_picture_that_declares_itself_generated_is_flagged_where_a_post_claims_a_date(
    inspect, tmp_path, sign, declaration
):
    (tmp_path / "made.jpg").write_bytes(sign(declaration(source="trainedAlgorithmicMedia")))
    alone = inspect("inspect", "made.jpg")
    posted = inspect("inspect", "made.jpg", "--claimed-date", "2024-11-29")
    assert (alone.returncode, posted.returncode) == (0, 1)
    assert "PR404 error" in posted.stdout


def test_check_tells_them_too(inspect, run, tmp_path):
    (tmp_path / "archived").mkdir()
    (tmp_path / "archived" / "other.jpg").write_bytes((tmp_path / "absent.jpg").read_bytes())
    assert run("add", "archived").returncode == 0
    (result,) = json.loads(inspect("check", "trusted.jpg", "-f", "json").stdout)["results"]
    assert "PR402" in {f["id"] for f in result["findings"]}


@pytest.mark.parametrize("command", ["inspect", "check"])
def test_a_trust_list_that_cannot_be_used_ends_the_run_with_advice(inspect, run, tmp_path, command):
    (tmp_path / "damaged.pem").write_text("no certificate")
    (tmp_path / "archived").mkdir()
    (tmp_path / "archived" / "other.jpg").write_bytes((tmp_path / "absent.jpg").read_bytes())
    run("add", "archived")
    done = inspect(command, "trusted.jpg", anchors="damaged.pem")
    assert done.returncode in {2, 3}
    assert "not a PEM file of certificates" in done.stderr
    assert "Traceback" not in done.stderr
