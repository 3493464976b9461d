"""Keys and signatures of desks: Ed25519 (RFC 8032) in the files of minisign, which any desk can verify by itself.

A signature is four lines (https://jedisct1.github.io/minisign/): an untrusted comment, the signature of the content's
BLAKE2b digest, a trusted comment, and the signature of that with the first. Here the untrusted comment is fixed, so
that no byte of the four can change.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from provenance.errors import ArchiveError, SignatureError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

UNTRUSTED = b"untrusted comment: "
TRUSTED = b"trusted comment: "
SIGNED_AS = UNTRUSTED + b"signature of a provenance exchange file\n"
SECRET_AS = UNTRUSTED + b"secret key of a desk: keep it to yourselves\n"

PURE, HASHED, NO_PASSPHRASE, BLAKE2B = b"Ed", b"ED", b"\0\0", b"B2"
NUMBER, PUBLIC, SECRET, SIGNATURE = 8, 32, 64, 64
"""Lengths in bytes. A secret key is the 32 bytes it is made from, and the public key."""

_UNUSED = bytes(32 + 8 + 8)
"""Salt and costs of a passphrase, where there is none."""

_UNCHECKED = bytes(32)
"""What tells a wrong passphrase, likewise."""

_MADE = "Make one with `provenance archive key new FILE`, or with `minisign -G -W`."


@dataclass(frozen=True, slots=True)
class PublicKey:
    """Whom a desk is known by. `number` only helps to find the key; `key` is it."""

    number: bytes
    key: bytes

    def __str__(self) -> str:
        """Return it as minisign writes it: 56 characters."""
        return base64.b64encode(PURE + self.number + self.key).decode()

    @property
    def fingerprint(self) -> str:
        """Return what two people compare: 128 bits of the key's SHA-256, in groups of four."""
        digest = hashlib.sha256(self.key).hexdigest()[:32]
        return " ".join(digest[start : start + 4] for start in range(0, len(digest), 4))


@dataclass(frozen=True, slots=True)
class SecretKey:
    """What a desk signs with."""

    public: PublicKey
    seed: bytes = field(repr=False)


def public_key(text: str) -> PublicKey:
    """Read a public key as minisign writes it. Raises UsageError."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != len(PURE) + NUMBER + PUBLIC or not raw.startswith(PURE):
        raise UsageError(
            f"{text!r} is no public key.",
            "One has 56 characters and begins with RW; `archive key show` prints it.",
        )
    return PublicKey(raw[2 : 2 + NUMBER], raw[2 + NUMBER :])


def new_key(path: Path) -> SecretKey:
    """Make a key and write its secret file, which only its owner may read.

    Raises:
        UsageError: the file is there already, or cannot be written.
    """
    seed = os.urandom(32)
    key = _key_of(seed, os.urandom(NUMBER))
    secret = key.public.number + seed + key.public.key
    packed = PURE + NO_PASSPHRASE + BLAKE2B + _UNUSED + secret + _UNCHECKED
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise UsageError(f"{path} exists already.", "Name a file that does not exist.") from error
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.", "Check its folder.") from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(SECRET_AS + base64.b64encode(packed) + b"\n")
    return key


def secret_key(path: Path) -> SecretKey:
    """Read the file of a secret key.

    Raises:
        UsageError: it is none, has a passphrase, or others than its owner may read it.
    """
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            lines = file.read(4096).splitlines()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.", _MADE) from error
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise UsageError(f"Others may read the secret key {path}.", f"`chmod 600 {path}`, or make a new one.")
    try:
        packed = base64.b64decode(lines[1], validate=True)
    except (IndexError, binascii.Error):
        packed = b""
    head = len(PURE + NO_PASSPHRASE + BLAKE2B)
    secret = packed[head + len(_UNUSED) : -len(_UNCHECKED)]
    if len(secret) != NUMBER + SECRET or not lines[0].startswith(UNTRUSTED):
        raise UsageError(f"{path} is no secret key.", _MADE)
    if packed[:head] != PURE + NO_PASSPHRASE + BLAKE2B:
        raise UsageError(f"The secret key {path} has a passphrase.", _MADE)
    key = _key_of(secret[NUMBER : NUMBER + 32], secret[:NUMBER])
    if key.public.key != secret[-PUBLIC:]:
        raise UsageError(f"The secret key {path} is damaged.", "Restore it, or make a new one.")
    return key


def _key_of(seed: bytes, number: bytes) -> SecretKey:
    return SecretKey(PublicKey(number, _private(seed).public_key().public_bytes_raw()), seed)


def signature(key: SecretKey, digest: bytes, comment: str) -> bytes:
    """Return the four lines that sign content of this BLAKE2b digest, 64 bytes, with a comment of one line."""
    private = _private(key.seed)
    signed, said = private.sign(digest), comment.encode()
    return b"".join(
        (
            SIGNED_AS,
            base64.b64encode(HASHED + key.public.number + signed) + b"\n",
            TRUSTED + said + b"\n",
            base64.b64encode(private.sign(signed + said)) + b"\n",
        )
    )


def number_of(lines: bytes) -> bytes:
    """Return the number of the key that four lines say they were signed with. Raises SignatureError."""
    return _parts(lines)[0]


def verify(key: PublicKey, digest: bytes, lines: bytes) -> None:
    """Check that `lines` sign content of this digest with this key. Raises SignatureError."""
    with _library():
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - an extra
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415 - an extra
    number, signed, comment, over_all = _parts(lines)
    public = Ed25519PublicKey.from_public_bytes(key.key)
    try:
        public.verify(signed, digest)
        public.verify(over_all, signed + comment)
    except InvalidSignature:
        number = b""
    if number != key.number:
        raise SignatureError(
            "The signature is not that of this content by this key: one of them was changed.",
            "Get the file again from the desk that made it, and compare the key's fingerprint with them.",
        )


def _parts(lines: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    """Return the key's number, the signature, the trusted comment and the signature over both."""
    untrusted, _, rest = lines.partition(b"\n")
    first, _, rest = rest.partition(b"\n")
    comment, _, rest = rest.partition(b"\n")
    last, end, rest = rest.partition(b"\n")
    signed, over_all = _decoded(first), _decoded(last)
    sound = (
        untrusted + b"\n" == SIGNED_AS
        and comment.startswith(TRUSTED)
        and (end, rest) == (b"\n", b"")
        and len(signed) == len(HASHED) + NUMBER + SIGNATURE
        and signed.startswith(HASHED)
        and len(over_all) == SIGNATURE
    )
    if not sound:
        raise SignatureError(
            "The file does not end in a signature: it is cut off, or something else.",
            "Get it again from the desk that made it.",
        )
    return signed[2 : 2 + NUMBER], signed[2 + NUMBER :], comment.removeprefix(TRUSTED), over_all


def _decoded(text: bytes) -> bytes:
    """Return base64 decoded, or nothing where it was not written as we write it: its last bits are often unused."""
    try:
        content = base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""
    return content if base64.b64encode(content) == text else b""


def _private(seed: bytes) -> Ed25519PrivateKey:
    with _library():
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - an extra
    return Ed25519PrivateKey.from_private_bytes(seed)


@contextlib.contextmanager
def _library() -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise ArchiveError(
            "Signing and checking signatures needs the package cryptography, which is not installed.",
            "Install it: pip install 'provenance[exchange]'.",
        ) from error
