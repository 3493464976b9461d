"""What is told of a file's metadata, standard by standard."""

from __future__ import annotations

import struct
import zlib
from datetime import UTC, datetime
from types import ModuleType

import pytest

from provenance.evidence.metadata import Metadata, read_metadata
from provenance.model.file_facts import Fact, FactSource, Moment, Position


def facts(metadata: Metadata, source: FactSource = FactSource.EXIF) -> dict[str, str]:
    return {fact.name: fact.value for fact in metadata.facts if fact.source is source}


def the(metadata: Metadata, name: str) -> Fact:
    (found,) = [fact for fact in metadata.facts if fact.name == name]
    return found


def test_a_file_without_metadata_says_nothing_and_has_no_faults(craft: ModuleType) -> None:
    for data in (b"", craft.jpeg(), craft.png(), b"no picture at all"):
        assert read_metadata(data) == Metadata()


def test_exif_values_read_as_photographers_write_them(craft: ModuleType) -> None:
    exif = craft.tiff(
        [craft.text(0x010F, "Maker "), craft.short(0x0112, 6)],
        [craft.rational(0x829A, (10, 2500)), craft.rational(0x829D, (28, 10)), craft.short(0x9209, 16),
         craft.rational(0x920A, (50, 1)), craft.Entry(0x9286, craft.UNDEFINED, b"ASCII\0\0\0noted")],
        [craft.Entry(0, craft.BYTE, b"\2\3\0\0"), craft.rational(7, (7, 1), (5, 1), (125, 10))],
    )  # fmt: skip
    metadata = read_metadata(craft.jpeg(exif=exif))
    assert facts(metadata) == {
        "Make": "Maker", "Orientation": "6 (turned 90 degrees clockwise to show)", "ExposureTime": "1/250 s",
        "FNumber": "2.8", "Flash": "16 (did not fire)", "FocalLength": "50 mm", "UserComment": "noted",
        "GPSVersionID": "2.3.0.0", "GPSTimeStamp": "07:05:12.5",
    }  # fmt: skip
    assert metadata.orientation == 6
    assert all(fact.note == "" for fact in metadata.facts)


def test_where_the_two_readers_disagree_the_note_says_what_the_other_reads(craft: ModuleType) -> None:
    # of a tag that stands twice, ExifRead keeps the last and Pillow the first
    twice = craft.tiff([craft.text(0x013B, "First Author"), craft.text(0x013B, "Second Author")])
    artist = the(read_metadata(craft.jpeg(exif=twice)), "Artist")
    assert (artist.value, artist.note) == ("Second Author", 'Pillow reads "First Author"')


def test_what_only_one_reader_reads_says_so(craft: ModuleType) -> None:
    past = craft.Entry(0x010F, craft.ASCII, b"", count=400, offset=100_000)
    metadata = read_metadata(craft.jpeg(exif=craft.tiff([past, craft.text(0x013B, "Somebody")])))
    assert the(metadata, "Artist").note == "Pillow does not read it"


def test_where_exifread_fails_pillow_answers(craft: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    import exifread

    monkeypatch.setattr(exifread, "process_file", lambda *_, **__: 1 / 0)
    metadata = read_metadata(craft.jpeg(exif=craft.tiff([craft.text(0x013B, "Somebody")])))
    assert facts(metadata) == {"Artist": "Somebody"}
    assert metadata.faults == ("ExifRead could not read the EXIF block: Pillow did",)


def test_utf8_and_latin1_and_utf16_come_out_alike(craft: ModuleType) -> None:
    comment = craft.Entry(0x9286, craft.UNDEFINED, b"UNICODE\0" + "Café".encode("utf-16-be"))
    exif = craft.tiff(
        [craft.text(0x013B, "Café"), craft.text(0x010E, "Café".encode("latin-1")),
         craft.Entry(0x9C9B, craft.BYTE, "Café\0".encode("utf-16-le"))], [comment],
    )  # fmt: skip
    assert set(facts(read_metadata(craft.jpeg(exif=exif))).values()) == {"Café"}


def test_of_a_maker_note_length_and_header_are_told(craft: ModuleType) -> None:
    note = craft.Entry(0x927C, craft.UNDEFINED, b"Nikon\0\2\x10\0\0" + b"\1" * 990)
    metadata = read_metadata(craft.jpeg(exif=craft.tiff([], [note])))
    assert the(metadata, "MakerNote").value == '1000 bytes, beginning with "Nikon"'


def test_the_thumbnail_comes_out_as_it_is(craft: ModuleType) -> None:
    thumbnail = b"\xff\xd8 small \xff\xd9"
    assert read_metadata(craft.jpeg(exif=craft.tiff([], thumbnail=thumbnail))).thumbnail == thumbnail
    header = struct.pack(">IIIIIIHH", 1, 1, 1, 4, 4, 4, 24, 1)
    photoshop = craft.segment(0xED, b"Photoshop 3.0\0" + craft.resource(0x040C, header + thumbnail))
    assert read_metadata(craft.jpeg(photoshop)).thumbnail == thumbnail


def test_a_thumbnail_past_the_end_or_of_another_form_is_a_fault(craft: ModuleType) -> None:
    metadata = read_metadata(craft.jpeg(exif=craft.tiff([], thumbnail=b"GIF89a")))
    assert metadata.thumbnail is None
    assert metadata.faults == ("the thumbnail is no JPEG",)


def test_an_exif_block_goes_on_in_the_next_segment_and_a_second_one_is_said(craft: ModuleType) -> None:
    exif = craft.tiff([craft.text(0x013B, "Somebody with a name")])
    halves = [craft.segment(0xE1, b"Exif\0\0" + half) for half in (exif[:30], exif[30:])]
    assert facts(read_metadata(craft.jpeg(*halves))) == {"Artist": "Somebody with a name"}
    metadata = read_metadata(craft.jpeg(*[craft.segment(0xE1, b"Exif\0\0" + exif)] * 2))
    assert facts(metadata) == {"Artist": "Somebody with a name"}
    assert metadata.faults == ("2 EXIF blocks: the first was read",)


def test_exif_dates_take_their_zone_and_fraction_from_the_tags_beside_them(craft: ModuleType) -> None:
    exif = craft.tiff(
        [craft.text(0x0132, "0000:00:00 00:00:00")],
        [craft.text(0x9003, "2016:12:13 10:11:12"), craft.text(0x9011, "+03:00"), craft.text(0x9291, "25")],
        [craft.text(0x1D, "2016:12:13"), craft.rational(7, (7, 1), (11, 1), (12, 1))],
    )
    captured, modified, positioned = read_metadata(craft.jpeg(exif=exif)).stamps
    assert (captured.moment, captured.text) == (Moment.CAPTURED, "2016:12:13 10:11:12.25 +03:00")
    assert captured.earliest == datetime(2016, 12, 13, 7, 11, 12, 250_000, UTC)
    assert (modified.moment, modified.earliest, modified.latest) == (Moment.MODIFIED, None, None)
    assert (positioned.moment, positioned.earliest) == (
        Moment.POSITIONED,
        datetime(2016, 12, 13, 7, 11, 12, tzinfo=UTC),
    )


def gps(craft: ModuleType, latitude: tuple[int, int], reference: str = "S") -> bytes:
    return craft.jpeg(exif=craft.tiff([], [], [
        craft.text(1, reference), craft.rational(2, latitude, (30, 1), (36, 1)),
        craft.text(3, "W"), craft.rational(4, (37, 1), (0, 1), (0, 1)), craft.rational(0x1F, (9, 2)),
    ]))  # fmt: skip


def test_a_position_has_its_signs_and_the_receivers_own_error(craft: ModuleType) -> None:
    assert read_metadata(gps(craft, (36, 1))).positions == (Position(FactSource.EXIF, -36.51, -37.0, 4.5),)


@pytest.mark.parametrize("latitude", [(999, 1), (90, 1), (36, 0), (2**32 - 1, 1)])
def test_a_position_that_is_nowhere_is_a_fault(craft: ModuleType, latitude: tuple[int, int]) -> None:
    metadata = read_metadata(gps(craft, latitude))
    assert metadata.positions == ()
    assert len(metadata.faults) == 1


def test_a_position_without_its_hemisphere_is_none(craft: ModuleType) -> None:
    assert read_metadata(gps(craft, (36, 1), "?")).positions == ()


def test_xmp_is_read_in_each_of_rdfs_spellings(craft: ModuleType) -> None:
    inside = (
        '<dc:title><rdf:Alt><rdf:li xml:lang="de">Titel</rdf:li>'
        '<rdf:li xml:lang="x-default">Title</rdf:li></rdf:Alt></dc:title>'
        "<dc:creator><rdf:Seq><rdf:li>A</rdf:li><rdf:li>B</rdf:li></rdf:Seq></dc:creator>"
        '<xmpMM:DerivedFrom rdf:parseType="Resource"><stRef:documentID>one</stRef:documentID></xmpMM:DerivedFrom>'
        "<xmpMM:Ingredients><rdf:Bag><rdf:li stRef:documentID='two'/></rdf:Bag></xmpMM:Ingredients>"
        "<Iptc4xmpExt:DigitalSourceType rdf:resource='http://example.org/type'/>"
        "<photoshop:TextLayers><rdf:Bag><rdf:li><rdf:Description photoshop:LayerText='29 November 2024'/>"
        "</rdf:li></rdf:Bag></photoshop:TextLayers><other:secret>never told</other:secret>"
    )
    metadata = read_metadata(craft.jpeg(xmp=craft.packet(inside, 'xmp:CreatorTool="Editor"')))
    assert facts(metadata, FactSource.XMP) == {
        "xmp:CreatorTool": "Editor", "dc:title": "Title", "dc:creator": "A; B", "xmpMM:DerivedFrom": "documentID one",
        "xmpMM:Ingredients": "documentID two", "Iptc4xmpExt:DigitalSourceType": "http://example.org/type",
        "photoshop:TextLayers": "29 November 2024",
    }  # fmt: skip
    assert metadata.faults == ()


def test_each_event_of_the_history_is_a_fact_and_a_date(craft: ModuleType) -> None:
    events = (
        '<rdf:li stEvt:action="created" stEvt:when="2016-12-13T10:00:00Z"/>'
        '<rdf:li rdf:parseType="Resource"><stEvt:action>saved</stEvt:action>'
        "<stEvt:when>2017-01-01T00:00:00Z</stEvt:when>"
        "<stEvt:softwareAgent>Editor 2</stEvt:softwareAgent><stEvt:changed>/</stEvt:changed></rdf:li>"
    )
    metadata = read_metadata(
        craft.jpeg(xmp=craft.packet(f"<xmpMM:History><rdf:Seq>{events}</rdf:Seq></xmpMM:History>"))
    )
    assert facts(metadata, FactSource.XMP) == {
        "xmpMM:History[1]": "created at 2016-12-13T10:00:00Z",
        "xmpMM:History[2]": "saved at 2017-01-01T00:00:00Z by Editor 2 changed /",
    }
    assert [stamp.moment for stamp in metadata.stamps] == [Moment.CREATED, Moment.MODIFIED]


def test_xmp_states_dates_and_a_position_of_its_own(craft: ModuleType) -> None:
    attributes = 'exif:GPSLatitude="36,12N" exif:GPSLongitude="37,9,36E" photoshop:DateCreated="2016-12-13"'
    metadata = read_metadata(craft.jpeg(xmp=craft.packet("", attributes)))
    assert metadata.positions == (Position(FactSource.XMP, 36.2, 37.16),)
    assert [(stamp.moment, stamp.text) for stamp in metadata.stamps] == [(Moment.CAPTURED, "2016-12-13")]


def test_a_licence_is_told_in_creative_commons_words_too(craft: ModuleType) -> None:
    inside = (
        '<cc:license xmlns:cc="http://creativecommons.org/ns#" rdf:resource="https://example.org/by"/>'
        '<cc:attributionName xmlns:cc="http://creativecommons.org/ns#">Jane Doe</cc:attributionName>'
    )
    metadata = read_metadata(craft.jpeg(xmp=craft.packet(inside)))
    assert facts(metadata, FactSource.XMP) == {
        "cc:license": "https://example.org/by",
        "cc:attributionName": "Jane Doe",
    }


def test_a_packet_that_breaks_off_is_read_as_far_as_it_goes(craft: ModuleType) -> None:
    whole = craft.packet("<dc:title>Title</dc:title><dc:rights>all</dc:rights>")
    metadata = read_metadata(craft.jpeg(xmp=whole[: whole.index("<dc:rights>")]))
    assert facts(metadata, FactSource.XMP) == {"dc:title": "Title"}
    assert metadata.faults == ("the XMP packet was not read to its end: it is not well-formed",)


def test_an_extended_packet_is_put_together_from_its_segments(craft: ModuleType) -> None:
    whole = craft.packet("<dc:title>Title</dc:title>").encode()
    head = b"http://ns.adobe.com/xmp/extension/\0" + b"G" * 32
    parts = [
        craft.segment(0xE1, head + struct.pack(">II", len(whole), start) + whole[start : start + 300])
        for start in range(0, len(whole), 300)
    ]
    assert facts(read_metadata(craft.jpeg(*reversed(parts))), FactSource.XMP) == {"dc:title": "Title"}


@pytest.mark.parametrize("container", ["png", "webp", "gif", "tiff", "heif"])
def test_xmp_is_found_in_every_container(craft: ModuleType, container: str) -> None:
    raw = craft.packet("<dc:title>Title</dc:title>").encode()
    data = {
        "png": craft.png(craft.chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(raw))),
        "webp": b"RIFF\0\0\0\0WEBP" + b"XMP " + struct.pack("<I", len(raw)) + raw,
        "gif": b"GIF89a\1\0\1\0\0\0\0!\xff\x0bXMP DataXMP" + raw + b"\1" + bytes(range(255, -1, -1)) + b"\0;",
        "tiff": craft.tiff([craft.Entry(0x02BC, craft.BYTE, raw)]),
        "heif": b"\0\0\0\x18ftypheic" + b"\0" * 40 + raw + b"\0" * 40,
    }[container]
    assert facts(read_metadata(data), FactSource.XMP) == {"dc:title": "Title"}


def test_iptc_is_told_by_number_and_name_in_its_character_set(craft: ModuleType) -> None:
    latin = craft.data_set(80, "Zoé") + craft.data_set(25, "war") + craft.data_set(25, "city")
    told = [
        fact.value for fact in read_metadata(craft.jpeg(iptc=latin)).facts if fact.source is FactSource.IPTC
    ]
    assert told == ["Zoé", "war", "city"]
    marked = craft.data_set(90, b"\x1b%G", record=1) + craft.data_set(80, "Zoé".encode())
    assert the(read_metadata(craft.jpeg(iptc=marked)), "2:080 By-line").value == "Zoé"


def test_iptc_date_and_time_are_one_stamp(craft: ModuleType) -> None:
    iptc = craft.data_set(55, "20161213") + craft.data_set(60, "101112+0300")
    (stamp,) = read_metadata(craft.jpeg(iptc=iptc)).stamps
    assert (stamp.moment, stamp.text) == (Moment.CAPTURED, "20161213 101112+0300")
    assert stamp.earliest == datetime(2016, 12, 13, 7, 11, 12, tzinfo=UTC)


def test_facebooks_mark_says_whose_it_is_and_other_instructions_do_not(craft: ModuleType) -> None:
    name = "2:040 Special Instructions"
    marked = read_metadata(craft.jpeg(iptc=craft.data_set(40, "FBMD01000ac6")))
    assert "Facebook" in the(marked, name).note
    assert the(read_metadata(craft.jpeg(iptc=craft.data_set(40, "Embargo until noon"))), name).note == ""


def test_photoshops_resources_are_told_by_number_and_name(craft: ModuleType) -> None:
    body = (
        craft.resource(0x0425, b"\x11" * 16) + craft.resource(0x07D0, b"path") + craft.resource(0x1234, b"")
    )
    assert facts(read_metadata(craft.jpeg(craft.segment(0xED, b"Photoshop 3.0\0" + body))), FactSource.PHOTOSHOP) == {
        "0x0425 IPTC digest": "11" * 16, "0x07D0 path": "4 bytes", "0x1234": "0 bytes",
    }  # fmt: skip


def test_a_colour_profile_tells_its_description_and_creator(craft: ModuleType) -> None:
    text = "Display P3".encode("utf-16-be")
    described = b"mluc" + struct.pack(">IIIIII", 0, 1, 12, 0x656E5553, len(text), 28) + text
    head = b"\0" * 8 + b"\4\x30" + b"\0" * 26 + b"acsp" + b"\0" * 40 + b"appl" + b"\0" * 44
    profile = head + struct.pack(">I4sII", 1, b"desc", 144, len(described)) + described
    segments = [
        craft.segment(0xE2, b"ICC_PROFILE\0" + bytes((n, 2)) + part)
        for n, part in ((2, profile[100:]), (1, profile[:100]))
    ]
    assert facts(read_metadata(craft.jpeg(*segments)), FactSource.ICC) == {
        "ICC profile": f"{len(profile)} bytes, version 4.3",
        "ICC profile creator": "appl",
        "ICC profile description": "Display P3",
    }


def test_comments_and_what_the_containers_say_of_themselves_are_told(craft: ModuleType) -> None:
    data = craft.jpeg(
        craft.segment(0xE0, b"JFIF\0\1\2\1\0\x48\0\x48\0\0"),
        craft.segment(0xEE, b"Adobe\0\x64\0\0\0\0\1"),
        craft.segment(0xFE, b"CREATOR: gd-jpeg v1.0, quality = 90\n"),
    )
    metadata = read_metadata(data)
    assert facts(metadata, FactSource.STRUCTURE) == {
        "JFIF": "version 1.02, density 72 x 72 per inch",
        "Adobe": "version 100, colour transform YCbCr",
        "JPEG comment": "CREATOR: gd-jpeg v1.0, quality = 90",
    }
    assert "GD library" in the(metadata, "JPEG comment").note
    gif = b"GIF89a\1\0\1\0\0\0\0!\xfe\5hello\6 there\0;"
    assert facts(read_metadata(gif), FactSource.STRUCTURE) == {"GIF comment": "hello there"}


def test_png_texts_are_told_packed_or_not_and_their_dates_are_stamps(craft: ModuleType) -> None:
    metadata = read_metadata(
        craft.png(
            craft.chunk(b"tEXt", b"Software\0Editor"),
            craft.chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"packed")),
            craft.chunk(b"iTXt", b"Author\0\0\0\0\0" + "Zoé".encode()),
            craft.chunk(b"tEXt", b"Creation Time\x00Tue, 13 Dec 2016 10:11:12 GMT"),
            craft.chunk(b"tIME", struct.pack(">HBBBBB", 2016, 12, 14, 1, 2, 3)),
        )
    )
    told = facts(metadata, FactSource.STRUCTURE)
    assert (told["PNG Software"], told["PNG Comment"], told["PNG Author"]) == ("Editor", "packed", "Zoé")
    assert [(stamp.moment, stamp.earliest) for stamp in metadata.stamps] == [
        (Moment.CREATED, datetime(2016, 12, 13, 10, 11, 12, tzinfo=UTC)),
        (Moment.MODIFIED, datetime(2016, 12, 14, 1, 2, 3, tzinfo=UTC)),
    ]


def test_iptc_that_imagemagick_wrote_into_a_png_is_read(craft: ModuleType) -> None:
    raw = craft.resource(0x0404, craft.data_set(80, "Zuhair"))
    text = f"\niptc\n{len(raw):8}\n{raw.hex()}\n".encode()
    data = craft.png(craft.chunk(b"zTXt", b"Raw profile type iptc\0\0" + zlib.compress(text)))
    assert facts(read_metadata(data), FactSource.IPTC) == {"2:080 By-line": "Zuhair"}


def test_a_long_text_is_cut_and_says_so(craft: ModuleType) -> None:
    comment = the(read_metadata(craft.jpeg(craft.segment(0xFE, b"a" * 3_000))), "JPEG comment")
    assert (len(comment.value), comment.note) == (500, "cut: the text has 3000 characters")
