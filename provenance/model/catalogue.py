"""Every rule's stable id, its name for machines and what it is about in a sentence, for reports and policies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from provenance.model.results import Level

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class RuleInfo:
    """What is known of a rule before it has looked at anything.

    `title` is a sentence without full stop; `level` the one that its findings have where nothing special holds.
    """

    id: str
    name: str
    level: Level
    title: str


_E, _W, _N = Level.ERROR, Level.WARNING, Level.NOTE

_ALL = (
    RuleInfo("PR001", "archive-empty", _W, "The archive is empty"),
    RuleInfo("PR002", "photo-flat", _W, "The photo has too little texture to be compared"),
    RuleInfo("PR101", "seen-before-claimed-date", _E, "Seen before the claimed date"),
    RuleInfo("PR102", "seen-at-another-place", _E, "Seen as a picture of another place"),
    RuleInfo("PR103", "seen-before", _E, "Seen before, and nothing is claimed"),
    RuleInfo("PR104", "fits-the-claim", _N, "Seen before, and what is known of it fits the claim"),
    RuleInfo("PR105", "same-file-known", _N, "The archive holds exactly this file"),
    RuleInfo(
        "PR106", "seen-but-not-comparable", _W, "Seen before, but nothing can be held against the claim"
    ),
    RuleInfo("PR107", "same-scene", _N, "Another photo of the same scene is known"),
    RuleInfo("PR108", "already-fact-checked", _W, "A copy of the picture was fact-checked before"),
    RuleInfo("PR200", "whole-picture", _N, "What happened to the picture as a whole"),
    RuleInfo("PR201", "content-changed", _E, "What the picture shows was changed"),
    RuleInfo("PR202", "content-cropped-away", _W, "A crop leaves out much of the picture"),
    RuleInfo("PR203", "mirrored", _W, "Left and right are exchanged"),
    RuleInfo("PR204", "overlay", _W, "Text, a logo, a bar or a frame lies over the picture"),
    RuleInfo("PR205", "composite", _W, "The picture is made of several"),
    RuleInfo("PR207", "changes-not-comparable", _W, "No match could be compared for changes"),
    RuleInfo("PR208", "not-the-same-picture", _W, "The two photos do not show the same"),
    RuleInfo("PR301", "file-date-against-claim", _W, "A date in the file contradicts the claimed date"),
    RuleInfo("PR302", "file-dates-contradict", _W, "Dates in the file contradict each other"),
    RuleInfo("PR303", "file-dates-odd", _N, "Dates in the file are odd"),
    RuleInfo(
        "PR304", "file-position-against-claim", _W, "The position in the file, against the claimed place"
    ),
    RuleInfo("PR305", "thumbnail-differs", _E, "The embedded thumbnail shows something else"),
    RuleInfo("PR306", "file-names-programs", _N, "The file names programs or documents it was made from"),
    RuleInfo("PR307", "platform-traces", _N, "The file bears traces of a platform"),
    RuleInfo("PR308", "more-than-a-picture", _N, "The file holds more than one picture"),
    RuleInfo("PR309", "declared-not-by-camera", _W, "Metadata declares a picture not made by a camera alone"),
    RuleInfo("PR310", "file-date-after-sighting", _N, "The file claims to be younger than the picture"),
    RuleInfo(
        "PR401", "credentials-untrusted", _N, "Intact Content Credentials, by a signer on no trust list"
    ),
    RuleInfo("PR402", "credentials-trusted", _N, "Intact Content Credentials, by a signer on the trust list"),
    RuleInfo("PR403", "credentials-broken", _W, "Broken Content Credentials"),
    RuleInfo(
        "PR404", "declared-generated", _W, "Content Credentials declare a picture made by a trained model"
    ),
    RuleInfo(
        "PR405", "declared-composed", _W, "Content Credentials declare a picture partly synthetic or composed"
    ),
    RuleInfo("PR501", "foreign-grid", _W, "A part of the picture carries another JPEG grid"),
    RuleInfo("PR502", "copied-within", _W, "Two parts of the picture show exactly the same"),
    RuleInfo("PR503", "compressed-before", _N, "The picture was compressed as JPEG before"),
    RuleInfo("PR504", "grid-moved", _N, "The picture carries the grid of an earlier JPEG file"),
    RuleInfo("PR601", "required-metadata-missing", _W, "The file lacks metadata that the policy requires"),
)

CATALOGUE: Mapping[str, RuleInfo] = {info.id: info for info in _ALL}
"""Every rule by its id, in the order of the ids."""
