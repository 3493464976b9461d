"""A still taken from a video is found, with the moment at which the video shows it."""

from __future__ import annotations

import io
import json
import os
from fractions import Fraction
from importlib.resources import files

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

av = pytest.importorskip("av")

RATE = 12
SIZE = (480, 320)

PHOTOS = ("astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg", "camera.png", "hubble_deep_field.jpg")
"""CC0 or in the public domain, each."""


def write_video(path, frames, *, codec="libx264", metadata=None):
    """Write frames, PIL pictures of one size, at `RATE` a second."""
    with av.open(str(path), "w", options={"movflags": "use_metadata_tags"} if metadata else {}) as container:
        container.metadata.update(metadata or {})
        stream = container.add_stream(codec, rate=RATE)
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        stream.bit_rate = 2_000_000
        stream.time_base = Fraction(1, RATE)
        for picture in frames:
            container.mux(stream.encode(av.VideoFrame.from_image(picture)))
        container.mux(stream.encode())


def pan(picture, seconds):
    """Yield a camera's slow way across a picture."""
    across, down = picture.width - SIZE[0], picture.height - SIZE[1]
    for n in range(seconds * RATE):
        left, top = round(across * n / (seconds * RATE)), round(down * n / (seconds * RATE))
        yield picture.crop((left, top, left + SIZE[0], top + SIZE[1]))


@pytest.fixture(scope="module")
def shots():
    """Six shots of three seconds each: pans across six real photos, with cuts between them."""
    return [frame for name in PHOTOS for frame in pan(photo(name), 3)]


def photo(name):
    """Return one of the photos that scikit-image brings, half as wide again as the video."""
    with Image.open(files("skimage") / "data" / name) as picture:
        return ImageOps.fit(picture.convert("RGB"), (SIZE[0] * 3 // 2, SIZE[1] * 3 // 2))


@pytest.fixture(scope="module")
def desk(tmp_path_factory, shots, run_in):
    folder = tmp_path_factory.mktemp("desk")
    write_video(folder / "clip.mp4", shots, metadata={"creation_time": "2016-12-13T10:00:00Z"})
    done = run_in(folder, "add", "clip.mp4", "-a", "desk.db")
    assert done.returncode == 0, done.stderr
    return folder


def seconds(moment):
    hours, minutes, rest = moment.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(rest)


def edited(still):
    """Return a still as it goes round: cropped, resized, with a bar and words over it."""
    still = still.crop((40, 30, 440, 300)).resize((520, 351))
    draw = ImageDraw.Draw(still)
    draw.rectangle((0, 300, 520, 351), fill=(0, 0, 0))
    draw.text((20, 318), "HAPPENING NOW", fill=(255, 255, 255))
    return still


def test_a_still_cropped_captioned_and_recompressed_is_found_with_its_moment(desk, run_in, shots):
    moments = [1.5, 4.25, 7.25, 9.5, 13.75, 16.75]
    for at in moments:
        edited(shots[round(at * RATE)]).save(desk / f"{at}.jpg", quality=55)
    stills = [f"{at}.jpg" for at in moments]
    done = run_in(desk, "check", *stills, "-a", "desk.db", "--claimed-date", "2024-11-29", "--format", "json")
    results = json.loads(done.stdout)["results"]
    assert [result["path"] for result in results] == stills
    for at, result in zip(moments, results, strict=True):
        sighting = result["matches"][0]["sightings"][0]
        assert seconds(sighting["moment"]) == pytest.approx(at, abs=0.75)
        assert sighting["path"] == f"clip.mp4#t={seconds(sighting['moment']):.3f}"
        assert sighting["captured"]["edtf"] == "2016-12-13"
        told = [f["message"] for f in result["findings"] if f["id"] == "PR101"]
        assert f"frame at {sighting['moment']} of clip.mp4" in told[0]


def test_the_same_video_again_adds_nothing(desk, run_in):
    assert "0 new images, 0 new sightings" in run_in(desk, "add", "clip.mp4", "-a", "desk.db").stderr


def test_a_scene_that_stands_still_is_kept_once_a_stretch(tmp_path, scene, run):
    still = scene(50, *SIZE)
    write_video(tmp_path / "still.mkv", [still] * (3 * RATE))
    assert "1 new images" in run("add", "still.mkv", "-a", "desk.db").stderr


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("broken.mp4", b"\0\0\0\x18ftypmp42" + b"\0" * 200, "cannot be decoded as a video"),
        ("empty.mov", b"", "cannot be decoded as a video"),
        ("text.webm", b"nothing of the kind", "cannot be decoded as a video"),
    ],
)
def test_what_is_no_video_is_skipped_with_the_reason(tmp_path, run, name, content, reason):
    (tmp_path / name).write_bytes(content)
    done = run("add", name, "-a", "desk.db")
    assert done.returncode == 3
    assert f"Skipped {name}: " in done.stderr
    assert reason in done.stderr


def test_a_playlist_that_calls_itself_a_video_opens_no_other_file(tmp_path, run, shots):
    write_video(tmp_path / "secret.ts", shots[:RATE], codec="mpeg2video")
    (tmp_path / "clip.mp4").write_text(
        "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nsecret.ts\n#EXT-X-ENDLIST\n"
    )
    done = run("add", "clip.mp4", "-a", "desk.db")
    assert done.returncode == 3
    assert "cannot be decoded as a video" in done.stderr
    assert "0 new images" in done.stderr


def test_a_video_cut_short_keeps_what_could_be_read(tmp_path, shots, run):
    write_video(tmp_path / "whole.mkv", shots[: 6 * RATE])
    content = (tmp_path / "whole.mkv").read_bytes()
    (tmp_path / "short.mkv").write_bytes(content[: len(content) * 2 // 3])
    done = run("add", "short.mkv", "-a", "desk.db")
    assert " 0 new images" not in done.stderr
    assert "new images" in done.stderr


def test_without_the_extra_the_error_says_what_to_install(tmp_path, run):
    (tmp_path / "av.py").write_text("raise ImportError('not here')")
    (tmp_path / "clip.mp4").write_bytes(b"\0" * 100)
    done = run("add", "clip.mp4", "-a", "desk.db", env={**os.environ, "PYTHONPATH": hiding(tmp_path)})
    assert done.returncode == 3
    assert "pip install 'provenance[video]'" in done.stderr


def hiding(folder):
    """Return a module path on which `folder` comes first."""
    return os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")]))


def test_a_pan_is_followed_closely_enough(shots, tmp_path):
    from provenance.photo.video import Stretch, key_frames

    write_video(tmp_path / "clip.mp4", shots[: 3 * RATE])
    found = key_frames(Stretch(tmp_path / "clip.mp4", 0, 20))
    moments = [frame.seconds for frame in found.frames]
    assert moments == sorted(moments)
    assert np.diff([*moments, 3.0]).max() < 1
    with Image.open(io.BytesIO(found.frames[0].content)) as first:
        assert first.size == SIZE
