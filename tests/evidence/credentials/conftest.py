"""Content Credentials made by the tests: certificates by the profile of C2PA (specification 2.2, 14.5.1), and pictures.

Keys are made anew in each run and trusted by nobody else.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import pillow_heif
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID
from PIL import Image

from provenance.evidence.credentials import TrustList, media_type

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
SOURCES = "http://cv.iptc.org/newscodes/digitalsourcetype/"


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


def _name(common: str, organisation: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _authority(common: str = "Example Root") -> Identity:
    """Return a root that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name(common, "Example Authority")
    return Identity(_certificate(subject, key, subject, key, authority=True), key)


def _signer(
    root: Identity,
    common: str = "Example Signer",
    organisation: str = "Example Wire",
    *,
    start: datetime = NOW - DAY,
    end: datetime = NOW + 30 * DAY,
    purpose: x509.ObjectIdentifier = ExtendedKeyUsageOID.EMAIL_PROTECTION,
    key: ec.EllipticCurvePrivateKey | None = None,
    responder: str = "",
) -> Identity:
    """Return a leaf that `root` vouches for; `responder` is where its revocation can be asked for."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    made = _certificate(
        _name(common, organisation),
        key,
        root.certificate.subject,
        root.key,
        start=start,
        end=end,
        purpose=purpose,
        responder=responder,
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
    responder: str = "",
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
    if responder:
        place = x509.AccessDescription(
            AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(responder)
        )
        builder = builder.add_extension(x509.AuthorityInformationAccess([place]), critical=False)
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


def _declaration(
    action: str = "c2pa.created", source: str = "digitalCapture", *, title: str = "beach.jpg", **more: Any
) -> dict[str, Any]:
    """Return a manifest to sign, with one action; `more` goes into that action."""
    told = {"action": action, **({"digitalSourceType": SOURCES + source} if source else {}), **more}
    return {
        "claim_generator_info": [{"name": "Example Camera", "version": "1.0"}],
        "title": title,
        "assertions": [{"label": "c2pa.actions", "data": {"actions": [told]}}],
    }


def _library() -> ModuleType:
    try:
        import c2pa
    except Exception as error:
        pytest.skip(f"c2pa-python does not run here: {error}")
    return c2pa


@pytest.fixture(scope="session")
def c2pa() -> ModuleType:
    """Return the library; without it, its tests are skipped with the reason."""
    return _library()


@pytest.fixture(scope="session")
def root() -> Identity:
    """Return the authority that the tests' trust list has."""
    return _authority()


@pytest.fixture(scope="session")
def trust(root: Identity) -> TrustList:
    """Return a trust list of one authority, for signatures and time stamps."""
    return TrustList("the test list", "2024-01-31", root.pem)


@pytest.fixture(scope="session")
def authority() -> Callable[..., Identity]:
    """Return the maker of authorities."""
    return _authority


@pytest.fixture(scope="session")
def signer() -> Callable[..., Identity]:
    """Return the maker of signers."""
    return _signer


@pytest.fixture(scope="session")
def declaration() -> Callable[..., dict[str, Any]]:
    """Return the maker of manifests."""
    return _declaration


@pytest.fixture(scope="session")
def unsigned() -> Callable[[str], bytes]:
    """Return the maker of small pictures without credentials, by format."""
    pillow_heif.register_heif_opener()

    def make(container: str = "JPEG") -> bytes:
        content = io.BytesIO()
        picture = Image.linear_gradient("L").resize((96, 64)).convert("RGB")
        picture.save(content, container)
        return content.getvalue()

    return make


@pytest.fixture(scope="session")
def sign(c2pa: ModuleType, root: Identity, unsigned: Callable[[str], bytes]) -> Callable[..., bytes]:
    """Return the maker of signed pictures.

    `made_of` are ingredients: relationship and file. `told` is told of what is to be signed and returns the signature.
    """

    def make(
        manifest: dict[str, Any] | None = None,
        container: str = "JPEG",
        *,
        by: Identity | None = None,
        vouched: Identity | None = None,
        made_of: tuple[tuple[str, bytes], ...] = (),
        told: Callable[[bytes], bytes] | None = None,
        remote: str = "",
        embedded: bool = True,
        clock: str | None = None,
    ) -> bytes:
        who = by or _signer(vouched or root)
        settings = {
            "verify": {"verify_after_sign": False, "remote_manifest_fetch": False},
            "builder": {"thumbnail": {"enabled": False}},
        }
        context = c2pa.Context.from_dict(settings)
        builder = c2pa.Builder(manifest or _declaration(), context=context)
        if remote:
            builder.set_remote_url(remote)
        if not embedded:
            builder.set_no_embed()
        for relationship, content in made_of:
            named = {"title": f"{relationship}.jpg", "relationship": relationship, "label": relationship}
            builder.add_ingredient(named, "image/jpeg", io.BytesIO(content))
        chain = who.pem + (vouched or root).pem
        signs = c2pa.Signer.from_callback(told or who.sign, c2pa.C2paSigningAlg.ES256, chain, clock)
        signed = io.BytesIO()
        builder.sign(signs, media_type(container), io.BytesIO(unsigned(container)), signed)
        return signed.getvalue()

    return make
