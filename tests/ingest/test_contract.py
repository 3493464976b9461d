"""Photos, folders and lists keep what every source promises."""

from __future__ import annotations

import json
import zipfile

import openpyxl
import pytest
from contract import Made, SourceContract

from provenance.evidence.dates import parse_edtf
from provenance.evidence.statements import stated_beside
from provenance.ingest.documents import Documents
from provenance.ingest.fact_checks import FactChecks
from provenance.ingest.folder import FileSource, FolderSource
from provenance.ingest.interface import Reading
from provenance.ingest.sidecars import Sidecars
from provenance.ingest.sightings import SightingList

READING = Reading(parse_edtf, read_xmp=stated_beside)


@pytest.fixture
def photos(tmp_path, jpeg):
    """Make a folder of two photos, one of them deeper, and return it."""
    folder = tmp_path / "photos"
    (folder / "deeper").mkdir(parents=True)
    (folder / "b.jpg").write_bytes(jpeg(1))
    (folder / "deeper" / "a.jpg").write_bytes(jpeg(2))
    return folder


class TestFiles(SourceContract):
    @pytest.fixture
    def made(self, photos):
        files = (photos / "b.jpg", photos / "missing.jpg", photos / "deeper" / "a.jpg", photos / "deeper")
        return Made(FileSource(files), photos, photos=2, skipped=2)


class TestFolder(SourceContract):
    @pytest.fixture
    def made(self, photos):
        (photos / "gone.jpg").symlink_to(photos / "nowhere.jpg")
        return Made(FolderSource(photos), photos, photos=2, skipped=1)


class TestList(SourceContract):
    @pytest.fixture
    def made(self, photos):
        table = photos / "list.csv"
        table.write_text(
            "path,published,place\n"
            "b.jpg,2016-12-13,حلب\n"
            "deeper/a.jpg,2016,\n"
            "b.jpg,soon,\n"
            "missing.jpg,2016,\n"
            ",2016,\n",
            encoding="utf-8",
        )
        return Made(SightingList(table, parse_edtf), photos, photos=2, skipped=3)


class TestFolderWithSidecars(SourceContract):
    @pytest.fixture
    def made(self, photos):
        (photos / "b.jpg.json").write_text(json.dumps({"place": "Aleppo \ud800"}))
        (photos / "deeper" / "a.json").write_text("{")
        (photos / "deeper" / "a.xmp").write_text("<x:xmpmeta")
        return Made(FolderSource(photos, Sidecars(READING).told), photos, photos=2, skipped=2)


class TestWorkbook(SourceContract):
    @pytest.fixture
    def made(self, photos):
        workbook = openpyxl.Workbook()
        for row in (
            ["path", "published"],
            ["b.jpg", 2016],
            ["deeper/a.jpg", None],
            ["gone.jpg"],
            [None, "soon"],
        ):
            workbook.active.append(row)
        workbook.save(photos / "list.xlsx")
        return Made(SightingList(photos / "list.xlsx", parse_edtf), photos, photos=2, skipped=2)


class TestFactChecks(SourceContract):
    @pytest.fixture
    def made(self, photos):
        feed = photos / "feed.jsonl"
        pictures = ("b.jpg", "deeper/a.jpg", "gone.jpg", "../outside.jpg", "https://example.org/a.jpg")
        reviews = [
            {
                "@type": "MediaReview",
                "mediaAuthenticityCategory": "DecontextualizedContent",
                "itemReviewed": {"@type": "ImageObject", "contentUrl": picture},
            }
            for picture in pictures
        ]
        (photos.parent / "outside.jpg").write_bytes((photos / "b.jpg").read_bytes())
        feed.write_text("\n".join(map(json.dumps, [*reviews, {"@type": "ClaimReview"}])))
        return Made(FactChecks(feed, READING), photos, photos=2, skipped=3, mentions=1)


class TestDocument(SourceContract):
    @pytest.fixture
    def made(self, photos):
        with zipfile.ZipFile(photos / "report.docx", "w") as document:
            document.writestr("word/document.xml", "<w:document/>")
            document.write(photos / "b.jpg", "word/media/image1.jpeg")
            document.write(photos / "deeper" / "a.jpg", "word/media/image2.jpeg")
            document.writestr("word/media/image3.png", b"")
        return Made(Documents(photos / "report.docx"), photos, photos=2, skipped=1)
