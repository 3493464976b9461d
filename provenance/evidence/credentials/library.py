"""c2pa-python, and how it is asked: the only place that imports it, and never in the parent process.

Its settings belong to one `Context`, not to the process.
"""

from __future__ import annotations

import importlib
import io
import json
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import ModuleType

    from provenance.evidence.credentials.trust import TrustList

LARGEST_REPORT = 8 << 20
"""Characters of the library's report: those of real files have thousands."""

MEGABYTES_UNPACKED = 8
"""To which a compressed manifest may grow."""

_OFFLINE = {
    "version": 1,
    "core": {
        "allowed_network_hosts": [],
        # identities may be asked for over the network, whatever hosts are allowed
        "decode_identity_assertions": False,
        "max_decompressed_manifest_size_in_mb": MEGABYTES_UNPACKED,
    },
    "verify": {
        "verify_after_reading": True,
        "verify_trust": True,
        "verify_timestamp_trust": True,
        "ocsp_fetch": False,
        "remote_manifest_fetch": False,
    },
}
_NONE = ("ManifestNotFound", "Remote")
"""How its errors begin where a file has no manifest inside: none at all, or one that would have to be fetched."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the library says of a file: its report, or None where it cannot read one; `none` where there is none."""

    store: dict[str, Any] | None
    none: bool = False


def load() -> ModuleType | None:
    """Return the library, None where it is not installed or does not run here."""
    try:
        return importlib.import_module("c2pa")
    except Exception:  # it raises what it likes where its binary does not fit the machine
        return None


def version(c2pa: ModuleType) -> str:
    """Return e.g. "c2pa-python 0.38.1 (c2pa-rs 0.91.3)"."""
    return f"c2pa-python {metadata.version('c2pa-python')} (c2pa-rs {c2pa.sdk_version()})"


def read(c2pa: ModuleType, data: bytes, media_type: str, trust: TrustList) -> Reading:
    """Return the library's report on a file's manifests."""
    with _context(c2pa, trust) as context:
        try:
            with c2pa.Reader(media_type, io.BytesIO(data), context=context) as reader:
                return Reading(_parsed(reader.json()))
        except c2pa.C2paError as error:
            return Reading(None, none=str(error).startswith(_NONE))
        except Exception:  # hostile files make it raise nearly anything
            return Reading(None)


def _context(c2pa: ModuleType, trust: TrustList) -> Any:
    # Only anchors for signers: the library takes those of another kind for signers as well.
    anchors = [{"trust_anchors": trust.anchors, "trust_kind": "manifest"}] if trust.anchors else []
    return c2pa.Context.from_dict(_OFFLINE | {"trust": {"anchors": anchors}})


def _parsed(report: str) -> dict[str, Any] | None:
    if len(report) > LARGEST_REPORT:
        return None
    store = json.loads(report)
    return store if isinstance(store, dict) else None
