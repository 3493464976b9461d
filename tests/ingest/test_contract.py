"""Photos, folders and lists keep what every source promises."""

from __future__ import annotations

import pytest
from contract import Made, SourceContract

from provenance.evidence.dates import parse_edtf
from provenance.ingest.folder import FileSource, FolderSource
from provenance.ingest.sightings import SightingList


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
