from __future__ import annotations

import subprocess
import sys

import pytest

import provenance.photo

HEAVY = {"numpy", "PIL", "pi_heif"}


def _imported(code: str) -> set[str]:
    """Return the top-level packages and Pillow modules in memory after `code`."""
    listing = "\nimport sys; print(*sys.modules)"
    return set(
        subprocess.run(
            [sys.executable, "-c", code + listing], capture_output=True, text=True, check=True
        ).stdout.split()
    )


def test_the_process_that_owns_the_children_loads_no_decoder():
    assert not _imported("import provenance.photo.pool, provenance.photo.limits") & HEAVY


def test_decoding_a_jpeg_loads_no_other_format(picture, encode, tmp_path):
    file = tmp_path / "photo.jpg"
    file.write_bytes(encode(picture, "JPEG"))
    code = f"import pathlib, provenance.photo.decode as d; d.decode(pathlib.Path({str(file)!r}).read_bytes())"
    loaded = _imported(code)
    assert "PIL.JpegImagePlugin" in loaded
    assert not loaded & {"pi_heif", "PIL.PngImagePlugin", "PIL.WebPImagePlugin", "PIL.ImageCms"}


@pytest.mark.parametrize("name", ["decode", "limits", "pool", "preview"])
def test_the_room_lists_what_it_offers(name):
    assert name in provenance.photo.__all__
