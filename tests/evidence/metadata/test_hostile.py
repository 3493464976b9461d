"""Crafted files: each named after what it tries. None may raise, take long, or bring more than clean text out."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from time import process_time
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from provenance.evidence.metadata import Metadata, read_metadata
from provenance.model.clean import clean
from provenance.model.file_facts import LONGEST

Craft = Callable[[ModuleType], bytes]
NASTY = "\x1b[2J\x1b]0;owned\x07 \u202eexe.gpj \u2066x\u2069 \r\nnext\x00\x08 \x9b31m \ud7ff end"
SECONDS = 5
"""Of the processor: far above what any of them takes, on any machine; a hang takes more."""


def assert_clean(metadata: Metadata) -> None:
    texts = [text for fact in metadata.facts for text in (fact.name, fact.value, fact.note)]
    texts += [text for stamp in metadata.stamps for text in (stamp.name, stamp.text)]
    for text in (*texts, *metadata.faults):
        assert text == clean(text)
        assert len(text) <= LONGEST
    assert 1 <= metadata.orientation <= 8
    assert metadata.thumbnail is None or len(metadata.thumbnail) <= 1 << 20
    for stamp in metadata.stamps:
        assert (stamp.earliest is None) == (stamp.latest is None)
        assert stamp.earliest is None or stamp.latest is None or stamp.earliest <= stamp.latest
    for position in metadata.positions:
        assert abs(position.latitude) <= 90
        assert abs(position.longitude) <= 180


def _maker_note_of_a_billion(c: ModuleType) -> bytes:
    # the file of ExifRead's issue 182: the count of the maker note is 1,006,641,184
    note = c.Entry(0x927C, c.UNDEFINED, b"", count=1_006_641_184, offset=8)
    return c.jpeg(exif=c.tiff([c.text(0x010F, "Canon")], [note]))


def _camera_info_of_a_billion(c: ModuleType) -> bytes:
    return c.jpeg(exif=c.tiff([c.Entry(0x000D, c.UNDEFINED, b"", count=2**32 - 1, offset=8)], []))


def _every_tag_claims_the_whole_file(c: ModuleType) -> bytes:
    entry = struct.pack("<HHII", 0x010E, 2, 0x0FFFFFFF, 8)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", 65_535) + entry * 65_535 + b"a" * 20_000_000


def _every_tag_reads_a_mega(c: ModuleType) -> bytes:
    entries = b"".join(struct.pack("<HHII", 0x9000 + n % 4000, 7, 1 << 20, 8) for n in range(60_000))
    return b"II*\0\x08\0\0\0" + struct.pack("<H", 60_000) + entries + b"a" * (1 << 20)


def _thousands_of_gps_pointers(c: ModuleType) -> bytes:
    entry = struct.pack("<HHII", 0x8825, 4, 1, 8)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", 65_535) + entry * 65_535


def _directory_that_is_its_own_exif(c: ModuleType) -> bytes:
    return c.jpeg(
        exif=b"II*\0"
        + struct.pack("<IH", 8, 2)
        + struct.pack("<HHII", 0x8769, 4, 1, 8) * 2
        + struct.pack("<I", 8)
    )


def _directories_in_a_ring(c: ModuleType) -> bytes:
    ring = b"".join(
        c.directory([c.short(0x0112, 6)], 8 + 18 * n, 8 + 18 * ((n + 1) % 300)) for n in range(300)
    )
    return b"II*\0\x08\0\0\0" + ring


def _offsets_past_the_end(c: ModuleType) -> bytes:
    entries = [c.Entry(tag, c.ASCII, b"", count=40, offset=0xFFFFFFF0) for tag in (0x010F, 0x0110, 0x0131)]
    return c.jpeg(exif=c.tiff([*entries, c.text(0x013B, "Somebody")]))


def _first_directory_past_the_end(c: ModuleType) -> bytes:
    return c.jpeg(exif=b"II*\0\xff\xff\xff\x7f")


def _thumbnail_in_thumbnail(c: ModuleType) -> bytes:
    inner = c.jpeg(exif=c.tiff([c.text(0x010F, "innermost")]))
    for _ in range(20):
        inner = c.jpeg(exif=c.tiff([c.text(0x010F, "inner")], thumbnail=inner))
    return inner


def _thumbnail_of_four_gigabytes(c: ModuleType) -> bytes:
    block = c.tiff([], thumbnail=b"\xff\xd8")
    return c.jpeg(
        exif=block.replace(
            struct.pack("<HHII", 0x0202, 4, 1, 2), struct.pack("<HHII", 0x0202, 4, 1, 2**32 - 1)
        )
    )


def _comment_of_a_hundred_megabytes(c: ModuleType) -> bytes:
    return b"\xff\xd8" + c.segment(0xFE, b"a" * 65_000) * 1_600 + b"\xff\xda"


def _fill_bytes_for_ever(c: ModuleType) -> bytes:
    return b"\xff\xd8" + b"\xff" * 50_000_000


def _zeros_for_ever(c: ModuleType) -> bytes:
    return b"\0" * 50_000_000


def _xmp_that_expands(c: ModuleType) -> bytes:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 20))
    doctype = f'<!DOCTYPE x [<!ENTITY e0 "laugh">{entities}]>'
    return c.jpeg(xmp=c.packet("<dc:title>&e19;</dc:title>", before=doctype))


def _xmp_that_reads_a_file(c: ModuleType) -> bytes:
    doctype = '<!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/passwd">]>'
    return c.jpeg(xmp=c.packet("<dc:title>&secret;</dc:title>", before=doctype))


def _xmp_without_a_bottom(c: ModuleType) -> bytes:
    return c.jpeg(xmp=c.packet("<dc:title>" * 5_000))


def _xmp_of_a_million_elements(c: ModuleType) -> bytes:
    return c.png(
        c.chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + c.packet("<dc:title/>" * 1_000_000).encode())
    )


def _inflating_text(c: ModuleType) -> bytes:
    return c.png(c.chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"a" * 30_000_000)))


def _png_of_a_million_chunks(c: ModuleType) -> bytes:
    return c.png(c.chunk(b"tEXt", b"a\0b") * 1_000_000)


def _gif_of_a_million_blocks(c: ModuleType) -> bytes:
    return b"GIF89a\1\0\1\0\0\0\0" + b"!\xfe" + b"\1a" * 5_000_000


def _iptc_of_sets_without_end(c: ModuleType) -> bytes:
    return c.jpeg(iptc=c.data_set(80, "a") * 10_000)


def _iptc_with_a_long_length(c: ModuleType) -> bytes:
    return c.jpeg(iptc=b"\x1c\x02\x50\xff\xff" + b"\xff" * 100)


def _resource_of_four_gigabytes(c: ModuleType) -> bytes:
    return c.jpeg(c.segment(0xED, b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0\xff\xff\xff\xff"))


def _profile_of_a_billion_tags(c: ModuleType) -> bytes:
    profile = (
        b"\0" * 36 + b"acsp" + b"\0" * 88 + b"\xff\xff\xff\xff" + b"desc\xff\xff\xff\xff\xff\xff\xff\xff"
    )
    return c.jpeg(c.segment(0xE2, b"ICC_PROFILE\0\1\1" + profile))


def _exif_marks_for_ever(c: ModuleType) -> bytes:
    return b"\0\0\0\x18ftypheic" + b"Exif\0\0II*\0" * 2_000_000


def _nasty_text_everywhere(c: ModuleType) -> bytes:
    nasty = NASTY.encode()
    tags = (0x010E, 0x010F, 0x0110, 0x0131, 0x0132, 0x013B, 0x013C, 0x8298)
    wide = c.Entry(0x9C9B, c.BYTE, NASTY.replace("\0", "").encode("utf-16-le"))
    comment = c.Entry(0x9286, c.UNDEFINED, b"UNICODE\0" + NASTY.replace("\0", "").encode("utf-16-le"))
    escaped = NASTY.translate({0: None, 7: None, 8: None, 0x1B: None}).replace("<", "")
    return c.jpeg(
        c.segment(0xFE, nasty),
        exif=c.tiff(
            [*(c.text(tag, nasty.replace(b"\0", b"")) for tag in tags), wide],
            [c.text(0x9003, nasty), comment, c.text(0x9011, nasty), c.text(0x9291, nasty)],
            [c.text(0x001D, nasty)],
        ),
        xmp=c.packet(f"<dc:title>{escaped}</dc:title>", f'xmp:CreateDate="{escaped.strip()}"'),
        iptc=b"".join(c.data_set(n, nasty) for n in (5, 40, 55, 60, 80, 120)),
    )


def _texts_that_are_no_utf8(c: ModuleType) -> bytes:
    broken = b"\xff\xfe\x80caf\xe9 \xed\xa0\x80"
    return c.jpeg(
        c.segment(0xFE, broken),
        exif=c.tiff([c.text(0x013B, broken)], [c.Entry(0x9286, c.UNDEFINED, b"JIS\0\0\0\0\0" + broken)]),
        xmp=c.packet("<dc:title>").encode() + broken,
        iptc=c.data_set(90, b"\x1b%G", record=1) + c.data_set(80, broken),
    )


def _names_of_png_texts(c: ModuleType) -> bytes:
    return c.png(c.chunk(b"tEXt", NASTY.split("\0", maxsplit=1)[0].encode("latin-1", "replace") + b"\0value"))


def _ratios_over_zero(c: ModuleType) -> bytes:
    zero = ((5, 0), (0, 0), (1, 0))
    return c.jpeg(
        exif=c.tiff(
            [], [c.rational(0x829A, (1, 0)), c.rational(0x829D, (0, 0))],
            [c.text(1, "N"), c.rational(2, *zero), c.text(3, "E"), c.rational(4, *zero), c.rational(7, *zero)],
        )
    )  # fmt: skip


CRAFTED: dict[str, Craft] = {
    made.__name__[1:].replace("_", " "): made
    for made in (
        _maker_note_of_a_billion,
        _camera_info_of_a_billion,
        _every_tag_claims_the_whole_file,
        _every_tag_reads_a_mega,
        _thousands_of_gps_pointers,
        _directory_that_is_its_own_exif,
        _directories_in_a_ring,
        _offsets_past_the_end,
        _first_directory_past_the_end,
        _thumbnail_in_thumbnail,
        _thumbnail_of_four_gigabytes,
        _comment_of_a_hundred_megabytes,
        _fill_bytes_for_ever,
        _zeros_for_ever,
        _xmp_that_expands,
        _xmp_that_reads_a_file,
        _xmp_without_a_bottom,
        _xmp_of_a_million_elements,
        _inflating_text,
        _png_of_a_million_chunks,
        _gif_of_a_million_blocks,
        _iptc_of_sets_without_end,
        _iptc_with_a_long_length,
        _resource_of_four_gigabytes,
        _profile_of_a_billion_tags,
        _exif_marks_for_ever,
        _nasty_text_everywhere,
        _texts_that_are_no_utf8,
        _names_of_png_texts,
        _ratios_over_zero,
    )
}


@pytest.mark.parametrize("name", CRAFTED)
def test_a_crafted_file_ends_soon_and_gives_clean_text(
    name: str, craft: ModuleType, capfd: pytest.CaptureFixture[str]
) -> None:
    data = CRAFTED[name](craft)
    start = process_time()
    metadata = read_metadata(data)
    assert process_time() - start < SECONDS
    assert_clean(metadata)
    assert capfd.readouterr() == ("", "")


def told(metadata: Metadata) -> dict[str, str]:
    return {fact.name: fact.value for fact in metadata.facts}


def test_the_maker_note_that_hung_exifread_is_a_fault_and_the_maker_is_still_told(craft: ModuleType) -> None:
    metadata = read_metadata(_maker_note_of_a_billion(craft))
    assert told(metadata)["Make"] == "Canon"
    assert any("0x927C" in fault and "1,006,641,184" in fault for fault in metadata.faults)


def test_of_thumbnails_in_thumbnails_only_the_first_is_kept_and_none_is_read(craft: ModuleType) -> None:
    metadata = read_metadata(_thumbnail_in_thumbnail(craft))
    assert [fact.value for fact in metadata.facts if fact.name == "Make"] == ["inner"]
    assert metadata.thumbnail is not None
    assert metadata.thumbnail.startswith(b"\xff\xd8")


def test_a_packet_with_a_document_type_is_refused_and_said(craft: ModuleType) -> None:
    for crafted in (_xmp_that_expands, _xmp_that_reads_a_file):
        metadata = read_metadata(crafted(craft))
        assert metadata.facts == ()
        assert metadata.faults == ("the XMP packet was not read to its end: it declares a document type",)


def test_an_offset_past_the_end_costs_the_tag_and_not_the_others(craft: ModuleType) -> None:
    metadata = read_metadata(_offsets_past_the_end(craft))
    assert told(metadata)["Artist"] == "Somebody"
    assert len([fault for fault in metadata.faults if "past the end" in fault]) == 3


def test_terminal_escapes_and_bidirectional_overrides_come_out_as_escapes(craft: ModuleType) -> None:
    values = told(read_metadata(_nasty_text_everywhere(craft)))
    for name in ("Make", "UserComment", "XPTitle", "JPEG comment", "2:080 By-line"):
        assert "\\x1b[2J" in values[name]
        assert "\\u202eexe.gpj" in values[name]
    assert "\\u202eexe.gpj" in values["dc:title"]


def test_a_directory_ring_and_a_cut_header_are_said(craft: ModuleType) -> None:
    own = read_metadata(_directory_that_is_its_own_exif(craft))
    assert any("points back" in fault for fault in own.faults)
    assert read_metadata(_first_directory_past_the_end(craft)).faults


def valid_file(craft: ModuleType, container: str) -> bytes:
    exif = craft.tiff(
        [craft.text(0x010F, "Maker"), craft.short(0x0112, 6), craft.text(0x0132, "2016:12:13 10:11:12")],
        [craft.text(0x9003, "2016:12:13 10:11:12"), craft.rational(0x829A, (1, 250))],
        [craft.text(1, "N"), craft.rational(2, (36, 1), (11, 1), (58, 1)), craft.text(3, "E"),
         craft.rational(4, (37, 1), (9, 1), (46, 1))],
        thumbnail=b"\xff\xd8\xff\xd9",
    )  # fmt: skip
    xmp = craft.packet("<dc:title>Title</dc:title>", 'xmp:CreateDate="2016-12-13"').encode()
    if container == "png":
        return craft.png(
            craft.chunk(b"eXIf", exif), craft.chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp)
        )
    if container == "jpeg":
        return craft.jpeg(
            craft.segment(0xFE, b"comment"), exif=exif, xmp=xmp, iptc=craft.data_set(55, "20161213")
        )
    if container == "tiff":
        return exif
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, container, exif=b"Exif\0\0" + exif, xmp=xmp)
    return file.getvalue()


@settings(max_examples=40)
@given(st.data())
def test_any_damage_to_a_valid_file_gives_clean_text(craft: ModuleType, data: st.DataObject) -> None:
    damaged = bytearray(valid_file(craft, data.draw(st.sampled_from(("jpeg", "png", "tiff", "WEBP")))))
    for _ in range(data.draw(st.integers(1, 12))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    assert_clean(read_metadata(bytes(damaged[: data.draw(st.integers(1, len(damaged)))])))


@settings(max_examples=40)
@given(data=st.binary(max_size=300), start=st.sampled_from(
    (b"", b"\xff\xd8\xff\xe1\x01\x00Exif\0\0II*\0\x08\0\0\0", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\0\0\0\0WEBP",
     b"II*\0\x08\0\0\0", b"\0\0\0\x18ftypavif", b"\xff\xd8\xff\xed\x01\x00Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x80")
))  # fmt: skip
def test_any_bytes_behind_any_beginning_give_clean_text(start: bytes, data: bytes) -> None:
    assert_clean(read_metadata(start + data))
