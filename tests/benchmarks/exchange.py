"""What is found without pictures: an archive, and what another desk has of it by an exchange file, on the same photos.

    python tests/benchmarks/exchange.py PHOTOS [--archived 300] [--unrelated 300] [--copies 40] [--seed 1]

Runs in the project's environment, with the extra `exchange`. PHOTOS is a folder of photos of which no two show the
same. Some are archived, with a few of them inside one app's frame; the archive is exported, and the file imported into
an empty one. Both are then asked for

- edited copies of archived photos, an edit a column, recompressed at a quality of 40 to 75: how many find their photo
- other photos, alone and inside the app's frame, to which nothing may match: how many match something

Prints a line an archive, and how long a check took.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageDraw, ImageOps
from program import provenance

ALONE, FRAMED = "unrelated", "unrelated in a frame"


def crop(photo: Image.Image, share: float, rng: random.Random) -> Image.Image:
    """Return a rectangle of this share of the area, anywhere."""
    width, height = (side * share**0.5 for side in photo.size)
    left, top = rng.uniform(0, photo.width - width), rng.uniform(0, photo.height - height)
    return photo.crop((int(left), int(top), int(left + width), int(top + height)))


def captioned(photo: Image.Image) -> Image.Image:
    """Return the photo with a bar of text over its lowest quarter."""
    out = photo.copy()
    draw = ImageDraw.Draw(out)
    draw.rectangle((0, int(out.height * 0.75), out.width, out.height), fill="black")
    size = max(12, out.height // 14)
    draw.text(
        (out.width * 0.05, out.height * 0.8), "SEEN TODAY AT THE GATE OF ALEPPO", fill="white", font_size=size
    )
    return out


def framed(photo: Image.Image) -> Image.Image:
    """Return the photo in a telephone's screenshot, whose frame is always the same."""
    small = photo.copy()
    small.thumbnail((640, 640))
    screen = Image.new("RGB", (720, 1280), "white")
    draw = ImageDraw.Draw(screen)
    draw.rectangle((0, 0, 720, 90), fill=(20, 30, 60))
    draw.text((30, 30), "Example App   12:03   Search   Share   Profile", fill="white", font_size=28)
    screen.paste(small, (40, 200))
    draw.text((40, 900), "They tore it down today. 1.2k likes, 340 comments", fill="black", font_size=24)
    for number in range(6):
        draw.ellipse((40 + 110 * number, 1160, 110 + 110 * number, 1230), outline="black", width=5)
        draw.text((58 + 110 * number, 1175), "ABKRSW"[number], fill="black", font_size=36)
    return screen


def reduced(photo: Image.Image) -> Image.Image:
    """Return it at most 320 pixels a side."""
    small = photo.copy()
    small.thumbnail((320, 320))
    return small


EDITS: dict[str, Callable[[Image.Image, random.Random], Image.Image]] = {
    "crop 70%": lambda photo, rng: crop(photo, 0.7, rng),
    "crop 40%": lambda photo, rng: crop(photo, 0.4, rng),
    "crop 20%": lambda photo, rng: crop(photo, 0.2, rng),
    "caption": lambda photo, _: captioned(photo),
    "screenshot": lambda photo, _: framed(photo),
    "reduced": lambda photo, _: reduced(photo),
    "mirrored crop": lambda photo, rng: ImageOps.mirror(crop(photo, 0.6, rng)),
}


def opened(path: Path) -> Image.Image:
    """Return a photo, upright."""
    with Image.open(path) as photo:
        return ImageOps.exif_transpose(photo).convert("RGB")


def save(photo: Image.Image, path: Path, rng: random.Random) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    photo.save(path, "JPEG", quality=rng.randint(40, 75))


def make(photos: list[Path], folder: Path, arguments: argparse.Namespace, rng: random.Random) -> None:
    """Write what is archived and what is asked for; each query's folder says what it is, its name whose copy."""
    archived, others = photos[: arguments.archived], photos[arguments.archived :]
    others = others[: arguments.unrelated]
    for path in archived:
        save(opened(path), folder / "archived" / f"{path.stem}.jpg", rng)
    # Three, so that the frame may be told for what it is, and it is seldom so easy.
    for path in archived[-3:]:
        save(framed(opened(path)), folder / "archived" / f"{path.stem}.framed.jpg", rng)
    for name, edit in EDITS.items():
        for path in archived[: arguments.copies]:
            save(edit(opened(path), rng), folder / "queries" / name / f"{path.stem}.jpg", rng)
    for path in others:
        save(opened(path), folder / "queries" / ALONE / f"{path.stem}.jpg", rng)
        save(framed(opened(path)), folder / "queries" / FRAMED / f"{path.stem}.jpg", rng)


def asked(archive: str, folder: Path) -> dict[str, int]:
    """Return how many queries of each kind found their photo; of the unrelated, how many found anything."""
    digests = {}
    for line in provenance("archive", "list", "-a", archive, "-f", "json", cwd=folder).splitlines():
        image = json.loads(line)
        digests[image["sha256"]] = Path(image["path"]).name.split(".")[0]
    report = json.loads(provenance("check", "queries", "-a", archive, "-f", "json", cwd=folder))
    found = dict.fromkeys((*EDITS, ALONE, FRAMED), 0)
    for result in report["results"]:
        path = Path(result["path"])
        names = {digests[m["reference"]["sha256"]] for m in result["matches"] if m["kind"] != "same_scene"}
        kind = path.parent.name
        found[kind] += bool(names) if kind in {ALONE, FRAMED} else path.stem in names
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", type=Path)
    for name, default in (("archived", 300), ("unrelated", 300), ("copies", 40), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    photos = sorted(arguments.photos.iterdir())
    rng.shuffle(photos)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        make(photos, folder, arguments, rng)
        provenance("add", "archived", "-a", "theirs.db", cwd=folder)
        public = provenance("archive", "key", "new", "desk.key", cwd=folder).strip()
        provenance(
            "archive",
            "export",
            "x",
            "--names",
            "--key",
            "desk.key",
            "--desk",
            "A",
            "-a",
            "theirs.db",
            cwd=folder,
        )
        size = (folder / "x").stat().st_size
        provenance("archive", "import", "x", "--trust", f"A={public}", "-a", "ours.db", cwd=folder)
        print(
            f"{arguments.archived + 3} images, {size:,} bytes of exchange file; {arguments.copies} copies an edit, "
        )
        print(f"{arguments.unrelated} unrelated photos")
        for archive, what in (("theirs.db", "with pictures"), ("ours.db", "without")):
            begun = time.monotonic()
            found = asked(archive, folder)
            told = ", ".join(f"{kind} {count}" for kind, count in found.items())
            print(f"{what}: {told}; {time.monotonic() - begun:.0f} s", flush=True)


if __name__ == "__main__":
    main()
