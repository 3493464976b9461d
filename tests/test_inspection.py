"""What a child learns of one file, whatever the readers make of it."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageOps

from provenance.errors import PhotoError
from provenance.evidence.file_facts import ReadFacts
from provenance.inspection import inspect_file, upright, upright_box
from provenance.model import FileFacts, Sighting, Submission, ThumbnailOutcome
from provenance.photo.decode import decode as decoded

ORIENTATION, MAKE = 0x0112, 0x010F


@pytest.fixture
def inspect(tmp_path):
    def call(name, content, **options):
        file = tmp_path / name
        file.write_bytes(content)
        return inspect_file(Submission(file, name, Sighting(name, name)), **{"hints": False, **options})

    return call


def encoded(picture, container="JPEG", **tags):
    exif = Image.Exif()
    for number, value in tags.items():
        exif[{"make": MAKE, "orientation": ORIENTATION}[number]] = value
    file = io.BytesIO()
    picture.save(file, container, exif=exif.tobytes())
    return file.getvalue()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pixels_are_turned_as_viewers_turn_them(picture, orientation):
    stored = picture(1, 40, 30)
    exif = stored.getexif()
    exif[ORIENTATION] = orientation
    expected = np.asarray(ImageOps.exif_transpose(stored))
    assert np.array_equal(upright(np.asarray(picture(1, 40, 30)), orientation), expected)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_boxes_are_turned_with_the_pixels(orientation):
    stored = np.zeros((30, 40, 3), np.uint8)
    stored[5:9, 20:33] = 255
    x, y, width, height = upright_box((20, 5, 13, 4), (40, 30), orientation)
    shown = upright(stored, orientation)
    assert shown[y : y + height, x : x + width].all()
    assert np.count_nonzero(shown[..., 0]) == width * height


def test_format_size_and_digest_are_those_of_the_file(inspect, picture):
    found = inspect("a.jpg", encoded(picture(1), orientation=6))
    assert (found.format, found.size, len(found.sha256)) == ("JPEG", (120, 160), 64)


def test_pixels_are_asked_only_on_request(inspect, picture):
    content = encoded(picture(1))
    assert inspect("a.jpg", content).facts.hints is None
    assert inspect("a.jpg", content, hints=True).facts.hints is not None
    assert inspect("a.jpg", content).error_levels == b""
    assert inspect("a.jpg", content, error_levels=True).error_levels.startswith(b"\x89PNG")


def test_a_broken_picture_still_says_what_its_metadata_says(inspect, picture):
    content = encoded(picture(1), make="Example")
    found = inspect("a.jpg", content[: len(content) // 2])
    assert "truncated JPEG" in found.unreadable
    assert found.size is None
    assert "Example" in {f.value for f in found.facts.facts}


@pytest.mark.parametrize("content", [b"", b"hello", b"%PDF-1.7 nothing", b"\xff\xd8\xff"])
def test_what_is_no_picture_and_says_nothing_is_refused_whatever_its_name(inspect, content):
    with pytest.raises(PhotoError):
        inspect("IMG_20241129_101530.jpg", content)


def test_the_name_is_read_without_its_folder(inspect, picture):
    (stamp,) = inspect("IMG-20241129-WA0003.jpg", encoded(picture(1))).facts.stamps
    assert stamp.name == "WhatsApp"


@pytest.mark.parametrize(
    "reader", ["metadata.read_metadata", "structure.read_structure", "pixels.pixel_hints"]
)
def test_a_reader_that_fails_is_a_fault_and_costs_nothing_else(inspect, picture, monkeypatch, reader):
    def fail(*_data):
        raise RuntimeError("hostile words")

    monkeypatch.setattr(f"provenance.evidence.{reader}", fail)
    found = inspect("IMG-20241129-WA0003.jpg", encoded(picture(1)), hints=True)
    assert any("RuntimeError" in fault for fault in found.facts.faults)
    assert "hostile" not in str(found.facts.faults)
    assert found.facts.stamps


def test_a_thumbnail_that_cannot_be_decoded_is_a_fault(inspect, picture, monkeypatch):
    read = ReadFacts(FileFacts(), b"no picture at all")
    monkeypatch.setattr("provenance.evidence.file_facts.read_facts", lambda *_: read)
    found = inspect("a.jpg", encoded(picture(1)))
    assert found.facts.thumbnail is None
    assert "thumbnail cannot be read: not an image" in found.facts.faults[0]


@pytest.mark.parametrize(("orientation", "turned"), [(1, False), (6, False), (6, True)])
def test_a_thumbnail_may_lie_as_the_picture_is_stored_or_as_it_is_shown(
    inspect, picture, monkeypatch, orientation, turned
):
    stored = picture(1, 320, 240)
    content = encoded(stored, orientation=orientation)
    shown = ImageOps.exif_transpose(Image.open(io.BytesIO(content)))
    small = encoded((shown if turned else stored).resize((120, 160) if turned else (160, 120)))
    read = ReadFacts(FileFacts(), small, orientation)
    monkeypatch.setattr("provenance.evidence.file_facts.read_facts", lambda *_: read)
    assert inspect("a.jpg", content).facts.thumbnail.outcome is ThumbnailOutcome.SAME


def test_what_is_too_large_for_its_own_pixels_is_still_inspected(inspect, picture, monkeypatch):
    def decode(data, *limits, full=False):
        if full:
            raise PhotoError("decoding it needs more than 2,048 MB of memory")
        return decoded(data, *limits)

    monkeypatch.setattr("provenance.photo.decode.decode", decode)
    found = inspect("a.jpg", encoded(picture(1, 1200, 900)), hints=True)
    assert (found.size, found.facts.hints) == ((1200, 900), None)
    assert "were not looked at: decoding it needs more" in found.facts.faults[0]
