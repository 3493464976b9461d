"""WACZ files: what their package vouches for is used, and nothing else; pages tell where pictures were shown."""

from __future__ import annotations

import hashlib
import json
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provenance.evidence.dates import parse_edtf
from provenance.ingest import wacz as module
from provenance.ingest import zip_entries
from provenance.ingest.wacz import WaczSource
from provenance.model import Skipped, Submission

URL = "https://cdn.example.org/photo.jpg"
PAGE = "https://example.org/story"
STORED, DEFLATED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED


def collected(path):
    return list(WaczSource(path, parse_edtf).collect())


def pictures(path):
    return [item for item in collected(path) if isinstance(item, Submission)]


def reasons(path):
    return [item.reason for item in collected(path) if isinstance(item, Skipped)]


def listed(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def pages(*urls):
    lines = [{"format": "json-pages-1.0", "id": "pages", "title": "All Pages"}]
    lines += [{"id": str(n), "url": url, "ts": "2016-12-13T09:14:00Z"} for n, url in enumerate(urls)]
    return "\n".join(map(json.dumps, lines)).encode()


def package(path, entries, *, stated=None, method=STORED, digest=True):
    """Write a WACZ file of `entries` by name; `stated` replaces the digests of some of them."""
    digests = {name: listed(content) for name, content in entries.items()} | (stated or {})
    resources = [
        {"name": n.split("/")[-1], "path": n, "hash": h, "bytes": 1} for n, h in digests.items() if h
    ]
    content = json.dumps(
        {"profile": "data-package", "wacz_version": "1.1.1", "resources": resources}
    ).encode()
    whole = {**entries, "datapackage.json": content}
    if digest:
        signed = {"path": "datapackage.json", "hash": listed(content)}
        whole["datapackage-digest.json"] = json.dumps(signed).encode()
    with zipfile.ZipFile(path, "w", method) as made:
        for name, what in whole.items():
            made.writestr(name, what)
    return path


@pytest.fixture
def crawl(tmp_path, warc, jpeg):
    """Return the bytes of a WARC of one picture, which says which page had it fetched."""

    def write(referer=None, name="crawl.warc.gz", seed=1, fill=None):
        with warc(name) as made:
            response = made.response(URL, jpeg(seed), Payload_Digest=f"sha1:{seed}")
            if referer:
                made.request(URL, response, referer)
            if fill:
                fill(made)
        return (tmp_path / name).read_bytes()

    return write


@pytest.mark.parametrize("method", [STORED, DEFLATED])
def test_a_picture_has_its_day_its_url_and_its_page(tmp_path, crawl, jpeg, method):
    path = package(
        tmp_path / "a.wacz",
        {"archive/c.warc.gz": crawl(PAGE), "pages/pages.jsonl": pages(PAGE)},
        method=method,
    )
    (item,) = collected(path)
    assert item.content == jpeg(1)
    assert item.file == path
    assert item.path == f"{path}/archive/c.warc.gz#{URL}"
    assert (item.sighting.url, item.sighting.page) == (URL, PAGE)
    assert item.sighting.archived.text == "2016-12-13T09:14:55Z"


@pytest.mark.parametrize(
    ("referer", "visited", "page"),
    [
        (PAGE, ["https://example.org/other"], PAGE),
        ("https://example.org/", [PAGE, "https://example.net/"], PAGE),
        ("https://example.org/", [PAGE, "https://example.org/2"], "https://example.org/"),
        ("https://example.org/", [PAGE, "https://example.org/"], "https://example.org/"),
        ("https://example.org/", [], "https://example.org/"),
        ("http://[", [PAGE], "http://["),
        (None, [PAGE], PAGE),
        (None, [PAGE, "https://example.org/2"], None),
        (None, [URL], None),
        (None, ["javascript:alert(1)"], None),
        (None, [], None),
    ],
)
def test_the_page_is_told_as_far_as_it_is_sure(tmp_path, crawl, referer, visited, page):
    entries = {
        "archive/c.warc.gz": crawl(referer),
        "pages/extraPages.jsonl": pages(*visited) + b"\nno JSON\n[]\n",
    }
    (item,) = collected(package(tmp_path / "a.wacz", entries))
    assert item.sighting.page == page


def test_a_record_may_repeat_what_another_warc_of_the_package_holds(tmp_path, crawl, jpeg):
    def again(made):
        made.record("revisit", f"{URL}?2", b"", "200 OK\nContent-Type: image/jpeg", Payload_Digest="sha1:1")

    entries = {"archive/1.warc.gz": crawl(), "archive/2.warc": crawl(name="2.warc", seed=2, fill=again)}
    assert [item.content for item in collected(package(tmp_path / "a.wacz", entries))] == [
        jpeg(1),
        jpeg(2),
        jpeg(1),
    ]


@pytest.mark.parametrize(
    ("stated", "told"),
    [
        ("sha256:" + "0" * 64, "its bytes are not those whose digest datapackage.json states"),
        ("", "datapackage.json does not name it"),
        ("crc32:1", "no digest of a kind that is known"),
    ],
)
def test_what_nothing_vouches_for_is_told_and_costs_no_other(tmp_path, crawl, jpeg, stated, told):
    entries = {"archive/1.warc.gz": crawl(), "archive/2.warc.gz": crawl(seed=2)}
    path = package(tmp_path / "a.wacz", entries, stated={"archive/1.warc.gz": stated})
    skipped, taken = collected(path)
    assert told in skipped.reason
    assert skipped.path == f"{path}/archive/1.warc.gz"
    assert taken.content == jpeg(2)


def test_other_kinds_of_digest_are_read(tmp_path, crawl):
    content = crawl()
    stated = {"archive/1.warc.gz": "md5:" + hashlib.md5(content).hexdigest().upper()}
    assert len(pictures(package(tmp_path / "a.wacz", {"archive/1.warc.gz": content}, stated=stated))) == 1


def rewritten(path, change):
    """Write the ZIP again, with its entries changed."""
    with zipfile.ZipFile(path) as held:
        entries = {name: held.read(name) for name in held.namelist()}
    change(entries)
    with zipfile.ZipFile(path, "w") as made:
        for name, content in entries.items():
            made.writestr(name, content)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda e: e.pop("datapackage.json"), "holds no datapackage.json"),
        (lambda e: e.update({"datapackage.json": e["datapackage.json"] + b" "}), "not the one whose digest"),
        (lambda e: e.update({"datapackage-digest.json": b"[]"}), "datapackage-digest.json cannot be read"),
        (lambda e: e.update({"datapackage-digest.json": b"{}"}), "no digest of a kind"),
        (lambda e: (e.clear(), e.update({"datapackage.json": b"{}"})), "no WARC file"),
        (lambda e: (e.clear(), e.update({"datapackage.json": b"[" * 10**6})), "cannot be read"),
    ],
)
def test_a_package_that_does_not_vouch_is_not_used(tmp_path, crawl, change, told):
    path = package(tmp_path / "a.wacz", {"archive/1.warc.gz": crawl()})
    rewritten(path, change)
    (reason,) = reasons(path)
    assert told in reason


def test_pages_that_were_changed_are_told_and_not_used(tmp_path, crawl):
    entries = {"archive/1.warc.gz": crawl(), "pages/pages.jsonl": pages(PAGE)}
    path = package(tmp_path / "a.wacz", entries)
    rewritten(path, lambda e: e.update({"pages/pages.jsonl": pages("https://other.example/")}))
    skipped, taken = collected(path)
    assert skipped.path.endswith("pages/pages.jsonl")
    assert taken.sighting.page is None


def test_packages_within_a_package_are_read_once_deep(tmp_path, crawl, jpeg):
    inner = package(tmp_path / "inner.wacz", {"archive/1.warc.gz": crawl()}).read_bytes()
    middle = package(tmp_path / "middle.wacz", {"one.wacz": inner}).read_bytes()
    assert [item.content for item in collected(tmp_path / "middle.wacz")] == [jpeg(1)]
    assert "not read any deeper" in reasons(package(tmp_path / "a.wacz", {"two.wacz": middle}))[0]


def test_names_that_lead_elsewhere_lead_nowhere(tmp_path, crawl):
    (tmp_path / "folder").mkdir()
    path = package(tmp_path / "folder" / "a.wacz", {"archive/../../\x1b[2Jescaped.warc.gz": crawl()})
    (item,) = collected(path)
    assert "\x1b" not in item.path
    assert sorted(f.name for f in tmp_path.iterdir()) == ["crawl.warc.gz", "folder"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_entry_that_is_named_twice_is_not_used(tmp_path, crawl):
    path = package(tmp_path / "a.wacz", {"archive/1.warc.gz": crawl()})
    with zipfile.ZipFile(path, "a") as more:
        more.writestr("archive/1.warc.gz", crawl(seed=2))
    assert reasons(path) == ["its directory names an entry twice"]


def flagged(path, offset_in_directory, value):
    """Change a byte of the first directory entry."""
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\1\2") + offset_in_directory] = value
    path.write_bytes(content)


def test_encrypted_entries_and_rare_compressions_are_told(tmp_path, crawl):
    for offset, value, told in ((8, 1, "encrypted"), (10, 14, "method 14")):
        path = package(tmp_path / "a.wacz", {"archive/1.warc.gz": crawl()})
        flagged(path, offset, value)
        assert told in reasons(path)[0]


def test_a_bomb_is_not_unfolded(tmp_path, monkeypatch):
    monkeypatch.setattr(zip_entries, "MOST_UNFOLDED", 10**6)
    path = package(tmp_path / "a.wacz", {"archive/1.warc": b"\0" * 10**7}, method=DEFLATED)
    assert "more than 200 times" in reasons(path)[0]


@pytest.mark.parametrize(("bound", "most"), [("MOST_SPOOLED", 3), ("MOST_SPOOLED_BYTES", 5_000)])
def test_no_more_is_unfolded_than_fits(tmp_path, monkeypatch, bound, most):
    monkeypatch.setattr(zip_entries, bound, most)
    entries = {f"archive/{n}.warc": bytes(1000) for n in range(9)}
    told = reasons(package(tmp_path / "a.wacz", entries, method=DEFLATED))
    assert "too much of this ZIP file is compressed" in told[-1]


def test_a_directory_that_is_too_large_is_not_read(tmp_path, monkeypatch, crawl):
    monkeypatch.setattr(zip_entries, "MOST_DIRECTORY", 100)
    path = package(tmp_path / "a.wacz", {"archive/1.warc.gz": crawl()})
    assert reasons(path) == ["its directory is larger than 100 bytes"]


def test_no_more_pages_are_remembered_than_fit(tmp_path, monkeypatch, crawl):
    monkeypatch.setattr(module, "MOST_PAGES", 1)
    entries = {"archive/1.warc.gz": crawl(), "pages/pages.jsonl": pages(PAGE, "https://example.org/2")}
    (item,) = collected(package(tmp_path / "a.wacz", entries))
    assert item.sighting.page == PAGE


@pytest.mark.parametrize("content", [b"", b"PK\3\4", b"no ZIP file"])
def test_what_is_no_zip_file_is_told(tmp_path, content):
    (tmp_path / "a.wacz").write_bytes(content)
    assert "no ZIP file" in reasons(tmp_path / "a.wacz")[0]
    assert "cannot be read" in reasons(tmp_path / "missing.wacz")[0]


def test_the_same_file_gives_the_same_in_the_same_order(tmp_path, crawl):
    path = package(tmp_path / "a.wacz", {"archive/2.warc.gz": crawl(), "archive/1.warc.gz": crawl(seed=2)})
    assert collected(path) == collected(path)
    begun = WaczSource(path, parse_edtf).collect()
    next(begun)
    begun.close()


@given(data=st.data())
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_happened_to_a_file_it_gives_pictures_and_reasons_and_nothing_else(
    tmp_path, crawl, jpeg, data
):
    path = tmp_path / "a.wacz"
    if not path.exists():
        package(path, {"archive/c.warc.gz": crawl(PAGE), "pages/pages.jsonl": pages(PAGE)}, method=DEFLATED)
        (tmp_path / "whole").write_bytes(path.read_bytes())
    content = bytearray((tmp_path / "whole").read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content)) | st.integers(max(0, len(content) - 400), len(content)))
        content[at : at + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=8))
    (tmp_path / "mangled.wacz").write_bytes(content)
    found = collected(tmp_path / "mangled.wacz")
    assert found
    assert all(item.content == jpeg(1) if isinstance(item, Submission) else item.reason for item in found)
