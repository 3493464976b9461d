"""Small pictures in the terminal: where it says that it can show them, and nowhere else."""

from __future__ import annotations

import base64
import io
import os
import pty
import re
import subprocess
import sys

import pytest
from PIL import Image

from provenance.cli.inline_pictures import CHUNK, Protocol, drawn, protocol


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"TERM": "xterm-kitty"}, Protocol.KITTY),
        ({"TERM": "xterm-256color", "KITTY_WINDOW_ID": "1"}, Protocol.KITTY),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, Protocol.KITTY),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, Protocol.ITERM),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, None),
        ({"TERM": "tmux-256color", "KITTY_WINDOW_ID": "1"}, None),
        ({"TERM": "xterm-kitty", "TMUX": "/tmp/tmux"}, None),
        ({"TERM": "dumb"}, None),
        ({}, None),
    ],
)
def test_a_terminal_shows_pictures_only_if_it_says_so(environment, expected):
    assert protocol(environment) is expected


def kitty_payload(text):
    chunks = re.findall(r"\x1b_G([^;]*);([^\x1b]*)\x1b\\", text)
    return chunks, base64.b64decode("".join(data for _, data in chunks))


@pytest.mark.parametrize("size", [0, 10, CHUNK, 3 * CHUNK + 1])
def test_kitty_gets_the_whole_picture_in_chunks_of_which_the_last_says_so(size):
    png = os.urandom(size) or b"x"
    chunks, sent = kitty_payload(drawn(png, Protocol.KITTY))
    assert sent == png
    assert all(len(data) <= CHUNK for _, data in chunks)
    assert [keys.rsplit("m=", 1)[1] for keys, _ in chunks] == ["1"] * (len(chunks) - 1) + ["0"]
    assert "a=T,f=100" in chunks[0][0]


def test_iterm_gets_the_whole_picture_at_once():
    told = drawn(b"picture", Protocol.ITERM)
    assert base64.b64decode(told.split(":", 1)[1].rstrip("\x07\n")) == b"picture"


def on_a_terminal(tmp_path, *arguments, **variables):
    """Run the program with a terminal as its standard output, and return what it wrote there."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "120", **variables}
    for name in ("TMUX", "KITTY_WINDOW_ID", "KONSOLE_VERSION", "TERM_PROGRAM"):
        if name not in variables:
            environment.pop(name, None)
    child = subprocess.Popen(
        [sys.executable, "-m", "provenance", *arguments],
        cwd=tmp_path, stdout=theirs, stderr=subprocess.DEVNULL, env=environment,
    )  # fmt: skip
    os.close(theirs)
    written = bytearray()
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # Linux says so at the end
            break
        if not part:
            break
        written += part
    os.close(ours)
    assert child.wait() in {0, 1}
    return written.decode()


@pytest.fixture(scope="module")
def desk(tmp_path_factory, scene, run_in):
    folder = tmp_path_factory.mktemp("desk")
    scene(1).save(folder / "old.jpg", quality=92)
    scene(1).resize((480, 360)).save(folder / "viral.jpg", quality=60)
    run_in(folder, "add", "old.jpg", "-a", "desk.db")
    return folder


def test_a_photo_and_its_match_stand_before_what_is_said_of_them(desk):
    told = on_a_terminal(desk, "check", "viral.jpg", "-a", "desk.db", TERM="xterm-kitty")
    _, png = kitty_payload(told)
    with Image.open(io.BytesIO(png)) as strip:
        assert strip.size == (320 + 12 + 320, 240)
    assert told.index("\x1b_G") < told.index("FLAGGED")


def test_other_terminals_and_files_get_none(desk, run_in):
    assert "\x1b_G" not in on_a_terminal(desk, "check", "viral.jpg", "-a", "desk.db")
    piped = run_in(desk, "check", "viral.jpg", "-a", "desk.db", env={**os.environ, "TERM": "xterm-kitty"})
    assert "\x1b" not in piped.stdout
