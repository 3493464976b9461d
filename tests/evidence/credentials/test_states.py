"""Each state of Content Credentials: absent, untrusted, trusted, broken. What is not shown to hold is never trusted."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from provenance.evidence.credentials import STORE, TrustList, media_type, read_credentials
from provenance.evidence.credentials.states import MOST_CODES, judged
from provenance.model import Credentials, CredentialState

FORMATS = ("JPEG", "PNG", "WEBP", "HEIF", "AVIF", "TIFF", "GIF")
UNTRUSTED = "signingCredential.untrusted"


@pytest.mark.parametrize("container", FORMATS)
def test_a_file_without_credentials_is_told_so_without_the_library(container, unsigned, monkeypatch):
    monkeypatch.setitem(sys.modules, "c2pa", None)  # importing it raises
    found = read_credentials(unsigned(container), media_type(container))
    assert found == Credentials(CredentialState.ABSENT)


def test_where_the_library_is_missing_credentials_are_not_read(sign, trust, monkeypatch):
    file = sign()
    monkeypatch.setitem(sys.modules, "c2pa", None)
    assert read_credentials(file, "image/jpeg", trust) is None


@pytest.mark.parametrize("container", FORMATS)
def test_a_signer_on_the_list_is_trusted_in_every_format(container, sign, trust):
    found = read_credentials(sign(container=container), media_type(container), trust)
    assert found.state is CredentialState.TRUSTED
    assert found.codes == ()
    assert found.trust_list == "the test list of 2024-01-31"


def test_formats_that_carry_no_credentials_have_no_media_type():
    assert media_type("BMP") is None
    assert media_type("") is None


def test_a_signer_of_another_authority_is_untrusted(sign, trust, authority):
    found = read_credentials(sign(vouched=authority("Other Root")), "image/jpeg", trust)
    assert (found.state, found.codes) == (CredentialState.UNTRUSTED, (UNTRUSTED,))


def test_the_shipped_list_does_not_trust_what_the_tests_sign(sign):
    found = read_credentials(sign(), "image/jpeg")
    assert found.state is CredentialState.UNTRUSTED
    assert found.trust_list == "the C2PA Trust List of 2026-09-06"


def test_with_an_empty_list_nobody_is_trusted(sign):
    found = read_credentials(sign(), "image/jpeg", TrustList("no list", "2024-01-31", ""))
    assert (found.state, found.codes) == (CredentialState.UNTRUSTED, (UNTRUSTED,))


def test_a_picture_changed_after_signing_is_broken(sign, trust):
    file = bytearray(sign())
    file[-20] ^= 0xFF
    found = read_credentials(bytes(file), "image/jpeg", trust)
    assert (found.state, found.codes) == (CredentialState.BROKEN, ("assertion.dataHash.mismatch",))
    assert found.validator.startswith("c2pa-python ")


def test_a_manifest_changed_after_signing_is_broken(sign, trust):
    file = sign()
    assert file.count(b"Example Camera") == 1
    found = read_credentials(file.replace(b"Example Camera", b"Another Camera"), "image/jpeg", trust)
    assert (found.state, found.codes) == (CredentialState.BROKEN, ("claimSignature.mismatch",))


def test_a_signature_made_with_another_key_is_broken(sign, signer, root, trust):
    file = sign(by=signer(root), told=signer(root).sign)
    found = read_credentials(file, "image/jpeg", trust)
    assert (found.state, found.codes) == (CredentialState.BROKEN, ("claimSignature.mismatch",))


def test_a_signature_made_with_another_key_is_broken_for_unknown_signers_too(sign, signer, authority, trust):
    vouched = authority()
    named, forger = signer(vouched), signer(vouched)
    file = sign(by=named, vouched=vouched, told=forger.sign)
    found = read_credentials(file, "image/jpeg", trust)
    assert found.state is CredentialState.BROKEN
    assert "claimSignature.mismatch" in found.codes


def test_credentials_of_another_picture_are_broken(sign, trust, unsigned):
    jpeg = sign()
    other = unsigned("JPEG").replace(b"JFIF\x00\x01\x01", b"JFIF\x00\x01\x02")
    manifest = jpeg[jpeg.index(b"\xff\xeb") : jpeg.index(b"\xff\xdb")]
    at = other.index(b"\xff\xdb")
    found = read_credentials(other[:at] + manifest + other[at:], "image/jpeg", trust)
    assert found.state is CredentialState.BROKEN


def test_a_store_that_cannot_be_read_is_broken_and_the_library_is_named(unsigned, trust, c2pa):
    found = read_credentials(unsigned("JPEG")[:40] + STORE, "image/jpeg", trust)
    assert (found.state, found.codes) == (CredentialState.BROKEN, ("general.error",))
    assert "c2pa-rs" in found.validator


def test_the_name_of_a_store_outside_of_one_is_no_credential(unsigned, trust, c2pa):
    assert read_credentials(unsigned("JPEG") + STORE, "image/jpeg", trust).state is CredentialState.ABSENT


def test_a_list_without_certificates_trusts_nobody_and_breaks_nothing(sign):
    found = read_credentials(sign(), "image/jpeg", TrustList("a bad list", "2024-01-31", "nonsense"))
    assert found.state is CredentialState.UNTRUSTED


def test_it_works_in_a_forked_child_whose_parent_never_loaded_the_library(sign, trust, tmp_path):
    if not hasattr(os, "fork"):
        pytest.skip("this system does not fork")
    for name, content in (("a.jpg", sign()), ("anchors.pem", trust.anchors.encode())):
        (tmp_path / name).write_bytes(content)
    program = """
import os, sys
from pathlib import Path
from provenance.evidence.credentials import TrustList, read_credentials
data, trust = Path("a.jpg").read_bytes(), TrustList("l", "2024-01-31", Path("anchors.pem").read_text())
read_credentials(data[:2], "image/jpeg", trust)
assert "c2pa" not in sys.modules
for turn in range(3):
    child = os.fork()
    if child == 0:
        state = read_credentials(data, "image/jpeg", trust).state
        os._exit(0 if state == "trusted" and "c2pa" in sys.modules else 1)
    assert os.waitpid(child, 0)[1] == 0
assert "c2pa" not in sys.modules
"""
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True, cwd=tmp_path
    )
    assert (done.returncode, done.stderr) == (0, "")


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0), st.integers(0, 255)), max_size=8), st.integers(0), st.booleans())
@example([], 0, False)
def test_whatever_is_changed_nothing_is_raised_and_no_change_stays_trusted(sign, trust, changes, cut, cuts):
    original = SIGNED.setdefault("file", sign())
    file = bytearray(original)
    for at, value in changes:
        file[at % len(file)] = value
    if cuts:
        del file[cut % len(file) :]
    found = read_credentials(bytes(file), "image/jpeg", trust)
    assert (found.state is CredentialState.TRUSTED) <= _same_but_for_padding(original, bytes(file))


SIGNED: dict[str, bytes] = {}
"""One signed file for all examples."""


def _same_but_for_padding(original: bytes, file: bytes) -> bool:
    """Whether two files show the same: what the signature leaves out, the manifest store itself, may differ."""
    start, end = original.index(b"\xff\xeb"), original.index(b"\xff\xdb")
    return original[:start] == file[:start] and original[end:] == file[end:]


@pytest.mark.parametrize("container", ["PNG", "WEBP", "TIFF", "GIF", "AVIF"])
@given(st.binary(max_size=300))
def test_any_bytes_around_a_store_give_an_answer(c2pa, container, data):
    empty = TrustList("no list", "2024-01-31", "")
    found = read_credentials(data + STORE + data, media_type(container), empty)
    assert found.state in {CredentialState.ABSENT, CredentialState.BROKEN}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    ),
    st.sampled_from(["Valid", "Trusted", "Invalid", None, []]),
)
def test_a_report_that_shows_nothing_is_broken_whatever_it_calls_itself(results, said):
    state, _ = judged({"validation_results": results, "validation_state": said})
    assert state is CredentialState.BROKEN


def test_a_report_that_contradicts_itself_is_not_trusted():
    def report(said: str, success: list[str], failure: list[str]) -> dict:
        told = {
            "success": [{"code": c} for c in success],
            "failure": [{"code": c} for c in failure],
        }
        return {"validation_results": {"activeManifest": told}, "validation_state": said}

    validated, listed = "claimSignature.validated", "signingCredential.trusted"
    assert judged(report("Trusted", [validated, listed], []))[0] is CredentialState.TRUSTED
    assert judged(report("Trusted", [validated], []))[0] is CredentialState.UNTRUSTED
    assert judged(report("Trusted", [validated, listed], [UNTRUSTED]))[0] is CredentialState.UNTRUSTED
    assert judged(report("Trusted", [listed], []))[0] is CredentialState.BROKEN
    assert judged(report("Trusted", [validated, listed], ["assertion.missing"]))[0] is CredentialState.BROKEN
    many = [f"code.{i}" for i in range(100)]
    assert len(judged(report("Invalid", [], many))[1]) == MOST_CODES
