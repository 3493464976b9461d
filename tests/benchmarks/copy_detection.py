"""Copy detection: this tool beside what a user would pick instead, on batteries of edited and unrelated photos.

    python tests/benchmarks/copy_detection.py BATTERY... [--json FILE] [--peers-cache DIR]
        [--sscd-python SSCD/bin/python] [--imagededup-python IMAGEDEDUP/bin/python]

Runs in the project's environment. A BATTERY holds archive/ (earlier photos), queries/ (edited copies, and
unrelated photos inside a template that an archived one shares), distractors/ (unrelated photos) and truth.csv
with the columns query, reference (empty: nothing may match) and attack. Columns:

- provenance: `add` and `check` as a user runs them; also `check --fast`, if there is such an option
- PDQ within 31 bits, in eight orientations, and pHash and dHash of 64 bits (imagehash's defaults) within 8
- imagededup's PHash, the package's own code with its defaults, if its own environment is given:
  `IMAGEDEDUP/bin/python -m pip install --no-deps imagededup`, then
  `IMAGEDEDUP/bin/python -m pip install numpy pillow scipy PyWavelets scikit-learn tqdm matplotlib`, which spares
  torch. Its CNN method is not compared: it downloads its weights when it is first used
- SSCD at a cosine of 0.75, and its best answer whatever the cosine, if its own environment is given: `sscd.py`
  says how to make that. Its model is int8 here; at full precision it may do a little better

`--peers-cache` keeps what the peers answered, a file a peer and battery, and uses what is kept there, without
needing their environments; this tool always runs anew. Nothing is drawn at random.

Recall: the right reference stands first. False alarm: a photo to which nothing may match is matched. Recall at
zero false alarms: right, and scored above every false alarm. Micro average precision: over all (query,
reference) pairs by score (M. Douze et al., "The 2021 Image Similarity Dataset and Challenge"). Matches of kind
same_scene are no copies. Where scores are equal, names decide.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
from collections import Counter
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from peers import Battery, answered, peers, progress
from program import provenance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from peers import Answers, Peer

LIBRARIES = ("provenance", "numpy", "pillow")


@dataclass(frozen=True)
class Score:
    """How one column does on one battery."""

    recall: dict[str, float]
    mean_recall: float
    micro_average_precision: float
    recall_at_zero_false_alarms: float
    false_alarms: int
    unrelated: int
    not_answered: int


class Measured(NamedTuple):
    """A battery's scores by column, and what else there is to say of them."""

    battery: Battery
    scores: dict[str, Score]
    notes: list[str]


class Total(NamedTuple):
    """A row of the tables over all edits."""

    words: str
    figure: Callable[[Score], float]


TOTALS = (
    Total("mean recall", lambda score: score.mean_recall),
    Total("micro average precision", lambda score: score.micro_average_precision),
    Total("recall at zero false alarms", lambda score: score.recall_at_zero_false_alarms),
)


def main() -> None:
    options = arguments()
    print(f"machine: {platform.machine()}, {len(os.sched_getaffinity(0))} cores, {platform.system()}")
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    print(f"python {platform.python_version()}, {libraries}")
    compared = peers(options.sscd_python, options.imagededup_python)
    measured = []
    for folder in options.batteries:
        one = measure(Battery(folder), compared, options.peers_cache)
        print("\n".join(["", described(one.battery), *one.notes, "", *table(one)]), flush=True)
        measured.append(one)
    if len(measured) > 1:
        print("\n".join(["", *summary(measured)]))
    if options.json:
        options.json.write_text(json.dumps([raw(one) for one in measured], indent=1), encoding="utf-8")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("batteries", type=Path, nargs="+", metavar="BATTERY")
    parser.add_argument("--sscd-python", type=Path, help="the Python of SSCD's environment")
    parser.add_argument("--imagededup-python", type=Path, help="the Python of imagededup's environment")
    parser.add_argument("--peers-cache", type=Path, metavar="DIR", help="keep the peers' answers here")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here, too")
    return parser.parse_args()


def measure(battery: Battery, compared: Sequence[Peer], cache: Path | None) -> Measured:
    progress(f"{battery.folder.name}: provenance")
    columns, notes = own(battery)
    for peer in compared:
        result = answered(peer, battery, cache)
        if result is None:
            notes.append(peer.absent)
        else:
            columns |= result.columns
            notes.append(f"{', '.join(result.columns)}: {result.made_with}")
    scores = {name: scored(battery, each) for name, each in columns.items()}
    notes += [
        f"{name}: {each.not_answered} without answer" for name, each in scores.items() if each.not_answered
    ]
    return Measured(battery, scores, notes)


def own(battery: Battery) -> tuple[dict[str, Answers], list[str]]:
    """Return what this tool answers, and what it says it could not read."""
    ways = {"provenance": ["check"]}
    if "--fast" in provenance("check", "--help"):
        ways["provenance --fast"] = ["check", "--fast"]
    columns, notes = {}, []
    folder = battery.folder
    with tempfile.TemporaryDirectory() as scratch:
        archive = Path(scratch) / "a.db"
        provenance("add", folder / "archive", "-a", archive)
        for name, command in ways.items():
            photos = (folder / "queries", folder / "distractors")
            report = json.loads(provenance(*command, *photos, "-a", archive, "--format", "json"))
            columns[name] = {Path(each["path"]).name: copies(each) for each in report["results"]}
            notes += [f"{name} skipped {each}" for each in report["skipped"]]
    return columns, notes


def copies(result: dict) -> list[tuple[str, float]]:  # type: ignore[type-arg]
    return [
        (Path(match["reference"]["path"]).name, float(match["score"]))
        for match in result["matches"]
        if match.get("kind") != "same_scene"
    ]


def scored(battery: Battery, answers: Answers) -> Score:
    truth = battery.truth
    first = {query: matches[0] for query, matches in answers.items() if matches and query in truth}
    related = [query for query, (reference, _) in truth.items() if reference]
    right = [query for query in related if query in first and first[query][0] == truth[query][0]]
    alarms = [first[query][1] for query, (reference, _) in truth.items() if not reference and query in first]
    bar = max(alarms, default=float("-inf"))
    totals = Counter(truth[query][1] for query in related)
    hits = Counter(truth[query][1] for query in right)
    recall = {attack: hits[attack] / total for attack, total in totals.items()}
    return Score(
        recall,
        sum(recall.values()) / max(1, len(recall)),
        precision(battery, answers) / max(1, len(related)),
        sum(first[query][1] > bar for query in right) / max(1, len(related)),
        len(alarms),
        len(truth) - len(related),
        len(truth.keys() - answers.keys()),
    )


def precision(battery: Battery, answers: Answers) -> float:
    """Return the sum, over all right pairs, of the precision among the pairs scored no lower."""
    pairs: dict[tuple[str, str], float] = {}
    for query in battery.truth.keys() & answers.keys():
        for reference, score in answers[query]:
            pairs[query, reference] = max(score, pairs.get((query, reference), score))
    ranked = sorted(((score, *pair) for pair, score in pairs.items()), reverse=True)
    right, area = 0, 0.0
    for rank, (_, query, reference) in enumerate(ranked, 1):
        if battery.truth[query][0] == reference:
            right += 1
            area += right / rank
    return area


def described(battery: Battery) -> str:
    edited = [attack for reference, attack in battery.truth.values() if reference]
    return (
        f"data: {battery.folder.name}, {len(battery.references):,} photos archived, {len(edited):,} edited "
        f"copies by {len(set(edited))} edits, {len(battery.truth) - len(edited):,} photos to which nothing may match"
    )


def table(one: Measured) -> list[str]:
    """Return markdown: a row an edit, in the truth's order, then the rows over all."""
    scores = one.scores.values()
    unrelated = next(iter(scores)).unrelated
    return [
        row("edit", one.scores),
        "|---" * (len(one.scores) + 1) + "|",
        *(
            row(attack, (f"{score.recall[attack]:.3f}" for score in scores))
            for attack in next(iter(scores)).recall
        ),
        *(row(f"**{total.words}**", (f"{total.figure(score):.3f}" for score in scores)) for total in TOTALS),
        row(f"**false alarms of {unrelated:,}**", (f"{score.false_alarms:,}" for score in scores)),
    ]


def summary(measured: Sequence[Measured]) -> list[str]:
    """Return markdown: a row a column that every battery has; means, and the lowest and highest battery."""
    names = [name for name in measured[0].scores if all(name in one.scores for one in measured)]
    unrelated = sum(next(iter(one.scores.values())).unrelated for one in measured)
    lines = [
        row(
            f"{len(measured)} batteries, mean (lowest to highest)",
            [*(total.words for total in TOTALS), f"false alarms of {unrelated:,}"],
        ),
        "|---" * (len(TOTALS) + 2) + "|",
    ]
    for name in names:
        scores = [one.scores[name] for one in measured]
        alarms = sum(score.false_alarms for score in scores)
        lines.append(row(name, [*(spread(map(total.figure, scores)) for total in TOTALS), f"{alarms:,}"]))
    return lines


def spread(figures: Iterable[float]) -> str:
    each = list(figures)
    return f"{sum(each) / len(each):.3f} ({min(each):.3f} to {max(each):.3f})"


def row(first: str, cells: Iterable[str]) -> str:
    return f"| {' | '.join([first, *cells])} |"


def raw(one: Measured) -> dict[str, object]:
    scores = {name: asdict(score) for name, score in one.scores.items()}
    return {"battery": one.battery.folder.name, "notes": one.notes, "columns": scores}


if __name__ == "__main__":
    main()
