"""PR601: metadata that the policy requires. Pure; the id is stable.

Only what a person or a desk writes into the file on purpose counts: a colour profile has a copyright of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.model import Evidence, FactSource, Finding, Level, Metadata, Moment
from provenance.verdict.file_words import ANYBODY

if TYPE_CHECKING:
    from provenance.model import FileFacts
    from provenance.verdict.case import Case

WRITTEN = frozenset({FactSource.EXIF, FactSource.XMP, FactSource.IPTC, FactSource.STRUCTURE})
"""Where it may stand; of the structure only texts of PNG files bear such names."""

FIELDS = {
    Metadata.CREDIT: (
        "Artist", "XPAuthor", "2:080 By-line", "2:110 Credit", "dc:creator", "photoshop:Credit", "tiff:Artist",
        "cc:attributionName", "PNG Author",
    ),
    Metadata.LICENCE: (
        "Copyright", "2:116 Copyright Notice", "dc:rights", "xmpRights:UsageTerms", "xmpRights:WebStatement",
        "xmpRights:Owner", "cc:license", "PNG Copyright",
    ),
    Metadata.CAPTION: (
        "ImageDescription", "2:120 Caption/Abstract", "dc:description", "PNG Description",
    ),
    Metadata.DATE: (),
    Metadata.PLACE: (
        "2:090 City", "2:092 Sub-location", "2:101 Country Name", "photoshop:City", "photoshop:Country",
        "Iptc4xmpCore:Location",
    ),
}  # fmt: skip
"""The names of facts any of which will do. A date is a date of capture, a position is a place too."""

WRITTEN_AS = {
    Metadata.CREDIT: "EXIF Artist, IPTC By-line or Credit, XMP dc:creator or photoshop:Credit",
    Metadata.LICENCE: "EXIF Copyright, IPTC Copyright Notice, XMP dc:rights, xmpRights:UsageTerms or cc:license",
    Metadata.CAPTION: "EXIF ImageDescription, IPTC Caption/Abstract, XMP dc:description",
    Metadata.DATE: "EXIF DateTimeOriginal, IPTC Date Created, XMP photoshop:DateCreated",
    Metadata.PLACE: "EXIF GPS, IPTC City or Country Name, XMP photoshop:City or Iptc4xmpCore:Location",
}
"""The same for people."""


def required_metadata(case: Case) -> Finding | None:
    """PR601: the file does not say of itself what the policy requires. It speaks of the file, not of the picture."""
    if case.facts is None:
        return None
    facts = case.facts
    missing = [each for each in case.required if not _stated(each, facts)]
    if not missing:
        return None
    unread = " Parts of the file could not be read, and may say it." if facts.faults else ""
    return Finding(
        "PR601",
        Level.WARNING,
        f"The file's metadata lacks what the policy requires: {', '.join(missing)}.{unread}",
        tuple(
            Evidence(
                "required_metadata", f"{each}: none of {WRITTEN_AS[each]}", "the file's metadata", ANYBODY
            )
            for each in missing
        ),
        settle="Ask whoever sent the photo for it, and write it into the file: "
        + "; ".join(f"{each} as {WRITTEN_AS[each]}" for each in missing)
        + ".",
    )


def _stated(required: Metadata, facts: FileFacts) -> bool:
    if required is Metadata.DATE:
        return any(
            s.moment is Moment.CAPTURED and s.earliest is not None and s.source in WRITTEN
            for s in facts.stamps
        )
    if required is Metadata.PLACE and facts.positions:
        return True
    return any(fact.source in WRITTEN and fact.name in FIELDS[required] for fact in facts.facts)
