"""Web archives through the real program: what wget and warcio wrote is found, with its day and its URLs."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import http.server
import json
import shutil
import subprocess
import threading
import zipfile

import pytest
from PIL import Image

PHOTO = "https://wire.example/2016/gate.jpg"
PAGE = "https://wire.example/2016/story"


def checked(run, photo, *more):
    done = run("check", photo, "-a", "desk.db", "--claimed-date", "2024-11-29", "--format", "json", *more)
    return done, json.loads(done.stdout)["results"][0]


def test_a_photo_that_a_web_archive_fetched_before_the_claimed_date_is_flagged(tmp_path, photo, warc, run):
    original = photo("original.jpg", 1, (400, 300), quality=92)
    with warc("crawl.warc.gz") as made:
        made.request(PHOTO, made.response(PHOTO, original.read_bytes()), PAGE)
    added = run("add", "crawl.warc.gz", "-a", "desk.db")
    assert (added.returncode, added.stderr.split(",")[0]) == (0, "1 new images")
    with Image.open(original) as picture:
        picture.resize((320, 240)).save(tmp_path / "viral.jpg", quality=50)
    done, result = checked(run, "viral.jpg", "--output", "text:report.txt")
    finding = next(f for f in result["findings"] if f["id"] == "PR101")
    assert done.returncode == 1
    assert finding["message"] == (
        "Seen before the claimed date 2024-11-29: archived 2016-12-13T09:14:55Z by a web archive "
        f"({PHOTO}, on {PAGE})."
    )
    assert finding["evidence"][0]["reliability"] == "recorded by a web archive when it fetched the picture"
    (match,) = result["matches"]
    assert match["reference"]["path"] == f"crawl.warc.gz#{PHOTO}"
    (sighting,) = match["sightings"]
    assert sighting["archived"]["earliest"] == sighting["archived"]["latest"] == "2016-12-13"
    assert (sighting["url"], sighting["page"]) == (PHOTO, PAGE)
    assert f"archived 2016-12-13T09:14:55Z  {PAGE}" in (tmp_path / "report.txt").read_text()


def test_adding_it_again_adds_nothing_and_each_capture_is_a_sighting(photo, warc, run):
    content = photo("original.jpg", 1, (400, 300)).read_bytes()
    with warc("crawl.warc.gz") as made:
        made.response(PHOTO, content)
        made.response(PHOTO, content, Date="2017-01-01T00:00:00Z")
    first, second = (run("add", "crawl.warc.gz", "-a", "desk.db") for _ in range(2))
    assert "1 new images, 2 new sightings" in first.stderr
    assert "0 new images, 0 new sightings" in second.stderr


def test_damage_is_told_with_its_place_and_the_rest_is_added(tmp_path, photo, warc, run):
    with warc("crawl.warc.gz") as made:
        made.response(PHOTO, photo("1.jpg", 1, (400, 300)).read_bytes())
        made.response(f"{PHOTO}?2", photo("2.jpg", 2, (400, 300)).read_bytes())
    path = tmp_path / "crawl.warc.gz"
    path.write_bytes(path.read_bytes()[:-100])
    done = run("add", "crawl.warc.gz", "-a", "desk.db")
    assert done.returncode == 3
    assert f"Skipped crawl.warc.gz#{PHOTO}?2: the record at byte " in done.stderr
    assert "1 new images" in done.stderr


class _Site(http.server.SimpleHTTPRequestHandler):
    """Serves a folder; what is named chunked.jpg in chunks, and compressed."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if not self.path.endswith("chunked.jpg"):
            return super().do_GET()
        with open(self.translate_path(self.path), "rb") as file:  # noqa: PTH123 - a text of the server's
            content = gzip.compress(file.read())
        self.send_response(200)
        for name, value in (("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked")):
            self.send_header(name, value)
        self.end_headers()
        for at in range(0, len(content), 999):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(content[at : at + 999]), content[at : at + 999]))
        self.wfile.write(b"0\r\n\r\n")
        return None

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def site(tmp_path, photo):
    """Serve a page with three photos, and another that shows one of them, and return the address."""
    for seed, name in enumerate(("first", "second", "chunked")):
        photo(f"site/{name}.jpg", seed, (400, 300), quality=92)
    (tmp_path / "site" / "index.html").write_text(
        '<img src="first.jpg"><img src="chunked.jpg"><a href="more.html">more</a>'
    )
    (tmp_path / "site" / "more.html").write_text('<img src="second.jpg"><img src="missing.jpg">')
    folder = str(tmp_path / "site")
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), lambda *arguments: _Site(*arguments, directory=folder)
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def crawl(tmp_path, site):
    """Return what crawls the site with wget, into a WARC of the name given."""
    wget = shutil.which("wget")
    if wget is None:
        pytest.skip("wget is not installed, so nothing it writes can be read: install Debian's package wget")

    def write(name, *options):
        (tmp_path / "elsewhere").mkdir(exist_ok=True)
        done = subprocess.run(
            [wget, "--quiet", "--recursive", "--page-requisites", "--no-proxy", "--tries=1", "--timeout=20",
             f"--warc-file={tmp_path / name}", *options, f"{site}/index.html"],
            cwd=tmp_path / "elsewhere", check=False, env={"HOME": str(tmp_path), "PATH": ""},
        )  # fmt: skip
        assert done.returncode == 8  # some answers were errors: missing.jpg
        return tmp_path / name

    return write


def recorded(path):
    """Return the dates of pictures in a WARC by their URLs, as warcio's own reader has them."""
    from warcio.archiveiterator import ArchiveIterator

    with path.open("rb") as file, contextlib.closing(ArchiveIterator(file)) as records:
        return {
            record.rec_headers.get_header("WARC-Target-URI"): record.rec_headers.get_header("WARC-Date")
            for record in records
            if record.rec_type == "response" and record.http_headers.get_statuscode() == "200"
            and record.rec_headers.get_header("WARC-Target-URI").endswith(".jpg")
        }  # fmt: skip


@pytest.mark.parametrize(("name", "options"), [("c.warc.gz", ()), ("c.warc", ("--no-warc-compression",))])
def test_what_wget_archived_is_found_with_exact_days_urls_and_pages(site, crawl, run, name, options):
    path = crawl("c", *options).with_name(name)
    assert "3 new images, 3 new sightings" in run("add", name, "-a", "desk.db").stderr
    expected = recorded(path)
    assert set(expected) == {f"{site}/{photo}.jpg" for photo in ("first", "second", "chunked")}
    results = json.loads(run("check", "site", "-a", "desk.db", "--format", "json").stdout)["results"]
    assert len(results) == 3
    for result in results:
        photo = result["path"].removeprefix("site/")
        (sighting,) = next(m for m in result["matches"] if m["kind"] == "identical")["sightings"]
        assert sighting["url"] == f"{site}/{photo}"
        assert sighting["archived"]["edtf"] == expected[f"{site}/{photo}"]
        assert sighting["page"] == f"{site}/{'more' if photo == 'second.jpg' else 'index'}.html"


def test_what_wget_archived_is_found_in_a_package_too(tmp_path, site, crawl, run):
    crawl("c")
    warc = (tmp_path / "c.warc.gz").read_bytes()
    digest = hashlib.sha256(warc).hexdigest()
    resource = {
        "name": "c.warc.gz",
        "path": "archive/c.warc.gz",
        "hash": f"sha256:{digest}",
        "bytes": len(warc),
    }
    with zipfile.ZipFile(tmp_path / "c.wacz", "w") as made:
        made.writestr("archive/c.warc.gz", warc)
        made.writestr("datapackage.json", json.dumps({"profile": "data-package", "resources": [resource]}))
    done = run("add", "c.wacz", "-a", "desk.db")
    assert "3 new images, 3 new sightings" in done.stderr
    _, result = checked(run, "site/second.jpg")
    match = next(m for m in result["matches"] if m["kind"] == "identical")
    assert match["reference"]["path"] == f"c.wacz/archive/c.warc.gz#{site}/second.jpg"
    assert match["sightings"][0]["page"] == f"{site}/more.html"


def test_what_the_auto_archiver_wrote_is_found(tmp_path, photo, run):
    picture = photo("local_archive/a1b2.jpg", 1, (400, 300))
    digest = hashlib.sha256(picture.read_bytes()).hexdigest()
    media = [
        {"filename": "x.jpg", "urls": ["local_archive/a1b2.jpg"], "properties": {"hash": f"SHA-256:{digest}"}}
    ]
    said = '{"_processed_at": datetime.datetime(2016, 12, 13, 9, 0, tzinfo=datetime.timezone.utc), "url": "https://post.example/1"}'
    quoted = said.replace('"', '""')
    (tmp_path / "db.csv").write_text(f'status,metadata,media\nok,"{quoted}","{media}"\n')
    assert "1 new images" in run("add", "db.csv", "-a", "desk.db").stderr
    _, result = checked(run, picture)
    message = next(f["message"] for f in result["findings"] if f["id"] == "PR101")
    assert "archived 2016-12-13T09:00:00Z by a web archive (https://post.example/1)" in message


def test_a_package_that_was_changed_adds_nothing(tmp_path, run):
    with zipfile.ZipFile(tmp_path / "c.wacz", "w") as made:
        made.writestr("archive/c.warc.gz", b"changed")
        resource = {"path": "archive/c.warc.gz", "hash": f"sha256:{'0' * 64}"}
        made.writestr("datapackage.json", json.dumps({"resources": [resource]}))
    done = run("add", "c.wacz", "-a", "desk.db")
    assert done.returncode == 3
    assert (
        "Skipped c.wacz/archive/c.warc.gz: its bytes are not those whose digest datapackage.json states"
        in done.stderr
    )
