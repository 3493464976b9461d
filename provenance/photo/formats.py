"""Which format bytes are in, by their content, and how that format is opened."""

from __future__ import annotations

import importlib
import io
from typing import TYPE_CHECKING

from provenance.errors import PhotoError

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL.ImageFile import ImageFile

_PLUGINS = {
    "JPEG": ("PIL.JpegImagePlugin", "JpegImageFile"),
    "PNG": ("PIL.PngImagePlugin", "PngImageFile"),
    "WEBP": ("PIL.WebPImagePlugin", "WebPImageFile"),
    "AVIF": ("PIL.AvifImagePlugin", "AvifImageFile"),
    "HEIF": ("pi_heif.as_plugin", "HeifImageFile"),
    "GIF": ("PIL.GifImagePlugin", "GifImageFile"),
    "TIFF": ("PIL.TiffImagePlugin", "TiffImageFile"),
    "BMP": ("PIL.BmpImagePlugin", "BmpImageFile"),
}
"""Format to module and class. `Image.open` would import five plugins before it looks, so it is not used."""

_ONE_THREAD = {
    "AVIF": ("PIL.AvifImagePlugin", "DEFAULT_MAX_THREADS"),
    "HEIF": ("pi_heif.options", "DECODE_THREADS"),
}
"""These start a thread for each core: on a large machine the stacks alone would exceed a child's memory."""

_PHOTO_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
)

_OTHER_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"8BPS", "a Photoshop document"),
    (b"\x1aE\xdf\xa3", "a Matroska or WebM video"),
    (b"\xff\x0a", "a JPEG XL picture, which cannot be read yet"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL picture, which cannot be read yet"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 picture, which cannot be read yet"),
    (b"\xffO\xffQ", "a JPEG 2000 picture, which cannot be read yet"),
    (b"\0\0\1\0", "an icon"),
    (b"RIFF", "a sound or video"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
)

_BMP_HEADER_SIZES = (12, 40, 52, 56, 64, 108, 124)
_AVIF_BRANDS = {b"avif", b"avis"}
_HEIF_BRANDS = {
    b"heic",
    b"heix",
    b"heim",
    b"heis",
    b"hevc",
    b"hevx",
    b"hevm",
    b"hevs",
    b"mif1",
    b"msf1",
    b"mif2",
}
_BRANDS_END = 256
_REDUCED_PAGE = 1
_NEW_SUBFILE_TYPE = 254


def identify(data: bytes) -> str:
    """Return the format (Pillow's name of it) whose magic bytes `data` begins with.

    Raises:
        PhotoError: it is none that is decoded; the message says what the content is instead.
    """
    for magic, name in _PHOTO_MAGIC:
        if data.startswith(magic):
            return name
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[:2] == b"BM" and int.from_bytes(data[14:18], "little") in _BMP_HEADER_SIZES:
        return "BMP"
    if data[4:8] == b"ftyp":
        return _iso_media(data)
    raise _not_an_image(data)


def open_picture(data: bytes, name: str) -> ImageFile:
    """Open `data` with the one decoder of format `name`. Headers are read, no pixel is decoded.

    Raises:
        PhotoError: a TIFF whose first page is a thumbnail, as in most cameras' raw files.
        Exception: whatever the decoder raises on a broken header.
    """
    if name in _ONE_THREAD:
        module, option = _ONE_THREAD[name]
        setattr(importlib.import_module(module), option, 1)
    if name == "WEBP" and int.from_bytes(data[4:8], "little") + 8 > len(data):
        raise EOFError  # its decoder would not say why it refuses
    module, opener = _PLUGINS[name]
    opened: Callable[[io.BytesIO], ImageFile] = getattr(importlib.import_module(module), opener)
    picture = opened(io.BytesIO(data))
    if name == "TIFF" and _is_thumbnail(picture):
        raise PhotoError(
            "its first page is only a thumbnail: a camera's raw file, or a TIFF that is no single photo",
            "export the photo as JPEG or TIFF",
        )
    return picture


def _is_thumbnail(tiff: ImageFile) -> bool:
    kind = getattr(tiff, "tag_v2", {}).get(_NEW_SUBFILE_TYPE, 0)
    return isinstance(kind, int) and bool(kind & _REDUCED_PAGE)


def _iso_media(data: bytes) -> str:
    """Tell AVIF and HEIF from videos by the brands of the file type box: the major one, then the others."""
    end = min(int.from_bytes(data[:4], "big"), _BRANDS_END)
    major = data[8:12]
    brands = {major, *(data[at : at + 4] for at in range(16, end, 4))}
    if major in _AVIF_BRANDS or (brands & _AVIF_BRANDS and major in {b"mif1", b"msf1"}):
        return "AVIF"
    if brands & _HEIF_BRANDS:
        return "HEIF"
    if brands & _AVIF_BRANDS:
        return "AVIF"
    raise PhotoError("not an image: the content is a video", "add videos as videos, or check a frame of it")


def _not_an_image(data: bytes) -> PhotoError:
    for magic, what in _OTHER_MAGIC:
        if data.startswith(magic):
            return PhotoError(f"not an image: the content is {what}", "export the photo as JPEG or PNG")
    text = _as_text(data)
    if text is None:
        return PhotoError(
            "not an image: the content is of no known picture format", "export the photo as JPEG or PNG"
        )
    if "<svg" in text:
        return PhotoError("not an image: the content is an SVG drawing", "export it as PNG")
    if "<html" in text or "<!doctype" in text:
        return PhotoError(
            "not an image: the content is a web page", "save the photo itself, not the page around it"
        )
    return PhotoError("not an image: the content is text", "check that this is the right file")


def _as_text(data: bytes) -> str | None:
    """Return the beginning of `data` in lower case if it reads as text."""
    head = data[:1024]
    if b"\0" in head:
        return None
    for missing in range(4):
        try:
            return head[: len(head) - missing].decode("utf-8-sig").lower()
        except UnicodeDecodeError:
            continue
    return None
