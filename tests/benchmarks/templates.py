"""Photos in one template: an app's screen, a page or a broadcast around different photos is no copy.

    python tests/benchmarks/templates.py PHOTOS [--archived 200] [--queries 20] [--framed 1] [--seed 1]

PHOTOS is a folder of photos of which no two show the same. Some are archived, and for each template `--framed` more of
them inside it. Then are checked, in each template and recompressed,

- photos that nobody archived: none may match ("false")
- archived photos: each must find itself ("plain")
- the photos that are archived in this template, now with other words: each must find itself ("framed")

Prints a line a template.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageDraw, ImageOps
from program import provenance

WORDS = (
    "today",
    "they",
    "said",
    "at",
    "the gate",
    "of",
    "a town",
    "that was",
    "taken",
    "by night",
    "after",
    "days",
    "fire",
)
Drawn = tuple[Image.Image, ImageDraw.ImageDraw]


def said(rng: random.Random, words: int) -> str:
    return " ".join(rng.choice(WORDS) for _ in range(words))


def screen(width: int, height: int, ground: str) -> Drawn:
    page = Image.new("RGB", (width, height), ground)
    return page, ImageDraw.Draw(page)


def fitted(photo: Image.Image, width: int, height: int) -> Image.Image:
    return ImageOps.contain(photo, (width, height))


def sparse(photo: Image.Image, rng: random.Random) -> Image.Image:
    """A white page with a bar, a line and six buttons; the photo is a quarter of it."""
    page, draw = screen(720, 1280, "white")
    draw.rectangle((0, 0, 720, 90), fill=(20, 30, 60))
    draw.text((30, 30), "Example App   12:03   Search   Share   Profile", fill="white", font_size=28)
    page.paste(fitted(photo, 640, 640), (40, 200))
    draw.text((40, 900), said(rng, 7), fill="black", font_size=24)
    for n in range(6):
        draw.ellipse((40 + 110 * n, 1160, 110 + 110 * n, 1230), outline="black", width=5)
        draw.text((58 + 110 * n, 1175), "ABKRSW"[n], fill="black", font_size=36)
    return page


def feed(photo: Image.Image, rng: random.Random) -> Image.Image:
    """A feed: account above, buttons and what others say below, the photo across the page."""
    page, draw = screen(720, 1280, "#fafafa")
    for n, letter in enumerate("PHOTOGRAM"):
        draw.text((30 + 34 * n, 40), letter, fill="#222", font_size=40)
    draw.ellipse((30, 120, 90, 180), fill="#c33", outline="#222", width=4)
    draw.text((110, 135), "desk.of.the.north  · Follow", fill="#222", font_size=28)
    page.paste(photo.resize((720, 540)), (0, 200))
    for n in range(4):
        draw.regular_polygon((60 + 90 * n, 790, 30), 3 + n, outline="#222", width=5)
    draw.text((30, 840), f"{rng.randrange(100, 999)} likes", fill="#222", font_size=28)
    for n in range(4):
        draw.text((30, 890 + 44 * n), said(rng, 9), fill="#444", font_size=24)
    for n in range(5):
        draw.rectangle((50 + 140 * n, 1180, 100 + 140 * n, 1230), outline="#222", width=6)
        draw.line((50 + 140 * n, 1180, 100 + 140 * n, 1230 - 9 * n), fill="#222", width=4)
    return page


def chat(photo: Image.Image, rng: random.Random) -> Image.Image:
    """A dark chat: bubbles that stay, the photo in one of them."""
    page, draw = screen(720, 1280, "#0b141a")
    draw.text((90, 40), "Neighbours of the citadel (214)", fill="white", font_size=32)
    draw.ellipse((20, 30, 76, 86), fill="#2a9", outline="white", width=3)
    fixed = random.Random(7)
    for top, width in ((130, 420), (230, 520), (860, 480), (960, 380)):
        draw.rounded_rectangle((30, top, 30 + width, top + 80), 20, fill="#202c33")
        draw.text((50, top + 24), said(fixed, width // 70), fill="white", font_size=26)
    draw.rounded_rectangle((170, 340, 700, 830), 20, fill="#005c4b")
    page.paste(fitted(photo, 510, 400), (180, 350))
    draw.text((190, 780), said(rng, 6), fill="white", font_size=26)
    draw.rounded_rectangle((20, 1180, 600, 1250), 35, outline="#8696a0", width=3)
    draw.text((60, 1198), "Message", fill="#8696a0", font_size=28)
    return page


def page_of_news(photo: Image.Image, rng: random.Random) -> Image.Image:
    """A site's page: its head and its other stories stay, the story changes."""
    page, draw = screen(1000, 1200, "white")
    draw.rectangle((0, 0, 1000, 110), fill="#8b0000")
    draw.text((40, 20), "THE MORNING LETTER", fill="white", font_size=60)
    draw.text((40, 130), "World   Politics   War   Science   Sport   Opinion", fill="#222", font_size=26)
    draw.text((40, 190), said(rng, 6), fill="black", font_size=44)
    page.paste(fitted(photo, 600, 440), (40, 270))
    fixed = random.Random(8)
    for n in range(13):
        draw.text((680, 280 + 60 * n), said(fixed, 5), fill="#333", font_size=26)
    for n in range(13):
        draw.text((40, 740 + 34 * n), said(rng, 11), fill="#222", font_size=22)
    return page


def broadcast(photo: Image.Image, rng: random.Random) -> Image.Image:
    """A broadcast: the photo behind a logo, a lower third and a ticker."""
    page = ImageOps.fit(photo, (1000, 562))
    draw = ImageDraw.Draw(page)
    draw.rectangle((40, 30, 190, 90), fill="#c00")
    draw.text((58, 38), "NEWS 9", fill="white", font_size=36)
    draw.rectangle((0, 410, 1000, 500), fill="#102a6b")
    draw.text((30, 425), "BREAKING: LIVE FROM THE CITY", fill="white", font_size=48)
    draw.rectangle((0, 500, 1000, 562), fill="#eee")
    draw.text((30, 515), said(rng, 12), fill="black", font_size=30)
    return page


def ornate(photo: Image.Image, rng: random.Random) -> Image.Image:
    """A busy border of a third of the picture, the same around each photo."""
    page, draw = screen(900, 700, "#efe6d0")
    fixed = random.Random(9)
    for _ in range(900):
        x, y, side = fixed.randrange(900), fixed.randrange(700), fixed.randrange(8, 26)
        colour = tuple(fixed.randrange(256) for _ in range(3))
        draw.regular_polygon((x, y, side), fixed.randrange(3, 7), fixed.randrange(90), fill=colour)
    page.paste(ImageOps.fit(photo, (740, 540)), (80, 80))
    draw.text((100, 640), said(rng, 5), fill="black", font_size=30)
    return page


TEMPLATES: dict[str, Callable[[Image.Image, random.Random], Image.Image]] = {
    "sparse": sparse,
    "feed": feed,
    "chat": chat,
    "news": page_of_news,
    "broadcast": broadcast,
    "ornate": ornate,
}


def save(photo: Image.Image, path: Path, rng: random.Random) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    photo.save(path, "JPEG", quality=rng.randint(50, 85))


def opened(path: Path) -> Image.Image:
    """Return a photo, upright."""
    with Image.open(path) as photo:
        return ImageOps.exif_transpose(photo).convert("RGB")


def make(photos: list[Path], folder: Path, a: argparse.Namespace, rng: random.Random) -> None:
    """Write what is archived and what is checked; a query's name says whose copy it is."""
    taken = iter(photos)
    archived = [next(taken) for _ in range(a.archived)]
    for path in archived:
        save(opened(path), folder / "archived" / f"{path.stem}.jpg", rng)
    for name, template in TEMPLATES.items():
        queries = folder / "queries" / name
        for path in [next(taken) for _ in range(a.framed)]:
            save(template(opened(path), rng), folder / "archived" / f"{path.stem}.jpg", rng)
            save(template(opened(path), rng), queries / f"framed.{path.stem}.jpg", rng)
        for path in rng.sample(archived, a.queries):
            save(template(opened(path), rng), queries / f"plain.{path.stem}.jpg", rng)
        for path in [next(taken) for _ in range(a.queries)]:
            save(template(opened(path), rng), queries / f"false.{path.stem}.jpg", rng)


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("photos", type=Path)
    for name, default in (("archived", 200), ("queries", 20), ("framed", 1), ("seed", 1)):
        p.add_argument(f"--{name}", type=int, default=default)
    p.add_argument("--keep", type=Path, help="make the pictures here, and leave them")
    a = p.parse_args()
    rng = random.Random(a.seed)
    photos = sorted(a.photos.iterdir())
    rng.shuffle(photos)
    with tempfile.TemporaryDirectory() as temporary:
        folder = a.keep or Path(temporary)
        make(photos, folder, a, rng)
        provenance("add", "archived", "-a", "a.db", cwd=folder)
        report = json.loads(provenance("check", "queries", "-a", "a.db", "-f", "json", cwd=folder))
    found = {name: dict.fromkeys(("false", "plain", "framed"), 0) for name in TEMPLATES}
    for result in report["results"]:
        path = Path(result["path"])
        kind, stem = path.stem.split(".", 1)
        names = [Path(m["reference"]["path"]).stem for m in result["matches"] if m["kind"] != "same_scene"]
        right = bool(names) if kind == "false" else names[:1] == [stem]
        found[path.parent.name][kind] += right
    print(f"{a.queries} unrelated, {a.queries} archived, {a.framed} archived in the template; seed {a.seed}")
    for name, counts in found.items():
        print(f"{name:10} " + ", ".join(f"{kind} {count}" for kind, count in counts.items()))


if __name__ == "__main__":
    main()
