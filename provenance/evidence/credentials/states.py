"""From the library's codes to a state. What is not shown to hold is broken, never trusted.

The library follows the C2PA specification 2.4 (chapter 15, "Validation"): `signingCredential.untrusted` alone leaves a
manifest valid. Every other failure code makes it invalid, that of an expired certificate without a time stamp too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from provenance.evidence.credentials.values import listed, mapping, text
from provenance.model import CredentialState

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_CODES = 20
"""Failure codes that are told; the standard has about sixty."""

_UNTRUSTED = "signingCredential.untrusted"
_TRUSTED = "signingCredential.trusted"
_TIME_TRUSTED = "timeStamp.trusted"
_VALIDATED = "claimSignature.validated"


def judged(store: dict[str, Any]) -> tuple[CredentialState, tuple[str, ...]]:
    """Return what the validation of a store came to, and its failure codes, each once."""
    results = mapping(store.get("validation_results"))
    active = mapping(results.get("activeManifest"))
    passed = set(_codes(active, "success"))
    failed = dict.fromkeys([*_codes(active, "failure"), *_ingredient_failures(results)])
    codes = tuple(failed)[:MOST_CODES]
    said = store.get("validation_state")
    if failed.keys() - {_UNTRUSTED} or _VALIDATED not in passed or said not in {"Valid", "Trusted"}:
        return CredentialState.BROKEN, codes
    if said == "Trusted" and _TRUSTED in passed and _UNTRUSTED not in _codes(active, "failure"):
        return CredentialState.TRUSTED, codes
    return CredentialState.UNTRUSTED, codes


def time_is_trusted(store: dict[str, Any]) -> bool:
    """Return whether the time of the active manifest's signature was stamped by an authority on the trust list."""
    active = mapping(mapping(store.get("validation_results")).get("activeManifest"))
    return _TIME_TRUSTED in _codes(active, "success")


def failures(results: object) -> tuple[str, ...]:
    """Return the failure codes, but for an untrusted signer, in one manifest's validation results."""
    active = mapping(mapping(results).get("activeManifest"))
    return tuple(code for code in dict.fromkeys(_codes(active, "failure")) if code != _UNTRUSTED)


def _ingredient_failures(results: dict[str, Any]) -> Iterator[str]:
    """Yield what fails of the ingredients now and did not when they were put in."""
    for delta in listed(results.get("ingredientDeltas")):
        yield from _codes(mapping(mapping(delta).get("validationDeltas")), "failure")


def _codes(results: dict[str, Any], kind: str) -> list[str]:
    return [text(mapping(status).get("code")) for status in listed(results.get(kind))]
