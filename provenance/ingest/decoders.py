"""Compressed bytes -> plain ones, piece by piece: never more than `PIECE` bytes at once, whatever a bomb unfolds to."""

from __future__ import annotations

import importlib
import sys
import zlib
from typing import TYPE_CHECKING, Any, Protocol, cast

from provenance.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

PIECE = 1 << 16
"""Bytes read, and given, at once."""

MOST_WINDOW = 27
"""Binary logarithm of the bytes that a zstd frame may ask to remember: what the reference decoder itself allows."""

_ZLIB, _GZIP, _RAW = zlib.MAX_WBITS, 16 + zlib.MAX_WBITS, -zlib.MAX_WBITS


class Unusable(Exception):  # noqa: N818 - it says what the bytes are
    """Bytes that cannot be used; what follows them can still be read. The message is a reason for `Skipped`."""


class Decoder(Protocol):
    """What `zlib`, `zstd` and `brotli` have in common, in the words of Python's own decompressors."""

    @property
    def eof(self) -> bool:
        """Whether the compressed data have ended."""

    @property
    def needs_input(self) -> bool:
        """Whether there is nothing to give before more is fed."""

    @property
    def unused_data(self) -> bytes:
        """What was fed beyond the end."""

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Return at most `max_length` bytes of what was fed so far."""


class _Zlib:
    def __init__(self, window_bits: int) -> None:
        self._zlib = zlib.decompressobj(window_bits)

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def needs_input(self) -> bool:
        return not self._zlib.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._zlib.decompress(self._zlib.unconsumed_tail + data, max_length)


class _Brotli:
    unused_data = b""

    def __init__(self) -> None:
        self._brotli = _installed("brotli", "brotli").Decompressor()

    @property
    def eof(self) -> bool:
        return bool(self._brotli.is_finished())

    @property
    def needs_input(self) -> bool:
        return bool(self._brotli.can_accept_more_data())

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return bytes(self._brotli.process(data, output_buffer_limit=max_length))


def gzip_decoder() -> Decoder:
    """Return a decoder of one gzip member."""
    return _Zlib(_GZIP)


def zstd_decoder(dictionary: bytes = b"") -> Decoder:
    """Return a decoder of one Zstandard frame.

    Raises:
        UsageError: the library is not installed.
        Unusable: the dictionary is none.
    """
    zstd = _installed("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd", "zstd")
    options = {zstd.DecompressionParameter.window_log_max: MOST_WINDOW}
    try:
        held = zstd.ZstdDict(dictionary) if dictionary else None
        return cast("Decoder", zstd.ZstdDecompressor(held, options))
    except (ValueError, zstd.ZstdError) as error:
        raise Unusable(f"its compression dictionary cannot be used: {error}") from error


def _deflate(head: bytes) -> Decoder:
    """HTTP means zlib's format by "deflate"; some servers send bare deflate data."""
    wrapped = len(head) > 1 and head[0] & 15 == zlib.DEFLATED and int.from_bytes(head[:2], "big") % 31 == 0
    return _Zlib(_ZLIB if wrapped else _RAW)


CONTENT_ENCODINGS: dict[str, Callable[[bytes], Decoder]] = {
    "gzip": lambda _: gzip_decoder(),
    "x-gzip": lambda _: gzip_decoder(),
    "deflate": _deflate,
    "br": lambda _: _Brotli(),
    "zstd": lambda _: zstd_decoder(),
}
"""HTTP's names of them -> what makes a decoder, given how the body begins."""


def inflated(pieces: Iterable[bytes], decoder: Decoder) -> Iterator[bytes]:
    """Yield what `pieces` hold, up to the end of the compressed data, in pieces of at most `PIECE` bytes.

    Raises:
        Unusable: the data is damaged, or ends early.
    """
    for piece in pieces:
        data = piece
        while not decoder.eof:
            try:
                plain = decoder.decompress(data, PIECE)
            except Exception as error:  # each library has errors of its own, without a common base
                raise Unusable(f"its compressed bytes are damaged ({error})") from error
            if plain:
                yield plain
            if decoder.needs_input and len(plain) < PIECE:
                break
            data = b""
        if decoder.eof:
            return
    raise Unusable("its compressed bytes end early")


def _installed(module: str, what: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise UsageError(
            f"What is compressed with {what} cannot be read: {module} is not installed.",
            "Install it with `pip install 'provenance[web]'`, and add the archive again.",
        ) from error
