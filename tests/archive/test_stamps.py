"""Timestamps of the log's head, by an authority that the tests run with OpenSSL; the program is the real one."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from provenance.archive import custody
from provenance.archive.sqlite import SqliteArchive

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None,
    reason="NOTHING WAS SHOWN OF TIMESTAMPS: there is no openssl program to make real ones with",
)

SECTION = """
[{name}]
serial = serial
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = {digests}
ess_cert_id_alg = sha256
"""


def certificate(common, key, issuer, issuer_key, *, purpose=None):
    def name(text):
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(common))
        .issuer_name(name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=9))
        .add_extension(x509.BasicConstraints(ca=purpose is None, path_length=None), critical=True)
    )
    if purpose:
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=True)
    return builder.sign(issuer_key, hashes.SHA256()).public_bytes(Encoding.PEM)


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """Return a folder with the authority's certificates and configuration."""
    folder = tmp_path_factory.mktemp("authority")
    root, signer, other = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
    stamping = ExtendedKeyUsageOID.TIME_STAMPING
    (folder / "root.pem").write_bytes(certificate("Root", root, "Root", root))
    (folder / "other.pem").write_bytes(certificate("Other", other, "Other", other))
    (folder / "tsa.pem").write_bytes(certificate("Authority", signer, "Root", root, purpose=stamping))
    key = signer.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "tsa.key").write_bytes(key)
    (folder / "serial").write_text("01\n")
    sections = (("good", "sha256"), ("unwilling", "sha512"))
    (folder / "tsa.cnf").write_text("".join(SECTION.format(name=n, digests=d) for n, d in sections))
    return folder


@pytest.fixture(scope="module")
def authority(desk):
    """Return the address of the authority, which runs in a process of its own."""
    command = [sys.executable, Path(__file__).with_name("timestamp_server.py"), desk]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        server.terminate()


@pytest.fixture
def stamped(run, archive, desk, monkeypatch):
    """Return a function that runs `archive stamp` on an archive of one entry."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    archive.connection.commit()

    def call(*arguments, ca="root.pem"):
        trusted = ["--ca", desk / ca] if ca else []
        return run("archive", "stamp", "-a", archive.path, *arguments, *trusted)

    return call


def entries(archive):
    return list(custody.entries(archive.connection))


def answered(desk, request):
    """Return the file with which the authority answers a request in a file."""
    response = request.with_suffix(".tsr")
    command = ["openssl", "ts", "-reply", "-config", "tsa.cnf", "-section", "good", "-queryfile", request]
    subprocess.run([*command, "-out", response], cwd=desk, check=True, capture_output=True)
    return response


def test_the_heads_hash_is_what_the_authority_signs(stamped, authority, archive, desk, tmp_path):
    head = entries(archive)[-1].hash
    done = stamped("--url", f"{authority}/good")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Entry 1 of the custody log existed at 20")
    assert entries(archive)[-1].what == "stamped"
    (response,) = archive.connection.execute("SELECT response FROM custody_stamp").fetchone()
    (tmp_path / "kept.tsr").write_bytes(response)
    openssl = ["openssl", "ts", "-verify", "-digest", head, "-in", tmp_path / "kept.tsr"]
    by_openssl = subprocess.run(
        [*openssl, "-CAfile", desk / "root.pem"], capture_output=True, text=True, check=False
    )
    assert "Verification: OK" in by_openssl.stdout


def test_verify_verifies_timestamps_if_it_is_told_whom_to_trust(stamped, authority, archive, desk, run):
    stamped("--url", f"{authority}/good")
    plain = run("archive", "verify", "-a", archive.path)
    assert (plain.returncode, "1 timestamps of the custody log were not verified" in plain.stderr) == (
        0,
        True,
    )
    trusting = run("archive", "verify", "-a", archive.path, "--ca", desk / "root.pem")
    assert (trusting.returncode, "Entry 1 of the custody log existed at" in trusting.stdout) == (0, True)
    doubting = run("archive", "verify", "-a", archive.path, "--ca", desk / "other.pem")
    assert doubting.returncode == 3
    assert (
        "the timestamp of entry 2 does not hold: The timestamp's signature cannot be trusted"
        in doubting.stdout
    )


def test_a_chain_that_was_forged_whole_is_told_by_its_timestamp(stamped, authority, archive, desk, run):
    stamped("--url", f"{authority}/good")
    forge(archive.path)
    assert run("archive", "verify", "-a", archive.path).returncode == 0  # nothing else could tell
    done = run("archive", "verify", "-a", archive.path, "--ca", desk / "root.pem")
    assert done.returncode == 3
    assert "is of none of this archive's custody entries" in done.stdout


def forge(path):
    """Write the whole chain anew, with another name in it, and leave no trace that the archive itself could show."""
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    guards = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'custody%'"
    triggers = connection.execute(guards).fetchall()
    for trigger in triggers:
        connection.execute(f"DROP TRIGGER {trigger['name']}")
    previous = custody.FIRST_PREVIOUS
    for row in connection.execute(f"SELECT {custody.COLUMNS} FROM custody ORDER BY id").fetchall():
        forged = custody.CustodyEntry(**dict(row) | {"who": "somebody else", "previous": previous})
        previous = forged.computed
        connection.execute(
            "UPDATE custody SET who = ?, previous = ?, hash = ? WHERE id = ?",
            (forged.who, forged.previous, previous, forged.id),
        )
    for trigger in triggers:
        connection.execute(trigger["sql"])
    connection.commit()
    connection.close()


def test_a_desk_without_a_network_carries_request_and_answer(stamped, archive, entry, desk, tmp_path):
    """The archive goes on growing meanwhile: the answer is of the entry that was the newest then."""
    asked = stamped("--request", tmp_path / "head.tsq", ca=None)
    assert asked.returncode == 0, asked.stderr
    archive.add([entry(1)])
    done = stamped("--response", answered(desk, tmp_path / "head.tsq"))
    assert done.returncode == 0, done.stderr
    assert "Entry 1 of" in done.stdout
    assert [e.what for e in entries(archive)] == ["began", "added", "stamped"]


def test_without_certificates_the_signature_is_said_to_be_unverified(stamped, authority, archive):
    done = stamped("--url", f"{authority}/good", ca=None)
    assert done.returncode == 0
    assert "The signature was not verified" in done.stdout
    assert '"verified":false' in entries(archive)[-1].details


@pytest.mark.parametrize(
    ("path", "ca", "told"),
    [
        ("/good", "other.pem", ("signature cannot be trusted", "--ca holds this authority's root")),
        ("/unwilling", "root.pem", ("granted no timestamp: status 2", "another one")),
        ("/forbidden", "root.pem", ("HTTP 403", "Check the address")),
        ("/moved", "root.pem", ("HTTP 302", "Check the address")),
        ("/page", "root.pem", ("no timestamp of RFC 3161", "Check the authority's address")),
        ("/endless", "root.pem", ("more than a timestamp", "Check the address")),
    ],
)
def test_what_is_no_timestamp_is_refused_and_not_kept(stamped, authority, archive, path, *, ca, told):
    done = stamped("--url", authority + path, ca=ca)
    assert done.returncode == 3
    assert all(words in done.stderr for words in told)
    assert [e.what for e in entries(archive)] == ["began"]


def test_an_answer_to_an_earlier_request_is_refused_by_its_nonce(stamped, authority, archive, desk):
    stamped("--url", f"{authority}/good")
    (response,) = archive.connection.execute("SELECT response FROM custody_stamp").fetchone()
    (desk / "earlier.tsr").write_bytes(response)
    done = stamped("--url", f"{authority}/earlier")
    assert done.returncode == 3
    assert "nonce is not ours" in done.stderr


def test_a_timestamp_of_another_archive_is_refused(stamped, run, desk, tmp_path):
    with SqliteArchive.writing(tmp_path / "other.db"):
        pass
    run("archive", "stamp", "-a", tmp_path / "other.db", "--request", tmp_path / "other.tsq")
    done = stamped("--response", answered(desk, tmp_path / "other.tsq"))
    assert done.returncode == 3
    assert "none of this archive's custody entries" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--url", "http://127.0.0.1:1/"], 3, "did not answer"),
        (["--url", "file:///etc/passwd"], 2, "no address of HTTP"),
        (["--response", "missing.tsr"], 3, "missing.tsr cannot be read"),
        ([], 2, "One way is needed"),
        (["--url", "http://127.0.0.1:1/", "--request", "x"], 2, "One way is needed"),
    ],
)
def test_what_cannot_be_asked_is_told_with_advice(stamped, arguments, code, told):
    done = stamped(*arguments)
    assert (done.returncode, told in done.stderr) == (code, True), done.stderr


def test_a_file_without_certificates_is_a_usage_error(stamped, authority):
    done = stamped("--url", f"{authority}/good", ca="serial")
    assert (done.returncode, "holds no certificates" in done.stderr) == (2, True)


def test_without_the_library_the_install_line_is_told(archive, tmp_path):
    code = "import sys; sys.modules['rfc3161_client'] = None; from provenance.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "archive", "stamp", "-a", archive.path, "--request", tmp_path / "x"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "pip install 'provenance[timestamp]'" in done.stderr) == (2, True)
