"""PR601 asks what a file says of itself, wherever standards have it said, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from provenance.evidence.metadata.exif_tags import TAGS
from provenance.evidence.metadata.iptc import NAMES
from provenance.evidence.metadata.xmp_properties import SIMPLE
from provenance.model import Fact, FactSource, FileFacts, Level, Metadata, Moment, Position, Stamp
from provenance.verdict.case import Case
from provenance.verdict.decide import decide
from provenance.verdict.required import FIELDS, WRITTEN_AS, required_metadata

ALL = tuple(Metadata)


def missing(facts, required=ALL):
    finding = required_metadata(Case((), 10, facts=facts, required=required))
    return [] if finding is None else finding.message.partition(": ")[2].partition(".")[0].split(", ")


def says(source, name, value="something"):
    return FileFacts((Fact(source, name, value),))


def test_a_file_that_says_nothing_lacks_everything_that_is_required():
    assert missing(FileFacts()) == ["credit", "licence", "caption", "date", "place"]
    assert missing(FileFacts(), (Metadata.LICENCE,)) == ["licence"]


def test_nothing_is_missed_where_nothing_is_required_or_the_file_was_not_asked():
    assert missing(FileFacts(), ()) == []
    assert missing(None) == []


@pytest.mark.parametrize(
    ("source", "name", "stated"),
    [
        (FactSource.EXIF, "Artist", "credit"),
        (FactSource.IPTC, "2:110 Credit", "credit"),
        (FactSource.XMP, "dc:creator", "credit"),
        (FactSource.STRUCTURE, "PNG Author", "credit"),
        (FactSource.EXIF, "Copyright", "licence"),
        (FactSource.XMP, "xmpRights:UsageTerms", "licence"),
        (FactSource.XMP, "cc:license", "licence"),
        (FactSource.IPTC, "2:120 Caption/Abstract", "caption"),
        (FactSource.XMP, "photoshop:City", "place"),
    ],
)
def test_any_field_that_is_meant_for_it_will_do(source, name, stated):
    assert set(missing(FileFacts())) - set(missing(says(source, name))) == {stated}


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (FactSource.ICC, "ICC profile copyright"),
        (FactSource.PHOTOSHOP, "copyright flag"),
        (FactSource.CREDENTIALS, "Copyright"),
        (FactSource.EXIF, "Make"),
        (FactSource.FILE_NAME, "Artist"),
    ],
)
def test_a_profiles_copyright_and_the_like_are_no_statement_of_the_desk(source, name):
    assert len(missing(says(source, name))) == len(ALL)


def stamp(moment, source, earliest=datetime(2016, 12, 13, tzinfo=UTC)):
    return FileFacts(stamps=(Stamp(moment, source, "DateTimeOriginal", "2016", earliest, earliest),))


def test_a_date_is_one_of_capture_that_can_be_true_written_in_the_file():
    assert "date" not in missing(stamp(Moment.CAPTURED, FactSource.EXIF))
    assert "date" in missing(stamp(Moment.MODIFIED, FactSource.EXIF))
    assert "date" in missing(stamp(Moment.CAPTURED, FactSource.EXIF, None))
    assert "date" in missing(stamp(Moment.CAPTURED, FactSource.FILE_NAME))


def test_a_position_is_a_place():
    assert "place" not in missing(FileFacts(positions=(Position(FactSource.EXIF, 36.2, 37.2),)))


def test_it_warns_says_what_would_do_and_neither_flags_nor_makes_a_photo_inconclusive():
    finding = required_metadata(Case((), 10, facts=FileFacts(), required=ALL))
    assert (finding.id, finding.level) == ("PR601", Level.WARNING)
    assert decide([finding]).value == "nothing_found"
    assert "IPTC By-line" in finding.settle


def test_a_file_that_could_not_be_read_whole_may_say_it_after_all():
    finding = required_metadata(Case((), 10, facts=FileFacts(faults=("cut off",)), required=ALL))
    assert "could not be read" in finding.message


def test_every_field_is_one_that_a_reader_tells_and_every_requirement_has_words():
    read = {tag.name for tag in TAGS} | {f"2:{n:03} {name}" for n, name in NAMES.items()} | {*SIMPLE}
    named = {name for names in FIELDS.values() for name in names if not name.startswith("PNG ")}
    assert named <= read
    assert set(FIELDS) == set(WRITTEN_AS) == set(Metadata)
