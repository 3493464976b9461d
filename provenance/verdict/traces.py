"""The rules on what wrote a file and where it has been: PR306 to PR309. Pure; ids are stable.

To be exported, sent and stored is what happens to photos, so these are notes: they say what the file is not (what the
camera wrote) and where to ask.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from provenance.model import FactSource, Finding, Level
from provenance.verdict.file_words import MOST_EVIDENCE, fact_evidence, facts_of, listed

if TYPE_CHECKING:
    from provenance.verdict.case import Case

_METADATA = frozenset({FactSource.EXIF, FactSource.XMP, FactSource.IPTC, FactSource.PHOTOSHOP})
"""Where programs and people write; the rest is measured, or signed."""

PROGRAMS = re.compile(r"software|creator ?tool|originating ?program|history$", re.IGNORECASE)
"""Names of facts that name a program: of EXIF, XMP (tools, the agents of its history) and IPTC."""

ANCESTORS = re.compile(r"derivedfrom|ingredients|documentancestors", re.IGNORECASE)
"""Names of facts that name another document. An original's own id is none: programs give each file one."""


def programs_named(case: Case) -> Finding | None:
    """PR306: programs, edits and earlier documents that the file names."""
    told = [f for f in facts_of(case).facts if f.source in _METADATA and f.value.strip()]
    programs = [f for f in told if PROGRAMS.search(f.name)]
    ancestors = [f for f in told if ANCESTORS.search(f.name)]
    if not programs and not ancestors:
        return None
    said = []
    if programs:
        said.append(f"The file names what wrote it: {listed(f.value for f in programs)}.")
    if ancestors:
        said.append(f"It names the document that it was made from: {listed(f.value for f in ancestors)}.")
    return Finding(
        "PR306",
        Level.NOTE,
        f"{' '.join(said)} A camera's own program is named in the same way, and to export, crop or brighten a photo is "
        "no manipulation.",
        tuple(fact_evidence(f) for f in (programs + ancestors)[:MOST_EVIDENCE]),
        settle="Ask for the file as the camera wrote it.",
    )


class Trace(NamedTuple):
    """What a platform leaves in files that went through it."""

    platform: str
    source: FactSource
    name: re.Pattern[str]
    value: re.Pattern[str]


_ANY = re.compile("")
TRACES = (
    Trace("Facebook or Instagram", FactSource.IPTC, _ANY, re.compile(r"FBMD[0-9a-f]{8}", re.IGNORECASE)),
    Trace("Facebook or Instagram", FactSource.PHOTOSHOP, _ANY, re.compile(r"FBMD[0-9a-f]{8}", re.IGNORECASE)),
    *(
        Trace(app, FactSource.FILE_NAME, re.compile(f"^{app}$"), _ANY)
        for app in ("WhatsApp", "Signal", "Telegram", "Viber", "Facebook", "WeChat")
    ),
)
"""Explicit, and few: a trace is listed only where it is known to be one platform's own."""


def platform_traces(case: Case) -> Finding | None:
    """PR307: the file, or its name, comes from a platform."""
    found = [
        (trace, fact)
        for fact in facts_of(case).facts
        for trace in TRACES
        if fact.source is trace.source and trace.name.search(fact.name) and trace.value.search(fact.value)
    ]
    if not found:
        return None
    platforms = " and ".join(dict.fromkeys(trace.platform for trace, _ in found))
    return Finding(
        "PR307",
        Level.NOTE,
        f"The file bears traces of {platforms}: it went through there, so it is not the file that the camera wrote, "
        "and metadata may have been removed on the way.",
        tuple(fact_evidence(f) for f in dict.fromkeys(fact for _, fact in found))[:MOST_EVIDENCE],
        settle="Ask the sender for the file as it was taken, by a way that does not compress it.",
    )


BEYOND = re.compile(
    r"after the end|after end|trailing|multi-?picture|\bmpf\b|(?:number of|further|second|several) (?:images|pictures)",
    re.IGNORECASE,
)
"""Names of structural facts that say that the file holds more than the one picture shown."""


def more_than_one_picture(case: Case) -> Finding | None:
    """PR308: something follows the end of the picture, or the file holds several."""
    found = [f for f in facts_of(case).facts if f.source is FactSource.STRUCTURE and BEYOND.search(f.name)]
    if not found:
        return None
    told = listed(f"{f.name} {f.value}" for f in found)
    return Finding(
        "PR308",
        Level.NOTE,
        f"The file holds more than the picture shown: {told}. Phones store motion, depth and previews like this; a few "
        "bytes of padding are common.",
        tuple(fact_evidence(f) for f in found[:MOST_EVIDENCE]),
        settle="Extract what lies there and look at it: it may show the scene before or after.",
    )


SYNTHETIC = {
    "trainedAlgorithmicMedia": "made by a trained model",
    "compositeWithTrainedAlgorithmicMedia": "partly made by a trained model",
    "compositeSynthetic": "composed with synthetic parts",
    "algorithmicMedia": "made by a program",
    "virtualRecording": "recorded from a virtual scene",
    "digitalArt": "drawn by hand",
    "digitalCreation": "made by hand with a program",
}
"""IPTC digital source types of what no camera saw, or not all of it; https://cv.iptc.org/newscodes/digitalsourcetype."""


def source_type_declared(case: Case) -> Finding | None:
    """PR309: XMP or IPTC metadata declares that no camera saw all of what the picture shows."""
    found = [
        (f, kind)
        for f in facts_of(case).facts
        if f.source in _METADATA
        and "digitalsourcetype" in f.name.lower().replace(" ", "")
        and (kind := re.split(r"[/#:]", f.value.strip().rstrip("/"))[-1]) in SYNTHETIC
    ]
    if not found:
        return None
    kinds = list(dict.fromkeys(kind for _, kind in found))
    told = " and ".join(f"{SYNTHETIC[kind]} ({kind})" for kind in kinds)
    contradicts = "trainedAlgorithmicMedia" in kinds and case.claims_something
    return Finding(
        "PR309",
        Level.WARNING if contradicts else Level.NOTE,
        f"The file's metadata declares the picture as {told}"
        + (", while the post claims a date or place of it" if contradicts else "")
        + ". Anybody can write or remove such a declaration.",
        tuple(fact_evidence(f) for f, _ in found[:MOST_EVIDENCE]),
        settle="Ask who made it and with what; Content Credentials, if the file has any, may say so under a signature.",
    )


TRACES_LEFT = (programs_named, platform_traces, more_than_one_picture, source_type_declared)
"""The rules on traces, in the order in which their findings are told."""
