"""Fit the weights by which a changed region's kind is told, from the cases that `changes.py kinds` made.

    python tests/benchmarks/changes.py kinds PHOTOS --first 7 --step 9 --seed 3 --json cases.json
    python tests/benchmarks/train_kinds.py cases.json

Prints the table for provenance/compare/kind_weights.py, and of what would be told how much would be right, by
cross-validation over photos. Multinomial logistic regression with a ridge on standardised traits.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from provenance.compare.change_kinds import SURE, Traits
from provenance.model import ChangeKind

KINDS = [kind for kind in SURE if kind is not ChangeKind.BAR]
RIDGE = 1.0
FOLDS = 8

Floats = NDArray[np.float64]


def fitted(numbers: Floats, kinds: NDArray[np.intp]) -> Floats:
    """Return the weights (kinds, numbers) by which numbers (cases, numbers), the first of them 1, tell kinds."""
    mean, spread = numbers[:, 1:].mean(axis=0), numbers[:, 1:].std(axis=0)
    standard = np.column_stack([np.ones(len(numbers)), (numbers[:, 1:] - mean) / spread])
    chosen = np.eye(len(KINDS))[kinds]

    def loss(flat: Floats) -> tuple[float, Floats]:
        weights = flat.reshape(len(KINDS), -1)
        odds = standard @ weights.T
        odds -= odds.max(axis=1, keepdims=True)
        log = odds - np.log(np.exp(odds).sum(axis=1, keepdims=True))
        ridge = weights[:, 1:]
        slope = (np.exp(log) - chosen).T @ standard
        slope[:, 1:] += RIDGE * ridge
        return float(-(chosen * log).sum() + RIDGE / 2 * (ridge**2).sum()), slope.ravel()

    start = np.zeros(len(KINDS) * standard.shape[1])
    weights = minimize(loss, start, jac=True, method="L-BFGS-B").x.reshape(len(KINDS), -1)
    weights[:, 1:] /= spread
    weights[:, 0] -= weights[:, 1:] @ mean
    return weights


def cross_validated(numbers: Floats, kinds: NDArray[np.intp], photos: list[str]) -> None:
    """Print how much of what is told is right, and how much is told, for photos that were not learnt from."""
    names = sorted(set(photos))
    fold = np.array([names.index(photo) % FOLDS for photo in photos])
    shares = np.empty((len(kinds), len(KINDS)))
    for k in range(FOLDS):
        odds = numbers[fold == k] @ fitted(numbers[fold != k], kinds[fold != k]).T
        shares[fold == k] = np.exp(odds - odds.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    best = shares.argmax(axis=1)
    sure = shares.max(axis=1) >= np.array([SURE[kind] for kind in KINDS])[best]
    for number, kind in enumerate(KINDS):
        told = sure & (best == number)
        right = np.count_nonzero(told & (kinds == number))
        made = np.count_nonzero(kinds == number)
        print(
            f"# {kind.value:11s} told {np.count_nonzero(told):4d}, right {right:4d}, of {made} with a region"
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("cases", type=Path)
    rows = [json.loads(line) for line in parser.parse_args().cases.read_text().splitlines()]
    rows = [row for row in rows if row["traits"] and row["made"] in KINDS]
    traits = [Traits(**{f.name: row["traits"][f.name] for f in fields(Traits)}) for row in rows]
    numbers = np.array([t.numbers for t in traits])
    kinds = np.array([KINDS.index(ChangeKind(row["made"])) for row in rows])
    print(f"# {len(rows)} regions of {len({row['photo'] for row in rows})} photos")
    cross_validated(numbers, kinds, [row["photo"] for row in rows])
    for kind, weights in zip(KINDS, fitted(numbers, kinds), strict=True):
        print(f"    ChangeKind.{kind.name}: ({', '.join(f'{w:.3g}' for w in weights)}),")


if __name__ == "__main__":
    main()
