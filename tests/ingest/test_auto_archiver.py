"""What Bellingcat's Auto Archiver wrote becomes sightings, if the files are those whose digests it recorded."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import hashlib
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provenance.errors import TableError
from provenance.evidence.dates import parse_edtf
from provenance.ingest import auto_archiver as module
from provenance.ingest.auto_archiver import AutoArchiverSource
from provenance.ingest.interface import Reading
from provenance.ingest.registry import kind_of
from provenance.model import Skipped, Submission

POST = "https://social.example/post/1"
SHEET = ["Link", "Destination folder", "Archive status", "Archive date", "Upload title", "Upload timestamp",
         "Archive location", "Screenshot", "Thumbnail", "Hash"]  # fmt: skip


def collected(path):
    return list(AutoArchiverSource(path, parse_edtf).collect())


def stated(content):
    return f"SHA-256:{hashlib.sha256(content).hexdigest()}"


def medium(name, content=b"", **properties):
    """Return a medium as the tool's own `asdict` has it."""
    properties = {"hash": stated(content), **properties} if content else properties
    return {
        "filename": f"/run/{name}",
        "_key": f"local_archive/{name}",
        "urls": [f"local_archive/{name}"],
        "properties": properties,
        "_mimetype": None,
        "_stored": True,
    }


def results(path, *items):
    """Write the CSV file of results: cells are Python's own notation, as csv.DictWriter leaves it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["status", "metadata", "media"])
        writer.writeheader()
        writer.writerows(items)
    return path


def sheet(path, *rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, SHEET)
        writer.writeheader()
        writer.writerows(rows)
    return path


def item(*media, status="telegram_extractor: success", **said):
    processed = dt.datetime(2022, 3, 5, 23, 30, 1, 5, tzinfo=dt.UTC)
    return {
        "status": status,
        "metadata": {"_processed_at": processed, "url": POST, **said},
        "media": list(media),
    }


@pytest.fixture
def store(tmp_path, jpeg):
    """Put pictures where the tool does, and return their bytes by name."""
    (tmp_path / "local_archive").mkdir()
    contents = {f"{n}.jpg": jpeg(n) for n in range(3)}
    for name, content in contents.items():
        (tmp_path / "local_archive" / name).write_bytes(content)
    return contents


def test_a_result_has_the_post_its_times_its_title_and_the_pictures_own_url(tmp_path, store):
    media = medium("0.jpg", store["0.jpg"], src="https://cdn.example/0.jpg")
    path = results(
        tmp_path / "db.csv",
        item(media, title='Before, the "gate"\nحلب', timestamp=dt.datetime(2022, 3, 4, 1, 2, tzinfo=dt.UTC)),
    )
    (found,) = collected(path)
    said = found.sighting
    assert found.file == tmp_path / "local_archive" / "0.jpg"
    assert (said.url, said.page) == ("https://cdn.example/0.jpg", POST)
    assert said.caption == 'Before, the "gate"\nحلب'
    assert (said.archived.text, said.published.text) == ("2022-03-05T23:30:01Z", "2022-03-04T01:02:00Z")
    assert str(said.archived.latest) == "2022-03-05"


def test_a_time_without_a_zone_is_about_that_day(tmp_path, store):
    path = results(
        tmp_path / "db.csv", item(medium("0.jpg"), timestamp=dt.datetime.fromisoformat("2022-03-04T01:02"))
    )
    (found,) = collected(path)
    assert found.sighting.published == parse_edtf("2022-03-04~")
    assert (found.sighting.url, found.sighting.page) == (POST, None)


def test_media_within_media_are_taken_and_what_they_are_is_noted(tmp_path, store):
    video = medium("clip.mp4", thumbnails=[medium("1.jpg", store["1.jpg"], id="thumbnail_1")])
    (tmp_path / "local_archive" / "clip.mp4").write_bytes(b"\0\0\0\x20ftypisom")
    path = results(
        tmp_path / "db.csv", item(medium("0.jpg", id="screenshot"), video, medium("2.jpg", id="_final_media"))
    )
    assert [(f.file.name, f.sighting.note) for f in collected(path)] == [
        ("0.jpg", "screenshot"),
        ("1.jpg", "thumbnail_1"),
        ("2.jpg", None),
    ]


def test_a_json_file_is_one_item(tmp_path, store):
    made = item(medium("0.jpg", store["0.jpg"]), title="Gate")
    (tmp_path / "metadata.json").write_text(json.dumps(made, default=str))
    (found,) = collected(tmp_path / "metadata.json")
    assert (found.sighting.caption, found.sighting.archived.text) == ("Gate", "2022-03-05T23:30:01Z")


def test_a_sheet_leads_through_its_report_to_the_pictures(tmp_path, store):
    report = (
        b"<html><a href='local_archive/0.jpg'>open</a><img src='https://cdn.example/x/1.jpg?a=1'><a href='/'>"
    )
    (tmp_path / "local_archive" / "report.html").write_bytes(report)
    path = sheet(
        tmp_path / "sheet.csv",
        {"Link": POST, "Archive status": "telegram: success", "Archive date": "2022-03-05T23:30:01+00:00",
         "Upload title": "Gate", "Upload timestamp": "2022-03-04T01:02:00+00:00", "Hash": stated(report),
         "Archive location": "https://bucket.example/local_archive/report.html",
         "Thumbnail": '=IMAGE("https://bucket.example/local_archive/2.jpg")'},
    )  # fmt: skip
    found = collected(path)
    assert [f.file.name for f in found] == ["2.jpg", "0.jpg", "1.jpg"]
    assert {f.sighting.url for f in found} == {POST}
    assert {f.sighting.archived for f in found} == {parse_edtf("2022-03-05~")}
    assert {f.sighting.published for f in found} == {parse_edtf("2022-03-04~")}
    assert {f.sighting.caption for f in found} == {"Gate"}


def test_a_sheet_may_name_a_picture_itself(tmp_path, store):
    row = {
        "Link": POST,
        "Archive status": "x: success",
        "Archive location": "C:\\archive\\0.jpg",
        "Hash": stated(store["0.jpg"]),
    }
    (found,) = collected(sheet(tmp_path / "sheet.csv", row))
    assert found.file.name == "0.jpg"
    assert found.sighting.archived is None


def test_a_file_that_is_not_the_one_recorded_is_told_and_costs_no_other(tmp_path, store):
    path = results(tmp_path / "db.csv", item(medium("0.jpg", b"other"), medium("1.jpg", store["1.jpg"])))
    skipped, taken = collected(path)
    assert skipped == Skipped(
        f"{path}:2", f"{tmp_path}/local_archive/0.jpg is not the file whose digest was recorded"
    )
    assert taken.file.name == "1.jpg"


@pytest.mark.parametrize("kind", ["SHA3-512", "sha-256"])
def test_every_digest_that_the_tool_makes_is_verified(tmp_path, store, kind):
    make = {"SHA3-512": hashlib.sha3_512, "sha-256": hashlib.sha256}[kind]
    right = medium("0.jpg", hash=f"{kind}:{make(store['0.jpg']).hexdigest()}")
    wrong = medium("1.jpg", hash=f"{kind}:{make(store['0.jpg']).hexdigest()}")
    unknown = medium("2.jpg", hash="CRC:1")
    found = collected(results(tmp_path / "db.csv", item(right, wrong, unknown)))
    assert [type(one) for one in found] == [Submission, Skipped, Skipped]
    assert "of no kind" in found[2].reason


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (item(status="no archiver"), "no picture was archived (status: no archiver)"),
        (item(medium("clip.mp4")), "no picture was archived"),
        (item(medium("gone.jpg")), "not below the folder of the list: gone.jpg"),
        (item(medium("0.jpg"), timestamp="13/12/2016 10:00"), "its upload timestamp cannot be read"),
        (item(medium("0.jpg"), timestamp=dt.datetime(1970, 1, 1, tzinfo=dt.UTC)), "older than the web"),
        (
            item(medium("0.jpg"), _processed_at=dt.datetime(1904, 1, 1, tzinfo=dt.UTC)),
            "its archive date is older",
        ),
        ({"status": "ok", "metadata": "open('x')", "media": "[" * 999}, "no picture was archived"),
        (
            {"status": "ok", "metadata": "{'url': exit()}", "media": "[{'filename': 3}]"},
            "no picture was archived",
        ),
    ],
)
def test_an_item_without_a_picture_is_told_with_its_line(tmp_path, store, made, told):
    path = results(tmp_path / "db.csv", item(medium("0.jpg")), made)
    *_, skipped = collected(path)
    assert skipped.path == f"{path}:3"
    assert told in skipped.reason


def test_nothing_outside_the_folder_is_read(tmp_path, store, jpeg):
    (tmp_path / "secret.jpg").write_bytes(jpeg(9))
    path = results(
        tmp_path / "local_archive" / "db.csv",
        item({"filename": str(tmp_path / "secret.jpg"), "urls": ["../secret.jpg"], "properties": {}}),
    )
    (skipped,) = collected(path)
    assert "not below the folder" in skipped.reason


def test_of_several_files_with_a_name_the_one_with_most_of_its_folders_is_meant(tmp_path, jpeg):
    for n, folder in enumerate(("a/post", "b/post")):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "0.jpg").write_bytes(jpeg(n))
    url = {"filename": "x", "urls": ["https://bucket.example/b/post/0.jpg"], "properties": {}}
    (found,) = collected(results(tmp_path / "db.csv", item(url)))
    assert found.file == tmp_path / "b" / "post" / "0.jpg"


def test_too_many_files_are_told(tmp_path, store, monkeypatch):
    monkeypatch.setattr(module, "MOST_FILES", 2)
    found = collected(results(tmp_path / "db.csv", item(medium("0.jpg"))))
    assert "only 2 files" in found[0].reason


def test_it_is_known_by_its_columns(tmp_path, store):
    made = {
        results(tmp_path / "db.csv", item()): AutoArchiverSource,
        sheet(tmp_path / "sheet.csv"): AutoArchiverSource,
    }
    (tmp_path / "metadata.json").write_text(json.dumps(item(), default=str))
    (tmp_path / "list.csv").write_text("path,published\n")
    (tmp_path / "other.json").write_text("{}")
    made[tmp_path / "metadata.json"] = AutoArchiverSource
    for path, kind in made.items():
        assert isinstance(kind_of(path).open(path, Reading(parse_edtf)), kind)
    for name in ("list.csv", "other.json", "local_archive", "local_archive/0.jpg"):
        assert not isinstance(
            kind_of(tmp_path / name).open(tmp_path / name, Reading(parse_edtf)), AutoArchiverSource
        )


@pytest.mark.parametrize(
    "content", [b"", b"path\n", b"status,metadata,media\n\xff\n", b'status,metadata,media\n"' + b"a" * 2**21]
)
def test_another_file_stops_the_run_and_says_what_is_expected(tmp_path, content):
    (tmp_path / "db.csv").write_bytes(content)
    with pytest.raises(TableError):
        collected(tmp_path / "db.csv")


@given(
    cells=st.lists(st.tuples(st.text(max_size=40), st.text(max_size=80)), min_size=1, max_size=3),
    tail=st.binary(max_size=40),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_cells_give_photos_and_reasons_and_nothing_else(tmp_path, cells, tail):
    rows = ({"status": "s", "metadata": a, "media": b} for a, b in cells)
    with contextlib.suppress(UnicodeEncodeError):
        path = results(tmp_path / "db.csv", *rows)
        path.write_bytes(path.read_bytes() + tail)
        with contextlib.suppress(TableError):
            assert all(isinstance(one, Skipped) for one in collected(path))


NAMES = st.sampled_from(
    ["filename", "urls", "properties", "hash", "src", "0.jpg", "url", "_processed_at", "timestamp"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
)


@given(metadata=VALUES, media=VALUES)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_json_gives_photos_and_reasons_and_nothing_else(tmp_path, jpeg, metadata, media):
    (tmp_path / "0.jpg").write_bytes(b"\xff\xd8\xff")
    (tmp_path / "m.json").write_text(json.dumps({"status": "s", "metadata": metadata, "media": media}))
    assert all(isinstance(one, Submission) or one.reason for one in collected(tmp_path / "m.json"))
