"""How findings name what a file says: facts, dates and positions as evidence, with what their source is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.model import CredentialState, Evidence, FactSource, FileFacts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from provenance.model import Fact, Position
    from provenance.verdict.case import Case

SHOWN = 3
"""Values that a message names."""

MOST_EVIDENCE = 12
"""Facts that one finding carries."""

MOST_TOLD = 100
"""Facts of a file that a check's report carries as evidence: an ordinary photo has some forty."""

LONGEST_TEXT = 80
"""Characters of a fact in a message; its evidence has all of them."""

ANYBODY = "stated by the file; anybody can write it, at any time"

RELIABILITY = {
    FactSource.STRUCTURE: "read from how the file is built; a program can build it at will",
    FactSource.PIXELS: "measured on the pixels; a hint, never proof",
    FactSource.CREDENTIALS: "stated by Content Credentials; worth what their signature is",
    FactSource.FILE_NAME: "the file's name, which anybody can change",
}
"""What a source is worth; of all others, `ANYBODY` holds."""


def facts_of(case: Case) -> FileFacts:
    """Return what the file says; nothing where it was not asked."""
    return case.facts if case.facts is not None else FileFacts()


def listed(told: Iterable[str]) -> str:
    """Return up to `SHOWN` different texts, cut short, and how many more there are."""
    different = list(dict.fromkeys(told))
    shown = [
        text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…" for text in different[:SHOWN]
    ]
    more = f"; and {len(different) - SHOWN} more" if len(different) > SHOWN else ""
    return "; ".join(shown) + more


def place_in_words(position: Position) -> str:
    """Return degrees north and east, and how exact the receiver says they are."""
    error = f", to within {position.uncertainty_m:,.0f} m" if position.uncertainty_m is not None else ""
    return f"{position.latitude:.5f}, {position.longitude:.5f}{error}"


def position_evidence(position: Position) -> Evidence:
    """Return a position that the file states."""
    return Evidence("file_position", place_in_words(position), f"the file's {position.source.value}", ANYBODY)


def fact_evidence(fact: Fact) -> Evidence:
    """Return one thing that the file says as evidence, with what its source is worth."""
    note = f" ({fact.note})" if fact.note else ""
    return Evidence(
        "file_fact",
        f"{fact.name}: {fact.value}{note}",
        f"the file's {fact.source.value.replace('_', ' ')}",
        RELIABILITY.get(fact.source, ANYBODY),
    )


def file_evidence(facts: FileFacts | None) -> tuple[Evidence, ...]:
    """Return what a file says of itself as evidence, at most `MOST_TOLD` facts; no rule need have used it."""
    if facts is None:
        return ()
    told = [fact_evidence(f) for f in facts.facts[:MOST_TOLD]]
    told += [position_evidence(p) for p in facts.positions[:MOST_EVIDENCE]]
    credentials = facts.credentials
    if credentials is not None and credentials.state is not CredentialState.ABSENT:
        signed = ", ".join(part for part in (credentials.signer, credentials.generator) if part)
        told.append(
            Evidence(
                "content_credentials",
                f"{credentials.state.value}{': ' * bool(signed)}{signed}",
                "the file's Content Credentials",
                RELIABILITY[FactSource.CREDENTIALS],
            )
        )
    return tuple(told)
