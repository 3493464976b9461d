"""Asking a timestamp authority over HTTP (RFC 3161, 3.4): all that this program ever sends, and only when asked to."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from time import monotonic
from typing import TYPE_CHECKING

from provenance.errors import TimestampError, UsageError

if TYPE_CHECKING:
    from http.client import HTTPResponse

SECONDS = 30.0
"""For connecting, for each piece, and for the whole answer."""

LARGEST_ANSWER = 2**20
"""Bytes of an answer. Real ones have some thousands: a signature and a few certificates."""


def asked(url: str, request: bytes) -> bytes:
    """Send a TimeStampReq in DER; return what came back, of which nothing has been checked yet.

    Raises:
        UsageError: the address is none of HTTP.
        TimestampError: the authority cannot be reached, refuses, answers too much or too slowly.
    """
    if not url.lower().startswith(("http://", "https://")):
        raise UsageError(f"{url!r} is no address of HTTP.", "Give the authority's https:// address.")
    headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
    try:
        message = urllib.request.Request(url, request, headers, method="POST")  # noqa: S310 - checked above
        with _opener().open(message, timeout=SECONDS) as answer:
            return _bounded(answer, url)
    except urllib.error.HTTPError as error:
        error.close()
        raise TimestampError(
            f"{url} refused the request: HTTP {error.code} {error.reason}.",
            "Check the address; some authorities want an account, or are only reachable over https.",
        ) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise TimestampError(
            f"{url} did not answer: {reason}.",
            "Check the address and the network, or take --request FILE to a machine that has one.",
        ) from error


def _opener() -> urllib.request.OpenerDirector:
    """Return an opener of HTTP, by the proxy that the environment names, that follows no redirection."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.HTTPDefaultErrorHandler(),
    ):
        opener.add_handler(handler)
    return opener


def _bounded(answer: HTTPResponse, url: str) -> bytes:
    content, end = bytearray(), monotonic() + SECONDS
    while piece := answer.read1(LARGEST_ANSWER):
        content += piece
        if len(content) > LARGEST_ANSWER or monotonic() > end:
            raise TimestampError(
                f"{url} answered with more than a timestamp: over {LARGEST_ANSWER:,} bytes or {SECONDS:.0f} seconds.",
                "Check the address.",
            )
    return bytes(content)
