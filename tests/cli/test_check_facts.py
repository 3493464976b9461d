"""`check` also reads what the photo's own file says, and holds it against the claim and the sightings."""

from __future__ import annotations

import json

import pytest
from PIL import Image

SOFTWARE, EXIF, ORIGINAL = 0x0131, 0x8769, 0x9003


@pytest.fixture
def world(tmp_path, photo, run):
    """An archive of one photo, published in 2016."""
    photo("old/1.jpg", 1, (400, 300), quality=92)
    (tmp_path / "old" / "list.csv").write_text("path,published\n1.jpg,2016-12-13\n")
    assert run("add", "old/list.csv", "-a", "desk.db").returncode == 0
    return photo


def checked(run, *arguments):
    done = run("check", *arguments, "-a", "desk.db", "-f", "json")
    (result,) = json.loads(done.stdout)["results"]
    return done.returncode, result, {f["id"]: f for f in result["findings"]}


def captured(day):
    exif = Image.Exif()
    exif[SOFTWARE] = "Example Editor 2.0"
    exif.get_ifd(EXIF)[ORIGINAL] = f"{day} 10:00:00"
    return exif.tobytes()


@pytest.mark.parametrize("fast", [(), ("--fast",)])
def test_a_photo_that_no_archive_knows_may_contradict_its_claim_by_itself(world, run, fast):
    world("new.jpg", 7, (400, 300), exif=captured("2015:03:01"))
    code, result, found = checked(run, "new.jpg", "--claimed-date", "2024-11-29", *fast)
    assert (code, result["verdict"], result["matches"]) == (0, "nothing_found", [])
    assert found["PR301"]["level"] == "warning"
    assert any(e["value"].startswith("Software: Example Editor 2.0") for e in result["evidence"])


def test_a_copy_that_says_it_was_taken_after_it_was_published_is_noted(world, run):
    world("viral.jpg", 1, (300, 225), exif=captured("2024:11:28"))
    code, _, found = checked(run, "viral.jpg", "--claimed-date", "2024-11-29")
    assert code == 1
    assert {"PR101", "PR310"} <= set(found)
    assert "published 2016-12-13" in found["PR310"]["message"]


def test_a_photo_without_metadata_gains_no_finding(world, run):
    world("bare.jpg", 9, (400, 300))
    _, _, found = checked(run, "bare.jpg", "--claimed-date", "2024-11-29", "--claimed-place", "Aleppo")
    assert found == {}
