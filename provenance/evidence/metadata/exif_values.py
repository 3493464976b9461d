"""Values of EXIF tags in one form, whichever reader gave them, and that form in words."""

from __future__ import annotations

from fractions import Fraction
from math import isfinite
from typing import TYPE_CHECKING

from provenance.evidence.metadata.exif_tags import Shape, Tag
from provenance.evidence.metadata.texts import decoded, utf16

if TYPE_CHECKING:
    from collections.abc import Sequence

Number = Fraction | float | str
"""A ratio over zero is the text "n/0"."""
Value = bytes | tuple[Number, ...]
"""Texts and undefined bytes as they stand; everything else as numbers."""

_MOST_NUMBERS = 32
_MOST_TEXT = 1 << 14
_SIGNIFICANT = 6
_CODES = {b"ASCII\0\0\0": "ascii", b"UNICODE\0": "wide", b"JIS\0\0\0\0\0": "jis", b"\0" * 8: "ascii"}


def ratio(numerator: int, denominator: int) -> Number:
    """Return the reduced ratio, or `n/0` as it stands."""
    return Fraction(numerator, denominator) if denominator else f"{numerator}/0"


def in_words(value: Value, tag: Tag, order: str) -> str:
    """Return a value as it is told; empty where nothing is in it. `order` is the block's: "little" or "big"."""
    if isinstance(value, bytes):
        return _bytes_in_words(value[:_MOST_TEXT], tag, order)
    # single bytes that should be text are text; numbers elsewhere are what a damaged or wrong type made of it
    numbers = value[:_MOST_NUMBERS]
    if tag.shape in {Shape.DEGREES, Shape.CLOCK} and len(numbers) == 3:  # noqa: PLR2004
        texts = [plain(number) for number in numbers]
        if tag.shape is Shape.CLOCK:
            return ":".join(text.zfill(2) if text.isdigit() else _padded(text) for text in texts)
        return f"{texts[0]}\N{DEGREE SIGN} {texts[1]}' {texts[2]}\""
    return _numbers_in_words(numbers, tag)


def plain(number: Number) -> str:
    """Return a number with at most six digits behind the point."""
    if isinstance(number, str):
        return number
    if isinstance(number, Fraction) and number.denominator == 1:
        return str(number.numerator)
    if not isfinite(float(number)):
        return str(float(number))
    return f"{float(number):.{_SIGNIFICANT}f}".rstrip("0").rstrip(".")


def _padded(text: str) -> str:
    whole, point, rest = text.partition(".")
    return whole.zfill(2) + point + rest


def _numbers_in_words(numbers: Sequence[Number], tag: Tag) -> str:
    if tag.shape is Shape.EXPOSURE:
        texts = [_exposure(number) for number in numbers]
    else:
        texts = [plain(number) for number in numbers]
    text = ", ".join(texts)
    if len(numbers) == 1 and texts[0].isdigit() and len(texts[0]) < 6 and int(texts[0]) in tag.meanings:  # noqa: PLR2004
        return f"{text} ({tag.meanings[int(texts[0])]})"
    return f"{text} {tag.unit}" if text and tag.unit and "/0" not in text else text


def _exposure(number: Number) -> str:
    if isinstance(number, Fraction) and 0 < number < Fraction(1, 4):
        return f"1/{plain(1 / number)}"
    return plain(number)


def _bytes_in_words(value: bytes, tag: Tag, order: str) -> str:
    if tag.shape is Shape.WIDE:
        return utf16(value, "little").strip()
    if tag.shape is Shape.COMMENT:
        return _comment(value, order)
    if tag.shape is Shape.DOTTED:
        return ".".join(map(str, value[:_MOST_NUMBERS]))
    if tag.shape in {Shape.NUMBERS, Shape.EXPOSURE} and len(value) <= 4:  # noqa: PLR2004 - a number in another type
        text = decoded(value).strip()
        return (
            text
            if any(character.isascii() and character.isalnum() for character in text)
            else _numbers_in_words([Fraction(byte) for byte in value], tag)
        )
    return decoded(value).strip()


def _comment(value: bytes, order: str) -> str:
    code = _CODES.get(value[:8])
    if code is None:
        return decoded(value).strip()
    text = value[8:]
    if code == "wide":
        # writers do not agree on the order: what has its zeros in the even places is big-endian
        if text[:2] not in {b"\xff\xfe", b"\xfe\xff"} and (evens := text[::2].count(0)) != (
            odds := text[1::2].count(0)
        ):
            order = "big" if evens > odds else "little"
        return utf16(text, order).strip()
    if code == "jis":
        return text.decode("iso2022_jp", "replace").split("\0", 1)[0].strip()
    return decoded(text).strip()
