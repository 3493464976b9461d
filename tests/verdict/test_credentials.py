"""When each rule on Content Credentials speaks, how grave it is, and what it never says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.model import Claim, Credentials, CredentialState, DateRange, FileFacts, Level, Verdict
from provenance.verdict.case import Case
from provenance.verdict.credentials import (
    COMPOSED,
    CREDENTIALS,
    GENERATED,
    NOT_CAPTURED,
    PARTLY_GENERATED,
)
from provenance.verdict.decide import decide, findings

DATED = Claim(date=DateRange("2024-11-29", None, None))
PLACED = Claim(place="Aleppo")
CAPTIONED = Claim(caption="Aleppo, today")
MODEL = "trainedAlgorithmicMedia"
INTACT = (CredentialState.UNTRUSTED, CredentialState.TRUSTED)


def credentials(state=CredentialState.TRUSTED, **fields):
    told = {
        "validator": "c2pa-python 1.0 (c2pa-rs 1.0)",
        "trust_list": "the C2PA Trust List of 2024-01-31",
        "signer": "Example Signer",
        "issuer": "Example Wire",
        **fields,
    }
    return Credentials(state, **told)


def told(found: Credentials | None, claim: Claim | None = None):
    case = Case((), 10, claim, facts=FileFacts(credentials=found))
    return {f.id: f for f in findings(case, CREDENTIALS)}


@pytest.mark.parametrize("claim", [None, DATED])
def test_without_credentials_nothing_is_said(claim):
    assert told(Credentials(CredentialState.ABSENT), claim) == {}
    assert told(None, claim) == {}
    assert findings(Case((), 10, claim), CREDENTIALS) == ()


def test_an_unknown_signers_name_is_told_as_what_the_certificate_says():
    found = told(credentials(CredentialState.UNTRUSTED, codes=("signingCredential.untrusted",)))
    assert set(found) == {"PR401"}
    note = found["PR401"]
    assert note.level is Level.NOTE
    assert note.message == (
        "Intact Content Credentials of an unknown signer: the certificate names Example Signer (Example Wire), and is "
        "not vouched for by the C2PA Trust List of 2024-01-31. Declared: nothing more."
    )
    assert "anybody can make a certificate" in note.evidence[0].reliability
    assert decide((note,)) is Verdict.NOTHING_FOUND


def test_a_trusted_signer_is_told_with_what_was_declared():
    found = told(
        credentials(
            generator="Example Camera 1.0",
            signed=datetime(2024, 11, 29, 10, tzinfo=UTC),
            source_types=("digitalCapture",),
            actions=("c2pa.created: digitalCapture",),
            ingredients=("parentOf: a.jpg",),
        )
    )
    assert set(found) == {"PR402"}
    assert found["PR402"].level is Level.NOTE
    assert found["PR402"].message == (
        "Intact Content Credentials, signed by Example Signer (Example Wire), on the C2PA Trust List of 2024-01-31. "
        "Declared: made with Example Camera 1.0, signed 2024-11-29 10:00 UTC, source type digitalCapture, actions "
        "(c2pa.created: digitalCapture), made of (parentOf: a.jpg). That is what the signer states; whether the "
        "picture is true, it does not say."
    )
    assert found["PR402"].evidence[0].value == "trusted"


@pytest.mark.parametrize(
    ("codes", "why"),
    [
        (("assertion.dataHash.mismatch",), "the picture was changed after signing"),
        (
            ("signingCredential.untrusted", "claimSignature.mismatch"),
            "the manifest was changed after signing",
        ),
        (("signingCredential.untrusted", "signingCredential.expired"), "certificate had expired"),
        (
            ("signingCredential.expired", "assertion.bmffHash.mismatch"),
            "the picture was changed after signing",
        ),
        (("signingCredential.ocsp.revoked",), "was revoked"),
        (("general.error",), "cannot be read"),
        (("assertion.action.malformed",), "not as the standard asks"),
        ((), "not as the standard asks"),
    ],
)
def test_broken_credentials_are_a_warning_with_reason_code_and_validator(codes, why):
    found = told(credentials(CredentialState.BROKEN, codes=codes), DATED)
    assert set(found) == {"PR403"}
    warning = found["PR403"]
    assert warning.level is Level.WARNING
    assert why in warning.message
    assert "c2pa-python 1.0 (c2pa-rs 1.0)" in warning.message
    assert all(code in warning.message for code in codes)
    assert [e.value for e in warning.evidence[1:]] == list(codes)
    assert "from its source" in warning.settle


@pytest.mark.parametrize("state", INTACT)
@pytest.mark.parametrize("claim", [DATED, PLACED])
def test_a_picture_declared_generated_and_posted_as_one_of_an_event_is_an_error(state, claim):
    found = told(credentials(state, source_types=(MODEL,)), claim)
    assert found["PR404"].level is Level.ERROR
    assert "declare the picture made by a trained model (AI)" in found["PR404"].message
    assert decide(tuple(found.values())) is Verdict.FLAGGED
    assert ("not vouched for" in found["PR404"].message) == (state is CredentialState.UNTRUSTED)
    assert "PR405" not in found


@pytest.mark.parametrize("claim", [None, CAPTIONED, Claim()])
def test_a_picture_declared_generated_of_which_no_date_or_place_is_claimed_is_a_warning(claim):
    found = told(credentials(source_types=(MODEL,)), claim)
    assert found["PR404"].level is Level.WARNING


def test_what_broken_credentials_declare_is_not_held_against_a_claim():
    broken = credentials(CredentialState.BROKEN, codes=("general.error",), source_types=(MODEL,))
    found = told(broken, DATED)
    assert {i: f.level for i, f in found.items()} == {"PR403": Level.WARNING, "PR404": Level.WARNING}
    assert "nothing secures that statement" in found["PR404"].message


@pytest.mark.parametrize("kind", [*PARTLY_GENERATED, *NOT_CAPTURED])
def test_synthetic_parts_and_drawings_are_a_warning(kind):
    found = told(credentials(source_types=("digitalCapture", kind)), DATED)
    assert found["PR405"].level is Level.WARNING
    assert (PARTLY_GENERATED | NOT_CAPTURED)[kind] in found["PR405"].message


@pytest.mark.parametrize("kind", COMPOSED)
def test_composites_of_captures_are_a_note(kind):
    found = told(credentials(source_types=(kind,)), DATED)
    assert found["PR405"].level is Level.NOTE
    assert COMPOSED[kind] in found["PR405"].message


def test_a_capture_is_neither_generated_nor_composed():
    assert set(told(credentials(source_types=("digitalCapture", "negativeFilm", "humanEdits")), DATED)) == {
        "PR402"
    }


@given(
    st.builds(
        credentials,
        st.sampled_from(CredentialState),
        codes=st.lists(st.sampled_from(["general.error", "signingCredential.untrusted", "x"])).map(tuple),
        signer=st.text(max_size=5),
        issuer=st.text(max_size=5),
        trust_list=st.text(max_size=5),
        source_types=st.lists(
            st.sampled_from([*GENERATED, *PARTLY_GENERATED, *NOT_CAPTURED, *COMPOSED, "unknown"])
        ).map(tuple),
        actions=st.lists(st.text(max_size=5)).map(tuple),
    ),
    st.sampled_from([None, DATED, CAPTIONED]),
)
def test_only_an_intact_declaration_of_a_generated_picture_is_an_error(found, claim):
    said = told(found, claim)
    errors = {i for i, f in said.items() if f.level is Level.ERROR}
    declared = bool(GENERATED & set(found.source_types)) and found.state in INTACT and claim is DATED
    assert errors == ({"PR404"} if declared else set())
    assert len(said.keys() & {"PR401", "PR402", "PR403"}) == (found.state is not CredentialState.ABSENT)
    assert not any("authentic" in f.message or "genuine" in f.message for f in said.values())
