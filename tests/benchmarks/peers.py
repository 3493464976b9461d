"""What a user would pick instead of this tool, each answering the same battery; `copy_detection.py` runs them.

A peer gives one column or several: for every query the references it matches, best first, each with a score.
Photos are turned upright before they are hashed or described, except by imagededup, which reads the files itself.
"""

from __future__ import annotations

import csv
import hashlib
import json
import subprocess
import sys
import tempfile
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import imagehash
import numpy as np
from PIL import Image, ImageOps

from provenance.fingerprint.pdq import oriented_codes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    Words = NDArray[np.uint64]

    Matches = list[tuple[str, float]]
    """References by name with a score, best first."""

    Answers = dict[str, Matches]
    """What one column says to each query, by the query's name."""

PDQ_RADIUS = 31
HASH_RADIUS = 8
SSCD_LEAST = 0.75
SSCD_WORDS = f"SSCD, cosine {SSCD_LEAST}"
TOLD_EVERY = 200  # photos

# imagededup's own code as its documentation uses it, every setting at its default. Only its two neural
# modules are stood in for: importing those takes torch, and PHash uses neither. Run with arguments BATTERY OUT.
IMAGEDEDUP = """
import json, sys, types
from importlib.metadata import version
from pathlib import Path

for module, name in (("methods.cnn", "CNN"), ("utils.models", "CustomModel")):
    unused = types.ModuleType(f"imagededup.{module}")
    setattr(unused, name, None)
    sys.modules[unused.__name__] = unused
from imagededup.methods import PHash

battery, out = map(Path, sys.argv[1:])
hasher = PHash(verbose=False)
codes = {}
for folder in ("archive", "queries", "distractors"):
    found = hasher.encode_images(image_dir=battery / folder)
    codes.update((f"{folder}/{name}", code) for name, code in found.items())
near = hasher.find_duplicates(encoding_map=codes, scores=True)
pairs = [
    (Path(query).name, Path(reference).name, int(distance))
    for query, found in near.items() if not query.startswith("archive/")
    for reference, distance in found if reference.startswith("archive/")
]
out.write_text(json.dumps({"pairs": pairs, "made_with": "imagededup " + version("imagededup")}))
"""


class Battery:
    """A folder of earlier photos, edited copies and unrelated photos, and what is true of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with (folder / "truth.csv").open(encoding="utf-8", newline="") as lines:
            self.truth = {row["query"]: (row["reference"], row["attack"]) for row in csv.DictReader(lines)}

    @cached_property
    def references(self) -> list[Path]:
        return self._photos("archive")

    @cached_property
    def queries(self) -> list[Path]:
        """Edited copies and photos that resemble archived ones, then the distractors."""
        return self._photos("queries") + self._photos("distractors")

    @cached_property
    def digest(self) -> str:
        """Tells batteries of the same name apart: the truth, and every photo's name and size."""
        told = hashlib.sha256((self.folder / "truth.csv").read_bytes())
        for path in self.references + self.queries:
            told.update(f"{path.parent.name}/{path.name} {path.stat().st_size}\n".encode())
        return told.hexdigest()[:12]

    def _photos(self, folder: str) -> list[Path]:
        return sorted(path for path in (self.folder / folder).iterdir() if path.is_file())


class Result(NamedTuple):
    """What a peer answers, by column, and the versions it was made with."""

    columns: dict[str, Answers]
    made_with: str


class Peer(NamedTuple):
    """Something to compare with. Without `run` only an earlier result, if one is kept, can be told."""

    key: str
    run: Callable[[Battery], Result] | None
    absent: str = ""


def peers(sscd: Path | None, imagededup: Path | None) -> list[Peer]:
    """Return every peer; two of them need the Python of their own environment."""
    return [
        Peer(f"hashes-{PDQ_RADIUS}-{HASH_RADIUS}", hashes),
        Peer(
            "imagededup-phash",
            (lambda battery: duplicates(battery, imagededup)) if imagededup else None,
            "imagededup is left out: --imagededup-python was not given",
        ),
        Peer(
            f"sscd-{SSCD_LEAST}",
            Sscd(sscd) if sscd else None,
            "SSCD is left out: --sscd-python was not given",
        ),
    ]


def answered(peer: Peer, battery: Battery, cache: Path | None) -> Result | None:
    """Return the peer's result, kept or new; None if there is neither."""
    kept = cache / f"{battery.folder.name}-{battery.digest}-{peer.key}.json" if cache else None
    if kept and kept.exists():
        told = json.loads(kept.read_text(encoding="utf-8"))
        return Result(told["columns"], told["made_with"])
    if peer.run is None:
        return None
    result = peer.run(battery)
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(result._asdict()), encoding="utf-8")
    return result


def hashes(battery: Battery) -> Result:
    """PDQ in eight orientations, and imagehash's pHash and dHash with their default of 64 bits."""
    stored = hashed(battery.references, "references")
    asked = hashed(battery.queries, "queries")
    columns = {}
    for name, radius in (("PDQ", PDQ_RADIUS), ("pHash-64", HASH_RADIUS), ("dHash-64", HASH_RADIUS)):
        far = distances(asked[name], stored[name][:, 0])
        columns[f"{name}, {radius} bits"] = within(-far, -radius, battery)
    return Result(columns, f"provenance {version('provenance')}, imagehash {imagehash.__version__}")


def hashed(paths: Sequence[Path], what: str) -> dict[str, Words]:
    """Return every photo's codes, of shape (photos, orientations, words); the first is of the photo as it is."""
    codes: dict[str, list[bytes]] = {"PDQ": [], "pHash-64": [], "dHash-64": []}
    for number, path in enumerate(paths, 1):
        with Image.open(path) as image:
            upright = ImageOps.exif_transpose(image).convert("RGB")
        codes["PDQ"] += oriented_codes(np.asarray(upright))[0].values()
        codes["pHash-64"].append(np.packbits(imagehash.phash(upright).hash).tobytes())
        codes["dHash-64"].append(np.packbits(imagehash.dhash(upright).hash).tobytes())
        if number % TOLD_EVERY == 0:
            progress(f"hashes: {number} of {len(paths)} {what}")
    words = {"PDQ": 4, "pHash-64": 1, "dHash-64": 1}
    return {
        name: np.frombuffer(b"".join(each), np.uint64).reshape(len(paths), -1, words[name])
        for name, each in codes.items()
    }


def distances(asked: Words, stored: Words) -> NDArray[np.int64]:
    """Return how many bits each query's (rows) nearest orientation is from each reference (columns)."""
    nearest = np.full((len(asked), len(stored)), 64 * asked.shape[-1], np.int64)
    for number, codes in enumerate(asked):
        differing = np.bitwise_count(codes[:, np.newaxis] ^ stored[np.newaxis]).sum(axis=2, dtype=np.int64)
        nearest[number] = differing.min(axis=0)
    return nearest


def within(scores: NDArray[np.int64] | NDArray[np.float32], least: float, battery: Battery) -> Answers:
    """Return what reaches `least`: a row of scores a query, a column a reference."""
    answers = {}
    for query, row in zip(battery.queries, scores, strict=True):
        order = np.argsort(-row, kind="stable")[: int((row >= least).sum())]
        answers[query.name] = [(battery.references[i].name, float(row[i])) for i in order]
    return answers


def duplicates(battery: Battery, python: Path) -> Result:
    """imagededup's PHash, run in its own environment with its defaults."""
    progress("imagededup")
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "pairs.json"
        subprocess.run([python, "-c", IMAGEDEDUP, battery.folder, out], check=True, stdout=sys.stderr)
        told = json.loads(out.read_text(encoding="utf-8"))
    answers: Answers = {query.name: [] for query in battery.queries}
    for query, reference, distance in sorted(told["pairs"], key=lambda pair: (pair[2], pair[1])):
        answers[query].append((reference, -float(distance)))
    return Result({"imagededup PHash, 10 bits": answers}, told["made_with"])


class Sscd:
    """SSCD, run in its own environment. Photos that several batteries share are described once a run."""

    def __init__(self, python: Path) -> None:
        self._python = python
        self._known: dict[Path, NDArray[np.float32]] = {}
        self._made_with = ""

    def __call__(self, battery: Battery) -> Result:
        """Match at the cosine that its authors recommend, and once more whatever the cosine."""
        self._describe(battery.references + battery.queries)
        cosines = self._descriptors(battery.queries) @ self._descriptors(battery.references).T
        best = {query: matches[:1] for query, matches in within(cosines, -1.0, battery).items()}
        columns = {SSCD_WORDS: within(cosines, SSCD_LEAST, battery), "SSCD, best answer": best}
        return Result(columns, self._made_with)

    def _descriptors(self, paths: Iterable[Path]) -> NDArray[np.float32]:
        return np.stack([self._known[path.resolve()] for path in paths])

    def _describe(self, paths: Iterable[Path]) -> None:
        new = sorted({path.resolve() for path in paths} - self._known.keys())
        progress(f"SSCD: {len(new)} photos to describe")
        with tempfile.TemporaryDirectory() as scratch:
            out = Path(scratch) / "descriptors.npz"
            script = Path(__file__).with_name("sscd.py")
            listed = "".join(f"{path}\n" for path in new)
            subprocess.run([self._python, script, out], input=listed, text=True, check=True)
            with np.load(out) as told:
                self._known.update(zip(new, told["descriptors"], strict=True))
                self._made_with = str(told["made_with"])


def progress(words: str) -> None:
    print(f"  {words}", file=sys.stderr, flush=True)
