"""Hostile paths, addresses and texts, made fit for the forms that machines read."""

from __future__ import annotations

import json
import re
from pathlib import PurePath
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from provenance.model.clean import clean


def portable(path: str) -> str:
    """Return a path with slashes, as the services want it: without `./` and, on Windows, without backslashes."""
    return PurePath(path).as_posix()


def web_address(text: str | None) -> str | None:
    """Return a valid http or https URL (RFC 3986), what it must not hold percent-encoded; None if it is none."""
    if not text:
        return None
    try:
        parts = urlsplit(text)
        named = parts.hostname and (parts.port or 1)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not named:
        return None
    host, path, query, fragment = (
        _quoted(part, safe) for part, safe in zip(parts[1:], ("@:", "/@:", "/?@:", "/?@:"), strict=True)
    )
    return urlunsplit((parts.scheme, host, path, query, fragment))


def _quoted(part: str, safe: str) -> str:
    encoded = quote(part.encode("utf-8", "surrogatepass"), safe=f"{safe}%!$&'()*+,;=")
    return re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", encoded)


def json_text(document: Any) -> str:
    """Return plain JSON values as text in which no string can steer a terminal, or is no Unicode."""
    return json.dumps(_harmless(document), ensure_ascii=False, indent=1) + "\n"


def _harmless(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {key: _harmless(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_harmless(part) for part in value]
    return value
