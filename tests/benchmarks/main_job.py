"""The main job on real photos: add them all, check them all, then check edited copies and unrelated photos.

    python tests/benchmarks/main_job.py PHOTOS --attacks ATTACKS.py [--queries 40] [--unrelated 400] [--seed 1]

ATTACKS.py holds `ATTACKS: dict[str, (image, generator, others) -> image]`. All but `--unrelated` photos are
archived; `--queries` copies are made with each edit, and the rest must match nothing.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

RECOMPRESS = ("jpeg30", "messenger", "thumb320", "thumb160")
TONE = ("bright", "contrast_grey", "filter", "invert", "blur", "noise")


def load_attacks(path: Path) -> dict:
    spec = importlib.util.spec_from_file_location("attacks", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.ATTACKS


def provenance(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "provenance", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


def check(folder: Path, archive: Path) -> list[dict]:
    report = json.loads(provenance("check", folder, "-a", archive, "--format", "json").stdout)
    if report["skipped"]:
        print(f"  skipped: {report['skipped']}")
    return report["results"]


def linked(photos: list[Path], folder: Path) -> Path:
    folder.mkdir()
    for photo in photos:
        (folder / photo.name).symlink_to(photo.resolve())
    return folder


def first_reference(result: dict) -> str | None:
    return Path(result["matches"][0]["reference"]["path"]).name if result["matches"] else None


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("photos", type=Path)
    p.add_argument("--attacks", type=Path, required=True)
    p.add_argument("--queries", type=int, default=40)
    p.add_argument("--unrelated", type=int, default=400)
    p.add_argument("--seed", type=int, default=1)
    a = p.parse_args()
    attacks = load_attacks(a.attacks)
    photos = sorted(f for f in a.photos.iterdir() if f.suffix.lower() in {".jpg", ".jpeg", ".png"})
    random.Random(a.seed).shuffle(photos)
    print(f"{platform.machine()}, {len(os.sched_getaffinity(0))} cores, {len(photos)} photos, seed {a.seed}")
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        unrelated = linked(photos[: a.unrelated], root / "unrelated")
        archived = linked(photos[a.unrelated :], root / "archive")
        print(provenance("add", archived, "-a", root / "a.db").stderr.strip())
        same = check(archived, root / "a.db")
        right = sum(
            r["matches"][0]["kind"] == "identical" and first_reference(r) == Path(r["path"]).name
            for r in same
        )
        print(f"the same files: {right} of {len(same)} identical with the right reference first")
        found = {}
        for name in (*RECOMPRESS, *TONE):
            folder = root / name
            folder.mkdir()
            chosen = random.Random(f"{a.seed}/{name}").sample(photos[a.unrelated :], a.queries)
            for n, photo in enumerate(chosen):
                rng = np.random.default_rng([a.seed, zlib.crc32(name.encode()), n])
                with Image.open(photo) as image:
                    edited = attacks[name](image.convert("RGB"), rng, photos[: a.unrelated])
                edited.save(folder / f"{photo.stem}.jpg", quality=88)
            results = check(folder, root / "a.db")
            found[name] = sum(
                (first_reference(r) or "").rsplit(".", 1)[0] == Path(r["path"]).stem for r in results
            )
            print(f"  {name:14s} {found[name]} of {a.queries}")
        for group, names in (("recompress", RECOMPRESS), ("tone", TONE)):
            print(
                f"{group}: {sum(found[n] for n in names) / (len(names) * a.queries):.3f} found, right reference first"
            )
        matched = [r["path"] for r in check(unrelated, root / "a.db") if r["matches"]]
        print(f"unrelated: {len(matched)} of {a.unrelated} matched {matched[:5]}")


if __name__ == "__main__":
    main()
