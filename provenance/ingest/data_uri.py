"""Pictures inside `data:` URIs (RFC 2397)."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode

MOST_BYTES = 64 * 2**20
"""Of a picture in a URI, which is in memory while it waits to be examined."""
_HEAD = re.compile(r"data:(?:image/[\w.+-]{1,40})?(?:;[\w.=+-]{1,80}){0,4};base64,", re.ASCII | re.IGNORECASE)


def data_uri_bytes(uri: str) -> bytes:
    """Return the bytes of a picture in base64; none where it is something else, damaged or too large."""
    head = _HEAD.match(uri)
    if head is None or len(uri) - head.end() > MOST_BYTES * 4 // 3 + 4:
        return b""
    try:
        return b64decode(uri[head.end() :], validate=True)
    except (ValueError, binascii.Error):
        return b""
