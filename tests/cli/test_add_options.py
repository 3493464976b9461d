"""`add` through the real program: kinds of sources, columns, dry runs, what files and fact-checks say."""

from __future__ import annotations

import csv
import json
from datetime import datetime

import openpyxl
import pytest
from PIL import Image


@pytest.fixture
def sightings(run):
    """Return all sightings of an image of a.db, by its path."""

    def call(image):
        done = run("archive", "show", image, "-a", "a.db", "-f", "json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)["sightings"]

    return call


def test_a_content_systems_workbook_is_taken_with_its_own_names_of_columns(tmp_path, photo, run, sightings):
    photo("a.jpg", 1)
    sheet = openpyxl.Workbook()
    sheet.active.append(["ID", "Datei", "Online seit", "Ort", *(f"field {n}" for n in range(36))])
    sheet.active.append([1, "a.jpg", datetime.fromisoformat("2016-12-13 08:30"), "حلب", *range(36)])
    sheet.save(tmp_path / "export.xlsx")
    columns = ("--map", "path=datei", "--map", "published=Online seit", "--map", "place=ORT")
    told = run("add", "export.xlsx", "-a", "a.db", *columns)
    assert (told.returncode, "no column 'id'" in told.stderr) == (2, True)
    assert "--ignore-other-columns" in told.stderr
    done = run("add", "export.xlsx", "-a", "a.db", *columns, "--ignore-other-columns")
    assert (done.returncode, done.stdout) == (0, "")
    (said,) = sightings("a.jpg")
    assert (said["published"]["earliest"], said["place"]) == ("2016-12-13", "حلب")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--map", "publised=day"], "Did you mean 'published'?"),
        (["--map", "day=published"], "Ours comes first: --map published=day."),
        (["--map", "published"], "is not OURS=THEIRS"),
        (["--map", "published=day", "--map", "archived=day"], "a column is mapped twice"),
        (["--map", "published=tag"], "The table has: path, day."),
        (["--source", "lists"], "Did you mean 'list'? Kinds are: "),
    ],
)
def test_wrong_options_are_told_with_what_to_write(tmp_path, photo, run, options, told):
    photo("a.jpg", 1)
    (tmp_path / "l.csv").write_text("path,day\na.jpg,2016\n")
    done = run("add", "l.csv", "-a", "a.db", *options, "--dry-run")
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr


def test_a_source_can_be_forced_where_its_name_does_not_tell(tmp_path, photo, run, sightings):
    photo("a.jpg", 1)
    (tmp_path / "sightings.txt").write_text("path,outlet\na.jpg,Wire\n")
    assert run("add", "sightings.txt", "-a", "a.db").returncode == 3
    assert run("add", "sightings.txt", "-a", "a.db", "--source", "list").returncode == 0
    assert [said["outlet"] for said in sightings("a.jpg")] == ["Wire"]


def test_a_dry_run_tells_what_would_happen_and_makes_nothing(tmp_path, photo, run):
    for number in range(5):
        photo(f"photos/{number}.jpg", number)
    with (tmp_path / "l.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(
            [
                ["path", "published", "caption"],
                ["photos/1.jpg", "2016-12", "\x1b[2Jبوابة"],
                ["gone.jpg", "", ""],
            ]
        )
    before = sorted(tmp_path.rglob("*"))
    done = run("add", "photos", "l.csv", "-a", "a.db", "--dry-run")
    assert done.returncode == 3
    assert sorted(tmp_path.rglob("*")) == before
    assert "photos: a folder of photos\n  5 photos\n    photos/0.jpg\n" in done.stdout
    assert "    and 2 more\n" in done.stdout
    assert (
        "l.csv: a list of sightings (CSV, TSV, JSONL, XLSX)\n  1 photos: 1 with caption, 1 with date\n"
        in done.stdout
    )
    assert "      published  2016-12 (2016-12-01 to 2016-12-31)\n" in done.stdout
    assert "      caption    \\x1b[2Jبوابة\n" in done.stdout
    assert "  1 skipped\n    l.csv:3: no such file: gone.jpg\n" in done.stdout
    assert "6 photos would be examined, 1 items skipped." in done.stdout


def test_a_dry_run_without_anything_to_skip_exits_with_0_and_says_what_add_then_does(photo, run):
    photo("photos/a.jpg", 1)
    dry = run("add", "photos", "-a", "a.db", "--dry-run")
    assert (dry.returncode, dry.stderr) == (0, "")
    assert "1 photos would be examined, 0 items skipped" in dry.stdout
    assert "1 new images, 1 new sightings" in run("add", "photos", "-a", "a.db").stderr


def test_what_files_and_those_beside_them_state_is_recorded_as_their_word(tmp_path, photo, run, sightings):
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2015:01:02 10:00:00"
    photo("a.jpg", 1, exif=exif)
    (tmp_path / "a.jpg.json").write_text(json.dumps({"place": "Aleppo", "published": "2016-12-13"}))
    assert run("add", "a.jpg", "-a", "a.db").returncode == 0
    (said,) = sightings("a.jpg")
    assert (said["place"], said["published"]["edtf"], said["captured"]["edtf"]) == (
        "Aleppo", "2016-12-13", "2015-01-02",
    )  # fmt: skip
    assert said["note"] == "published, place: as a.jpg.json says"


def test_a_photo_that_was_fact_checked_says_so_at_once(tmp_path, photo, run):
    """The first review has its picture beside it, the second speaks of one that the archive knows by address."""
    photo("media/a.jpg", 1)
    photo("b.jpg", 2)
    photo("c.jpg", 3)
    (tmp_path / "l.csv").write_text("path,url\nb.jpg,https://example.org/b.jpg\n")

    def review(number, picture):
        return {
            "@type": "MediaReview",
            "url": f"https://facts.example/{number}",
            "author": {"name": "Facts Example"},
            "datePublished": "2020-06-22",
            "mediaAuthenticityCategory": "DecontextualizedContent",
            "itemReviewed": {"@type": "ImageObject", "contentUrl": picture},
        }

    pictures = ("media/a.jpg", "https://example.org/b.jpg", "https://example.org/unknown.jpg")
    feed = "\n".join(json.dumps(review(n, picture)) for n, picture in enumerate(pictures))
    (tmp_path / "feed.jsonl").write_text(feed)
    added = run("add", "feed.jsonl", "l.csv", "-a", "a.db")
    assert added.returncode == 3
    assert "2 new images, 3 new sightings, 0 known already, 1 skipped" in added.stderr
    assert "Skipped feed.jsonl: 1 records are of pictures that neither lie with it" in added.stderr
    done = run("check", "media/a.jpg", "b.jpg", "c.jpg", "-a", "a.db", "--fast", "-f", "json")
    assert done.returncode == 1
    results = {r["path"]: r["findings"] for r in json.loads(done.stdout)["results"]}
    told = {path: [f for f in found if f["id"] == "PR108"] for path, found in results.items()}
    assert [len(told[path]) for path in ("media/a.jpg", "b.jpg", "c.jpg")] == [1, 1, 0]
    assert told["b.jpg"][0]["level"] == "warning"
    assert "Facts Example: “DecontextualizedContent” (https://facts.example/1)" in told["b.jpg"][0]["message"]


def test_the_help_names_the_options_with_examples(run):
    told = " ".join(run("add", "--help").stdout.split())
    for words in ("--source", "--map", "--dry-run", "--map published=date_online --ignore-other-columns"):
        assert words in told
