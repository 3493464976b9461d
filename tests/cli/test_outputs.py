"""Every form of report from one run of the real program, and pages and bundles with the pictures of that run."""

from __future__ import annotations

import base64
import io
import json
import re
import shutil
import xml.etree.ElementTree as ET
import zipfile
from html.parser import HTMLParser

import pytest
from PIL import Image

from provenance.cli.options import Language
from provenance.cli.outputs import ILLUSTRATED, REPORTERS
from provenance.cli.pages import ONE_PAGE
from provenance.report.html import LANGUAGES


@pytest.fixture(scope="module")
def desk(tmp_path_factory, scene, run_in):
    """An archive of two photos; posts: one with something put in, one crop, one that nobody knows."""
    desk = tmp_path_factory.mktemp("desk")
    for folder in ("old", "posts"):
        (desk / folder).mkdir()
    for seed in (1, 2):
        scene(seed).save(desk / "old" / f"{seed}.jpg", quality=92)
    altered = scene(1)
    altered.paste(scene(3).crop((200, 160, 340, 290)), (200, 160))
    altered.save(desk / "posts" / "altered.jpg", quality=85)
    scene(2).crop((90, 60, 590, 440)).save(desk / "posts" / "crop.jpg", quality=80)
    scene(9).save(desk / "posts" / "new.jpg", quality=80)
    run_in(desk, "add", "old", "-a", "desk.db")
    return desk


@pytest.fixture(scope="module")
def told(desk, run_in):
    """What a check of them wrote: `told.` with the name of each form there is."""
    outputs = [word for name in (*REPORTERS, *ILLUSTRATED) for word in ("-o", f"{name}:told.{name}")]
    done = run_in(desk, "check", "posts", "-a", "desk.db", *outputs)
    assert done.returncode == 1, done.stderr
    return desk


@pytest.fixture(scope="module")
def made(tmp_path_factory, picture, run_in):
    """A folder with `a.jpg`, and an archive of it."""
    folder = tmp_path_factory.mktemp("made")
    picture(1).save(folder / "a.jpg")
    run_in(folder, "add", "a.jpg", "-a", "desk.db")
    return folder


class Page(HTMLParser):
    """What a page shows: its pictures, and whatever it would ask for from elsewhere."""

    def __init__(self, text):
        super().__init__()
        self.pictures, self.asked = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if value == "data:,":
                continue  # an icon of nothing, so that none is asked for
            if name in {"src", "srcset", "data", "poster", "background"} or (
                tag == "link" and name == "href"
            ):
                (self.pictures if (value or "").startswith("data:image/") else self.asked).append(
                    (tag, value)
                )


def test_one_run_tells_in_every_form(told):
    assert {path.suffix[1:] for path in told.glob("told.*")} == {*REPORTERS, *ILLUSTRATED}
    report = json.loads((told / "told.json").read_text())
    assert [r["verdict"] for r in report["results"]] == ["flagged", "flagged", "nothing_found"]
    sarif = json.loads((told / "told.sarif").read_text())
    assert {"PR103", "PR201"} <= {r["ruleId"] for r in sarif["runs"][0]["results"] if r["level"] == "error"}
    assert ET.fromstring((told / "told.junit").read_text()).get("failures") == "2"
    page = Page((told / "told.html").read_text())
    assert page.asked == []
    # Of each match the photo, the reference laid on it and the heat map; and three photos.
    assert len(page.pictures) == 2 * 3 + 3
    with zipfile.ZipFile(told / "told.bundle") as bundle:
        names = set(bundle.namelist())
        assert bundle.read("report.json") == (told / "told.json").read_bytes()
        assert bundle.read("queries/001-altered.jpg") == (told / "posts" / "altered.jpg").read_bytes()
    assert {"report.html", "report.sarif", "matches/001-altered/001-1/mask.png"} <= names


def test_a_bundle_is_replayed_and_stands(told, tmp_path, run, run_in):
    done = run_in(told, "replay", "told.bundle", "-a", "desk.db")
    assert done.returncode == 0, done.stdout
    shutil.copy(told / "told.bundle", tmp_path / "evidence.zip")
    # Here the photos that it is about are not.
    assert run("replay", "evidence.zip", "-a", told / "desk.db", "--format", "json").returncode == 0


def test_what_a_page_shows_of_a_change_lies_on_the_photo(desk, run_in):
    done = run_in(desk, "check", "posts/altered.jpg", "-a", "desk.db", "--format", "html")
    pictures = [base64.b64decode(value.split(",", 1)[1]) for _, value in Page(done.stdout).pictures]
    sizes = {Image.open(io.BytesIO(content)).size for content in pictures}
    assert (640, 480) in sizes
    assert done.stdout.startswith("<!doctype html>") or done.stdout.startswith("<!DOCTYPE html>")


def test_many_photos_are_an_index_with_a_page_for_each_that_has_something_to_say(tmp_path, photo, run):
    known = photo("old/known.jpg", 1)
    run("add", "old", "-a", "desk.db")
    for seed in range(2, ONE_PAGE + 2):
        photo(f"posts/{seed}.jpg", seed)
    (tmp_path / "posts" / "<b>&'seen.jpg").write_bytes(known.read_bytes())
    stale = tmp_path / "told-photos"
    stale.mkdir()
    (stale / "001-earlier.html").write_text("of an earlier run")
    done = run("check", "posts", "-a", "desk.db", "--fast", "-o", "html:told.html")
    assert done.returncode == 1, done.stderr
    index = (tmp_path / "told.html").read_text()
    pages = [path.name for path in stale.iterdir()]
    assert len(pages) == 1
    assert re.findall(r'href="\./(told-photos/[^"]+)"', index) == [f"told-photos/{pages[0]}"]
    assert 'href="./../told.html"' in (stale / pages[0]).read_text()
    assert Page(index).asked == []
    assert len(Page(index).pictures) == ONE_PAGE + 1


def test_many_photos_do_not_fit_a_page_on_standard_output(tmp_path, photo, run):
    photo("old/known.jpg", 1)
    run("add", "old", "-a", "desk.db")
    for seed in range(2, ONE_PAGE + 3):
        photo(f"posts/{seed}.jpg", seed, (32, 24))
    done = run("check", "posts", "-a", "desk.db", "--fast", "--format", "html")
    assert done.returncode == 2
    assert "--output html:" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--format", "bundle"], "--output bundle:evidence.zip"),
        (["--format", "htm"], "Did you mean 'html'?"),
        (["-o", "json:a", "-o", "sarif:a"], "Give each form a file of its own"),
        (["-o", "html:nowhere/report.html"], "cannot be written"),
        (["--language", "de", "--format", "html"], "'de' is not one of 'en', 'fr', 'ar'"),
    ],
)
def test_what_cannot_be_told_so_is_an_error_with_advice(made, run_in, arguments, words):
    done = run_in(made, "check", "a.jpg", "-a", "desk.db", "--fast", *arguments)
    assert done.returncode in {2, 3}
    assert words in " ".join(done.stderr.replace("│", " ").split())


def test_the_page_speaks_the_language_that_is_asked_for(made, run_in):
    options = ("--fast", "--format", "html", "--language", "ar")
    assert '<html lang="ar" dir="rtl"' in run_in(made, "check", "a.jpg", "-a", "desk.db", *options).stdout


def test_the_languages_of_the_option_are_those_of_the_page():
    assert tuple(language.value for language in Language) == tuple(LANGUAGES)
