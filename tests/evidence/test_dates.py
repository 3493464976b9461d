"""EDTF dates: what each form means in days, what is refused, and how the refusal helps."""

from __future__ import annotations

import contextlib
import sys
from datetime import date, timedelta

import edtf
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from provenance.errors import DateError
from provenance.evidence.dates import parse_edtf

DAYS = st.dates(min_value=date(1, 1, 1), max_value=date(9999, 12, 31))


def ends(text: str) -> tuple[str | None, str | None]:
    when = parse_edtf(text)
    return when.earliest and when.earliest.isoformat(), when.latest and when.latest.isoformat()


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("2016-12-13", "2016-12-13", "2016-12-13"),
        ("2016-12", "2016-12-01", "2016-12-31"),
        ("2016-02", "2016-02-01", "2016-02-29"),
        ("2016", "2016-01-01", "2016-12-31"),
        ("  2016\n", "2016-01-01", "2016-12-31"),
        ("2016-12/2017-01", "2016-12-01", "2017-01-31"),
        ("[2016,2018]", "2016-01-01", "2018-12-31"),
        ("{2016-12-01, 2016-12-05..2016-12-07}", "2016-12-01", "2016-12-07"),
        ("201X", "2010-01-01", "2019-12-31"),
        ("2016-XX", "2016-01-01", "2016-12-31"),
        ("2016-12-XX", "2016-12-01", "2016-12-31"),
        ("2016-33", "2016-01-01", "2016-03-31"),
    ],
)
def test_a_date_is_the_days_it_may_mean(text: str, earliest: str, latest: str) -> None:
    assert ends(text) == (earliest, latest)


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("2016-12-13~", "2016-12-12", "2016-12-14"),
        ("2016-12-13?", "2016-12-12", "2016-12-14"),
        ("2016-12-13%", "2016-12-12", "2016-12-14"),
        ("2016-12~", "2016-11-01", "2017-01-31"),
        ("2016~", "2015-01-01", "2017-12-31"),
        ("2016-?12-13", "2016-11-01", "2017-01-31"),
        ("?2016-02-29", "2015-02-01", "2017-02-28"),
        ("201X~", "2000-01-01", "2029-12-31"),
        ("2016-XX~", "2015-01-01", "2017-12-31"),
        ("2016-33~", "2015-10-01", "2016-06-30"),
        ("2016~/2017", "2015-01-01", "2017-12-31"),
        ("2016/2017-12-13?", "2016-01-01", "2017-12-14"),
    ],
)
def test_an_approximate_or_uncertain_end_moves_by_one_unit_of_its_precision(
    text: str, earliest: str, latest: str
) -> None:
    assert ends(text) == (earliest, latest)


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("../2016", None, "2016-12-31"),
        ("2016/..", "2016-01-01", None),
        ("/2016", None, "2016-12-31"),
        ("2016-12-13/", "2016-12-13", None),
        ("[..2016]", None, "2016-12-31"),
        ("{2016, 2018..}", "2016-01-01", None),
        ("{..2016, 2018}", None, "2018-12-31"),
        ("-0100/2016", None, "2016-12-31"),
        ("0000/2016", None, "2016-12-31"),
        ("XXXX-12", None, "9999-12-31"),
        ("9999-12-31~", "9999-12-30", None),
        ("0001-01-01~", None, "0001-01-02"),
    ],
)
def test_an_end_that_is_open_unknown_or_beyond_the_calendar_is_unbounded(
    text: str, earliest: str | None, latest: str | None
) -> None:
    assert ends(text) == (earliest, latest)


@pytest.mark.parametrize("number", ["21", "22", "23", "24", "28", "30"])
def test_a_season_covers_both_hemispheres_and_both_winters_of_its_year(number: str) -> None:
    assert ends(f"2016-{number}") == ("2015-12-01", "2017-02-28")


@pytest.mark.parametrize(
    "text",
    [
        "2016-12-13T23:00:00+03:00",
        "2016-12-13T23:00:00Z",
        "2016-12-13 23:00:00",
        "2016-12-13 23:00",
        "2016-12-13T23:00:00.123456+0300",
        "2016-12-13T24:00:00",
        "2016-12-13 01:30:00 Z",
    ],
)
def test_a_time_of_day_leaves_the_day_as_its_publisher_wrote_it(text: str) -> None:
    assert ends(text) == ("2016-12-13", "2016-12-13")
    assert parse_edtf(text).text == text


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("13/12/2016", "Did you mean 2016-12-13?"),
        ("12/13/2016", "Did you mean 2016-12-13?"),
        ("13.12.2016", "Did you mean 2016-12-13?"),
        ("2016/12/13", "Did you mean 2016-12-13?"),
        ("2016-1-5", "Did you mean 2016-01-05?"),
        ("20161213", "Did you mean 2016-12-13?"),
        ("12/2016", "Did you mean 2016-12?"),
        ("2016/12", "Did you mean 2016-12?"),
        ("13 December 2016", "Did you mean 2016-12-13?"),
        ("Dec. 13th, 2016", "Did you mean 2016-12-13?"),
        ("december 2016", "Did you mean 2016-12?"),
        ("٢٠١٦-١٢-١٣", "Did you mean 2016-12-13?"),
        ("03/12/2016", "Ambiguous: write 2016-12-03 if the day came first, 2016-03-12 if the month did."),
        ("٠٣/١٢/٢٠١٦", "Ambiguous: write 2016-12-03 if the day came first, 2016-03-12 if the month did."),
    ],
)
def test_other_notations_are_refused_with_what_was_probably_meant(text: str, advice: str) -> None:
    with pytest.raises(DateError, match="is not an EDTF date") as error:
        parse_edtf(text)
    assert error.value.advice == advice


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "'' is not an EDTF date"),
        ("yesterday", "'yesterday' is not an EDTF date"),
        ("2016-02-30", "'2016-02-30' is not a date of our calendar"),
        ("2016-13", "'2016-13' is not a date of our calendar"),
        ("-0100", "'-0100' is not an EDTF date"),
        ("2017/2016", "'2017/2016' ends before it starts"),
        ("../..", "'../..' leaves every day open"),
        ("/", "'/' leaves every day open"),
        ("..", "'..' is not an EDTF date"),
        ("[2016,]", "'[2016,]' is not an EDTF date"),
        ("[2016,[2017]]", "'[2016,[2017]]' is not an EDTF date"),
        ("2016/2017/2018", "'2016/2017/2018' is not an EDTF date"),
        ("2016-1X", "'2016-1X' is not an EDTF date"),
        ("Y170000", "'Y170000' is not an EDTF date"),
        ("2016\x00", r"'2016\x00' is not an EDTF date"),
        ("\x1b[31m2016", r"'\x1b[31m2016' is not an EDTF date"),
        ("2016" * 2500, f"'{'2016' * 9}201…' is too long for a date"),
    ],
)
def test_what_is_no_date_is_refused_in_plain_words_and_printable_characters(text: str, message: str) -> None:
    with pytest.raises(DateError) as error:
        parse_edtf(text)
    assert error.value.message == message
    assert error.value.advice
    assert error.value.message.isprintable()


def test_a_year_that_the_grammar_would_compute_for_hours_is_refused_at_once() -> None:
    with pytest.raises(DateError):
        parse_edtf("Y17E800000000")


@given(DAYS, st.sampled_from(["%Y-%m-%d", "%Y-%m", "%Y"]))
def test_plain_dates_agree_with_the_edtf_package(when: date, form: str) -> None:
    text = when.strftime(form.replace("%Y", f"{when.year:04}"))
    reference = edtf.parse_edtf(text)
    ours = parse_edtf(text)
    assert ours.earliest == date(*reference.lower_strict()[:3])
    assert ours.latest == date(*reference.upper_strict()[:3])


@given(st.text() | st.text("0123456789X-/~?%.,[]{}T: SYE", max_size=24))
@example("2016-0X")
@example("../")
@example("/..")
@example("\ud800")
def test_any_text_is_a_range_or_a_date_error(text: str) -> None:
    try:
        when = parse_edtf(text)
    except DateError as error:
        assert error.message.isprintable()
        return
    assert when == parse_edtf(when.text)
    if when.earliest and when.latest:
        assert when.earliest <= when.latest


@pytest.mark.parametrize("text", ["2016-0X", "2016-X2", "../", "/..", "1X16", "2016-12-1X"])
def test_reading_a_date_never_prints(text: str, capfd: pytest.CaptureFixture[str]) -> None:
    with contextlib.suppress(DateError):
        parse_edtf(text)
    assert capfd.readouterr() == ("", "")


@given(DAYS)
def test_an_approximate_date_contains_the_date(when: date) -> None:
    around = parse_edtf(f"{when.isoformat()}~")
    assert around.earliest is None or around.earliest < when
    assert around.latest is None or around.latest > when


@given(DAYS, DAYS)
def test_one_day_precedes_another_exactly_when_it_is_earlier(one: date, other: date) -> None:
    assert parse_edtf(one.isoformat()).precedes(parse_edtf(other.isoformat())) == (one < other)


@given(DAYS, st.integers(0, 400))
def test_an_interval_says_its_ends(start: date, length: int) -> None:
    assume((date.max - start).days >= length)
    end = start + timedelta(length)
    when = parse_edtf(f"{start.isoformat()}/{end.isoformat()}")
    assert (when.earliest, when.latest) == (start, end)


def test_plain_dates_do_not_load_the_grammar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "edtf", None)
    for text in (
        "2016",
        "2016-12",
        "2016-12-13",
        "2016-12-13~",
        "../2016-12",
        "2016-12-13 10:00",
        "[2016,2017]",
    ):
        assert parse_edtf(text)
