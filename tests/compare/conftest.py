"""Drawn pictures, their features as they are really extracted, and a query put to an archive of such pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from provenance.compare.alignment import Alignment, Shortlisted
from provenance.compare.kinds import match_of
from provenance.compare.local import alignments
from provenance.fingerprint.local import QUERY_SIDE, local_code, query_features
from provenance.fingerprint.local_code import decode_local
from provenance.fingerprint.sift import grey
from provenance.fingerprint.variants import as_variant
from provenance.model import LocalFeatures, Match, Photo, QueryFeatures, Reference, Variant
from provenance.photo.preview import grey_preview, preview

AS_IT_IS = Variant(mirrored=False, inverted=False)

Draw = Callable[..., Image.Image]
Features = Callable[[Image.Image], LocalFeatures]
Align = Callable[..., list[Alignment]]
FindMatch = Callable[..., Match]


def _drawn(seed: int, width: int = 480, height: int = 360) -> Image.Image:
    """Draw noise of several octaves, and shapes over it: something of every size, as photos have it."""
    number = np.random.default_rng(seed)
    layers = np.zeros((height, width, 3))
    for octave in (3, 6, 12, 24, 48, 96):
        noise = number.integers(0, 256, (octave * height // width + 1, octave, 3), np.uint8)
        layer = Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC)
        layers += (np.asarray(layer) - 127.5) / octave**0.5
    picture = Image.fromarray((layers * 0.6 + 127.5).clip(0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    for _ in range(50):
        x, y = int(number.integers(width)), int(number.integers(height))
        w, h = (int(side) for side in number.integers(6, max(9, width // 8), 2))
        tone = tuple(int(value) for value in number.integers(20, 236, 3))
        shape = (draw.rectangle, draw.ellipse)[int(number.integers(2))]
        shape((x, y, x + w, y + h), fill=tone)
    return picture


def _photo(picture: Image.Image) -> Photo:
    return Photo("PNG", *picture.size, 1, (np.asarray(picture.convert("RGB")),))


@cache
def _archived(size: tuple[int, int], content: bytes) -> tuple[bytes, bytes]:
    """Return what an archive keeps of a picture; many tests ask for that of the same few."""
    photo = _photo(Image.frombytes("RGB", size, content))
    return local_code(photo).features, preview(photo)


@cache
def _checked(size: tuple[int, int], content: bytes) -> QueryFeatures:
    return query_features(_photo(Image.frombytes("RGB", size, content)))


def _shortlisted(number: int, picture: Image.Image, variant: Variant) -> Shortlisted:
    features, small = _archived(picture.size, picture.tobytes())
    return Shortlisted(number, variant, decode_local(features), lambda: grey_preview(small))


def _aligned(
    query: Image.Image, references: Sequence[Image.Image], variants: Sequence[Variant] = (AS_IT_IS,)
) -> list[Alignment]:
    """Return what `alignments` finds; references are numbered from 0."""
    features = _checked(query.size, query.tobytes())
    return alignments(
        {variant: as_variant(features, variant) for variant in variants},
        grey(np.asarray(query), QUERY_SIDE),
        [_shortlisted(i, each, variant) for i, each in enumerate(references) for variant in variants],
    )


def _matched(query: Image.Image, reference: Image.Image, variants: Sequence[Variant] = (AS_IT_IS,)) -> Match:
    """Return the one match of two pictures, in an archive of one image."""
    (alignment,) = _aligned(query, [reference], variants)
    held = Reference(0, "old.png", "a" * 64, *reference.size)
    return match_of(alignment, held, query.size, images=1)


def _grey(picture: Image.Image) -> NDArray[np.uint8]:
    return np.asarray(picture.convert("L"))


@pytest.fixture(scope="session")
def drawn() -> Draw:
    return _drawn


@pytest.fixture(scope="session")
def grey_drawn() -> Callable[..., NDArray[np.uint8]]:
    """Return the maker of pictures in grey, by seed, width and height."""
    return lambda *arguments: _grey(_drawn(*arguments))


@pytest.fixture(scope="session")
def as_archived() -> Features:
    return lambda picture: decode_local(local_code(_photo(picture)).features)


@pytest.fixture(scope="session")
def as_checked() -> Features:
    return lambda picture: as_variant(query_features(_photo(picture)), AS_IT_IS)


@pytest.fixture(scope="session")
def align() -> Align:
    return _aligned


@pytest.fixture(scope="session")
def match() -> FindMatch:
    return _matched
