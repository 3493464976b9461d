"""A bundle holds everything, the same bytes each time, and is refused once anything in it was touched."""

from __future__ import annotations

import hashlib
import io
import json
import re
import struct
import subprocess
import tracemalloc
import zipfile
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provenance.circumstances import circumstances
from provenance.cli.bundles import write_bundle
from provenance.errors import BundleError, ExitCode
from provenance.model import ArchiveInfo, Report, Result, Verdict
from provenance.report.bundle import BundleAbout, BundlePhoto, Member, bundle_members
from provenance.report.bundle_reading import MOST_TEXT, open_bundle
from provenance.report.json_report import report_json
from provenance.report.reading import read_report
from provenance.report.terminal import report_text
from provenance.settings import Settings

CHECKED = datetime(2026, 3, 1, 12, 30, 10, tzinfo=UTC)
ABOUT = BundleAbout(
    circumstances(Settings(), fast=True),
    CHECKED,
    ("check", "posts", "--fast"),
    "[policy]\nfail_on = 'error'\n",
)
FIRST, SECOND = b"the bytes of a", b"those of b"
LARGEST = 2**20


@pytest.fixture
def checked(report):
    """A report about two photos whose bytes are at hand."""
    first, second = report.results
    results = (replace(first, sha256=sha256(FIRST)), replace(second, sha256=sha256(SECOND)))
    return replace(report, results=results, checked=CHECKED)


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def photos(report):
    yield BundlePhoto(
        report.results[0], FIRST, {1: b"a preview"}, {1: {"mask.png": b"mask", "heatmap.png": b"heat"}}
    )
    yield BundlePhoto(report.results[1], SECOND)


def members(report, about=ABOUT):
    reporters = {"text": report_text, "json": report_json, "sarif": lambda _: "{}\n"}
    return bundle_members(
        report, about, photos(report), reporters, [Member("report.html", b"<!doctype html>")]
    )


@pytest.fixture
def made(checked, tmp_path):
    path = tmp_path / "evidence.zip"
    write_bundle(path, members(checked), CHECKED)
    return path


def opened(content, largest=LARGEST):
    return open_bundle(io.BytesIO(content), largest=largest)


def test_everything_is_in_it_under_safe_names(made):
    assert zipfile.ZipFile(made).namelist() == [
        "README.txt",
        "report.json",
        "report.txt",
        "report.sarif",
        "claims.json",
        "report.html",
        "queries/001-a.jpg",
        "matches/001-a/001-citadel/heatmap.png",
        "matches/001-a/001-citadel/mask.png",
        "matches/001-a/001-citadel/preview.jpg",
        "queries/002-b.jpg",
        "manifest.json",
        "SHA256SUMS",
    ]


def test_the_manifest_says_what_the_check_rested_on(made):
    manifest = json.loads(zipfile.ZipFile(made).read("manifest.json"))
    assert manifest["tool"]["name"] == "provenance"
    assert manifest["checked"] == "2026-03-01T12:30:10+00:00"
    assert manifest["circumstances"]["libraries"]["pillow"]
    assert manifest["circumstances"]["settings"]["match_score"] == 3.0
    assert "C2PA Trust List" in manifest["circumstances"]["trust_list"]
    assert manifest["archive"] | {"identity": ""} == {
        "identity": "",
        "generation": 5,
        "images": 12,
        "sightings": 14,
        "schema_version": 3,
    }
    assert manifest["arguments"] == ["check", "posts", "--fast"]
    assert manifest["policy"] == ABOUT.policy
    assert manifest["photos"][0]["matches"][0]["reference"] == "a" * 64
    assert manifest["members"]["queries/001-a.jpg"] == {"sha256": sha256(FIRST), "bytes": len(FIRST)}


def test_the_sums_hold_as_anybody_checks_them(made, tmp_path):
    zipfile.ZipFile(made).extractall(tmp_path / "unpacked")
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"],
        check=False,
        cwd=tmp_path / "unpacked",
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0
    assert done.stdout.count(": OK\n") == 12


def test_the_same_check_gives_the_same_bytes(made, checked, tmp_path):
    write_bundle(tmp_path / "again.zip", members(checked), CHECKED)
    assert (tmp_path / "again.zip").read_bytes() == made.read_bytes()


def test_it_is_read_back_as_it_was(made, checked):
    bundle = opened(made.read_bytes())
    assert bundle.report == read_report(report_json(checked))
    assert bundle.about == ABOUT
    assert (bundle.query(0), bundle.query(1)) == (FIRST, SECOND)


def test_a_photo_that_changed_meanwhile_or_is_missing_is_told_and_leaves_no_file(checked, tmp_path):
    path = tmp_path / "evidence.zip"
    changed = [BundlePhoto(checked.results[0], b"other bytes")]
    with pytest.raises(BundleError, match=r"posts/a\.jpg has changed since it was checked"):
        write_bundle(path, bundle_members(checked, ABOUT, changed, {}), CHECKED)
    with pytest.raises(BundleError, match=r"posts/b\.jpg are missing"):
        write_bundle(path, bundle_members(checked, ABOUT, list(photos(checked))[:1], {}), CHECKED)
    assert not list(tmp_path.iterdir())


def test_hostile_paths_become_harmless_names(checked, tmp_path):
    hostile = ("../../etc/passwd", "a\x00b\u202e.jpg", "C:\\x\\..", "")
    results = tuple(Result(path, sha256(FIRST), Verdict.NOTHING_FOUND, (), ()) for path in hostile)
    report = replace(checked, results=results)
    told = list(bundle_members(report, ABOUT, (BundlePhoto(r, FIRST) for r in results), {}))
    names = [member.name for member in told if member.name.startswith("queries/")]
    assert len(set(names)) == 4
    assert all(re.fullmatch(r"queries/00[1-4](-[a-z0-9-]+)?(\.[a-z0-9]+)?", name) for name in names)


def rewritten(made, change):
    """Return the bytes of a ZIP file whose members went through `change`, name -> content or None."""
    target = io.BytesIO()
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(target, "w") as archive:
        for info in source.infolist():
            content = change(info.filename, source.read(info))
            if content is not None:
                archive.writestr(info.filename, content)
    return target.getvalue()


NAMES = (
    "README.txt",
    "report.json",
    "claims.json",
    "queries/002-b.jpg",
    "matches/001-a/001-citadel/mask.png",
)


@pytest.mark.parametrize("name", [*NAMES, "manifest.json", "SHA256SUMS"])
def test_a_member_that_was_changed_or_taken_out_is_told(made, name):
    flipped = rewritten(made, lambda n, c: c[:-1] + bytes([c[-1] ^ 1]) if n == name else c)
    with pytest.raises(BundleError) as refused:
        opened(flipped)
    assert refused.value.exit_code is ExitCode.USAGE
    with pytest.raises(BundleError, match=r"missing|not an evidence bundle"):
        opened(rewritten(made, lambda n, c: None if n == name else c))


def test_a_digest_that_was_changed_with_its_member_still_shows_in_the_report(made, checked):
    forged = b"another photo"
    digests = {}

    def change(name, content):
        if name == "queries/002-b.jpg":
            return forged
        if name == "manifest.json":
            manifest = json.loads(content)
            manifest["members"]["queries/002-b.jpg"] = {"sha256": sha256(forged), "bytes": len(forged)}
            digests.update({n: m["sha256"] for n, m in manifest["members"].items()})
            content = json.dumps(manifest).encode()
            digests["manifest.json"] = sha256(content)
        if name == "SHA256SUMS":
            return "".join(f"{d}  {n}\n" for n, d in sorted(digests.items())).encode()
        return content

    with pytest.raises(BundleError, match="not those that its report is about"):
        opened(rewritten(made, change))


def with_member(made, name):
    target = io.BytesIO(made.read_bytes())
    twice = pytest.warns(UserWarning, match="Duplicate name") if name == "README.txt" else nullcontext()
    with twice, zipfile.ZipFile(target, "a") as archive:
        archive.writestr(zipfile.ZipInfo(name), b"x")
    return target.getvalue()


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("../evil", "with the name"),
        ("/etc/passwd", "with the name"),
        ("queries/..", "with the name"),
        ("queries/", "with the name"),
        ("a\\b", "with the name"),
        ("c:x", "with the name"),
        ("README.txt", "two members with the name"),
        ("more.txt", "not in its manifest"),
    ],
)
def test_a_member_that_no_bundle_has_is_refused(made, name, told):
    with pytest.raises(BundleError, match=told):
        opened(with_member(made, name))


def test_what_would_grow_too_large_is_refused_before_it_is_read(made):
    bomb = io.BytesIO(made.read_bytes())
    with zipfile.ZipFile(bomb, "a") as archive:
        archive.writestr("bomb.txt", b"0" * 1000, zipfile.ZIP_DEFLATED)
        archive.filelist[-1].file_size = MOST_TEXT + 1
    with pytest.raises(BundleError, match=r"bomb\.txt in the bundle would take 268,435,457 bytes"):
        opened(bomb.getvalue())
    with pytest.raises(BundleError, match="more than is read"):
        opened(made.read_bytes(), largest=4)


def test_a_member_that_inflates_beyond_its_declared_size_is_not_inflated(made):
    lying = io.BytesIO()
    with zipfile.ZipFile(lying, "w") as archive:
        for name in ("report.json", "SHA256SUMS"):
            archive.writestr(name, b"{}")
        archive.writestr("manifest.json", bytes(200 * 2**20), zipfile.ZIP_DEFLATED)
    content = lying.getvalue().replace(struct.pack("<L", 200 * 2**20), struct.pack("<L", 20))
    tracemalloc.start()
    with pytest.raises(BundleError):
        opened(content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 32 * 2**20


def test_a_directory_with_too_many_entries_is_refused_unread():
    content = b"\0" * 1000 + struct.pack("<4s8xL4xH", b"PK\x05\x06", 2**31, 0)
    with pytest.raises(BundleError, match="more than 200,000 members"):
        opened(content)


@pytest.mark.parametrize(
    "content", [b"", b"PK", b"no ZIP file at all" * 20, struct.pack("<4s18x", b"PK\x05\x06")]
)
def test_what_is_no_bundle_is_refused(content):
    with pytest.raises(BundleError):
        opened(content)


@given(data=st.data())
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_done_to_its_bytes_it_is_refused_or_says_the_same(made, checked, data):
    content = bytearray(made.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.sampled_from([len(content), len(content) // 2, len(content) - 1]))
    try:
        bundle = opened(bytes(content[:cut]))
        told = (bundle.report, bundle.about, bundle.query(0), bundle.query(1))
    except BundleError:
        return
    assert told == (read_report(report_json(checked)), ABOUT, FIRST, SECOND)


def test_a_thousand_photos_are_written_one_at_a_time(tmp_path):
    size = 2**20

    def content(n):
        return n.to_bytes(4, "big") * (size // 4)

    results = tuple(Result(f"{n}.jpg", sha256(content(n)), Verdict.NOTHING_FOUND, (), ()) for n in range(200))
    report = Report(ArchiveInfo("a.db", 1, 1, 6, 1), 3.0, results, checked=CHECKED)
    tracemalloc.start()
    write_bundle(
        tmp_path / "large.zip",
        bundle_members(report, ABOUT, (BundlePhoto(r, content(n)) for n, r in enumerate(results)), {}),
        CHECKED,
    )
    with (tmp_path / "large.zip").open("rb") as file:
        assert open_bundle(file, largest=LARGEST).query(199) == content(199)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 12 * size
