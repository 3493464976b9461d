from __future__ import annotations

import zlib

import numpy as np
import pytest
from PIL import Image

from provenance.errors import PhotoError
from provenance.photo.decode import decode
from provenance.photo.limits import Limits

NAMES = ["GIF", "WEBP", "PNG", "AVIF", "TIFF"]


def _animation(encode, name, count, size=(32, 24)):
    """Encode `count` frames, each of one grey that tells its number."""
    frames = [Image.new("RGB", size, (8 * i + 4,) * 3) for i in range(count)]
    options = {"lossless": True} if name == "WEBP" else {"quality": 100} if name == "AVIF" else {}
    return encode(frames[0], name, save_all=True, append_images=frames[1:], **options)


def _numbers(photo):
    return [round((float(frame.mean()) - 4) / 8) for frame in photo.frames]


@pytest.mark.parametrize("name", NAMES)
def test_a_short_animation_gives_all_its_frames(name, encode):
    photo = decode(_animation(encode, name, 5))
    assert (photo.frame_count, _numbers(photo)) == (5, [0, 1, 2, 3, 4])


@pytest.mark.parametrize("name", NAMES)
def test_a_longer_animation_gives_evenly_spread_frames(name, encode):
    photo = decode(_animation(encode, name, 30))
    assert (photo.frame_count, _numbers(photo)) == (30, [0, 4, 8, 12, 16, 20, 24, 28])


@pytest.mark.parametrize("count", range(1, 31))
def test_there_are_never_too_few_or_too_many_frames(count, encode):
    numbers = _numbers(decode(_animation(encode, "TIFF", count)))
    assert min(count, 4) <= len(numbers) <= 8
    assert len(set(np.diff(numbers))) <= 1
    assert numbers[0] == 0


@pytest.mark.parametrize("name", NAMES)
def test_one_frame_is_the_first(name, encode):
    assert _numbers(decode(_animation(encode, name, 9), Limits(frames=1))) == [0]


@pytest.mark.parametrize("name", NAMES)
def test_only_the_beginning_of_a_very_long_animation_is_looked_at(name, encode):
    content = _animation(encode, name, 20)
    assert decode(content, Limits(walked_frames=6)).frame_count == 6
    assert decode(content, Limits(walked_pixels=32 * 24 * 3)).frame_count == 3
    assert decode(content, Limits(walked_pixels=1)).frame_count == 1


@pytest.mark.parametrize("name", ["GIF", "PNG"])
def test_frames_that_change_a_part_are_shown_whole(name, encode):
    first = Image.new("RGB", (40, 40), (200, 0, 0))
    second = first.copy()
    second.paste((0, 0, 200), (10, 10, 20, 20))
    photo = decode(encode(first, name, save_all=True, append_images=[second]))
    assert np.array_equal(photo.frames[1], np.asarray(second))


def test_an_animation_that_ends_before_its_stated_number_of_frames_is_refused_and_not_waited_for(encode):
    content = _animation(encode, "PNG", 3)
    at = content.index(b"acTL") + 4
    body = b"acTL" + (2**30).to_bytes(4, "big") + content[at + 4 : at + 8]
    lying = content[: at - 4] + body + zlib.crc32(body).to_bytes(4, "big") + content[at + 12 :]
    with pytest.raises(PhotoError, match="truncated PNG"):
        decode(lying)


def test_pages_may_differ_in_size(encode):
    pages = [Image.new("RGB", (30, 20), "red"), Image.new("RGB", (10, 50), "blue")]
    photo = decode(encode(pages[0], "TIFF", save_all=True, append_images=pages[1:]))
    assert (photo.width, photo.height) == (30, 20)
    assert [frame.shape for frame in photo.frames] == [(20, 30, 3), (50, 10, 3)]
