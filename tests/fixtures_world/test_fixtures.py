"""The drawn world under fixtures/: complete, repeatable, and as near and far from itself as its lists say."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import edtf
import imagehash
import numpy as np
import pytest
from PIL import Image

FIXTURES = Path(__file__).parents[2] / "fixtures"
ARCHIVE, POSTS = FIXTURES / "archive", FIXTURES / "posts"
PICTURES = sorted(p.relative_to(FIXTURES).as_posix() for p in FIXTURES.glob("*/*.jpg"))
NEAR, FAR = 31, {"pdq": 90, "phash": 90, "dhash": 80}
TURNS = (None, *Image.Transpose)


def rows(table: Path) -> list[dict[str, str]]:
    with table.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def expected() -> dict[str, dict]:
    return json.loads((FIXTURES / "expected.json").read_text(encoding="utf-8"))


def pixels(file: Path) -> np.ndarray:
    with Image.open(file) as picture:
        return np.asarray(picture.convert("RGB"), dtype=np.int16)


@pytest.fixture(scope="module")
def redrawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("world")
    subprocess.run(
        [sys.executable, str(FIXTURES / "make_world.py"), str(out)], check=True, capture_output=True
    )
    return out


def test_redrawing_gives_the_same_files(redrawn: Path) -> None:
    assert sorted(p.relative_to(redrawn).as_posix() for p in redrawn.glob("*/*.jpg")) == PICTURES


@pytest.mark.parametrize("name", PICTURES)
def test_redrawing_gives_the_same_picture(redrawn: Path, name: str) -> None:
    now, committed = pixels(redrawn / name), pixels(FIXTURES / name)
    assert now.shape == committed.shape
    assert np.abs(now - committed).mean() < 3


@pytest.mark.parametrize("name", ["archive/sightings.csv", "posts/claims.csv", "expected.json"])
def test_redrawing_gives_the_same_list(redrawn: Path, name: str) -> None:
    assert (redrawn / name).read_bytes() == (FIXTURES / name).read_bytes()


def test_every_archived_picture_has_a_sighting_and_the_other_way_round() -> None:
    assert {r["path"] for r in rows(ARCHIVE / "sightings.csv")} == {p.name for p in ARCHIVE.glob("*.jpg")}


def test_every_claim_names_a_post_and_some_posts_claim_nothing() -> None:
    assert {r["path"] for r in rows(POSTS / "claims.csv")} < {p.name for p in POSTS.glob("*.jpg")}


def test_every_post_has_an_expected_answer() -> None:
    answers = expected()
    assert sorted(answers) == [p for p in PICTURES if not p.startswith("archive/")]
    assert all((FIXTURES / a["reference"]).is_file() for a in answers.values() if a["reference"])


def test_every_date_is_edtf() -> None:
    dates = [r["published"] for r in rows(ARCHIVE / "sightings.csv")] + [
        r["date"] for r in rows(POSTS / "claims.csv")
    ]
    for date in filter(None, dates):
        edtf.parse_edtf(date)


def test_capture_times_are_fixed() -> None:
    with Image.open(ARCHIVE / "citadel_day.jpg") as picture:
        assert picture.getexif().get_ifd(0x8769)[0x9003] == "2016:12:13 10:42:07"
    with Image.open(ARCHIVE / "souk.jpg") as picture:
        assert not picture.getexif()


def test_the_world_is_small() -> None:
    assert sum(p.stat().st_size for p in FIXTURES.rglob("*") if p.suffix != ".pyc") < 4_000_000


def bits(picture: Image.Image, algorithm: str) -> tuple[np.ndarray, int]:
    """Return 256 bits and a quality."""
    if algorithm == "pdq":
        code, quality = pytest.importorskip("pdqhash").compute(np.asarray(picture))
        return np.asarray(code, dtype=bool), int(quality)
    return getattr(imagehash, algorithm)(picture, hash_size=16).hash.ravel(), 100


@pytest.fixture(scope="module", params=["pdq", "phash", "dhash"])
def algorithm(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def codes(algorithm: str) -> dict[str, list[tuple[np.ndarray, int]]]:
    """Every picture's codes in the eight orientations, the upright one first."""
    result = {}
    for name in PICTURES:
        with Image.open(FIXTURES / name) as picture:
            upright = picture.convert("RGB")
        result[name] = [
            bits(upright if turn is None else upright.transpose(turn), algorithm) for turn in TURNS
        ]
    return result


def distance(codes: dict[str, list[tuple[np.ndarray, int]]], query: str, reference: str) -> int:
    upright = codes[reference][0][0]
    return min(int((code != upright).sum()) for code, _ in codes[query])


def test_there_is_enough_to_go_by(codes: dict[str, list[tuple[np.ndarray, int]]]) -> None:
    textured = [code for name, code in codes.items() if not name.startswith("unclear/")]
    assert all(quality > 50 for turns in textured for _, quality in turns)


def test_copies_are_near_their_reference(codes: dict[str, list[tuple[np.ndarray, int]]]) -> None:
    far = {p: distance(codes, p, a["reference"]) for p, a in expected().items() if a["reference"]}
    assert {p: d for p, d in far.items() if d > NEAR} == {}


def test_unrelated_pictures_are_far_apart(
    algorithm: str, codes: dict[str, list[tuple[np.ndarray, int]]]
) -> None:
    origin = {p: a["reference"] or p for p, a in expected().items()}
    pairs = [
        (a, b)
        for a, b in combinations(codes, 2)
        if origin.get(a, a) != origin.get(b, b) and "unclear" not in a + b
    ]
    near = {pair: distance(codes, *pair) for pair in pairs}
    assert {pair: d for pair, d in near.items() if d <= FAR[algorithm]} == {}


def test_the_flat_picture_has_nothing_to_go_by() -> None:
    pdqhash = pytest.importorskip("pdqhash")
    assert pdqhash.compute(pixels(FIXTURES / "unclear" / "flat_grey.jpg").astype(np.uint8))[1] < 50
