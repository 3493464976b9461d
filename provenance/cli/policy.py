"""The policy in force: the baseline it names, what was accepted, and what has expired of it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.cli.guard import say
from provenance.model.clean import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from provenance.model import Policy
    from provenance.model.baseline import Baseline
    from provenance.verdict.policy import AnyResult


def today() -> date:
    """Return the day it is, in UTC: an acceptance expires everywhere at once."""
    return datetime.now(UTC).date()


def baseline_of(policy: Policy) -> Baseline:
    """Return the accepted findings that the policy names a file of; none if it names none.

    Raises:
        BaselineError: the file is missing or malformed.
    """
    from provenance.model.baseline import Baseline

    if not policy.baseline:
        return Baseline()
    from provenance.ingest.baseline import read_baseline

    return read_baseline(Path(policy.baseline))


def under_policy(policy: Policy, baseline: Baseline, results: Iterable[AnyResult]) -> tuple[AnyResult, ...]:
    """Return the results with what fails and what is accepted; say which acceptances no longer hold."""
    from provenance.verdict.policy import lapsed, under

    day = today()
    told = tuple(under(policy, baseline, result, day) for result in results)
    for acceptance, count in lapsed(policy, baseline, told, day).items():
        findings = "a finding" if count == 1 else f"{count} findings"
        say(
            f"Expired on {acceptance.expires}: {clean(acceptance.author)} had accepted {findings} of this run "
            f"({clean(acceptance.reason)}; {clean(acceptance.source)})."
        )
    return told
