"""What a file states of itself is recorded where its source says nothing, and as the file's word."""

from __future__ import annotations

from provenance.model import DateRange, Sighting, Stated
from provenance.recording import with_statements

DAY, OTHER = DateRange("2016-12-13", None, None), DateRange("2017", None, None)
STATED = Stated(captured=DAY, caption="The gate", credit="Wire", licence="© Wire", place="Aleppo")


def test_empty_fields_are_filled_and_the_note_says_whose_word_it_is():
    said = with_statements(Sighting("a", "/a"), STATED)
    assert (said.captured, said.caption, said.credit, said.licence) == (DAY, "The gate", "Wire", "© Wire")
    assert said.note == "caption, credit, licence, place “Aleppo”: as the file itself says"


def test_a_place_that_only_the_file_states_is_never_one_that_can_contradict_a_claim():
    assert with_statements(Sighting("a", "/a"), STATED).place is None


def test_what_a_file_states_is_never_a_publication():
    assert with_statements(Sighting("a", "/a"), STATED).published is None


def test_what_the_source_says_stays():
    told = Sighting("a", "/a", caption="Ours", credit="Us", licence="CC0", place="Aleppo", note="by mail")
    said = with_statements(told, STATED)
    assert (said.caption, said.credit, said.licence, said.note) == ("Ours", "Us", "CC0", "by mail")


def test_the_files_own_time_of_capture_counts_before_that_of_a_file_beside_it():
    assert with_statements(Sighting("a", "/a", captured=OTHER), STATED).captured == DAY
    assert with_statements(Sighting("a", "/a", captured=OTHER), Stated()).captured == OTHER


def test_a_file_that_states_nothing_changes_nothing():
    """Else the sighting would count as another one when it is added again."""
    told = Sighting("a", "/a", published=DAY, note="by mail")
    assert with_statements(told, Stated()) == told
