"""What moment a date in a file can mean, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.evidence.metadata.stamp_text import moment_bounds


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("2016-12-13T10:11:12Z", "2016-12-13 10:11:12", "2016-12-13 10:11:12.999999"),
        ("2016-12-13T10:11:12.25+03:00", "2016-12-13 07:11:12.250", "2016-12-13 07:11:12.259999"),
        ("2016-12-13T10:11-05:30", "2016-12-13 15:41:00", "2016-12-13 15:41:59.999999"),
        ("20161213 101112+0100", "2016-12-13 09:11:12", "2016-12-13 09:11:12.999999"),
        ("Tue, 13 Dec 2016 10:11:12 GMT", "2016-12-13 10:11:12", "2016-12-13 10:11:12.999999"),
        ("13 Dec 2016 10:11:12 +0300", "2016-12-13 07:11:12", "2016-12-13 07:11:12.999999"),
        ("2016-12-31T23:59:60Z", "2016-12-31 23:59:59", "2016-12-31 23:59:59.999999"),
    ],
)
def test_a_time_with_a_zone_is_that_moment_for_as_long_as_its_last_unit(
    text: str, earliest: str, latest: str
) -> None:
    assert moment_bounds(text) == (at(earliest), at(latest))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2016:12:13 10:11:12", "2016-12-13 10:11:12", "2016-12-13 10:11:12.999999"),
        ("2016:12:13", "2016-12-13", "2016-12-13 23:59:59.999999"),
        ("2016:12:13   :  :  ", "2016-12-13", "2016-12-13 23:59:59.999999"),
        ("2016:12:  ", "2016-12-01", "2016-12-31 23:59:59.999999"),
        ("2016-02", "2016-02-01", "2016-02-29 23:59:59.999999"),
        ("2016", "2016-01-01", "2016-12-31 23:59:59.999999"),
        ("20160200", "2016-02-01", "2016-02-29 23:59:59.999999"),
        ("20160000", "2016-01-01", "2016-12-31 23:59:59.999999"),
    ],
)
def test_without_a_zone_it_may_have_been_14_hours_earlier_or_12_later(
    text: str, first: str, last: str
) -> None:
    assert moment_bounds(text) == (at(first) - timedelta(hours=14), at(last) + timedelta(hours=12))


@pytest.mark.parametrize(
    "text",
    ["0000:00:00 00:00:00", "    :  :     :  :  ", "2016:02:31 00:00:00", "2015:02:29", "2016:13:01",
     "2016:12:13 25:00:00", "2016:12:13 10:61:00", "2016:12:13 10:11:61", "2016:00:00", "20161301", "20160013",
     "last summer", "", "13 Foo 2016 10:11:12", "0001-01-01T00:00:00", "9999-12-31", "2016-12-13T10:11:12Zulu",
     "\u0662\u0660\u0661\u0666:12:13", "2016:12:13 10:11:12" * 9],
)  # fmt: skip
def test_what_can_be_no_date_has_no_bounds(text: str) -> None:
    assert moment_bounds(text) is None


def test_zone_and_fraction_may_stand_elsewhere() -> None:
    assert moment_bounds("2016:12:13 10:11:12", "+03:00", "5") == (
        at("2016-12-13 07:11:12.500"),
        at("2016-12-13 07:11:12.599999"),
    )


@pytest.mark.parametrize("zone", ["   :  ", "+15:00", "-13:00", "+03:75", "Aleppo", ""])
def test_a_zone_that_cannot_be_is_as_none(zone: str) -> None:
    assert moment_bounds("2016:12:13 10:11:12", zone) == moment_bounds("2016:12:13 10:11:12")


def test_the_zone_in_the_text_goes_before_the_one_beside_it() -> None:
    assert moment_bounds("2016-12-13T10:11:12+01:00", "+03:00") == moment_bounds("2016-12-13T10:11:12+01:00")


@given(st.text(max_size=40), st.text(max_size=8), st.text(max_size=8))
def test_any_text_gives_ordered_bounds_or_none(text: str, zone: str, fraction: str) -> None:
    bounds = moment_bounds(text, zone, fraction)
    assert bounds is None or bounds[0] <= bounds[1]


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2100, 1, 1)), st.integers(-12, 14))  # noqa: DTZ001
def test_a_moment_is_within_the_bounds_of_how_it_is_written(moment: datetime, hours: int) -> None:
    zone = f"{'-' if hours < 0 else '+'}{abs(hours):02}:00"
    there = moment.replace(tzinfo=UTC) - timedelta(hours=hours)
    for text in (moment.isoformat(), moment.strftime("%Y:%m:%d %H:%M:%S"), moment.date().isoformat()):
        with_zone, without = moment_bounds(text, zone), moment_bounds(text)
        assert with_zone is not None
        assert without is not None
        assert without[0] <= with_zone[0] <= there <= with_zone[1] <= without[1]
