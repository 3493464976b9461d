"""Bytes to `Photo`. Decoders are not safe from crashes and hangs: see `photo.pool`.

Pillow keeps some settings, and Python all warning filters, for the whole process: decode in one thread
at a time.
"""

from __future__ import annotations

import logging
import struct
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from provenance.errors import PhotoError
from provenance.model import Photo
from provenance.photo.colour import to_srgb
from provenance.photo.formats import identify, open_picture
from provenance.photo.limits import DEFAULT, Limits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from PIL.ImageFile import ImageFile

# Decoders log what hostile files make them say; without a handler it would reach the terminal.
logging.getLogger("PIL").addHandler(logging.NullHandler())

_ORIENTATION = 0x0112
"""The EXIF tag; `PIL.ExifTags`, which names it, takes 5 ms to import."""

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = 5
"""EXIF orientations from here on swap width and height."""

_SINGLE = {"JPEG", "HEIF"}
"""Their files may hold further pictures (the other eye, a burst); only the one that viewers show counts."""

_JPEG_SCALES = (8, 4, 2)
_END_WORDS = (
    "truncat",
    "end of file",
    "end-of-file",
    "unexpected end",
    "buffer is not large enough",
    "cannot read full",
)
_MAX_DETAIL = 120


def decode(data: bytes, limits: Limits = DEFAULT, *, full: bool = False) -> Photo:
    """Decode the content of a JPEG, PNG, WebP, AVIF, HEIF, GIF, TIFF or BMP file, told apart by content only.

    Frames are read-only uint8 arrays of shape (height, width, 3): sRGB on white, upright as EXIF or the
    container says. Unless `full`, a picture whose longer side is at least twice `limits.working_side` is
    reduced by a whole factor, so that this side ends between once and twice the working side and later stages
    cost the same whatever the camera; JPEG does so while decoding, at a tenth of the cost. `width` and
    `height` stay those of the file.

    An animation or a file of several pages gives from half of `limits.frames` up to that many (all, if there
    are fewer), evenly spread, the first included. Only the first `walked_frames` frames and `walked_pixels`
    pixels are looked at: `frame_count` counts those, and what comes after them is left out. Of a JPEG or HEIF
    file with several pictures only the main one is decoded.

    Raises:
        PhotoError: for any other bytes, and for whatever exceeds `limits`; nothing else is raised.
    """
    if not data:
        raise PhotoError("0 bytes", "fetch the file again")
    if len(data) > limits.bytes:
        raise PhotoError(
            f"{len(data):,} bytes is more than the limit of {limits.bytes:,}", "make it smaller first"
        )
    name = identify(data)
    with _plain_errors(name, limits), open_picture(data, name) as picture:
        return _photo(picture, name, limits, full=full)


def _photo(picture: ImageFile, name: str, limits: Limits, *, full: bool) -> Photo:
    """Sample the frames in one forward pass, without trusting the number of frames that the file states.

    Every frame is kept until there are too many; then every second one is dropped and the stride doubles.
    """
    kept: list[tuple[NDArray[np.uint8], tuple[int, int]]] = []
    stride, count = 1, 0
    for index in _walk(picture, limits, only_first=name in _SINGLE):
        count = index + 1
        if index % stride == 0:
            kept.append(_frame(picture, limits, full=full))
        if len(kept) > limits.frames:
            kept, stride = kept[::2], stride * 2
    width, height = kept[0][1]
    frames = tuple(frame for frame, _ in kept)
    return Photo(name, width, height, count, frames, quantisation=_quantisation(picture))


def _quantisation(picture: ImageFile) -> tuple[tuple[int, ...], ...]:
    tables: dict[int, list[int]] = getattr(picture, "quantization", None) or {}
    return tuple(tuple(tables[number]) for number in sorted(tables))


def _walk(picture: ImageFile, limits: Limits, *, only_first: bool) -> Iterator[int]:
    """Stand on each frame in turn, within the limits."""
    pixels = 0
    for index in range(1 if only_first else max(1, limits.walked_frames)):
        if index:
            try:
                picture.seek(index)
            except EOFError:
                return
        _check_size(picture.size, limits)
        pixels += picture.width * picture.height
        if index and pixels > limits.walked_pixels:
            return
        yield index


def _frame(picture: ImageFile, limits: Limits, *, full: bool) -> tuple[NDArray[np.uint8], tuple[int, int]]:
    """Decode the frame stood on; return it and the (width, height) that it has in the file, both upright."""
    size = picture.size
    if not full and picture.format == "JPEG":
        # Only JPEG: others would give an embedded thumbnail, which need not show the same picture.
        picture.draft(None, _draft_size(size, limits.working_side))
    drafted = picture.size
    picture.load()
    if picture.size != drafted:
        # libheif and libtiff may learn the true size only now.
        size = picture.size
        _check_size(size, limits)
    factor = 1 if full else max(1, max(picture.size) // limits.working_side)
    orientation = _orientation(picture)
    upright = to_srgb(picture, factor)
    if orientation in _TURNS:
        upright = upright.transpose(_TURNS[orientation])
    return np.asarray(upright), size[::-1] if orientation >= _SIDEWAYS else size


def _draft_size(size: tuple[int, int], working_side: int) -> tuple[int, int]:
    """Return the size to ask the JPEG decoder for, so that the longer side stays at least `working_side`.

    Pillow takes the largest scale at which *both* sides stay at least as long as asked.
    """
    scale = next((s for s in _JPEG_SCALES if max(size) // s >= working_side), 1)
    return max(1, size[0] // scale), max(1, size[1] // scale)


def _orientation(picture: Image.Image) -> int:
    """Return the EXIF orientation, 1 to 8; broken metadata, no reason to refuse a photo, counts as 1."""
    try:
        orientation = picture.getexif().get(_ORIENTATION, 1)
    except Exception:  # the parser raises whatever hostile bytes make it raise
        return 1
    return orientation if orientation in _TURNS else 1


def _check_size(size: tuple[int, int], limits: Limits) -> None:
    width, height = size
    if max(size) <= limits.side and width * height <= limits.pixels:
        return
    raise PhotoError(
        f"{width} x {height} pixels is more than the limit of {limits.pixels:,} ({limits.side:,} a side)",
        "it is a decompression bomb, or a picture that must be made smaller first",
    )


@contextmanager
def _plain_errors(name: str, limits: Limits) -> Iterator[None]:
    """Turn whatever a decoder raises into a `PhotoError`, and let it warn of nothing but bombs."""
    allowed = Image.MAX_IMAGE_PIXELS
    Image.MAX_IMAGE_PIXELS = limits.pixels
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except PhotoError:
        raise
    except MemoryError as error:
        raise PhotoError(f"decoding it {limits.out_of_memory}", "make it smaller first") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PhotoError(
            f"it has more than {limits.pixels:,} pixels: a decompression bomb", "make it smaller first"
        ) from error
    except Exception as error:
        raise _damaged(name, error) from error
    finally:
        Image.MAX_IMAGE_PIXELS = allowed


def _damaged(name: str, error: Exception) -> PhotoError:
    detail = "".join(c if c.isprintable() else " " for c in str(error))[:_MAX_DETAIL].strip()
    at_end = isinstance(error, EOFError) or isinstance(error.__cause__, EOFError | struct.error)
    if at_end or any(word in detail.lower() for word in _END_WORDS):
        return PhotoError(f"truncated {name}: the file ends before the picture does", "fetch the file again")
    return PhotoError(f"damaged {name}: {detail or 'its content makes no sense'}", "fetch the file again")
