"""Keys and signatures are those of minisign, and nothing in a signature can be changed."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from base64 import b64decode, b64encode

import pytest

from provenance.archive import signing
from provenance.errors import SignatureError, UsageError

CONTENT = b"lines of\nsome file\n"
PUBLIC = "RWRJDbVP4gUDj1u6auM/agkQuONp0srVOX2Yvw0U7ZtX0Mt8Tr1DqH8U"
SECRET = (
    b"untrusted comment: minisign encrypted secret key\n"
    b"RWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAASQ21T+IFA4/0EYF9sCYB3scM59xuh6y2JL1Y"
    b"6hHdajyax29mtrbGuVu6auM/agkQuONp0srVOX2Yvw0U7ZtX0Mt8Tr1DqH8UAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
)
SIGNED = (
    b"untrusted comment: signature of a provenance exchange file\n"
    b"RURJDbVP4gUDjyO/8c8+SmR0CGQDlDuVz6qqYZ5XTQRLFwXA8sq2Ke5fv16Q5LmmUaC19UdSSJdScNDCw6l9NwtSiQnJh7Zasw4=\n"
    b"trusted comment: by the real program\n"
    b"ltcMwX4L6Sc9h0o+eqXLO67Q+d1u6dutHx3k7yVOJaq0c2ARc/WjqUvk+uj213RPGkZkxZK6IDpNjkBnkdqUAw==\n"
)
"""Made by minisign 0.11: `minisign -G -W`, `minisign -Sm FILE -c ... -t ...`."""


def digest(content=CONTENT):
    return hashlib.blake2b(content).digest()


def secret_file(tmp_path, content, mode=0o600):
    path = tmp_path / "desk.key"
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_what_minisign_signed_is_verified():
    key = signing.public_key(PUBLIC)
    signing.verify(key, digest(), SIGNED)
    assert str(key) == PUBLIC
    assert signing.number_of(SIGNED) == key.number


def test_a_secret_key_of_minisign_is_read_and_signs_as_minisign_did(tmp_path):
    key = signing.secret_key(secret_file(tmp_path, SECRET))
    assert str(key.public) == PUBLIC
    # Ed25519 is deterministic: the same key, content and comment give the same bytes.
    assert signing.signature(key, digest(), "by the real program") == SIGNED


@pytest.mark.skipif(shutil.which("minisign") is None, reason="minisign is not installed")
def test_minisign_verifies_what_is_signed_here(tmp_path):
    key = signing.new_key(tmp_path / "desk.key")
    (tmp_path / "file").write_bytes(CONTENT)
    (tmp_path / "file.minisig").write_bytes(signing.signature(key, digest(), "of a test"))
    verified = subprocess.run(
        ["minisign", "-Vm", "file", "-P", str(key.public)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (verified.returncode, "of a test" in verified.stdout) == (0, True)


def test_no_byte_of_a_signature_can_be_changed():
    key = signing.public_key(PUBLIC)
    for place in range(len(SIGNED)):
        for flip in (1, 2, 4, 32, 128):
            changed = bytearray(SIGNED)
            changed[place] ^= flip
            with pytest.raises(SignatureError):
                signing.verify(key, digest(), bytes(changed))


def test_nor_cut_off_or_followed_by_more():
    key = signing.public_key(PUBLIC)
    for lines in (*(SIGNED[:end] for end in range(len(SIGNED))), SIGNED + b"\n", SIGNED * 2, b""):
        with pytest.raises(SignatureError):
            signing.verify(key, digest(), lines)


def test_other_content_and_another_key_are_refused(tmp_path):
    with pytest.raises(SignatureError):
        signing.verify(signing.public_key(PUBLIC), digest(CONTENT + b" "), SIGNED)
    other = signing.new_key(tmp_path / "other.key").public
    with pytest.raises(SignatureError):
        signing.verify(signing.PublicKey(signing.public_key(PUBLIC).number, other.key), digest(), SIGNED)
    with pytest.raises(SignatureError):
        signing.verify(signing.PublicKey(other.number, signing.public_key(PUBLIC).key), digest(), SIGNED)


def test_a_new_key_is_its_owners_alone_and_replaces_none(tmp_path):
    path = tmp_path / "desk.key"
    key = signing.new_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert signing.secret_key(path) == key
    assert key.seed.hex() not in repr(key)
    with pytest.raises(UsageError, match="exists already"):
        signing.new_key(path)
    assert signing.secret_key(path) == key
    assert signing.new_key(tmp_path / "another.key").public != key.public


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_secret_key_that_others_may_read_is_refused(tmp_path, mode):
    with pytest.raises(UsageError, match="Others may read"):
        signing.secret_key(secret_file(tmp_path, SECRET, mode))


def altered(place, value):
    comment, text, _ = SECRET.split(b"\n")
    packed = bytearray(b64decode(text))
    packed[place : place + len(value)] = value
    return comment + b"\n" + b64encode(packed) + b"\n"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no secret key"),
        (b"\xff\x00 rubbish\n\n", "no secret key"),
        (SECRET.split(b"\n")[1] + b"\n", "no secret key"),
        (SECRET.replace(b"RWQAAEIy", b"RWQ"), "no secret key"),
        (altered(2, b"Sc"), "has a passphrase"),
        (altered(62, b"another seed"), "damaged"),
    ],
)
def test_what_is_no_secret_key_is_refused_with_the_reason(tmp_path, content, reason):
    with pytest.raises(UsageError, match=reason):
        signing.secret_key(secret_file(tmp_path, content))


@pytest.mark.parametrize(
    "text", ["", "RW", PUBLIC[:-1], PUBLIC + "A", "é" * 56, PUBLIC.replace("RW", "AA"), "\0"]
)
def test_what_is_no_public_key_is_refused(text):
    with pytest.raises(UsageError, match="no public key"):
        signing.public_key(text)


def test_a_fingerprint_is_of_the_key_and_not_of_its_number():
    key = signing.public_key(PUBLIC)
    assert signing.PublicKey(bytes(8), key.key).fingerprint == key.fingerprint
    assert signing.PublicKey(key.number, bytes(32)).fingerprint != key.fingerprint
