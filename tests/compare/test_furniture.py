"""What many pictures share without being copies does not make a match; one picture held many times is no such thing."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from provenance.compare.alignment import Alignment
from provenance.compare.blocks import compare_blocks
from provenance.compare.page import commonest, contrary


def numbers(held: list[Alignment]) -> list[int]:
    return sorted(alignment.candidate.image_id for alignment in held)


def even(drawn, seed: int = 1) -> Image.Image:
    """Return a wide sky over a little that shows something, as a photo of a tower does."""
    down, across = np.mgrid[:300, :640]
    sky = Image.fromarray((60 + down // 6 + across // 40).astype(np.uint8)).convert("RGB")
    sky.paste(drawn(seed, 110, 150), (300, 60))
    return sky


def under_words(picture: Image.Image, words: str) -> Image.Image:
    """Return a picture with its lowest quarter behind a bar of words."""
    done = picture.copy()
    draw = ImageDraw.Draw(done)
    draw.rectangle((0, done.height * 3 // 4, done.width, done.height), fill="black")
    for line in range(3):
        draw.text((8, done.height * 3 // 4 + 4 + 22 * line), words, fill="white", font_size=20)
    return done


def on_page(photo: Image.Image, words: str) -> Image.Image:
    """Return a site's page: its head and its other stories stay, photo and story change."""
    page = Image.new("RGB", (700, 800), "white")
    draw = ImageDraw.Draw(page)
    draw.rectangle((0, 0, 700, 80), fill="#8b0000")
    draw.text((30, 14), "THE MORNING LETTER", fill="white", font_size=48)
    for line, story in enumerate(
        ("Harvest is late again", "Bridge opens at noon", "What the river took") * 4
    ):
        draw.text((450, 130 + 50 * line), story, fill="#333", font_size=22)
    draw.text((30, 92), words, fill="black", font_size=26)
    page.paste(photo.resize((400, 300)), (30, 130))
    for line in range(9):
        draw.text((30, 450 + 34 * line), f"{words}, {line} of them said", fill="#222", font_size=20)
    return page


def test_a_picture_that_is_held_as_many_frames_of_a_shot_is_no_furniture(drawn, align):
    shot = even(drawn)
    frames = [shot.crop((left, 0, left + 420, 300)) for left in range(150, 220, 14)]
    query = under_words(shot.crop((185, 0, 605, 300)), "HAPPENING NOW at the gate")
    assert numbers(align(query, [*frames, drawn(7)])) == list(range(len(frames)))


def test_a_page_around_other_photos_does_not_match_though_it_is_held_once(drawn, align):
    page = on_page(drawn(2), "They tore it down at last")
    assert align(on_page(drawn(1), "Nobody saw the first of it"), [page]) == []


def test_the_same_photo_on_the_same_page_matches_whatever_is_written_there(drawn, align):
    page = on_page(drawn(1), "They tore it down at last")
    assert numbers(align(on_page(drawn(1), "Nobody saw the first of it"), [drawn(3), page])) == [1]


def test_a_photo_on_a_page_matches_the_photo_itself_beside_pages_of_others(drawn, align):
    held = [on_page(drawn(seed), "They tore it down at last") for seed in (2, 3)]
    assert numbers(align(on_page(drawn(1), "Nobody saw the first of it"), [*held, drawn(1)])) == [2]


def test_a_thing_on_white_under_a_caption_is_no_page(drawn, align):
    thing = Image.new("RGB", (480, 360), "white")
    thing.paste(drawn(1, 260, 250), (110, 40))
    captioned = thing.crop((60, 50, 440, 350))
    draw = ImageDraw.Draw(captioned)
    draw.rectangle((0, 0, 380, 90), fill="#355")
    for line in range(3):
        draw.text((6, 2 + 28 * line), "BREAKING TODAY at the gate", fill="white", font_size=25)
    assert numbers(align(captioned, [drawn(3), thing])) == [1]


def blocks_of(one: Image.Image, other: Image.Image):
    planes = [np.asarray(each.convert("L"), np.float64) for each in (one, other)]
    blocks = compare_blocks(*planes, np.ones(planes[0].shape, bool))
    assert blocks is not None
    return blocks


def clouds(seed: int) -> Image.Image:
    """Return a picture with structure everywhere."""
    small = np.random.default_rng(seed).integers(0, 256, (60, 80), np.uint8)
    return Image.fromarray(small).resize((480, 360), Image.Resampling.BICUBIC)


def test_unlike_pictures_are_contrary_nearly_throughout_and_like_ones_nowhere():
    assert contrary(blocks_of(clouds(1), clouds(2))).mean() > 0.8
    assert not contrary(blocks_of(clouds(1), clouds(1))).any()


def test_what_one_picture_alone_shows_is_not_contrary():
    assert not contrary(blocks_of(clouds(1), Image.new("RGB", (480, 360), "grey"))).any()


@pytest.mark.parametrize("tone", [0, 128, 255])
def test_the_commonest_tone_is_told_by_its_share(tone):
    tones = np.random.default_rng(0).integers(0, 256, 10_000).astype(np.float64)
    tones[:5_000] = tone
    assert commonest(tones) == pytest.approx(0.51, abs=0.01)
    assert commonest(tones[:5_000]) == 1.0
    assert commonest(tones[:0]) == 0.0
