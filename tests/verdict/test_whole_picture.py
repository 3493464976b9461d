"""How numbers become words and steps."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.model import ChangeOutcome, Kind
from provenance.verdict.whole_picture import Step, benign_step, in_words


@pytest.mark.parametrize(
    ("overall", "step", "words"),
    [
        ({}, Step.REENCODED, "re-encoded at most"),
        ({"quality": 70}, Step.REENCODED, "a JPEG of quality 70"),
        ({"scale": 0.99}, Step.RESIZED, "reduced to 99%"),
        ({"scale": 2.0}, Step.RESIZED, "enlarged to 200%"),
        ({"stretch": 0.9}, Step.RESIZED, "stretched by 10%"),
        ({"rotation": 90.0}, Step.RESIZED, "turned by 90 degrees clockwise"),
        ({"rotation": -2.5}, Step.RESIZED, "turned by 2.5 degrees anticlockwise"),
        ({"mirrored": True}, Step.RESIZED, "mirrored"),
        ({"perspective": 1.1}, Step.RESIZED, "seen in perspective"),
        ({"inverted": True}, Step.TONE, "tones inverted"),
        ({"greyscale": True, "saturation": 0.0}, Step.TONE, "without colours"),
        ({"saturation": 0.5}, Step.TONE, "colours weaker (50%)"),
        ({"saturation": 1.5}, Step.TONE, "colours stronger (150%)"),
        ({"offset": 4.0}, Step.TONE, "brighter by 4 of 255 levels"),
        ({"offset": -20.0}, Step.TONE, "darker by 20 of 255 levels"),
        ({"gain": 1.1, "offset": -12.8}, Step.TONE, "contrast 110%"),
        ({"sharpness": 0.5}, Step.TONE, "softer"),
        ({"sharpness": 1.5}, Step.TONE, "sharper"),
        ({"gone": 0.01}, Step.CROPPED, "cropped (1% of the area is gone)"),
        ({"gone": 0.12, "left": 0.08, "top": 0.05}, Step.CROPPED,
         "cropped (12% of the area is gone: left 8%, top 5%)"),
        ({"gone": 0.2, "scale": 0.5, "sharpness": 0.5, "quality": 60}, Step.CROPPED,
         "cropped (20% of the area is gone), reduced to 50%, softer, a JPEG of quality 60"),
        ({"added": 0.3, "gone": 0.2}, Step.OVERLAY,
         "cropped (20% of the area is gone), set into something larger (30% of the query lies outside)"),
    ],
)  # fmt: skip
def test_what_happened_is_told_in_words_and_as_a_step(compared, overall, step, words):
    match = compared(**overall)
    assert in_words(match) == words
    assert benign_step(match) is step


@pytest.mark.parametrize(
    "overall",
    [
        {"gone": 0.009}, {"added": 0.009}, {"scale": 1.009}, {"scale": 0.991}, {"stretch": 1.009},
        {"rotation": 0.4}, {"rotation": -0.4}, {"perspective": 1.019}, {"offset": 3.9}, {"gain": 1.03},
        {"saturation": 0.91}, {"saturation": 1.09}, {"sharpness": 0.76}, {"sharpness": 1.24},
    ],
)  # fmt: skip
def test_what_measuring_may_err_by_is_not_told(compared, overall):
    match = compared(**overall)
    assert in_words(match) == "re-encoded at most"
    assert benign_step(match) is Step.REENCODED


def test_the_same_pixels_are_told_as_such_whatever_was_measured(compared):
    match = compared(same_pixels=True, quality=90)
    assert in_words(match) == "the same pixels in another file"
    assert benign_step(match) is Step.SAME_PIXELS


def test_the_same_bytes_need_no_comparison(matched):
    assert benign_step(matched(kind=Kind.IDENTICAL)) is Step.IDENTICAL


@pytest.mark.parametrize("outcome", [ChangeOutcome.CANNOT_ALIGN, ChangeOutcome.TOO_SMALL])
def test_of_what_was_not_compared_nothing_is_said(compared, matched, outcome):
    for match in (compared(outcome=outcome), matched()):
        assert in_words(match) == "nothing can be said"
        assert benign_step(match) is Step.CANNOT_ALIGN


def test_the_steps_are_a_ladder():
    assert [step.value for step in Step] == [
        "identical bytes", "same pixels", "re-encoded", "resized", "benign tone", "cropped", "overlay", "altered",
        "composite", "cannot align",
    ]  # fmt: skip


SHARES = st.floats(0, 1)
OVERALL = st.fixed_dictionaries(
    {
        **dict.fromkeys(("gone", "left", "top", "right", "bottom", "added"), SHARES),
        **dict.fromkeys(("mirrored", "inverted", "greyscale"), st.booleans()),
        "rotation": st.floats(-180, 180),
        **dict.fromkeys(("scale", "stretch"), st.floats(0.04, 25)),
        "perspective": st.floats(1, 9),
        **dict.fromkeys(("gain", "sharpness"), st.floats(-2, 5)),
        "offset": st.floats(-255, 255),
        "saturation": st.floats(0, 50),
        "quality": st.none() | st.integers(1, 100),
    }
)


@given(OVERALL, st.booleans(), st.sampled_from(ChangeOutcome))
def test_words_are_plain_and_judge_nothing(compared, overall, same_pixels, outcome):
    words = in_words(compared(outcome=outcome, same_pixels=same_pixels, **overall))
    assert words.strip()
    assert not any(unicodedata.category(c).startswith("C") for c in words)
    assert not re.search(r"authentic|fake|manipulat|doctor|forge|original", words, re.IGNORECASE)


@given(OVERALL)
def test_a_further_step_is_never_taken_without_a_word(compared, overall):
    match = compared(**{**overall, "quality": None})
    assert (benign_step(match) is Step.REENCODED) == (in_words(match) == "re-encoded at most")
