"""Web archives keep what every source promises."""

from __future__ import annotations

import hashlib
import json
import zipfile

import contract
import pytest

from provenance.evidence.dates import parse_edtf
from provenance.ingest.auto_archiver import AutoArchiverSource
from provenance.ingest.wacz import WaczSource
from provenance.ingest.warc import WarcSource

URL = "https://example.org/حلب.jpg"


@pytest.fixture
def crawl(tmp_path, warc, jpeg):
    """Write a WARC of three pictures, one of them a repetition, and one that is damaged, and return it."""
    with warc("crawl.warc.gz") as made:
        made.response(URL, jpeg(1), Payload_Digest="sha1:1")
        made.response(f"{URL}?2", jpeg(2))
        made.response(f"{URL}?3", jpeg(3), Date="soon")
        made.record("revisit", f"{URL}?4", b"", "200 OK", Payload_Digest="sha1:1")
    return tmp_path / "crawl.warc.gz"


class TestWarc(contract.SourceContract):
    @pytest.fixture
    def made(self, tmp_path, crawl):
        return contract.Made(WarcSource(crawl, parse_edtf), tmp_path, photos=3, skipped=1)


class TestWacz(contract.SourceContract):
    @pytest.fixture(params=[zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
    def made(self, request, tmp_path, crawl):
        content = crawl.read_bytes()
        digests = (hashlib.sha256(content).hexdigest(), "0" * 64)
        paths = [f"archive/{n}.warc.gz" for n in range(2)]
        resources = [{"path": p, "hash": f"sha256:{d}"} for p, d in zip(paths, digests, strict=True)]
        with zipfile.ZipFile(tmp_path / "a.wacz", "w", request.param) as made:
            for path in paths:
                made.writestr(path, content)
            made.writestr("datapackage.json", json.dumps({"resources": resources}))
        return contract.Made(WaczSource(tmp_path / "a.wacz", parse_edtf), tmp_path, photos=3, skipped=2)


class TestAutoArchiver(contract.SourceContract):
    @pytest.fixture
    def made(self, tmp_path, jpeg):
        for n in range(2):
            (tmp_path / f"{n}.jpg").write_bytes(jpeg(n))
        media = [{"filename": f"{n}.jpg", "urls": [], "properties": {}} for n in range(3)]
        (tmp_path / "m.json").write_text(
            json.dumps({"status": "ok", "metadata": {"url": URL}, "media": media})
        )
        return contract.Made(
            AutoArchiverSource(tmp_path / "m.json", parse_edtf), tmp_path, photos=2, skipped=1
        )
