"""Dates in file names: whose pattern, which moment, and what it is the moment of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.evidence.file_names import AHEAD, BEHIND, PATTERNS, STORED, read_name
from provenance.model import FactSource, Moment
from provenance.model.file_facts import LONGEST

MOMENT = datetime(2024, 11, 29, 10, 15, 30, tzinfo=UTC)
DAY = datetime(2024, 11, 29, tzinfo=UTC)


def bounds(name):
    (stamp,) = read_name(name).stamps
    assert (stamp.moment, stamp.source) == (Moment.NAMED, FactSource.FILE_NAME)
    return stamp.earliest, stamp.latest


def app(name):
    facts = read_name(name).facts
    return facts[0].name if facts else None


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda p: p.example)
def test_every_pattern_reads_its_own_example_as_the_29th_of_november(pattern):
    (fact,) = read_name(pattern.example).facts
    earliest, latest = bounds(pattern.example)
    assert (fact.name, fact.note) == (pattern.app, pattern.meaning)
    assert earliest - timedelta(seconds=1) < MOMENT <= latest


@pytest.mark.parametrize(
    "name",
    [
        "IMG_20241129_101530.jpg",
        "IMG20241129101530.jpg",
        "IMG_20241129_101530_HDR.jpg",
        "IMG_20241129_101530123.jpg",
        "MVIMG_20241129_101530.jpg",
        "VID_20241129_101530.jpg",
        "20241129_101530(0).jpg",
        "Screenshot_20241129_101530_Chrome.png",
        "Screen Shot 2024-11-29 at 10.15.30 AM.png",
        "Screenshot from 2024-11-29 10-15-30.png",
        "WhatsApp Image 2024-11-29 at 10.15.30 (1).jpeg",
    ],
)
def test_a_local_time_may_have_been_any_zones(name):
    assert bounds(name) == (MOMENT - AHEAD, MOMENT + BEHIND)


def test_a_time_after_noon_is_read_as_such():
    earliest, _ = bounds("WhatsApp Image 2024-11-29 at 10.15.30 PM.jpeg")
    assert earliest == MOMENT + timedelta(hours=12) - AHEAD


def test_the_day_of_a_messenger_lasts_all_day_in_every_zone():
    earliest, latest = bounds("IMG-20241129-WA0003.jpg")
    assert earliest == DAY - AHEAD
    assert latest == DAY + timedelta(days=1) + BEHIND - timedelta(microseconds=1)


@pytest.mark.parametrize("name", ["PXL_20241129_101530123.jpg", "PXL_20241129_101530123.MP.jpg"])
def test_a_pixel_names_its_photos_in_utc(name):
    assert bounds(name) == (MOMENT, MOMENT)


@pytest.mark.parametrize(
    "name", ["FB_IMG_1732875330000.jpg", "1732875330000.jpg", "mmexport1732875330000.jpg"]
)
def test_milliseconds_since_1970_are_exact(name):
    assert bounds(name) == (MOMENT, MOMENT)


def test_what_a_bare_number_means_is_not_told_as_capture():
    assert read_name("1732875330123.jpg").facts[0].note == STORED


@pytest.mark.parametrize(
    ("name", "whose"),
    [
        ("IMG-20241129-WA0003.jpg", "WhatsApp"),
        ("signal-2024-11-29-10-15-30-123.jpg", "Signal"),
        ("photo_2024-11-29_10-15-30.jpg", "Telegram"),
        ("IMG_20241129_101530.jpg", "phone camera"),
        ("Screenshot_20241129-101530.png", "screenshot"),
    ],
)
def test_the_app_is_named(name, whose):
    assert app(name) == whose


@pytest.mark.parametrize(
    "name",
    [
        "",
        "IMG_0001.JPG",
        "DSC_1234.jpg",
        "viral.jpg",
        "IMG_20241399_101530.jpg",
        "IMG_20240230_101530.jpg",
        "IMG_20241129_256000.jpg",
        "20241129_1015301234567.jpg",
        "00000000_000000.jpg",
        "18241129_101530.jpg",
        "17328753301234.jpg",
        "received_1732875330123456.jpeg",
        "WhatsApp Image 2024-11-29 at 13.15.30 PM.jpeg",
        "IMG_٢٠٢٤١١٢٩_101530.jpg",
    ],
)
def test_what_is_no_date_of_a_known_form_says_nothing(name):
    assert read_name(name) == read_name("")


def test_what_could_steer_a_terminal_is_escaped():
    named = read_name("photo_2024-11-29_10-15-30\x1b[31m.jpg")
    assert "\x1b" not in named.facts[0].value + named.stamps[0].text


@given(st.text(max_size=400))
def test_any_name_gives_clean_short_words_and_ordered_bounds(name):
    named = read_name(name)
    assert len(named.facts) == len(named.stamps) <= 1
    for stamp in named.stamps:
        assert stamp.earliest <= stamp.latest
        assert len(stamp.text) <= LONGEST


@given(st.integers(631_300_000, 4_102_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)))
def test_the_moment_named_lies_within_the_bounds(moment):
    earliest, latest = bounds(f"IMG_{moment:%Y%m%d_%H%M%S}.jpg")
    assert earliest <= moment <= latest


@given(st.integers(1_010_000_000, 1_990_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)))
def test_milliseconds_are_read_back_as_written(moment):
    milliseconds = int(moment.timestamp() * 1000)
    earliest, _ = bounds(f"FB_IMG_{milliseconds}.jpg")
    assert abs(earliest - moment) < timedelta(milliseconds=2)
