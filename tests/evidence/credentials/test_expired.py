"""A certificate that has expired: broken, as the standard has it, unless a time stamp shows an older signature.

The library signs with no expired certificate. So it signs with a valid one of the same length, and the expired one
takes its place; signature and time stamp are made of what will then be there. Time stamps come from a server of the
test's own.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from provenance.evidence.credentials import TrustList, read_credentials
from provenance.model import CredentialState

NOW, DAY = datetime.now(UTC).replace(microsecond=0), timedelta(days=1)
VALID_THEN = {"start": NOW - 500 * DAY, "end": NOW - 100 * DAY}
SIGNED_DATA, TIME_STAMP = "2a864886f70d010702", "2a864886f70d0109100104"
CONTENT_TYPE, MESSAGE_DIGEST, CERTIFICATE = (
    "2a864886f70d010903",
    "2a864886f70d010904",
    "2a864886f70d010910022f",
)
SHA256, ECDSA, POLICY = "608648016503040201", "2a8648ce3d040302", "2a0304"
SEQUENCE, SET, INTEGER, OCTETS, OID, TIME, INSIDE = 0x30, 0x31, 0x02, 0x04, 0x06, 0x18, 0xA0


def der(tag: int, *parts: bytes) -> bytes:
    """Return one value in DER (ITU-T X.690)."""
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(length)]) + length + content


def oid(code: str) -> bytes:
    return der(OID, bytes.fromhex(code))


def values(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the tags of the values in a row, each with the whole value."""
    while content:
        size, start = content[1], 2
        if size & 0x80:
            start += size & 0x7F
            size = int.from_bytes(content[2:start])
        yield content[0], content[: start + size]
        content = content[start + size :]


def inside(value: bytes) -> bytes:
    return value[2 + (value[1] & 0x7F if value[1] & 0x80 else 0) :]


def countersigned(signed: bytes, signature: bytes) -> bytes:
    """Return what a time stamp of a signature covers, from what was signed (RFC 9052, 4.4; C2PA 2.2, 10.3.2.5.4)."""
    start = signed.index(b"Signature1") + len(b"Signature1")
    length = int.from_bytes(signed[start + 1 : start + 3])  # a byte string of two bytes' length, 0x59
    header = signed[start : start + 3 + length]
    return b"\x84\x70CounterSignature" + header + b"\x40" + b"\x58\x42\x58\x40" + signature


def time_stamp(request: bytes, clock, when: datetime, covered: bytes | None = None) -> bytes:
    """Return the time stamp that a request asks for (RFC 3161, RFC 5652), of `covered` instead if that is given."""
    asked = list(values(inside(request)))
    imprint = next(v for tag, v in asked if tag == SEQUENCE)
    nonce = [v for tag, v in asked[1:] if tag == INTEGER]
    digest = der(SEQUENCE, oid(SHA256))
    if covered is not None:
        imprint = der(SEQUENCE, digest, der(OCTETS, hashlib.sha256(covered).digest()))
    moment = der(TIME, f"{when:%Y%m%d%H%M%S}Z".encode())
    one = der(INTEGER, b"\1")
    info = der(SEQUENCE, one, oid(POLICY), imprint, one, moment, *nonce)
    certificate_id = der(SEQUENCE, der(OCTETS, hashlib.sha256(clock.der).digest()))
    attributes = der(
        SET,
        der(SEQUENCE, oid(CONTENT_TYPE), der(SET, oid(TIME_STAMP))),
        der(SEQUENCE, oid(MESSAGE_DIGEST), der(SET, der(OCTETS, hashlib.sha256(info).digest()))),
        der(SEQUENCE, oid(CERTIFICATE), der(SET, der(SEQUENCE, der(SEQUENCE, certificate_id)))),
    )
    serial = clock.certificate.serial_number
    number = der(INTEGER, serial.to_bytes(serial.bit_length() // 8 + 1))
    signer = der(
        SEQUENCE,
        one,
        der(SEQUENCE, clock.certificate.issuer.public_bytes(), number),
        digest,
        bytes([INSIDE]) + attributes[1:],
        der(SEQUENCE, oid(ECDSA)),
        der(OCTETS, clock.key.sign(attributes, ec.ECDSA(hashes.SHA256()))),
    )
    signed = der(
        SEQUENCE,
        der(INTEGER, b"\3"),
        der(SET, digest),
        der(SEQUENCE, oid(TIME_STAMP), der(INSIDE, der(OCTETS, info))),
        der(INSIDE, clock.der),
        der(SET, signer),
    )
    return der(SEQUENCE, oid(SIGNED_DATA), der(INSIDE, signed))


@dataclass
class Clock:
    """A time-stamping server: its address, the last time stamp that it gave, and how to make one of other data."""

    address: str = ""
    given: bytes = b""
    again: Callable[[bytes], bytes] = bytes


@pytest.fixture
def clock(signer) -> Iterator[Callable[..., Clock]]:
    """Return the maker of time-stamping servers, whose time stands still."""
    servers = []

    def start(root, when: datetime) -> Clock:
        clock = Clock()
        identity = signer(
            root, "Example Clock", start=NOW - 1000 * DAY, end=NOW + DAY,
            purpose=ExtendedKeyUsageOID.TIME_STAMPING,
        )  # fmt: skip

        class Answer(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                request = self.rfile.read(int(self.headers["Content-Length"]))
                clock.given = time_stamp(request, identity, when)
                clock.again = lambda covered: time_stamp(request, identity, when, covered)
                answer = der(SEQUENCE, der(SEQUENCE, der(INTEGER, b"\0")), clock.given)
                self.send_response(200)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                pass

        server = HTTPServer(("127.0.0.1", 0), Answer)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        clock.address = f"http://127.0.0.1:{server.server_port}"
        return clock

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def expired(sign, signer, root) -> Callable[..., bytes]:
    """Return the maker of pictures signed with a certificate that has expired since."""

    def make(clock: Clock | None = None) -> bytes:
        # Both anew each time: beside one of a rare length no other would be found.
        valids = (signer(root) for _ in range(100))
        pairs = ((valid, signer(root, key=valid.key, **VALID_THEN)) for valid in valids)
        valid, old = next(pair for pair in pairs if len({len(each.der) for each in pair}) == 1)

        covered = b""

        def told(data: bytes) -> bytes:
            nonlocal covered
            then = data.replace(valid.der, old.der)
            signature = valid.sign(then)
            covered = countersigned(then, signature)
            return signature

        file = sign(by=valid, told=told, clock=clock.address if clock else None)
        assert file.count(valid.der) == 1
        file = file.replace(valid.der, old.der)
        if clock is None:
            return file
        assert file.count(clock.given) == 1
        others = (clock.again(covered) for _ in range(10_000))
        return file.replace(clock.given, next(o for o in others if len(o) == len(clock.given)))

    return make


def test_without_a_time_stamp_an_expired_certificate_makes_credentials_broken(expired, trust):
    found = read_credentials(expired(), "image/jpeg", trust)
    assert found.state is CredentialState.BROKEN
    assert set(found.codes) == {"signingCredential.expired", "signingCredential.untrusted"}


def test_a_time_stamp_of_when_the_certificate_was_valid_keeps_the_signature_trusted(
    expired, clock, root, trust
):
    when = NOW - 300 * DAY
    found = read_credentials(expired(clock(root, when)), "image/jpeg", trust)
    assert (found.state, found.codes) == (CredentialState.TRUSTED, ())
    assert found.signed == when


def test_a_time_stamp_of_after_the_end_does_not_help(expired, clock, root, trust):
    found = read_credentials(expired(clock(root, NOW - 50 * DAY)), "image/jpeg", trust)
    assert found.state is CredentialState.BROKEN


def test_a_time_stamp_of_an_unknown_authority_does_not_help(expired, clock, authority, trust):
    file = expired(clock(authority("Other Clock Root"), NOW - 300 * DAY))
    found = read_credentials(file, "image/jpeg", trust)
    assert found.state is CredentialState.BROKEN
    assert found.signed is None


def test_the_time_that_an_unknown_authority_stamps_is_not_told(sign, clock, authority, trust):
    found = read_credentials(sign(clock=clock(authority(), NOW - DAY / 2).address), "image/jpeg", trust)
    assert found.state is CredentialState.TRUSTED
    assert found.signed is None


def test_an_unknown_signer_with_a_known_time_stamp_stays_unknown(sign, clock, root, authority, trust):
    file = sign(vouched=authority("Other Root"), clock=clock(root, NOW - DAY / 2).address)
    found = read_credentials(file, "image/jpeg", trust)
    assert found.state is CredentialState.UNTRUSTED
    assert found.signed == NOW - DAY / 2


def test_the_shipped_list_is_not_needed_to_know_an_expired_certificate(expired):
    nobody = TrustList("no list", "2024-01-31", "")
    assert read_credentials(expired(), "image/jpeg", nobody).state is CredentialState.BROKEN
