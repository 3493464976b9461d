"""Train the codebook of local features: which centroids, axes and medians descriptors are rounded to.

    python tests/benchmarks/train_codebook.py PHOTO... --output provenance/fingerprint/codebook-1.npz --seed 1

Another codebook is another version: raise `VERSION` in provenance/fingerprint/codebook.py, or archives hold codes
that no longer compare. The order of the photos does not matter, and one that comes twice counts once; the same
seed on the same machine, with the same numpy, OpenCV and faiss, writes the same bytes.

The one in this package was trained with seed 1 on 36 photos that anyone may fetch and reuse; none is part of it,
and none is in any battery we measure on:

- the Debian packages lomiri-wallpapers-16.04 and -20.04 (20.04.0-2): 18 photos of usr/share/backgrounds, under CC
  BY 4.0, CC BY-SA 3.0 and 4.0, and CC0, as usr/share/doc/*/copyright says of each; not analogpattern
- plasma-workspace-wallpapers (5.27.5-2): the largest picture of Autumn, BytheWater, ColdRipple, ColorfulCups,
  EveningGlow and FallenLeaf, under LGPL 3, as their metadata.json say
- scikit-image's skimage/data: astronaut, brick, camera, chelsea, coffee, coins, grass, gravel, rocket and text; the
  docstrings of skimage.data say of each that it is CC0, public domain or without known restrictions
- scikit-learn's sklearn/datasets/images: china.jpg and flower.jpg, under CC BY
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import faiss
import numpy as np

from provenance.fingerprint.codebook import CENTROIDS, HALVES, PIECE_CENTROIDS, PIECES, SIGNATURE_BITS
from provenance.fingerprint.local_code import REFERENCE_FEATURES, REFERENCE_SIDE
from provenance.fingerprint.sift import keypoints
from provenance.fingerprint.variants import root_sift
from provenance.model import Variant
from provenance.photo.decode import decode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

SIZES = (
    (280, 400),
    (REFERENCE_SIDE, 2 * REFERENCE_FEATURES),
    (570, 1200),
    (800, 2000),
    (1130, 3000),
    (1600, 4000),
)
"""The longer side in pixels, and how many of the strongest features: what is near in one is far in another."""

AS_IT_IS = Variant(mirrored=False, inverted=False)
ROUNDS = 40
LARGEST = 255


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", type=Path, nargs="+", metavar="PHOTO")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--seed", type=int, required=True)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    faiss.omp_set_num_threads(1)
    print(f"machine: {platform.machine()}, {os.cpu_count()} threads, {platform.system()}")
    print(f"numpy {np.__version__}, OpenCV {cv2.__version__}, faiss {faiss.__version__}; seed {options.seed}")
    descriptors = collected(options.photos)
    np.savez(options.output, **trained(descriptors, options.seed))
    print(f"{options.output}: {options.output.stat().st_size:,} bytes from {len(descriptors):,} descriptors")


def collected(photos: Iterable[Path]) -> NDArray[np.float32]:
    """Return the descriptors of all photos at all sizes that they have, float32 (n, 128) of unit length."""
    contents = {hashlib.sha256(data).digest(): data for data in (path.read_bytes() for path in photos)}
    found = []
    for _, data in sorted(contents.items()):
        pixels = decode(data, full=True).frames[0]
        for side, most in SIZES:
            if side <= max(pixels.shape) or side == SIZES[0][0]:
                found.append(keypoints(pixels, side, most).descriptors)
    print(f"{len(contents)} photos, {len(found)} pictures at {len(SIZES)} sizes")
    return root_sift(np.concatenate(found), AS_IT_IS)


def trained(descriptors: NDArray[np.float32], seed: int) -> dict[str, NDArray[np.generic]]:
    """Return what the file holds, by name."""
    axes = principal_axes(descriptors)
    halves = [centroids(part, CENTROIDS, seed) for part in np.split(descriptors, HALVES, axis=1)]
    pieces = [centroids(part, PIECE_CENTROIDS, seed) for part in np.split(descriptors, PIECES, axis=1)]
    return {
        **stepped("halves", np.stack(halves)),
        **stepped("pieces", np.stack(pieces)),
        "axes": axes,
        "medians": np.median(descriptors @ axes.T.astype(np.float32), axis=0).astype(np.float32),
    }


def principal_axes(descriptors: NDArray[np.float32]) -> NDArray[np.float16]:
    """Return the directions (32, 128) of most variance, the most first, each with its largest value positive."""
    _, axes = np.linalg.eigh(np.cov(descriptors.T, dtype=np.float64))
    axes = axes.T[::-1][:SIGNATURE_BITS]
    largest = np.take_along_axis(axes, np.abs(axes).argmax(axis=1)[:, np.newaxis], axis=1)
    return (axes * np.sign(largest)).astype(np.float16)


def centroids(vectors: NDArray[np.float32], count: int, seed: int) -> NDArray[np.float32]:
    kmeans = faiss.Kmeans(vectors.shape[1], count, niter=ROUNDS, seed=seed, max_points_per_centroid=2000)
    kmeans.train(np.ascontiguousarray(vectors))
    return kmeans.centroids


def stepped(name: str, tables: NDArray[np.float32]) -> dict[str, NDArray[np.generic]]:
    """Return `tables`, whose values are 0 or more, as uint8 and the step from one to the next, a table each."""
    step = (tables.max(axis=(1, 2), keepdims=True) / LARGEST).astype(np.float32)
    return {name: np.rint(tables / step).astype(np.uint8), f"{name}_step": step}


if __name__ == "__main__":
    main()
