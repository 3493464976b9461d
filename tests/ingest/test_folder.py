"""Folders and named photos become submissions; what cannot is told with its reason."""

from __future__ import annotations

import os
import sys

import pytest

from provenance.ingest.folder import FileSource, FolderSource
from provenance.model import Skipped, Submission


def test_a_folder_gives_its_photos_by_name_at_any_depth(tmp_path):
    for name in ("b.JPG", "a/z.png", "a/.hidden.jpg", ".git/x.jpg", "notes.txt", "c.heic"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    found = [item.path.removeprefix(f"{tmp_path}/") for item in FolderSource(tmp_path).collect()]
    assert found == ["a/z.png", "b.JPG", "c.heic"]


def test_a_folder_without_photos_is_told(tmp_path):
    (tmp_path / "notes.txt").touch()
    assert list(FolderSource(tmp_path).collect()) == [Skipped(str(tmp_path), "the folder holds no photos")]


def test_links_to_files_are_followed_and_links_to_folders_are_not(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.jpg").touch()
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "loop").symlink_to(tmp_path / "photos")
    (tmp_path / "photos" / "a.jpg").symlink_to(tmp_path / "real" / "a.jpg")
    (tmp_path / "photos" / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    found = list(FolderSource(tmp_path / "photos").collect())
    assert [(type(item), item.path.rsplit("/", 1)[-1]) for item in found] == [
        (Submission, "a.jpg"),
        (Skipped, "gone.jpg"),
    ]


def test_a_photo_named_on_its_own_is_taken_whatever_its_name(tmp_path):
    (tmp_path / "upload").touch()
    (item,) = FileSource((tmp_path / "upload",)).collect()
    assert isinstance(item, Submission)
    assert item.sighting.location == str(tmp_path / "upload")


@pytest.mark.parametrize(("name", "reason"), [("missing.jpg", "no such file"), (".", "not a file")])
def test_what_is_no_file_is_told(tmp_path, name, reason):
    assert list(FileSource((tmp_path / name,)).collect()) == [Skipped(str(tmp_path / name), reason)]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_file_name_that_is_no_utf8_can_be_told(tmp_path):
    (tmp_path / os.fsdecode(b"caf\xe9.jpg")).touch()
    (item,) = FolderSource(tmp_path).collect()
    assert item.path.endswith("caf\\xe9.jpg")
    assert item.file.exists()
