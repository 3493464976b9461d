"""Timestamps of the custody log's head (RFC 3161): requested, held against it, kept, and verified again.

What an authority signs is the hash of an entry itself: `CustodyEntry.serialised` is the data, its SHA-256 the imprint.
rfc3161-client (Trail of Bits) is the extra `timestamp`; it needs no network.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from provenance.archive import custody
from provenance.archive.connection import translated
from provenance.errors import TimestampError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path
    from types import ModuleType

    from cryptography.x509 import Certificate
    from rfc3161_client import TimeStampRequest, TimeStampResponse

    from provenance.archive.custody import CustodyEntry
    from provenance.archive.sqlite import SqliteArchive

SHA256 = "2.16.840.1.101.3.4.2.1"
"""Its object identifier."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What one timestamp says: an authority had this entry's hash at this time."""

    covers: int
    """The number of the entry."""
    time: datetime
    """UTC, by the authority's clock."""
    verified: bool
    """Whether its signature was verified; otherwise only what it says was."""


def library() -> ModuleType:
    """Return rfc3161-client. Raises UsageError: it is not installed."""
    try:
        import rfc3161_client  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise UsageError(
            "Timestamps need rfc3161-client, which is not installed.",
            "Install it with `pip install 'provenance[timestamp]'`.",
        ) from error
    return rfc3161_client


def request_for(entry: CustodyEntry, *, nonce: bool) -> TimeStampRequest:
    """Return the request for a timestamp of an entry, with the authority's certificate in the answer.

    A nonce shows that the answer was made for this request; without one it may come from anywhere, at any time later.
    """
    it = library()
    builder = it.TimestampRequestBuilder(entry.serialised, it.HashAlgorithm.SHA256, nonce=nonce)
    request: TimeStampRequest = builder.build()
    return request


def read_authorities(path: Path) -> tuple[Certificate, ...]:
    """Return the certificates of a PEM file, of authorities that the desk trusts.

    Raises:
        UsageError: the file cannot be read or holds no certificate.
    """
    library()
    from cryptography.x509 import load_pem_x509_certificates  # noqa: PLC0415 - comes with the extra

    try:
        return tuple(dict.fromkeys(load_pem_x509_certificates(path.read_bytes())))
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{path} holds no certificates: {error}.", "--ca wants the authority's root certificate, in PEM."
        ) from error


def keep(
    archive: SqliteArchive,
    response: bytes,
    *,
    authorities: Sequence[Certificate] = (),
    nonce: int | None = None,
    source: str = "",
) -> Stamp:
    """Check what an authority answered and keep it, with an entry that says so.

    Args:
        archive: open for writing.
        response: a TimeStampResp in DER.
        authorities: whom to verify the signature against; with none, it is not verified.
        nonce: that of the request, if it had one.
        source: where the answer came from, for the entry.

    Raises:
        TimestampError: it is no granted timestamp, of no entry of this archive, of another request, or not trusted.
    """
    from provenance.archive.transactions import transaction  # noqa: PLC0415 - sqlite-utils is slow to import

    answer = _decoded(response)
    with translated(archive.path), transaction(archive.connection):
        covered = _covered(archive, answer)
        if nonce is not None and answer.tst_info.nonce != nonce:
            raise TimestampError(
                "The timestamp was made for another request: its nonce is not ours.", "Ask again."
            )
        if authorities:
            _verify(answer, covered, authorities)
        stamp = Stamp(covered.id, answer.tst_info.gen_time, bool(authorities))
        details: dict[str, Any] = {
            "covers": covered.id,
            "head": covered.hash,
            "time": stamp.time.isoformat(),
            "policy": answer.tst_info.policy.dotted_string,
            "response_sha256": hashlib.sha256(response).hexdigest(),
            "verified": stamp.verified,
            "source": source,
        }
        entry = custody.append(archive.connection, archive.who, "stamped", details, changes=0)
        archive.connection.execute(
            "INSERT INTO custody_stamp (entry_id, response) VALUES (?, ?)", (entry.id, response)
        )
    return stamp


def count(archive: SqliteArchive) -> int:
    """Return how many timestamps are kept."""
    with translated(archive.path):
        return int(archive.connection.execute("SELECT count(*) FROM custody_stamp").fetchone()[0])


def verified(archive: SqliteArchive, authorities: Sequence[Certificate]) -> Iterator[Stamp | str]:
    """Verify every timestamp that is kept: yield what it says, or in words why it does not hold."""
    with translated(archive.path):
        for number, response in archive.connection.execute(
            "SELECT entry_id, response FROM custody_stamp ORDER BY entry_id"
        ):
            try:
                answer = _decoded(response)
                covered = _covered(archive, answer)
                _verify(answer, covered, authorities)
            except TimestampError as error:
                yield f"the timestamp of entry {number} does not hold: {error.message}"
            else:
                yield Stamp(covered.id, answer.tst_info.gen_time, verified=True)


def _decoded(response: bytes) -> TimeStampResponse:
    it = library()
    try:
        answer: TimeStampResponse = it.decode_timestamp_response(response)
        granted = answer.status == it.PKIStatus.GRANTED
        said = " ".join(answer.status_string)
    except (ValueError, TypeError) as error:
        raise TimestampError(
            f"The answer is no timestamp of RFC 3161: {error}.",
            "Check the authority's address, or that the file is its answer, in DER.",
        ) from error
    if not granted:
        raise TimestampError(
            f"The authority granted no timestamp: status {answer.status}{said and f', {said}'}.",
            "Ask the authority, or another one.",
        )
    return answer


def _covered(archive: SqliteArchive, answer: TimeStampResponse) -> CustodyEntry:
    """Return the entry whose hash is stamped. Raises TimestampError: there is none."""
    covered = custody.with_hash(archive.connection, _imprint(answer))
    if covered is None:
        raise TimestampError(
            "The timestamp is of none of this archive's custody entries.",
            "Give the answer to a request that `provenance archive stamp` made of this archive.",
        )
    return covered


def _imprint(answer: TimeStampResponse) -> str:
    """Return the hash that is stamped, in hexadecimal. Raises TimestampError."""
    try:
        imprint = answer.tst_info.message_imprint
    except ValueError as error:
        raise TimestampError(f"The answer is no timestamp of RFC 3161: {error}.", "Ask again.") from error
    if imprint.hash_algorithm.dotted_string != SHA256:
        raise TimestampError("The timestamp is of another hash than SHA-256.", "Ask again.")
    return imprint.message.hex()


def _verify(answer: TimeStampResponse, covered: CustodyEntry, authorities: Sequence[Certificate]) -> None:
    it = library()
    try:
        it.VerifierBuilder(roots=list(authorities)).build().verify(answer, bytes.fromhex(covered.hash))
    except (it.VerificationError, ValueError) as error:
        raise TimestampError(
            f"The timestamp's signature cannot be trusted: {_reason(str(error))}.",
            "Check that --ca holds this authority's root certificate; otherwise ask another authority.",
        ) from error


def _reason(told: str) -> str:
    """Return what matters of OpenSSL's words."""
    return told.rpartition('data: "')[2].partition('"')[0]
