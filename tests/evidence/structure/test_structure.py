"""How a file is built, of every format; never an exception, and never more time than its bytes are worth."""

from __future__ import annotations

import io
import struct
import zlib
from time import process_time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, JpegPresets

from provenance.evidence.structure import Structure, read_structure
from provenance.evidence.structure.known_tables import ANNEX_K_CHROMA, ANNEX_K_LUMA, MOZJPEG, PHOTOSHOP
from provenance.evidence.structure.notes import MOST_FACTS, MOST_FAULTS
from provenance.evidence.structure.quantisation import ffmpeg_table, ijg_table
from provenance.model import FactSource
from provenance.model.file_facts import LONGEST

GIMP_LISTS = {
    "Save As, quality 10": (406, 722),
    "Save As, quality 8": (649, 853),
    "Save As, quality 5": (844, 849),
    "Save As, quality 3": (1068, 941),
    "Save As, quality 2": (1281, 998),
    "Save As, quality 1": (1484, 1083),
    "Save As, quality 0": (1582, 1108),
    "Save for Web, quality 100": (95, 168),
    "Save for Web, quality 80": (406, 724),
    "Save for Web, quality 60": (974, 1769),
    "Save for Web, quality 30": (2223, 2464),
}
"""Sums of Photoshop CS2's tables, luma and chroma, as GIMP's plug-ins/file-jpeg/jpegqual.c lists them."""


def saved(container: str = "JPEG", **options: object) -> bytes:
    noise = np.random.default_rng(7).integers(0, 256, (48, 64, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, container, **options)  # type: ignore[arg-type]
    return file.getvalue()


def values(structure: Structure) -> dict[str, str]:
    return {fact.name: fact.value for fact in structure.facts}


def segment(code: int, content: bytes) -> bytes:
    return bytes((0xFF, code)) + struct.pack(">H", len(content) + 2) + content


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def with_segments(*segments: bytes) -> bytes:
    jpeg = saved()
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def test_the_markers_of_a_jpeg_are_told_in_their_order() -> None:
    jpeg = with_segments(
        segment(0xE1, b"Exif\0\0II*\0"), segment(0xED, b"Photoshop 3.0\0"), segment(0xE2, b"ICC_PROFILE\0")
    )
    assert values(read_structure(jpeg))["Markers"] == (
        "SOI, APP1 Exif, APP13 Photoshop, APP2 ICC, APP0 JFIF, DQT x 2, SOF0, DHT x 4, SOS, EOI"
    )


@pytest.mark.parametrize(("setting", "told"), [(0, "4:4:4"), (1, "4:2:2"), (2, "4:2:0")])
def test_chroma_subsampling_is_told_as_cameras_name_it(setting: int, told: str) -> None:
    assert values(read_structure(saved(subsampling=setting)))["Chroma subsampling"] == told


def test_a_progressive_jpeg_tells_its_process_and_its_scans() -> None:
    told = values(read_structure(saved(progressive=True)))
    assert told["SOF2"] == "progressive DCT"
    assert int(told["Scans"]) > 5
    assert told["Huffman tables"] == "not those of annex K"


def test_restart_intervals_are_told_and_their_markers_do_not_end_the_scan() -> None:
    structure = read_structure(saved(restart_marker_blocks=2))
    assert values(structure)["Restart interval"] == "2 MCUs"
    assert structure.trailing == 0
    assert structure.faults == ()


@pytest.mark.parametrize("quality", [5, 25, 50, 75, 85, 92, 99])
def test_tables_of_libjpegs_formula_are_known_with_their_quality(quality: int) -> None:
    told = values(read_structure(saved(quality=quality)))
    assert told["Tables as written by"] == f"libjpeg and all that use its formula, quality {quality}"
    assert told["Luma and chroma"] == "of one quality"


def test_a_grey_jpeg_has_one_table_and_no_subsampling() -> None:
    file = io.BytesIO()
    Image.new("L", (40, 40), 90).save(file, "JPEG", quality=80)
    told = values(read_structure(file.getvalue()))
    assert "quality 80" in told["Tables as written by"]
    assert "Chroma subsampling" not in told
    assert "Chroma table" not in told


def test_luma_and_chroma_of_two_qualities_are_told_as_such() -> None:
    tables = [list(ijg_table(ANNEX_K_LUMA, 90)), list(ijg_table(ANNEX_K_CHROMA, 60))]
    told = values(read_structure(saved(qtables=tables)))
    assert told["Luma and chroma"] == "of qualities 90 and 60"
    assert "Tables as written by" not in told


@pytest.mark.parametrize(
    ("preset", "told"),
    [
        ("web_high", "Photoshop, Save for Web, quality 60"),
        ("web_maximum", "Photoshop, Save for Web, quality 100"),
        ("maximum", "Photoshop CS2, Save As, quality 10"),
    ],
)
def test_photoshops_tables_are_known(preset: str, told: str) -> None:
    assert values(read_structure(saved(qtables=preset)))["Tables as written by"] == told


@pytest.mark.parametrize("level", GIMP_LISTS)
def test_the_list_of_photoshops_tables_has_the_sums_of_another_list(level: str) -> None:
    name = f"Photoshop{' CS2' if 'As' in level else ''}, {level}"
    assert tuple(sum(table) for table in PHOTOSHOP[name]) == GIMP_LISTS[level]


def test_the_list_of_photoshops_tables_has_pillows_presets() -> None:
    listed = set(PHOTOSHOP.values())
    for preset in JpegPresets.presets.values():
        assert tuple(tuple(table) for table in preset["quantization"]) in listed


def test_no_two_entries_of_the_list_have_the_same_tables() -> None:
    assert len(set(PHOTOSHOP.values())) == len(PHOTOSHOP)


def test_frames_of_videos_by_ffmpeg_are_known_by_their_table() -> None:
    table = ffmpeg_table(5)
    told = values(read_structure(saved(qtables=[list(table), list(table)])))
    assert told["Tables as written by"] == "FFmpeg's MJPEG encoder, qscale 5"
    assert told["Chroma table"] == "the same as for luma"


def test_mozjpegs_own_tables_are_known() -> None:
    luma, chroma = (ijg_table(base, 80) for base in MOZJPEG[3])
    told = values(read_structure(saved(qtables=[list(luma), list(chroma)])))
    assert told["Tables as written by"] == "mozjpeg, quant-table 3, quality 80"


def test_tables_that_nobody_is_known_by_are_told_by_what_is_nearest() -> None:
    scaled = [max(1, round(0.155 * number)) for number in ANNEX_K_LUMA]
    other = [30 + (7 * k) % 50 for k in range(64)]
    told = values(read_structure(saved(qtables=[scaled, other])))
    assert "Tables as written by" not in told
    assert told["Luma table"].startswith("annex K's times 15.")
    assert told["Chroma table"].startswith("no multiple of annex K's; nearest of libjpeg's: quality")


@pytest.mark.parametrize(
    ("added", "told"),
    [
        (b"PK\x03\x04" + b"x" * 60, "64 bytes: a ZIP archive"),
        (b"\0" * 512, "512 bytes: all of them 0x00"),
        (
            b"\0\0\0\x18ftypmp42" + b"\0" * 30,
            "42 bytes: a video in ISO media (MP4), as motion photos have it",
        ),
        (b"hello, reader\n", "14 bytes: text"),
        (bytes(range(128, 160)), "32 bytes: of no kind that is known here"),
    ],
)
def test_what_follows_the_end_is_counted_and_named(added: bytes, told: str) -> None:
    structure = read_structure(saved() + added)
    assert structure.trailing == len(added)
    assert values(structure)["Bytes after the end"] == told


def mpf(primary: int, second: int, offset: int) -> bytes:
    entries = struct.pack(">IIIHH", 0x030000, primary, 0, 0, 0) + struct.pack(
        ">IIIHH", 0, second, offset, 0, 0
    )
    directory = (
        struct.pack(">H", 2) + struct.pack(">HHII", 0xB001, 4, 1, 2) + struct.pack(">HHII", 0xB002, 7, 32, 38)
    )
    return b"MPF\0" + b"MM\0*" + struct.pack(">I", 8) + directory + struct.pack(">I", 0) + entries


def test_several_pictures_in_one_file_are_told_from_their_index() -> None:
    second = saved(quality=40)
    first = with_segments(segment(0xE2, mpf(0, len(second), 0)))
    # The offset counts from the index's own header: after SOI, marker, length and "MPF".
    first = with_segments(segment(0xE2, mpf(len(first), len(second), len(first) - 10)))
    structure = read_structure(first + second)
    told = values(structure)
    assert told["MPF images"] == (
        f"2: baseline primary image, {len(first):,} bytes; undefined, {len(second):,} bytes"
    )
    assert told["Bytes after the end"].endswith("another JPEG")
    missing = values(read_structure(first))
    assert missing["MPF images"].endswith("not in the file")


def test_a_comment_is_told_without_what_could_steer_a_terminal() -> None:
    told = values(read_structure(with_segments(segment(0xFE, b"Lavc\x1b[31m58\n" + b"x" * 2000))))
    assert "\x1b" not in told["COM"]
    assert len(told["COM"]) <= LONGEST


def test_a_jpeg_without_an_end_says_so_and_has_nothing_after_it() -> None:
    structure = read_structure(saved()[:-2])
    assert structure.trailing == 0
    assert "the picture has no end (EOI)" in structure.faults


def test_the_chunks_of_a_png_and_who_writes_some_of_them_are_told() -> None:
    png = saved("PNG")
    png = png[:33] + chunk(b"iDOT", b"\0" * 28) + chunk(b"tEXt", b"Software\0x") + png[33:] + b"more"
    structure = read_structure(png)
    told = values(structure)
    assert told["Chunks"] == "IHDR, iDOT, tEXt Software, IDAT, IEND"
    assert told["iDOT"].startswith("Apple")
    assert told["Colour type"] == "truecolour"
    assert structure.trailing == 4


def test_a_png_whose_checksum_is_wrong_has_a_fault() -> None:
    png = bytearray(saved("PNG"))
    png[-30] ^= 1
    assert read_structure(bytes(png)).faults == ("the checksum of 1 chunk is wrong",)


def test_an_animated_png_tells_its_frames() -> None:
    frames = [Image.new("RGB", (20, 20), tone) for tone in ("red", "blue", "green")]
    file = io.BytesIO()
    frames[0].save(file, "PNG", save_all=True, append_images=frames[1:])
    assert values(read_structure(file.getvalue()))["acTL"] == "3 frames"


@pytest.mark.parametrize(("lossless", "told"), [(True, "lossless (VP8L)"), (False, "lossy (VP8)")])
def test_a_webp_tells_how_it_is_compressed(lossless: bool, told: str) -> None:
    structure = read_structure(saved("WEBP", lossless=lossless) + b"after")
    assert values(structure)["Compression"] == told
    assert structure.trailing == 5


def test_a_gif_tells_its_pictures() -> None:
    frames = [Image.new("RGB", (20, 20), tone) for tone in ("red", "blue", "green")]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], comment=b"made at night")
    structure = read_structure(file.getvalue() + b"\0\0")
    assert values(structure)["Images"] == "3 images"
    assert values(structure)["Comment extension"] == "made at night"
    assert structure.trailing == 2


def test_a_tiff_tells_its_pages() -> None:
    pages = [Image.new("L", (20, 10), tone) for tone in (0, 90)]
    file = io.BytesIO()
    pages[0].save(file, "TIFF", save_all=True, append_images=pages[1:])
    told = values(read_structure(file.getvalue()))
    assert told["Pages"] == "2 pages"
    assert told["ImageWidth x ImageLength"] == "20 x 10"


def test_pages_that_run_in_a_circle_are_walked_once() -> None:
    tiff = b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 0) + struct.pack("<I", 8)
    structure = read_structure(tiff)
    assert values(structure)["Pages"] == "1 page"
    assert structure.faults == ("the pages run in a circle",)


def test_an_avif_tells_brand_boxes_and_items() -> None:
    structure = read_structure(saved("AVIF") + b"xx")
    told = values(structure)
    assert told["Major brand"] == "avif"
    assert told["Boxes"] == "ftyp, meta, mdat"
    assert told["Items"] == "av01"
    assert structure.trailing == 2


def test_what_is_in_no_known_format_has_no_structure() -> None:
    assert read_structure(b"%PDF-1.7") == Structure()
    assert read_structure(b"") == Structure()


STARTS = [
    saved(),
    saved("PNG"),
    saved("WEBP"),
    saved("GIF"),
    saved("TIFF"),
    saved("AVIF"),
    with_segments(segment(0xE2, mpf(9, 9, 9))),
]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(STARTS), st.data())
def test_any_bytes_have_a_structure_within_its_bounds(start: bytes, data: st.DataObject) -> None:
    changed = bytearray(start[: data.draw(st.integers(4, len(start)))])
    for place, byte in data.draw(
        st.lists(st.tuples(st.integers(4, 10_000), st.integers(0, 255)), max_size=20)
    ):
        changed[place % len(changed)] = byte
    structure = read_structure(bytes(changed) + data.draw(st.binary(max_size=200)))
    assert "the structure could not be read to its end" not in structure.faults
    assert len(structure.facts) <= MOST_FACTS
    assert len(structure.faults) <= MOST_FAULTS
    assert structure.trailing >= 0
    for fact in structure.facts:
        assert fact.source is FactSource.STRUCTURE
        assert 0 <= len(fact.value) <= LONGEST
        assert fact.value.isprintable()


@pytest.mark.parametrize(
    "unit",
    [
        b"\xff",
        b"\xff\0",
        b"\xff\xd8",
        b"\xff\xda\0\2",
        b"\xff\xe0\0\2",
        b"\xff\xfe\0\3a",
        b"a",
        b"\xff\xdb\0\x03\0",
    ],
)
def test_time_grows_with_the_bytes_and_not_with_their_square(unit: bytes) -> None:
    def spent(size: int) -> float:
        content = b"\xff\xd8\xff\xe0\0\2" + unit * (size // len(unit))
        start = process_time()
        read_structure(content)
        return process_time() - start

    # Quadratic reading of eight megabytes would take hours, so the limit needs no precision.
    assert spent(8_000_000) < 20
