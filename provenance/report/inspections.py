"""What files say of themselves, for a person: the facts first, then what they mean, then what they do not mean."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from provenance.model import CredentialState, FactSource, Level, ThumbnailOutcome, Verdict
from provenance.model.clean import clean
from provenance.report.terminal import VERDICTS, accepted_of, finding_lines, heading, plain, styled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from provenance.model import Credentials, Fact, FileFacts, Inspection, Inspections, Stamp
    from provenance.report.terminal import Line

FACTS_SHOWN = 24
"""Facts of one source: a camera writes some forty, of which the last are the lens's."""

STAMPS_SHOWN = 16
FAULTS_SHOWN = 4
ENTRIES_SHOWN = 6
"""Actions and ingredients of Content Credentials."""

LONGEST_VALUE = 100
"""Characters of a value: more fill lines and say little; JSON has all."""

WIDEST_NAME = 28
"""Columns that names are aligned to; longer ones push their value."""

SOURCES = {
    FactSource.EXIF: "EXIF",
    FactSource.XMP: "XMP",
    FactSource.IPTC: "IPTC",
    FactSource.PHOTOSHOP: "Photoshop",
    FactSource.ICC: "ICC",
    FactSource.STRUCTURE: "structure",
    FactSource.THUMBNAIL: "thumbnail",
    FactSource.CREDENTIALS: "credentials",
    FactSource.FILE_NAME: "file name",
    FactSource.PIXELS: "pixels",
}
WRITTEN = frozenset({FactSource.EXIF, FactSource.XMP, FactSource.IPTC, FactSource.PHOTOSHOP})
"""What is meant by metadata: a colour profile or a way of being built is none."""

_LABEL = 2 + max(map(len, SOURCES.values()))

THUMBNAILS = {
    ThumbnailOutcome.SAME: "shows the same as the picture",
    ThumbnailOutcome.DIFFERS: "shows something else in places",
    ThumbnailOutcome.OTHER: "shows another picture",
    ThumbnailOutcome.CANNOT_TELL: "too small, plain or damaged to be compared",
}
STATES = {
    CredentialState.ABSENT: "none",
    CredentialState.UNTRUSTED: "signature and hashes hold; the signer is on no trust list that was used",
    CredentialState.TRUSTED: "signature and hashes hold; the signer is on the trust list",
    CredentialState.BROKEN: "a signature or a hash does not hold, or the manifest cannot be read",
}

CAUTIONS = (
    "What this does not mean: metadata, thumbnails and file names can be written by anybody at any time, and clocks "
    "are often wrong. What they state is a lead to be confirmed elsewhere.",
    "A file without metadata is normal: most platforms remove it. It says nothing for or against a photo.",
    "“Nothing found” says that nothing in the file contradicts itself or the claim, not that the photo is authentic. "
    "It was held against no other photo: provenance check does that.",
)
NOT_ASKED = "the pixels were not looked at; --hints does that"


def inspections_text(report: Inspections) -> str:
    """Return the report as plain text."""
    return plain(lines(report))


def inspections_styled(report: Inspections, *, width: int) -> str:
    """Return the report for a terminal of `width` columns: in colours, wrapped."""
    return styled(lines(report), width)


def lines(report: Inspections) -> Iterator[Line]:
    """Yield the lines of the report: a block a photo, what was skipped, a summary, what nothing of it means."""
    for inspection in report.results:
        yield from _block(inspection)
    for skipped in report.skipped:
        yield ("SKIPPED", "bold magenta"), (f"  {clean(skipped.path)}: {clean(skipped.reason)}", "")
    yield ((_summary(report), ""),)
    for caution in CAUTIONS:
        yield ((caution, "dim"),)


def _block(inspection: Inspection) -> Iterator[Line]:
    what = inspection.format or "of no known format"
    if inspection.size:
        what += f", {inspection.size[0]} x {inspection.size[1]} pixels"
    first = heading(inspection.verdict, inspection.findings)
    yield first, ("  ", ""), (clean(inspection.path), "bold"), (f"  {what}", "dim")
    yield from _facts(inspection.facts)
    for finding in inspection.findings:
        yield from finding_lines(finding)


def _facts(facts: FileFacts) -> Iterator[Line]:
    if all(f.source not in WRITTEN for f in facts.facts):
        yield from _labelled("metadata", ["none"])
    groups = list(_grouped(facts.facts))
    width = min(WIDEST_NAME, max((len(clean(f.name)) for _, group in groups for f in group), default=0))
    for source, group in groups:
        shown = [_fact(fact, width) for fact in group[:FACTS_SHOWN]]
        yield from _labelled(SOURCES[source], shown, len(group) - FACTS_SHOWN)
    if facts.thumbnail is not None:
        across, down = facts.thumbnail.size
        told = f"{across} x {down} pixels, {THUMBNAILS[facts.thumbnail.outcome]}"
        yield from _labelled("thumbnail", [told])
    if facts.credentials is not None:
        yield from _labelled("credentials", list(_credentials(facts.credentials)))
    if facts.positions:
        yield from _labelled(
            "position",
            [
                f"{p.latitude:.5f}, {p.longitude:.5f}"
                + (f", to within {p.uncertainty_m:,.0f} m" if p.uncertainty_m is not None else "")
                + f"  ({SOURCES[p.source]})"
                for p in facts.positions[:ENTRIES_SHOWN]
            ],
            len(facts.positions) - ENTRIES_SHOWN,
        )
    yield from _timeline(facts.stamps)
    if facts.hints is None:
        yield from _labelled("pixels", [NOT_ASKED])
    elif not facts.hints:
        yield from _labelled("pixels", ["no hint of work on them; that does not show that there was none"])
    yield from _labelled(
        "unread", [clean(f) for f in facts.faults[:FAULTS_SHOWN]], len(facts.faults) - FAULTS_SHOWN
    )


def _grouped(facts: Iterable[Fact]) -> Iterator[tuple[FactSource, list[Fact]]]:
    order = list(SOURCES)
    ranked = sorted(facts, key=lambda f: order.index(f.source))
    for source, group in groupby(ranked, key=lambda f: f.source):
        yield source, list(group)


def _fact(fact: Fact, width: int) -> str:
    note = f"  ({_short(fact.note)})" if fact.note else ""
    return f"{clean(fact.name):<{width}}  {_short(fact.value)}{note}"


def _short(text: str) -> str:
    text = clean(text)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"


def _labelled(label: str, told: Sequence[str], more: int = 0) -> Iterator[Line]:
    """Yield lines under a label, which stands before the first of them only."""
    for number, text in enumerate(told):
        yield ("  ", ""), (f"{label if number == 0 else '':<{_LABEL}}", "cyan"), (text, "")
    if more > 0:
        yield ("  ", ""), (" " * _LABEL, ""), (f"and {more} more (--format json has all)", "dim")


def _credentials(credentials: Credentials) -> Iterator[str]:
    yield STATES[credentials.state]
    if credentials.codes:
        yield f"what does not hold: {_short(', '.join(credentials.codes))}"
    for word, value in (
        ("signer", credentials.signer),
        ("issuer", credentials.issuer),
        ("made with", credentials.generator),
        ("title", credentials.title),
        ("signed", credentials.signed and f"{credentials.signed:%Y-%m-%d %H:%M} UTC"),
        ("declared as", ", ".join(credentials.source_types)),
    ):
        if value:
            yield f"{word}: {_short(value)}"
    for word, entries in (("action", credentials.actions), ("ingredient", credentials.ingredients)):
        for entry in entries[:ENTRIES_SHOWN]:
            yield f"{word}: {_short(entry)}"
        if len(entries) > ENTRIES_SHOWN:
            yield f"and {len(entries) - ENTRIES_SHOWN} more {word}s (--format json has all)"
    if credentials.validator:
        trust = f", against {credentials.trust_list}" if credentials.trust_list else ""
        yield f"validated by {_short(credentials.validator + trust)}, without a network"


def _timeline(stamps: Sequence[Stamp]) -> Iterator[Line]:
    """Yield the dates in their order, as written; what bounds them in UTC is in JSON."""
    ordered = sorted(stamps, key=lambda s: (s.earliest is None, s.earliest.timestamp() if s.earliest else 0))
    told = [
        f"{_when(stamp):<21}  {stamp.moment.value:<10}  {_short(stamp.text)}  "
        f"({SOURCES[stamp.source]} {_short(stamp.name)})"
        for stamp in ordered[:STAMPS_SHOWN]
    ]
    yield from _labelled("timeline", told, len(stamps) - STAMPS_SHOWN)


def _when(stamp: Stamp) -> str:
    """Return the span of days in UTC within which the moment lies."""
    if stamp.earliest is None or stamp.latest is None:
        return "no date"
    first, last = stamp.earliest.date().isoformat(), stamp.latest.date().isoformat()
    return first if first == last else f"{first}/{last}"


def _warns(inspection: Inspection) -> bool:
    return any(finding.level is Level.WARNING for finding in inspection.findings)


def _summary(report: Inspections) -> str:
    counts = {verdict: sum(r.verdict is verdict for r in report.results) for verdict in Verdict}
    told = ", ".join(f"{counts[verdict]} {word.lower()}" for verdict, (word, _) in VERDICTS.items())
    photos, warned = len(report.results), sum(map(_warns, report.results))
    return (
        f"{photos} photo{'' if photos == 1 else 's'}: {told}, {len(report.skipped)} skipped"
        f"{accepted_of(report.results)}; {warned} with warnings."
    )
