"""Certificates for tests, made anew each time: an authority, and signers by the profile of C2PA (spec 2.2, 14.5.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Identity:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def sign(self, data: bytes) -> bytes:
        """Return an ES256 signature as COSE has it: r and s, 32 bytes each."""
        r, s = decode_dss_signature(self.key.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)


def name(common: str, organisation: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def authority(common: str = "Example Root") -> Identity:
    """Return a root that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = name(common, "Example Authority")
    return Identity(_certificate(subject, key, subject, key, authority=True), key)


def signer(
    root: Identity,
    common: str = "Example Signer",
    organisation: str = "Example Wire",
    *,
    start: datetime = NOW - DAY,
    end: datetime = NOW + 30 * DAY,
    purpose: x509.ObjectIdentifier = ExtendedKeyUsageOID.EMAIL_PROTECTION,
    key: ec.EllipticCurvePrivateKey | None = None,
) -> Identity:
    """Return a leaf that `root` vouches for, for claim signing unless another purpose is given."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    made = _certificate(
        name(common, organisation),
        key,
        root.certificate.subject,
        root.key,
        start=start,
        end=end,
        purpose=purpose,
    )
    return Identity(made, key)


def _certificate(
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    authority: bool = False,
    start: datetime = NOW - 3650 * DAY,
    end: datetime = NOW + 3650 * DAY,
    purpose: x509.ObjectIdentifier | None = None,
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(_usage(authority=authority), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
    )
    if purpose is not None:
        critical = purpose == ExtendedKeyUsageOID.TIME_STAMPING  # RFC 3161, 2.3
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=critical)
    return builder.sign(issuer_key, hashes.SHA256())


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )
