"""Crops, screenshots and collages through the real program, and what must not be found."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps
from sqlite_utils import Database

from provenance.archive.connection import SCHEMA_VERSION
from provenance.archive.migrations import migrations

COPIES = {
    "crop.jpg": ("partial", "The query is a crop of the reference.", ["old/1.jpg"]),
    "mirrored.jpg": ("partial", "The query is a crop of the reference.", ["old/2.jpg"]),
    "page.png": ("contained", "The query shows the reference inside something larger.", ["old/3.jpg"]),
    "collage.jpg": (
        "contained",
        "The query shows the reference inside something larger.",
        ["old/1.jpg", "old/2.jpg"],
    ),
    "smaller.jpg": ("near_duplicate", "The query shows the whole frame of the reference.", ["old/1.jpg"]),
}
WORDS = ["the", "gate", "of", "citadel", "before", "after", "square"]
UNRELATED = ["blank.png", "chessboard.png", "noise.png", "qr.png", "text.png", "tiles.png"]


def text(seed):
    """Return a drawn page of text; two pages share words, their places and their type."""
    rng = np.random.default_rng(seed)
    page = Image.new("RGB", (720, 1000), "white")
    draw = ImageDraw.Draw(page)
    for y in range(20, 1000, 22):
        draw.text((24, y), " ".join(rng.choice(WORDS, 16)), "black")
    return page


def enlarged(cells, times):
    return Image.fromarray(np.kron(cells, np.ones((times, times))).astype(np.uint8)).convert("RGB")


def patterns(scene, seed):
    """Return what has many features and says little by them."""
    rng = np.random.default_rng(seed)
    tiles, tile = Image.new("RGB", (640, 480)), scene(1000 + seed, 160, 120)
    for x, y in np.ndindex(4, 4):
        tiles.paste(tile, (x * 160, y * 120))
    return {
        "chessboard": enlarged(np.indices((12, 16)).sum(0) % 2 * 255, 36 + 4 * seed),
        "noise": Image.fromarray(rng.integers(0, 256, (480, 640, 3), dtype=np.uint8)),
        "qr": enlarged(rng.integers(0, 2, (33, 33)) * 255, 14),
        "text": text(seed),
        "tiles": tiles,
    }


@pytest.fixture(scope="module")
def world(tmp_path_factory, scene):
    """Pictures to archive, what goes round of them, and what has nothing to do with them."""
    root = tmp_path_factory.mktemp("local")
    for folder in ("old", "patterns", "copies", "unrelated"):
        (root / folder).mkdir()
    one, two, three, *_ = pictures = [scene(seed) for seed in range(1, 6)]
    for number, picture in enumerate(pictures, 1):
        picture.save(root / "old" / f"{number}.jpg", quality=92)
    for name, picture in patterns(scene, 1).items():
        picture.save(root / "patterns" / f"{name}.png")
    for name, picture in {**patterns(scene, 2), "blank": Image.new("RGB", (640, 480), "white")}.items():
        picture.save(root / "unrelated" / f"{name}.png")
    box, copies = (180, 120, 500, 380), root / "copies"
    one.crop(box).save(copies / "crop.jpg", quality=80)
    ImageOps.mirror(two.crop(box)).save(copies / "mirrored.jpg", quality=80)
    one.resize((500, 375)).save(copies / "smaller.jpg", quality=50)
    page = text(3)
    page.paste(three.resize((480, 360)), (120, 300))
    page.save(copies / "page.png")
    collage = Image.new("RGB", (1000, 420), "black")
    collage.paste(one.resize((480, 360)), (10, 30))
    collage.paste(two.resize((480, 360)), (510, 30))
    collage.save(copies / "collage.jpg", quality=85)
    return root


@pytest.fixture(scope="module")
def check(world, run_in):
    assert run_in(world, "add", "old", "patterns", "-a", "desk.db").returncode == 0

    def call(*arguments):
        return run_in(world, "check", *arguments, "-a", "desk.db", "-f", "json", timeout=300)

    return call


@pytest.fixture(scope="module")
def reports(check):
    """Return what one worker, and what three, say of the copies."""
    return [check("copies", "--workers", workers) for workers in (1, 3)]


def matches(done):
    return {r["path"].split("/")[-1]: r["matches"] for r in json.loads(done.stdout)["results"]}


def test_parts_pages_and_collages_are_found_with_their_direction_whatever_the_number_of_workers(reports):
    assert reports[0].stdout == reports[1].stdout
    assert [done.returncode for done in reports] == [1, 1]
    found = matches(reports[0])
    assert set(found) == set(COPIES)
    for name, (kind, relation, references) in COPIES.items():
        told = sorted(found[name], key=lambda m: m["reference"]["path"])
        assert (name, [m["reference"]["path"] for m in told]) == (name, references)
        assert {(name, m["kind"], m["relation"]) for m in told} == {(name, kind, relation)}
        assert all(m["mirrored"] == (name == "mirrored.jpg") for m in told)
        assert all(m["inliers"] > 10 and m["agreement"] > 0.5 for m in told)
    assert all(r["verdict"] == "flagged" for r in json.loads(reports[0].stdout)["results"])


def test_a_match_of_a_part_says_where_it_lies(reports):
    (match,) = matches(reports[0])["crop.jpg"]
    moved = np.array(match["transform"]).reshape(3, 3) @ np.array([[0, 320], [0, 260], [1, 1]])
    assert moved[:2] / moved[2] == pytest.approx(np.array([[180, 500], [120, 380]]), abs=3)
    assert match["overlap"]["reference"] == pytest.approx(320 * 260 / (640 * 480), abs=0.03)
    assert match["distance"] is None


def test_fast_finds_the_recompressed_copy_and_none_of_the_parts(check):
    found = matches(check("copies", "--fast"))
    assert {name: [m["reference"]["path"] for m in told] for name, told in found.items() if told} == {
        "smaller.jpg": ["old/1.jpg"]
    }
    assert found["smaller.jpg"][0]["inliers"] is None


def test_patterns_and_pages_match_nothing_though_their_like_is_archived(check):
    done = check("unrelated")
    assert {name: [m["reference"]["path"] for m in told] for name, told in matches(done).items()} == {
        name: [] for name in UNRELATED
    }
    verdicts = {r["path"].split("/")[-1]: r["verdict"] for r in json.loads(done.stdout)["results"]}
    assert verdicts == {n: "inconclusive" if n == "blank.png" else "nothing_found" for n in UNRELATED}


def third_schema(of, path):
    """Write the archive that an earlier version, of schema 3, would have made of what `of` holds."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        migrations.apply(Database(connection), stop_before="m004_local_features")
        connection.execute("ATTACH ? AS new", (str(of),))
        for table in ("image", "preview", "fingerprint", "chunk"):
            connection.execute(f"INSERT INTO main.{table} SELECT * FROM new.{table}")
        said = ", ".join(row[1] for row in connection.execute("PRAGMA main.table_info(sighting)"))
        connection.execute(f"INSERT INTO main.sighting ({said}) SELECT {said} FROM new.sighting")
        connection.execute(
            "INSERT INTO main.algorithm SELECT * FROM new.algorithm WHERE id IN (SELECT algorithm_id FROM fingerprint)"
        )
        connection.execute(
            """UPDATE main.meta SET value = (SELECT value FROM new.meta AS new WHERE new.name = meta.name)
            WHERE name IN ('generation', 'images', 'sightings')"""
        )
        connection.commit()
        assert connection.execute("PRAGMA main.user_version").fetchone() == (3,)


def test_adding_again_lets_an_archive_of_schema_3_find_a_crop(world, check, run):
    assert check("copies/crop.jpg").returncode == 1
    third_schema(world / "desk.db", world / "third.db")

    def found(archive):
        done = run("check", "copies/crop.jpg", "-a", archive, "-f", "json", cwd=world)
        return [(m["kind"], m["reference"]["path"]) for m in matches(done)["crop.jpg"]]

    shutil.copy(world / "third.db", world / "upgraded.db")
    assert run("archive", "upgrade", "-a", "upgraded.db", cwd=world).returncode == 0
    assert found("upgraded.db") == []
    added = run("add", "old", "patterns", "-a", "third.db", cwd=world)
    assert (
        "0 new images, 0 new sightings, 10 known already, 10 known images completed, 0 skipped"
        in added.stderr
    )
    assert found("third.db") == [("partial", "old/1.jpg")]
    info = json.loads(run("archive", "info", "-a", "third.db", "-f", "json", cwd=world).stdout)
    assert (info["schema_version"], info["images"], info["images_without_local_features"]) == (
        SCHEMA_VERSION,
        10,
        0,
    )
    assert run("archive", "verify", "-a", "third.db", cwd=world).returncode == 0
