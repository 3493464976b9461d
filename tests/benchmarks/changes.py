"""Altered photos: what is found, what is found where nothing was altered, and at what cost.

    python tests/benchmarks/changes.py altered PAIRS             PAIRS/NAME.(reference.png|query.*|truth.png)
    python tests/benchmarks/changes.py unchanged PHOTOS          each photo against its own edits
    python tests/benchmarks/changes.py sizes PHOTOS              patches of other photos, by size and quality
    python tests/benchmarks/changes.py kinds PHOTOS              what each made change is called
    python tests/benchmarks/changes.py others PAIRS.csv          other photos of one scene (columns a and b)
    python tests/benchmarks/changes.py parallax PHOTOS           the same scene from a little beside
    python tests/benchmarks/changes.py speed PHOTO               a photo at 12 megapixels, and at 160 pixels
    python tests/benchmarks/changes.py previews PHOTOS           with a small picture in the place of the reference

Runs in the project's environment, on one core. `--first`, `--step` and `--count` choose photos, `--seed` what is
made of them, `--json` keeps a line a pair.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import platform
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from unittest.mock import patch

import cv2
import numpy as np
from harmless import UNCHANGED, drawn
from numpy.typing import NDArray
from PIL import Image, ImageOps
from pixels import Made, Pixels, Tables, opened, photo, read, resized, saved
from tampering import KINDS, pasted, seen_from_beside, spliced

from provenance.compare import change_kinds, changes
from provenance.compare.change_kinds import named
from provenance.compare.changes import Changes, find_changes
from provenance.compare.regions import score_map
from provenance.compare.residual import Residual
from provenance.examine import align
from provenance.model import ChangedRegion, ChangeKind, ChangeOutcome

DRAWN = 9
"""Random chains of harmless edits that each photo undergoes besides the named ones."""


def compared(
    query: Made, reference: Pixels, off: float | None = None, preview: Tables = None
) -> Changes | None:
    """Match and compare as the program does; None where the matcher sees no copy.

    With `off`, instead of matching, lay the whole of one over the whole of the other, beside it by so many pixels.
    `preview` are the quantisation tables of a reference that is a preview.
    """
    pixels, tables = query
    if off is not None:
        (h, w), (hr, wr) = pixels.shape[:2], reference.shape[:2]
        matrix = np.array([[1 + off / w, -off / h, off], [off / w, 1 - off / h, -off], [0, 0, 1]])
        matrix = matrix @ np.diag([wr / w, hr / h, 1.0])
        return find_changes(pixels, reference, matrix, tables=tables, reference_tables=preview)
    match = align(photo(pixels), photo(reference))
    if match is None or not match.kind.is_copy:
        return None
    return find_changes(
        pixels,
        reference,
        np.array(match.transform).reshape(3, 3),
        tables=tables,
        inverted=match.inverted,
        reference_tables=preview,
    )


@contextmanager
def excesses() -> Iterator[list[list[float]]]:
    """Collect the largest excess of each window, of the difference as it is and softened, of what is compared."""
    seen = []

    def watched(found: Residual, inside: NDArray[np.bool_]) -> NDArray[np.float32]:
        seen.append([float(ratio[inside].max()) for ratio in (*found.ratio, *found.soft_ratio)])
        return score_map(found, inside)

    with patch.object(changes, "score_map", watched):
        yield seen


@contextmanager
def measured() -> Iterator[list[dict[str, object]]]:
    """Collect the traits of every region whose kind is asked for."""
    seen = []

    def watched(traits: change_kinds.Traits) -> tuple[ChangeKind, float]:
        seen.append(asdict(traits))
        return named(traits)

    with patch.object(change_kinds, "named", watched):
        yield seen


def machine(arguments: argparse.Namespace) -> None:
    cv2.setNumThreads(1)
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, OpenCV {cv2.__version__}; "
        f"first {arguments.first}, step {arguments.step}, count {arguments.count}, seed {arguments.seed}\n"
    )


def chosen(arguments: argparse.Namespace, least: int = 200) -> Iterator[tuple[Path, Pixels]]:
    """Yield the photos to work on, those with a longer side of at least `least` pixels."""
    paths = [p for p in sorted(arguments.data.iterdir()) if p.suffix.lower() in {".jpg", ".jpeg", ".png"}]
    given = 0
    for path in paths[arguments.first :: arguments.step]:
        pixels, _ = opened(path)
        if max(pixels.shape) < least:
            continue
        yield path, pixels
        given += 1
        if given == arguments.count:
            return


def keep(arguments: argparse.Namespace, **row: object) -> None:
    if arguments.json:
        with arguments.json.open("a") as file:
            file.write(json.dumps(row, default=str) + "\n")


def altered(arguments: argparse.Namespace) -> None:
    """Pixel F1 of the mask on pairs with a truth."""
    scores = []
    for path in sorted(arguments.data.glob("*.truth.png"))[arguments.first :: arguments.step][
        : arguments.count
    ]:
        name = path.name.removesuffix(".truth.png")
        truth = np.asarray(Image.open(path).convert("L")) > 127
        query = opened(next(iter(arguments.data.glob(f"{name}.query.*"))))
        found = compared(query, opened(path.with_name(f"{name}.reference.png"))[0])
        mask = found.mask if found else np.zeros_like(truth)
        if arguments.masks:
            arguments.masks.mkdir(exist_ok=True)
            Image.fromarray(mask.astype(np.uint8) * 255).save(arguments.masks / f"{name}.png")
        score = 2 * np.count_nonzero(mask & truth) / max(1, np.count_nonzero(mask) + np.count_nonzero(truth))
        scores.append(score)
        told = found.outcome if found else "no match"
        kinds = [(r.likeliest.value, r.score) for r in found.regions] if found else []
        print(f"{name:12s} F1 {score:.3f} {told} {kinds}", flush=True)
        keep(arguments, name=name, f1=score)
    print(f"mean {np.mean(scores):.3f} median {np.median(scores):.3f} of {len(scores)}")


def unchanged(arguments: argparse.Namespace) -> None:
    """Pairs in which nothing was altered."""
    told: dict[str, Counter[str]] = defaultdict(Counter)
    for path, pixels in chosen(arguments):
        # Of each photo by itself, so that one pair can be made again without the others.
        random = np.random.default_rng([arguments.seed, *path.name.encode()])
        edits = [*UNCHANGED.items(), *((f"drawn {n}", partial(drawn, random=random)) for n in range(DRAWN))]
        for name, edit in edits:
            if arguments.only and name not in arguments.only:
                continue
            made = edit(pixels)
            with excesses() as excess:
                found = compared(made, pixels, arguments.off)
            what = "no match" if found is None else found.outcome.value
            if found and found.regions:
                what = "region"
                print(
                    f"  {path.name} {name} {[(r.kind.value, r.score, r.query) for r in found.regions][:3]}",
                    flush=True,
                )
            told[name.split()[0] if name.startswith("drawn") else name][what] += 1
            best = float(found.heat.max()) if found else None
            keep(
                arguments, photo=path.name, edit=name, told=what, heat=best, size=made[0].shape, excess=excess
            )
    everything = sum(told.values(), Counter[str]())
    for name, count in [*told.items(), ("all", everything)]:
        alarms = count["region"] / max(1, count.total())
        print(
            f"{name:20s} pairs {count.total():5d}  with a region {count['region']:4d} ({alarms:.2%})  {dict(count)}"
        )


def sizes(arguments: argparse.Namespace) -> None:
    """Patches found, by side (pixels at a width of 1,000) and quality of the JPEG."""
    random = np.random.default_rng(arguments.seed)
    photos = list(chosen(arguments, least=480))
    found: dict[tuple[float, int], list[bool]] = defaultdict(list)
    for number, (path, pixels) in enumerate(photos):
        other = photos[(number + 7) % len(photos)][1]
        for share in arguments.sides or (12, 16, 24, 32, 48, 64):
            side = max(6, round(share / 1000 * max(pixels.shape)))
            if side >= min(*pixels.shape[:2], *other.shape[:2]) - 10:
                continue
            changed, (x, y) = pasted(pixels, other, side, random)
            for quality in arguments.qualities or (95, 80, 60, 40):
                seen = compared(saved(changed, quality), pixels, arguments.off)
                here = bool(seen) and bool(seen.mask[y : y + side, x : x + side].any())
                found[share, quality].append(here)
                keep(arguments, photo=path.name, side=share, quality=quality, found=here)
    for (share, quality), hits in sorted(found.items()):
        print(f"side {share:3d}/1000  jpeg {quality:2d}  found {np.mean(hits):.2f} of {len(hits)}")


def kinds(arguments: argparse.Namespace) -> None:
    """Confusion of kinds as they are told, and of what a region looks like most.

    Of each made case the strongest region that lies in what was really changed counts; half of the cases are
    rescaled, all compressed.
    """
    random = np.random.default_rng(arguments.seed)
    photos = list(chosen(arguments, least=400))
    tables: dict[str, dict[str, Counter[str]]] = {
        "told": defaultdict(Counter),
        "likeliest": defaultdict(Counter),
    }
    for number, (path, pixels) in enumerate(photos):
        other = photos[(number + 7) % len(photos)][1]
        for kind, makers in KINDS.items():
            maker = makers[number % len(makers)]
            made = maker(pixels, other, random)
            factor = 1.0 if number % 2 else float(random.uniform(0.6, 1.2))
            with measured() as traits:
                found = compared(saved(resized(made, factor), int(random.integers(60, 96))), pixels, None)
            seen, which = _strongest(found, pixels, made)
            for table in tables:
                tables[table][kind][seen[table]] += 1
            keep(
                arguments,
                photo=path.name,
                made=kind,
                how=maker.__name__,
                traits=which is not None and traits[which],
                **seen,
            )
    for table, rows in tables.items():
        print(table)
        columns = sorted({told for row in rows.values() for told in row})
        print("made        " + "".join(f"{c:>13s}" for c in columns))
        for kind, row in rows.items():
            print(f"{kind:12s}" + "".join(f"{row[c]:13d}" for c in columns))
        for kind in KINDS:
            named, right = sum(row[kind] for row in rows.values()), rows[kind][kind]
            precise = f"{right / named:.2f}" if named else "-"
            print(f"{kind:12s} named {named:4d}, right {right:4d}: {precise}; of {rows[kind].total()} made")


def _strongest(found: Changes | None, pixels: Pixels, made: Pixels) -> tuple[dict[str, str], int | None]:
    """Return what the strongest region in the change is called, and its place among those inside the reference."""
    if found is None or found.outcome is not ChangeOutcome.COMPARED:
        told = "no match" if found is None else found.outcome.value
        return {"told": told, "likeliest": told}, None
    inside = [region for region in found.regions if region.reference is not None]
    for region in found.regions:
        if _in_change(region, pixels, made):
            called = {"told": region.kind.value, "likeliest": region.likeliest.value}
            return called, inside.index(region) if region in inside else None
    return {"told": "nothing", "likeliest": "nothing"}, None


def _in_change(region: ChangedRegion, pixels: Pixels, made: Pixels) -> bool:
    """Whether a region lies in what was made different; what lies outside the reference does."""
    if region.reference is None or made.shape != pixels.shape:
        return True
    truth = np.abs(made.astype(int) - pixels).max(axis=-1) > 8
    x, y, w, h = region.reference
    return bool(truth[y : y + h, x : x + w].any())


def others(arguments: argparse.Namespace) -> None:
    """Other photos of one scene, both ways."""
    with arguments.data.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))[arguments.first :: arguments.step][: arguments.count]
    told: Counter[str] = Counter()
    for row in rows:
        a, b = (opened(arguments.data.parent / row[c]) for c in ("a", "b"))
        for query, reference in ((a, b), (b, a)):
            match = align(photo(query[0]), photo(reference[0]))
            if match is None:
                told["no match"] += 1
                continue
            # What the matcher tells as the same scene is compared nevertheless: this must hold by itself.
            found = find_changes(
                query[0], reference[0], np.array(match.transform).reshape(3, 3), tables=query[1]
            )
            what = f"{match.kind.value}: {found.outcome.value}" + (" with regions" if found.regions else "")
            told[what] += 1
            print(f"  {row['a']} {row['b']} {what} {found.motion}", flush=True)
    print(dict(told))


def parallax(arguments: argparse.Namespace) -> None:
    """Renders from a little beside: how each amount of parallax ends."""
    random = np.random.default_rng(arguments.seed)
    told: dict[float, Counter[str]] = defaultdict(Counter)
    for path, pixels in chosen(arguments, least=400):
        for amount in arguments.amounts or (0.5, 1.0, 2.0, 3.0):
            query = saved(seen_from_beside(pixels, amount, random), 90)
            found = compared(query, pixels, arguments.off)
            what = "no match" if found is None else found.outcome.value
            what += " with regions" if found and found.regions else ""
            told[amount][what] += 1
            keep(arguments, photo=path.name, parallax=amount, told=what, motion=found and found.motion)
    for amount, count in sorted(told.items()):
        print(f"parallax {amount:.1f} pixels, {count.total()} pairs: {dict(count)}")


PREVIEWS = [(side, how) for side in (384, 512, 1024, 1600) for how in ("JPEG 70", "JPEG 80", "WEBP 80")]


def previewed(pixels: Pixels, side: int, how: str) -> tuple[Made, int]:
    """Return the preview of a photo as its file gives it back, and the bytes of that."""
    codec, quality = how.split()
    picture = Image.fromarray(pixels)
    picture.thumbnail((side, side), Image.Resampling.HAMMING)
    content = io.BytesIO()
    picture.save(content, codec, quality=int(quality))
    return read(content.getvalue()), content.tell()


def _scene(photos: list[Pixels], start: int, side: int) -> Pixels:
    """Return a scene of four photos, 2 x 2, for a larger photo: its details are as fine."""
    cells = []
    for k in range(4):
        picture = Image.fromarray(photos[(start + k) % len(photos)])
        cells.append(np.asarray(ImageOps.fit(picture, (side // 2, side * 3 // 8), Image.Resampling.LANCZOS)))
    return np.vstack([np.hstack(cells[:2]), np.hstack(cells[2:])])


def previews(arguments: argparse.Namespace) -> None:
    """Mask F1 and small patches found where the reference is replaced by its preview.

    Photos below 1,600 pixels are put together to scenes of that size, four each. The query is the scene at full size,
    JPEG 80, with one part replaced: a blob for F1, then small squares.
    """
    random = np.random.default_rng(arguments.seed)
    photos = [pixels for _, pixels in chosen(arguments, least=400)]
    large = max(max(p.shape) for p in photos) >= 1600
    scores: dict[tuple[int, str], list[float]] = defaultdict(list)
    found: dict[tuple[int, str, int], list[bool]] = defaultdict(list)
    length: dict[tuple[int, str], list[int]] = defaultdict(list)
    alarms: dict[tuple[int, str], list[bool]] = defaultdict(list)
    for number, own in enumerate(photos):
        pixels = own if large else _scene(photos, number, 1600)
        other = photos[(number + 7) % len(photos)] if large else _scene(photos, number + 7, 1600)
        made = spliced(pixels, other, random)
        truth = np.abs(made.astype(int) - pixels).max(axis=-1) > 8
        truth = cv2.morphologyEx(truth.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8)) > 0
        query = saved(made, 80)
        unchanged = saved(pixels, 80)
        patches = []
        for share in arguments.sides or (16, 24, 48):
            side = round(share / 1000 * max(pixels.shape))
            changed, place = pasted(pixels, other, side, random)
            patches.append((share, side, place, saved(changed, 80)))
        for side, how in [(10**5, "JPEG 95"), *PREVIEWS]:
            (reference, tables), size = previewed(pixels, side, how)
            tables = tables if side < 10**5 else None
            length[side, how].append(size)
            still = compared(unchanged, reference, arguments.off, tables)
            alarms[side, how].append(bool(still) and bool(still.regions))
            seen = compared(query, reference, arguments.off, tables)
            mask = seen.mask if seen else np.zeros_like(truth)
            both = np.count_nonzero(mask) + np.count_nonzero(truth)
            scores[side, how].append(2 * np.count_nonzero(mask & truth) / max(1, both))
            for share, w, (x, y), changed in patches:
                seen = compared(changed, reference, arguments.off, tables)
                found[side, how, share].append(bool(seen) and bool(seen.mask[y : y + w, x : x + w].any()))
    for (side, how), values in scores.items():
        small = "  ".join(
            f"{share}/1000: {np.mean(hits):.2f}"
            for (s, h, share), hits in found.items()
            if (s, h) == (side, how)
        )
        print(
            f"{side if side < 10**5 else 'full':>5} {how:8s} {np.mean(length[side, how]):9,.0f} bytes  "
            f"F1 {np.mean(values):.3f}  patches found {small}  "
            f"unchanged with a region {sum(alarms[side, how])}  of {len(values)}"
        )


def speed(arguments: argparse.Namespace) -> None:
    """Time and memory of two 12 MP photos, decoding and matching included; and small ones."""
    pixels, _ = opened(arguments.data)
    factor = (12e6 / (pixels.shape[0] * pixels.shape[1])) ** 0.5
    large = resized(pixels, factor)
    changed = large.copy()
    h, w = large.shape[:2]
    changed[h // 3 : h // 3 + h // 10, w // 3 : w // 3 + w // 10] = large[
        h // 2 : h // 2 + h // 10, w // 2 : w // 2 + w // 10
    ]
    files = []
    for picture in (changed, large):
        content = io.BytesIO()
        Image.fromarray(picture).save(content, "JPEG", quality=90)
        files.append(content.getvalue())
    small = resized(pixels, 160 / max(pixels.shape))
    del large, changed
    compared((small, None), small)
    start, cpu = time.perf_counter(), time.process_time()
    query, reference = (read(f) for f in files)
    decoded = time.process_time() - cpu
    found = compared(query, reference[0])
    print(
        f"12 MP {query[0].shape}: {time.perf_counter() - start:.2f} s, {time.process_time() - cpu:.2f} s of CPU"
    )
    print(f"  of it decoding {decoded:.2f} s; {found and [r.query for r in found.regions]}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**10 if sys.platform == "linux" else 2**20)
    print(f"  peak memory {peak:,.0f} MB")
    for query, reference in ((small, pixels), (pixels, small)):
        found = compared((query, None), reference)
        print(f"  {query.shape[:2]} against {reference.shape[:2]}: {found.outcome if found else 'no match'}")


SECTIONS = {f.__name__: f for f in (altered, unchanged, sizes, kinds, others, parallax, speed, previews)}


def main() -> None:
    """Run one section of the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("section", choices=SECTIONS)
    parser.add_argument("data", type=Path)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--step", type=int, default=1)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*", help="edits (unchanged)")
    parser.add_argument("--sides", type=int, nargs="*")
    parser.add_argument("--amounts", type=float, nargs="*", help="pixels (parallax)")
    parser.add_argument("--qualities", type=int, nargs="*")
    parser.add_argument("--off", type=float, help="do not match: give a map that is so many pixels off")
    parser.add_argument("--masks", type=Path, help="where to write masks (altered)")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    machine(arguments)
    SECTIONS[arguments.section](arguments)


if __name__ == "__main__":
    main()
