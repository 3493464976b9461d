"""The rules on Content Credentials (C2PA): PR4xx. Pure; ids are stable.

A signature says who signed what, and that nothing changed since. It never says that a picture is true, and a file
without one is as good as any: nearly all files have none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.model import CredentialState, Evidence, Finding, Level

if TYPE_CHECKING:
    from collections.abc import Callable

    from provenance.model import Credentials
    from provenance.verdict.case import Case

INTACT = frozenset({CredentialState.UNTRUSTED, CredentialState.TRUSTED})
"""States in which the signature and the hashes hold: the picture is the one that was declared."""

GENERATED = frozenset({"trainedAlgorithmicMedia", "trainedAlgorithmicData"})
"""Digital source types of what a trained model made (IPTC NewsCodes `digitalsourcetype`; the second is C2PA's own)."""

PARTLY_GENERATED = {
    "compositeWithTrainedAlgorithmicMedia": "partly made, or edited, by a trained model",
    "compositeSynthetic": "made of several parts, at least one of them synthetic",
}
"""Digital source types of pictures with synthetic parts, in words."""

NOT_CAPTURED = {
    "algorithmicMedia": "made by an algorithm",
    "dataDrivenMedia": "drawn from data",
    "digitalArt": "drawn by a person with software",
    "digitalCreation": "drawn by a person with software",
    "softwareImage": "drawn by a person with software",
    "virtualRecording": "recorded in a virtual scene",
    "screenCapture": "a picture of a screen",
}
"""Digital source types of what no camera took of a scene, in words ("digitalArt", "softwareImage": older names)."""

COMPOSED = {
    "composite": "made of several parts",
    "compositeCapture": "made of several captures",
    "algorithmicallyEnhanced": "enhanced by an algorithm",
}
"""Digital source types of pictures that were put together or worked over, in words."""

_UNTRUSTED = "signingCredential.untrusted"
_REASONS = (
    (
        ("assertion.dataHash.mismatch", "assertion.bmffHash.mismatch", "assertion.boxesHash.mismatch"),
        "the picture was changed after signing",
    ),
    (
        ("claimSignature.mismatch", "assertion.hashedURI.mismatch", "assertion.missing"),
        "the manifest was changed after signing, or the signature is not the signer's",
    ),
    (("signingCredential.ocsp.revoked", "signingCredential.revoked"), "the signer's certificate was revoked"),
    (
        ("signingCredential.expired", "claimSignature.outsideValidity"),
        "the signer's certificate had expired, and no time stamp that can be trusted shows that the signature is older",
    ),
    (("general.error",), "the manifest cannot be read"),
)
"""Failure codes of the standard (C2PA specification 2.4, 15.2.2) in words, the gravest first."""
_OTHER_REASON = "the manifest is not as the standard asks"

SHOWN = 5
"""Actions, ingredients or codes that a finding names."""

_RELIABILITY = {
    CredentialState.UNTRUSTED: "signed, and unchanged since; anybody can make a certificate with any name",
    CredentialState.TRUSTED: "signed, and unchanged since, by a signer on the trust list; it can still be untrue",
    CredentialState.BROKEN: "the signature does not secure it",
}
_CAVEATS = {
    CredentialState.UNTRUSTED: " Who signed that is not vouched for.",
    CredentialState.TRUSTED: "",
    CredentialState.BROKEN: " The credentials are broken, so nothing secures that statement.",
}


def untrusted_signer(case: Case) -> Finding | None:
    """PR401: signature and hashes hold, and nobody on the trust list vouches for the signer."""
    credentials = _in_state(case, CredentialState.UNTRUSTED)
    if credentials is None:
        return None
    names = f"names {_signer(credentials)}" if credentials.signer or credentials.issuer else "names nobody"
    return Finding(
        "PR401",
        Level.NOTE,
        f"Intact Content Credentials of an unknown signer: the certificate {names}, and is not vouched for by "
        f"{credentials.trust_list or 'any trust list'}. {_declared(credentials)}",
        _evidence(credentials),
        settle="Ask whoever the certificate names whether the signature is theirs.",
    )


def trusted_signer(case: Case) -> Finding | None:
    """PR402: signature and hashes hold, and the signer is on the trust list."""
    credentials = _in_state(case, CredentialState.TRUSTED)
    if credentials is None:
        return None
    return Finding(
        "PR402",
        Level.NOTE,
        f"Intact Content Credentials, signed by {_signer(credentials)}, on {credentials.trust_list}. "
        f"{_declared(credentials)} That is what the signer states; whether the picture is true, it does not say.",
        _evidence(credentials),
    )


def broken_credentials(case: Case) -> Finding | None:
    """PR403: a signature or a hash does not hold, or the manifest cannot be read."""
    credentials = _in_state(case, CredentialState.BROKEN)
    if credentials is None:
        return None
    return Finding(
        "PR403",
        Level.WARNING,
        f"The file carries Content Credentials that do not hold: {_why(credentials)} "
        f"({_few(_failures(credentials)) or 'no code'}; {credentials.validator or 'unknown validator'}).",
        _evidence(credentials),
        settle="The file from its source: a platform that saves pictures anew breaks credentials too.",
    )


def generated(case: Case) -> Finding | None:
    """PR404: the file declares itself made by a trained model; an error where it is posted as a photo of an event."""
    credentials = _present(case)
    if credentials is None or not GENERATED.intersection(credentials.source_types):
        return None
    contradicted = credentials.state in INTACT and case.claims_something
    posted = " It is posted as a picture from a date or place." if contradicted else ""
    return Finding(
        "PR404",
        Level.ERROR if contradicted else Level.WARNING,
        f"The file's own Content Credentials declare the picture made by a trained model (AI).{posted}"
        f"{_CAVEATS[credentials.state]}",
        _types(credentials),
        settle="Ask the poster for the camera's file, and the maker named by the credentials what was made.",
    )


def composed(case: Case) -> Finding | None:
    """PR405: the file declares itself a composite, edited by a model, or not captured; a note where that is common."""
    credentials = _present(case)
    if credentials is None or GENERATED.intersection(credentials.source_types):
        return None
    grave = _in_words(credentials, PARTLY_GENERATED | NOT_CAPTURED)
    words = grave + _in_words(credentials, COMPOSED)
    if not words:
        return None
    return Finding(
        "PR405",
        Level.WARNING if grave else Level.NOTE,
        f"The file's own Content Credentials declare the picture {'; '.join(words)}."
        f"{_CAVEATS[credentials.state]}",
        _types(credentials),
        settle="The captures that it was made from, which the credentials may name as ingredients.",
    )


CREDENTIALS: tuple[Callable[[Case], Finding | None], ...] = (
    untrusted_signer,
    trusted_signer,
    broken_credentials,
    generated,
    composed,
)
"""The rules on Content Credentials, in the order in which their findings are told."""


def _present(case: Case) -> Credentials | None:
    """Return the file's credentials where it has any and they could be read for."""
    credentials = case.facts.credentials if case.facts else None
    return credentials if credentials and credentials.state is not CredentialState.ABSENT else None


def _in_state(case: Case, state: CredentialState) -> Credentials | None:
    credentials = _present(case)
    return credentials if credentials and credentials.state is state else None


def _signer(credentials: Credentials) -> str:
    """Return e.g. "Example Signer (Example Wire)": the certificate's common name and organisation."""
    name, organisation = credentials.signer, credentials.issuer
    if name and organisation and name != organisation:
        return f"{name} ({organisation})"
    return name or organisation or "a signer without a name"


def _declared(credentials: Credentials) -> str:
    """Return one sentence on what was declared."""
    parts = [
        f"made with {credentials.generator}" if credentials.generator else "",
        f"signed {credentials.signed:%Y-%m-%d %H:%M} UTC" if credentials.signed else "",
        f"source type {_few(credentials.source_types)}" if credentials.source_types else "",
        f"actions ({_few(credentials.actions)})" if credentials.actions else "",
        f"made of ({_few(credentials.ingredients)})" if credentials.ingredients else "",
    ]
    return f"Declared: {', '.join(filter(None, parts)) or 'nothing more'}."


def _why(credentials: Credentials) -> str:
    """Return the gravest failure in words."""
    said = (words for codes, words in _REASONS if not set(codes).isdisjoint(credentials.codes))
    return next(said, _OTHER_REASON)


def _failures(credentials: Credentials) -> tuple[str, ...]:
    """Return the failure codes, an unknown signer's last: it is not what broke anything."""
    return tuple(sorted(credentials.codes, key=lambda code: code == _UNTRUSTED))


def _few(values: tuple[str, ...]) -> str:
    """Return the first few values in a row, and say where there are more."""
    return "; ".join(values[:SHOWN]) + ("; and more" if len(values) > SHOWN else "")


def _in_words(credentials: Credentials, words: dict[str, str]) -> list[str]:
    return list(dict.fromkeys(words[t] for t in credentials.source_types if t in words))


def _evidence(credentials: Credentials) -> tuple[Evidence, ...]:
    """Return the state, with validator and list, and the codes."""
    source = ", ".join(filter(None, (credentials.validator, credentials.trust_list)))
    reliability = _RELIABILITY[credentials.state]
    return (
        Evidence("content_credentials", credentials.state.value, source, reliability),
        *(Evidence("c2pa_code", code, source, reliability) for code in credentials.codes[:SHOWN]),
    )


def _types(credentials: Credentials) -> tuple[Evidence, ...]:
    return tuple(
        Evidence("digital_source_type", value, "Content Credentials", _RELIABILITY[credentials.state])
        for value in credentials.source_types[:SHOWN]
    )
