"""The capture time that a file states, from every container; never an exception, never a word on the console."""

from __future__ import annotations

import io
import struct
from datetime import date
from time import perf_counter

import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from provenance.evidence.exif_time import captured
from provenance.model import DateRange

EXIF_DIRECTORY, DATE_TIME, ORIGINAL, DIGITIZED = 0x8769, 0x0132, 0x9003, 0x9004
FORMATS = ("JPEG", "TIFF", "PNG", "WEBP", "HEIF", "AVIF")


@pytest.fixture(scope="module", autouse=True)
def _heif() -> None:
    pillow_heif.register_heif_opener()


def photo(container: str = "JPEG", **tags: str) -> bytes:
    exif = Image.Exif()

    for name, value in tags.items():
        directory = exif if name == "modified" else exif.get_ifd(EXIF_DIRECTORY)
        directory[{"modified": DATE_TIME, "original": ORIGINAL, "digitized": DIGITIZED}[name]] = value
    file = io.BytesIO()
    Image.new("RGB", (64, 64), "olive").save(file, container, exif=exif.tobytes())
    return file.getvalue()


@pytest.mark.parametrize("container", FORMATS)
def test_the_day_the_shutter_fired_is_read_from_every_format(container: str) -> None:
    when = date(2016, 12, 13)
    assert captured(photo(container, original="2016:12:13 10:11:12")) == DateRange("2016-12-13", when, when)


@pytest.mark.parametrize("container", FORMATS)
def test_a_photo_without_a_capture_time_states_none(container: str) -> None:
    file = io.BytesIO()
    Image.new("RGB", (64, 64), "olive").save(file, container)
    assert captured(file.getvalue()) is None


def test_the_original_time_goes_before_the_digitised_one_and_a_change_counts_for_nothing() -> None:
    both = captured(photo(original="2016:12:13 10:00:00", digitized="2017:01:01 10:00:00"))
    assert both is not None
    assert both.text == "2016-12-13"
    only = captured(photo(digitized="2017:01:02 10:00:00"))
    assert only is not None
    assert only.text == "2017-01-02"
    assert captured(photo(modified="2016:12:13 10:00:00")) is None


@pytest.mark.parametrize(
    "stamp",
    [
        "0000:00:00 00:00:00",
        "    :  :     :  :  ",
        "2016:13:01 00:00:00",
        "2016:02:30 00:00:00",
        "1825:12:31 00:00:00",
        "2016:12:15 00:00:00",
        "1970:01:01 00:00:00",
        "2000:01:01 00:00:00",
        "last summer",
        "",
    ],
)
def test_a_time_that_cannot_be_true_is_none(stamp: str) -> None:
    assert captured(photo(original=stamp), today=date(2016, 12, 13)) is None


def test_where_the_original_time_is_impossible_the_digitised_one_answers() -> None:
    when = captured(photo(original="0000:00:00 00:00:00", digitized="2016:12:13 10:00:00"))
    assert when is not None
    assert when.text == "2016-12-13"


@pytest.mark.parametrize("stamp", ["2016-12-13T10:00:00Z", "2016/12/13 10:00", "2016:12:13"])
def test_the_day_is_read_from_stamps_that_bend_the_standard(stamp: str) -> None:
    when = captured(photo(original=stamp))
    assert when is not None
    assert when.text == "2016-12-13"


def test_a_camera_ahead_of_utc_may_already_have_tomorrow() -> None:
    assert captured(photo(original="2016:12:14 01:00:00"), today=date(2016, 12, 13)) is not None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"Exif\0\0",
        b"Exif\0\0II*\0",
        b"II*\0",
        b"MM\0*\xff\xff\xff\xff",
        b"II*\0\x08\0\0\0" + b"\xff" * 4096,
        b"RIFF\0\0\0\0WEBPEXIF\xff\xff\xff\xffII*\0\0\0\0\0",
        b"\0\0\0\x18ftypheic\0\0\0\0Exif" + b"\0" * 64 + b"MM\0*\0\0\0\x08\0\x01",
    ],
)
def test_crafted_garbage_states_nothing_and_says_nothing(
    data: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    assert captured(data) is None
    assert capfd.readouterr() == ("", "")


def test_a_directory_of_thousands_of_tags_that_claim_the_whole_file_costs_little() -> None:
    entry = struct.pack("<HHII", 0x010E, 2, 0xFFFFFFF, 8)
    block = b"II*\0\x08\0\0\0" + struct.pack("<H", 65_535) + entry * 65_535
    start = perf_counter()
    assert captured(block + b"a" * 10_000_000) is None
    assert perf_counter() - start < 5


@settings(max_examples=150)
@given(st.data())
def test_any_damage_gives_a_day_or_none(data: st.DataObject) -> None:
    damaged = bytearray(
        photo(data.draw(st.sampled_from(("JPEG", "TIFF", "PNG"))), original="2016:12:13 10:00:00")
    )
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(0, min(400, len(damaged)) - 1))] = data.draw(st.integers(0, 255))
    when = captured(bytes(damaged))
    assert when is None or when.earliest == when.latest is not None


@settings(max_examples=40)
@given(st.binary(max_size=200))
def test_any_bytes_behind_a_marker_give_a_day_or_none(data: bytes) -> None:
    for marker in (b"Exif\0\0II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08", b"eXIfMM\0*\0\0\0\x08"):
        when = captured(marker + data)
        assert when is None or when.earliest == when.latest is not None
