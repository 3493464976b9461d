"""How a changed region's traits speak for each kind: fitted on made cases by `tests/benchmarks/train_kinds.py`."""

from __future__ import annotations

from provenance.model import ChangeKind

WEIGHTS: dict[ChangeKind, tuple[float, ...]] = {
    ChangeKind.REPLACED: (0.0,) * 13,
}
"""What each of `change_kinds.Traits.numbers` adds to the logarithm of a kind's odds."""
