"""What a file itself says: facts with their sources, before any rule weighs them."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from provenance.model.changes import Box


class FactSource(enum.StrEnum):
    """Where a fact stands. All but PIXELS can be written by anybody, at any time."""

    EXIF = "exif"
    XMP = "xmp"
    IPTC = "iptc"
    PHOTOSHOP = "photoshop"
    ICC = "icc"
    STRUCTURE = "structure"
    """How the file is built: markers, quantisation tables, chunks, what follows the end."""
    THUMBNAIL = "thumbnail"
    CREDENTIALS = "credentials"
    """A C2PA manifest, whatever became of its signature."""
    FILE_NAME = "file_name"
    PIXELS = "pixels"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a file says.

    `name` is the standard's own name ("DateTimeOriginal", "xmpMM:DocumentID", "2:080 By-line"); `value` is on one
    line, without controls, at most `LONGEST` characters. `note` says what is known of it besides: that readers
    disagree, that it was cut short, what it commonly means.
    """

    source: FactSource
    name: str
    value: str
    note: str = ""


LONGEST = 500
"""Characters of a fact's value: longer ones are cut, and say so in their note."""


class Moment(enum.StrEnum):
    """What a date in a file is the date of."""

    CAPTURED = "captured"
    """The shutter fired."""
    DIGITISED = "digitised"
    MODIFIED = "modified"
    """The picture or its metadata were changed."""
    POSITIONED = "positioned"
    """A satellite receiver told the time, in UTC."""
    CREATED = "created"
    """Of the file, the document or an edit's software record, whatever was before."""
    SIGNED = "signed"
    """By the signature of Content Credentials."""
    NAMED = "named"
    """In the file's name."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """One date in a file.

    `text` is as written. `earliest` and `latest` bound the moment, both in UTC and inclusive: a time without a zone
    may have been up to 14 hours earlier in UTC than it reads or 12 hours later, and a day without a time lasts all day
    besides. Both are None where the text is no date that can be true (`0000:00:00`, 31 February): such stamps are kept,
    and told.
    """

    moment: Moment
    source: FactSource
    name: str
    text: str
    earliest: datetime | None
    latest: datetime | None


@dataclass(frozen=True, slots=True)
class Position:
    """Where the file says that the photo was taken: degrees north and east, WGS 84, within 90 and 180.

    `uncertainty_m` is what the receiver said of itself, in metres, None if nothing.
    """

    source: FactSource
    latitude: float
    longitude: float
    uncertainty_m: float | None = None


class CredentialState(enum.StrEnum):
    """What validation of Content Credentials came to. None of these says that a picture is true."""

    ABSENT = "absent"
    UNTRUSTED = "untrusted"
    """Signature and hashes hold; who signed is not on the trust list."""
    TRUSTED = "trusted"
    """Signature and hashes hold, and the signer is on the trust list used."""
    BROKEN = "broken"
    """A signature or a hash does not hold, or the manifest cannot be read."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Content Credentials (C2PA) of a file, validated without a network.

    `codes` are the standard's failure codes where there are any; `validator` is the library and its version,
    `trust_list` the list's name and date. `actions` ("c2pa.edited: 2024-11-29T10:00:00Z, Example 1.0") and
    `ingredients` are in the manifest's order; `source_types` are the IPTC digital source types declared, by their last
    part ("trainedAlgorithmicMedia"). Texts are clean and bounded, as those of a fact.
    """

    state: CredentialState
    codes: tuple[str, ...] = ()
    validator: str = ""
    trust_list: str = ""
    signer: str = ""
    issuer: str = ""
    generator: str = ""
    title: str = ""
    signed: datetime | None = None
    actions: tuple[str, ...] = ()
    ingredients: tuple[str, ...] = ()
    source_types: tuple[str, ...] = ()


class ThumbnailOutcome(enum.StrEnum):
    """What an embedded thumbnail shows against the picture."""

    SAME = "same"
    DIFFERS = "differs"
    """The same frame, with other content somewhere."""
    OTHER = "other"
    """Another picture altogether."""
    CANNOT_TELL = "cannot_tell"
    """Too small, too plain or damaged."""


@dataclass(frozen=True, slots=True)
class ThumbnailComparison:
    """An embedded thumbnail held against the picture. `regions` are boxes in the picture's pixels, as displayed."""

    outcome: ThumbnailOutcome
    size: tuple[int, int]
    """Width and height of the thumbnail."""
    regions: tuple[Box, ...] = ()
    score: float = 0.0
    """-log10 of how many honest thumbnails of its kind differ as much."""


class HintKind(enum.StrEnum):
    """What the pixels alone hint at. Hints never flag by themselves."""

    GRID_SHIFT = "grid_shift"
    """A region carries the traces of another JPEG grid than the rest."""
    COPY_MOVE = "copy_move"
    """Two regions show exactly the same."""
    DOUBLE_QUANTISATION = "double_quantisation"
    """The picture was compressed as JPEG before, at another quality."""


@dataclass(frozen=True, slots=True)
class Hint:
    """A hint with its places, boxes in the picture's pixels as displayed; none where it is of the whole picture.

    `score` is -log10 of how many such hints an untouched picture of this size may be expected to give.
    """

    kind: HintKind
    score: float
    regions: tuple[Box, ...] = ()
    words: str = ""
    """What was measured: "blocks begin at 3, 5 instead of 0, 0"."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """All that one file says of itself.

    `faults` are parts of the file that could not be read, in words; a fault is no finding. `hints` is None where
    pixels were not asked.
    """

    facts: tuple[Fact, ...] = ()
    stamps: tuple[Stamp, ...] = ()
    positions: tuple[Position, ...] = ()
    credentials: Credentials | None = None
    """None where no reader for them is installed."""
    thumbnail: ThumbnailComparison | None = None
    """None where there is no thumbnail."""
    hints: tuple[Hint, ...] | None = None
    faults: tuple[str, ...] = ()
