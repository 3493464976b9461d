"""What a policy makes of findings: which fail a run, which are accepted, and what the run then tells its caller. Pure.

A verdict speaks of the photo and is never changed here.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from provenance.errors import ExitCode
from provenance.model import FailOn, Inspection, Level, Result
from provenance.model.baseline import Accepted, Baseline
from provenance.verdict.decide import UNSETTLED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from provenance.model import Acceptance, Finding, Policy, Skipped, Terms
    from provenance.model.baseline import Key

AnyResult = TypeVar("AnyResult", Result, Inspection)

FAILING = {
    FailOn.ERROR: frozenset({Level.ERROR}),
    FailOn.WARNING: frozenset({Level.ERROR, Level.WARNING}),
    FailOn.NOTE: frozenset(Level),
    FailOn.NEVER: frozenset[Level](),
}


def under(policy: Policy, baseline: Baseline, result: AnyResult, today: date) -> AnyResult:
    """Return the result with each finding's `fails` and `accepted` as they are `today`."""
    terms = policy.of(result.path)
    return replace(
        result,
        findings=tuple(
            replace(
                finding,
                fails=fails(terms, finding),
                accepted=next((a for a in _said(policy, baseline, result, finding) if holds(a, today)), None),
            )
            for finding in result.findings
        ),
    )


def lapsed(
    policy: Policy, baseline: Baseline, results: Iterable[Result | Inspection], today: date
) -> Counter[Acceptance]:
    """Return the acceptances that have expired, and how many findings each would have kept from failing."""
    return Counter(
        acceptance
        for result in results
        for finding in result.findings
        if matters(policy.of(result.path), finding) and not finding.accepted
        for acceptance in _said(policy, baseline, result, finding)
        if not holds(acceptance, today)
    )


def outcome(results: Sequence[Result | Inspection], skipped: Sequence[Skipped], policy: Policy) -> ExitCode:
    """Return what the run tells its caller, of results that are `under` the policy: a flag wins over what is undone.

    Where nothing fails by its level (`FailOn.NEVER`), what stayed unsettled does not count either; photos that were
    skipped still do.
    """
    open_findings = [(r, f) for r in results for f in r.findings if f.accepted is None]
    if any(f.fails for _, f in open_findings):
        return ExitCode.FLAGGED
    if skipped or any(matters(policy.of(r.path), f) for r, f in open_findings):
        return ExitCode.NOT_COMPLETED
    return ExitCode.OK


def fails(terms: Terms, finding: Finding) -> bool:
    """Return whether a finding fails a run where nobody has accepted it."""
    if finding.id in terms.ignore:
        return False
    return finding.id in terms.fail or finding.level in FAILING[terms.fail_on]


def matters(terms: Terms, finding: Finding) -> bool:
    """Return whether a finding keeps a run from passing: it fails, or leaves unsettled what the policy asks about."""
    unsettled = finding.id in UNSETTLED and finding.id not in terms.ignore
    return fails(terms, finding) or (unsettled and terms.fail_on is not FailOn.NEVER)


def holds(acceptance: Acceptance, today: date) -> bool:
    """Return whether an acceptance still holds: to the end of its last day."""
    return acceptance.expires is None or today <= acceptance.expires


def _said(
    policy: Policy, baseline: Baseline, result: Result | Inspection, finding: Finding
) -> Iterator[Acceptance]:
    """Yield whatever was accepted of a finding, expired or not, the most exact first."""
    entry = baseline.entries.get((result.sha256, finding.id, finding.message))
    if entry is not None:
        yield entry.acceptance
    if policy.allowed:
        path = policy.place(result.path)
        yield from (
            allowance.acceptance
            for allowance in policy.allowed
            if allowance.covers(path, result.sha256, finding.id)
        )


@dataclass(frozen=True, slots=True)
class Update:
    """A baseline brought up to date, and how it came to be."""

    baseline: Baseline
    added: tuple[Accepted, ...]
    renewed: tuple[Accepted, ...]
    """Had expired, and are accepted anew."""
    kept: tuple[Accepted, ...]
    dropped: tuple[Accepted, ...]
    """The photo was checked, and the finding is no longer there in these words."""


def updated(
    policy: Policy, old: Baseline, results: Sequence[Result], acceptance: Acceptance, today: date
) -> Update:
    """Return the baseline with every finding accepted that keeps the run from passing, but by what else is accepted.

    What still holds stays as it is, also of photos that were not checked.
    """
    present = {(r.sha256, f.id, f.message) for r in results for f in r.findings}
    checked = {r.sha256 for r in results}
    dropped = {key: e for key, e in old.entries.items() if e.sha256 in checked and key not in present}
    new: dict[Key, Accepted] = {}
    for result in results:
        for finding in under(policy, old, result, today).findings:
            if finding.accepted is None and matters(policy.of(result.path), finding):
                entry = Accepted(result.sha256, finding.id, finding.message, result.path, acceptance, today)
                new.setdefault(entry.key, entry)
    kept = {key: e for key, e in old.entries.items() if key not in dropped and key not in new}
    return Update(
        Baseline({**kept, **new}),
        added=tuple(e for key, e in new.items() if key not in old.entries),
        renewed=tuple(e for key, e in new.items() if key in old.entries),
        kept=tuple(kept.values()),
        dropped=tuple(dropped.values()),
    )
