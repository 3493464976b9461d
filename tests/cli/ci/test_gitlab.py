"""docs/ci/gitlab-ci.yml: valid, and its scripts run in a clean clone of a repository of uploads."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, HTTPServer
from xml.etree import ElementTree

import pytest
import yaml

OF_GITLAB = ("--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci")


@pytest.fixture
def snippet(repository):
    return repository / "docs" / "ci" / "gitlab-ci.yml"


@pytest.fixture
def job(clone, program, snippet):
    """Return a function that runs a job's script as GitLab's runner does, with the variables of a pipeline."""
    written = yaml.safe_load(snippet.read_text(encoding="utf-8"))

    def call(name, folder=clone, **variables):
        script = "\n".join(["set -eo pipefail", *written[name]["script"]])
        return subprocess.run(
            ["bash", "-c", script],
            cwd=folder,
            env={
                **os.environ,
                **written["variables"],
                "PROVENANCE_ARCHIVE": "provenance.db",
                "PROVENANCE_IMAGE": "registry.example.org/provenance",
                "PROVENANCE_TOKEN": "a token",
                "PATH": f"{program}:{os.environ['PATH']}",
                **variables,
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return call


def test_the_snippet_is_valid(snippet):
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", *OF_GITLAB, snippet],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_job_of_a_merge_request_checks_what_it_changes_and_leaves_the_files_that_gitlab_reads(
    job, clone, git
):
    (clone / "uploads" / "copy.jpg").write_bytes((clone / "uploads" / "recycled.jpg").read_bytes())
    git(clone, "add", "uploads")
    git(clone, "commit", "-qm", "A copy")
    done = job("provenance", CI_MERGE_REQUEST_DIFF_BASE_SHA=git(clone, "rev-parse", "HEAD~1").strip())
    assert done.returncode == 1, done.stderr
    issues = json.loads((clone / "gl-code-quality.json").read_text())
    assert {issue["location"]["path"] for issue in issues} == {"uploads/copy.jpg"}
    cases = ElementTree.parse(clone / "junit.xml").getroot().iter("testcase")
    assert len(list(cases)) == 1
    assert "uploads/copy.jpg" in (clone / "provenance-report" / "summary.md").read_text()
    assert (clone / "provenance-report" / "provenance.html").exists()


def test_the_job_of_the_main_branch_checks_all(job, clone):
    assert job("provenance").returncode == 1
    cases = list(ElementTree.parse(clone / "junit.xml").getroot().iter("testcase"))
    assert len(cases) == 4


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed: the note is not sent")
def test_the_note_is_the_whole_summary_sent_once_with_the_token(job, tmp_path):
    """Real curl, to a server of this test's own on the loopback interface."""
    asked = []

    class GitLab(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            asked.append((self.path, self.headers["PRIVATE-TOKEN"], urllib.parse.parse_qs(body)))
            self.send_response(201)
            self.end_headers()

        def log_message(self, *_):
            pass

    summary = "### Provenance\n\n| `a&b=c;@x.jpg` | 100% + é |\n"
    (tmp_path / "provenance-report").mkdir()
    (tmp_path / "provenance-report" / "summary.md").write_text(summary, encoding="utf-8")
    with HTTPServer(("127.0.0.1", 0), GitLab) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        done = job(
            "provenance-note",
            tmp_path,
            CI_API_V4_URL=f"http://127.0.0.1:{server.server_port}/api/v4",
            CI_PROJECT_ID="7",
            CI_MERGE_REQUEST_IID="3",
            no_proxy="*",
        )
        server.shutdown()
        serving.join()
    assert done.returncode == 0, done.stderr
    assert asked == [("/api/v4/projects/7/merge_requests/3/notes", "a token", {"body": [summary]})]
